#include "net/http/serve.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "net/http/chunked.h"
#include "net/http/write.h"

#define PEER_ROOM_FIRST ((size_t)16 * 1024)
#define PEER_ROOM_MAX (2 * HTTP_HEAD_MAX) /* a head, and what stands behind it */
#define SERVE_FIELDS_MAX ((size_t)32 * 1024) /* bytes of the fields of one answer */

struct http_peer {
    int fd;
    bool open;
    bool unanswered; /* a request was given out and its answer is not complete */
    enum http_method method; /* of that request */
    int minor;
    bool keep_alive;
    char *bytes; /* read and not used yet: from `begin` to `end` */
    size_t begin;
    size_t end;
    size_t room;
};

struct http_peer *http_peer_create(int fd)
{
    struct http_peer *peer = calloc(1, sizeof *peer);

    if (!peer || !(peer->bytes = malloc(PEER_ROOM_FIRST)))
        rs_log_abort("no memory for a connection");
    peer->room = PEER_ROOM_FIRST;
    peer->fd = fd;
    peer->open = true;
    return peer;
}

void http_peer_destroy(struct http_peer *peer)
{
    if (!peer)
        return;
    close(peer->fd);
    free(peer->bytes);
    free(peer);
}

int http_peer_fd(const struct http_peer *peer)
{
    return peer->fd;
}

bool http_peer_has_bytes(const struct http_peer *peer)
{
    return peer->end > peer->begin;
}

bool http_peer_is_open(const struct http_peer *peer)
{
    return peer->open && !peer->unanswered;
}

bool http_peer_can_answer(const struct http_peer *peer)
{
    return peer->unanswered;
}

