/* store/catalog/db.h - the catalog's SQLite connection: statements that are prepared once, transactions, and SQLite's
 * results as statuses. Inside this folder only.
 */
#ifndef STORE_CATALOG_DB_H
#define STORE_CATALOG_DB_H

#include "store/catalog/catalog.h"

struct db_query; /* one statement in use */

/* `sql` is a literal: the prepared statement is kept under its address. */
RS_CHECKED rs_status db_query(struct rs_job *job, struct catalog *catalog, const char *sql,
                              struct db_query **out);
void db_query_done(struct db_query *query);
RS_OWNED_BY(db_query, db_query_done)

/* Parameters count from 1. Text and bytes are borrowed until the query is done. */
void db_bind_text(struct db_query *query, int parameter, rs_text t);
void db_bind_bytes(struct db_query *query, int parameter, rs_text bytes);
void db_bind_int(struct db_query *query, int parameter, int64_t number);
void db_bind_null(struct db_query *query, int parameter);

/* Go to the next row; *row is false behind the last one. */
RS_CHECKED rs_status db_step(struct rs_job *job, struct db_query *query, bool *row);
/* For statements without rows. */
RS_CHECKED rs_status db_run(struct rs_job *job, struct db_query *query);

/* Columns count from 0; text is copied into the job. */
rs_text db_text(struct rs_job *job, struct db_query *query, int column);
int64_t db_int(struct db_query *query, int column);
bool db_is_null(struct db_query *query, int column);
/* Large content: fails with RS_OVER_LIMIT where the job has no room for it. */
RS_CHECKED rs_status db_bytes(struct rs_job *job, struct db_query *query, int column, rs_text *out);

int db_changes(const struct catalog *catalog);      /* rows that the last statement changed */
int64_t db_last_number(const struct catalog *catalog); /* of the row inserted last */

/* The steps that lead from an empty file to the schema of this version, one for each version. */
extern const char *const db_migrations[];
extern const int db_schema_version;

/* A change that is written whole or not at all; undone at the end of the scope unless it was committed. */
struct db_change;
RS_CHECKED rs_status db_change_begin(struct rs_job *job, struct catalog *catalog, struct db_change **out);
RS_CHECKED rs_status db_change_commit(struct rs_job *job, struct db_change *change);
void db_change_end(struct db_change *change);
RS_OWNED_BY(db_change, db_change_end)

/* The next revision; inside a change. */
RS_CHECKED rs_status db_next_revision(struct rs_job *job, struct catalog *catalog, int64_t *out);

#endif
