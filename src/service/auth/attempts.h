/* service/auth/attempts.h - failed logons, counted for all workers together: a table (throttle.h) in a file that they share.
 *
 * The file is worth nothing: it may be removed at any time, and what stands in it is of no account. Who cannot have it counts
 * for himself, with a line in the log.
 */
#ifndef SERVICE_AUTH_ATTEMPTS_H
#define SERVICE_AUTH_ATTEMPTS_H

#include "base/job.h"
#include "service/auth/throttle.h"

struct attempts;

/* `path` empty: of this process alone. */
RS_CHECKED rs_status attempts_open(struct rs_job *job, rs_text path, struct attempts **out);
void attempts_close(struct attempts *attempts); /* accepts NULL */
RS_OWNED_BY(attempts, attempts_close)

/* As the functions of throttle.h, one process at a time. */
int64_t attempts_wait_ms(struct attempts *attempts, struct throttle_keys keys);
void attempts_failed(struct attempts *attempts, struct throttle_keys keys);
void attempts_passed(struct attempts *attempts, struct throttle_keys keys);

#endif
