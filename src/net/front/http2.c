/* net/front/http2.c - a client's connection that speaks HTTP/2: many exchanges at one time.
 *
 *   connection:  begin --> IDLE <--no stream / a stream--> BUSY     drain --> warned --a moment--> gone away
 *                gone away and no stream, or a broken rule --> GOAWAY is sent --> client_finish
 *   stream:      on_request --> its exchange: body ... respond, send_body, response_done --> all sent --> on_closed
 *                reset by the client --> on_closed: the exchange ends, its application is left
 *                cut --> RST_STREAM is sent --> on_closed
 *
 * Bytes of responses wait in a spool per stream and leave it when the client's windows allow; frames are put
 * together for all streams at once, at the end of each turn of the loop, and only while the socket takes them.
 *
 * One connection may not hold more than one client's share, whatever its number of streams: bodies and responses of
 * a stream that has no *leave* stay within STREAM_MEMORY (a body's window is not opened again, an application waits);
 * LEAVES_MAX streams at a time have leave to use memory and files as over HTTP/1.1.
 */
#include "net/front/http2.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "net/front/exchange.h"
#include "net/front/pace.h"
#include "net/front/protocol.h"
#include "net/front/tunnel.h"
#include "net/http/http2.h"
#include "net/loop/loop.h"

#define STREAM_MEMORY ((size_t)64 * 1024) /* bytes of one body, or of one response */
#define LEAVES_MAX 8
#define BODIES_MAX 32       /* streams whose bodies are being read; more are told to come again */
#define WARN_MS 1000        /* between "open no more streams" and not serving new ones */
#define WARN_STOP_MS 200    /* the same when the service ends */
#define REST_AFTER_MS 1000  /* without a frame to be sent; then the session gives memory back */
#define RECORD 16384        /* bytes of a TLS record */
#define DIRECT 8192         /* frames of this size are sent from where they are */

static_assert(STREAM_MEMORY <= HTTP2_WINDOW, "a body that waits for leave is kept whole");

struct front_stream {
    struct rs_link link; /* of connection->streams, the oldest first */
    struct front_client *client;
    struct front_exchange *exchange; /* NULL: cut */
    struct http2_head head;          /* what the exchange's request borrows from */
    int32_t id;
    bool reads_body; /* counted in connection->bodies */
    bool has_leave;  /* counted in connection->leaves */
    bool given;      /* the response is complete as far as the application is concerned */
    bool sent;       /* ... and as far as the client is */
    bool starved;    /* the library asked for more of it than there was */
    size_t unconsumed; /* bytes of its body for which the window was not opened again */
    int64_t body_deadline_ms; /* 0: none */
    struct spool out;  /* of the response's body */
    uint64_t taken;    /* bytes that left it */
    struct pace pace;
};

struct front_http2 {
    struct rs_link due; /* of front->due: frames are to be sent at the end of this turn; else a ring of itself */
    struct front_client *client;
    struct http2_session *session;
    struct rs_link streams;
    size_t count; /* of them */
    size_t bodies;
    size_t leaves;
    bool reads_head; /* a part of a head is here */
    bool broken;  /* the client broke the rules, or was idle for too long: the last frames are sent, then it ends */
    bool warned;
    bool gone;    /* GOAWAY is sent: no new streams */
    int64_t quiet_since_ms; /* when all frames had been sent; 0: they have not */
    int64_t gone_at_ms; /* warned: when that happens */
    uint64_t taken; /* bytes of bodies of all streams */
    struct pace pace;
};

/* ---- sending ---------------------------------------------------------------------------------------- */

static void send_later(struct front_client *client)
{
    struct front *front = client->front;

    if (!client->http2 || !rs_list_is_empty(&client->http2->due))
        return;
    rs_list_append(&front->due, &client->http2->due);
    if (!loop_timer_is_running(front->turn_end))
        loop_timer_start(front->turn_end, 0, 0);
}

/* The next bytes to be sent: several small frames in one record. */
static rs_text gather(struct front_client *client)
{
    char *bytes = client->front->frames;
    size_t used = 0;

    for (;;) {
        rs_text frame = http2_session_send(client->http2->session);
        if (frame.size == 0)
            break;
        if (used == 0 && frame.size >= DIRECT)
            return frame;
        assert(frame.size <= HTTP2_FRAMES_ROOM - used);
        memcpy(bytes + used, frame.bytes, frame.size);
        used += frame.size;
        if (used >= RECORD - DIRECT)
            break;
    }
    return rs_text_of(bytes, used);
}

