/* net/front/client.c - a client's connection: its bytes, both ways, and its time limits.
 *
 *   open --from a trusted proxy--> PREFACE --its header, or none--> as the next two
 *   open --TLS port--> HANDSHAKE --client_handshake--> the protocol begins: IDLE
 *   open --plain port--> the protocol begins: IDLE
 *   IDLE ... the protocol's states (drawn in http1.c and http2.c) ... client_finish
 *   client_finish --something may still come--> LINGER --end or time--> CLOSED
 *                 --else--> CLOSED
 *   any --client_close: gone, out of time, cut off--> CLOSED
 */
#include "net/front/client.h"

#include <errno.h>
#include <stdio.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/log.h"
#include "net/front/exchange.h"
#include "net/front/listener.h"
#include "net/front/page.h"
#include "net/front/preface.h"
#include "net/front/protocol.h"
#include "net/loop/loop.h"
#include "net/tables/select.h"

#define CLIENT_PIECES 16      /* of one writev */
#define CLIENT_STOP_MS 200    /* milliseconds: idle connections live on for so long when the service ends */
#define CLIENT_FIRST_MS 3000  /* milliseconds: those that have not asked yet; their first request is on its way */

/* ---- what is waited for ------------------------------------------------------------------------- */

void client_wait(struct front_client *client, int64_t time_ms)
{
    client->deadline_ms = time_ms > 0 ? loop_now_ms(client->front->loop) + time_ms : 0;
}

/* No protocol has begun yet. */
static bool is_early(const struct front_client *client)
{
    return client->state == CLIENT_PREFACE || client->state == CLIENT_HANDSHAKE;
}

static bool wants_bytes(const struct front_client *client)
{
    if (client->ended || client->state == CLIENT_CLOSED)
        return false;
    if (is_early(client) || client->state == CLIENT_LINGER)
        return true;
    return client->protocol->wants_bytes(client);
}

void client_rewatch(struct front_client *client)
{
    int events = 0;

    if (client->state == CLIENT_CLOSED)
        return;
    if (wants_bytes(client) && !client->waits_key)
        events |= LOOP_READ;
    if (spool_size(&client->out) > 0 || client->tls_wants_write)
        events |= LOOP_WRITE;
    loop_watch_for(client->watch, events);
}

void client_become_idle(struct front_client *client)
{
    client->state = CLIENT_IDLE;
    client_wait(client, client->front->settings.idle_ms);
    if (client->draining && client->front->settings.drain_ms < client->front->settings.idle_ms)
        client_wait(client, client->front->settings.drain_ms);
}

/* ---- beginning and end ------------------------------------------------------------------------------ */

static void client_ready(void *data, int events);

/* Who it is is known. */
static void client_start(struct front_client *client)
{
    struct front *front = client->front;
    size_t most = front->settings.peer_connections_max;

    client->counted = most > 0;
    if (client->counted && peers_enter(&front->peers, &client->remote) > most) {
        front->statistics.connections_refused++;
        engine_trouble(client, NULL, 0, "ConnLimit", "the client has as many connections as one address may have");
        client_close(client);
    } else if (client->secure) {
        client->state = CLIENT_HANDSHAKE;
        client_wait(client, front->settings.handshake_ms);
    } else {
        client->protocol->begin(client);
    }
}

void client_open(struct front *front, int fd, bool secure, const struct tables_address *remote,
                 uint16_t remote_port, const struct tables_address *local, uint16_t local_port)
{
    struct front_client *client = calloc(1, sizeof *client);

    if (!client)
        rs_log_abort("no memory for a connection");
    client->front = front;
    client->fd = fd;
    client->secure = secure;
    client->remote = *remote;
    client->remote_port = remote_port;
    client->local = *local;
    client->local_port = local_port;
    client->out = SPOOL_EMPTY;
    client->protocol = &http1_protocol;
    client->id = ++front->last_connection;
    client->draining = front->draining;
    client->tls = secure ? tls_stream_create(front->tls, fd, client) : NULL;
    client->watch = loop_watch_open(front->loop, fd, LOOP_READ, client_ready, client);
    if (!client->watch || (secure && !client->tls)) {
        rs_log(RS_LOG_ERROR, "a connection was turned away: there is no memory or no descriptor for it");
        loop_watch_close(client->watch);
        tls_stream_destroy(client->tls);
        close(fd);
        free(client);
        return;
    }
    rs_list_append(&front->clients, &client->link);
    front->statistics.connections++;
    front->statistics.connections_now++;
    engine_watch_time(front);
    if (trust_has(&front->trust, remote)) {
        client->state = CLIENT_PREFACE;
        client_wait(client, secure ? front->settings.handshake_ms : front->settings.idle_ms);
    } else {
        client_start(client);
    }
    client_rewatch(client);
}

