#include "net/http/http2_head.h"

#include <stdlib.h>

#include "base/log.h"
#include "net/http/head.h"

#define HEAD_ROOM ((size_t)1024) /* bytes: most heads fit */

/* Before the name and value of each field in `bytes`. */
struct sizes {
    uint32_t name;
    uint32_t value;
};

enum pseudo { METHOD, SCHEME, AUTHORITY, PATH, PROTOCOL, PSEUDOS };

static const rs_text pseudo_names[PSEUDOS] = {
    {":method", 7}, {":scheme", 7}, {":authority", 10}, {":path", 5}, {":protocol", 9},
};

/* ---- keeping -------------------------------------------------------------------------------- */

static void make_room(struct http2_head *head, size_t more)
{
    size_t room = head->room ? head->room : HEAD_ROOM;
    char *bytes;

    if (head->room - head->used >= more)
        return;
    while (room - head->used < more)
        room *= 2;
    bytes = realloc(head->bytes, room);
    if (!bytes)
        rs_log_abort("no memory for the head of a request");
    head->bytes = bytes;
    head->room = room;
}

static void append(struct http2_head *head, const void *bytes, size_t size)
{
    if (size > 0)
        memcpy(head->bytes + head->used, bytes, size);
    head->used += size;
}

bool http2_head_add(struct http2_head *head, rs_text name, rs_text value)
{
    struct sizes sizes = {(uint32_t)name.size, (uint32_t)value.size};
    size_t size = name.size + value.size + 4; /* ": " and the line end */

    /* names and values of a right head may be as many as HTTP/1.1 allows, and the pseudo ones; cookies come in crumbs */
    if (head->too_large || head->size + size > HTTP_HEAD_MAX || head->count == 2 * HTTP_FIELDS_MAX) {
        head->too_large = true;
        return false;
    }
    make_room(head, sizeof sizes + name.size + value.size);
    append(head, &sizes, sizeof sizes);
    append(head, name.bytes, name.size);
    append(head, value.bytes, value.size);
    head->size += size;
    head->count++;
    return true;
}

void http2_head_clear(struct http2_head *head)
{
    free(head->bytes);
    *head = (struct http2_head){0};
}

/* The field at `*at`, which moves behind it. */
static void next_field(const struct http2_head *head, size_t *at, rs_text *name, rs_text *value)
{
    struct sizes sizes;

    memcpy(&sizes, head->bytes + *at, sizeof sizes);
    *name = rs_text_of(head->bytes + *at + sizeof sizes, sizes.name);
    *value = rs_text_of(name->bytes + sizes.name, sizes.value);
    *at += sizeof sizes + sizes.name + sizes.value;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* RFC 9113 section 8.2.3: a browser may send its cookies one by one; HTTP/1.1 has them in one field. They are joined
 * behind the fields. */
static rs_text join_cookies(struct http2_head *head)
{
    size_t end = head->used, most = head->used, begin, at = 0;
    rs_text name, value;

    make_room(head, most + 2 * head->count + 1); /* before anyone borrows */
    begin = head->used;
    while (at < end) {
        next_field(head, &at, &name, &value);
        if (!rs_text_equal(name, RS_TEXT("cookie")))
            continue;
        if (head->used > begin)
            append(head, "; ", 2);
        append(head, value.bytes, value.size);
    }
    return rs_text_of(head->bytes + begin, head->used - begin);
}

static bool has_upper_case(rs_text name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.bytes[i] >= 'A' && name.bytes[i] <= 'Z')
            return true;
    return false;
}

/* Those of one connection: HTTP/2 has none, and HTTP/1.1 behind us would believe them. */
static bool is_forbidden(enum http_field_id id, rs_text value)
{
    switch (id) {
    case HTTP_CONNECTION:
    case HTTP_KEEP_ALIVE:
    case HTTP_PROXY_CONNECTION:
    case HTTP_TRANSFER_ENCODING:
    case HTTP_UPGRADE:
        return true;
    case HTTP_TE:
        return !rs_text_equal_nocase(value, RS_TEXT("trailers"));
    default:
        return false;
    }
}

static enum http_parse bad(struct http_request *request, const char *sentence)
{
    return http_bad(&request->fault, 400, "BadRequest", sentence);
}

static enum http_parse read_field(struct http_request *request, rs_text name, rs_text value, rs_text *cookies)
{
    enum http_field_id id = http_field_id(name);

    if (has_upper_case(name))
        return bad(request, "a header field's name has capitals");
    if (!http_is_token(name))
        return bad(request, "a header field's name has a byte that may not stand there");
    if (!http_is_field_value(value))
        return bad(request, "a header field's value has a control byte");
    if (name.size > HTTP_FIELD_NAME_MAX || value.size > HTTP_FIELD_VALUE_MAX)
        return http_bad(&request->fault, 431, "BadRequest", "a header field is too large");
    if (is_forbidden(id, value))
        return bad(request, "a header field is about the connection, which HTTP/2 does not allow");
    if (id == HTTP_COOKIE) {
        if (!cookies->bytes)
            return HTTP_DONE;
        value = *cookies;
        cookies->bytes = NULL; /* the first takes all of them */
    }
    /* white space around a value: HTTP/1.1 has none in its values either */
    if (!http_fields_copy(&request->fields, &(struct http_field){name, rs_text_trim(value), id}))
        return http_bad(&request->fault, 431, "BadRequest", "there are too many header fields");
    return HTTP_DONE;
}

