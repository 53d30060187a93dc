/* net/loop/timer.c - timers: a list of those that run, in the order in which they are due. A loop has few of them, and most
 * are started to be the last or the first.
 */
#include <assert.h>
#include <limits.h>
#include <stdlib.h>

#include "net/loop/inside.h"

struct loop_timer {
    struct rs_link all;  /* of loop->timers */
    struct rs_link link; /* of loop->running; else a ring of itself */
    struct loop *loop;
    int64_t due_ms;
    int64_t every_ms; /* 0: once */
    void (*due)(void *data);
    void *data;
};

struct loop_timer *loop_timer_open(struct loop *loop, void (*due)(void *data), void *data)
{
    struct loop_timer *timer = loop_memory(sizeof *timer);

    timer->loop = loop;
    timer->due = due;
    timer->data = data;
    rs_list_init(&timer->link);
    rs_list_append(&loop->timers, &timer->all);
    return timer;
}

/* Behind those that are due at the same time. */
static void insert(struct loop_timer *timer)
{
    struct rs_link *after = timer->loop->running.previous;

    while (after != &timer->loop->running && rs_list_object(after, struct loop_timer, link)->due_ms > timer->due_ms)
        after = after->previous;
    rs_list_append(after->next, &timer->link); /* before the one that follows */
}

void loop_timer_start(struct loop_timer *timer, int64_t after_ms, int64_t every_ms)
{
    assert(after_ms >= 0 && every_ms >= 0);
    rs_list_remove(&timer->link);
    timer->due_ms = timer->loop->now_ms + after_ms;
    timer->every_ms = every_ms;
    insert(timer);
}

void loop_timer_stop(struct loop_timer *timer)
{
    rs_list_remove(&timer->link);
}

bool loop_timer_is_running(const struct loop_timer *timer)
{
    return !rs_list_is_empty(&timer->link);
}

void loop_timer_close(struct loop_timer *timer)
{
    if (!timer)
        return;
    rs_list_remove(&timer->link);
    rs_list_remove(&timer->all);
    free(timer);
}

/* ---- for the loop -------------------------------------------------------------------------------- */

int timers_wait_ms(const struct loop *loop)
{
    const struct loop_timer *next;
    int64_t wait_ms;

    if (rs_list_is_empty(&loop->running))
        return -1;
    next = rs_list_object(loop->running.next, struct loop_timer, link);
    wait_ms = next->due_ms - loop->now_ms;
    return wait_ms <= 0 ? 0 : wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;
}

void timers_run(struct loop *loop)
{
    struct rs_link due; /* those that are started meanwhile are due in the next turn */

    rs_list_init(&due);
    while (timers_wait_ms(loop) == 0) {
        struct rs_link *link = loop->running.next;
        rs_list_remove(link);
        rs_list_append(&due, link);
    }
    while (!rs_list_is_empty(&due)) {
        struct loop_timer *timer = rs_list_object(due.next, struct loop_timer, link);
        rs_list_remove(&timer->link);
        if (timer->every_ms > 0)
            loop_timer_start(timer, timer->every_ms, timer->every_ms);
        timer->due(timer->data); /* may close it */
    }
}

void timers_close(struct loop *loop)
{
    rs_list_each(link, &loop->timers)
        loop_timer_close(rs_list_object(link, struct loop_timer, all));
}
