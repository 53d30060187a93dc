#include "net/loop/loop.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <uv.h>

#include "base/log.h"

struct loop_post {
    struct loop_post *next;
    void (*run)(void *data);
    void *data;
};

struct loop {
    uv_loop_t uv;
    uv_async_t posted;
    pthread_mutex_t lock;   /* of the two below */
    struct loop_post *first; /* oldest; what loop_post left */
    struct loop_post **last;
};

struct loop_watch {
    uv_poll_t uv;
    int events; /* asked for */
    void (*ready)(void *data, int events);
    void *data;
};

struct loop_timer {
    uv_timer_t uv;
    void (*due)(void *data);
    void *data;
};

struct loop_signal {
    uv_signal_t uv;
    void (*caught)(void *data);
    void *data;
};

static void *loop_memory(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory)
        rs_log_abort("no memory for the event loop");
    return memory;
}

/* All handles but `posted` stand at the start of what they belong to. */
static void free_handle(uv_handle_t *handle)
{
    free(handle);
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

static void run_posts(uv_async_t *posted)
{
    struct loop_post *post = take_posts(posted->data), *next;

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
    uv_async_send(&loop->posted);
}

/* ---- the loop ------------------------------------------------------------------------------------ */

rs_status loop_create(struct rs_job *job, struct loop **out)
{
    struct loop *loop = loop_memory(sizeof *loop);
    int error = uv_loop_init(&loop->uv);

    if (error == 0 && (error = uv_async_init(&loop->uv, &loop->posted, run_posts)) != 0)
        uv_loop_close(&loop->uv);
    if (error != 0) {
        free(loop);
        return rs_fail(job, RS_FAILED, "cannot make an event loop: %s", uv_strerror(error));
    }
    loop->posted.data = loop;
    uv_unref((uv_handle_t *)&loop->posted);
    pthread_mutex_init(&loop->lock, NULL);
    loop->last = &loop->first;
    *out = loop;
    return RS_OK;
}

static void close_handle(uv_handle_t *handle, void *data)
{
    struct loop *loop = data;

    if (!uv_is_closing(handle))
        uv_close(handle, handle == (uv_handle_t *)&loop->posted ? NULL : free_handle);
}

void loop_destroy(struct loop *loop)
{
    struct loop_post *post, *next;

    if (!loop)
        return;
    uv_walk(&loop->uv, close_handle, loop);
    uv_run(&loop->uv, UV_RUN_DEFAULT); /* only what closing left is done: nothing is active any more */
    if (uv_loop_close(&loop->uv) != 0)
        rs_log_abort("an event loop was destroyed while something ran on it");
    for (post = take_posts(loop); post; post = next) {
        next = post->next;
        free(post);
    }
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

void loop_run(struct loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_turn(struct loop *loop)
{
    uv_run(&loop->uv, UV_RUN_NOWAIT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

int64_t loop_now_ms(const struct loop *loop)
{
    return (int64_t)uv_now(&loop->uv);
}

/* ---- descriptors --------------------------------------------------------------------------------- */

static void watch_ready(uv_poll_t *uv, int status, int events)
{
    struct loop_watch *watch = (struct loop_watch *)(void *)uv;
    int seen = 0;

    if (status < 0) { /* reading or writing will tell what it is */
        seen = LOOP_READ | LOOP_WRITE;
        watch->events = 0; /* libuv stopped the watch */
    } else {
        seen |= events & (UV_READABLE | UV_DISCONNECT) ? LOOP_READ : 0;
        seen |= events & UV_WRITABLE ? LOOP_WRITE : 0;
    }
    watch->ready(watch->data, seen);
}

struct loop_watch *loop_watch_open(struct loop *loop, int fd,
                                   void (*ready)(void *data, int events), void *data)
{
    struct loop_watch *watch = loop_memory(sizeof *watch);

    if (uv_poll_init(&loop->uv, &watch->uv, fd) != 0) {
        free(watch);
        return NULL;
    }
    watch->ready = ready;
    watch->data = data;
    return watch;
}

void loop_watch_for(struct loop_watch *watch, int events)
{
    int asked = (events & LOOP_READ ? UV_READABLE : 0) | (events & LOOP_WRITE ? UV_WRITABLE : 0);

    if (watch->events == events)
        return;
    watch->events = events;
    if (asked == 0)
        uv_poll_stop(&watch->uv);
    else
        uv_poll_start(&watch->uv, asked, watch_ready);
}

void loop_watch_close(struct loop_watch *watch)
{
    if (watch)
        uv_close((uv_handle_t *)&watch->uv, free_handle);
}

/* ---- timers and signals -------------------------------------------------------------------------- */

static void timer_due(uv_timer_t *uv)
{
    struct loop_timer *timer = (struct loop_timer *)(void *)uv;

    timer->due(timer->data);
}

struct loop_timer *loop_timer_open(struct loop *loop, void (*due)(void *data), void *data)
{
    struct loop_timer *timer = loop_memory(sizeof *timer);

    uv_timer_init(&loop->uv, &timer->uv); /* does not fail */
    timer->due = due;
    timer->data = data;
    return timer;
}

void loop_timer_start(struct loop_timer *timer, int64_t after_ms, int64_t every_ms)
{
    assert(after_ms >= 0 && every_ms >= 0);
    uv_timer_start(&timer->uv, timer_due, (uint64_t)after_ms, (uint64_t)every_ms);
}

void loop_timer_stop(struct loop_timer *timer)
{
    uv_timer_stop(&timer->uv);
}

bool loop_timer_is_running(const struct loop_timer *timer)
{
    return uv_is_active((const uv_handle_t *)&timer->uv);
}

void loop_timer_close(struct loop_timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->uv, free_handle);
}

static void signal_caught(uv_signal_t *uv, int number)
{
    struct loop_signal *caught = (struct loop_signal *)(void *)uv;

    (void)number;
    caught->caught(caught->data);
}

struct loop_signal *loop_signal_open(struct loop *loop, int number, void (*caught)(void *data),
                                     void *data)
{
    struct loop_signal *opened = loop_memory(sizeof *opened);

    uv_signal_init(&loop->uv, &opened->uv); /* does not fail */
    opened->caught = caught;
    opened->data = data;
    if (uv_signal_start(&opened->uv, signal_caught, number) != 0) {
        loop_signal_close(opened);
        return NULL;
    }
    uv_unref((uv_handle_t *)&opened->uv);
    return opened;
}

void loop_signal_close(struct loop_signal *opened)
{
    if (opened)
        uv_close((uv_handle_t *)&opened->uv, free_handle);
}
