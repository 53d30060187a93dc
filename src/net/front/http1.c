/* net/front/http1.c - a client's connection that speaks HTTP/1.1: one request after the other.
 *
 *   begin --> IDLE
 *   IDLE --first byte: step_head--> HEAD --head complete, no body: exchange_begin--> BUSY
 *                                   HEAD --head complete, body: await_body--> BODY
 *   BODY --last byte: body_done--> BUSY
 *   BUSY --response complete: response_done--> FLUSHING --all taken: complete--> IDLE, or the end (client_finish)
 *   HEAD, BODY, BUSY --exchange_refuse--> FLUSHING
 *   BUSY --the application switches protocols: respond--> TUNNEL --both ends are done: response_done--> FLUSHING
 *
 * One request at a time is served; those that a client sends ahead wait in `in`, and when that is full in the socket.
 */
#include "net/front/protocol.h"

#include <assert.h>
#include <sys/socket.h>

#include "net/front/exchange.h"
#include "net/front/reply.h"
#include "net/front/tunnel.h"
#include "net/http/write.h"

/* ---- reading ---------------------------------------------------------------------------------------- */

static bool http1_wants_bytes(const struct front_client *client)
{
    if (client->state == CLIENT_BUSY || client->state == CLIENT_FLUSHING) /* requests ahead; or the end */
        return !client->in || block_room(client->in) > 0;
    if (client->state == CLIENT_TUNNEL)
        return !tunnel_is_full(client->exchange);
    return true;
}

/* The exchange borrows from the block: it keeps it, and what stands behind the head moves to another one. */
static void hand_over_head(struct front_client *client, struct front_exchange *exchange)
{
    struct block *head = client->in, *rest = NULL;
    size_t used = exchange->request.head_size;
    size_t left = block_used(head) - used;

    if (left > 0) {
        rest = left <= BLOCK_SIZE ? block_take(&client->front->blocks)
                                  : block_take_large(&client->front->blocks, left);
        memcpy(rest->bytes, head->bytes + head->begin + used, left);
        rest->end = left;
    }
    exchange->head = head;
    client->in = rest;
}

/* True where the state changed. */
static bool step_head(struct front_client *client)
{
    struct front_exchange *exchange;
    enum http_parse end;

    if (!client->in)
        return false;
    if (client->state == CLIENT_IDLE) {
        client->exchange = exchange_create(client);
        client->state = CLIENT_HEAD;
        client_wait(client, client->front->settings.header_ms);
    }
    exchange = client->exchange;
    end = http_request_parse(&exchange->request, block_text(client->in));
    if (end == HTTP_MORE)
        return false;
    if (end == HTTP_DONE) {
        hand_over_head(client, exchange);
        client->state = CLIENT_BUSY;
        client->deadline_ms = 0;
        exchange_begin(exchange);
    } else {
        exchange_refuse(exchange, exchange->request.fault.status, exchange->request.fault.reason,
                        exchange->request.fault.sentence);
    }
    return true;
}

static size_t counted_body(struct front_exchange *exchange, rs_text bytes)
{
    rs_text run = rs_text_slice(bytes, 0, exchange->body_left < bytes.size ? (size_t)exchange->body_left
                                                                           : bytes.size);

    exchange->body_left -= run.size;
    if (exchange_body(exchange, run) && exchange->body_left == 0)
        exchange_body_done(exchange);
    return run.size;
}

static size_t chunked_body(struct front_exchange *exchange, rs_text bytes)
{
    size_t used = 0, taken;
    rs_text run;

    while (used < bytes.size) {
        enum http_parse end =
            http_chunked_decode(&exchange->chunked, rs_text_from_offset(bytes, used), &taken, &run);
        used += taken;
        http_trailers_add_lines(&exchange->trailers, exchange->chunked.trailer);
        if (end == HTTP_BAD) {
            const struct http_fault *fault = &exchange->chunked.fault;
            exchange_refuse(exchange, fault->status, fault->reason, fault->sentence);
            return used;
        }
        if (run.size > 0 && !exchange_body(exchange, run))
            return used;
        if (end == HTTP_DONE) {
            http_trailers_done(&exchange->trailers);
            exchange_body_done(exchange);
            return used;
        }
    }
    return used;
}

static bool step_body(struct front_client *client)
{
    struct front_exchange *exchange = client->exchange;

    if (!client->in)
        return false;
    client_use(client, exchange->request.body == HTTP_BODY_COUNTED
                           ? counted_body(exchange, block_text(client->in))
                           : chunked_body(exchange, block_text(client->in)));
    return true;
}

static bool step_tunnel(struct front_client *client)
{
    struct front_exchange *exchange = client->exchange;
    rs_text bytes;

    if (!client->in || tunnel_is_full(exchange))
        return false;
    bytes = block_text(client->in);
    if (tunnel_send(exchange, bytes))
        client_use(client, bytes.size);
    return true;
}

