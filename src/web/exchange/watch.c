#include "web/exchange/watch.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct exchange_watch {
    pthread_t thread;
    pthread_mutex_t lock; /* of the three below */
    struct rs_job *job;   /* NULL: nothing to watch */
    int fd;
    bool ends;
    int wake_fd;          /* something above has changed */
};

static void wake(struct exchange_watch *watch)
{
    uint64_t one = 1;

    if (write(watch->wake_fd, &one, sizeof one) < 0)
        return; /* full: it wakes anyway */
}

/* Whether the thread goes on; *fd is what it waits for, -1 for nothing. */
static bool next_turn(struct exchange_watch *watch, int *fd)
{
    pthread_mutex_lock(&watch->lock);
    *fd = watch->job ? watch->fd : -1;
    bool goes_on = !watch->ends;
    pthread_mutex_unlock(&watch->lock);
    return goes_on;
}

/* The other end of `fd` has closed. It may be the fd of a request that was answered meanwhile. */
static void is_gone(struct exchange_watch *watch, int fd)
{
    pthread_mutex_lock(&watch->lock);
    if (watch->job && watch->fd == fd) {
        rs_job_cancel(watch->job);
        watch->job = NULL;
    }
    pthread_mutex_unlock(&watch->lock);
}

static void *run(void *data)
{
    struct exchange_watch *watch = data;
    uint64_t count;
    int fd;

    while (next_turn(watch, &fd)) {
        /* No events are asked for: POLLHUP comes by itself, and only when the other end is closed whole. */
        struct pollfd fds[] = {{.fd = watch->wake_fd, .events = POLLIN}, {.fd = fd}};
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents && read(watch->wake_fd, &count, sizeof count) < 0)
            continue;
        if (fd >= 0 && fds[1].revents)
            is_gone(watch, fd);
    }
    return NULL;
}

struct exchange_watch *exchange_watch_create(void)
{
    struct exchange_watch *watch = calloc(1, sizeof *watch);
    sigset_t all, before;

    if (!watch || (watch->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) {
        free(watch);
        return NULL;
    }
    pthread_mutex_init(&watch->lock, NULL);
    sigfillset(&all); /* signals are the worker's own */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&watch->thread, NULL, run, watch);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        pthread_mutex_destroy(&watch->lock);
        close(watch->wake_fd);
        free(watch);
        return NULL;
    }
    return watch;
}

void exchange_watch_destroy(struct exchange_watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->ends = true;
    pthread_mutex_unlock(&watch->lock);
    wake(watch);
    pthread_join(watch->thread, NULL);
    pthread_mutex_destroy(&watch->lock);
    close(watch->wake_fd);
    free(watch);
}

void exchange_watch_begin(struct exchange_watch *watch, struct rs_job *job, int fd)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->job = job;
    watch->fd = fd;
    pthread_mutex_unlock(&watch->lock);
    wake(watch);
}

void exchange_watch_end(struct exchange_watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->job = NULL;
    pthread_mutex_unlock(&watch->lock);
    wake(watch); /* before the descriptor can be closed and used again for another connection */
}
