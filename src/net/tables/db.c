#include "net/tables/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/vec.h"
#include "net/tables/load.h"
#include "net/tables/sql.h"


/* ---- the shape ----------------------------------------------------------------------------- */

/* Each step brings the database from the version of its index to the next; PRAGMA user_version holds where
 * it is. A step that was ever released is never changed. */
static const char *const db_steps[] = {
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;"
    "INSERT INTO meta VALUES('revision', 0), ('generation', 0);"
    "CREATE TABLE application("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    "  kind INTEGER NOT NULL,"
    "  directory TEXT NOT NULL) STRICT;"
    "INSERT INTO application(name, kind, directory) VALUES"
    "  ('ReportServerWebService', 0, 'ReportServer'), ('ReportServerWebApp', 0, 'Reports');"
    "CREATE TABLE reservation("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  application TEXT NOT NULL COLLATE NOCASE REFERENCES application(name) ON UPDATE CASCADE,"
    "  url TEXT NOT NULL,"          /* as tables_prefix_write writes it */
    "  folded TEXT NOT NULL UNIQUE," /* the same with its case folded: one row for one subtree */
    "  account TEXT NOT NULL,"
    "  acl TEXT NOT NULL,"
    "  created_ms INTEGER NOT NULL,"
    "  created_by TEXT NOT NULL) STRICT;"
    "CREATE TABLE binding("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  address TEXT NOT NULL,"
    "  port INTEGER NOT NULL,"
    "  host TEXT NOT NULL," /* of SNI; empty = any */
    "  sha1 TEXT NOT NULL,"
    "  sha256 TEXT NOT NULL,"
    "  generation INTEGER NOT NULL UNIQUE,"
    "  UNIQUE(address, port, host)) STRICT;"
    "CREATE TABLE claim("
    "  binding INTEGER NOT NULL REFERENCES binding(id) ON DELETE CASCADE,"
    "  application TEXT NOT NULL COLLATE NOCASE REFERENCES application(name) ON UPDATE CASCADE,"
    "  created_ms INTEGER NOT NULL,"
    "  created_by TEXT NOT NULL,"
    "  PRIMARY KEY(binding, application)) STRICT;"
    "CREATE TABLE history("
    "  revision INTEGER PRIMARY KEY,"
    "  at_ms INTEGER NOT NULL,"
    "  who TEXT NOT NULL,"
    "  tool TEXT NOT NULL,"
    "  what TEXT NOT NULL,"
    "  before TEXT NOT NULL,"
    "  after TEXT NOT NULL) STRICT;",
    /* 1 -> 2: settings; names as in policy.def */
    "CREATE TABLE binding_setting("
    "  binding INTEGER NOT NULL REFERENCES binding(id) ON DELETE CASCADE,"
    "  name TEXT NOT NULL,"
    "  value TEXT NOT NULL,"
    "  PRIMARY KEY(binding, name)) STRICT;"
    "CREATE TABLE application_setting("
    "  application TEXT NOT NULL COLLATE NOCASE REFERENCES application(name) ON UPDATE CASCADE ON DELETE CASCADE,"
    "  name TEXT NOT NULL,"
    "  value TEXT NOT NULL,"
    "  PRIMARY KEY(application, name)) STRICT;",
    /* 2 -> 3: several certificates of a row */
    "CREATE TABLE binding_certificate("
    "  binding INTEGER NOT NULL REFERENCES binding(id) ON DELETE CASCADE,"
    "  position INTEGER NOT NULL,"
    "  sha1 TEXT NOT NULL,"
    "  sha256 TEXT NOT NULL,"
    "  PRIMARY KEY(binding, position)) STRICT, WITHOUT ROWID;"
    "INSERT INTO binding_certificate SELECT id, 0, sha1, sha256 FROM binding;"
    "ALTER TABLE binding DROP COLUMN sha1;"
    "ALTER TABLE binding DROP COLUMN sha256;",
    /* 3 -> 4: other applications; where they are */
    "ALTER TABLE application ADD COLUMN target TEXT NOT NULL DEFAULT '';",
    /* 4 -> 5: named slots, and folders whose certificates go there */
    "CREATE TABLE slot("
    "  name TEXT PRIMARY KEY COLLATE NOCASE,"
    "  sha1 TEXT NOT NULL,"
    "  sha256 TEXT NOT NULL,"
    "  source TEXT NOT NULL,"
    "  changed_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE watched_folder(path TEXT PRIMARY KEY, slot TEXT NOT NULL) STRICT;"
    "ALTER TABLE binding_certificate ADD COLUMN slot TEXT NOT NULL DEFAULT '';",
};
#define DB_VERSION ((int64_t)(sizeof db_steps / sizeof db_steps[0]))

