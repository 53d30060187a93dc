#include "net/http/trailers.h"

#include <stdlib.h>

#include "base/log.h"

/* Not in field.def, because nobody here reads them otherwise. */
static const char *const forbidden_names[] = {
    "age", "authentication-info", "clear-site-data", "content-encoding", "content-location", "content-range", "early-data",
    "expires", "http2-settings", "if-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "priority",
    "proxy-authentication-info", "retry-after", "set-cookie2", "vary", "warning", "x-forwarded", "x-http-method-override",
    "x-original-url", "x-rewrite-url",
};

/* Known ones that may stand there. */
static const bool harmless[HTTP_FIELD_IDS] = {
    [HTTP_OTHER] = true,
    [HTTP_ETAG] = true,
    [HTTP_LAST_MODIFIED] = true,
    [HTTP_SERVER] = true,
    [HTTP_VIA] = true,
};

static bool may_pass(rs_text name)
{
    char plain[64];

    if (name.size == 0 || name.size >= sizeof plain || !http_is_token(name))
        return false;
    for (size_t i = 0; i < name.size; i++) /* applications that turn names into variables cannot tell the two apart */
        plain[i] = name.bytes[i] == '_' ? '-' : name.bytes[i];
    name = rs_text_of(plain, name.size);
    for (size_t i = 0; i < sizeof forbidden_names / sizeof *forbidden_names; i++)
        if (rs_text_equal_nocase(name, rs_text_from(forbidden_names[i])))
            return false;
    return harmless[http_field_id(name)];
}

static void append(struct http_trailers *trailers, rs_text bytes)
{
    if (trailers->room - trailers->used < bytes.size) {
        size_t room = trailers->room + bytes.size + 512;
        char *grown = realloc(trailers->bytes, room);
        if (!grown)
            rs_log_abort("no memory for trailers");
        trailers->bytes = grown;
        trailers->room = room;
    }
    memcpy(trailers->bytes + trailers->used, bytes.bytes, bytes.size);
    trailers->used += bytes.size;
}

/* The decoder of the chunked coding has bounded them. */
void http_trailers_add_lines(struct http_trailers *trailers, rs_text bytes)
{
    if (bytes.size > 0 && trailers->used + bytes.size <= HTTP_TRAILERS_MAX)
        append(trailers, bytes);
}

void http_trailers_done(struct http_trailers *trailers)
{
    struct http_trailers came = *trailers;
    rs_text lines = http_trailers_text(&came), name, value;

    *trailers = (struct http_trailers){0};
    while (http_trailers_next(&lines, &name, &value))
        http_trailers_add(trailers, name, value);
    http_trailers_clear(&came);
}

void http_trailers_add(struct http_trailers *trailers, rs_text name, rs_text value)
{
    if (trailers->count >= HTTP_TRAILERS_COUNT_MAX || trailers->used + name.size + value.size + 4 > HTTP_TRAILERS_MAX ||
        !may_pass(name) || !http_is_field_value(value))
        return;
    trailers->count++;
    append(trailers, name);
    append(trailers, RS_TEXT(": "));
    append(trailers, value);
    append(trailers, RS_TEXT("\r\n"));
}

bool http_trailers_next(rs_text *lines, rs_text *name, rs_text *value)
{
    rs_text line;

    if (!rs_text_cut(*lines, '\n', &line, lines) || !rs_text_cut(line, ':', name, value))
        return false;
    *value = rs_text_trim(*value);
    return true;
}

void http_trailers_clear(struct http_trailers *trailers)
{
    free(trailers->bytes);
    *trailers = (struct http_trailers){0};
}
