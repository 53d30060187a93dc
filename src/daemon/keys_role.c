#include "daemon/keys_role.h"

#include <openssl/crypto.h>

#include "base/log.h"
#include "daemon/channel.h"
#include "daemon/sandbox.h"
#include "net/keys/server.h"
#include "net/loop/loop.h"
#include "net/pki/keys.h"

#define KEYS_MEMORY ((size_t)4 * 1024 * 1024) /* about 2000 RSA keys at one time; others are brought again when needed */
#define KEYS_MEMORY_LEAST 32                  /* bytes of its smallest piece */
#define KEYS_CHANNEL_MS 10000 /* a message is on its way already: the rest of it comes at once */

struct keys_role {
    struct loop *loop;
    struct keys_server *server;
    struct loop_watch *watch;
    int channel;
};

static void ask_for(void *data, const struct keys_id *key)
{
    struct keys_role *role = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct channel_message message = {.kind = KEYS_MISSING,
                                      .body = rs_text_of((const char *)key->bytes, sizeof key->bytes)};

    if (channel_send(job, role->channel, &message, KEYS_CHANNEL_MS) == RS_OK)
        return;
    rs_log(RS_LOG_ERROR, "the parent cannot be asked for a key");
    loop_stop(role->loop);
}

static rs_status on_message(struct rs_job *job, struct keys_role *role, struct channel_message *message)
{
    const struct keys_id *ids = (const struct keys_id *)message->body.bytes;

    switch (message->kind) {
    case KEYS_LOAD: {
        rs_status status = message->body.size < sizeof *ids
                               ? rs_fail(job, RS_INVALID, "a private key from the parent is not whole")
                               : keys_server_load(job, role->server, ids, rs_text_from_offset(message->body, sizeof *ids));
        OPENSSL_cleanse((char *)(uintptr_t)message->body.bytes, message->body.size);
        return status;
    }
    case KEYS_REFUSE:
        if (message->body.size == sizeof *ids)
            keys_server_refuse(role->server, ids);
        return RS_OK;
    case KEYS_RETAIN:
        keys_server_retain(role->server, ids, message->body.size / sizeof *ids);
        return RS_OK;
    case KEYS_ATTACH:
        if (message->fd_count == 1)
            keys_server_attach(role->server, message->fds[--message->fd_count]);
        return RS_OK;
    default:
        return rs_fail(job, RS_INVALID, "message %u from the parent is not known", message->kind);
    }
}

static void channel_ready(void *data, int events)
{
    struct keys_role *role = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct channel_message message;
    bool closed;
    rs_status status = channel_receive(job, role->channel, KEYS_CHANNEL_MS, &message, &closed);

    (void)events;
    if (status != RS_OK || closed) {
        loop_stop(role->loop);
    } else {
        status = on_message(job, role, &message);
        channel_close_fds(&message);
    }
    if (status != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "the channel to the parent: %.*s", RS_TEXT_ARG(why));
    }
}

/* Private numbers lie in memory that is not swapped out, where the system allows that much (RLIMIT_MEMLOCK). */
static rs_status enter_sandbox(struct rs_job *job, const struct sandbox_account *account)
{
    if (OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL) != 1)
        return rs_fail(job, RS_FAILED, "OpenSSL's configuration cannot be read"); /* later it could not be opened */
    if (CRYPTO_secure_malloc_init(KEYS_MEMORY, KEYS_MEMORY_LEAST) != 1)
        rs_log(RS_LOG_INFO, "the memory of private keys cannot be locked: it may be swapped out");
    return sandbox_enter(job, &(struct sandbox){.role = SANDBOX_KEYS, .account = *account});
}

rs_status keys_role_run(struct rs_job *job, const struct sandbox_account *account, int channel)
{
    RS_OWNED_FD owned_channel = channel;
    RS_OWNED(loop) loop = NULL;
    RS_OWNED(keys_server) server = NULL;
    struct keys_role role = {.channel = channel};

    pki_keys_protect_process();
    RS_TRY(loop_create(job, &loop));
    RS_TRY(keys_server_create(job, loop, &(struct keys_server_hooks){ask_for, &role}, &server));
    role.loop = loop;
    role.server = server;
    role.watch = loop_watch_open(loop, channel, LOOP_READ, channel_ready, &role);
    if (!role.watch)
        return rs_fail(job, RS_IO, "the channel to the parent cannot be watched");
    if (account)
        RS_TRY(enter_sandbox(job, account));
    loop_run(loop);
    loop_watch_close(role.watch);
    return RS_OK;
}