static void end_streams(struct front_client *client);

/* Does the connection end here? */
static void end_if_over(struct front_client *client)
{
    struct front_http2 *http2 = client->http2;
    bool over = http2->broken || (http2->gone && http2->count == 0) || http2_session_is_over(http2->session);

    if (!over || spool_size(&client->out) > 0)
        return;
    end_streams(client);
    client_finish(client, !client->ended);
    client_rewatch(client);
}

static void send_frames(struct front_client *client)
{
    while (client->state != CLIENT_CLOSED && client->state != CLIENT_LINGER && spool_size(&client->out) == 0) {
        struct front_http2 *http2 = client->http2;
        rs_text frames = gather(client);
        if (frames.size == 0) {
            http2->quiet_since_ms = loop_now_ms(client->front->loop);
            end_if_over(client);
            return;
        }
        http2->quiet_since_ms = 0;
        client_send(client, frames);
    }
}

void http2_turn_end(void *data)
{
    struct front *front = data;

    while (!rs_list_is_empty(&front->due)) {
        struct front_http2 *http2 = rs_list_object(front->due.next, struct front_http2, due);
        rs_list_remove(&http2->due);
        send_frames(http2->client);
    }
}

/* ---- streams ---------------------------------------------------------------------------------------- */

static struct front_stream *stream_of(const struct front_exchange *exchange)
{
    return exchange->stream;
}

static void begin_stream(struct front_client *client, struct front_stream *stream)
{
    struct front_http2 *http2 = client->http2;

    rs_list_append(&http2->streams, &stream->link);
    http2->count++;
    client->state = CLIENT_BUSY;
    client->deadline_ms = 0;
}

static void give_leaves(struct front_http2 *http2);

static void body_is_over(struct front_stream *stream)
{
    struct front_http2 *http2 = stream->client->http2;

    stream->body_deadline_ms = 0;
    if (stream->reads_body)
        http2->bodies--;
    stream->reads_body = false;
    if (stream->unconsumed > 0)
        http2_consume(http2->session, stream->id, stream->unconsumed); /* the connection's window is for all */
    stream->unconsumed = 0;
}

/* Its exchange is over. */
static void end_stream(struct front_stream *stream)
{
    struct front_client *client = stream->client;
    struct front_http2 *http2 = client->http2;

    if (stream->exchange)
        exchange_end(stream->exchange, stream->sent);
    body_is_over(stream);
    http2_head_clear(&stream->head);
    spool_clear(&stream->out, &client->front->spools);
    rs_list_remove(&stream->link);
    http2->count--;
    http2->leaves -= stream->has_leave;
    free(stream);
    client->answered = true;
    if (http2->count == 0)
        client_become_idle(client);
    else
        give_leaves(http2);
}

static void end_streams(struct front_client *client)
{
    rs_list_each(link, &client->http2->streams) {
        struct front_stream *stream = rs_list_object(link, struct front_stream, link);
        if (stream->exchange)
            exchange_end(stream->exchange, stream->sent);
        stream->exchange = NULL;
        http2_head_clear(&stream->head);
        spool_clear(&stream->out, &client->front->spools);
        rs_list_remove(&stream->link);
        free(stream);
    }
    client->http2->count = client->http2->bodies = client->http2->leaves = 0;
}

/* ---- leave ------------------------------------------------------------------------------------------ */

