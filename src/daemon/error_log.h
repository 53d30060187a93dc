/* daemon/error_log.h - what went wrong with connections and requests, in the original's format.
 *
 * INSTANCE/log/error.log: one line per trouble with the fields and reason phrases of the Windows HTTP service's error log
 * (httperr.log), times in UTC. Unbuffered: there are few, and they are read when something is wrong. Reopened where the file was
 * moved away; a flood is cut off at ERROR_LOG_PER_SECOND lines.
 *
 * Source:  HTTP Server API, "Format of the HTTP Server API Error Logs", "Types of Errors".
 */
#ifndef DAEMON_ERROR_LOG_H
#define DAEMON_ERROR_LOG_H

#include "base/job.h"

#define ERROR_LOG_PER_SECOND 200

struct error_log;
struct front_trouble;

/* Beside the process's log; the folder is kept as a descriptor. */
RS_CHECKED rs_status error_log_open(struct rs_job *job, rs_text folder, struct error_log **out);
void error_log_close(struct error_log *log); /* accepts NULL */
RS_OWNED_BY(error_log, error_log_close)

void error_log_trouble(struct error_log *log, const struct front_trouble *trouble);

#endif
