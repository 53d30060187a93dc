/* daemon/alone.h - one process at a time works on an instance that no server serves.
 *
 * A server makes all changes by itself. Where none runs each command does, and what it changes is in two places (https.db
 * and rsreportserver.config): they take turns. A server that starts takes its turn, too, so that no command changes what it
 * has just read.
 */
#ifndef DAEMON_ALONE_H
#define DAEMON_ALONE_H

#include "base/job.h"

/* Wait for the turn; it lasts until `*out` is closed. -1 where the folder cannot be locked: nothing can be changed there.
 * Fails with RS_CONFLICT where another process does not end. */
RS_CHECKED rs_status alone_take(struct rs_job *job, rs_text folder, int *out);

#endif
