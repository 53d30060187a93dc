/* One change of the tables, from the plan to the commit:
 *
 *     plan -> check -> [dry run ends here] -> live -> verify -> commit -> represent
 *                                               |        |        |
 *                                               +--------+--------+-> the old tables live again, nothing written
 */
#include "base/log.h"
#include "format/json/json.h"
#include "service/configure/inside.h"

static void change_end_snapshot(void *snapshot)
{
    tables_snapshot_unref(snapshot);
}

rs_status call_tables(struct call *call, const struct tables_snapshot **out)
{
    struct tables_snapshot *snapshot;

    RS_TRY(tables_db_load(call->job, call->instance->db, &snapshot));
    rs_job_at_end(call->job, change_end_snapshot, snapshot);
    *out = snapshot;
    return RS_OK;
}

rs_status call_rescan(struct call *call)
{
    const struct tables_snapshot *snapshot;
    RS_OWNED(rs_job) telling = rs_job_create(NULL);
    bool changed;

    RS_TRY(pki_store_rescan(call->job, call->instance->store, &changed));
    if (!changed || !call->instance->apply_live)
        return RS_OK;
    /* The store's watcher will find nothing new any more, so whoever serves hears of it here. */
    RS_TRY(call_tables(call, &snapshot));
    if (call->instance->apply_live(telling, call->instance->data, (struct tables_snapshot *)(uintptr_t)snapshot) != RS_OK) {
        rs_text why = rs_job_error(telling);
        rs_log(RS_LOG_WARNING, "the server did not take the changed certificates: %.*s", RS_TEXT_ARG(why));
    }
    return RS_OK;
}

static void change_show_plan(struct call *call, const struct tables_plan *plan, bool dry_run)
{
    put_flag(call->result, "changed", plan->step_count > 0 && !dry_run);
    put_flag(call->result, "dry_run", dry_run);
    put_text(call->result, "what", plan->what);
    put_texts(call->result, "steps", plan->steps, plan->step_count);
    put_texts(call->result, "warnings", plan->warnings, plan->warning_count);
}

void live_take_back(struct rs_job *job, const struct configure_instance *instance, struct tables_snapshot *before)
{
    RS_OWNED(rs_job) back = rs_job_create(NULL);

    if (!instance->apply_live || instance->go_back_live(back, instance->data, before) == RS_OK)
        return;
    rs_text why = rs_job_error(back);
    rs_log(RS_LOG_ERROR, "the server could not go back to revision %lld: %.*s", (long long)tables_snapshot_revision(before),
           RS_TEXT_ARG(why));
    rs_within(job, "the server could not go back to what it served (%.*s); restart it", RS_TEXT_ARG(why));
}

/* Hand edits in rsreportserver.config are waiting for a decision: a change would make them harder to understand, and its
 * own rows would not be shown. */
static rs_status change_may_show(struct call *call, struct tables_snapshot *before)
{
    const struct configure_instance *instance = call->instance;

    if (call->adopts || call->caller->automatic || !instance->may_represent)
        return RS_OK;
    return instance->may_represent(call->job, instance->data, before);
}

/* What is made together, and how it is looked at. */
struct making {
    const struct tables_change *changes;
    size_t count;
    change_look *check, *verify;
};

static rs_status look_at_each(struct call *call, const struct making *making, change_look *look,
                              const struct tables_snapshot *snapshot)
{
    for (size_t i = 0; look && i < making->count; i++) {
        const struct tables_change *change = &making->changes[i];
        rs_status status = look(call, snapshot, change, json_object_get(call->result, "checks"));
        if (status != RS_OK && change->where.size > 0)
            rs_within(call->job, "%.*s", RS_TEXT_ARG(change->where));
        RS_TRY(status);
    }
    return RS_OK;
}

static rs_status change_live(struct call *call, struct tables_pending *pending, const struct making *making)
{
    rs_status status;

    if (!call->instance->apply_live)
        return RS_OK;
    /* All or nothing: where it fails the old tables are still served. */
    RS_TRY(call->instance->apply_live(call->job, call->instance->data, tables_pending_after(pending)));
    status = look_at_each(call, making, making->verify, tables_pending_after(pending));
    if (status != RS_OK) {
        rs_within(call->job, "the change was taken back");
        live_take_back(call->job, call->instance, tables_pending_before(pending));
    }
    return status;
}

