#include "store/catalog/file.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "store/catalog/db.h"

static void close_sqlite(sqlite3 **db)
{
    sqlite3_close(*db);
}

static void finalize(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

static rs_status not_one(struct rs_job *job, rs_text path, sqlite3 *db)
{
    int code = sqlite3_errcode(db) & 0xFF;

    if (code == SQLITE_BUSY || code == SQLITE_CANTOPEN || code == SQLITE_IOERR || code == SQLITE_PERM || code == SQLITE_READONLY)
        return rs_fail(job, CATALOG_DB_UNAVAILABLE, "\"%.*s\" cannot be read: %s", RS_TEXT_ARG(path), sqlite3_errmsg(db));
    return rs_fail(job, CATALOG_DB_INVALID, "\"%.*s\" is not a report server database, or is damaged: %s", RS_TEXT_ARG(path),
                   sqlite3_errmsg(db));
}

/* The first column of the first row: a number, and a text where `text` is given. */
static rs_status ask(struct rs_job *job, rs_text path, sqlite3 *db, const char *sql, int64_t *number, rs_text *text)
{
    __attribute__((cleanup(finalize))) sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK || sqlite3_step(statement) != SQLITE_ROW)
        return not_one(job, path, db);
    *number = sqlite3_column_int64(statement, 0);
    if (text)
        *text = rs_text_copy(job, rs_text_of((const char *)sqlite3_column_text(statement, 0),
                                             (size_t)sqlite3_column_bytes(statement, 0)));
    return RS_OK;
}

static rs_status check_whole(struct rs_job *job, rs_text path, sqlite3 *db)
{
    int64_t number;
    rs_text verdict;

    RS_TRY(ask(job, path, db, "PRAGMA quick_check(1)", &number, &verdict));
    if (rs_text_equal(verdict, RS_TEXT("ok")))
        return RS_OK;
    return rs_fail(job, CATALOG_DB_INVALID, "\"%.*s\" is damaged (%.*s): restore it from a backup", RS_TEXT_ARG(path),
                   RS_TEXT_ARG(verdict));
}

static rs_status look(struct rs_job *job, rs_text path, sqlite3 *db, struct catalog_file *out)
{
    int64_t version = 0, ignored = 0;

    sqlite3_busy_timeout(db, 5000);
    RS_TRY(ask(job, path, db, "PRAGMA user_version", &version, NULL));
    if (version > db_schema_version)
        return rs_fail(job, CATALOG_DB_NEWER, "\"%.*s\" has schema %lld, this version knows up to %d; use the version that wrote "
                       "it or a newer one", RS_TEXT_ARG(path), (long long)version, db_schema_version);
    if (version < 1)
        return rs_fail(job, CATALOG_DB_INVALID, "\"%.*s\" is not a report server database", RS_TEXT_ARG(path));
    out->version = (int)version;
    RS_TRY(check_whole(job, path, db));
    RS_TRY(ask(job, path, db, "SELECT count(*) FROM item WHERE number = 1 AND parent IS NULL", &ignored, NULL));
    if (ignored != 1)
        return rs_fail(job, CATALOG_DB_INVALID, "\"%.*s\" has no root folder: it is no report server database", RS_TEXT_ARG(path));
    RS_TRY(ask(job, path, db, "SELECT count(*) - 1 FROM item", &out->items, NULL));
    RS_TRY(ask(job, path, db, "SELECT count(*) FROM account", &out->accounts, NULL));
    return version >= 2 ? ask(job, path, db, "SELECT key_check FROM seal", &ignored, &out->key_check) : RS_OK;
}

rs_status catalog_file_look(struct rs_job *job, rs_text path, struct catalog_file *out)
{
    __attribute__((cleanup(close_sqlite))) sqlite3 *db = NULL;
    const char *name = rs_text_terminated(job, path);
    struct stat info;

    *out = (struct catalog_file){.version = 0};
    if (stat(name, &info) != 0)
        return rs_fail(job, errno == ENOENT ? RS_NOT_FOUND : CATALOG_DB_UNAVAILABLE, "cannot look at \"%s\": %s", name,
                       strerror(errno));
    if (!S_ISREG(info.st_mode))
        return rs_fail(job, CATALOG_DB_INVALID, "\"%s\" is not a file", name);
    out->bytes = info.st_size;
    if (sqlite3_open_v2(name, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return not_one(job, path, db);
    return look(job, path, db, out);
}

int catalog_file_version(void)
{
    return db_schema_version;
}

rs_status catalog_file_script(struct rs_job *job, int from, rs_text *out)
{
    rs_buf text = rs_buf_in(job);

    if (from < 0 || from > db_schema_version)
        return rs_fail(job, RS_INVALID, "there is no schema %d; this version knows 1 to %d", from, db_schema_version);
    rs_buf_printf(&text, "-- The schema of a report server database, from version %d to %d: for sqlite3.\n", from,
                  db_schema_version);
    if (from == 0)
        rs_buf_add_literal(&text, "PRAGMA journal_mode = WAL;\n");
    rs_buf_add_literal(&text, "BEGIN IMMEDIATE;\n");
    for (int version = from; version < db_schema_version; version++) {
        rs_text rest = rs_text_from(db_migrations[version]), statement;
        while (rest.size > 0) {
            rs_text_cut(rest, ';', &statement, &rest);
            rs_buf_printf(&text, "%.*s;\n", RS_TEXT_ARG(rs_text_trim(statement)));
        }
    }
    rs_buf_printf(&text, "PRAGMA user_version = %d;\nCOMMIT;\n", db_schema_version);
    *out = rs_buf_text(&text);
    return RS_OK;
}
