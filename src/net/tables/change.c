#include "net/tables/change.h"

#include <assert.h>

#include "base/buf.h"
#include "base/clock.h"
#include "format/json/json.h"
#include "net/tables/load.h"
#include "net/tables/note.h"
#include "net/tables/plan.h"
#include "net/tables/sql.h"

#define GENERATION_STOCK 1000

struct tables_pending {
    struct tables_db *db;
    struct rs_job *memory; /* of this struct and the plan; apart from the caller's job, which may end earlier */
    struct tables_plan shown; /* of all changes together */
    bool writes;              /* there are edits: something is to be committed */
    bool ended;               /* committed: nothing is to be taken back */
    struct tables_snapshot *before;
    struct tables_snapshot *after;
};

/* ---- the edits ----------------------------------------------------------------------------- */

struct editor {
    struct rs_job *job;
    struct tables_db *db;
    const struct tables_actor *actor;
    const struct tables_change *change;
    int64_t generation; /* taken before the transaction began */
    int64_t added;      /* id of the binding that was added */
    int64_t now_ms;
    size_t rows_moved;
};

/* The key of UNIQUE: the whole URL with the case of its path folded. */
static rs_text edit_folded(struct rs_job *job, const struct tables_prefix *prefix)
{
    struct tables_prefix folded = *prefix;

    folded.path = prefix->key;
    return tables_prefix_write(job, &folded);
}

static rs_status edit_certificates(struct editor *e, int64_t binding)
{
    RS_TRY(sql_run(e->job, e->db, "DELETE FROM binding_certificate WHERE binding = ?", "i", binding));
    for (size_t i = 0; i < e->change->certificate_count; i++)
        RS_TRY(sql_run(e->job, e->db, "INSERT INTO binding_certificate(binding, position, sha1, sha256, slot)"
                       " VALUES(?, ?, ?, ?, ?)", "iittt", binding, (int64_t)i, e->change->certificates[i].sha1,
                       e->change->certificates[i].sha256, e->change->certificates[i].slot));
    return RS_OK;
}

static rs_status edit_add_binding(struct editor *e)
{
    char address[TABLES_ADDRESS_WRITTEN_MAX];

    tables_address_write(&e->change->place.address, address);
    RS_TRY(sql_run(e->job, e->db, "INSERT INTO binding(address, port, host, generation) VALUES(?, ?, ?, ?)", "titi",
                   rs_text_from(address), (int64_t)e->change->place.port, e->change->place.host, e->generation));
    e->added = sqlite3_last_insert_rowid(e->db->sqlite);
    return edit_certificates(e, e->added);
}

static rs_status edit_set_policy(struct editor *e, const struct edit *edit)
{
    rs_text name = rs_text_from(policy_setting(edit->setting)->name);

    if (edit->id)
        return sql_run(e->job, e->db, "INSERT OR REPLACE INTO binding_setting(binding, name, value) VALUES(?, ?, ?)", "itt",
                       edit->id, name, edit->text);
    return sql_run(e->job, e->db, "INSERT OR REPLACE INTO application_setting(application, name, value) VALUES(?, ?, ?)",
                   "ttt", edit->application, name, edit->text);
}

static rs_status edit_unset_policy(struct editor *e, const struct edit *edit)
{
    rs_text name = rs_text_from(policy_setting(edit->setting)->name);

    if (edit->id)
        return sql_run(e->job, e->db, "DELETE FROM binding_setting WHERE binding = ? AND name = ?", "it", edit->id, name);
    return sql_run(e->job, e->db, "DELETE FROM application_setting WHERE application = ? AND name = ?", "tt",
                   edit->application, name);
}

/* Of a change that moves several rows: each has a generation of its own. */
static rs_status edit_next_generation(struct editor *e, int64_t binding)
{
    if (e->rows_moved == e->change->rows_max)
        return rs_fail(e->job, TABLES_DB_BUSY, "rows were changed meanwhile: try again");
    return sql_run(e->job, e->db, "UPDATE binding SET generation = ? WHERE id = ?", "ii",
                   e->generation + (int64_t)e->rows_moved++, binding);
}

