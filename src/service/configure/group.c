/* Changes that wait for the disk together:
 *
 *     begin -> [plan -> check -> live -> greet -> stands]* -> [handshake]* -> commit -> represent
 *                          |                                      |             |
 *                          +-> that one is taken back             +-------------+-> all of them are
 *
 * In a careful group each handshake is over before its change stands: one that fails is taken back alone.
 */
#include "base/vec.h"
#include "service/configure/inside.h"

struct configure_group {
    struct rs_job *memory;
    const struct configure_instance *instance;
    struct tables_snapshot *after; /* of its last change that stands; NULL: none does */
    RS_VEC(json_t *) results;      /* borrowed, of those that stand */
    bool careful;
    RS_VEC(struct row_look) looks; /* that have begun */
};

rs_status configure_group_begin(struct rs_job *job, const struct configure_instance *instance, bool careful,
                                struct configure_group **out)
{
    struct rs_job *memory;
    struct configure_group *group;

    RS_TRY(tables_group_begin(job, instance->db));
    memory = rs_job_create(NULL);
    *out = group = RS_NEW(memory, struct configure_group);
    group->memory = memory;
    group->instance = instance;
    group->careful = careful;
    return RS_OK;
}

void group_note(struct configure_group *group, json_t *result, struct tables_snapshot *after)
{
    tables_snapshot_ref(after);
    tables_snapshot_unref(group->after);
    group->after = after;
    rs_vec_push(group->memory, &group->results, result);
}

static void group_represent(struct rs_job *job, const struct configure_group *group)
{
    rs_text warning = represent(job, group->instance, group->after);

    for (size_t i = 0; warning.size > 0 && i < group->results.count; i++)
        add_text(json_object_get(group->results.items[i], "warnings"), warning);
}

bool group_looks_later(struct call *call, const struct tables_snapshot *snapshot, const struct tables_binding *row, json_t *checks)
{
    struct configure_group *group = call->caller->group;
    struct row_look look;

    if (!group || group->careful)
        return false;
    if (!verify_row_begin(call, snapshot, row, checks, &look)) {
        row_look_finish(&look);
        return false; /* it is told when it is tried again */
    }
    rs_vec_push(group->memory, &group->looks, look);
    return true;
}

/* Up to the first that is wrong. */
static bool all_are_shown(struct configure_group *group)
{
    bool shown = true;

    for (size_t i = 0; i < group->looks.count; i++) {
        shown = shown && verify_row_end(&group->looks.items[i]);
        row_look_finish(&group->looks.items[i]);
    }
    return shown;
}

rs_status configure_group_end(struct rs_job *job, struct configure_group *group, bool *again)
{
    RS_OWNED(tables_snapshot) before = tables_snapshot_ref(tables_group_before(group->instance->db));
    rs_status status;

    *again = !all_are_shown(group);
    if (*again) {
        tables_group_abandon(group->instance->db);
        status = rs_fail(job, RS_FAILED, "a row was not shown as it should be");
    } else {
        status = tables_group_end(job, group->instance->db);
    }
    if (group->after && status == RS_OK)
        group_represent(job, group);
    else if (group->after)
        live_take_back(job, group->instance, before);
    tables_snapshot_unref(group->after);
    rs_job_destroy(group->memory);
    return status;
}