void client_free(struct rs_link *link)
{
    free(rs_list_object(link, struct front_client, link));
}

void client_close(struct front_client *client)
{
    struct front *front = client->front;

    if (client->state == CLIENT_CLOSED)
        return;
    client->state = CLIENT_CLOSED;
    client->protocol->closed(client);
    if (client->counted)
        peers_leave(&front->peers, &client->remote);
    preface_free(client);
    loop_watch_close(client->watch);
    tls_stream_destroy(client->tls);
    close(client->fd);
    client->watch = NULL;
    client->tls = NULL;
    client->fd = -1;
    spool_clear(&client->out, &front->spools);
    block_give(&front->blocks, client->in);
    client->in = NULL;
    free(client->application_state);
    client->application_state = NULL;
    rs_list_remove(&client->link);
    front->statistics.connections_now--;
    engine_bury(front, ENGINE_CLIENTS, &client->link);
}

/* Closing while the client still sends would make the system reset the connection, and the answer would be lost. */
void client_finish(struct front_client *client, bool more_may_come)
{
    if (client->tls)
        tls_stream_end(client->tls);
    shutdown(client->fd, SHUT_WR); /* with what the system still keeps (client_last) */
    if (!more_may_come || client->ended) {
        client_close(client);
        return;
    }
    block_give(&client->front->blocks, client->in);
    client->in = NULL;
    client->state = CLIENT_LINGER;
    client_wait(client, client->front->settings.linger_ms);
}

/* ---- sending ------------------------------------------------------------------------------------------- */

/* One attempt. TLS_DONE: `*sent` bytes went; TLS_WANTS_WRITE: none now; anything else: the client is gone. */
static enum tls_io send_some(struct front_client *client, rs_text bytes, size_t *sent)
{
    ssize_t size;

    if (client->tls) {
        enum tls_io end = tls_stream_write(client->tls, bytes, sent);
        return end == TLS_WANTS_READ ? TLS_WANTS_WRITE : end;
    }
    do
        size = send(client->fd, bytes.bytes, bytes.size, MSG_NOSIGNAL | (client->last ? MSG_MORE : 0));
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? TLS_WANTS_WRITE : TLS_CUT;
    *sent = (size_t)size;
    return TLS_DONE;
}

void client_last(struct front_client *client)
{
    client->last = true;
    if (client->tls)
        tls_stream_more(client->tls);
}

void client_gone(struct front_client *client, const char *detail)
{
    engine_trouble(client, client->exchange, client->exchange ? client->exchange->status : 0,
                   "Connection_Dropped", detail);
    client_close(client);
}

static bool keep_for_later(struct front_client *client, rs_text bytes)
{
    struct front *front = client->front;
    size_t memory_max = front->settings.response_memory;

    if (memory_max < BLOCK_SIZE) /* a TLS record that could not be sent must be offered again in one piece */
        memory_max = BLOCK_SIZE;
    if (spool_append(&client->out, &front->spools, bytes, memory_max))
        return true;
    engine_trouble(client, client->exchange, client->exchange ? client->exchange->status : 0, "TempFile",
                   strerror(errno));
    client_close(client);
    return false;
}

bool client_send(struct front_client *client, rs_text bytes)
{
    if (client->state == CLIENT_CLOSED)
        return false;
    while (bytes.size > 0 && spool_size(&client->out) == 0) {
        size_t sent = 0;
        enum tls_io end = send_some(client, bytes, &sent);
        if (end == TLS_WANTS_WRITE)
            break;
        if (end != TLS_DONE) {
            client_gone(client, "the client went away while it was sent a response");
            return false;
        }
        client->sent += sent;
        bytes = rs_text_from_offset(bytes, sent);
    }
    if (bytes.size == 0)
        return true;
    if (!keep_for_later(client, bytes))
        return false;
    client_rewatch(client);
    return true;
}

