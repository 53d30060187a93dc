#include "daemon/child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define CHILD_YOUNG_MS 5000 /* who dies younger than this waits longer before the next start */
#define CHILD_BACKOFF_FIRST_MS 100
#define CHILD_BACKOFF_MOST_MS 10000

extern char **environ;

struct thread_start {
    child_main *run;
    void *data;
    int fd;
};

static void *thread_main(void *data)
{
    struct thread_start start = *(struct thread_start *)data;

    free(data);
    start.run(start.data, start.fd);
    return NULL;
}

static rs_status start_thread(struct rs_job *job, struct child *child, int fd)
{
    struct thread_start *start = malloc(sizeof *start);
    int error;

    if (!start)
        return rs_fail(job, RS_NO_MEMORY, "no memory for a thread");
    *start = (struct thread_start){child->run, child->run_data, dup(fd)};
    error = pthread_create(&child->thread, NULL, thread_main, start);
    if (error != 0) {
        close(start->fd);
        free(start);
        return rs_fail(job, RS_IO, "cannot start a thread for the %s: %s", child->role, strerror(error));
    }
    child->pid = 0;
    return RS_OK;
}

/* Signals as a new program expects them, whatever the parent catches or blocks; those of the terminal wait until the child
 * has said that it ignores them (roles.c). */
static void plain_signals(posix_spawnattr_t *attributes)
{
    sigset_t waiting, all;

    sigemptyset(&waiting);
    sigaddset(&waiting, SIGINT);
    sigaddset(&waiting, SIGHUP);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &waiting);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static rs_status start_process(struct rs_job *job, struct child *child, rs_text instance, int fd)
{
    const char *const words[] = {"bindery", "--instance", instance.bytes, "serve", "--role", child->role};
    char *arguments[sizeof words / sizeof words[0] + 1] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        arguments[i] = rs_text_terminated(job, rs_text_from(words[i]));
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, fd, CHILD_FD); /* the copy is not closed on exec */
    plain_signals(&attributes);
    error = posix_spawn(&child->pid, "/proc/self/exe", &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        return rs_fail(job, RS_IO, "cannot start the process of the %s: %s", child->role, strerror(error));
    return RS_OK;
}

rs_status child_start(struct rs_job *job, struct child *child, rs_text instance, bool single, int fd)
{
    if (single)
        RS_TRY(start_thread(job, child, fd));
    else
        RS_TRY(start_process(job, child, instance, fd));
    child->state = CHILD_RUNNING;
    child->stopping = false;
    child->started_ms = rs_clock_steady_ms();
    rs_log(RS_LOG_DEBUG, "%s %u started as %s %d", child->role, child->number,
           single ? "a thread of" : "process", single ? (int)getpid() : (int)child->pid);
    return RS_OK;
}

void child_signal(struct child *child, int number)
{
    child->stopping = child->stopping || number == SIGTERM;
    if (child->state == CHILD_RUNNING && child->pid > 0)
        kill(child->pid, number);
}

static void how_it_ended(int wait_status, char *out, size_t room)
{
    if (WIFSIGNALED(wait_status))
        snprintf(out, room, "was killed by signal %d (%s)", WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
    else
        snprintf(out, room, "ended with status %d", WEXITSTATUS(wait_status));
}

void child_ended(struct child *child, int wait_status)
{
    int64_t now = rs_clock_steady_ms();
    char how[80];

    if (child->stopping) {
        child->state = CHILD_STOPPED;
        return;
    }
    how_it_ended(wait_status, how, sizeof how);
    if (now - child->started_ms >= CHILD_YOUNG_MS || child->backoff_ms == 0)
        child->backoff_ms = CHILD_BACKOFF_FIRST_MS;
    else if (child->backoff_ms * 2 <= CHILD_BACKOFF_MOST_MS)
        child->backoff_ms *= 2;
    child->state = CHILD_WAITING;
    child->due_ms = now + child->backoff_ms;
    child->restarts++;
    rs_log(RS_LOG_WARNING, "%s %u (process %d) %s; it is started again in %lld ms", child->role, child->number,
           (int)child->pid, how, (long long)child->backoff_ms);
}

void child_join(struct child *child)
{
    if (child->state == CHILD_RUNNING && child->pid == 0) {
        pthread_join(child->thread, NULL);
        child->state = CHILD_STOPPED;
    }
}
