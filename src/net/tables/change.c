#include "net/tables/change.h"

#include <assert.h>

#include "base/clock.h"
#include "format/json/json.h"
#include "net/tables/plan.h"
#include "net/tables/sql.h"

#define HISTORY_MAX 10000 /* changes that are remembered */

struct tables_pending {
    struct tables_db *db;
    struct rs_job *memory; /* of this struct and the plan; apart from the caller's job, which may end earlier */
    const struct plan *plan;
    struct tables_snapshot *before;
    struct tables_snapshot *after;
};

/* ---- history ------------------------------------------------------------------------------- */

static json_t *history_binding(const struct tables_snapshot *snapshot, const struct tables_change *change)
{
    const struct tables_binding *row = tables_binding_find(snapshot, &change->address, change->port, RS_TEXT(""));
    char address[TABLES_ADDRESS_WRITTEN_MAX];
    json_t *claims = json_array();

    if (!row) {
        json_decref(claims);
        return json_null();
    }
    tables_address_write(&row->address, address);
    for (size_t i = 0; i < row->claim_count; i++)
        json_array_append_new(claims, json_from_text(row->claims[i].application));
    return json_pack("{s:s, s:i, s:o, s:o, s:I, s:o}", "address", address, "port", row->port, "sha1",
                     json_from_text(row->sha1), "sha256", json_from_text(row->sha256), "generation",
                     (json_int_t)row->generation, "claims", claims);
}

static json_t *history_urls(const struct tables_snapshot *snapshot, rs_text name)
{
    const struct tables_application *application = tables_application_find(snapshot, name);
    json_t *urls = json_array();

    for (size_t i = 0; i < tables_reservation_count(snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(snapshot, i);
        if (rs_text_equal(row->application, name))
            json_array_append_new(urls, json_from_text(row->url));
    }
    return json_pack("{s:o, s:o, s:o}", "application", json_from_text(name), "directory",
                     json_from_text(application->directory), "urls", urls);
}

static rs_text history_rows(struct rs_job *job, const struct tables_snapshot *snapshot, const struct plan *plan,
                            const struct tables_change *change)
{
    json_t *value = plan->of_place ? history_binding(snapshot, change) : history_urls(snapshot, plan->application);

    return json_write(job, json_keep(job, value), JSON_COMPACT_LINE);
}

static rs_status history_add(struct rs_job *job, struct tables_pending *pending, const struct tables_actor *actor,
                             const struct tables_change *change)
{
    struct tables_db *db = pending->db;

    RS_TRY(sql_run(job, db, "INSERT INTO history(revision, at_ms, who, tool, what, before, after)"
                   " VALUES(?, ?, ?, ?, ?, ?, ?)", "iittttt", tables_snapshot_revision(pending->after),
                   rs_clock_utc_ms(), actor->who, actor->tool, pending->plan->shown.what,
                   history_rows(job, pending->before, pending->plan, change),
                   history_rows(job, pending->after, pending->plan, change)));
    return sql_run(job, db, "DELETE FROM history WHERE revision <= ?", "i",
                   tables_snapshot_revision(pending->after) - HISTORY_MAX);
}

/* ---- the edits ----------------------------------------------------------------------------- */

struct editor {
    struct rs_job *job;
    struct tables_db *db;
    const struct tables_actor *actor;
    const struct tables_change *change;
    int64_t generation; /* taken before the transaction began */
    int64_t added;      /* id of the binding that was added */
    int64_t now_ms;
};

/* The key of UNIQUE: the whole URL with the case of its path folded. */
static rs_text edit_folded(struct rs_job *job, const struct tables_prefix *prefix)
{
    struct tables_prefix folded = *prefix;

    folded.path = prefix->key;
    return tables_prefix_write(job, &folded);
}

static rs_status edit_add_binding(struct editor *e)
{
    char address[TABLES_ADDRESS_WRITTEN_MAX];

    tables_address_write(&e->change->address, address);
    RS_TRY(sql_run(e->job, e->db, "INSERT INTO binding(address, port, host, sha1, sha256, generation)"
                   " VALUES(?, ?, '', ?, ?, ?)", "titti", rs_text_from(address), (int64_t)e->change->port,
                   e->change->sha1, e->change->sha256, e->generation));
    e->added = sqlite3_last_insert_rowid(e->db->sqlite);
    return RS_OK;
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
        return sql_run(job, db, "UPDATE binding SET sha1 = ?, sha256 = ?, generation = ? WHERE id = ?", "ttii",
                       e->change->sha1, e->change->sha256, e->generation, edit->id);
    case EDIT_ADD_CLAIM:
        return sql_run(job, db, "INSERT INTO claim(binding, application, created_ms, created_by) VALUES(?, ?, ?, ?)",
                       "itit", edit->id ? edit->id : e->added, edit->application, e->now_ms, e->actor->who);
    case EDIT_DROP_CLAIM:
        return sql_run(job, db, "DELETE FROM claim WHERE binding = ? AND application = ?", "it", edit->id,
                       edit->application);
    case EDIT_DROP_BINDING:
        return sql_run(job, db, "DELETE FROM binding WHERE id = ?", "i", edit->id);
    }
    return RS_OK;
}

