/* report/data/odbc_guard.h - what ends a call of an ODBC driver that does not come back: a thread that looks at the job's
 * cancellation and deadline while the job's own thread waits in the driver, and then calls SQLCancel.
 */
#ifndef REPORT_DATA_ODBC_GUARD_H
#define REPORT_DATA_ODBC_GUARD_H

#include <pthread.h>
#include <sql.h>

#include "base/job.h"

struct odbc_guard {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const struct rs_job *watch; /* NULL: the driver is not called now */
    SQLHSTMT statement;
    bool ends, runs; /* `runs`: there is a thread; without one the driver's own timeout is all there is */
};

/* From now on until odbc_guard_end, which is called before the statement is freed, calls of the driver end where the job of
 * odbc_guard_watch is to stop: the one given last, which must live until another, or NULL, is given. */
void odbc_guard_begin(struct odbc_guard *guard, SQLHSTMT statement);
void odbc_guard_watch(struct odbc_guard *guard, const struct rs_job *watch);
void odbc_guard_end(struct odbc_guard *guard);

#endif
