#include "store/catalog/db.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/log.h"

#define STATEMENTS_MAX 64     /* distinct literals in this folder; db_query asserts it */
#define BUSY_WAIT_MS 10000    /* for another process's change, unless told otherwise */

struct db_query {
    struct catalog *catalog;
    const char *sql;
    sqlite3_stmt *statement;
    int failed; /* first SQLite result of a bind that was not SQLITE_OK */
    bool in_use;
};

struct db_change {
    struct catalog *catalog;
};

struct catalog {
    sqlite3 *db;
    char *path;
    struct db_query queries[STATEMENTS_MAX];
    size_t query_count;
    struct db_change change;
    bool in_change;
    int64_t wait_ms; /* for another process's change */
};

/* One entry per schema version, applied in order inside one transaction; user_version counts them. */
const char *const db_migrations[] = {
    "CREATE TABLE item ("
    " number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " parent INTEGER REFERENCES item(number) ON DELETE CASCADE,"
    " name TEXT NOT NULL, name_key TEXT NOT NULL, kind INTEGER NOT NULL,"
    " description TEXT NOT NULL DEFAULT '', hidden INTEGER NOT NULL DEFAULT 0,"
    " mime_type TEXT NOT NULL DEFAULT '', size INTEGER NOT NULL DEFAULT 0,"
    " created_by TEXT NOT NULL, created_ms INTEGER NOT NULL,"
    " modified_by TEXT NOT NULL, modified_ms INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, content_revision INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX item_in_folder ON item(parent, name_key);"
    "CREATE TABLE content ("
    " item INTEGER PRIMARY KEY REFERENCES item(number) ON DELETE CASCADE, bytes BLOB NOT NULL);"
    "CREATE TABLE reference ("
    " item INTEGER NOT NULL REFERENCES item(number) ON DELETE CASCADE, name TEXT NOT NULL,"
    " target INTEGER REFERENCES item(number) ON DELETE SET NULL, path TEXT NOT NULL,"
    " PRIMARY KEY (item, name)) WITHOUT ROWID;"
    "CREATE INDEX reference_target ON reference(target);"
    "CREATE TABLE account ("
    " name_key TEXT PRIMARY KEY, name TEXT NOT NULL, password_hash TEXT NOT NULL,"
    " role INTEGER NOT NULL, created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE generation (one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL);"
    "INSERT INTO generation VALUES (1, 1);"
    "INSERT INTO item (number, id, parent, name, name_key, kind, created_by, created_ms, modified_by,"
    "  modified_ms, revision, content_revision)"
    " VALUES (1, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)"
    "  || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))), NULL, '', '', 1, '', "
    "  CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER), '', "
    "  CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER), 1, 1);",
    /* 1 -> 2: which key the sealed texts are sealed with (empty: none yet, or by an older version); sealed texts that belong to
     * the server, not to an item */
    "CREATE TABLE seal (one INTEGER PRIMARY KEY CHECK (one = 1), key_check TEXT NOT NULL);"
    "INSERT INTO seal VALUES (1, '');"
    "CREATE TABLE secret (name TEXT PRIMARY KEY, sealed TEXT NOT NULL) WITHOUT ROWID;",
};

const int db_schema_version = sizeof db_migrations / sizeof db_migrations[0];

/* SQLite reports a file that cannot grow as SQLITE_FULL, but one of its own beside it (the index of the log) as an I/O
 * error, whose cause it keeps or leaves in errno. */
static bool is_out_of_room(struct catalog *catalog, int result, int last)
{
    int system = sqlite3_system_errno(catalog->db) ? sqlite3_system_errno(catalog->db) : last;

    return (result & 0xFF) == SQLITE_FULL ||
           ((result & 0xFF) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT || system == EFBIG));
}

static rs_status db_failed(struct rs_job *job, struct catalog *catalog, int result)
{
    if (is_out_of_room(catalog, result, errno))
        return rs_fail(job, CATALOG_DISK_FULL,
                       "the disk that holds the report server database \"%s\" is full; free some room",
                       catalog->path);
    /* One of the files beside it, mostly: what SQLite tells of those is no help. */
    if ((result & 0xFF) == SQLITE_CANTOPEN && access(catalog->path, R_OK | W_OK) != 0)
        return rs_fail(job, CATALOG_DB_UNAVAILABLE, "the report server database \"%s\" cannot be read and written: %s",
                       catalog->path, strerror(errno));
    switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return rs_fail(job, CATALOG_DB_UNAVAILABLE,
                       "the report server database \"%s\" is busy with another change; try again",
                       catalog->path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return rs_fail(job, CATALOG_DB_INVALID,
                       "\"%s\" is not a report server database or is damaged: %s; restore it from a backup",
                       catalog->path, sqlite3_errmsg(catalog->db));
    case SQLITE_TOOBIG:
        return rs_fail(job, RS_OVER_LIMIT, "the content is too large for the report server database");
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return rs_fail(job, CATALOG_DB_UNAVAILABLE,
                       "the report server database \"%s\" cannot be written: %s; mend its owner and mode",
                       catalog->path, sqlite3_errmsg(catalog->db));
    default:
        return rs_fail(job, CATALOG_DB_UNAVAILABLE, "the report server database \"%s\" does not answer: %s",
                       catalog->path, sqlite3_errmsg(catalog->db));
    }
}

