/* Any bytes as what an HTTP/2 client sends, behind the preface: every request is read and answered, bodies are taken,
 * and all that the session would send is taken from it, while it may. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "net/http/http2.h"
#include "net/http/trailers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STREAMS_AT_MOST 4096 /* of one input */

struct stream {
    int32_t id;
    bool open;
    bool answered;
    size_t left; /* of its response */
    size_t body;
    struct http2_head head;
};

static struct http2_session *session;
static struct stream streams[STREAMS_AT_MOST];
static size_t count;

static void respond(struct stream *stream, int status)
{
    static struct http_fields fields;

    http_fields_init(&fields);
    http_fields_add(&fields, RS_TEXT("X-Thing"), RS_TEXT("value"));
    stream->answered = true;
    http2_respond(session, stream->id, status, &fields, false, 0, stream->left > 0);
}

static void head_begins(void *data)
{
    (void)data;
}

static void *request(void *data, int32_t id, struct http2_head *head, bool complete)
{
    static struct http_request parsed;
    struct stream *stream = &streams[count];

    (void)data;
    if (count == STREAMS_AT_MOST)
        return NULL;
    count++;
    *stream = (struct stream){.id = id, .open = true, .left = (size_t)(id % 7) * 10000, .head = *head};
    *head = (struct http2_head){0};
    if (http2_head_read(&stream->head, &parsed, complete) == HTTP_BAD)
        respond(stream, parsed.fault.status);
    else if (complete)
        respond(stream, 200);
    else if (parsed.expects_continue)
        http2_continue(session, id);
    return stream;
}

static void body(void *data, void *of, rs_text bytes)
{
    struct stream *stream = of;

    (void)data;
    assert(stream->open);
    stream->body += bytes.size;
    http2_consume(session, stream->id, bytes.size);
}

static void trailer(void *data, void *of, rs_text name, rs_text value)
{
    struct http_trailers trailers = {0};

    (void)data, (void)of;
    http_trailers_add(&trailers, name, value);
    http_trailers_clear(&trailers);
}

static void body_done(void *data, void *of)
{
    struct stream *stream = of;

    (void)data;
    assert(stream->open);
    if (!stream->answered)
        respond(stream, 200);
}

static enum http2_read read_body(void *data, void *of, char *bytes, size_t room, size_t *size)
{
    struct stream *stream = of;

    (void)data;
    *size = stream->left < room ? stream->left : room;
    memset(bytes, 'x', *size);
    stream->left -= *size;
    return stream->left > 0 ? HTTP2_READ_MORE : HTTP2_READ_END;
}

static void sent(void *data, void *of)
{
    (void)data;
    assert(((struct stream *)of)->answered);
}

static void closed(void *data, void *of)
{
    struct stream *stream = of;

    (void)data;
    assert(stream->open);
    stream->open = false;
    http2_head_clear(&stream->head);
}

static const struct http2_handler handler = {
    .head_begins = head_begins,
    .request = request,
    .body = body,
    .body_done = body_done,
    .trailer = trailer,
    .read = read_body,
    .sent = sent,
    .closed = closed,
};

static void send_all(void)
{
    while (http2_session_send(session).size > 0)
        ;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    rs_text bytes = rs_text_of((const char *)data, size);
    bool good;

    count = 0;
    session = http2_session_create(&handler, NULL);
    good = http2_session_receive(session, rs_text_of(preface, sizeof preface - 1));
    while (good && bytes.size > 0) { /* in pieces, as sockets give them */
        rs_text piece = rs_text_slice(bytes, 0, 997);
        bytes = rs_text_from_offset(bytes, piece.size);
        good = http2_session_receive(session, piece);
        send_all();
    }
    send_all();
    http2_session_destroy(session);
    for (size_t i = 0; i < count; i++)
        http2_head_clear(&streams[i].head);
    return 0;
}
