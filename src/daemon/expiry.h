/* daemon/expiry.h - certificates in use that end soon: told in the log in time, and not over and over.
 */
#ifndef DAEMON_EXPIRY_H
#define DAEMON_EXPIRY_H

#include "base/job.h"

struct pki_store;
struct tables_snapshot;

#define EXPIRY_WARN_DAYS 30

/* Log a warning for every certificate that a row shows and that has EXPIRY_WARN_DAYS or less. Call it as often as you
 * like: it speaks at the first call and once a day. `*due_ms` (rs_clock_steady_ms) is 0 at first. */
void expiry_tick(int64_t *due_ms, const struct pki_store *store, const struct tables_snapshot *tables, int64_t now_ms);

#endif
