/* What adding and removing an application does. */
#include "net/tables/plan.h"
#include "net/tables/target.h"

#define NAME_MAX_BYTES 64

static rs_status name_check(struct planner *p, rs_text name)
{
    bool good = name.size > 0 && name.size <= NAME_MAX_BYTES && rs_is_alpha(name.bytes[0]);

    for (size_t i = 0; i < name.size && good; i++)
        good = rs_is_alpha(name.bytes[i]) || rs_is_digit(name.bytes[i]) || strchr("-_.", name.bytes[i]);
    if (!good)
        return rs_fail(p->job, RS_INVALID, "\"%.*s\" is no name of an application: a letter, then letters, digits, '-', '_' and "
                       "'.', at most %d", RS_TEXT_ARG(name), NAME_MAX_BYTES);
    return RS_OK;
}

/* Nobody else is reached there: requests for one would be answered by the other. */
static rs_status target_check_free(struct planner *p, const struct tables_application *mine, rs_text target)
{
    for (size_t i = 0; i < tables_application_count(p->snapshot); i++) {
        const struct tables_application *other = tables_application(p->snapshot, i);
        bool shared = p->change->directory.size > 0 && other->kind == TABLES_REPORT_SERVER; /* one worker, two faces */
        if (other != mine && !shared && rs_text_equal(other->target, target))
            return rs_fail(p->job, RS_CONFLICT, "%.*s is where %.*s is reached", RS_TEXT_ARG(target), RS_TEXT_ARG(other->name));
    }
    return RS_OK;
}

static rs_status application_change(struct planner *p, const struct tables_application *now, rs_text target)
{
    if (now->target.size == 0)
        return rs_fail(p->job, RS_CONFLICT, "%.*s is served by this instance itself", RS_TEXT_ARG(now->name));
    if ((now->kind == TABLES_REPORT_SERVER) != (p->change->directory.size > 0) ||
        !rs_text_equal_nocase(now->directory, p->change->directory))
        return rs_fail(p->job, RS_CONFLICT, "%.*s is there already as another kind of application: remove it first",
                       RS_TEXT_ARG(now->name));
    RS_TRY(target_check_free(p, now, target));
    if (!rs_text_equal(now->target, target))
        plan_step(p, rs_text_format(p->job, "send requests for %.*s to %.*s instead of %.*s", RS_TEXT_ARG(now->name),
                                    RS_TEXT_ARG(target), RS_TEXT_ARG(now->target)),
                  (struct edit){.kind = EDIT_SET_TARGET, .application = now->name, .text = target});
    return RS_OK;
}

rs_status plan_add_application(struct planner *p)
{
    const struct tables_change *change = p->change;
    const struct tables_application *now = tables_application_find(p->snapshot, change->application);
    struct tables_target target;
    rs_text written;

    RS_TRY(name_check(p, change->application));
    RS_TRY(tables_target_parse(p->job, change->target, &target));
    written = tables_target_write(p->job, &target);
    p->plan->application = now ? now->name : change->application;
    p->plan->shown.what = rs_text_format(p->job, "add the application %.*s at %.*s", RS_TEXT_ARG(change->application),
                                         RS_TEXT_ARG(written));
    if (now)
        return application_change(p, now, written);
    if (tables_application_count(p->snapshot) >= TABLES_APPLICATIONS_MAX)
        return rs_fail(p->job, RS_OVER_LIMIT, "there are %d applications already: no more can be added", TABLES_APPLICATIONS_MAX);
    RS_TRY(target_check_free(p, NULL, written));
    if (change->directory.size > 0) {
        RS_TRY(tables_directory_check(p->job, change->directory));
        RS_TRY(plan_check_directory_free(p, NULL, change->directory));
    }
    plan_step(p, p->plan->shown.what, (struct edit){.kind = EDIT_ADD_APPLICATION, .application = change->application,
                                                    .text = written});
    return RS_OK;
}

/* ---- removing ------------------------------------------------------------------------------ */

static void drop_urls(struct planner *p, const struct tables_application *application)
{
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(p->snapshot, i);
        if (rs_text_equal(row->application, application->name))
            plan_step(p, rs_text_format(p->job, "remove %.*s of %.*s", RS_TEXT_ARG(row->url), RS_TEXT_ARG(application->name)),
                      (struct edit){.kind = EDIT_DROP_RESERVATION, .id = row->id});
    }
}

static void drop_claims(struct planner *p, const struct tables_application *application)
{
    for (size_t i = 0; i < tables_binding_count(p->snapshot); i++) {
        const struct tables_binding *row = tables_binding(p->snapshot, i);
        rs_text place;
        if (!tables_claim_find(row, application->name))
            continue;
        place = plan_place(p, row);
        plan_step(p, rs_text_format(p->job, "drop the claim of %.*s on %.*s", RS_TEXT_ARG(application->name), RS_TEXT_ARG(place)),
                  (struct edit){.kind = EDIT_DROP_CLAIM, .id = row->id, .application = application->name});
        if (row->claim_count == 1)
            plan_step(p, rs_text_format(p->job, "remove the binding of %.*s with its last claim", RS_TEXT_ARG(place)),
                      (struct edit){.kind = EDIT_DROP_BINDING, .id = row->id});
    }
}

rs_status plan_remove_application(struct planner *p)
{
    const struct tables_application *application;

    RS_TRY(plan_application(p, p->change->application, &application));
    p->plan->application = application->name;
    p->plan->shown.what = rs_text_format(p->job, "remove the application %.*s", RS_TEXT_ARG(application->name));
    if (application->target.size == 0)
        return rs_fail(p->job, RS_CONFLICT, "%.*s belongs to this instance and stays; Service/IsWebServiceEnabled and "
                       "Service/IsReportManagerEnabled switch it off", RS_TEXT_ARG(application->name));
    drop_urls(p, application);
    drop_claims(p, application);
    if (p->plan->steps.count > 0 && !p->change->replace)
        return rs_fail(p->job, RS_CONFLICT, "%.*s is in use, and nothing was removed. In the way: %.*s. Undo that first, or let "
                       "--force do all of it", RS_TEXT_ARG(application->name), RS_TEXT_ARG(plan_steps(p)));
    plan_step(p, p->plan->shown.what, (struct edit){.kind = EDIT_DROP_APPLICATION, .application = application->name});
    return RS_OK;
}