bool http_peer_is_gone(const struct http_peer *peer)
{
    char byte;
    ssize_t got = recv(peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Wait until the socket is ready, the job's time is over, or it is cancelled. */
static rs_status peer_wait(struct rs_job *job, struct http_peer *peer, short events)
{
    for (;;) {
        struct pollfd one = {.fd = peer->fd, .events = events};
        int64_t left = rs_job_time_left_ms(job);
        int ready = poll(&one, 1, left > INT_MAX ? -1 : (int)left);

        if (ready > 0)
            return RS_OK;
        if (ready < 0 && errno != EINTR)
            return rs_fail(job, RS_IO, "cannot wait for the other end: %s", strerror(errno));
        RS_TRY(rs_job_checkpoint(job));
        if (ready == 0)
            return rs_fail(job, RS_TIMEOUT, "the other end of the connection was waited for too long");
    }
}

/* Read some bytes to `to`; *got = 0 at the end of the connection. */
static rs_status peer_receive(struct rs_job *job, struct http_peer *peer, char *to, size_t room,
                              size_t *got)
{
    for (;;) {
        ssize_t size = recv(peer->fd, to, room, MSG_DONTWAIT);

        if (size >= 0) {
            *got = (size_t)size;
            return RS_OK;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            RS_TRY(peer_wait(job, peer, POLLIN));
        else if (errno == EINTR)
            RS_TRY(rs_job_checkpoint(job));
        else
            return rs_fail(job, RS_IO, "cannot read the request: %s", strerror(errno));
    }
}

/* More bytes behind those that are there. *got = 0 at the end. */
static rs_status peer_fill(struct rs_job *job, struct http_peer *peer, size_t *got)
{
    if (peer->begin == peer->end)
        peer->begin = peer->end = 0;
    if (peer->end == peer->room && peer->begin > 0) {
        memmove(peer->bytes, peer->bytes + peer->begin, peer->end - peer->begin);
        peer->end -= peer->begin;
        peer->begin = 0;
    }
    if (peer->end == peer->room) {
        assert(peer->room < PEER_ROOM_MAX); /* a head is refused before it fills this */
        peer->room = PEER_ROOM_MAX;
        peer->bytes = realloc(peer->bytes, peer->room);
        if (!peer->bytes)
            rs_log_abort("no memory for a request");
    }
    RS_TRY(peer_receive(job, peer, peer->bytes + peer->end, peer->room - peer->end, got));
    peer->end += *got;
    return RS_OK;
}

static rs_text peer_text(const struct http_peer *peer)
{
    return rs_text_of(peer->bytes + peer->begin, peer->end - peer->begin);
}

/* The head, copied into the job's memory. False in `*found` where the connection ended before it. */
static rs_status read_head(struct rs_job *job, struct http_peer *peer,
                           struct http_request *request, bool *found)
{
    enum http_parse end;
    size_t got;

    *found = false;
    http_request_init(request);
    while ((end = http_request_parse(request, peer_text(peer))) == HTTP_MORE) {
        RS_TRY(peer_fill(job, peer, &got));
        if (got == 0 && peer->begin < peer->end)
            return rs_fail(job, RS_IO, "the connection ended within the head of a request");
        if (got == 0)
            return RS_OK;
    }
    if (end == HTTP_DONE) {
        rs_text head = rs_text_copy(job, rs_text_slice(peer_text(peer), 0, request->head_size));
        http_request_init(request);
        end = http_request_parse(request, head);
        peer->begin += head.size;
    }
    if (end == HTTP_BAD)
        return rs_fail(job, HTTP_BAD_REQUEST, "%s", request->fault.sentence);
    *found = true;
    return RS_OK;
}

static rs_status read_counted(struct rs_job *job, struct http_peer *peer, size_t size,
                              rs_text *body)
{
    size_t have = peer->end - peer->begin, used, got;
    void *bytes;

    RS_TRY(rs_try_alloc(job, size, 1, &bytes));
    used = have < size ? have : size;
    memcpy(bytes, peer->bytes + peer->begin, used);
    peer->begin += used;
    while (used < size) {
        RS_TRY(peer_receive(job, peer, (char *)bytes + used, size - used, &got));
        if (got == 0)
            return rs_fail(job, RS_IO, "the connection ended within the body of a request");
        used += got;
        RS_TRY(rs_job_checkpoint(job));
    }
    *body = rs_text_of(bytes, size);
    return RS_OK;
}

static rs_status body_too_large(struct rs_job *job, size_t body_max)
{
    return rs_fail(job, RS_OVER_LIMIT, "the request's body is larger than %zu bytes", body_max);
}

static rs_status read_chunked(struct rs_job *job, struct http_peer *peer, size_t body_max,
                              rs_text *body)
{
    struct http_chunked chunked = {0};
    rs_buf collected = rs_buf_in(job);
    size_t taken, got;
    rs_text run;

    for (;;) {
        enum http_parse end = http_chunked_decode(&chunked, peer_text(peer), &taken, &run);
        if (run.size > body_max - collected.used)
            return body_too_large(job, body_max);
        rs_buf_add(&collected, run);
        peer->begin += taken;
        if (end == HTTP_DONE)
            break;
        if (end == HTTP_BAD)
            return rs_fail(job, HTTP_BAD_REQUEST, "%s", chunked.fault.sentence);
        if (peer->begin < peer->end)
            continue;
        RS_TRY(rs_job_checkpoint(job));
        RS_TRY(peer_fill(job, peer, &got));
        if (got == 0)
            return rs_fail(job, RS_IO, "the connection ended within the body of a request");
    }
    *body = rs_buf_text(&collected);
    return RS_OK;
}

static rs_status send_continue(struct rs_job *job, struct http_peer *peer);

static rs_status read_body(struct rs_job *job, struct http_peer *peer, size_t body_max,
                           struct http_incoming *incoming)
{
    const struct http_request *request = &incoming->request;

    if (request->body == HTTP_BODY_NONE)
        return RS_OK;
    if (request->body == HTTP_BODY_COUNTED && request->content_length > body_max)
        return body_too_large(job, body_max);
    if (request->expects_continue && !http_peer_has_bytes(peer))
        RS_TRY(send_continue(job, peer));
    return request->body == HTTP_BODY_COUNTED
               ? read_counted(job, peer, (size_t)request->content_length, &incoming->body)
               : read_chunked(job, peer, body_max, &incoming->body);
}

rs_status http_peer_read(struct rs_job *job, struct http_peer *peer, size_t body_max,
                         struct http_incoming **out)
{
    struct http_incoming *incoming = RS_NEW(job, struct http_incoming);
    rs_status status;
    bool found = false;

    *out = NULL;
    if (!http_peer_is_open(peer))
        return rs_fail(job, RS_IO, "the connection cannot carry another request");
    status = read_head(job, peer, &incoming->request, &found);
    peer->method = incoming->request.method;
    peer->minor = incoming->request.minor;
    peer->keep_alive = incoming->request.keep_alive;
    if (status == RS_OK && found)
        status = read_body(job, peer, body_max, incoming);
    if (status != RS_OK || !found) {
        peer->open = false;
        peer->keep_alive = false;
        peer->unanswered = found; /* its head was right: it can be answered before closing */
        return status;
    }
    peer->unanswered = true;
    *out = incoming;
    return RS_OK;
}

/* ---- answering ------------------------------------------------------------------------------- */

struct http_reply {
    struct rs_job *job;
    struct http_peer *peer;
    int status;
    rs_buf fields;      /* their lines */
    bool fields_broken; /* one of them may not be sent */
    rs_buf body;        /* not sent yet; at most HTTP_REPLY_BUFFER */
    uint64_t counted;   /* body bytes so far, sent or not */
    bool head_sent;
    bool chunked;       /* of an answer whose head is sent */
    bool ended;         /* finished or abandoned */
};

/* Send all parts; `parts` is used up. */
static rs_status send_parts(struct rs_job *job, struct http_peer *peer, struct iovec *parts,
                            size_t count)
{
    while (count > 0) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
        ssize_t sent = sendmsg(peer->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK) {
                RS_TRY(peer_wait(job, peer, POLLOUT));
            } else if (errno == EINTR) {
                RS_TRY(rs_job_checkpoint(job));
            } else {
                peer->open = false;
                return rs_fail(job, RS_IO, "cannot send the answer: %s", strerror(errno));
            }
            continue;
        }
        while (count > 0 && (size_t)sent >= parts->iov_len) {
            sent -= (ssize_t)parts->iov_len;
            parts++, count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + sent;
            parts->iov_len -= (size_t)sent;
        }
    }
    return RS_OK;
}

static struct iovec part_of(rs_text t)
{
    return (struct iovec){(void *)(uintptr_t)t.bytes, t.size};
}

static rs_status send_continue(struct rs_job *job, struct http_peer *peer)
{
    struct iovec part = part_of(RS_TEXT("HTTP/1.1 100 Continue\r\n\r\n"));

    return send_parts(job, peer, &part, 1);
}

struct http_reply *http_reply_create(struct rs_job *job, struct http_peer *peer)
{
    struct http_reply *reply = RS_NEW(job, struct http_reply);

    assert(peer->unanswered);
    reply->job = job;
    reply->peer = peer;
    reply->status = 200;
    reply->fields = rs_buf_in(job);
    reply->body = rs_buf_in(job);
    return reply;
}

bool http_reply_is_unsent(const struct http_reply *reply)
{
    return !reply->head_sent && !reply->ended;
}

void http_reply_restart(struct http_reply *reply)
{
    assert(http_reply_is_unsent(reply));
    rs_buf_clear(&reply->fields);
    rs_buf_clear(&reply->body);
    reply->fields_broken = false;
    reply->counted = 0;
    reply->status = 200;
}

void http_reply_status(struct http_reply *reply, int status)
{
    assert(status >= 200 && status <= 599 && http_reply_is_unsent(reply));
    reply->status = status;
}

void http_reply_field(struct http_reply *reply, rs_text name, rs_text value)
{
    assert(http_reply_is_unsent(reply));
    if (!http_is_token(name) || !http_is_field_value(value) ||
        reply->fields.used + name.size + value.size > SERVE_FIELDS_MAX) {
        reply->fields_broken = true;
        return;
    }
    rs_buf_add(&reply->fields, name);
    rs_buf_add_literal(&reply->fields, ": ");
    rs_buf_add(&reply->fields, value);
    rs_buf_add_literal(&reply->fields, "\r\n");
}

static bool has_body(const struct http_reply *reply)
{
    return reply->peer->method != HTTP_HEAD && reply->status != 204 && reply->status != 304;
}

/* The head in the job's memory. `whole`: all of the body is known. */
static rs_status make_head(struct http_reply *reply, bool whole, rs_text *out)
{
    size_t room = reply->fields.used + 512;
    struct http_writer writer = http_writer_on(rs_alloc(reply->job, room), room);

    if (reply->fields_broken)
        return rs_fail(reply->job, HTTP_BAD_REPLY,
                       "a header field of the answer is too large or has a byte that may not stand there");
    reply->chunked = !whole && has_body(reply) && reply->peer->minor >= 1;
    if (!whole && has_body(reply) && !reply->chunked)
        reply->peer->keep_alive = false; /* HTTP/1.0: the body ends with the connection */
    http_write_status_line(&writer, reply->status);
    http_write_bytes(&writer, rs_buf_text(&reply->fields));
    if (reply->chunked)
        http_write_known(&writer, HTTP_TRANSFER_ENCODING, RS_TEXT("chunked"));
    else if (whole && reply->status != 204 && reply->status != 304)
        http_write_number(&writer, HTTP_CONTENT_LENGTH, reply->counted);
    if (!reply->peer->keep_alive)
        http_write_known(&writer, HTTP_CONNECTION, RS_TEXT("close"));
    http_write_end(&writer);
    assert(http_writer_is_good(&writer));
    *out = http_writer_text(&writer);
    return RS_OK;
}

/* Send the head if it is not sent, what is in the buffer, and `more` behind it. */
static rs_status flush(struct http_reply *reply, rs_text more, bool last)
{
    char chunk_head[HTTP_CHUNK_HEAD_MAX];
    struct iovec parts[6];
    size_t count = 0, size = reply->body.used + more.size;
    rs_text head = {NULL, 0};

    if (!reply->head_sent) {
        RS_TRY(make_head(reply, last, &head));
        reply->head_sent = true;
        parts[count++] = part_of(head);
    }
    if (has_body(reply) && size > 0) {
        if (reply->chunked)
            parts[count++] = part_of(rs_text_of(chunk_head, http_chunk_head(size, chunk_head)));
        parts[count++] = part_of(rs_buf_text(&reply->body));
        parts[count++] = part_of(more);
        if (reply->chunked)
            parts[count++] = part_of(RS_TEXT("\r\n"));
    }
    if (last && reply->chunked)
        parts[count++] = part_of(HTTP_CHUNK_LAST);
    rs_buf_clear(&reply->body);
    return send_parts(reply->job, reply->peer, parts, count);
}

rs_status http_reply_write(struct http_reply *reply, rs_text bytes)
{
    rs_status status;

    if (reply->ended)
        return rs_fail(reply->job, RS_IO, "the answer was cut off before");
    reply->counted += bytes.size;
    if (!has_body(reply))
        return RS_OK;
    if (bytes.size <= HTTP_REPLY_BUFFER - reply->body.used) {
        rs_buf_add(&reply->body, bytes);
        return RS_OK;
    }
    status = flush(reply, bytes, false);
    if (status != RS_OK && reply->head_sent)
        http_reply_abandon(reply);
    return status;
}

rs_status http_reply_finish(struct http_reply *reply)
{
    rs_status status;

    if (reply->ended)
        return rs_fail(reply->job, RS_IO, "the answer was cut off before");
    status = flush(reply, rs_text_of(NULL, 0), true);
    if (status != RS_OK && !reply->head_sent)
        return status; /* the caller can still say what was wrong */
    reply->ended = true;
    reply->peer->unanswered = false;
    if (status != RS_OK || !reply->peer->keep_alive) {
        reply->peer->open = false;
        shutdown(reply->peer->fd, SHUT_WR);
    }
    return status;
}

void http_reply_abandon(struct http_reply *reply)
{
    if (reply->ended)
        return;
    reply->ended = true;
    reply->peer->open = false;
    reply->peer->unanswered = false;
    shutdown(reply->peer->fd, SHUT_RDWR);
}
