#include "daemon/api_client.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "format/json/json.h"
#include "net/http/chunked.h"
#include "net/http/response.h"
#include "net/http/write.h"

#define CLIENT_ANSWER_MAX ((size_t)64 * 1024 * 1024)
#define CLIENT_READ_STEP ((size_t)64 * 1024)
#define CLIENT_HEAD_MAX 1024

int api_client_connect(rs_text path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (path.size >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path.bytes, path.size);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* A server that refuses this account answers and closes before it reads: that is no failure, the answer says why. */
static rs_status send_all(struct rs_job *job, int fd, rs_text text)
{
    while (text.size > 0) {
        ssize_t put = send(fd, text.bytes, text.size, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && (errno == EPIPE || errno == ECONNRESET))
            return RS_OK;
        if (put < 0)
            return rs_fail(job, RS_IO, "cannot send to the server: %s", strerror(errno));
        text = rs_text_from_offset(text, (size_t)put);
    }
    return RS_OK;
}

static rs_status send_request(struct rs_job *job, int fd, const char *operation, rs_text body, rs_text tool)
{
    char head[CLIENT_HEAD_MAX];
    struct http_writer writer = http_writer_on(head, sizeof head);

    http_write_request_line(&writer, RS_TEXT("POST"), rs_text_format(job, "/v1/%s", operation));
    http_write_field(&writer, RS_TEXT("Host"), RS_TEXT("localhost"));
    http_write_field(&writer, RS_TEXT("Connection"), RS_TEXT("close"));
    http_write_field(&writer, RS_TEXT("Content-Type"), RS_TEXT("application/json"));
    http_write_field(&writer, RS_TEXT("Content-Length"), rs_text_format(job, "%zu", body.size));
    http_write_field(&writer, RS_TEXT("Bindery-Tool"), tool);
    http_write_end(&writer);
    if (!http_writer_is_good(&writer))
        return rs_fail(job, RS_INVALID, "the operation \"%s\" cannot be asked for", operation);
    RS_TRY(send_all(job, fd, http_writer_text(&writer)));
    return send_all(job, fd, body);
}

/* All until the server closes. Where it closed before it had read the request, that is told behind the answer. */
static rs_status read_answer(struct rs_job *job, int fd, rs_text *out)
{
    rs_buf bytes = rs_buf_in(job);

    for (;;) {
        ssize_t got;
        rs_buf_reserve(&bytes, CLIENT_READ_STEP);
        got = recv(fd, bytes.bytes + bytes.used, CLIENT_READ_STEP, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && !(errno == ECONNRESET && bytes.used > 0))
            return rs_fail(job, RS_IO, "cannot read the server's answer: %s", strerror(errno));
        if (got <= 0)
            break;
        bytes.used += (size_t)got;
        if (bytes.used > CLIENT_ANSWER_MAX)
            return rs_fail(job, RS_OVER_LIMIT, "the server's answer is too large");
    }
    *out = rs_buf_text(&bytes);
    return RS_OK;
}

static rs_status unreadable(struct rs_job *job)
{
    return rs_fail(job, RS_IO, "the server gave an answer that cannot be read; its log may tell why");
}

/* The body of the answer in `bytes`, which is all that came before the server closed. */
static rs_status read_body(struct rs_job *job, rs_text bytes, rs_text *out)
{
    struct http_response head;
    struct http_chunked chunked = {0};
    rs_buf body = rs_buf_in(job);
    rs_text data;
    size_t taken;

    http_response_init(&head);
    if (http_response_parse(&head, HTTP_POST, bytes) != HTTP_DONE)
        return unreadable(job);
    bytes = rs_text_from_offset(bytes, head.head_size);
    if (head.body != HTTP_BODY_CHUNKED) {
        *out = bytes;
        return head.body == HTTP_BODY_COUNTED && bytes.size < head.content_length ? unreadable(job) : RS_OK;
    }
    for (;;) {
        enum http_parse end = http_chunked_decode(&chunked, bytes, &taken, &data);
        rs_buf_add(&body, data);
        bytes = rs_text_from_offset(bytes, taken);
        if (end == HTTP_DONE)
            break;
        if (end == HTTP_BAD || bytes.size == 0)
            return unreadable(job);
    }
    *out = rs_buf_text(&body);
    return RS_OK;
}

static rs_status status_of_name(rs_text name)
{
    for (int status = RS_OK + 1; status < RS_STATUS_COUNT; status++)
        if (rs_text_equal(name, rs_text_from(rs_status_name((rs_status)status))))
            return (rs_status)status;
    return RS_FAILED;
}

rs_status api_client_call(struct rs_job *job, int fd, const char *operation, const json_t *arguments, rs_text tool,
                          json_t **out)
{
    RS_OWNED_FD owned = fd;
    rs_text bytes, body;
    json_t *result, *error;

    RS_TRY(send_request(job, fd, operation, json_write(job, arguments, JSON_COMPACT_LINE), tool));
    RS_TRY(read_answer(job, fd, &bytes));
    RS_TRY(read_body(job, bytes, &body));
    RS_TRY(json_parse(job, body, CLIENT_ANSWER_MAX, &result));
    error = json_object_get(result, "error");
    if (error) {
        rs_text message = json_to_text(json_object_get(error, "message"));
        return rs_fail(job, status_of_name(json_to_text(json_object_get(error, "status"))), "%.*s", RS_TEXT_ARG(message));
    }
    *out = json_incref(result);
    return RS_OK;
}
