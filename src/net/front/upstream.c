/* net/front/upstream.c - the states of a connection to an application.
 *
 *   upstream_connect --at once--> busy     --in progress--> connecting --upstream_ready--> busy
 *   upstream_serve: send_request --all sent--> waiting for the response
 *                                --not yet--> sending --send_more--> waiting for the response
 *   read_head --head complete--> first_body --body goes on--> read_body --complete--> done
 *   read_head --101--> a tunnel (tunnel.c)
 *   done --it can take another request--> idle, --else--> closed
 *   idle --upstream_serve--> busy,  --anything comes, or its end--> closed
 *   any --failed: it broke--> closed; the request is tried once more, or answered 502, or cut off
 */
#include "net/front/upstream.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/log.h"
#include "net/front/forward.h"
#include "net/front/tunnel.h"
#include "net/loop/loop.h"

#define UPSTREAM_PIECES 16 /* of one writev */

static void upstream_ready(void *data, int events);

/* ---- opening and closing ------------------------------------------------------------------------------------ */

static int connect_socket(const struct front_app *app, bool *connecting)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_port = htons(app->port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool is_local = app->path[0] != '\0';
    int fd = socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, result, kept;

    if (fd < 0)
        return -1;
    if (is_local) {
        memcpy(local.sun_path, app->path, sizeof local.sun_path);
        result = connect(fd, (struct sockaddr *)&local, sizeof local);
    } else {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        result = connect(fd, (struct sockaddr *)&inet, sizeof inet);
    }
    *connecting = result != 0 && errno == EINPROGRESS;
    if (result == 0 || *connecting)
        return fd;
    kept = errno;
    close(fd);
    errno = kept;
    return -1;
}

enum upstream_open upstream_connect(struct front_app *app, struct front_upstream **out)
{
    struct front *front = app->front;
    struct front_upstream *upstream;
    bool connecting = false;
    int fd = connect_socket(app, &connecting);

    if (fd < 0) /* EAGAIN: the backlog of a Unix socket; EMFILE: descriptors come free */
        return errno == EAGAIN || errno == EMFILE || errno == ENFILE ? UPSTREAM_FULL : UPSTREAM_REFUSED;
    upstream = calloc(1, sizeof *upstream);
    if (!upstream)
        rs_log_abort("no memory for a connection to an application");
    upstream->front = front;
    upstream->fd = fd;
    upstream->watch = loop_watch_open(front->loop, fd, LOOP_READ, upstream_ready, upstream);
    if (!upstream->watch) {
        close(fd);
        free(upstream);
        errno = ENOMEM;
        return UPSTREAM_REFUSED;
    }
    upstream->app = app_ref(app);
    upstream->generation = app->generation;
    upstream->connecting = connecting;
    upstream->out = SPOOL_EMPTY;
    rs_list_append(&app->busy, &upstream->link);
    app->connections++;
    front->statistics.upstream_connections++;
    front->statistics.upstream_now++;
    *out = upstream;
    return UPSTREAM_OPEN;
}

void upstream_free(struct rs_link *link)
{
    struct front_upstream *upstream = rs_list_object(link, struct front_upstream, link);

    app_unref(upstream->app);
    free(upstream);
}

void upstream_close(struct front_upstream *upstream)
{
    struct front *front = upstream->front;
    struct front_app *app = upstream->app;

    if (upstream->closed)
        return;
    upstream->closed = true;
    if (upstream->exchange)
        upstream->exchange->upstream = NULL;
    upstream->exchange = NULL;
    loop_watch_close(upstream->watch);
    upstream->watch = NULL;
    close(upstream->fd);
    spool_clear(&upstream->out, &front->spools);
    http_trailers_clear(&upstream->trailers);
    block_give(&front->blocks, upstream->in);
    upstream->in = NULL;
    rs_list_remove(&upstream->link);
    if (upstream->tunnel)
        app->tunnels--;
    else
        app->connections--;
    front->statistics.upstream_now--;
    if (!rs_list_is_empty(&app->waiting)) /* there is room for another: in a turn of its own */
        loop_timer_start(app->again, 0, 0);
    engine_bury(front, ENGINE_UPSTREAMS, &upstream->link);
}

/* The connection broke, or the application says something that is no HTTP.
 *
 * A request that nobody can have seen is sent again on another connection: one of which not a byte was taken, or a
 * safe one without body that met a connection which had waited too long. */
