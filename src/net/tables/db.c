#include "net/tables/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/vec.h"
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
    sqlite3_close(db->sqlite);
    free(db->path);
    free(db);
}

/* ---- loading ------------------------------------------------------------------------------- */

RS_VEC_TYPE(struct tables_application, application_vec);
RS_VEC_TYPE(struct tables_reservation, reservation_vec);
RS_VEC_TYPE(struct tables_binding, binding_vec);
RS_VEC_TYPE(struct tables_slot, slot_vec);
RS_VEC_TYPE(struct tables_folder, folder_vec);
RS_VEC_TYPE(struct policy_value, policy_vec);

/* A row "owner, name, value". One that this version does not know may be what keeps others out: nothing is served
 * without it. */
static rs_status db_load_setting(struct rs_job *job, struct tables_db *db, sql_statement statement, enum policy_scope scope,
                                 struct policy_vec *values)
{
    rs_text name = sql_text(job, statement, 1);
    enum policy_id id;

    if (!policy_find(scope, name, &id))
        return rs_fail(job, TABLES_DB_NEWER, "\"%s\" holds the setting \"%.*s\", which this version does not know",
                       db->path, RS_TEXT_ARG(name));
    rs_vec_push(job, values, (struct policy_value){id, sql_text(job, statement, 2)});
    return RS_OK;
}

static struct tables_policy db_policy(const struct policy_vec *values, size_t at, size_t count)
{
    return (struct tables_policy){count ? values->items + at : NULL, count};
}

/* In the order of the applications, as `applications` is. */
static rs_status db_load_application_settings(struct rs_job *job, struct tables_db *db, struct application_vec *applications)
{
    SQL_STATEMENT statement = NULL;
    struct policy_vec values = {0};
    size_t application = 0;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement,
                       "SELECT a.name, s.name, s.value FROM application_setting s JOIN application a ON a.name = s.application"
                       " ORDER BY a.id, s.name", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        while (!rs_text_equal(applications->items[application].name, sql_text(job, statement, 0)))
            application++;
        RS_TRY(db_load_setting(job, db, statement, POLICY_APPLICATION, &values));
        applications->items[application].policy.count++;
    }
    for (size_t i = 0, at = 0; i < applications->count; i++) {
        size_t count = applications->items[i].policy.count;
        applications->items[i].policy = db_policy(&values, at, count);
        at += count;
    }
    return RS_OK;
}

static rs_status db_load_applications(struct rs_job *job, struct tables_db *db, struct application_vec *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement, "SELECT name, kind, directory, target FROM application ORDER BY id", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            return db_load_application_settings(job, db, out);
        rs_vec_push(job, out, (struct tables_application){
            .name = sql_text(job, statement, 0),
            .kind = sqlite3_column_int(statement, 1) == TABLES_REPORT_SERVER ? TABLES_REPORT_SERVER : TABLES_OTHER,
            .directory = sql_text(job, statement, 2),
            .target = sql_text(job, statement, 3)});
    }
}

static rs_status db_load_reservations(struct rs_job *job, struct tables_db *db, struct reservation_vec *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement,
                       "SELECT r.id, a.name, r.url, r.account, r.acl, r.created_ms, r.created_by"
                       " FROM reservation r JOIN application a ON a.name = r.application ORDER BY r.id", ""));
    for (;;) {
        struct tables_reservation *to;
        RS_TRY(rs_job_checkpoint(job));
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            return RS_OK;
        to = rs_vec_add(job, out);
        to->id = sqlite3_column_int64(statement, 0);
        to->application = sql_text(job, statement, 1);
        if (tables_prefix_parse(job, sql_text(job, statement, 2), &to->prefix) != RS_OK) {
            rs_text why = rs_text_copy(job, rs_job_message(job));
            rs_job_forgive(job);
            return rs_fail(job, TABLES_DB_BROKEN, "\"%s\" holds a URL that is none: %.*s", db->path, RS_TEXT_ARG(why));
        }
        to->account = sql_text(job, statement, 3);
        to->acl = sql_text(job, statement, 4);
        to->created_ms = sqlite3_column_int64(statement, 5);
        to->created_by = sql_text(job, statement, 6);
    }
}

