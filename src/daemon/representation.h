/* daemon/representation.h - the rows of URLReservations and SSLCertificateConfiguration in rsreportserver.config.
 *
 * The truth is https.db; the file shows it in the original's shape, for people, for backup and for going back. It is
 * written anew after each change. Everything else in the file stays as it is, comments too.
 */
#ifndef DAEMON_REPRESENTATION_H
#define DAEMON_REPRESENTATION_H

#include "base/job.h"

struct tables_snapshot;

/* The bytes of the file with the rows of `snapshot` in place of those that stood there; `*changed` is false where the
 * file shows them already (then *out is `bytes`). Fails where `bytes` is not a configuration file. */
RS_CHECKED rs_status representation_update(struct rs_job *job, rs_text bytes,
                                           const struct tables_snapshot *snapshot, rs_text *out,
                                           bool *changed);

/* The same for the file at `path`, replaced atomically where it changed. */
RS_CHECKED rs_status representation_write(struct rs_job *job, rs_text path,
                                          const struct tables_snapshot *snapshot);

#endif
