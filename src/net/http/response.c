#include "net/http/response.h"

#include "net/http/head.h"

void http_response_init(struct http_response *response)
{
    memset(response, 0, offsetof(struct http_response, fields));
    http_fields_init(&response->fields);
    response->head_size = 0;
    memset(&response->fault, 0, sizeof response->fault);
    memset(&response->scan, 0, sizeof response->scan);
}

/* "HTTP/1.1 200 OK"; the space behind the number may be missing. */
static enum http_parse parse_status_line(struct http_response *response, rs_text line)
{
    uint64_t status;

    response->minor = http_head_version(rs_text_slice(line, 0, 8));
    if (response->minor < 0 || line.size < 12 || line.bytes[8] != ' ' ||
        !rs_parse_uint64(rs_text_slice(line, 9, 3), &status) || status < 100 || status > 599 ||
        (line.size > 12 && line.bytes[12] != ' '))
        return http_bad(&response->fault, 502, "AppBadResponse",
                        "the status line is not: HTTP/1.1, a number, a reason");
    response->status = (int)status;
    response->reason = rs_text_from_offset(line, 13);
    if (!http_is_field_value(response->reason))
        return http_bad(&response->fault, 502, "AppBadResponse", "the reason has a control byte");
    return HTTP_DONE;
}

static enum http_parse frame_body(struct http_response *response, enum http_method method)
{
    enum http_body_kind body;
    uint64_t length;

    if (http_head_framing(&response->fields, response->minor, &body, &length,
                          &response->has_content_length, &response->fault) == HTTP_BAD)
        return HTTP_BAD;
    response->content_length = length;
    if (method == HTTP_HEAD || response->status == 204 || response->status == 304 ||
        response->status < 200)
        response->body = HTTP_BODY_NONE;
    else if (body != HTTP_BODY_NONE || response->has_content_length)
        response->body = body;
    else
        response->body = HTTP_BODY_TO_END;
    response->keep_alive = response->body != HTTP_BODY_TO_END &&
                           http_head_keeps_alive(&response->fields, response->minor);
    return HTTP_DONE;
}

enum http_parse http_response_parse(struct http_response *response, enum http_method method,
                                    rs_text bytes)
{
    enum http_parse end = http_head_scan(&response->scan, bytes, &response->fault);
    rs_text head;

    if (end == HTTP_MORE) {
        size_t shown = bytes.size < 7 ? bytes.size : 7;
        if (shown > 0 && memcmp(bytes.bytes, "HTTP/1.", shown) != 0)
            return http_bad(&response->fault, 502, "AppBadResponse", "this is not an HTTP/1.1 response");
        return HTTP_MORE;
    }
    if (end == HTTP_DONE) {
        response->head_size = response->scan.at;
        head = rs_text_slice(bytes, 0, response->scan.at);
        end = parse_status_line(response, http_head_line(&head));
        if (end == HTTP_DONE)
            end = http_head_fields(head, &response->fields, &response->fault);
        if (end == HTTP_DONE)
            end = frame_body(response, method);
    }
    if (end == HTTP_BAD) { /* whatever it was, it is the application that did it */
        response->fault.status = 502;
        response->fault.reason = "AppBadResponse";
    }
    return end;
}
