/* daemon/representation.h - the rows of URLReservations and SSLCertificateConfiguration in rsreportserver.config.
 *
 * The truth is https.db; the file shows it in the original's shape, for people, for backup and for going back. It is
 * written anew after each change. Everything else in the file stays as it is, comments too. What was edited by hand in
 * those rows is never written over unasked (service/configure/drift.h): changes are refused until it is adopted or
 * discarded.
 *
 * A stopped server's file is written with each change. A running one's is written at once too, but at most a few times a
 * second: under a storm of changes the last one is shown when it is due. Where there are so many rows that writing takes
 * milliseconds, changes do not wait for it: it comes a moment later, and takes a small part of the time only.
 */
#ifndef DAEMON_REPRESENTATION_H
#define DAEMON_REPRESENTATION_H

#include "base/job.h"

struct loop;
struct representation;
struct tables_db;
struct tables_snapshot;

/* The bytes of the file with the rows of `snapshot` in place of those that stood there; `*changed` is false where the
 * file shows them already (then *out is `bytes`). Fails where `bytes` is not a configuration file. */
RS_CHECKED rs_status representation_update(struct rs_job *job, rs_text bytes,
                                           const struct tables_snapshot *snapshot, rs_text *out,
                                           bool *changed);

/* Of the file at `path`. `path` and `db` are borrowed. Never NULL. */
struct representation *representation_open(rs_text path, struct tables_db *db);
void representation_close(struct representation *representation); /* writes what still waits; accepts NULL */
RS_OWNED_BY(representation, representation_close)

/* From now on look at the file at once and whenever it changes, and say in the log what was edited by hand; and write it
 * when it is due. A file that is only behind is written. Fails where the file cannot be watched. */
RS_CHECKED rs_status representation_live(struct rs_job *job, struct representation *representation, struct loop *loop);

RS_CHECKED rs_status representation_read(struct rs_job *job, const struct representation *representation, rs_text *out);

/* Other bytes: settings, while the rows stay as they stand in the file. They must be a configuration that can be read: fails
 * with DAEMON_SETTINGS. */
RS_CHECKED rs_status representation_replace(struct rs_job *job, struct representation *representation, rs_text bytes);

/* Whether the file may be written over: RS_CONFLICT with both ways out where it was edited by hand. Costs one look at the
 * file's times where nobody touched it. */
RS_CHECKED rs_status representation_check(struct rs_job *job, struct representation *representation,
                                          struct tables_snapshot *snapshot);
/* Show `snapshot`, unless the file was edited by hand (RS_CONFLICT). */
RS_CHECKED rs_status representation_show(struct rs_job *job, struct representation *representation,
                                         struct tables_snapshot *snapshot);
/* Show `snapshot`, whatever stands in the file. */
RS_CHECKED rs_status representation_show_over(struct rs_job *job, struct representation *representation,
                                              struct tables_snapshot *snapshot);
/* What waits to be shown is shown now: for who reads the file next. */
void representation_flush(struct representation *representation);

#endif