static rs_status edit_run(struct editor *e, const struct edit *edit)
{
    struct rs_job *job = e->job;
    struct tables_db *db = e->db;

    switch (edit->kind) {
    case EDIT_ADD_RESERVATION:
        return sql_run(job, db, "INSERT INTO reservation(application, url, folded, account, acl, created_ms, created_by)"
                       " VALUES(?, ?, ?, ?, ?, ?, ?)", "tttttit", edit->application,
                       tables_prefix_write(job, &edit->prefix), edit_folded(job, &edit->prefix), e->change->account,
                       e->change->acl, e->now_ms, e->actor->who);
    case EDIT_MOVE_RESERVATION:
        return sql_run(job, db, "UPDATE reservation SET url = ?, folded = ? WHERE id = ?", "tti",
                       tables_prefix_write(job, &edit->prefix), edit_folded(job, &edit->prefix), edit->id);
    case EDIT_DROP_RESERVATION:
        return sql_run(job, db, "DELETE FROM reservation WHERE id = ?", "i", edit->id);
    case EDIT_SET_DIRECTORY:
        return sql_run(job, db, "UPDATE application SET directory = ? WHERE name = ?", "tt", edit->text,
                       edit->application);
    case EDIT_ADD_BINDING:
        return edit_add_binding(e);
    case EDIT_SET_CERTIFICATE:
        RS_TRY(edit_certificates(e, edit->id));
        return sql_run(job, db, "UPDATE binding SET generation = ? WHERE id = ?", "ii", e->generation, edit->id);
    case EDIT_ADD_CLAIM:
        return sql_run(job, db, "INSERT INTO claim(binding, application, created_ms, created_by) VALUES(?, ?, ?, ?)",
                       "itit", edit->id ? edit->id : e->added, edit->application, e->now_ms, e->actor->who);
    case EDIT_DROP_CLAIM:
        return sql_run(job, db, "DELETE FROM claim WHERE binding = ? AND application = ?", "it", edit->id,
                       edit->application);
    case EDIT_DROP_BINDING:
        return sql_run(job, db, "DELETE FROM binding WHERE id = ?", "i", edit->id);
    case EDIT_NEW_GENERATION:
        return sql_run(job, db, "UPDATE binding SET generation = ? WHERE id = ?", "ii", e->generation, edit->id);
    case EDIT_ADD_APPLICATION:
        return sql_run(job, db, "INSERT INTO application(name, kind, directory, target) VALUES(?, ?, ?, ?)", "titt",
                       edit->application,
                       (int64_t)(e->change->directory.size > 0 ? TABLES_REPORT_SERVER : TABLES_OTHER), e->change->directory,
                       edit->text);
    case EDIT_SET_TARGET:
        return sql_run(job, db, "UPDATE application SET target = ? WHERE name = ?", "tt", edit->text, edit->application);
    case EDIT_DROP_APPLICATION:
        return sql_run(job, db, "DELETE FROM application WHERE name = ?", "t", edit->application);
    case EDIT_SET_POLICY:
        return edit_set_policy(e, edit);
    case EDIT_UNSET_POLICY:
        return edit_unset_policy(e, edit);
    case EDIT_SET_SLOT:
        return sql_run(job, db, "INSERT INTO slot(name, sha1, sha256, source, changed_ms) VALUES(?, ?, ?, ?, ?)"
                       " ON CONFLICT(name) DO UPDATE SET sha1 = excluded.sha1, sha256 = excluded.sha256,"
                       " source = excluded.source, changed_ms = excluded.changed_ms",
                       "tttti", e->change->slot, e->change->certificates[0].sha1, e->change->certificates[0].sha256,
                       e->change->source, e->now_ms);
    case EDIT_DROP_SLOT:
        return sql_run(job, db, "DELETE FROM slot WHERE name = ?", "t", edit->text);
    case EDIT_FOLLOW_SLOT:
        RS_TRY(sql_run(job, db, "UPDATE binding_certificate SET sha1 = ?, sha256 = ? WHERE binding = ? AND slot = ? COLLATE NOCASE",
                       "ttit", e->change->certificates[0].sha1, e->change->certificates[0].sha256, edit->id, e->change->slot));
        return edit_next_generation(e, edit->id);
    case EDIT_LEAVE_SLOT:
        return sql_run(job, db, "UPDATE binding_certificate SET slot = '' WHERE binding = ? AND slot = ? COLLATE NOCASE", "it",
                       edit->id, edit->text);
    case EDIT_DROP_CERTIFICATE:
        RS_TRY(sql_run(job, db, "DELETE FROM binding_certificate WHERE binding = ? AND sha256 = ? COLLATE NOCASE", "it",
                       edit->id, e->change->certificates[0].sha256));
        return edit_next_generation(e, edit->id);
    case EDIT_WATCH:
        return sql_run(job, db, "INSERT OR REPLACE INTO watched_folder(path, slot) VALUES(?, ?)", "tt", e->change->path,
                       e->change->slot);
    case EDIT_UNWATCH:
        return sql_run(job, db, "DELETE FROM watched_folder WHERE path = ?", "t", e->change->path);
    }
    return RS_OK;
}

