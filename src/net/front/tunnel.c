#include "net/front/tunnel.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/log.h"
#include "net/front/forward.h"
#include "net/front/protocol.h"
#include "net/front/upstream.h"
#include "net/loop/loop.h"

#define TUNNEL_PIECES 16 /* of one writev */

/* Something moves. */
static void moves(struct front_exchange *exchange)
{
    if (!exchange->tunnel_drains)
        exchange_wait(exchange, exchange->front->settings.tunnel_ms, "Timer_ConnectionIdle");
}

void tunnel_resumed(struct front_exchange *exchange)
{
    moves(exchange);
}

void tunnel_drain(struct front_exchange *exchange)
{
    if (!exchange->tunnel || exchange->tunnel_drains)
        return;
    exchange->tunnel_drains = true;
    exchange_wait(exchange, exchange->front->settings.drain_ms, "Timer_ConnectionIdle");
}

static void broke(struct front_exchange *exchange)
{
    exchange_refuse(exchange, 502, "AppDropped", "The application ended the connection.");
}

static void end_if_over(struct front_exchange *exchange)
{
    struct front_upstream *upstream = exchange->upstream;

    if (!exchange->client_ended || !exchange->application_ended || spool_size(&upstream->out) > 0)
        return;
    upstream_close(upstream);
    exchange_response_done(exchange);
}

/* ---- towards the application ------------------------------------------------------------------- */

/* False: the exchange is over. */
static bool flush(struct front_exchange *exchange)
{
    struct front_upstream *upstream = exchange->upstream;
    struct front *front = exchange->front;

    while (spool_size(&upstream->out) > 0) {
        struct iovec pieces[TUNNEL_PIECES];
        struct msghdr message = {.msg_iov = pieces};
        bool good;
        ssize_t sent;
        message.msg_iovlen = spool_pieces(&upstream->out, &front->spools, pieces, TUNNEL_PIECES, &good);
        sent = good ? sendmsg(upstream->fd, &message, MSG_NOSIGNAL) : -1;
        if (sent < 0 && good && errno == EINTR)
            continue;
        if (sent < 0 && good && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (sent < 0) {
            broke(exchange);
            return false;
        }
        spool_drop(&upstream->out, &front->spools, (size_t)sent);
    }
    upstream->sending = spool_size(&upstream->out) > 0;
    upstream_rewatch(upstream);
    if (exchange->client_ended && !upstream->sending)
        shutdown(upstream->fd, SHUT_WR);
    return true;
}

bool tunnel_send(struct front_exchange *exchange, rs_text bytes)
{
    struct front_upstream *upstream = exchange->upstream;

    moves(exchange);
    exchange->body_size += bytes.size;
    spool_append(&upstream->out, &exchange->front->spools, bytes, SIZE_MAX); /* memory only: it cannot fail */
    return flush(exchange);
}

bool tunnel_is_full(const struct front_exchange *exchange)
{
    return spool_size(&exchange->upstream->out) >= TUNNEL_MEMORY;
}

void tunnel_client_ended(struct front_exchange *exchange)
{
    if (exchange->client_ended)
        return;
    exchange->client_ended = true;
    if (flush(exchange))
        end_if_over(exchange);
}

/* ---- from the application ---------------------------------------------------------------------- */

static void application_ended(struct front_exchange *exchange)
{
    exchange->application_ended = true;
    exchange->upstream->ended = true;
    upstream_rewatch(exchange->upstream);
    exchange->client->protocol->tunnel_shut(exchange);
    end_if_over(exchange);
}

static void receive(struct front_exchange *exchange)
{
    char *bytes = exchange->front->piece + ENGINE_FRAME;
    ssize_t got;

    do
        got = recv(exchange->upstream->fd, bytes, ENGINE_PIECE, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    if (got < 0) {
        broke(exchange);
    } else if (got == 0) {
        application_ended(exchange);
    } else {
        moves(exchange);
        exchange_response_body(exchange, bytes, (size_t)got, false);
    }
}

static void tunnel_ready(void *data, int events)
{
    struct front_upstream *upstream = data;
    struct front_exchange *exchange = upstream->exchange;

    if (events & LOOP_WRITE && upstream->sending) {
        if (!flush(exchange))
            return;
        if (!upstream->sending) {
            exchange->client->protocol->tunnel_ready(exchange);
            if (upstream->closed)
                return;
            end_if_over(exchange);
        }
    }
    if (upstream->closed || !(events & LOOP_READ) || exchange->throttled || upstream->ended)
        return;
    receive(exchange);
}

/* ---- the beginning ------------------------------------------------------------------------------ */

/* What the client sent ahead stands in front of everything that it sends now. */
static bool send_ahead(struct front_exchange *exchange)
{
    struct front *front = exchange->front;
    bool good;

    while (spool_size(&exchange->body) > 0) {
        rs_text next = spool_next(&exchange->body, &front->spools, &good);
        if (!good) {
            exchange_refuse(exchange, 500, "TempFile", "What the client sent could not be read back.");
            return false;
        }
        spool_append(&exchange->upstream->out, &front->spools, next, SIZE_MAX);
        spool_drop(&exchange->body, &front->spools, next.size);
    }
    return flush(exchange);
}

void tunnel_begin(struct front_exchange *exchange, const struct http_response *response, rs_text first)
{
    struct front_upstream *upstream = exchange->upstream;
    struct front *front = exchange->front;

    if (!upstream_leave_places(upstream)) {
        exchange_refuse(exchange, 503, "ConnLimit",
                        "Too many connections to the application at this address have been switched to another protocol.");
        return;
    }
    loop_watch_close(upstream->watch);
    upstream->watch = loop_watch_open(front->loop, upstream->fd, LOOP_READ, tunnel_ready, upstream);
    if (!upstream->watch)
        rs_log_abort("no memory for a tunnel");
    exchange->tunnel = true;
    moves(exchange);
    upstream_rewatch(upstream);
    if (!exchange_response_head(exchange, response, first, false) || !send_ahead(exchange))
        return;
    exchange->client->protocol->tunnel_ready(exchange);
}
