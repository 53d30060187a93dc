/* daemon/child.h - the processes under the parent: started, watched, started again.
 *
 *                    start
 *     STOPPED ------------------> RUNNING
 *        ^                        |     |
 *        | exited, was asked to   |     | exited by itself
 *        +------------------------+     v
 *        ^                            WAITING (0.1 s, doubling to 10 s while it keeps dying young)
 *        |  asked to stop               |
 *        +------------------------------+---- due: start
 *
 * A child is this program again, with its role as an argument and its descriptor as number 3: it shares no memory with
 * the parent. With --single it is a thread of the parent that runs the same function.
 */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include <pthread.h>
#include <sys/types.h>

#include "base/job.h"

#define CHILD_FD 3 /* where a child process finds the descriptor it is given */

enum child_state { CHILD_STOPPED, CHILD_RUNNING, CHILD_WAITING };

/* What a role does with its descriptor; runs in the child. */
typedef void child_main(void *data, int fd);

struct child {
    const char *role;      /* "front", "worker" */
    unsigned number;       /* from 1, among those of its role */
    child_main *run;       /* with --single */
    void *run_data;
    enum child_state state;
    bool stopping;         /* was asked to end */
    pid_t pid;             /* of a process; 0 = a thread */
    pthread_t thread;
    int64_t started_ms;    /* rs_clock_steady_ms */
    int64_t due_ms;        /* CHILD_WAITING: when to start again */
    int64_t backoff_ms;
    unsigned restarts;
};

/* Start it with `fd`, which stays the caller's to close (a thread gets a duplicate). */
RS_CHECKED rs_status child_start(struct rs_job *job, struct child *child, rs_text instance, bool single, int fd);

/* Ask a process to end (SIGTERM), or make it (SIGKILL). Nothing happens to a thread: its descriptor tells it. */
void child_signal(struct child *child, int number);

/* A process with this id ended. Tells what happened in the log, and when it is due again unless it was to stop. */
void child_ended(struct child *child, int wait_status);

/* Wait for a thread; nothing for a process. */
void child_join(struct child *child);

#endif