static rs_status change_write(struct rs_job *job, struct tables_pending *pending, const struct tables_actor *actor,
                              const struct tables_change *change, int64_t generation)
{
    struct editor editor = {job, pending->db, actor, change, generation, 0, rs_clock_utc_ms()};

    for (size_t i = 0; i < pending->plan->edits.count; i++) {
        RS_TRY(rs_job_checkpoint(job));
        RS_TRY(edit_run(&editor, &pending->plan->edits.items[i]));
    }
    RS_TRY(sql_run(job, pending->db, "UPDATE meta SET value = value + 1 WHERE name = 'revision'", ""));
    RS_TRY(tables_db_load(job, pending->db, &pending->after));
    return history_add(job, pending, actor, change);
}

/* ---- begin, commit, abandon ---------------------------------------------------------------- */

/* A generation that no row ever had. It is used up at once, in a transaction of its own: the caller shows the
 * new row to clients before the change is final, and what they keep of it must mean nothing if it is not. */
static rs_status change_take_generation(struct rs_job *job, struct tables_db *db, int64_t *out)
{
    return sql_number(job, db, out, "UPDATE meta SET value = value + 1 WHERE name = 'generation' RETURNING value");
}

/* The plan is made in the pending change's own memory; its error is handed to the caller's job. */
static rs_status change_plan(struct rs_job *job, struct tables_pending *pending, const struct tables_change *change)
{
    struct plan *plan;

    if (plan_make(pending->memory, pending->before, change, &plan) != RS_OK)
        return rs_job_adopt(job, pending->memory);
    pending->plan = plan;
    return RS_OK;
}

rs_status tables_begin(struct rs_job *job, struct tables_db *db, const struct tables_actor *actor,
                       const struct tables_change *change, struct tables_pending **out)
{
    struct rs_job *memory;
    int64_t generation = 0;

    if (db->in_change)
        return rs_fail(job, TABLES_DB_BUSY, "another change of this process is not done yet");
    if (change->kind == TABLES_BIND)
        RS_TRY(change_take_generation(job, db, &generation));
    RS_TRY(sql_run(job, db, "BEGIN IMMEDIATE", ""));
    memory = rs_job_create(NULL);
    RS_OWNED(tables_pending) pending = RS_NEW(memory, struct tables_pending);
    pending->memory = memory;
    pending->db = db;
    db->in_change = true;
    RS_TRY(tables_db_load(job, db, &pending->before));
    RS_TRY(change_plan(job, pending, change));
    if (pending->plan->edits.count == 0)
        pending->after = tables_snapshot_ref(pending->before);
    else
        RS_TRY(change_write(job, pending, actor, change, generation));
    *out = rs_move(pending);
    return RS_OK;
}

const struct tables_plan *tables_pending_plan(const struct tables_pending *pending)
{
    return &pending->plan->shown;
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

    if (pending->plan->edits.count > 0)
        status = sql_run(job, pending->db, "COMMIT", "");
    tables_abandon(pending); /* rolls back what is still open: nothing, after a commit */
    return status;
}

void tables_abandon(struct tables_pending *pending)
{
    if (!pending)
        return;
    sql_rollback(pending->db);
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
