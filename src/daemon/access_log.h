/* daemon/access_log.h - one line per request, in the original's format.
 *
 * INSTANCE/log/access.log, W3C extended: a header with the names of the fields, then a line per answered request.
 * Buffered: whoever owns it flushes it every second. Reopened where the file was moved away (log rotation).
 *
 * Source:  W3C Extended Log File Format, working draft WD-logfile-960323.
 */
#ifndef DAEMON_ACCESS_LOG_H
#define DAEMON_ACCESS_LOG_H

#include "base/job.h"

struct access_log;
struct front_hooks;

/* `json`: a JSON object per line instead. */
RS_CHECKED rs_status access_log_open(struct rs_job *job, rs_text folder, bool json, struct access_log **out);
void access_log_close(struct access_log *log); /* accepts NULL */
RS_OWNED_BY(access_log, access_log_close)

/* Write what is buffered; to a new file where the old one was moved away. */
void access_log_flush(struct access_log *log);

/* What the front calls; borrowed from the log. */
const struct front_hooks *access_log_hooks(const struct access_log *log);

#endif
