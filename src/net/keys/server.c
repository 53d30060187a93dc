#include "net/keys/server.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/list.h"
#include "base/log.h"
#include "net/keys/decode.h"
#include "net/keys/wire.h"
#include "net/loop/loop.h"

#define BUCKETS 4096        /* of the table of keys; their ids are digests already */
#define PARKED_MAX 4096     /* requests that wait for a key to be brought */
#define REPLY_WAIT_MS 1000  /* milliseconds: who does not take its replies for so long is let go */
#define REQUESTS_AT_ONCE 16   /* read by one system call */
#define REQUESTS_PER_TURN 64
#define PREPARED 64         /* keys that are ready to sign: the ones in use, mostly */

struct key {
    struct rs_link link; /* of its bucket */
    struct keys_id id;
    EVP_PKEY *key;
    bool wanted; /* keys_server_retain */
};

/* One of the keys above, with one of the schemes. */
struct prepared {
    const struct key *key; /* NULL: none */
    const struct keys_scheme *scheme;
    EVP_MD_CTX *context;
};

struct asker {
    struct rs_link link;
    struct keys_server *server;
    struct loop_watch *watch;
    int fd;
};

struct parked {
    struct rs_link link;
    struct asker *asker;
    struct keys_request request;
};

struct keys_server {
    struct loop *loop;
    struct keys_server_hooks hooks;
    struct rs_link buckets[BUCKETS];
    struct prepared prepared[PREPARED]; /* each in the place that its key's name tells */
    struct rs_link askers;
    struct rs_link parked;
    size_t parked_count;
    size_t count;
    uint64_t signatures;
    bool refusal_told;
};

/* ---- the table --------------------------------------------------------------------------------------- */

static struct rs_link *bucket_of(struct keys_server *server, const struct keys_id *id)
{
    return &server->buckets[(id->bytes[0] << 8 | id->bytes[1]) % BUCKETS];
}

static struct key *key_find(struct keys_server *server, const struct keys_id *id)
{
    rs_list_each(link, bucket_of(server, id)) {
        struct key *key = rs_list_object(link, struct key, link);
        if (memcmp(&key->id, id, sizeof *id) == 0)
            return key;
    }
    return NULL;
}

static void prepared_clear(struct prepared *prepared)
{
    EVP_MD_CTX_free(prepared->context);
    *prepared = (struct prepared){0};
}

/* NULL where the key does not fit the scheme. */
static const EVP_MD_CTX *prepare(struct keys_server *server, const struct key *key, const struct keys_scheme *scheme)
{
    struct prepared *prepared = &server->prepared[(key->id.bytes[2] ^ scheme->code) % PREPARED];

    if (prepared->key == key && prepared->scheme == scheme)
        return prepared->context;
    prepared_clear(prepared);
    prepared->context = keys_scheme_prepare(scheme, key->key);
    if (prepared->context) {
        prepared->key = key;
        prepared->scheme = scheme;
    }
    return prepared->context;
}

static void key_forget(struct keys_server *server, struct key *key)
{
    for (size_t i = 0; i < PREPARED; i++)
        if (server->prepared[i].key == key)
            prepared_clear(&server->prepared[i]);
    rs_list_remove(&key->link);
    EVP_PKEY_free(key->key); /* OpenSSL wipes private numbers */
    free(key);
    server->count--;
}

static void forget_all(struct keys_server *server)
{
    for (size_t i = 0; i < BUCKETS; i++)
        rs_list_each(link, &server->buckets[i])
            key_forget(server, rs_list_object(link, struct key, link));
}

/* ---- askers and answers ------------------------------------------------------------------------------ */

static void asker_close(struct asker *asker)
{
    struct keys_server *server = asker->server;

    rs_list_each(link, &server->parked) {
        struct parked *parked = rs_list_object(link, struct parked, link);
        if (parked->asker != asker)
            continue;
        rs_list_remove(&parked->link);
        server->parked_count--;
        free(parked);
    }
    rs_list_remove(&asker->link);
    loop_watch_close(asker->watch);
    close(asker->fd);
    free(asker);
}