/* Which row the edit wrote, so that it is read again. */
static void edit_touch(struct editor *e, const struct edit *edit, struct touched *touched)
{
    switch (edit->kind) {
    case EDIT_ADD_RESERVATION:
        rs_vec_push(e->job, &touched->reservations, (int64_t)sqlite3_last_insert_rowid(e->db->sqlite));
        return;
    case EDIT_MOVE_RESERVATION:
    case EDIT_DROP_RESERVATION:
        rs_vec_push(e->job, &touched->reservations, edit->id);
        return;
    case EDIT_ADD_BINDING:
    case EDIT_SET_CERTIFICATE:
    case EDIT_ADD_CLAIM:
    case EDIT_DROP_CLAIM:
    case EDIT_DROP_BINDING:
    case EDIT_NEW_GENERATION:
    case EDIT_FOLLOW_SLOT:
    case EDIT_LEAVE_SLOT:
    case EDIT_DROP_CERTIFICATE:
        rs_vec_push(e->job, &touched->bindings, edit->id ? edit->id : e->added);
        return;
    case EDIT_SET_POLICY:
    case EDIT_UNSET_POLICY:
        if (edit->id)
            rs_vec_push(e->job, &touched->bindings, edit->id);
        else
            touched->sides = true;
        return;
    case EDIT_SET_DIRECTORY:
    case EDIT_ADD_APPLICATION:
    case EDIT_SET_TARGET:
    case EDIT_DROP_APPLICATION:
    case EDIT_SET_SLOT:
    case EDIT_DROP_SLOT:
    case EDIT_WATCH:
    case EDIT_UNWATCH:
        touched->sides = true;
        return;
    }
}

static rs_status edits_write(struct editor *editor, const struct plan *plan, struct touched *touched)
{
    for (size_t i = 0; i < plan->edits.count; i++) {
        RS_TRY(rs_job_checkpoint(editor->job));
        RS_TRY(edit_run(editor, &plan->edits.items[i]));
        edit_touch(editor, &plan->edits.items[i], touched);
    }
    return RS_OK;
}

/* ---- begin, commit, abandon ---------------------------------------------------------------- */

static int64_t change_takes_generations(const struct tables_change *change)
{
    return change->kind == TABLES_BIND || change->kind == TABLES_SET_ROW ? 1 : (int64_t)change->rows_max;
}

/* Have at least `count` generations that no row ever had. They are used up at once, in a transaction of their own: the
 * caller shows new rows to clients before the change is final, and what they keep of it must mean nothing if it is not.
 * A stock is taken: that transaction waits for the disk. */
static rs_status change_stock_generations(struct rs_job *job, struct tables_db *db, int64_t count)
{
    SQL_STATEMENT statement = NULL;
    int64_t stock = count > GENERATION_STOCK ? count : GENERATION_STOCK;
    bool row = true;

    if (db->generations_left >= count)
        return RS_OK;
    if (db->group_before)
        return rs_fail(job, RS_OVER_LIMIT, "%lld rows are too many for a change that is made together with others",
                       (long long)count);
    RS_TRY(sql_prepare(job, db, &statement, "UPDATE meta SET value = value + ? WHERE name = 'generation' RETURNING value", "i",
                       stock));
    RS_TRY(sql_step(job, db, statement, &row));
    db->generation_next = sqlite3_column_int64(statement, 0) - stock + 1;
    db->generations_left = stock;
    while (row)
        RS_TRY(sql_step(job, db, statement, &row));
    return RS_OK;
}

static rs_status change_take_generations(struct rs_job *job, struct tables_db *db, int64_t count, int64_t *first)
{
    RS_TRY(change_stock_generations(job, db, count));
    *first = db->generation_next;
    db->generation_next += count;
    db->generations_left -= count;
    return RS_OK;
}

/* ---- a change by itself, or a part of a group ---------------------------------------------- */