static rs_status run_sql(struct rs_job *job, struct catalog *catalog, const char *sql)
{
    int result = sqlite3_exec(catalog->db, sql, NULL, NULL, NULL);

    return result == SQLITE_OK ? RS_OK : db_failed(job, catalog, result);
}

static rs_status schema_version(struct rs_job *job, struct catalog *catalog, int *out)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(catalog->db, "PRAGMA user_version", -1, &statement, NULL);

    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        *out = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return result == SQLITE_ROW ? RS_OK : db_failed(job, catalog, result);
}

/* Another process may be migrating the same file: the version is read again once the change has begun. */
static rs_status migrate(struct rs_job *job, struct catalog *catalog)
{
    int version = 0;

    RS_TRY(schema_version(job, catalog, &version));
    if (version > db_schema_version)
        return rs_fail(job, CATALOG_DB_NEWER,
                       "the report server database \"%s\" has schema %d, this version knows up to %d; "
                       "use the version that wrote it or a newer one",
                       catalog->path, version, db_schema_version);
    if (version == db_schema_version)
        return RS_OK;
    RS_OWNED(db_change) change = NULL;
    RS_TRY(db_change_begin(job, catalog, &change));
    RS_TRY(schema_version(job, catalog, &version));
    for (; version < db_schema_version; version++) {
        char pragma[64];
        RS_TRY(run_sql(job, catalog, db_migrations[version]));
        snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", version + 1);
        RS_TRY(run_sql(job, catalog, pragma));
    }
    return db_change_commit(job, change);
}

static rs_status prepare_connection(struct rs_job *job, struct catalog *catalog)
{
    catalog_wait(catalog, BUSY_WAIT_MS);
    sqlite3_limit(catalog->db, SQLITE_LIMIT_LENGTH, (int)(CATALOG_CONTENT_MAX + 4096));
    RS_TRY(run_sql(job, catalog, "PRAGMA journal_mode = WAL"));
    RS_TRY(run_sql(job, catalog, "PRAGMA synchronous = FULL"));
    RS_TRY(run_sql(job, catalog, "PRAGMA foreign_keys = ON"));
    RS_TRY(run_sql(job, catalog, "PRAGMA trusted_schema = OFF"));
    return migrate(job, catalog);
}

rs_status catalog_open(struct rs_job *job, rs_text path, struct catalog **out)
{
    RS_OWNED(catalog) catalog = calloc(1, sizeof *catalog);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

    if (!catalog || !(catalog->path = strndup(path.bytes ? path.bytes : "", path.size)))
        return rs_fail(job, RS_NO_MEMORY, "no memory to open the report server database");
    mode_t mask = umask(077); /* it holds password hashes: for its owner only */
    int result = sqlite3_open_v2(catalog->path, &catalog->db, flags, NULL);
    umask(mask);
    if (result != SQLITE_OK)
        return rs_fail(job, CATALOG_DB_UNAVAILABLE, "cannot open the report server database \"%s\": %s",
                       catalog->path, catalog->db ? sqlite3_errmsg(catalog->db) : "no memory");
    mask = umask(077); /* the journal beside it */
    rs_status status = prepare_connection(job, catalog);
    umask(mask);
    RS_TRY(status);
    *out = rs_move(catalog);
    return RS_OK;
}

void catalog_wait(struct catalog *catalog, int64_t ms)
{
    catalog->wait_ms = ms <= 0 || ms > INT32_MAX ? INT32_MAX : ms;
    sqlite3_busy_timeout(catalog->db, (int)catalog->wait_ms);
}

void catalog_close(struct catalog *catalog)
{
    if (!catalog)
        return;
    for (size_t i = 0; i < catalog->query_count; i++)
        sqlite3_finalize(catalog->queries[i].statement);
    sqlite3_close(catalog->db);
    free(catalog->path);
    free(catalog);
}

/* ---- statements ---------------------------------------------------------------------------------- */

static struct db_query *prepared(struct catalog *catalog, const char *sql)
{
    for (size_t i = 0; i < catalog->query_count; i++)
        if (catalog->queries[i].sql == sql && !catalog->queries[i].in_use)
            return &catalog->queries[i];
    return NULL;
}