/* False: the asker is gone. */
static bool reply(struct asker *asker, const struct keys_reply *message)
{
    size_t size = KEYS_REPLY_HEAD + message->size;

    for (;;) {
        struct pollfd wait = {.fd = asker->fd, .events = POLLOUT};
        ssize_t put = send(asker->fd, message, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put == (ssize_t)size)
            return true;
        if (put < 0 && errno == EINTR)
            continue;
        if (put >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || poll(&wait, 1, REPLY_WAIT_MS) == 0)
            return false;
    }
}

static bool answer(struct asker *asker, const struct keys_request *request, enum keys_outcome outcome,
                   const struct keys_scheme *scheme, struct key *key)
{
    struct keys_reply message = {.number = request->number, .outcome = (uint16_t)outcome};
    const EVP_MD_CTX *prepared = outcome == KEYS_SIGNED ? prepare(asker->server, key, scheme) : NULL;
    size_t size = 0;

    if (prepared &&
        keys_scheme_sign(prepared, rs_text_of((const char *)request->bytes, request->size), message.signature, &size))
        asker->server->signatures++;
    else if (outcome == KEYS_SIGNED)
        message.outcome = KEYS_FAILED;
    message.size = (uint16_t)size;
    return reply(asker, &message);
}

/* True where it waits now. */
static bool park(struct asker *asker, const struct keys_request *request)
{
    struct keys_server *server = asker->server;
    struct parked *parked;
    bool known = false;

    if (!server->hooks.missing || server->parked_count >= PARKED_MAX || !(parked = calloc(1, sizeof *parked)))
        return false;
    rs_list_each(link, &server->parked)
        known = known || memcmp(&rs_list_object(link, struct parked, link)->request.key, &request->key,
                                sizeof request->key) == 0;
    *parked = (struct parked){.asker = asker, .request = *request};
    rs_list_append(&server->parked, &parked->link);
    server->parked_count++;
    if (!known)
        server->hooks.missing(server->hooks.data, &request->key);
    return true;
}

/* Once: a process that was taken over could fill the log. */
static void tell_refusal(struct keys_server *server)
{
    if (!server->refusal_told)
        rs_log(RS_LOG_ERROR, "a signature was asked for that no TLS handshake needs; it was refused, and more of them will be");
    server->refusal_told = true;
}

/* False: the asker is gone. */
static bool serve(struct asker *asker, const struct keys_request *request, size_t size)
{
    const struct keys_scheme *scheme = NULL;
    enum keys_outcome outcome = keys_request_judge(request, size, &scheme);
    struct key *key;

    if (outcome != KEYS_SIGNED) {
        tell_refusal(asker->server);
        return size >= KEYS_REQUEST_HEAD && answer(asker, request, outcome, NULL, NULL);
    }
    key = key_find(asker->server, &request->key);
    if (!key && park(asker, request))
        return true;
    return answer(asker, request, key ? KEYS_SIGNED : KEYS_UNKNOWN, scheme, key);
}

/* What is here, or about `most` of it. */
static void serve_waiting(struct asker *asker, int most)
{
    struct keys_request requests[REQUESTS_AT_ONCE];
    struct iovec places[REQUESTS_AT_ONCE];
    struct mmsghdr messages[REQUESTS_AT_ONCE] = {0};

    for (size_t i = 0; i < REQUESTS_AT_ONCE; i++) {
        places[i] = (struct iovec){&requests[i], sizeof requests[i]};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &places[i], .msg_iovlen = 1};
    }
    for (int left = most; left > 0; left -= REQUESTS_AT_ONCE) {
        int count = recvmmsg(asker->fd, messages, REQUESTS_AT_ONCE, MSG_DONTWAIT | MSG_TRUNC, NULL);
        if (count < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
            asker_close(asker);
            return;
        }
        for (int i = 0; i < count; i++)
            if (messages[i].msg_len == 0 || !serve(asker, &requests[i], messages[i].msg_len)) {
                asker_close(asker);
                return;
            }
        if (count < REQUESTS_AT_ONCE) /* those that come now are told of in the next turn */
            return;
    }
}

static void asker_ready(void *data, int events)
{
    (void)events;
    serve_waiting(data, REQUESTS_PER_TURN);
}