static void failed(struct front_upstream *upstream, const char *reason, const char *detail)
{
    struct front_exchange *exchange = upstream->exchange;
    struct front_app *app = upstream->app;
    bool stale = upstream->reused && !upstream->got_any;
    bool again = exchange && stale && !exchange->retried &&
                 (!upstream->sent_any || (http_method_is_safe(exchange->request.method) &&
                                          exchange->request.body == HTTP_BODY_NONE));

    upstream_close(upstream);
    if (!exchange)
        return;
    if (again) {
        exchange->retried = exchange->fresh = true;
        exchange->deadline_ms = 0;
        app_engage(app, exchange);
    } else {
        exchange_refuse(exchange, 502, reason, detail);
    }
}

static void ended_early(struct front_upstream *upstream)
{
    failed(upstream, "AppDropped", "The application ended the connection before its answer was complete.");
}

/* ---- the request ------------------------------------------------------------------------------------------------ */

void upstream_rewatch(struct front_upstream *upstream)
{
    bool waits = upstream->ended || (upstream->exchange && upstream->exchange->throttled);

    loop_watch_for(upstream->watch, (waits ? 0 : LOOP_READ) | (upstream->sending ? LOOP_WRITE : 0));
}

/* All of the request is on its way, or the application does not want more of it. */
static void sent_all(struct front_upstream *upstream)
{
    upstream->sending = false;
    exchange_wait(upstream->exchange, exchange_response_ms(upstream->exchange), "Timer_Response");
    upstream_rewatch(upstream);
}

/* Writing failed: maybe the application answered before it had read everything, and closed. */
static void cannot_send(struct front_upstream *upstream)
{
    if (!upstream->sent_any) {
        ended_early(upstream);
        return;
    }
    upstream->keep_alive = false;
    spool_clear(&upstream->out, &upstream->front->spools);
    spool_clear(&upstream->exchange->body, &upstream->front->spools);
    sent_all(upstream);
}

static void send_more(struct front_upstream *upstream)
{
    struct front *front = upstream->front;
    struct front_exchange *exchange = upstream->exchange;

    for (;;) {
        struct spool *spool = spool_size(&upstream->out) > 0 ? &upstream->out : &exchange->body;
        struct iovec pieces[UPSTREAM_PIECES];
        struct msghdr message = {.msg_iov = pieces};
        bool good;
        ssize_t sent;
        message.msg_iovlen = spool_pieces(spool, &front->spools, pieces, UPSTREAM_PIECES, &good);
        if (!good) {
            exchange_refuse(exchange, 500, "TempFile", "The body of the request could not be read back.");
            return;
        }
        if (message.msg_iovlen == 0)
            break;
        sent = sendmsg(upstream->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            upstream_rewatch(upstream);
            return;
        }
        if (sent < 0) {
            cannot_send(upstream);
            return;
        }
        upstream->sent_any = true;
        spool_drop(spool, &front->spools, (size_t)sent);
        exchange_wait(exchange, exchange_response_ms(exchange), "Timer_Response");
    }
    sent_all(upstream);
}

/* The head, and the first piece of the body where it fits, in one write. */
static void send_request(struct front_upstream *upstream)
{
    struct front *front = upstream->front;
    struct front_exchange *exchange = upstream->exchange;
    struct http_writer writer = http_writer_on(front->out, ENGINE_OUT);
    size_t head_size, sent_of_body;
    ssize_t sent;
    bool good;
    rs_text body;

    forward_request(&writer, exchange);
    head_size = writer.used;
    body = spool_next(&exchange->body, &front->spools, &good);
    http_write_bytes(&writer, body);
    if (!http_writer_is_good(&writer) || !good) {
        exchange_refuse(exchange, 500, "TempFile", "The request could not be put together for the application.");
        return;
    }
    upstream->sending = true;
    exchange_wait(exchange, exchange_response_ms(exchange), "Timer_Response");
    do
        sent = send(upstream->fd, writer.bytes, writer.used, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
        cannot_send(upstream);
        return;
    }
    sent = sent < 0 ? 0 : sent;
    upstream->sent_any = sent > 0;
    sent_of_body = (size_t)sent > head_size ? (size_t)sent - head_size : 0;
    spool_drop(&exchange->body, &front->spools, sent_of_body);
    if ((size_t)sent < head_size)
        spool_append(&upstream->out, &front->spools,
                     rs_text_of(writer.bytes + sent, head_size - (size_t)sent), SIZE_MAX);
    if ((size_t)sent == writer.used && spool_size(&exchange->body) == 0)
        sent_all(upstream);
    else
        send_more(upstream);
}