rs_status db_query(struct rs_job *job, struct catalog *catalog, const char *sql, struct db_query **out)
{
    struct db_query *query = prepared(catalog, sql);
    int64_t left_ms = rs_job_time_left_ms(job);

    RS_TRY(rs_job_checkpoint(job));
    sqlite3_busy_timeout(catalog->db, (int)(left_ms < catalog->wait_ms ? left_ms : catalog->wait_ms));
    if (!query) {
        if (catalog->query_count == STATEMENTS_MAX)
            rs_log_abort("store/catalog: more statements than STATEMENTS_MAX");
        query = &catalog->queries[catalog->query_count];
        int result = sqlite3_prepare_v3(catalog->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &query->statement, NULL);
        if (result != SQLITE_OK)
            return db_failed(job, catalog, result);
        query->catalog = catalog;
        query->sql = sql;
        catalog->query_count++;
    }
    query->in_use = true;
    query->failed = SQLITE_OK;
    *out = query;
    return RS_OK;
}

void db_query_done(struct db_query *query)
{
    if (!query)
        return;
    sqlite3_reset(query->statement);
    sqlite3_clear_bindings(query->statement);
    query->in_use = false;
}

static void bound(struct db_query *query, int result)
{
    if (query->failed == SQLITE_OK)
        query->failed = result;
}

void db_bind_text(struct db_query *query, int parameter, rs_text t)
{
    bound(query, sqlite3_bind_text64(query->statement, parameter, t.bytes ? t.bytes : "", t.size,
                                     SQLITE_STATIC, SQLITE_UTF8));
}

void db_bind_bytes(struct db_query *query, int parameter, rs_text bytes)
{
    bound(query, sqlite3_bind_blob64(query->statement, parameter, bytes.bytes ? bytes.bytes : "", bytes.size,
                                     SQLITE_STATIC));
}

void db_bind_int(struct db_query *query, int parameter, int64_t number)
{
    bound(query, sqlite3_bind_int64(query->statement, parameter, number));
}

void db_bind_null(struct db_query *query, int parameter)
{
    bound(query, sqlite3_bind_null(query->statement, parameter));
}

rs_status db_step(struct rs_job *job, struct db_query *query, bool *row)
{
    int result;

    RS_TRY(rs_job_checkpoint(job));
    if (query->failed != SQLITE_OK)
        return db_failed(job, query->catalog, query->failed);
    result = sqlite3_step(query->statement);
    *row = result == SQLITE_ROW;
    return result == SQLITE_ROW || result == SQLITE_DONE ? RS_OK : db_failed(job, query->catalog, result);
}

rs_status db_run(struct rs_job *job, struct db_query *query)
{
    bool row;

    return db_step(job, query, &row);
}

rs_text db_text(struct rs_job *job, struct db_query *query, int column)
{
    const char *bytes = (const char *)sqlite3_column_text(query->statement, column);

    return rs_text_copy(job, rs_text_of(bytes, (size_t)sqlite3_column_bytes(query->statement, column)));
}

int64_t db_int(struct db_query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

bool db_is_null(struct db_query *query, int column)
{
    return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

rs_status db_bytes(struct rs_job *job, struct db_query *query, int column, rs_text *out)
{
    const void *bytes = sqlite3_column_blob(query->statement, column);
    size_t size = (size_t)sqlite3_column_bytes(query->statement, column);
    void *copy;

    RS_TRY(rs_try_alloc(job, size + 1, 1, &copy));
    if (size > 0)
        memcpy(copy, bytes, size);
    *out = rs_text_of(copy, size);
    return RS_OK;
}

int db_changes(const struct catalog *catalog)
{
    return sqlite3_changes(catalog->db);
}

int64_t db_last_number(const struct catalog *catalog)
{
    return sqlite3_last_insert_rowid(catalog->db);
}

/* ---- changes ------------------------------------------------------------------------------------- */

rs_status db_change_begin(struct rs_job *job, struct catalog *catalog, struct db_change **out)
{
    assert(!catalog->in_change);
    RS_TRY(run_sql(job, catalog, "BEGIN IMMEDIATE"));
    catalog->in_change = true;
    catalog->change.catalog = catalog;
    *out = &catalog->change;
    return RS_OK;
}

rs_status db_change_commit(struct rs_job *job, struct db_change *change)
{
    RS_TRY(run_sql(job, change->catalog, "COMMIT"));
    change->catalog->in_change = false;
    return RS_OK;
}

void db_change_end(struct db_change *change)
{
    if (!change || !change->catalog->in_change)
        return;
    sqlite3_exec(change->catalog->db, "ROLLBACK", NULL, NULL, NULL);
    change->catalog->in_change = false;
}

rs_status db_next_revision(struct rs_job *job, struct catalog *catalog, int64_t *out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    RS_TRY(db_query(job, catalog, "UPDATE generation SET revision = revision + 1 RETURNING revision", &query));
    RS_TRY(db_step(job, query, &row));
    *out = db_int(query, 0);
    return db_step(job, query, &row); /* to its end: the update is only done then */
}

rs_status catalog_generation(struct rs_job *job, struct catalog *catalog, int64_t *out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    RS_TRY(db_query(job, catalog, "SELECT revision FROM generation", &query));
    RS_TRY(db_step(job, query, &row));
    *out = row ? db_int(query, 0) : 0;
    return RS_OK;
}
