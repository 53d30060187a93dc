/* Any fields as the head of an HTTP/2 request: "name NUL value NUL ...". What is taken has nothing in it that HTTP/1.1
 * behind us could read as more than one request: written as HTTP/1.1, it is one, and the same. */
#include <assert.h>
#include <stdint.h>

#include "net/http/http2_head.h"
#include "net/http/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static rs_text next(rs_text *rest)
{
    rs_text part;

    rs_text_cut(*rest, '\0', &part, rest);
    return part;
}

static void check_written(const struct http_request *request)
{
    static char bytes[4 * HTTP_HEAD_MAX];
    static struct http_request again;
    struct http_writer writer = http_writer_on(bytes, sizeof bytes);

    http_write_request_line(&writer, request->method_name, request->target);
    http_write_known(&writer, HTTP_HOST, request->host);
    for (size_t i = 0; i < request->fields.count; i++)
        if (request->fields.items[i].id != HTTP_HOST)
            http_write_parsed(&writer, &request->fields.items[i]);
    http_write_end(&writer);
    assert(http_writer_is_good(&writer));
    http_request_init(&again);
    if (writer.used > HTTP_HEAD_MAX || request->fields.count > HTTP_FIELDS_MAX - 1)
        return;
    assert(http_request_parse(&again, http_writer_text(&writer)) == HTTP_DONE);
    assert(again.head_size == writer.used && rs_text_equal(again.path, request->path));
    assert(rs_text_equal(again.host, request->host) && again.content_length == request->content_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_request request;
    struct http2_head head = {0};
    rs_text rest = rs_text_of((const char *)data, size);
    bool complete = size % 2;

    while (rest.size > 0) {
        rs_text name = next(&rest);
        http2_head_add(&head, name, next(&rest));
    }
    if (http2_head_read(&head, &request, complete) == HTTP_DONE)
        check_written(&request);
    else
        assert(request.fault.status >= 400 && request.fault.reason && request.fault.sentence);
    http2_head_clear(&head);
    return 0;
}
