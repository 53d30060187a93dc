/* net/tables/db.h - https.db: the truth of reservations, bindings, claims and their history.
 *
 * SQLite in WAL mode with full synchronisation: a change is there whole or not at all, whatever is killed
 * when. Any number of processes may have it open; one changes at a time, the others wait a few seconds.
 */
#ifndef NET_TABLES_DB_H
#define NET_TABLES_DB_H

#include "net/tables/snapshot.h"

#define TABLES_DB_BUSY_MS 10000 /* how long a change waits for another one to end */

struct tables_db;

/* Open, making the file (mode 0600) and bringing its shape up to date where needed. A new database knows
 * the report server's two applications.
 * Fails with RS_IO, TABLES_DB_BROKEN, TABLES_DB_NEWER or TABLES_DISK_FULL. */
RS_CHECKED rs_status tables_db_open(struct rs_job *job, rs_text path, struct tables_db **out);
void tables_db_close(struct tables_db *db); /* accepts NULL */
RS_OWNED_BY(tables_db, tables_db_close)

/* What it holds now. One reference is the caller's. */
RS_CHECKED rs_status tables_db_load(struct rs_job *job, struct tables_db *db,
                                    struct tables_snapshot **out);

/* The revision alone: cheap enough to ask often whether another process changed something. */
RS_CHECKED rs_status tables_db_revision(struct rs_job *job, struct tables_db *db, int64_t *out);

/* The virtual directory of one application. Fails with RS_NOT_FOUND. */
RS_CHECKED rs_status tables_db_directory(struct rs_job *job, struct tables_db *db, rs_text application, rs_text *out);

/* A number that stands for the rows as rsreportserver.config last showed them; 0 where it never did. It is no part of
 * any change: it tells a hand edit of the file from a file that a stop kept from being written. */
RS_CHECKED rs_status tables_db_shown(struct rs_job *job, struct tables_db *db, int64_t *out);
RS_CHECKED rs_status tables_db_set_shown(struct rs_job *job, struct tables_db *db, int64_t shown);

struct tables_event {
    int64_t revision; /* that the change led to */
    int64_t at_ms;    /* UTC */
    rs_text who;
    rs_text tool;
    rs_text what;   /* "bind 0.0.0.0:443 ..." */
    rs_text before; /* JSON: the rows the change touched, as they were; "null" where there were none */
    rs_text after;
};

/* The newest `limit` changes, newest first. */
RS_CHECKED rs_status tables_db_history(struct rs_job *job, struct tables_db *db, size_t limit,
                                       const struct tables_event **out, size_t *count);

#endif
