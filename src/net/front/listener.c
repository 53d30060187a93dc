#include "net/front/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "net/front/client.h"
#include "net/front/plan_inside.h"
#include "net/loop/listen.h"
#include "net/loop/loop.h"

#define ACCEPTS_PER_TURN 64 /* so that one port cannot keep the others waiting */

/* ---- accepting ---------------------------------------------------------------------------------- */

static void take_connection(struct front_listener *listener, int fd, const struct sockaddr *from)
{
    struct front *front = listener->front;
    struct tables_address remote = {0}, local = listener->address;
    uint16_t remote_port = 0, local_port = listener->port;

    tables_address_of_socket(from, &remote, &remote_port);
    if (local.family == TABLES_ANY) { /* which of our addresses was it? */
        struct sockaddr_storage own;
        socklen_t size = sizeof own;
        if (getsockname(fd, (struct sockaddr *)&own, &size) == 0)
            tables_address_of_socket((const struct sockaddr *)&own, &local, NULL);
    }
    client_open(front, fd, listener->secure, &remote, remote_port, &local, local_port);
}

static void refuse_connection(struct front *front, int fd)
{
    close(fd);
    front->statistics.connections_refused++;
    if (!front->limit_told)
        rs_log(RS_LOG_WARNING, "ConnLimit: %zu clients are connected, more are turned away",
               front->settings.connections_max);
    front->limit_told = true;
}

/* Until nobody waits, or `turns` have been taken. */
static void accept_waiting(struct front_listener *listener, int turns)
{
    struct front *front = listener->front;

    while (turns-- > 0) {
        struct sockaddr_storage from;
        socklen_t size = sizeof from;
        int fd = accept4(listener->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            if (front->statistics.connections_now >= front->settings.connections_max)
                refuse_connection(front, fd);
            else
                take_connection(listener, fd, (const struct sockaddr *)&from);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            rs_log(RS_LOG_ERROR, "cannot accept a connection: %s; trying again shortly", strerror(errno));
            loop_watch_for(listener->watch, 0);
            engine_watch_time(front); /* listener_resume_all is called in its turn */
            return;
        }
        if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

static void listener_ready(void *data, int events)
{
    (void)events;
    accept_waiting(data, ACCEPTS_PER_TURN);
}

void listener_resume_all(struct front *front)
{
    rs_list_each(link, &front->listeners)
        loop_watch_for(rs_list_object(link, struct front_listener, link)->watch, LOOP_READ);
}

const struct front_listener *listener_find(const struct front *front,
                                           const struct tables_address *address, uint16_t port)
{
    for (const struct rs_link *link = front->listeners.next; link != &front->listeners;
         link = link->next) {
        const struct front_listener *listener =
            (const struct front_listener *)((const char *)link - offsetof(struct front_listener, link));
        if (listener->port == port && (listener->address.family == TABLES_ANY ||
                                       tables_address_equal(&listener->address, address)))
            return listener;
    }
    return NULL;
}

/* ---- following the plan ---------------------------------------------------------------------------- */

static struct front_listener *listener_on(struct front *front, const struct tables_listener *row)
{
    rs_list_each(link, &front->listeners) {
        struct front_listener *listener = rs_list_object(link, struct front_listener, link);
        if (listener->port == row->port && tables_address_equal(&listener->address, &row->address))
            return listener;
    }
    return NULL;
}

static void listener_close(struct front_listener *listener, bool serve_waiting)
{
    rs_list_remove(&listener->link);
    if (serve_waiting) /* they were let in before the change */
        accept_waiting(listener, LOOP_BACKLOG);
    loop_watch_close(listener->watch);
    close(listener->fd);
    free(listener);
}

static rs_status open_socket(struct rs_job *job, struct front *front, const struct tables_listener *row,
                             int *out)
{
    char address[TABLES_ADDRESS_WRITTEN_MAX] = "";
    RS_VEC(int) beside = {0};

    if (row->address.family != TABLES_ANY)
        tables_address_write(&row->address, address);
    rs_list_each(link, &front->listeners) { /* a wildcard and a single address may change places */
        struct front_listener *other = rs_list_object(link, struct front_listener, link);
        if (other->port == row->port && !other->wanted)
            rs_vec_push(job, &beside, other->fd);
    }
    return loop_listen_beside(job, rs_text_from(address), row->port, beside.items, beside.count, out);
}

static rs_status listener_open(struct rs_job *job, struct front *front, struct front_plan *plan,
                               const struct tables_listener *row)
{
    const struct front_socket *given = front_plan_socket(plan, &row->address, row->port);
    struct front_listener *listener;
    int fd = -1, on = 1;

    if (given)
        fd = front_plan_take_socket(plan, given);
    else
        RS_TRY(open_socket(job, front, row, &fd));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* what is accepted inherits it */
    listener = calloc(1, sizeof *listener);
    if (!listener)
        rs_log_abort("no memory for a listener");
    listener->front = front;
    listener->address = row->address;
    listener->port = row->port;
    listener->fd = fd;
    listener->wanted = listener->opened = true;
    listener->watch = loop_watch_open(front->loop, fd, LOOP_READ, listener_ready, listener);
    if (!listener->watch) {
        close(fd);
        free(listener);
        return rs_fail(job, LOOP_ADDRESS, "the socket that was given for port %u cannot be watched", row->port);
    }
    rs_list_append(&front->listeners, &listener->link);
    return RS_OK;
}

static rs_status open_missing(struct rs_job *job, struct front *front, struct front_plan *plan)
{
    const struct tables_snapshot *tables = front_plan_tables(plan);

    for (size_t i = 0; i < tables_listener_count(tables); i++) {
        const struct tables_listener *row = tables_listener(tables, i);
        if (front_plan_sockets_are_all(plan) && !front_plan_socket(plan, &row->address, row->port))
            continue;
        if (!listener_on(front, row))
            RS_TRY(listener_open(job, front, plan, row));
    }
    return RS_OK;
}

static void mark_wanted(struct front *front, const struct tables_snapshot *tables)
{
    rs_list_each(link, &front->listeners) {
        struct front_listener *listener = rs_list_object(link, struct front_listener, link);
        listener->wanted = listener->opened = false;
    }
    for (size_t i = 0; i < tables_listener_count(tables); i++) {
        struct front_listener *listener = listener_on(front, tables_listener(tables, i));
        if (listener)
            listener->wanted = true;
    }
}

rs_status listener_apply(struct rs_job *job, struct front *front, struct front_plan *plan)
{
    const struct tables_snapshot *tables = front_plan_tables(plan);
    rs_status status;

    mark_wanted(front, tables);
    status = open_missing(job, front, plan);
    rs_list_each(link, &front->listeners) {
        struct front_listener *listener = rs_list_object(link, struct front_listener, link);
        if (status != RS_OK ? listener->opened : !listener->wanted)
            listener_close(listener, status == RS_OK);
    }
    front_plan_close_sockets(plan);
    if (status != RS_OK)
        return status;
    for (size_t i = 0; i < tables_listener_count(tables); i++) {
        const struct tables_listener *row = tables_listener(tables, i);
        struct front_listener *listener = listener_on(front, row);
        if (listener) /* none: its socket is missing */
            listener->secure = row->tls;
    }
    listener_resume_all(front);
    return RS_OK;
}

void listener_close_all(struct front *front)
{
    rs_list_each(link, &front->listeners)
        listener_close(rs_list_object(link, struct front_listener, link), false);
}
