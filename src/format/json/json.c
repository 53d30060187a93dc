#include "format/json/json.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"

/* How deep arrays and objects stand inside each other; strings are stepped over. Known before jansson's
 * recursive parser starts, so that its stack is bounded. */
static size_t json_depth(rs_text text)
{
    size_t depth = 0, deepest = 0;
    bool in_string = false;

    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > deepest)
                deepest = depth;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return deepest;
}

static void json_drop(void *value)
{
    json_decref(value);
}

json_t *json_keep(struct rs_job *job, json_t *value)
{
    if (!value)
        rs_log_abort("no memory for a JSON value");
    rs_job_at_end(job, json_drop, value);
    return value;
}

rs_status json_parse(struct rs_job *job, rs_text text, size_t limit, json_t **out)
{
    json_error_t error;
    json_t *value;

    if (limit == 0)
        limit = JSON_TEXT_MAX;
    if (text.size > limit)
        return rs_fail(job, RS_OVER_LIMIT, "the JSON text is longer than the %zu bytes allowed", limit);
    if (json_depth(text) > JSON_DEPTH_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "the JSON text is nested deeper than %d levels", JSON_DEPTH_MAX);
    value = json_loadb(text.bytes ? text.bytes : "", text.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!value)
        return rs_fail(job, RS_INVALID, "the JSON text is wrong at line %d, column %d: %s", error.line,
                       error.column, error.text);
    *out = json_keep(job, value);
    return RS_OK;
}

static int json_append(const char *bytes, size_t size, void *data)
{
    rs_buf_add(data, rs_text_of(bytes, size));
    return 0;
}

rs_text json_write(struct rs_job *job, const json_t *value, enum json_layout layout)
{
    rs_buf buf = rs_buf_in(job);
    size_t flags = JSON_ENCODE_ANY | (layout == JSON_INDENTED ? JSON_INDENT(2) : JSON_COMPACT);

    if (json_dump_callback(value, json_append, &buf, flags) != 0)
        rs_log_abort("a JSON value cannot be written");
    return rs_text_of(rs_buf_terminated(&buf), buf.used);
}

json_t *json_from_text(rs_text text)
{
    if (rs_text_is_utf8(text))
        return json_stringn(text.bytes ? text.bytes : "", text.size);
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf mended = rs_buf_in(job);
    for (size_t at = 0; at < text.size;)
        rs_buf_add_code_point(&mended, rs_text_next(text, &at));
    return json_stringn(mended.bytes ? mended.bytes : "", mended.used);
}

rs_text json_to_text(const json_t *value)
{
    return json_is_string(value) ? rs_text_of(json_string_value(value), json_string_length(value))
                                 : rs_text_of(NULL, 0);
}
