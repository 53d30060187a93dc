/* net/loop/inside.h - what the parts of a loop share.
 */
#ifndef NET_LOOP_INSIDE_H
#define NET_LOOP_INSIDE_H

#include <pthread.h>

#include "base/list.h"
#include "net/loop/loop.h"

struct loop {
    int epoll;               /* epoll(7): all watches, and `wake` */
    int wake;                /* eventfd(2): written to by other threads and by signals */
    int64_t now_ms;
    bool stopped;
    size_t waiting;          /* watches that wait for something */
    struct rs_link watches;  /* that are open */
    struct rs_link closed;   /* watches whose events may stand in this turn's list still: freed at its end */
    struct rs_link timers;   /* all of them */
    struct rs_link running;  /* those that run, the next one due first */
    struct rs_link signals;
    pthread_mutex_t lock;    /* of the two below */
    struct loop_post *first; /* oldest; what loop_post left */
    struct loop_post **last;
};

void *loop_memory(size_t size); /* zeroed */

/* ---- timer.c ---- */

/* Milliseconds until the next one is due; -1: none runs. */
int timers_wait_ms(const struct loop *loop);
/* Call those that are due. */
void timers_run(struct loop *loop);
void timers_close(struct loop *loop);

/* ---- signal.c ---- */

/* Call those that were caught. */
void signals_run(struct loop *loop);
void signals_close(struct loop *loop);

#endif
