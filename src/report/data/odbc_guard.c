#include "report/data/odbc_guard.h"

#include <signal.h>
#include <time.h>

#define LOOK_MS 20

static void *guard_run(void *data)
{
    struct odbc_guard *guard = data;
    struct timespec until;

    pthread_mutex_lock(&guard->lock);
    while (!guard->ends) {
        if (!guard->watch) {
            pthread_cond_wait(&guard->changed, &guard->lock);
            continue;
        }
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&guard->changed, &guard->lock, &until);
        if (!guard->ends && guard->watch && rs_job_is_to_stop(guard->watch))
            SQLCancel(guard->statement); /* again each turn: the call may have begun after the last one */
    }
    pthread_mutex_unlock(&guard->lock);
    return NULL;
}

void odbc_guard_begin(struct odbc_guard *guard, SQLHSTMT statement)
{
    pthread_condattr_t attributes;
    sigset_t all, before;

    *guard = (struct odbc_guard){.statement = statement};
    pthread_mutex_init(&guard->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&guard->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    sigfillset(&all); /* signals are for the job's own thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    guard->runs = pthread_create(&guard->thread, NULL, guard_run, guard) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void odbc_guard_watch(struct odbc_guard *guard, const struct rs_job *watch)
{
    pthread_mutex_lock(&guard->lock);
    if (watch && !guard->watch)
        pthread_cond_signal(&guard->changed); /* it sleeps */
    guard->watch = watch;
    pthread_mutex_unlock(&guard->lock);
}

void odbc_guard_end(struct odbc_guard *guard)
{
    pthread_mutex_lock(&guard->lock);
    guard->ends = true;
    pthread_cond_signal(&guard->changed);
    pthread_mutex_unlock(&guard->lock);
    if (guard->runs)
        pthread_join(guard->thread, NULL);
    pthread_cond_destroy(&guard->changed);
    pthread_mutex_destroy(&guard->lock);
}