void keys_server_attach(struct keys_server *server, int fd)
{
    struct asker *asker = calloc(1, sizeof *asker);

    if (!asker)
        rs_log_abort("no memory for a connection");
    asker->server = server;
    asker->fd = fd;
    asker->watch = loop_watch_open(server->loop, fd, LOOP_READ, asker_ready, asker);
    if (!asker->watch)
        rs_log_abort("the loop does not take a socket");
    rs_list_append(&server->askers, &asker->link);
}

/* ---- keys come and go -------------------------------------------------------------------------------- */

/* Requests for `id` that waited. */
static void unpark(struct keys_server *server, const struct keys_id *id, struct key *key)
{
    rs_list_each(link, &server->parked) {
        struct parked *parked = rs_list_object(link, struct parked, link);
        struct keys_request request = parked->request;
        struct asker *asker = parked->asker;
        const struct keys_scheme *scheme = keys_scheme_by_code(request.scheme);
        if (memcmp(&request.key, id, sizeof *id) != 0)
            continue;
        rs_list_remove(&parked->link);
        server->parked_count--;
        free(parked);
        if (!answer(asker, &request, key ? KEYS_SIGNED : KEYS_UNKNOWN, scheme, key))
            shutdown(asker->fd, SHUT_RDWR); /* closed in its next turn: its other requests may stand in this list */
    }
}

rs_status keys_server_load(struct rs_job *job, struct keys_server *server, const struct keys_id *expected, rs_text der)
{
    EVP_PKEY *loaded = server->count < KEYS_MAX ? keys_decode(der) : NULL;
    struct keys_id id;
    struct key *key;

    if (!loaded && server->count > 0) { /* no room in locked memory, it may be: keys that are forgotten are brought again */
        forget_all(server);
        loaded = keys_decode(der);
    }
    ERR_clear_error();
    if (!loaded || !(keys_id_in(der, &id) || keys_id_of(loaded, &id)) || memcmp(&id, expected, sizeof id) != 0) {
        EVP_PKEY_free(loaded);
        keys_server_refuse(server, expected);
        return rs_fail(job, PKI_KEY_REFUSED, "a private key that was handed over is damaged, of a kind that is not known, or "
                       "another one than its certificate has");
    }
    if (key_find(server, &id)) {
        EVP_PKEY_free(loaded);
        return RS_OK;
    }
    key = calloc(1, sizeof *key);
    if (!key)
        rs_log_abort("no memory for a key");
    key->id = id;
    key->key = loaded;
    rs_list_append(bucket_of(server, &id), &key->link);
    server->count++;
    unpark(server, &id, key);
    return RS_OK;
}

void keys_server_refuse(struct keys_server *server, const struct keys_id *key)
{
    unpark(server, key, NULL);
}

void keys_server_retain(struct keys_server *server, const struct keys_id *keys, size_t count)
{
    rs_list_each(link, &server->askers)
        serve_waiting(rs_list_object(link, struct asker, link), INT16_MAX);
    for (size_t i = 0; i < count; i++) {
        struct key *key = key_find(server, &keys[i]);
        if (key)
            key->wanted = true;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        rs_list_each(link, &server->buckets[i]) {
            struct key *key = rs_list_object(link, struct key, link);
            if (!key->wanted)
                key_forget(server, key);
            else
                key->wanted = false;
        }
    }
}

/* ---- beginning and end ------------------------------------------------------------------------------- */

rs_status keys_server_create(struct rs_job *job, struct loop *loop, const struct keys_server_hooks *hooks,
                             struct keys_server **out)
{
    struct keys_server *server = calloc(1, sizeof *server);

    if (!server)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the table of keys");
    server->loop = loop;
    if (hooks)
        server->hooks = *hooks;
    for (size_t i = 0; i < BUCKETS; i++)
        rs_list_init(&server->buckets[i]);
    rs_list_init(&server->askers);
    rs_list_init(&server->parked);
    *out = server;
    return RS_OK;
}

void keys_server_destroy(struct keys_server *server)
{
    if (!server)
        return;
    rs_list_each(link, &server->askers)
        asker_close(rs_list_object(link, struct asker, link));
    keys_server_retain(server, NULL, 0);
    free(server);
}

size_t keys_server_count(const struct keys_server *server)
{
    return server->count;
}

uint64_t keys_server_signatures(const struct keys_server *server)
{
    return server->signatures;
}