/* May the stream use as much memory and files as a connection of its own? */
static bool take_leave(struct front_stream *stream)
{
    struct front_http2 *http2 = stream->client->http2;

    if (!stream->has_leave && http2->leaves < LEAVES_MAX) {
        stream->has_leave = true;
        http2->leaves++;
    }
    return stream->has_leave;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Open the window for what has come of its body, if there is room for as much again. */
static void consume(struct front_stream *stream)
{
    struct front_exchange *exchange = stream->exchange;
    const struct front_settings *settings = &exchange->front->settings;

    if (exchange->body_size > smaller(STREAM_MEMORY, settings->body_memory)) {
        if (!take_leave(stream)) {
            stream->body_deadline_ms = 0; /* the client waits for us */
            return;
        }
        exchange->body_memory = settings->body_memory;
    }
    http2_consume(stream->client->http2->session, stream->id, stream->unconsumed);
    stream->unconsumed = 0;
    stream->body_deadline_ms = loop_now_ms(exchange->front->loop) + settings->body_ms;
    send_later(stream->client);
}

static bool http2_is_full(const struct front_exchange *exchange)
{
    const struct front_settings *settings = &exchange->front->settings;
    struct front_stream *stream = stream_of(exchange);
    uint64_t waiting = spool_size(&stream->out);

    if (exchange->tunnel)
        return waiting >= TUNNEL_MEMORY;
    if (waiting < smaller(STREAM_MEMORY, settings->response_memory))
        return false;
    return !take_leave(stream) || waiting >= settings->response_memory + settings->response_file_max;
}

static void resume_application(struct front_stream *stream)
{
    struct front_exchange *exchange = stream->exchange;
    size_t memory = exchange ? exchange->front->settings.response_memory : 0;

    if (exchange && exchange->throttled && !http2_is_full(exchange) &&
        (stream->has_leave || exchange->tunnel || spool_size(&stream->out) <= smaller(STREAM_MEMORY, memory) / 2))
        exchange_resume(exchange);
}

/* Some were given back. */
static void give_leaves(struct front_http2 *http2)
{
    for (struct rs_link *link = http2->streams.next; link != &http2->streams && http2->leaves < LEAVES_MAX;
         link = link->next) {
        struct front_stream *stream = rs_list_object(link, struct front_stream, link);
        if (stream->exchange && stream->reads_body && stream->unconsumed > 0)
            consume(stream);
        resume_application(stream);
    }
}

static void http2_tunnel_ready(struct front_exchange *exchange);

/* ---- what the client sends -------------------------------------------------------------------------- */

static void on_head_begins(void *data)
{
    struct front_client *client = data;

    client->http2->reads_head = true;
    if (client->state == CLIENT_IDLE)
        client_wait(client, client->front->settings.header_ms);
}

static void *on_request(void *data, int32_t id, struct http2_head *head, bool complete)
{
    struct front_client *client = data;
    struct front_stream *stream;
    struct front_exchange *exchange;

    client->http2->reads_head = false;
    if (!complete && client->http2->bodies >= BODIES_MAX)
        return NULL;
    stream = calloc(1, sizeof *stream);
    if (!stream)
        rs_log_abort("no memory for a request");
    stream->client = client;
    stream->id = id;
    stream->head = *head;
    stream->out = SPOOL_EMPTY;
    *head = (struct http2_head){0};
    begin_stream(client, stream);
    exchange = stream->exchange = exchange_create(client);
    exchange->stream = stream;
    exchange->body_memory = SIZE_MAX; /* what comes without leave is bounded by the window */
    if (http2_head_read(&stream->head, &exchange->request, complete) == HTTP_DONE)
        exchange_begin(exchange);
    else
        exchange_refuse(exchange, exchange->request.fault.status, exchange->request.fault.reason,
                        exchange->request.fault.sentence);
    return stream;
}

/* It is a tunnel, or asks to become one. */
static bool takes_tunnel_bytes(const struct front_exchange *exchange)
{
    return exchange->request.upgrade.size > 0 && (exchange->tunnel ? exchange->upstream != NULL : !exchange->head_sent);
}

/* Before the application has switched they wait in the exchange: the window bounds them. */
static void on_tunnel_bytes(struct front_stream *stream, rs_text bytes)
{
    struct front_exchange *exchange = stream->exchange;

    stream->unconsumed += bytes.size;
    if (!exchange->tunnel)
        exchange_body(exchange, bytes);
    else if (tunnel_send(exchange, bytes) && !tunnel_is_full(exchange))
        http2_tunnel_ready(exchange);
}

static void on_body(void *data, void *of, rs_text bytes)
{
    struct front_client *client = data;
    struct front_stream *stream = of;

    if (stream->exchange && takes_tunnel_bytes(stream->exchange)) {
        on_tunnel_bytes(stream, bytes);
        return;
    }
    if (!stream->exchange || !stream->reads_body) { /* it was answered already: what still comes is dropped */
        http2_consume(client->http2->session, stream->id, bytes.size);
        return;
    }
    stream->unconsumed += bytes.size;
    if (exchange_body(stream->exchange, bytes) && stream->exchange)
        consume(stream);
}

static void on_body_done(void *data, void *of)
{
    struct front_stream *stream = of;
    struct front_exchange *exchange = stream->exchange;

    (void)data;
    if (exchange && exchange->tunnel && exchange->upstream)
        tunnel_client_ended(exchange);
    else if (exchange && exchange->request.upgrade.size > 0)
        exchange->client_ended = true; /* before the application has switched */
    else if (exchange && stream->reads_body)
        exchange_body_done(exchange);
}

static void on_trailer(void *data, void *of, rs_text name, rs_text value)
{
    struct front_stream *stream = of;

    (void)data;
    if (stream->exchange && stream->reads_body)
        http_trailers_add(&stream->exchange->trailers, name, value);
}

static void on_closed(void *data, void *of)
{
    (void)data;
    end_stream(of);
}

/* ---- what the client gets --------------------------------------------------------------------------- */

static enum http2_read on_read(void *data, void *of, char *bytes, size_t room, size_t *size)
{
    struct front_client *client = data;
    struct front_stream *stream = of;
    const struct spool_source *spools = &client->front->spools;
    bool good = true;

    while (*size < room && spool_size(&stream->out) > 0) {
        rs_text next = rs_text_slice(spool_next(&stream->out, spools, &good), 0, room - *size);
        if (!good)
            return HTTP2_READ_FAILED;
        memcpy(bytes + *size, next.bytes, next.size);
        spool_drop(&stream->out, spools, next.size);
        *size += next.size;
    }
    stream->taken += *size;
    client->http2->taken += *size;
    resume_application(stream);
    if (spool_size(&stream->out) > 0)
        return HTTP2_READ_MORE;
    if (stream->given && stream->exchange && stream->exchange->reply_trailers.used > 0) {
        http2_trailers(client->http2->session, stream->id, http_trailers_text(&stream->exchange->reply_trailers));
        return HTTP2_READ_TRAILERS;
    }
    if (stream->given)
        return HTTP2_READ_END;
    stream->starved = *size == 0;
    return *size > 0 ? HTTP2_READ_MORE : HTTP2_READ_LATER;
}

static void on_sent(void *data, void *of)
{
    struct front_client *client = data;
    struct front_stream *stream = of;
    struct front_exchange *exchange = stream->exchange;
    bool asks_in_vain = exchange && exchange->request.upgrade.size > 0 && !exchange->client_ended && !exchange->upstream;

    stream->sent = true;
    if (exchange && (!exchange->body_complete || asks_in_vain)) /* RFC 9113 section 8.1: nobody wants the rest of it */
        http2_reset(client->http2->session, stream->id, HTTP2_NO_ERROR);
}

static const struct http2_handler handler = {
    .head_begins = on_head_begins,
    .request = on_request,
    .body = on_body,
    .body_done = on_body_done,
    .trailer = on_trailer,
    .read = on_read,
    .sent = on_sent,
    .closed = on_closed,
};

/* ---- an exchange calls ------------------------------------------------------------------------------ */

static void http2_await_body(struct front_exchange *exchange)
{
    struct front_client *client = exchange->client;
    struct front_stream *stream = stream_of(exchange);

    stream->reads_body = true;
    client->http2->bodies++;
    stream->body_deadline_ms = loop_now_ms(client->front->loop) + client->front->settings.body_ms;
    if (exchange->request.expects_continue)
        http2_continue(client->http2->session, stream->id);
}

static void http2_body_done(struct front_exchange *exchange)
{
    body_is_over(stream_of(exchange));
}

/* Keep bytes of the response. False: they cannot be kept, and the stream was cut. */
static bool keep(struct front_exchange *exchange, rs_text bytes)
{
    struct front *front = exchange->front;
    struct front_stream *stream = stream_of(exchange);
    size_t memory_max = stream->has_leave ? front->settings.response_memory : SIZE_MAX;

    if (bytes.size == 0 || spool_append(&stream->out, &front->spools, bytes, memory_max))
        return true;
    engine_trouble(exchange->client, exchange, exchange->status, "TempFile", strerror(errno));
    exchange->client->protocol->cut(exchange);
    return false;
}

static bool http2_respond_head(struct front_exchange *exchange, const struct front_reply *reply, rs_text first,
                               bool complete)
{
    struct front_client *client = exchange->client;
    struct front_stream *stream = stream_of(exchange);
    bool has_body = reply->body != HTTP_BODY_NONE && !(complete && first.size == 0 && exchange->reply_trailers.used == 0);

    stream->given = complete;
    if (!keep(exchange, first))
        return false;
    body_is_over(stream);
    http2_respond(client->http2->session, stream->id, reply->status, &reply->fields, reply->has_length,
                  reply->length, has_body);
    send_later(client);
    return true;
}

static bool http2_send_body(struct front_exchange *exchange, char *bytes, size_t size, bool complete)
{
    struct front_client *client = exchange->client;
    struct front_stream *stream = stream_of(exchange);

    stream->given = complete;
    if (!keep(exchange, rs_text_of(bytes, size)))
        return false;
    if (stream->starved && (size > 0 || complete)) {
        stream->starved = false;
        http2_resume(client->http2->session, stream->id);
    }
    send_later(client);
    return true;
}

/* The exchange ends with its stream: on_closed. */
static void http2_response_done(struct front_exchange *exchange)
{
    send_later(exchange->client);
}

static void http2_tunnel_ready(struct front_exchange *exchange)
{
    struct front_stream *stream = stream_of(exchange);

    if (stream->unconsumed > 0)
        http2_consume(stream->client->http2->session, stream->id, stream->unconsumed);
    stream->unconsumed = 0;
    send_later(stream->client);
}

static void http2_tunnel_shut(struct front_exchange *exchange)
{
    http2_send_body(exchange, NULL, 0, true);
}

static void http2_cut(struct front_exchange *exchange)
{
    struct front_client *client = exchange->client;
    struct front_stream *stream = stream_of(exchange);

    http2_reset(client->http2->session, stream->id, HTTP2_INTERNAL_ERROR);
    stream->exchange = NULL;
    body_is_over(stream);
    spool_clear(&stream->out, &client->front->spools);
    exchange_end(exchange, false);
    send_later(client);
}

/* ---- the connection calls --------------------------------------------------------------------------- */

static void http2_begin(struct front_client *client)
{
    struct front_http2 *http2 = calloc(1, sizeof *http2);

    if (!http2)
        rs_log_abort("no memory for a connection");
    rs_list_init(&http2->due);
    rs_list_init(&http2->streams);
    http2->client = client;
    http2->session = http2_session_create(&handler, client);
    client->http2 = http2;
    client_become_idle(client);
    send_later(client); /* the settings */
}

static bool http2_wants_bytes(const struct front_client *client)
{
    return !client->http2->broken;
}

static bool http2_step(struct front_client *client)
{
    struct front_http2 *http2 = client->http2;

    if (!client->in || http2->broken)
        return false;
    if (!http2_session_receive(http2->session, block_text(client->in))) {
        const char *problem = http2_session_problem(http2->session);
        http2->broken = true;
        engine_trouble(client, NULL, 0, "BadRequest", problem ? problem : "the client broke the rules of HTTP/2");
    }
    client_use(client, block_used(client->in));
    send_later(client);
    return true;
}

static void http2_ended(struct front_client *client)
{
    if (client->http2->count > 0 && !client->http2->broken)
        client_gone(client, "the client went away before its responses were complete");
    else
        client_close(client);
}

static void http2_taken(struct front_client *client)
{
    if (spool_size(&client->out) == 0)
        send_frames(client);
}

static void go_away(struct front_client *client)
{
    client->http2->gone = true;
    http2_go_away(client->http2->session, HTTP2_NO_ERROR);
    send_later(client);
}

/* RFC 9113 section 6.8: first a warning, so that streams that are on their way are served; then the end. */
static void http2_drain(struct front_client *client, bool at_once)
{
    struct front_http2 *http2 = client->http2;
    const struct front *front = client->front;
    int64_t wait_ms = front->draining ? WARN_STOP_MS : WARN_MS;

    rs_list_each(link, &http2->streams) {
        struct front_stream *stream = rs_list_object(link, struct front_stream, link);
        if (stream->exchange && (at_once || front->draining))
            tunnel_drain(stream->exchange);
    }
    if (http2->gone || http2->broken)
        return;
    if (at_once && http2->count == 0) {
        go_away(client);
        return;
    }
    if (!http2->warned)
        http2_warn(http2->session);
    http2->warned = true;
    if (!front->draining && front->settings.drain_ms < wait_ms)
        wait_ms = front->settings.drain_ms;
    http2->gone_at_ms = loop_now_ms(front->loop) + wait_ms;
    send_later(client);
}

static void http2_out_of_time(struct front_client *client)
{
    struct front_http2 *http2 = client->http2;

    if (http2->broken) { /* it does not even take our goodbye */
        client_close(client);
        return;
    }
    if (http2->reads_head)
        engine_trouble(client, NULL, 0, "Timer_HeaderWait", "the head of a request did not arrive in time");
    else if (!client->answered)
        engine_trouble(client, NULL, 0, "Timer_ConnectionIdle", "no request came");
    go_away(client);
    http2->broken = true;
    client_wait(client, client->front->settings.linger_ms);
}

/* ---- time ------------------------------------------------------------------------------------------- */

/* `shut`: its window, while something waits. */
static void sweep_stream(struct front_stream *stream, int64_t now_ms, bool shut)
{
    struct front_client *client = stream->client;
    const struct front_settings *settings = &client->front->settings;

    if (stream->body_deadline_ms != 0 && now_ms >= stream->body_deadline_ms) {
        stream->body_deadline_ms = 0;
        exchange_refuse(stream->exchange, 408, "Timer_EntityBody", "The body of the request did not arrive in time.");
    } else if (pace_is_too_slow(&stream->pace, settings, now_ms, shut, stream->taken)) {
        engine_trouble(client, stream->exchange, stream->exchange->status, "Timer_MinBytesPerSecond",
                       "the client keeps the window of a stream shut");
        http2_cut(stream->exchange);
    } else {
        exchange_sweep(stream->exchange, now_ms);
    }
}

static void rest(struct front_http2 *http2, int64_t now_ms)
{
    bool quiet = http2->client->state == CLIENT_IDLE && http2->quiet_since_ms != 0 && rs_list_is_empty(&http2->due);

    if (!quiet || now_ms - http2->quiet_since_ms < REST_AFTER_MS)
        return;
    http2_session_rest(http2->session);
}

static void http2_sweep(struct front_client *client, int64_t now_ms)
{
    struct front_http2 *http2 = client->http2;
    bool waits = false;

    rest(http2, now_ms);
    rs_list_each(link, &http2->streams) {
        struct front_stream *stream = rs_list_object(link, struct front_stream, link);
        bool has = spool_size(&stream->out) > 0, shut = has && http2_is_shut(http2->session, stream->id);
        if (!stream->exchange)
            continue;
        waits = waits || (has && !shut);
        sweep_stream(stream, now_ms, shut);
    }
    if (http2->warned && !http2->gone && now_ms >= http2->gone_at_ms)
        go_away(client);
    if (spool_size(&client->out) > 0) /* its socket's speed is watched */
        waits = false;
    if (pace_is_too_slow(&http2->pace, &client->front->settings, now_ms, waits, http2->taken)) {
        engine_trouble(client, NULL, 0, "Timer_MinBytesPerSecond", "the client keeps the connection's window shut");
        client_close(client);
    }
}

static void http2_closed(struct front_client *client)
{
    struct front_http2 *http2 = client->http2;

    if (!http2)
        return;
    end_streams(client);
    rs_list_remove(&http2->due);
    http2_session_destroy(http2->session);
    free(http2);
    client->http2 = NULL;
}

const struct front_protocol http2_protocol = {
    .begin = http2_begin,
    .wants_bytes = http2_wants_bytes,
    .step = http2_step,
    .ended = http2_ended,
    .taken = http2_taken,
    .drain = http2_drain,
    .out_of_time = http2_out_of_time,
    .sweep = http2_sweep,
    .closed = http2_closed,
    .await_body = http2_await_body,
    .body_done = http2_body_done,
    .respond = http2_respond_head,
    .send_body = http2_send_body,
    .response_done = http2_response_done,
    .is_full = http2_is_full,
    .tunnel_ready = http2_tunnel_ready,
    .tunnel_shut = http2_tunnel_shut,
    .cut = http2_cut,
};