/* One attempt with what waits. TLS wants the same bytes again after it could not send them: blocks do not move, and
 * the first one is offered as long as something of it is left. */
static enum tls_io flush_some(struct front_client *client, size_t *sent, bool *good)
{
    struct front *front = client->front;
    struct iovec pieces[CLIENT_PIECES];
    size_t count;
    ssize_t size;

    if (client->tls) {
        rs_text next = spool_next(&client->out, &front->spools, good);
        return *good ? send_some(client, next, sent) : TLS_CUT;
    }
    count = spool_pieces(&client->out, &front->spools, pieces, CLIENT_PIECES, good);
    if (!*good)
        return TLS_CUT;
    do
        size = sendmsg(client->fd, &(struct msghdr){.msg_iov = pieces, .msg_iovlen = count},
                       MSG_NOSIGNAL | (client->last ? MSG_MORE : 0));
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? TLS_WANTS_WRITE : TLS_CUT;
    *sent = (size_t)size;
    return TLS_DONE;
}

static void client_flush(struct front_client *client)
{
    struct front *front = client->front;

    while (client->state != CLIENT_CLOSED && spool_size(&client->out) > 0) {
        size_t sent = 0;
        bool good = true;
        enum tls_io end = flush_some(client, &sent, &good);
        if (end == TLS_WANTS_WRITE)
            break;
        if (end != TLS_DONE) {
            client_gone(client, good ? "the client went away while it was sent a response"
                              : "a temporary file cannot be read");
            return;
        }
        client->sent += sent;
        spool_drop(&client->out, &front->spools, sent);
    }
    if (client->state == CLIENT_CLOSED)
        return;
    client->protocol->taken(client);
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

/* What a read that gave nothing means. */
static void no_bytes(struct front_client *client, enum tls_io end)
{
    client->readable = false;
    if (end == TLS_WANTS_WRITE)
        client->tls_wants_write = true;
    else if (end != TLS_WANTS_READ)
        client->ended = true;
}

static size_t read_some(struct front_client *client, char *bytes, size_t room)
{
    enum tls_io end = TLS_DONE;
    size_t got = 0;
    ssize_t size;

    client->tls_wants_write = false;
    if (client->tls && client->state != CLIENT_LINGER) {
        end = tls_stream_read(client->tls, bytes, room, &got);
        if (end == TLS_DONE)
            client->readable = tls_stream_has_bytes(client->tls);
    } else {
        do
            size = recv(client->fd, bytes, room, 0);
        while (size < 0 && errno == EINTR);
        if (size > 0) {
            got = (size_t)size;
            client->readable = false; /* the loop will tell of more: everybody has a turn */
        } else {
            bool later = size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
            end = later ? TLS_WANTS_READ : TLS_CUT;
        }
    }
    if (end != TLS_DONE)
        no_bytes(client, end);
    return got;
}

/* Room behind what is in `in`: move it to the front, or (a long head) to a larger block. False: there is none. */
static bool make_room(struct front_client *client)
{
    struct front *front = client->front;
    struct block *block = client->in, *larger;

    if (!block) {
        client->in = block_take(&front->blocks);
        return true;
    }
    if (block_room(block) > 0)
        return true;
    if (block->begin > 0) {
        memmove(block->bytes, block->bytes + block->begin, block_used(block));
        block->end -= block->begin;
        block->begin = 0;
        return true;
    }
    if (client->state != CLIENT_HEAD)
        return false;
    larger = block_take_large(&front->blocks, HTTP_HEAD_MAX + BLOCK_SIZE); /* never filled: 431 comes before */
    memcpy(larger->bytes, block->bytes, block->end);
    larger->end = block->end;
    block_give(&front->blocks, block);
    client->in = larger;
    return true;
}

/* True where bytes came. */
static bool read_more(struct front_client *client)
{
    size_t got;

    if (client->state == CLIENT_LINGER) {
        got = read_some(client, client->front->piece, ENGINE_PIECE);
        client->lingered += got;
        if (client->lingered > client->front->settings.linger_bytes)
            client->ended = true; /* it will not stop: cut off */
        return got > 0 && !client->ended;
    }
    if (!wants_bytes(client) || !make_room(client))
        return false;
    got = read_some(client, client->in->bytes + client->in->end, block_room(client->in));
    client->in->end += got;
    if (block_used(client->in) == 0) {
        block_give(&client->front->blocks, client->in);
        client->in = NULL;
    }
    if (got > 0 && client->state == CLIENT_BODY)
        client_wait(client, client->front->settings.body_ms);
    return got > 0;
}

/* ---- using what was read ---------------------------------------------------------------------------------------- */

void client_use(struct front_client *client, size_t size)
{
    if (!client->in)
        return;
    client->in->begin += size;
    if (block_used(client->in) == 0) {
        block_give(&client->front->blocks, client->in);
        client->in = NULL;
    }
}

/* One step forward with what is here; false where more must come from outside. */
static bool step(struct front_client *client)
{
    bool open = !is_early(client) && client->state != CLIENT_LINGER;

    if (open && client->protocol->step(client))
        return true;
    if (client->state == CLIENT_CLOSED)
        return false;
    if (client->readable && read_more(client))
        return true;
    if (!client->ended || client->state == CLIENT_CLOSED)
        return false;
    if (client->state == CLIENT_LINGER)
        client_close(client);
    else
        client->protocol->ended(client);
    return false;
}

void client_pump(struct front_client *client)
{
    if (client->pumping)
        return;
    client->pumping = true;
    while (client->state != CLIENT_CLOSED && step(client))
        ;
    client->pumping = false;
    client_rewatch(client);
}

/* ---- the handshake ------------------------------------------------------------------------------------------------- */

static void answer_plain_http(struct front_client *client)
{
    rs_text answer = page_plain_on_tls();

    engine_trouble(client, NULL, 400, "PlainOnTls", "an HTTP request without TLS came to a TLS port");
    tls_stream_destroy(client->tls);
    client->tls = NULL;
    if (send(client->fd, answer.bytes, answer.size, MSG_NOSIGNAL) < 0)
        client_close(client);
    else
        client_finish(client, true);
}

static void handshake_failed(struct front_client *client, enum tls_io end)
{
    char detail[256];

    client->front->statistics.handshakes_failed++;
    if (end == TLS_PLAIN_HTTP) {
        answer_plain_http(client);
        return;
    }
    if (end == TLS_REFUSED) {
        rs_text name = tls_stream_sni(client->tls);
        snprintf(detail, sizeof detail, "%.*s%s%.*s", RS_TEXT_ARG(tls_stream_problem(client->tls)),
                 name.size ? "; the client asked for " : "", RS_TEXT_ARG(name));
        engine_trouble(client, NULL, 0, "Handshake", detail);
    } /* a connection that just ends is a port check */
    client_close(client);
}

static void client_handshake(struct front_client *client)
{
    struct front_statistics *statistics = &client->front->statistics;
    enum tls_io end = tls_stream_handshake(client->tls);

    client->tls_wants_write = end == TLS_WANTS_WRITE;
    client->waits_key = end == TLS_WAITS_KEY;
    if (end == TLS_DONE) {
        if (tls_stream_is_proof(client->tls)) { /* it has seen what it wanted to */
            client_finish(client, false);
            return;
        }
        if (tls_stream_is_resumed(client->tls))
            statistics->handshakes_resumed++;
        else
            statistics->handshakes_full++;
        if (strcmp(tls_stream_version(client->tls), "TLSv1.3") == 0)
            statistics->handshakes_tls13++;
        else
            statistics->handshakes_tls12++;
        if (tls_stream_is_http2(client->tls))
            client->protocol = &http2_protocol;
        client->protocol->begin(client);
        client_replan(client); /* the plan may have changed meanwhile */
        if (client->state != CLIENT_CLOSED) /* the request may have come with the client's last message */
            client->readable = tls_stream_has_bytes(client->tls);
        client_pump(client);
    } else if (end != TLS_WANTS_READ && end != TLS_WANTS_WRITE && end != TLS_WAITS_KEY) {
        handshake_failed(client, end);
    }
    client_rewatch(client);
}

void client_wake(void *data)
{
    client_handshake(data);
}

static void client_preface(struct front_client *client)
{
    enum preface_end end = preface_read(client);

    if (end == PREFACE_READ) {
        client_start(client);
        client_ready(client, LOOP_READ); /* what follows may be here already */
        return;
    }
    if (end == PREFACE_WRONG)
        engine_trouble(client, NULL, 0, "BadRequest", "a trusted proxy sent a header of the PROXY protocol that is none");
    if (end != PREFACE_MORE)
        client_close(client);
    client_rewatch(client);
}

static void client_ready(void *data, int events)
{
    struct front_client *client = data;

    if (client->state == CLIENT_CLOSED)
        return;
    if (client->state == CLIENT_PREFACE) {
        client_preface(client);
        return;
    }
    if (client->state == CLIENT_HANDSHAKE) {
        if (!client->waits_key) /* a client that hangs up meanwhile is seen when the signature is there */
            client_handshake(client);
        return;
    }
    if (events & LOOP_READ || client->tls_wants_write)
        client->readable = true;
    if (spool_size(&client->out) > 0)
        client_flush(client);
    client_pump(client);
}

/* ---- from outside ---------------------------------------------------------------------------------------------------- */

/* Does the row that this connection came in by go on? */
enum row_fate { ROW_SAME, ROW_REPLACED, ROW_GONE };

static enum row_fate fate_of_row(const struct front_client *client)
{
    struct front *front = client->front;
    const struct front_listener *listener = listener_find(front, &client->local, client->local_port);
    const struct tables_binding *row;

    if (!listener || listener->secure != client->secure)
        return ROW_GONE;
    if (!client->tls)
        return ROW_SAME;
    row = tables_binding_select(front_plan_tables(front->plan), &client->local, client->local_port,
                                tls_stream_sni(client->tls));
    if (!row)
        return ROW_GONE;
    return row->generation == tls_binding_generation(tls_stream_binding(client->tls)) ? ROW_SAME
                                                                                      : ROW_REPLACED;
}

void client_replan(struct front_client *client)
{
    enum row_fate fate;

    if (client->state == CLIENT_CLOSED || is_early(client) ||
        client->state == CLIENT_LINGER || client->front->draining) /* there are no listeners to compare with any more */
        return;
    fate = fate_of_row(client);
    if (fate == ROW_SAME)
        return;
    client->draining = true;
    client->protocol->drain(client, fate == ROW_GONE);
}

void client_drain(struct front_client *client)
{
    client->draining = true;
    if (is_early(client) || client->state == CLIENT_LINGER)
        return;
    client->protocol->drain(client, false);
    if (client->state == CLIENT_IDLE)
        client_wait(client, client->answered ? CLIENT_STOP_MS : CLIENT_FIRST_MS);
}

static void out_of_time(struct front_client *client)
{
    switch (client->state) {
    case CLIENT_HANDSHAKE:
        client->front->statistics.handshakes_failed++;
        engine_trouble(client, NULL, 0, "Timer_Handshake", "the TLS handshake took too long");
        client_close(client);
        break;
    case CLIENT_PREFACE:
    case CLIENT_LINGER:
        client_close(client);
        break;
    default:
        client->protocol->out_of_time(client);
        break;
    }
    client_rewatch(client);
}

/* Bytes that the client's machine has acknowledged. The system takes megabytes before it says that it is full, and
 * then nothing for long: what it still holds is not counted. */
static uint64_t taken_by(const struct front_client *client)
{
    int held = 0;

    if (ioctl(client->fd, SIOCOUTQ, &held) != 0 || held < 0)
        held = 0;
    return client->sent > (uint64_t)held ? client->sent - (uint64_t)held : 0;
}

void client_sweep(struct front_client *client, int64_t now_ms)
{
    bool waits = spool_size(&client->out) > 0;

    if (client->deadline_ms != 0 && now_ms >= client->deadline_ms) {
        client->deadline_ms = 0;
        out_of_time(client);
    } else if (pace_is_too_slow(&client->pace, &client->front->settings, now_ms, waits, waits ? taken_by(client) : 0)) {
        engine_trouble(client, client->exchange, client->exchange ? client->exchange->status : 0,
                       "Timer_MinBytesPerSecond", "the client takes its response too slowly");
        client_close(client);
    } else {
        client->protocol->sweep(client, now_ms);
    }
}