static enum http_parse read_fields(struct http2_head *head, struct http_request *request,
                                   rs_text pseudo[PSEUDOS])
{
    rs_text name, value, cookies = join_cookies(head);
    size_t at = 0, end = (size_t)(cookies.bytes - head->bytes);
    bool regular = false;

    while (at < end) {
        size_t which = 0;
        next_field(head, &at, &name, &value);
        if (name.size == 0 || name.bytes[0] != ':') {
            regular = true;
            if (read_field(request, name, value, &cookies) == HTTP_BAD)
                return HTTP_BAD;
            continue;
        }
        while (which < PSEUDOS && !rs_text_equal(pseudo_names[which], name))
            which++;
        if (which == PSEUDOS)
            return bad(request, "a pseudo-header field is none that requests have");
        if (regular || pseudo[which].bytes)
            return bad(request, "a pseudo-header field stands behind a header field, or twice");
        pseudo[which] = value;
    }
    return HTTP_DONE;
}

static enum http_parse read_host(struct http_request *request, rs_text authority)
{
    struct http_fault *fault = &request->fault;
    size_t hosts = http_fields_repeated(&request->fields, HTTP_HOST);
    rs_text host = http_fields_find(&request->fields, HTTP_HOST), name, port;

    if (hosts > 1)
        return http_bad(fault, 400, "Hostname", "the Host header is given twice");
    if (authority.size == 0 && hosts == 0)
        return http_bad(fault, 400, "Hostname", "the request names no host");
    request->host = authority.size > 0 ? authority : host;
    if (!http_host_parse(request->host, &name, &port))
        return http_bad(fault, 400, "Hostname", "the request's authority is not a host");
    if (hosts == 1 && !http_host_same(request->host, host, request->scheme))
        return http_bad(fault, 400, "Hostname", "the request's authority and its Host header disagree");
    return HTTP_DONE;
}

static enum http_parse read_scheme(struct http_request *request, rs_text scheme)
{
    if (rs_text_equal_nocase(scheme, RS_TEXT("https")))
        request->scheme = RS_TEXT("https");
    else if (rs_text_equal_nocase(scheme, RS_TEXT("http")))
        request->scheme = RS_TEXT("http");
    else
        return http_bad(&request->fault, 400, "URL", "the scheme is neither http nor https");
    return HTTP_DONE;
}

static enum http_parse read_body(struct http_request *request, bool complete)
{
    bool has_length;

    if (http_head_framing(&request->fields, 1, &request->body, &request->content_length, &has_length,
                          &request->fault) == HTTP_BAD)
        return HTTP_BAD;
    if (complete && request->content_length > 0)
        return bad(request, "Content-Length promises a body that does not come");
    if (request->upgrade.size > 0 && request->body != HTTP_BODY_NONE)
        return bad(request, "a switch of protocols has no body");
    if (!complete && request->body == HTTP_BODY_NONE && request->upgrade.size == 0)
        request->body = HTTP_BODY_CHUNKED; /* its end will tell */
    if (!http_fields_has(&request->fields, HTTP_EXPECT))
        return HTTP_DONE;
    if (!rs_text_equal_nocase(http_fields_find(&request->fields, HTTP_EXPECT), RS_TEXT("100-continue")))
        return http_bad(&request->fault, 417, "BadRequest",
                        "Expect asks for something other than 100-continue");
    request->expects_continue = request->body != HTTP_BODY_NONE;
    return HTTP_DONE;
}

enum http_parse http2_head_read(struct http2_head *head, struct http_request *request, bool complete)
{
    rs_text pseudo[PSEUDOS] = {0};

    http_request_init(request);
    request->major = 2;
    request->keep_alive = true;
    request->head_size = head->size;
    if (head->too_large)
        return http_bad(&request->fault, 431, "BadRequest", "the head of the request is too large");
    if (read_fields(head, request, pseudo) == HTTP_BAD)
        return HTTP_BAD;
    request->method_name = pseudo[METHOD];
    request->target = pseudo[PATH];
    if (!http_is_token(request->method_name) || request->method_name.size > HTTP_METHOD_MAX)
        return http_bad(&request->fault, 400, "Verb", "the method is not one");
    request->method = http_method_find(request->method_name);
    if (pseudo[PROTOCOL].bytes && (request->method != HTTP_CONNECT || complete))
        return bad(request, "a protocol is asked for without CONNECT");
    if (pseudo[PROTOCOL].bytes && !http_may_switch(pseudo[PROTOCOL])) /* RFC 9220 section 3 */
        return http_bad(&request->fault, 501, "Verb", "a switch to this protocol is not passed on");
    request->upgrade = pseudo[PROTOCOL];
    if (read_scheme(request, pseudo[SCHEME]) == HTTP_BAD || http_request_path(request) == HTTP_BAD ||
        read_host(request, pseudo[AUTHORITY]) == HTTP_BAD)
        return HTTP_BAD;
    return read_body(request, complete);
}