static rs_status db_exec(struct rs_job *job, struct tables_db *db, const char *sql)
{
    int code = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? RS_OK : sql_fail(job, db, code);
}

/* Under the write lock: two processes may open a new database at once. */
static rs_status db_step_up(struct rs_job *job, struct tables_db *db)
{
    int64_t version;

    RS_TRY(sql_number(job, db, &version, "PRAGMA user_version"));
    for (; version < DB_VERSION; version++)
        RS_TRY(db_exec(job, db, db_steps[version]));
    return db_exec(job, db, rs_text_format(job, "PRAGMA user_version=%d", (int)DB_VERSION).bytes);
}

static rs_status db_migrate(struct rs_job *job, struct tables_db *db)
{
    int64_t version;
    rs_status status;

    RS_TRY(sql_number(job, db, &version, "PRAGMA user_version"));
    if (version > DB_VERSION)
        return rs_fail(job, TABLES_DB_NEWER, "\"%s\" was written by a newer version of this program", db->path);
    if (version == DB_VERSION)
        return RS_OK;
    RS_TRY(db_exec(job, db, "BEGIN IMMEDIATE"));
    status = db_step_up(job, db);
    if (status == RS_OK)
        status = db_exec(job, db, "COMMIT");
    if (status != RS_OK)
        sql_rollback(db);
    return status;
}

/* ---- opening ------------------------------------------------------------------------------- */

static rs_status db_check(struct rs_job *job, struct tables_db *db)
{
    SQL_STATEMENT statement = NULL;
    bool row;
    rs_text verdict;

    RS_TRY(sql_prepare(job, db, &statement, "PRAGMA quick_check(1)", ""));
    RS_TRY(sql_step(job, db, statement, &row));
    verdict = row ? sql_text(job, statement, 0) : RS_TEXT("no answer");
    if (!rs_text_equal(verdict, RS_TEXT("ok")))
        return rs_fail(job, TABLES_DB_BROKEN, "\"%s\" is damaged (%.*s): restore it from a backup", db->path,
                       RS_TEXT_ARG(verdict));
    return RS_OK;
}

static rs_status db_set_up(struct rs_job *job, struct tables_db *db)
{
    int code = sqlite3_open_v2(db->path, &db->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

    if (code != SQLITE_OK)
        return sql_fail(job, db, code);
    sqlite3_extended_result_codes(db->sqlite, 1);
    sqlite3_busy_timeout(db->sqlite, TABLES_DB_BUSY_MS);
    RS_TRY(sql_run(job, db, "PRAGMA journal_mode=WAL", ""));
    RS_TRY(sql_run(job, db, "PRAGMA synchronous=FULL", ""));
    RS_TRY(sql_run(job, db, "PRAGMA foreign_keys=ON", ""));
    RS_TRY(sql_run(job, db, "PRAGMA trusted_schema=OFF", ""));
    RS_TRY(sql_run(job, db, "PRAGMA cell_size_check=ON", ""));
    RS_TRY(db_migrate(job, db));
    return db_check(job, db);
}

/* A new file for its owner only; SQLite's other files take its mode. A file that is there is not even
 * opened: closing it again would drop the locks that this process holds on it through SQLite. */
static rs_status db_make_file(struct rs_job *job, const char *name)
{
    RS_OWNED_FD fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0 && errno != EEXIST)
        return rs_fail(job, errno == ENOSPC ? TABLES_DISK_FULL : errno == EACCES ? RS_DENIED : RS_IO,
                       "cannot make \"%s\": %s", name, strerror(errno));
    return RS_OK;
}

rs_status tables_db_open(struct rs_job *job, rs_text path, struct tables_db **out)
{
    RS_OWNED(tables_db) db = calloc(1, sizeof *db);
    const char *name = rs_text_terminated(job, path);

    if (!db || !(db->path = strdup(name)))
        return rs_fail(job, RS_NO_MEMORY, "no memory to open \"%s\"", name);
    RS_TRY(db_make_file(job, name));
    RS_TRY(db_set_up(job, db));
    *out = rs_move(db);
    return RS_OK;
}

