/* net/loop/loop.h - the event loop of a process: descriptors, timers, signals, work handed over.
 *
 * One thread runs it and calls everything here; only loop_post may be called from elsewhere. Callbacks may close anything,
 * also what called them.
 */
#ifndef NET_LOOP_LOOP_H
#define NET_LOOP_LOOP_H

#include "base/job.h"

struct loop;

RS_CHECKED rs_status loop_create(struct rs_job *job, struct loop **out);
/* Closes what is still open on it, without calling anyone. Accepts NULL. */
void loop_destroy(struct loop *loop);
RS_OWNED_BY(loop, loop_destroy)

/* Run until loop_stop, or until nothing is left that could call anyone. */
void loop_run(struct loop *loop);
/* Run what is ready now, without waiting. */
void loop_turn(struct loop *loop);
void loop_stop(struct loop *loop);

/* rs_clock_steady_ms as of this turn of the loop: costs nothing. */
int64_t loop_now_ms(const struct loop *loop);

/* ---- descriptors --------------------------------------------------------------------------- */

enum loop_events {
    LOOP_READ = 1,
    LOOP_WRITE = 2,
};

struct loop_watch;

/* Tell `ready` whenever `fd` can be read or written, of what is in `events` (level-triggered); an error or a hang-up counts
 * as both. The descriptor stays the caller's, and becomes non-blocking. NULL where the system refuses. */
struct loop_watch *loop_watch_open(struct loop *loop, int fd, int events, void (*ready)(void *data, int events), void *data);
/* What to wait for from now on; 0 = nothing. To stop reading for a while costs nothing, any other change one system call. */
void loop_watch_for(struct loop_watch *watch, int events);
/* Before the descriptor is closed. Accepts NULL. */
void loop_watch_close(struct loop_watch *watch);

/* ---- timers and signals ---------------------------------------------------------------------- */

struct loop_timer;

struct loop_timer *loop_timer_open(struct loop *loop, void (*due)(void *data), void *data);
/* Due after `after_ms` and then every `every_ms` (0 = once). Starting again replaces. */
void loop_timer_start(struct loop_timer *timer, int64_t after_ms, int64_t every_ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_is_running(const struct loop_timer *timer);
void loop_timer_close(struct loop_timer *timer); /* accepts NULL */

struct loop_signal;

/* Does not keep loop_run from ending. NULL where the signal cannot be caught, or another loop catches it. */
struct loop_signal *loop_signal_open(struct loop *loop, int number, void (*caught)(void *data),
                                     void *data);
void loop_signal_close(struct loop_signal *signal); /* accepts NULL */

/* ---- from other threads ---------------------------------------------------------------------- */

/* Call run(data) in a turn of the loop. Safe from any thread while the loop exists. Does not keep loop_run from
 * ending, and what has not run when the loop is destroyed never will. */
void loop_post(struct loop *loop, void (*run)(void *data), void *data);

#endif