/* The parts of all rows are read in one sweep each: `bindings` and the queries are in the same order. This steps on to
 * the row that the part of now belongs to. */
static rs_status db_part_owner(struct rs_job *job, const struct tables_db *db, sql_statement statement, const char *part,
                               const struct binding_vec *bindings, size_t *binding)
{
    RS_TRY(rs_job_checkpoint(job));
    while (*binding < bindings->count && bindings->items[*binding].id != sqlite3_column_int64(statement, 0))
        (*binding)++;
    if (*binding == bindings->count)
        return rs_fail(job, TABLES_DB_BROKEN, "\"%s\" holds a %s of a binding that is not there", db->path, part);
    return RS_OK;
}

static rs_status db_load_certificates(struct rs_job *job, struct tables_db *db, struct binding_vec *bindings)
{
    SQL_STATEMENT statement = NULL;
    RS_VEC(struct tables_certificate) certificates = {0};
    size_t binding = 0, at = 0;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement,
                       "SELECT binding, sha1, sha256, slot FROM binding_certificate ORDER BY binding, position", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        RS_TRY(db_part_owner(job, db, statement, "certificate", bindings, &binding));
        rs_vec_push(job, &certificates, (struct tables_certificate){
            sql_text(job, statement, 1), sql_text(job, statement, 2), sql_text(job, statement, 3)});
        bindings->items[binding].certificate_count++;
    }
    for (size_t i = 0; i < bindings->count; i++) {
        struct tables_binding *to = &bindings->items[i];
        if (to->certificate_count == 0)
            return rs_fail(job, TABLES_DB_BROKEN, "\"%s\" holds a binding without a certificate", db->path);
        to->certificates = certificates.items + at;
        at += to->certificate_count;
    }
    return RS_OK;
}

static rs_status db_load_claims(struct rs_job *job, struct tables_db *db, struct binding_vec *bindings)
{
    SQL_STATEMENT statement = NULL;
    RS_VEC(struct tables_claim) claims = {0};
    size_t binding = 0;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement,
                       "SELECT c.binding, a.name, c.created_ms, c.created_by FROM claim c"
                       " JOIN application a ON a.name = c.application ORDER BY c.binding, c.created_ms, a.id", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        RS_TRY(db_part_owner(job, db, statement, "claim", bindings, &binding));
        rs_vec_push(job, &claims, (struct tables_claim){sql_text(job, statement, 1), sqlite3_column_int64(statement, 2),
                                                        sql_text(job, statement, 3)});
        bindings->items[binding].claim_count++;
    }
    for (size_t i = 0, at = 0; i < bindings->count; i++) {
        bindings->items[i].claims = claims.count ? claims.items + at : NULL;
        at += bindings->items[i].claim_count;
    }
    return RS_OK;
}

/* Likewise. */
static rs_status db_load_binding_settings(struct rs_job *job, struct tables_db *db, struct binding_vec *bindings)
{
    SQL_STATEMENT statement = NULL;
    struct policy_vec values = {0};
    size_t binding = 0;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement, "SELECT binding, name, value FROM binding_setting ORDER BY binding, name", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        RS_TRY(db_part_owner(job, db, statement, "setting", bindings, &binding));
        RS_TRY(db_load_setting(job, db, statement, POLICY_ROW, &values));
        bindings->items[binding].policy.count++;
    }
    for (size_t i = 0, at = 0; i < bindings->count; i++) {
        size_t count = bindings->items[i].policy.count;
        bindings->items[i].policy = db_policy(&values, at, count);
        at += count;
    }
    return RS_OK;
}