void tables_db_close(struct tables_db *db)
{
    if (!db)
        return;
    sql_rollback(db);
    sql_forget(db);
    tables_snapshot_unref(db->group_before);
    tables_snapshot_unref(db->current);
    sqlite3_close(db->sqlite);
    free(db->path);
    free(db);
}

/* ---- reading ------------------------------------------------------------------------------- */

rs_status tables_db_load(struct rs_job *job, struct tables_db *db, struct tables_snapshot **out)
{
    bool alone = sqlite3_get_autocommit(db->sqlite);
    int64_t revision;
    rs_status status;

    RS_TRY(tables_db_revision(job, db, &revision));
    if (db->current && tables_snapshot_revision(db->current) == revision) { /* nobody changed anything since */
        *out = tables_snapshot_ref(db->current);
        return RS_OK;
    }
    if (alone)
        RS_TRY(db_exec(job, db, "BEGIN")); /* all tables at one revision */
    status = load_all(job, db, out);
    if (alone)
        sql_rollback(db);
    sqlite3_db_release_memory(db->sqlite); /* pages of rows that are known now: a change looks at few of them */
    if (status == RS_OK)
        db_keep_current(db, *out);
    return status;
}

void db_keep_current(struct tables_db *db, struct tables_snapshot *snapshot)
{
    tables_snapshot_ref(snapshot);
    tables_snapshot_unref(db->current);
    db->current = snapshot;
}

rs_status tables_db_revision(struct rs_job *job, struct tables_db *db, int64_t *out)
{
    return sql_number(job, db, out, "SELECT value FROM meta WHERE name = 'revision'");
}

rs_status tables_db_directory(struct rs_job *job, struct tables_db *db, rs_text application, rs_text *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement, "SELECT directory FROM application WHERE name = ?", "t", application));
    RS_TRY(sql_step(job, db, statement, &row));
    if (!row)
        return rs_fail(job, RS_NOT_FOUND, "there is no application \"%.*s\"", RS_TEXT_ARG(application));
    *out = sql_text(job, statement, 0);
    return RS_OK;
}

rs_status tables_db_shown(struct rs_job *job, struct tables_db *db, int64_t *out)
{
    return sql_number(job, db, out, "SELECT value FROM meta WHERE name = 'shown'");
}

static rs_status write_shown(struct rs_job *job, struct tables_db *db, int64_t shown)
{
    return sql_run(job, db, "INSERT INTO meta(name, value) VALUES('shown', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                   "i", shown);
}

/* It does not wait for the disk: whatever is committed after it takes it along, and until then the file is what it says. */
rs_status tables_db_set_shown(struct rs_job *job, struct tables_db *db, int64_t shown)
{
    bool alone = sqlite3_get_autocommit(db->sqlite);
    rs_status status;

    if (alone)
        RS_TRY(sql_run(job, db, "PRAGMA synchronous=NORMAL", ""));
    status = write_shown(job, db, shown);
    if (alone)
        (void)sqlite3_exec(db->sqlite, "PRAGMA synchronous=FULL", NULL, NULL, NULL);
    return status;
}

rs_status tables_db_history(struct rs_job *job, struct tables_db *db, size_t limit,
                            const struct tables_event **out, size_t *count)
{
    SQL_STATEMENT statement = NULL;
    RS_VEC(struct tables_event) events = {0};
    bool row;

    RS_TRY(sql_prepare(job, db, &statement,
                       "SELECT revision, at_ms, who, tool, what, before, after FROM history"
                       " ORDER BY revision DESC LIMIT ?", "i", (int64_t)(limit > INT32_MAX ? INT32_MAX : limit)));
    for (;;) {
        RS_TRY(rs_job_checkpoint(job));
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        rs_vec_push(job, &events, (struct tables_event){
            sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1), sql_text(job, statement, 2),
            sql_text(job, statement, 3), sql_text(job, statement, 4), sql_text(job, statement, 5),
            sql_text(job, statement, 6)});
    }
    *out = events.items;
    *count = events.count;
    return RS_OK;
}
