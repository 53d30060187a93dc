#include "net/tables/plan.h"

#include "base/buf.h"

void plan_step(struct planner *p, rs_text step, struct edit edit)
{
    if (step.size > 0)
        rs_vec_push(p->job, &p->plan->steps, step);
    rs_vec_push(p->job, &p->plan->edits, edit);
}

rs_status plan_application(struct planner *p, rs_text name, const struct tables_application **out)
{
    rs_buf known = rs_buf_in(p->job);

    *out = tables_application_find(p->snapshot, name);
    if (*out)
        return RS_OK;
    for (size_t i = 0; i < tables_application_count(p->snapshot); i++)
        rs_buf_printf(&known, "%s%.*s", i ? ", " : "", RS_TEXT_ARG(tables_application(p->snapshot, i)->name));
    return rs_fail(p->job, RS_NOT_FOUND, "there is no application \"%.*s\": there are %.*s", RS_TEXT_ARG(name),
                   RS_TEXT_ARG(rs_buf_text(&known)));
}

rs_text plan_place(struct planner *p, const struct tables_binding *row)
{
    struct tables_place place = tables_binding_place(row);

    return tables_place_write(p->job, &place);
}

rs_text plan_steps(struct planner *p)
{
    rs_buf all = rs_buf_in(p->job);

    for (size_t i = 0; i < p->plan->steps.count; i++)
        rs_buf_printf(&all, "%s%.*s", i ? "; " : "", RS_TEXT_ARG(p->plan->steps.items[i]));
    return rs_buf_text(&all);
}

rs_text plan_claimants(struct planner *p, const struct tables_binding *row)
{
    rs_buf names = rs_buf_in(p->job);

    for (size_t i = 0; i < row->claim_count; i++)
        rs_buf_printf(&names, "%s%.*s", i ? " and " : "", RS_TEXT_ARG(row->claims[i].application));
    return rs_buf_text(&names);
}

rs_text plan_certificates(struct planner *p, const struct tables_certificate *certificates, size_t count)
{
    rs_buf names = rs_buf_in(p->job);

    for (size_t i = 0; i < count; i++) {
        rs_text name = certificates[i].sha1.size ? certificates[i].sha1 : certificates[i].sha256;
        rs_buf_printf(&names, "%s%.*s", i ? " and " : "", RS_TEXT_ARG(name));
    }
    return rs_buf_text(&names);
}

rs_status plan_make(struct rs_job *job, const struct tables_snapshot *snapshot, const struct tables_change *change,
                    struct plan **out)
{
    static plan_change *const planners[] = {
        [TABLES_RESERVE] = plan_reserve, [TABLES_REMOVE] = plan_remove, [TABLES_SET_DIRECTORY] = plan_directory,
        [TABLES_BIND] = plan_bind, [TABLES_UNBIND] = plan_unbind, [TABLES_SET_ROW] = plan_set_row,
        [TABLES_SET_APPLICATION] = plan_set_application, [TABLES_ADD_APPLICATION] = plan_add_application,
        [TABLES_REMOVE_APPLICATION] = plan_remove_application, [TABLES_SET_SLOT] = plan_set_slot,
        [TABLES_DROP_SLOT] = plan_drop_slot, [TABLES_FORGET] = plan_forget, [TABLES_WATCH] = plan_watch,
        [TABLES_UNWATCH] = plan_unwatch};
    struct planner p = {job, snapshot, change, RS_NEW(job, struct plan)};

    RS_TRY(planners[change->kind](&p));
    p.plan->shown.steps = p.plan->steps.items;
    p.plan->shown.step_count = p.plan->steps.count;
    p.plan->shown.warnings = p.plan->warnings.items;
    p.plan->shown.warning_count = p.plan->warnings.count;
    *out = p.plan;
    return RS_OK;
}

rs_status tables_plan(struct rs_job *job, const struct tables_snapshot *snapshot, const struct tables_change *change,
                      const struct tables_plan **out)
{
    struct plan *plan;

    RS_TRY(plan_make(job, snapshot, change, &plan));
    *out = &plan->shown;
    return RS_OK;
}