static rs_status db_load_bindings(struct rs_job *job, struct tables_db *db, struct binding_vec *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement,
                       "SELECT id, address, port, host, generation FROM binding ORDER BY id", ""));
    for (;;) {
        struct tables_binding *to;
        RS_TRY(rs_job_checkpoint(job));
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        to = rs_vec_add(job, out);
        to->id = sqlite3_column_int64(statement, 0);
        if (!tables_address_parse(sql_text(job, statement, 1), &to->address) ||
            sqlite3_column_int64(statement, 2) < 1 || sqlite3_column_int64(statement, 2) > 65535)
            return rs_fail(job, TABLES_DB_BROKEN, "\"%s\" holds a binding of \"%.*s\", port %d, which is no address",
                           db->path, RS_TEXT_ARG(sql_text(job, statement, 1)), sqlite3_column_int(statement, 2));
        to->port = (uint16_t)sqlite3_column_int(statement, 2);
        to->host = sql_text(job, statement, 3);
        to->generation = (uint64_t)sqlite3_column_int64(statement, 4);
    }
    RS_TRY(db_load_certificates(job, db, out));
    RS_TRY(db_load_claims(job, db, out));
    return db_load_binding_settings(job, db, out);
}

static rs_status db_load_slots(struct rs_job *job, struct tables_db *db, struct slot_vec *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement, "SELECT name, sha1, sha256, source, changed_ms FROM slot ORDER BY name", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            return RS_OK;
        rs_vec_push(job, out, (struct tables_slot){sql_text(job, statement, 0), sql_text(job, statement, 1),
                                                   sql_text(job, statement, 2), sql_text(job, statement, 3),
                                                   sqlite3_column_int64(statement, 4)});
    }
}

static rs_status db_load_folders(struct rs_job *job, struct tables_db *db, struct folder_vec *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement, "SELECT path, slot FROM watched_folder ORDER BY path", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            return RS_OK;
        rs_vec_push(job, out, (struct tables_folder){sql_text(job, statement, 0), sql_text(job, statement, 1)});
    }
}

/* Inside whatever transaction is open. */
static rs_status db_load_rows(struct rs_job *job, struct tables_db *db, struct tables_snapshot **out)
{
    struct tables_rows rows = {0};
    struct application_vec applications = {0};
    struct reservation_vec reservations = {0};
    struct binding_vec bindings = {0};
    struct slot_vec slots = {0};
    struct folder_vec folders = {0};

    RS_TRY(sql_number(job, db, &rows.revision, "SELECT value FROM meta WHERE name = 'revision'"));
    RS_TRY(db_load_applications(job, db, &applications));
    RS_TRY(db_load_reservations(job, db, &reservations));
    RS_TRY(db_load_bindings(job, db, &bindings));
    RS_TRY(db_load_slots(job, db, &slots));
    RS_TRY(db_load_folders(job, db, &folders));
    rows.applications = applications.items;
    rows.application_count = applications.count;
    rows.reservations = reservations.items;
    rows.reservation_count = reservations.count;
    rows.bindings = bindings.items;
    rows.binding_count = bindings.count;
    rows.slots = slots.items;
    rows.slot_count = slots.count;
    rows.folders = folders.items;
    rows.folder_count = folders.count;
    *out = tables_snapshot_create(&rows);
    return RS_OK;
}

rs_status tables_db_load(struct rs_job *job, struct tables_db *db, struct tables_snapshot **out)
{
    bool alone = sqlite3_get_autocommit(db->sqlite);
    rs_status status;

    if (alone)
        RS_TRY(db_exec(job, db, "BEGIN")); /* all tables at one revision */
    status = db_load_rows(job, db, out);
    if (alone)
        sql_rollback(db);
    return status;
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

rs_status tables_db_set_shown(struct rs_job *job, struct tables_db *db, int64_t shown)
{
    return sql_run(job, db, "INSERT INTO meta(name, value) VALUES('shown', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                   "i", shown);
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
