/* net/tables/sql.h - SQLite with a job's errors: for this folder only.
 */
#ifndef NET_TABLES_SQL_H
#define NET_TABLES_SQL_H

#include <sqlite3.h>

#include "net/tables/db.h"

struct tables_db {
    sqlite3 *sqlite;
    char *path;
    bool in_change; /* a transaction of tables_begin is open */
};

typedef sqlite3_stmt *sql_statement;
static inline void sql_end_statement(sql_statement *statement)
{
    sqlite3_finalize(*statement);
}
/* A statement of this scope. */
#define SQL_STATEMENT __attribute__((cleanup(sql_end_statement))) sql_statement

/* Report what SQLite just failed with. */
rs_status sql_fail(struct rs_job *job, const struct tables_db *db, int code);

/* Prepare `sql` and bind `values`: 't' rs_text, 'i' int64_t, for each letter one argument. */
RS_CHECKED rs_status sql_prepare(struct rs_job *job, const struct tables_db *db, sql_statement *out,
                                 const char *sql, const char *values, ...);

/* One step: `row` tells whether there is one. */
RS_CHECKED rs_status sql_step(struct rs_job *job, const struct tables_db *db, sql_statement statement,
                              bool *row);

/* A statement that gives no rows. */
RS_CHECKED rs_status sql_run(struct rs_job *job, const struct tables_db *db, const char *sql,
                             const char *values, ...);

/* A statement that gives one number. */
RS_CHECKED rs_status sql_number(struct rs_job *job, const struct tables_db *db, int64_t *out,
                                const char *sql);

/* A column, copied into the job. */
rs_text sql_text(struct rs_job *job, sql_statement statement, int column);

/* Undo whatever transaction is open; safe when there is none. */
void sql_rollback(const struct tables_db *db);

#endif
