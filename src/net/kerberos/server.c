#include "net/kerberos/server.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/log.h"
#include "net/kerberos/wire.h"
#include "net/loop/loop.h"

#define ANSWER_MEMORY ((size_t)4 * 1024 * 1024) /* of one answer: a few tokens */

struct pending {
    char handle[KERBEROS_HANDLE_SIZE];
    struct kerberos_context *context; /* NULL: free */
    int64_t until_ms;
};

struct asker {
    struct rs_link link; /* of server->askers */
    struct kerberos_server *server;
    struct loop_watch *watch;
    int fd;
};

struct kerberos_server {
    struct loop *loop;
    struct kerberos_acceptor *acceptor;
    struct loop_watch *watch;
    int listen_fd;
    struct rs_link askers;
    size_t asker_count;
    struct pending pending[KERBEROS_PENDING_MAX];
    char message[KERBEROS_MESSAGE_MAX];
};

/* ---- logons that are not done yet -------------------------------------------------------------------------- */

static void forget(struct pending *pending)
{
    kerberos_context_destroy(pending->context);
    *pending = (struct pending){0};
}

/* NULL: there is none of this name, or no more. */
static struct kerberos_context *take_pending(struct kerberos_server *server, rs_text handle)
{
    struct kerberos_context *found = NULL;
    int64_t now = loop_now_ms(server->loop);

    for (size_t i = 0; i < KERBEROS_PENDING_MAX; i++) {
        struct pending *pending = &server->pending[i];
        if (pending->context && pending->until_ms <= now)
            forget(pending);
        if (pending->context && memcmp(pending->handle, handle.bytes, KERBEROS_HANDLE_SIZE) == 0) {
            found = pending->context;
            *pending = (struct pending){0};
        }
    }
    return found;
}

static rs_text keep_pending(struct kerberos_server *server, struct kerberos_context *context)
{
    struct pending *place = &server->pending[0];

    for (size_t i = 1; i < KERBEROS_PENDING_MAX && place->context; i++)
        if (!server->pending[i].context || server->pending[i].until_ms < place->until_ms)
            place = &server->pending[i];
    forget(place);
    if (getrandom(place->handle, sizeof place->handle, 0) != sizeof place->handle)
        rs_log_abort("no random numbers");
    place->context = context;
    place->until_ms = loop_now_ms(server->loop) + KERBEROS_PENDING_MS;
    return rs_text_of(place->handle, sizeof place->handle);
}

/* ---- a question ---------------------------------------------------------------------------------------------- */

static void answer(struct rs_job *job, struct kerberos_server *server, const struct kerberos_question *question,
                   struct kerberos_answer *out)
{
    struct kerberos_context *context = NULL;

    *out = (struct kerberos_answer){0};
    if (question->handle.size > 0) {
        context = take_pending(server, question->handle);
        if (!context) {
            out->verdict = (struct kerberos_verdict){.outcome = KERBEROS_REFUSED,
                                                     .why = RS_TEXT("the logon that this token belongs to is over")};
            return;
        }
    }
    kerberos_accept(job, server->acceptor, &context, question->token, question->channel, &out->verdict);
    if (out->verdict.outcome == KERBEROS_MORE)
        out->handle = keep_pending(server, context);
}

static void asker_close(struct asker *asker)
{
    loop_watch_close(asker->watch);
    close(asker->fd);
    rs_list_remove(&asker->link);
    asker->server->asker_count--;
    free(asker);
}

static void asker_ready(void *data, int events)
{
    struct asker *asker = data;
    struct kerberos_server *server = asker->server;
    struct rs_job_options options = {.memory_limit = ANSWER_MEMORY};
    struct kerberos_question question;
    struct kerberos_answer said;
    ssize_t got = recv(asker->fd, server->message, sizeof server->message, MSG_DONTWAIT | MSG_TRUNC);

    (void)events;
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    if (got <= 0 || (size_t)got > sizeof server->message ||
        !kerberos_question_read(rs_text_of(server->message, (size_t)got), &question)) {
        asker_close(asker);
        return;
    }
    RS_OWNED(rs_job) job = rs_job_create(&options);
    rs_buf written = rs_buf_in(job);
    answer(job, server, &question, &said);
    kerberos_answer_write(&written, &said);
    rs_text bytes = rs_buf_text(&written);
    if (send(asker->fd, bytes.bytes, bytes.size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)bytes.size)
        asker_close(asker);
}

/* ---- connections ---------------------------------------------------------------------------------------------- */

static void asker_open(struct kerberos_server *server, int fd)
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
    server->asker_count++;
}

/* accept says no more than that nobody is there. */
static bool is_shut_down(int fd)
{
    struct pollfd look = {.fd = fd};

    return poll(&look, 1, 0) > 0 && look.revents & POLLHUP;
}

static void listener_ready(void *data, int events)
{
    struct kerberos_server *server = data;
    int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)events;
    if (fd >= 0 && server->asker_count < KERBEROS_CONNECTIONS_MAX)
        asker_open(server, fd);
    else if (fd >= 0)
        close(fd);
    else if (is_shut_down(server->listen_fd))
        loop_stop(server->loop);
}

rs_status kerberos_server_create(struct rs_job *job, struct loop *loop, struct kerberos_acceptor *acceptor, int listen_fd,
                                 struct kerberos_server **out)
{
    RS_OWNED(kerberos_server) server = calloc(1, sizeof *server);

    if (!server)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the table of logons");
    rs_list_init(&server->askers);
    server->loop = loop;
    server->acceptor = acceptor;
    server->listen_fd = listen_fd;
    server->watch = loop_watch_open(loop, listen_fd, LOOP_READ, listener_ready, server);
    if (!server->watch)
        return rs_fail(job, RS_IO, "the socket for logons cannot be watched");
    *out = rs_move(server);
    return RS_OK;
}

void kerberos_server_destroy(struct kerberos_server *server)
{
    if (!server)
        return;
    rs_list_each(link, &server->askers)
        asker_close(rs_list_object(link, struct asker, link));
    for (size_t i = 0; i < KERBEROS_PENDING_MAX; i++)
        forget(&server->pending[i]);
    loop_watch_close(server->watch);
    free(server);
}
