#include "net/tables/sql.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

rs_status sql_fail(struct rs_job *job, const struct tables_db *db, int code)
{
    int last = errno; /* SQLite does not keep the cause of a failed commit; sql_step cleared it before */
    int system = db->sqlite && sqlite3_system_errno(db->sqlite) ? sqlite3_system_errno(db->sqlite) : last;

    switch (code & 0xff) {
    case SQLITE_FULL:
        return rs_fail(job, TABLES_DISK_FULL, "the disk is full: \"%s\" was not changed; make room and try again",
                       db->path);
    case SQLITE_IOERR:
        if (system == ENOSPC || system == EDQUOT || system == EFBIG)
            return rs_fail(job, TABLES_DISK_FULL,
                           "there is no room for \"%s\" to grow: it was not changed; make room and try again",
                           db->path);
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return rs_fail(job, TABLES_DB_BUSY,
                       "another process has been changing \"%s\" for %d seconds; try again when it is done",
                       db->path, TABLES_DB_BUSY_MS / 1000);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return rs_fail(job, TABLES_DB_BROKEN, "\"%s\" is damaged (%s): restore it from a backup", db->path,
                       db->sqlite ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(code));
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return rs_fail(job, RS_DENIED, "\"%s\" may not be written by this account", db->path);
    case SQLITE_CANTOPEN: /* one of the files beside it, mostly: what SQLITE tells of those is no help */
        if (access(db->path, R_OK | W_OK) != 0)
            return rs_fail(job, errno == EACCES ? RS_DENIED : RS_IO, "\"%s\" cannot be read and written: %s", db->path, strerror(errno));
        break;
    case SQLITE_NOMEM:
        return rs_fail(job, RS_NO_MEMORY, "no memory to work on \"%s\"", db->path);
    default:
        break;
    }
    return rs_fail(job, RS_IO, "\"%s\" cannot be used: %s%s%s", db->path,
                   db->sqlite ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(code), system ? ": " : "",
                   system ? strerror(system) : "");
}

static int sql_bind(sql_statement statement, const char *values, va_list arguments)
{
    int code = SQLITE_OK;

    for (int i = 0; values[i] && code == SQLITE_OK; i++) {
        if (values[i] == 't') {
            rs_text text = va_arg(arguments, rs_text);
            code = sqlite3_bind_text64(statement, i + 1, text.bytes ? text.bytes : "", text.size, SQLITE_TRANSIENT,
                                       SQLITE_UTF8);
        } else {
            code = sqlite3_bind_int64(statement, i + 1, va_arg(arguments, int64_t));
        }
    }
    return code;
}

/* The statement of this literal, prepared once. One that is in the middle of its rows stands for itself. */
static int sql_kept(struct tables_db *db, const char *sql, sql_statement *out)
{
    int code;

    for (size_t i = 0; i < db->kept_count; i++)
        if (db->kept[i].sql == sql) {
            assert(!sqlite3_stmt_busy(db->kept[i].statement));
            *out = db->kept[i].statement;
            return SQLITE_OK;
        }
    assert(db->kept_count < SQL_KEPT_MAX);
    code = sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    if (code == SQLITE_OK && *out) {
        db->kept[db->kept_count].sql = sql;
        db->kept[db->kept_count++].statement = *out;
    }
    return code;
}

void sql_forget(struct tables_db *db)
{
    while (db->kept_count > 0)
        sqlite3_finalize(db->kept[--db->kept_count].statement);
}

static rs_status sql_vprepare(struct rs_job *job, struct tables_db *db, sql_statement *out,
                              const char *sql, const char *values, va_list arguments)
{
    int code = sql_kept(db, sql, out);

    if (code == SQLITE_OK)
        code = sql_bind(*out, values, arguments);
    return code == SQLITE_OK ? RS_OK : sql_fail(job, db, code);
}

rs_status sql_prepare(struct rs_job *job, struct tables_db *db, sql_statement *out, const char *sql,
                      const char *values, ...)
{
    va_list arguments;
    rs_status status;

    va_start(arguments, values);
    status = sql_vprepare(job, db, out, sql, values, arguments);
    va_end(arguments);
    return status;
}

rs_status sql_step(struct rs_job *job, const struct tables_db *db, sql_statement statement, bool *row)
{
    int code;

    errno = 0;
    code = sqlite3_step(statement);

    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? RS_OK : sql_fail(job, db, code);
}

rs_status sql_run(struct rs_job *job, struct tables_db *db, const char *sql, const char *values, ...)
{
    SQL_STATEMENT statement = NULL;
    va_list arguments;
    rs_status status;
    bool row = true;

    va_start(arguments, values);
    status = sql_vprepare(job, db, &statement, sql, values, arguments);
    va_end(arguments);
    while (status == RS_OK && row) /* a pragma gives rows that nobody needs */
        status = sql_step(job, db, statement, &row);
    return status;
}

rs_status sql_number(struct rs_job *job, struct tables_db *db, int64_t *out, const char *sql)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement, sql, ""));
    RS_TRY(sql_step(job, db, statement, &row));
    *out = row ? sqlite3_column_int64(statement, 0) : 0;
    while (row)
        RS_TRY(sql_step(job, db, statement, &row));
    return RS_OK;
}

rs_text sql_text(struct rs_job *job, sql_statement statement, int column)
{
    const void *bytes = sqlite3_column_text(statement, column);

    return rs_text_copy(job, rs_text_of(bytes, (size_t)sqlite3_column_bytes(statement, column)));
}

void sql_rollback(const struct tables_db *db)
{
    if (db->sqlite && !sqlite3_get_autocommit(db->sqlite))
        (void)sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
}