static bool http1_step(struct front_client *client)
{
    switch (client->state) {
    case CLIENT_IDLE:
    case CLIENT_HEAD:
        return step_head(client);
    case CLIENT_BODY:
        return step_body(client);
    case CLIENT_TUNNEL:
        return step_tunnel(client);
    default:
        return false;
    }
}

static void http1_ended(struct front_client *client)
{
    switch (client->state) {
    case CLIENT_IDLE:
        client_close(client);
        break;
    case CLIENT_HEAD:
    case CLIENT_BODY:
        client_gone(client, "the client went away within its request");
        break;
    case CLIENT_BUSY:
        client_gone(client, "the client went away before the response was complete");
        break;
    case CLIENT_TUNNEL:
        tunnel_client_ended(client->exchange);
        break;
    default: /* FLUSHING: it may still read */
        break;
    }
}

/* ---- the turns of an exchange ----------------------------------------------------------------------- */

/* The client has been given all of the response. */
static void complete(struct front_client *client)
{
    struct front_exchange *exchange = client->exchange;
    bool keep_alive = exchange->keep_alive;
    bool unread = !exchange->body_complete || client->in;

    client->exchange = NULL;
    client->answered = true;
    exchange_end(exchange, true);
    if (keep_alive) {
        client_become_idle(client);
        client_pump(client);
    } else {
        client_finish(client, unread);
        client_rewatch(client);
    }
}

static void http1_response_done(struct front_exchange *exchange)
{
    struct front_client *client = exchange->client;

    client->state = CLIENT_FLUSHING;
    client->deadline_ms = 0; /* its speed is watched instead */
    if (spool_size(&client->out) == 0)
        complete(client);
}

static void http1_await_body(struct front_exchange *exchange)
{
    struct front_client *client = exchange->client;

    exchange->body_left = exchange->request.content_length;
    client->state = CLIENT_BODY;
    client_wait(client, client->front->settings.body_ms);
    if (exchange->request.expects_continue && !client->in)
        client_send(client, RS_TEXT("HTTP/1.1 100 Continue\r\n\r\n"));
}

static void http1_body_done(struct front_exchange *exchange)
{
    exchange->client->state = CLIENT_BUSY;
    exchange->client->deadline_ms = 0; /* the exchange has its own */
}

/* ---- the response ----------------------------------------------------------------------------------- */

static void write_head(struct http_writer *writer, const struct front_exchange *exchange,
                       const struct front_reply *reply)
{
    http_write_status_line(writer, reply->status);
    for (size_t i = 0; i < reply->fields.count; i++)
        http_write_parsed(writer, &reply->fields.items[i]);
    if (reply->status == 101) {
        http_write_known(writer, HTTP_CONNECTION, RS_TEXT("Upgrade"));
        http_write_end(writer);
        return;
    }
    if (exchange->to_chunked)
        http_write_known(writer, HTTP_TRANSFER_ENCODING, RS_TEXT("chunked"));
    else if (reply->has_length)
        http_write_number(writer, HTTP_CONTENT_LENGTH, reply->length);
    if (!exchange->keep_alive)
        http_write_known(writer, HTTP_CONNECTION, RS_TEXT("close"));
    else if (exchange->request.minor == 0)
        http_write_known(writer, HTTP_CONNECTION, RS_TEXT("keep-alive"));
    http_write_end(writer);
}

/* Behind the last piece of a body in chunks. */
static void write_last_chunk(struct http_writer *writer, const struct front_exchange *exchange)
{
    http_write_bytes(writer, RS_TEXT("0\r\n"));
    http_write_bytes(writer, http_trailers_text(&exchange->reply_trailers));
    http_write_end(writer);
}

static bool http1_respond(struct front_exchange *exchange, const struct front_reply *reply, rs_text first,
                          bool complete)
{
    struct http_writer writer = http_writer_on(exchange->front->out, ENGINE_OUT);
    bool open_ended = reply->body == HTTP_BODY_CHUNKED;
    char chunk_head[HTTP_CHUNK_HEAD_MAX];

    exchange->to_chunked = open_ended && exchange->request.minor >= 1 && !exchange->tunnel;
    if (exchange->tunnel) {
        exchange->client->state = CLIENT_TUNNEL;
        exchange->keep_alive = false;
    }
    if ((open_ended && exchange->request.minor == 0) /* the body ends with the connection */
        || exchange->client->draining)
        exchange->keep_alive = false;
    write_head(&writer, exchange, reply);
    if (exchange->to_chunked && first.size > 0)
        http_write_bytes(&writer, rs_text_of(chunk_head, http_chunk_head(first.size, chunk_head)));
    http_write_bytes(&writer, first);
    if (exchange->to_chunked && first.size > 0)
        http_write_bytes(&writer, RS_TEXT("\r\n"));
    if (exchange->to_chunked && complete)
        write_last_chunk(&writer, exchange);
    assert(http_writer_is_good(&writer)); /* an application's head has its limit, and so has what we add */
    if (complete && !exchange->keep_alive && !exchange->tunnel)
        client_last(exchange->client);
    return client_send(exchange->client, http_writer_text(&writer));
}

