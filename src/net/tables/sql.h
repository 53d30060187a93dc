/* net/tables/sql.h - SQLite with a job's errors: for this folder only.
 */
#ifndef NET_TABLES_SQL_H
#define NET_TABLES_SQL_H

#include <sqlite3.h>

#include "net/tables/db.h"

#define SQL_KEPT_MAX 96 /* statements that stay prepared */

struct tables_db {
    sqlite3 *sqlite;
    char *path;
    bool in_change; /* a transaction of tables_begin is open, or a part of the group's */
    struct tables_snapshot *group_before; /* what the group that is open began with; NULL: there is none */
    struct tables_snapshot *current; /* what was committed last, or loaded; may be old: its revision tells. NULL: none */
    int64_t generation_next; /* of a stock that no other process will use */
    int64_t generations_left;
    struct {
        const char *sql; /* a literal: told apart by its address */
        sqlite3_stmt *statement;
    } kept[SQL_KEPT_MAX];
    size_t kept_count;
};

typedef sqlite3_stmt *sql_statement;
static inline void sql_end_statement(sql_statement *statement)
{
    sqlite3_reset(*statement); /* it is kept for the next time */
}
/* A statement of this scope, ready for the next one when that ends. */
#define SQL_STATEMENT __attribute__((cleanup(sql_end_statement))) sql_statement

/* `snapshot` is what the database holds, committed. A reference is taken. */
void db_keep_current(struct tables_db *db, struct tables_snapshot *snapshot);

/* Report what SQLite just failed with. */
rs_status sql_fail(struct rs_job *job, const struct tables_db *db, int code);

/* Prepare `sql`, a literal, and bind `values`: 't' rs_text, 'i' int64_t, for each letter one argument. */
RS_CHECKED rs_status sql_prepare(struct rs_job *job, struct tables_db *db, sql_statement *out,
                                 const char *sql, const char *values, ...);

/* One step: `row` tells whether there is one. */
RS_CHECKED rs_status sql_step(struct rs_job *job, const struct tables_db *db, sql_statement statement,
                              bool *row);

/* End all that are kept: before the database is closed. */
void sql_forget(struct tables_db *db);

/* A statement that gives no rows. */
RS_CHECKED rs_status sql_run(struct rs_job *job, struct tables_db *db, const char *sql,
                             const char *values, ...);

/* A statement that gives one number. */
RS_CHECKED rs_status sql_number(struct rs_job *job, struct tables_db *db, int64_t *out,
                                const char *sql);

/* A column, copied into the job. */
rs_text sql_text(struct rs_job *job, sql_statement statement, int column);

/* Undo whatever transaction is open; safe when there is none. */
void sql_rollback(const struct tables_db *db);

#endif