rs_text represent(struct rs_job *job, const struct configure_instance *instance, struct tables_snapshot *after)
{
    RS_OWNED(rs_job) showing = rs_job_create(NULL);

    if (!instance->represent || instance->represent(showing, instance->data, after) == RS_OK)
        return RS_TEXT("");
    return rs_text_format(job, "the change stands, but rsreportserver.config does not show it: %.*s",
                          RS_TEXT_ARG(rs_job_error(showing)));
}

static void change_represent(struct call *call, struct tables_snapshot *after)
{
    rs_text warning;

    if (call->caller->group) {
        group_note(call->caller->group, call->result, after);
        return;
    }
    warning = represent(call->job, call->instance, after);
    if (warning.size > 0)
        add_text(json_object_get(call->result, "warnings"), warning);
}

static rs_status change_make(struct call *call, struct tables_pending *pending, const struct making *making, bool dry_run)
{
    struct tables_snapshot *before = tables_pending_before(pending), *after = tables_pending_after(pending);
    rs_status status;

    rs_job_at_end(call->job, change_end_snapshot, tables_snapshot_ref(before));
    rs_job_at_end(call->job, change_end_snapshot, tables_snapshot_ref(after));
    change_show_plan(call, tables_pending_plan(pending), dry_run);
    put_number(call->result, "revision", tables_snapshot_revision(dry_run ? before : after));
    if (making->check || making->verify)
        put_array(call->result, "checks");
    call->after = after;
    status = tables_pending_plan(pending)->step_count > 0 ? change_may_show(call, before) : RS_OK;
    if (status == RS_OK && (dry_run || tables_pending_plan(pending)->step_count > 0))
        status = look_at_each(call, making, making->check, before);
    if (status == RS_OK && (dry_run || tables_pending_plan(pending)->step_count == 0)) { /* or it is already so */
        tables_abandon(pending);
        return RS_OK;
    }
    if (status == RS_OK)
        status = change_live(call, pending, making);
    if (status != RS_OK) {
        tables_abandon(pending);
        return status;
    }
    status = tables_commit(call->job, pending);
    if (status != RS_OK)
        live_take_back(call->job, call->instance, before);
    else
        change_represent(call, after);
    return status;
}

rs_status change_run_all(struct call *call, const struct tables_change *changes, size_t count, rs_text what,
                         change_look *check, change_look *verify)
{
    struct tables_actor actor = {call->caller->who, call->caller->tool};
    struct making making = {changes, count, check, verify};
    struct tables_pending *pending;

    RS_TRY(tables_begin_all(call->job, call->instance->db, &actor, changes, count, what, &pending));
    return change_make(call, pending, &making, call_flag(call, "DryRun"));
}

rs_status change_run(struct call *call, const struct tables_change *change, change_look *check, change_look *verify)
{
    return change_run_all(call, change, 1, RS_TEXT(""), check, verify);
}

rs_status call_note(struct call *call, rs_text what, const char *kind, const json_t *before, const json_t *after)
{
    struct tables_actor actor = {call->caller->who, call->caller->tool};
    json_t *was = json_keep(call->job, json_pack("{s:O}", kind, before)), *is = json_keep(call->job, json_pack("{s:O}", kind, after));

    put_text(call->result, "what", what);
    return tables_note(call->job, call->instance->db, &actor, what, json_write(call->job, was, JSON_COMPACT_LINE),
                       json_write(call->job, is, JSON_COMPACT_LINE));
}

/* ---- changes of several kinds ---------------------------------------------------------------- */

rs_status change_check_any(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                           json_t *checks)
{
    switch (change->kind) {
    case TABLES_RESERVE:
        return reserve_check(call, snapshot, change, checks);
    case TABLES_BIND:
        return bind_check(call, snapshot, change, checks);
    case TABLES_SET_SLOT:
        return slot_check(call, snapshot, change, checks);
    default:
        return RS_OK;
    }
}

rs_status change_verify_any(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                            json_t *checks)
{
    if (change->kind == TABLES_SET_SLOT)
        return slot_verify(call, snapshot, change, checks);
    return change->kind == TABLES_BIND || change->kind == TABLES_SET_ROW ? bind_verify(call, snapshot, change, checks) : RS_OK;
}
