/* net/loop/loop.c - turns, descriptors, work from other threads.
 *
 * A turn: wait until something is ready or a timer is due; call whose descriptor is ready, then what other threads and
 * signals left, then the timers; free what was closed.
 *
 * The system is told what a watch waits for (epoll_ctl) when it is opened and when it is to tell of more. That it need not
 * tell of reading any more is kept from it until it does, once: most watches that stop reading go on soon, and nothing
 * comes meanwhile. Of writing it is told at once: a socket can nearly always be written to.
 */
#include "net/loop/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define EVENTS_PER_TURN 256 /* the others are told of in the next */

struct loop_post {
    struct loop_post *next;
    void (*run)(void *data);
    void *data;
};

struct loop_watch {
    struct rs_link link; /* of loop->watches or loop->closed */
    struct loop *loop;
    int fd; /* -1: closed */
    int wanted; /* LOOP_*: what is waited for */
    int told;   /* LOOP_*: what the system tells of */
    void (*ready)(void *data, int events);
    void *data;
};

void *loop_memory(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory)
        rs_log_abort("no memory for the event loop");
    return memory;
}

/* ---- descriptors --------------------------------------------------------------------------------- */

/* Nothing: an error or the end is told of once, where it is new, and not in every turn. */
static uint32_t as_epoll(int events)
{
    return events == 0 ? (uint32_t)EPOLLET
                       : (uint32_t)((events & LOOP_READ ? EPOLLIN : 0) | (events & LOOP_WRITE ? EPOLLOUT : 0));
}

static int from_epoll(uint32_t events)
{
    if (events & (EPOLLERR | EPOLLHUP)) /* reading or writing will tell what it is */
        return LOOP_READ | LOOP_WRITE;
    return (events & EPOLLIN ? LOOP_READ : 0) | (events & EPOLLOUT ? LOOP_WRITE : 0);
}

static void tell(struct loop_watch *watch)
{
    struct epoll_event event = {.events = as_epoll(watch->wanted), .data.ptr = watch};

    watch->told = watch->wanted;
    if (epoll_ctl(watch->loop->epoll, EPOLL_CTL_MOD, watch->fd, &event) != 0)
        rs_log_abort("a descriptor was closed while the event loop watched it");
}

struct loop_watch *loop_watch_open(struct loop *loop, int fd, int events, void (*ready)(void *data, int events), void *data)
{
    struct loop_watch *watch = loop_memory(sizeof *watch);
    struct epoll_event event = {.events = as_epoll(events), .data.ptr = watch};
    int flags = fcntl(fd, F_GETFL);

    if ((!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        free(watch);
        return NULL;
    }
    *watch = (struct loop_watch){.loop = loop, .fd = fd, .wanted = events, .told = events, .ready = ready, .data = data};
    loop->waiting += events != 0;
    rs_list_append(&loop->watches, &watch->link);
    return watch;
}

void loop_watch_for(struct loop_watch *watch, int events)
{
    watch->loop->waiting += (events != 0) - (watch->wanted != 0);
    watch->wanted = events;
    if ((events & ~watch->told) != 0 || (watch->told & ~events & LOOP_WRITE) != 0)
        tell(watch);
}

void loop_watch_close(struct loop_watch *watch)
{
    if (!watch)
        return;
    epoll_ctl(watch->loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->loop->waiting -= watch->wanted != 0;
    watch->fd = -1;
    rs_list_remove(&watch->link);
    rs_list_append(&watch->loop->closed, &watch->link);
}

static void watch_ready(struct loop_watch *watch, uint32_t events)
{
    int seen = from_epoll(events);

    if (watch->fd < 0)
        return;
    if (seen & watch->wanted)
        watch->ready(watch->data, seen);
    else if (watch->told != watch->wanted)
        tell(watch);
}

static void free_watches(struct rs_link *head)
{
    rs_list_each(link, head) {
        rs_list_remove(link);
        free(rs_list_object(link, struct loop_watch, link));
    }
}

/* ---- work from other threads --------------------------------------------------------------------- */

static struct loop_post *take_posts(struct loop *loop)
{
    struct loop_post *first;

    pthread_mutex_lock(&loop->lock);
    first = loop->first;
    loop->first = NULL;
    loop->last = &loop->first;
    pthread_mutex_unlock(&loop->lock);
    return first;
}

static void run_posts(struct loop *loop)
{
    struct loop_post *post = take_posts(loop), *next;

    for (; post; post = next) {
        next = post->next;
        post->run(post->data);
        free(post);
    }
}

void loop_post(struct loop *loop, void (*run)(void *data), void *data)
{
    struct loop_post *post = loop_memory(sizeof *post);

    post->run = run;
    post->data = data;
    pthread_mutex_lock(&loop->lock);
    *loop->last = post;
    loop->last = &post->next;
    pthread_mutex_unlock(&loop->lock);
    eventfd_write(loop->wake, 1);
}

/* ---- turns --------------------------------------------------------------------------------------- */

static void turn(struct loop *loop, int wait_ms)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int count = epoll_wait(loop->epoll, events, EVENTS_PER_TURN, wait_ms);
    bool woken = false;

    if (count < 0 && errno != EINTR)
        rs_log_abort("the event loop cannot wait: %s", strerror(errno));
    loop->now_ms = rs_clock_steady_ms();
    for (int i = 0; i < count; i++)
        if (events[i].data.ptr)
            watch_ready(events[i].data.ptr, events[i].events);
        else
            woken = true;
    if (woken) {
        eventfd_t times;
        eventfd_read(loop->wake, &times);
        run_posts(loop);
        signals_run(loop);
    }
    timers_run(loop);
    free_watches(&loop->closed);
}

void loop_run(struct loop *loop)
{
    loop->now_ms = rs_clock_steady_ms();
    while (!loop->stopped && (loop->waiting > 0 || !rs_list_is_empty(&loop->running)))
        turn(loop, timers_wait_ms(loop));
    loop->stopped = false;
}

void loop_turn(struct loop *loop)
{
    turn(loop, 0);
    loop->stopped = false;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

/* ---- beginning and end --------------------------------------------------------------------------- */

rs_status loop_create(struct rs_job *job, struct loop **out)
{
    RS_OWNED(loop) loop = loop_memory(sizeof *loop);
    struct epoll_event woken = {.events = EPOLLIN};

    rs_list_init(&loop->watches);
    rs_list_init(&loop->closed);
    rs_list_init(&loop->timers);
    rs_list_init(&loop->running);
    rs_list_init(&loop->signals);
    pthread_mutex_init(&loop->lock, NULL);
    loop->last = &loop->first;
    loop->now_ms = rs_clock_steady_ms();
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll < 0 || loop->wake < 0 || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &woken) != 0)
        return rs_fail(job, RS_FAILED, "cannot make an event loop: %s", strerror(errno));
    *out = rs_move(loop);
    return RS_OK;
}

void loop_destroy(struct loop *loop)
{
    struct loop_post *post, *next;

    if (!loop)
        return;
    signals_close(loop);
    timers_close(loop);
    free_watches(&loop->watches);
    free_watches(&loop->closed);
    for (post = take_posts(loop); post; post = next) {
        next = post->next;
        free(post);
    }
    if (loop->epoll >= 0)
        close(loop->epoll);
    if (loop->wake >= 0)
        close(loop->wake);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}