void upstream_serve(struct front_upstream *upstream, struct front_exchange *exchange)
{
    assert(!upstream->exchange && !upstream->closed);
    rs_list_remove(&upstream->link);
    rs_list_append(&upstream->app->busy, &upstream->link);
    upstream->exchange = exchange;
    exchange->upstream = upstream;
    upstream->sent_any = upstream->got_any = upstream->head_done = false;
    upstream->keep_alive = true;
    upstream->left = 0;
    memset(&upstream->chunked, 0, sizeof upstream->chunked);
    http_response_init(&upstream->response);
    if (upstream->reused)
        upstream->front->statistics.upstream_reused++;
    if (!upstream->connecting) {
        send_request(upstream);
        return;
    }
    exchange_wait(exchange, upstream->front->settings.connect_ms, "AppOffline");
    loop_watch_for(upstream->watch, LOOP_WRITE);
}

bool upstream_leave_places(struct front_upstream *upstream)
{
    struct front_app *app = upstream->app;

    if (app->tunnels >= upstream->front->settings.tunnels_max)
        return false;
    upstream->tunnel = true;
    app->tunnels++;
    app->connections--;
    if (!rs_list_is_empty(&app->waiting)) /* in a turn of its own */
        loop_timer_start(app->again, 0, 0);
    return true;
}

/* ---- the response ------------------------------------------------------------------------------------------------ */

/* The response is complete: first the connection is free for the next, then the client is served on. */
static void done(struct front_upstream *upstream)
{
    struct front_exchange *exchange = upstream->exchange;
    struct front_app *app = upstream->app;
    bool again = upstream->keep_alive && !upstream->sending && upstream->generation == app->generation &&
                 app->present && app->state == FRONT_ONLINE;

    app_ref(app);
    block_give(&upstream->front->blocks, upstream->in);
    upstream->in = NULL;
    if (again) {
        upstream->exchange = NULL;
        exchange->upstream = NULL;
        upstream->reused = true;
        upstream->idle_since_ms = loop_now_ms(upstream->front->loop);
        rs_list_remove(&upstream->link);
        rs_list_append(app->idle.next, &upstream->link); /* before the first: the last used is used first */
        loop_watch_for(upstream->watch, LOOP_READ);
        app_next(app);
    } else {
        upstream_close(upstream);
    }
    app_unref(app);
    exchange_response_done(exchange);
}

/* They leave when the client takes them; the connection is another request's by then. */
static void hand_over_trailers(struct front_upstream *upstream)
{
    http_trailers_done(&upstream->trailers);
    upstream->exchange->reply_trailers = upstream->trailers;
    upstream->trailers = (struct http_trailers){0};
}

/* Take the framing off `bytes`, in place: `*size` bytes of body stay at their start. False: it is wrong. */
static bool unframe(struct front_upstream *upstream, char *bytes, size_t *size, bool *complete)
{
    size_t given = *size, used = 0, kept = 0, taken;
    enum http_parse end = HTTP_MORE;
    rs_text run;

    switch (upstream->response.body) {
    case HTTP_BODY_TO_END:
        *complete = false;
        return true;
    case HTTP_BODY_CHUNKED:
        while (used < given && end == HTTP_MORE) {
            end = http_chunked_decode(&upstream->chunked, rs_text_of(bytes + used, given - used), &taken, &run);
            http_trailers_add_lines(&upstream->trailers, upstream->chunked.trailer);
            if (run.size > 0)
                memmove(bytes + kept, run.bytes, run.size);
            kept += run.size;
            used += taken;
        }
        *complete = end == HTTP_DONE;
        if (*complete)
            hand_over_trailers(upstream);
        break;
    default: /* counted, or none: nothing is left then */
        kept = used = upstream->left < given ? (size_t)upstream->left : given;
        upstream->left -= kept;
        *complete = upstream->left == 0;
        break;
    }
    if (used < given) /* what stands behind a response belongs to nobody */
        upstream->keep_alive = false;
    *size = kept;
    return end != HTTP_BAD;
}

/* The head is parsed; what is behind it in the block is the beginning of the body. */
static void first_body(struct front_upstream *upstream)
{
    struct front_exchange *exchange = upstream->exchange;
    char *rest = upstream->in->bytes + upstream->in->begin + upstream->response.head_size;
    size_t size = block_used(upstream->in) - upstream->response.head_size;
    bool complete;

    upstream->head_done = true;
    upstream->left = upstream->response.body == HTTP_BODY_COUNTED ? upstream->response.content_length : 0;
    upstream->keep_alive = upstream->keep_alive && upstream->response.keep_alive;
    if (!unframe(upstream, rest, &size, &complete)) {
        failed(upstream, "AppBadResponse", upstream->chunked.fault.sentence);
        return;
    }
    if (!exchange_response_head(exchange, &upstream->response, rs_text_of(rest, size), complete))
        return;
    if (complete) {
        done(upstream);
        return;
    }
    block_give(&upstream->front->blocks, upstream->in);
    upstream->in = NULL;
}