/* Where SQLite cannot go on (a full disk) it takes a whole transaction back by itself. */
static rs_status group_check(struct rs_job *job, const struct tables_db *db)
{
    return sqlite3_get_autocommit(db->sqlite) == 0
               ? RS_OK
               : rs_fail(job, RS_IO, "\"%s\" was not changed: something that was changed together with this could not be written; "
                         "try again", db->path);
}

static rs_status part_begin(struct rs_job *job, struct tables_db *db)
{
    if (!db->group_before)
        return sql_run(job, db, "BEGIN IMMEDIATE", "");
    RS_TRY(group_check(job, db));
    return sql_run(job, db, "SAVEPOINT part", "");
}

static rs_status part_commit(struct rs_job *job, struct tables_db *db)
{
    if (!db->group_before)
        return sql_run(job, db, "COMMIT", "");
    RS_TRY(group_check(job, db));
    return sql_run(job, db, "RELEASE part", "");
}

static void part_take_back(const struct tables_db *db)
{
    if (!db->group_before)
        sql_rollback(db);
    else if (sqlite3_get_autocommit(db->sqlite) == 0)
        (void)sqlite3_exec(db->sqlite, "ROLLBACK TO part; RELEASE part", NULL, NULL, NULL);
}

rs_status tables_group_begin(struct rs_job *job, struct tables_db *db)
{
    rs_status status;

    if (db->in_change || db->group_before)
        return rs_fail(job, TABLES_DB_BUSY, "another change of this process is not done yet");
    RS_TRY(change_stock_generations(job, db, TABLES_GROUP_MAX));
    RS_TRY(sql_run(job, db, "BEGIN IMMEDIATE", ""));
    status = tables_db_load(job, db, &db->group_before);
    if (status != RS_OK)
        sql_rollback(db);
    return status;
}

struct tables_snapshot *tables_group_before(const struct tables_db *db)
{
    return db->group_before;
}

rs_status tables_group_end(struct rs_job *job, struct tables_db *db)
{
    rs_status status = group_check(job, db);

    assert(db->group_before && !db->in_change);
    if (status == RS_OK)
        status = sql_run(job, db, "COMMIT", "");
    if (status != RS_OK) {
        tables_group_abandon(db);
        return status;
    }
    tables_snapshot_unref(db->group_before);
    db->group_before = NULL;
    return RS_OK;
}

void tables_group_abandon(struct tables_db *db)
{
    assert(db->group_before && !db->in_change);
    sql_rollback(db);
    db_keep_current(db, db->group_before);
    tables_snapshot_unref(db->group_before);
    db->group_before = NULL;
}

/* What the history shows of one part, and of all of them: a single change is shown as it is. */
static void history_join(rs_buf *all, size_t index, size_t count, rs_text one)
{
    if (count > 1)
        rs_buf_add_byte(all, index == 0 ? '[' : ',');
    rs_buf_add(all, one);
    if (count > 1 && index + 1 == count)
        rs_buf_add_byte(all, ']');
}

/* Plan each change against what those before it left, and write it. Plans live in the pending change's own memory; their
 * errors are handed to the caller's job. */