static bool http1_send_body(struct front_exchange *exchange, char *bytes, size_t size, bool complete)
{
    bool trailers = exchange->to_chunked && complete && exchange->reply_trailers.used > 0;
    struct http_writer writer = http_writer_on(exchange->front->out, ENGINE_OUT);
    char head[HTTP_CHUNK_HEAD_MAX];

    if (complete && !exchange->keep_alive && !exchange->tunnel)
        client_last(exchange->client);
    if (exchange->to_chunked && size > 0) { /* framed in place */
        size_t head_size = http_chunk_head(size, head);
        bytes -= head_size;
        memcpy(bytes, head, head_size);
        size += head_size;
        memcpy(bytes + size, "\r\n", 2);
        size += 2;
    }
    if (trailers) { /* they have no room behind the piece */
        if (size > 0 && !client_send(exchange->client, rs_text_of(bytes, size)))
            return false;
        write_last_chunk(&writer, exchange);
        return client_send(exchange->client, http_writer_text(&writer));
    }
    if (exchange->to_chunked && complete) {
        rs_text last = HTTP_CHUNK_LAST;
        memcpy(bytes + size, last.bytes, last.size);
        size += last.size;
    }
    return client_send(exchange->client, rs_text_of(bytes, size));
}

static bool http1_is_full(const struct front_exchange *exchange)
{
    const struct front_settings *settings = &exchange->front->settings;

    if (exchange->tunnel)
        return spool_size(&exchange->client->out) >= TUNNEL_MEMORY;
    return spool_size(&exchange->client->out) >= settings->response_memory + settings->response_file_max;
}

static void http1_cut(struct front_exchange *exchange)
{
    client_close(exchange->client);
}

/* ---- a tunnel --------------------------------------------------------------------------------------- */

static void http1_tunnel_ready(struct front_exchange *exchange)
{
    client_pump(exchange->client);
}

/* The client is told that nothing more comes; it may go on sending. */
static void shut(struct front_client *client)
{
    if (client->tls)
        tls_stream_end(client->tls);
    shutdown(client->fd, SHUT_WR);
}

static void http1_tunnel_shut(struct front_exchange *exchange)
{
    if (spool_size(&exchange->client->out) == 0)
        shut(exchange->client);
}

static void http1_taken(struct front_client *client)
{
    struct front_exchange *exchange = client->exchange;

    if (exchange && exchange->throttled && !http1_is_full(exchange) &&
        (exchange->tunnel || spool_size(&client->out) <= client->front->settings.response_memory / 2))
        exchange_resume(exchange);
    if (client->state == CLIENT_TUNNEL && exchange->application_ended && spool_size(&client->out) == 0)
        shut(client);
    if (client->state == CLIENT_FLUSHING && spool_size(&client->out) == 0)
        complete(client);
}

/* ---- time and the end ------------------------------------------------------------------------------- */

static void http1_drain(struct front_client *client, bool at_once)
{
    if (client->state == CLIENT_TUNNEL && (at_once || client->front->draining))
        tunnel_drain(client->exchange);
    if (client->state != CLIENT_IDLE)
        return;
    if (at_once)
        client_finish(client, false);
    else /* a request may be on its way: it is answered, as the last one */
        client_become_idle(client);
}

static void http1_out_of_time(struct front_client *client)
{
    struct front_exchange *exchange = client->exchange;

    switch (client->state) {
    case CLIENT_HEAD:
        exchange_refuse(exchange, 408, "Timer_HeaderWait", "The head of the request did not arrive in time.");
        break;
    case CLIENT_BODY:
        exchange_refuse(exchange, 408, "Timer_EntityBody", "The body of the request did not arrive in time.");
        break;
    case CLIENT_IDLE:
        if (!client->answered)
            engine_trouble(client, NULL, 0, "Timer_ConnectionIdle", "no request came");
        client_finish(client, false);
        break;
    default:
        client_close(client);
        break;
    }
}

static void http1_sweep(struct front_client *client, int64_t now_ms)
{
    if (client->exchange)
        exchange_sweep(client->exchange, now_ms);
}

static void http1_closed(struct front_client *client)
{
    if (client->exchange)
        exchange_end(client->exchange, false);
    client->exchange = NULL;
}

const struct front_protocol http1_protocol = {
    .begin = client_become_idle,
    .wants_bytes = http1_wants_bytes,
    .step = http1_step,
    .ended = http1_ended,
    .taken = http1_taken,
    .drain = http1_drain,
    .out_of_time = http1_out_of_time,
    .sweep = http1_sweep,
    .closed = http1_closed,
    .await_body = http1_await_body,
    .body_done = http1_body_done,
    .respond = http1_respond,
    .send_body = http1_send_body,
    .response_done = http1_response_done,
    .is_full = http1_is_full,
    .tunnel_ready = http1_tunnel_ready,
    .tunnel_shut = http1_tunnel_shut,
    .cut = http1_cut,
};
