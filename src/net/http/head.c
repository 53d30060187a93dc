#include "net/http/head.h"

#include <assert.h>

/* A bare CR or a NUL inside a line, where only the last byte may be a CR. */
static bool line_is_clean(rs_text line)
{
    return !memchr(line.bytes, '\r', line.size) && !memchr(line.bytes, '\0', line.size);
}

enum http_parse http_head_scan(struct http_scan *scan, rs_text bytes, struct http_fault *fault)
{
    while (scan->at < bytes.size) {
        const char *end = memchr(bytes.bytes + scan->at, '\n', bytes.size - scan->at);
        size_t line_end;

        if (!end) {
            scan->at = bytes.size;
            break;
        }
        line_end = (size_t)(end - bytes.bytes);
        if (line_end == scan->line || bytes.bytes[line_end - 1] != '\r')
            return http_bad(fault, 400, "BadRequest", "a line ends in LF without CR");
        if (!line_is_clean(rs_text_of(bytes.bytes + scan->line, line_end - 1 - scan->line)))
            return http_bad(fault, 400, "BadRequest", "a line has a bare CR or a NUL in it");
        scan->at = line_end + 1;
        if (scan->at > HTTP_HEAD_MAX)
            break;
        if (line_end - 1 == scan->line)
            return HTTP_DONE;
        scan->line = scan->at;
    }
    if (scan->at > HTTP_HEAD_MAX)
        return http_bad(fault, 431, "BadRequest", "the head of the message is too large");
    return HTTP_MORE;
}

rs_text http_head_line(rs_text *lines)
{
    const char *end = memchr(lines->bytes, '\n', lines->size);
    size_t size;

    assert(end && end > lines->bytes);
    size = (size_t)(end - lines->bytes);
    *lines = rs_text_from_offset(*lines, size + 1);
    return rs_text_of(end - size, size - 1);
}

static rs_text trim_blanks(rs_text t)
{
    while (t.size > 0 && (t.bytes[0] == ' ' || t.bytes[0] == '\t'))
        t.bytes++, t.size--;
    while (t.size > 0 && (t.bytes[t.size - 1] == ' ' || t.bytes[t.size - 1] == '\t'))
        t.size--;
    return t;
}

static enum http_parse field_line(rs_text line, struct http_fields *fields,
                                  struct http_fault *fault)
{
    const char *colon = memchr(line.bytes, ':', line.size);
    rs_text name, value;

    if (line.bytes[0] == ' ' || line.bytes[0] == '\t')
        return http_bad(fault, 400, "BadRequest", "a header field is folded over two lines");
    if (!colon)
        return http_bad(fault, 400, "BadRequest", "a header line has no colon");
    name = rs_text_of(line.bytes, (size_t)(colon - line.bytes));
    value = trim_blanks(rs_text_from_offset(line, name.size + 1));
    if (!http_is_token(name))
        return http_bad(fault, 400, "BadRequest",
                        "a header field's name has a byte that may not stand there");
    if (!http_is_field_value(value))
        return http_bad(fault, 400, "BadRequest", "a header field's value has a control byte");
    if (name.size > HTTP_FIELD_NAME_MAX || value.size > HTTP_FIELD_VALUE_MAX)
        return http_bad(fault, 431, "BadRequest", "a header field is too large");
    if (!http_fields_add(fields, name, value))
        return http_bad(fault, 431, "BadRequest", "there are too many header fields");
    return HTTP_DONE;
}

enum http_parse http_head_fields(rs_text lines, struct http_fields *fields,
                                 struct http_fault *fault)
{
    http_fields_init(fields);
    for (;;) {
        rs_text line = http_head_line(&lines);
        if (line.size == 0)
            return HTTP_DONE;
        if (field_line(line, fields, fault) == HTTP_BAD)
            return HTTP_BAD;
    }
}

static enum http_parse parse_length(rs_text value, uint64_t *length, struct http_fault *fault)
{
    /* 18 digits always fit; a list ("5, 5") is not a number */
    if (value.size > 18 || !rs_parse_uint64(value, length))
        return http_bad(fault, 400, "BadRequest", "Content-Length is not one number");
    return HTTP_DONE;
}

enum http_parse http_head_framing(const struct http_fields *fields, int minor,
                                  enum http_body_kind *body, uint64_t *length, bool *has_length,
                                  struct http_fault *fault)
{
    bool coded = http_fields_has(fields, HTTP_TRANSFER_ENCODING);

    *body = HTTP_BODY_NONE;
    *length = 0;
    *has_length = http_fields_has(fields, HTTP_CONTENT_LENGTH);
    if (coded && *has_length)
        return http_bad(fault, 400, "BadRequest",
                        "both Content-Length and Transfer-Encoding are given");
    if (coded) {
        if (minor == 0)
            return http_bad(fault, 400, "BadRequest", "Transfer-Encoding in HTTP/1.0");
        if (http_fields_repeated(fields, HTTP_TRANSFER_ENCODING) > 1)
            return http_bad(fault, 400, "BadRequest", "Transfer-Encoding is given twice");
        if (!rs_text_equal_nocase(http_fields_find(fields, HTTP_TRANSFER_ENCODING),
                                  RS_TEXT("chunked")))
            return http_bad(fault, 400, "BadRequest",
                            "a transfer coding other than chunked is used");
        *body = HTTP_BODY_CHUNKED;
        return HTTP_DONE;
    }
    if (!*has_length)
        return HTTP_DONE;
    if (http_fields_repeated(fields, HTTP_CONTENT_LENGTH) > 1)
        return http_bad(fault, 400, "BadRequest", "Content-Length is given twice");
    if (parse_length(http_fields_find(fields, HTTP_CONTENT_LENGTH), length, fault) == HTTP_BAD)
        return HTTP_BAD;
    *body = *length > 0 ? HTTP_BODY_COUNTED : HTTP_BODY_NONE;
    return HTTP_DONE;
}

int http_head_version(rs_text t)
{
    if (t.size != 8 || memcmp(t.bytes, "HTTP/1.", 7) != 0)
        return -1;
    return t.bytes[7] == '1' ? 1 : t.bytes[7] == '0' ? 0 : -1;
}

bool http_head_keeps_alive(const struct http_fields *fields, int minor)
{
    if (!http_fields_has(fields, HTTP_CONNECTION))
        return minor >= 1;
    if (http_fields_lists(fields, HTTP_CONNECTION, RS_TEXT("close")))
        return false;
    return minor >= 1 || http_fields_lists(fields, HTTP_CONNECTION, RS_TEXT("keep-alive"));
}
