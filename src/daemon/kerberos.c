#include "daemon/kerberos.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "daemon/kerberos_role.h"
#include "daemon/parent_state.h"
#include "daemon/paths.h"
#include "daemon/roles.h"
#include "daemon/sockets.h"

#define LOOK_MS 2000 /* between looks at the keytab */

/* Changes with every change of the file; 0: there is none. */
static uint64_t looks_like(const struct paths *paths)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text keytab = kerberos_keytab(job, paths);
    struct stat found;

    if (keytab.size == 0 || stat(rs_text_terminated(job, keytab), &found) != 0)
        return 0;
    struct {
        uint64_t device, number, size, s, ns, mode;
    } parts = {found.st_dev, found.st_ino, (uint64_t)found.st_size, (uint64_t)found.st_mtim.tv_sec,
               (uint64_t)found.st_mtim.tv_nsec, found.st_mode};
    return rs_hash(rs_text_of((const char *)&parts, sizeof parts)) | 1;
}

static bool is_wanted(const struct daemon_settings *settings)
{
    return settings->negotiate || settings->kerberos;
}

bool kerberos_is_on(const struct paths *paths, const struct daemon_settings *settings)
{
    return is_wanted(settings) && looks_like(paths) != 0;
}

void kerberos_init(struct parent *parent)
{
    parent->kerberos = (struct kerberos){
        .child = {.role = "kerberos", .number = 1, .run = roles_kerberos_thread, .run_data = parent, .pid = -1},
        .socket = -1,
    };
}

static void start(struct parent *parent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct kerberos *kerberos = &parent->kerberos;
    rs_status status = RS_OK;

    if (kerberos->socket < 0)
        status = sockets_listen_unix(job, parent->paths->kerberos_socket, SOCK_SEQPACKET, 0600, &kerberos->socket);
    if (status == RS_OK)
        status = child_start(job, &kerberos->child, parent->paths->instance, parent->single, kerberos->socket);
    if (status == RS_OK)
        return;
    rs_text why = rs_job_error(job);
    rs_log(RS_LOG_ERROR, "cannot start the process of the keytab: %.*s", RS_TEXT_ARG(why));
    kerberos->child.state = CHILD_WAITING;
    kerberos->child.due_ms = rs_clock_steady_ms() + LOOK_MS;
}

/* It holds nothing that would have to be finished; a worker that waits asks the next one. */
static void stop(struct parent *parent)
{
    struct child *child = &parent->kerberos.child;

    if (child->state == CHILD_RUNNING && !parent->single) {
        child_signal(child, SIGKILL);
        rs_vec_push(parent->job, &parent->leaving, child->pid);
        child->pid = -1;
    }
    if (!parent->single || child->state != CHILD_RUNNING)
        child->state = CHILD_STOPPED;
    child->backoff_ms = 0;
}

void kerberos_settle(struct parent *parent)
{
    struct kerberos *kerberos = &parent->kerberos;

    stop(parent);
    kerberos->seen = looks_like(parent->paths);
    if (is_wanted(&parent->settings) && kerberos->seen == 0)
        rs_log(RS_LOG_WARNING, "the settings want tickets of Kerberos, but there is no keytab: put one at \"%.*s\" (mode 0600)",
               RS_TEXT_ARG(parent->paths->keytab));
    else if (is_wanted(&parent->settings) && kerberos->child.state == CHILD_STOPPED)
        start(parent);
}

bool kerberos_tick(struct parent *parent, int64_t now_ms)
{
    struct kerberos *kerberos = &parent->kerberos;
    uint64_t before = kerberos->seen, now;

    if (kerberos->child.state == CHILD_WAITING && now_ms >= kerberos->child.due_ms)
        start(parent);
    if (now_ms < kerberos->look_due_ms || !is_wanted(&parent->settings) || parent->single)
        return false;
    kerberos->look_due_ms = now_ms + LOOK_MS;
    now = looks_like(parent->paths);
    if (now == before)
        return false;
    rs_log(RS_LOG_INFO, "the keytab has changed");
    kerberos_settle(parent);
    return (before == 0) != (now == 0);
}

bool kerberos_ended(struct parent *parent, pid_t pid, int wait_status)
{
    struct child *child = &parent->kerberos.child;

    if (child->pid != pid)
        return false;
    child->stopping = parent->stopping;
    child_ended(child, wait_status);
    child->pid = -1;
    return true;
}

void kerberos_close(struct parent *parent)
{
    struct kerberos *kerberos = &parent->kerberos;

    child_signal(&kerberos->child, SIGKILL);
    if (kerberos->socket < 0)
        return;
    shutdown(kerberos->socket, SHUT_RDWR); /* ends it where it is a thread */
    child_join(&kerberos->child);
    close(kerberos->socket);
    unlink(parent->paths->kerberos_socket.bytes);
}
