#include "net/keys/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/async.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "net/keys/wire.h"
#include "net/loop/loop.h"

#define CLIENT_WAIT_MS 2000 /* milliseconds: of who cannot pause */
#define REPLIES_AT_ONCE 8   /* read by one system call */

/* One request; lives on the stack of who asks, which may be that of a paused job. */
struct waiting {
    struct rs_link link;
    struct keys_request request;
    bool sent;
    bool answered;
    enum keys_outcome outcome;
    unsigned char *signature; /* KEYS_SIGNATURE_MAX bytes, the asker's */
    size_t signature_size;
    struct keys_wait *wait; /* NULL: waits here */
};

struct keys_client {
    struct loop *loop;
    struct keys_signer signer;
    struct loop_watch *watch;
    int fd; /* -1: no connection now */
    uint32_t last_number;
    size_t count;
    struct rs_link waiting; /* without a reply */
    struct rs_link answered; /* to be woken */
    bool wakes; /* wake_answered is due */
};

/* ---- the socket -------------------------------------------------------------------------------------- */

static void disconnect(struct keys_client *client)
{
    loop_watch_close(client->watch);
    client->watch = NULL;
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

static void lost(struct keys_client *client)
{
    rs_log(RS_LOG_WARNING, "the process of the keys is gone; handshakes wait for the next one");
    disconnect(client);
}

/* False: not now. A connection that is broken is closed. */
static bool send_one(struct keys_client *client, struct waiting *waiting)
{
    size_t size = KEYS_REQUEST_HEAD + waiting->request.size;
    ssize_t put;

    do
        put = send(client->fd, &waiting->request, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (put < 0 && errno == EINTR);
    waiting->sent = put == (ssize_t)size;
    if (!waiting->sent && errno != EAGAIN && errno != EWOULDBLOCK)
        lost(client);
    return waiting->sent;
}

static void send_unsent(struct keys_client *client)
{
    bool all = true;

    rs_list_each(link, &client->waiting) {
        struct waiting *waiting = rs_list_object(link, struct waiting, link);
        if (client->fd < 0)
            return;
        if (!waiting->sent)
            all = send_one(client, waiting) && all;
        if (!all)
            break;
    }
    if (client->fd >= 0)
        loop_watch_for(client->watch, all ? LOOP_READ : LOOP_READ | LOOP_WRITE);
}

static struct waiting *find(struct keys_client *client, uint32_t number)
{
    rs_list_each(link, &client->waiting) {
        struct waiting *waiting = rs_list_object(link, struct waiting, link);
        if (waiting->request.number == number)
            return waiting;
    }
    return NULL; /* who asked is gone */
}

static void take_reply(struct keys_client *client, const struct keys_reply *reply)
{
    struct waiting *waiting = find(client, reply->number);

    if (!waiting)
        return;
    waiting->answered = true;
    waiting->outcome = reply->outcome;
    waiting->signature_size = reply->size;
    memcpy(waiting->signature, reply->signature, reply->size);
    rs_list_remove(&waiting->link);
    rs_list_append(&client->answered, &waiting->link);
}

/* Everything that is here. */
static void read_replies(struct keys_client *client)
{
    struct keys_reply replies[REPLIES_AT_ONCE];
    struct iovec places[REPLIES_AT_ONCE];
    struct mmsghdr messages[REPLIES_AT_ONCE] = {0};
    int count = REPLIES_AT_ONCE;

    for (size_t i = 0; i < REPLIES_AT_ONCE; i++) {
        places[i] = (struct iovec){&replies[i], sizeof replies[i]};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &places[i], .msg_iovlen = 1};
    }
    while (count == REPLIES_AT_ONCE) { /* fewer: that was all */
        count = recvmmsg(client->fd, messages, REPLIES_AT_ONCE, MSG_DONTWAIT, NULL);
        if (count < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
            lost(client);
        for (int i = 0; i < count; i++) {
            size_t size = messages[i].msg_len;
            if (size < KEYS_REPLY_HEAD || size - KEYS_REPLY_HEAD != replies[i].size) {
                lost(client);
                return;
            }
            take_reply(client, &replies[i]);
        }
    }
}

/* ---- waking ------------------------------------------------------------------------------------------ */

/* A handshake that is woken takes itself off the list; it may ask again, or end others. */
static void wake_answered(void *data)
{
    struct keys_client *client = data;

    client->wakes = false;
    while (!rs_list_is_empty(&client->answered)) {
        struct waiting *waiting = rs_list_object(client->answered.next, struct waiting, link);
        rs_list_remove(&waiting->link);
        if (waiting->wait)
            waiting->wait->wake(waiting->wait->data);
    }
}

static void socket_ready(void *data, int events)
{
    struct keys_client *client = data;

    if (events & LOOP_READ)
        read_replies(client);
    if (events & LOOP_WRITE && client->fd >= 0)
        send_unsent(client);
    wake_answered(client);
}

/* ---- asking ------------------------------------------------------------------------------------------ */

/* A job does not show what SSL_set_async_callback_arg was given; but it calls who was set there. */
static _Thread_local struct keys_wait *wait_called;

int keys_wake(SSL *ssl, void *wait)
{
    (void)ssl;
    wait_called = wait;
    return 1;
}

static struct keys_wait *wait_of_job(ASYNC_JOB *job)
{
    ASYNC_callback_fn callback = NULL;
    void *argument = NULL;

    wait_called = NULL;
    if (job && ASYNC_WAIT_CTX_get_callback(ASYNC_get_wait_ctx(job), &callback, &argument) == 1 && callback)
        callback(argument);
    return wait_called;
}

static void wait_here(struct keys_client *client, struct waiting *waiting)
{
    int64_t until_ms = rs_clock_steady_ms() + CLIENT_WAIT_MS;

    while (!waiting->answered && client->fd >= 0) {
        struct pollfd poll_for = {.fd = client->fd, .events = waiting->sent ? POLLIN : POLLIN | POLLOUT};
        int64_t left_ms = until_ms - rs_clock_steady_ms();
        if (left_ms <= 0)
            return;
        if (poll(&poll_for, 1, (int)left_ms) < 0 && errno != EINTR)
            return;
        read_replies(client);
        if (!waiting->sent && client->fd >= 0)
            send_one(client, waiting);
    }
    if (!rs_list_is_empty(&client->answered) && !client->wakes) { /* others, whose turn comes */
        client->wakes = true;
        loop_post(client->loop, wake_answered, client);
    }
}

static bool client_sign(void *data, const struct keys_id *key, const struct keys_scheme *scheme, rs_text bytes,
                        unsigned char *out, size_t *out_size)
{
    struct keys_client *client = data;
    struct waiting waiting = {
        .request = {.number = ++client->last_number, .scheme = scheme->code, .size = (uint16_t)bytes.size, .key = *key},
        .signature = out,
        .wait = wait_of_job(ASYNC_get_current_job()),
    };

    if (bytes.size > KEYS_SIGNED_MAX)
        return false;
    memcpy(waiting.request.bytes, bytes.bytes, bytes.size);
    rs_list_append(&client->waiting, &waiting.link);
    client->count++;
    if (client->fd >= 0 && !send_one(client, &waiting) && client->fd >= 0)
        loop_watch_for(client->watch, LOOP_READ | LOOP_WRITE);
    if (waiting.wait)
        while (!waiting.answered && !waiting.wait->abandoned)
            ASYNC_pause_job();
    else
        wait_here(client, &waiting);
    rs_list_remove(&waiting.link);
    client->count--;
    *out_size = waiting.signature_size;
    if (waiting.answered && waiting.outcome != KEYS_SIGNED)
        rs_log(RS_LOG_ERROR, "the process of the keys does not sign: %s",
               waiting.outcome == KEYS_UNKNOWN   ? "it has no such key"
               : waiting.outcome == KEYS_REFUSED ? "that is nothing a TLS server signs"
                                                 : "the key failed");
    return waiting.answered && waiting.outcome == KEYS_SIGNED;
}

/* ---- beginning and end ------------------------------------------------------------------------------- */

rs_status keys_client_create(struct rs_job *job, struct loop *loop, struct keys_client **out)
{
    struct keys_client *client = calloc(1, sizeof *client);

    if (!client)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the way to the keys");
    client->loop = loop;
    client->fd = -1;
    client->signer = (struct keys_signer){client_sign, client};
    rs_list_init(&client->waiting);
    rs_list_init(&client->answered);
    *out = client;
    return RS_OK;
}

void keys_client_destroy(struct keys_client *client)
{
    if (!client)
        return;
    disconnect(client);
    free(client);
}

void keys_client_connect(struct keys_client *client, int fd)
{
    disconnect(client);
    client->fd = fd;
    client->watch = loop_watch_open(client->loop, fd, LOOP_READ, socket_ready, client);
    if (!client->watch) {
        lost(client);
        return;
    }
    rs_list_each(link, &client->waiting)
        rs_list_object(link, struct waiting, link)->sent = false;
    send_unsent(client);
}

const struct keys_signer *keys_client_signer(const struct keys_client *client)
{
    return &client->signer;
}

size_t keys_client_waiting(const struct keys_client *client)
{
    return client->count;
}