/* 101: what it speaks from now on is its and the client's business, if the client asked for it. */
static void switch_protocols(struct front_upstream *upstream)
{
    struct front_exchange *exchange = upstream->exchange;
    const struct http_response *response = &upstream->response;
    struct block *block = upstream->in;
    rs_text upgrade = http_fields_find(&response->fields, HTTP_UPGRADE);

    if (!rs_text_equal_nocase(upgrade, exchange->request.upgrade) || upgrade.size == 0) {
        failed(upstream, "AppBadResponse", "the application switches to a protocol that nobody asked for");
        return;
    }
    upstream->head_done = true;
    upstream->in = NULL; /* the tunnel may close the upstream; the head is needed until it has begun */
    tunnel_begin(exchange, response, rs_text_from_offset(block_text(block), response->head_size));
    block_give(&upstream->front->blocks, block);
}

/* Look for a head in what is here; interim responses are dropped. */
static void parse_head(struct front_upstream *upstream)
{
    struct block *block = upstream->in;

    while (block_used(block) > 0) {
        struct http_response *response = &upstream->response;
        enum http_parse end =
            http_response_parse(response, upstream->exchange->request.method, block_text(block));
        if (end == HTTP_MORE)
            return;
        if (end == HTTP_BAD) {
            failed(upstream, "AppBadResponse", response->fault.sentence);
            return;
        }
        if (response->status == 101) {
            switch_protocols(upstream);
            return;
        }
        if (response->status >= 200) {
            first_body(upstream);
            return;
        }
        block->begin += response->head_size;
        http_response_init(response);
    }
}

/* What recv gave: bytes, nothing now (-1), the end (0). */
static ssize_t receive(struct front_upstream *upstream, char *bytes, size_t room)
{
    ssize_t got;

    do
        got = recv(upstream->fd, bytes, room, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        return 0; /* broken is as good as ended */
    return got;
}

static void read_head(struct front_upstream *upstream)
{
    struct front *front = upstream->front;
    struct block *block = upstream->in;
    ssize_t got;

    if (!block)
        block = upstream->in = block_take(&front->blocks);
    if (block_room(block) == 0) { /* a long head */
        block = block_take_large(&front->blocks, HTTP_HEAD_MAX + BLOCK_SIZE); /* never filled: it is refused before */
        memcpy(block->bytes, upstream->in->bytes + upstream->in->begin, block_used(upstream->in));
        block->end = block_used(upstream->in);
        block_give(&front->blocks, upstream->in);
        upstream->in = block;
    }
    got = receive(upstream, block->bytes + block->end, block_room(block));
    if (got < 0)
        return;
    if (got == 0) {
        ended_early(upstream);
        return;
    }
    upstream->got_any = true;
    block->end += (size_t)got;
    exchange_wait(upstream->exchange, exchange_response_ms(upstream->exchange), "Timer_Response");
    parse_head(upstream);
}

static void read_body(struct front_upstream *upstream)
{
    struct front_exchange *exchange = upstream->exchange;
    char *bytes = upstream->front->piece + ENGINE_FRAME;
    ssize_t got = receive(upstream, bytes, ENGINE_PIECE);
    size_t size = got > 0 ? (size_t)got : 0;
    bool complete = false;

    if (got < 0)
        return;
    if (got == 0) {
        if (upstream->response.body != HTTP_BODY_TO_END) {
            ended_early(upstream);
            return;
        }
        complete = true;
    } else if (!unframe(upstream, bytes, &size, &complete)) {
        failed(upstream, "AppBadResponse", upstream->chunked.fault.sentence);
        return;
    }
    exchange_wait(exchange, exchange_response_ms(exchange), "Timer_Response");
    if (!exchange_response_body(exchange, bytes, size, complete))
        return;
    if (complete)
        done(upstream);
}

static void connected(struct front_upstream *upstream)
{
    struct front_exchange *exchange = upstream->exchange;
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(upstream->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
        upstream_close(upstream);
        exchange_refuse(exchange, 503, "AppOffline", "The application at this address is not running.");
        return;
    }
    upstream->connecting = false;
    send_request(upstream);
}

static void upstream_ready(void *data, int events)
{
    struct front_upstream *upstream = data;

    if (upstream->connecting) {
        connected(upstream);
        return;
    }
    if (!upstream->exchange) { /* idle: it ended, or says something that nobody asked for */
        upstream_close(upstream);
        return;
    }
    if (events & LOOP_WRITE && upstream->sending)
        send_more(upstream);
    if (upstream->closed || !upstream->exchange || !(events & LOOP_READ) || upstream->exchange->throttled)
        return;
    if (upstream->head_done)
        read_body(upstream);
    else
        read_head(upstream);
}