static rs_status changes_write(struct rs_job *job, struct tables_pending *pending, const struct tables_actor *actor,
                               const struct tables_change *changes, size_t count, int64_t generation)
{
    struct rs_job *memory = pending->memory;
    rs_buf before = rs_buf_in(job), after = rs_buf_in(job);
    struct line_vec steps = {0}, warnings = {0};

    pending->after = tables_snapshot_ref(pending->before);
    for (size_t i = 0; i < count; i++) {
        struct editor editor = {job, pending->db, actor, &changes[i], generation, 0, rs_clock_utc_ms(), 0};
        struct tables_snapshot *next;
        struct plan *plan;
        rs_text was;
        if (plan_make(memory, pending->after, &changes[i], &plan) != RS_OK) {
            if (changes[i].where.size > 0)
                rs_within(memory, "%.*s", RS_TEXT_ARG(changes[i].where));
            return rs_job_adopt(job, memory);
        }
        if (pending->shown.what.size == 0)
            pending->shown.what = plan->shown.what;
        for (size_t k = 0; k < plan->steps.count; k++)
            rs_vec_push(memory, &steps, plan->steps.items[k]);
        for (size_t k = 0; k < plan->warnings.count; k++)
            rs_vec_push(memory, &warnings, plan->warnings.items[k]);
        plan->application = rs_text_copy(memory, plan->application); /* it stood in the snapshot that is about to go */
        was = history_rows(job, pending->after, plan, &changes[i]);
        if (plan->edits.count > 0) {
            struct touched touched = {0};
            RS_TRY(edits_write(&editor, plan, &touched));
            if (!pending->writes)
                RS_TRY(sql_run(job, pending->db, "UPDATE meta SET value = value + 1 WHERE name = 'revision'", ""));
            pending->writes = true;
            RS_TRY(load_touched(job, pending->db, pending->after, &touched, &next));
            tables_snapshot_unref(pending->after);
            pending->after = next;
        }
        history_join(&before, i, count, was);
        history_join(&after, i, count, history_rows(job, pending->after, plan, &changes[i]));
        generation += change_takes_generations(&changes[i]);
    }
    pending->shown = (struct tables_plan){steps.items, steps.count, warnings.items, warnings.count, pending->shown.what};
    return pending->writes ? note_add(job, pending->db, tables_snapshot_revision(pending->after), actor, pending->shown.what,
                                      rs_buf_text(&before), rs_buf_text(&after))
                           : RS_OK;
}

rs_status tables_begin_all(struct rs_job *job, struct tables_db *db, const struct tables_actor *actor,
                           const struct tables_change *changes, size_t count, rs_text what, struct tables_pending **out)
{
    struct rs_job *memory;
    int64_t generation = 0, taken = 0;

    if (db->in_change)
        return rs_fail(job, TABLES_DB_BUSY, "another change of this process is not done yet");
    if (count > TABLES_CHANGES_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "%zu changes at once are too many: %d may be made together", count,
                       TABLES_CHANGES_MAX);
    for (size_t i = 0; i < count; i++)
        taken += change_takes_generations(&changes[i]);
    if (taken > 0)
        RS_TRY(change_take_generations(job, db, taken, &generation));
    RS_TRY(part_begin(job, db));
    memory = rs_job_create(NULL);
    RS_OWNED(tables_pending) pending = RS_NEW(memory, struct tables_pending);
    pending->memory = memory;
    pending->db = db;
    pending->shown.what = rs_text_copy(memory, what);
    db->in_change = true;
    RS_TRY(tables_db_load(job, db, &pending->before));
    RS_TRY(changes_write(job, pending, actor, changes, count, generation));
    *out = rs_move(pending);
    return RS_OK;
}

rs_status tables_begin(struct rs_job *job, struct tables_db *db, const struct tables_actor *actor,
                       const struct tables_change *change, struct tables_pending **out)
{
    return tables_begin_all(job, db, actor, change, 1, RS_TEXT(""), out);
}

const struct tables_plan *tables_pending_plan(const struct tables_pending *pending)
{
    return &pending->shown;
}

struct tables_snapshot *tables_pending_before(const struct tables_pending *pending)
{
    return pending->before;
}

struct tables_snapshot *tables_pending_after(const struct tables_pending *pending)
{
    return pending->after;
}

rs_status tables_commit(struct rs_job *job, struct tables_pending *pending)
{
    rs_status status = RS_OK;

    if (pending->writes) {
        status = part_commit(job, pending->db);
        pending->ended = status == RS_OK;
    }
    if (pending->ended)
        db_keep_current(pending->db, pending->after);
    tables_abandon(pending); /* takes back what is still open: nothing, after a commit */
    return status;
}

void tables_abandon(struct tables_pending *pending)
{
    if (!pending)
        return;
    if (!pending->ended)
        part_take_back(pending->db);
    pending->db->in_change = false;
    tables_snapshot_unref(pending->before);
    tables_snapshot_unref(pending->after);
    rs_job_destroy(pending->memory);
}

rs_status tables_apply(struct rs_job *job, struct tables_db *db, const struct tables_actor *actor,
                       const struct tables_change *change, struct tables_snapshot **out)
{
    RS_OWNED(tables_pending) pending = NULL;
    RS_OWNED(tables_snapshot) after = NULL;

    RS_TRY(tables_begin(job, db, actor, change, &pending));
    after = tables_snapshot_ref(tables_pending_after(pending));
    RS_TRY(tables_commit(job, rs_move(pending)));
    if (out)
        *out = rs_move(after);
    return RS_OK;
}
