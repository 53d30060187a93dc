/* What setting and unsetting the settings of a row or an application does. */
#include "net/tables/plan.h"

#include "base/buf.h"

/* Whose settings they are. */
struct owner {
    enum policy_scope scope;
    const struct tables_policy *policy;
    rs_text name;        /* the row or the application, for sentences */
    int64_t binding;     /* id; 0: */
    rs_text application;
};

static rs_status policy_unknown(struct planner *p, const struct owner *owner, rs_text name)
{
    rs_buf known = rs_buf_in(p->job);

    for (size_t i = 0; i < POLICY_COUNT; i++)
        if (policy_setting((enum policy_id)i)->scope == owner->scope)
            rs_buf_printf(&known, "%s%s", known.used ? ", " : "", policy_setting((enum policy_id)i)->name);
    return rs_fail(p->job, RS_INVALID, "%s has no setting \"%.*s\": there are %.*s",
                   owner->scope == POLICY_ROW ? "a binding" : "an application", RS_TEXT_ARG(name),
                   RS_TEXT_ARG(rs_buf_text(&known)));
}

static rs_text policy_worded(rs_text value)
{
    return value.size > 0 ? value : RS_TEXT("empty");
}

static void policy_set_step(struct planner *p, const struct owner *owner, enum policy_id id, rs_text value)
{
    rs_text now = policy_text(owner->policy, id);

    plan_step(p, rs_text_format(p->job, "set %s of %.*s to %.*s (it is %.*s)", policy_setting(id)->name,
                                RS_TEXT_ARG(owner->name), RS_TEXT_ARG(policy_worded(value)), RS_TEXT_ARG(policy_worded(now))),
              (struct edit){.kind = EDIT_SET_POLICY, .id = owner->binding, .application = owner->application,
                            .text = value, .setting = id});
}

static void policy_unset_step(struct planner *p, const struct owner *owner, enum policy_id id)
{
    plan_step(p, rs_text_format(p->job, "set %s of %.*s back to its default, %.*s", policy_setting(id)->name,
                                RS_TEXT_ARG(owner->name), RS_TEXT_ARG(policy_worded(rs_text_from(policy_setting(id)->otherwise)))),
              (struct edit){.kind = EDIT_UNSET_POLICY, .id = owner->binding, .application = owner->application,
                            .setting = id});
}

static rs_status policy_one(struct planner *p, const struct owner *owner, const struct tables_setting *setting,
                            rs_buf *what)
{
    const rs_text *now;
    enum policy_id id;
    rs_text value;

    if (!policy_find(owner->scope, setting->name, &id))
        return policy_unknown(p, owner, setting->name);
    now = policy_set(owner->policy, id);
    if (setting->unset) {
        rs_buf_printf(what, " %s=", policy_setting(id)->name);
        if (now)
            policy_unset_step(p, owner, id);
        return RS_OK;
    }
    RS_TRY(policy_read(p->job, id, setting->value, &value));
    rs_buf_printf(what, " %s=%.*s", policy_setting(id)->name, RS_TEXT_ARG(value));
    if (!now || !rs_text_equal(*now, value))
        policy_set_step(p, owner, id, value);
    return RS_OK;
}

static rs_status policy_check_named_once(struct planner *p)
{
    const struct tables_change *change = p->change;

    if (change->setting_count == 0)
        return rs_fail(p->job, RS_INVALID, "no setting is named");
    if (change->setting_count > TABLES_SETTINGS_MAX)
        return rs_fail(p->job, RS_INVALID, "more than %d settings are named", TABLES_SETTINGS_MAX);
    for (size_t i = 0; i < change->setting_count; i++)
        for (size_t k = 0; k < i; k++)
            if (rs_text_equal_nocase(change->settings[i].name, change->settings[k].name))
                return rs_fail(p->job, RS_INVALID, "the setting %.*s is named twice", RS_TEXT_ARG(change->settings[i].name));
    return RS_OK;
}

static rs_status policy_all(struct planner *p, const struct owner *owner)
{
    rs_buf what = rs_buf_in(p->job);

    RS_TRY(policy_check_named_once(p));
    rs_buf_printf(&what, "set %.*s:", RS_TEXT_ARG(owner->name));
    for (size_t i = 0; i < p->change->setting_count; i++)
        RS_TRY(policy_one(p, owner, &p->change->settings[i], &what));
    p->plan->shown.what = rs_buf_text(&what);
    return RS_OK;
}

rs_status plan_set_row(struct planner *p)
{
    const struct tables_binding *row = tables_binding_find(p->snapshot, &p->change->place);
    rs_text place = tables_place_write(p->job, &p->change->place);

    p->plan->of_place = true;
    if (!row)
        return rs_fail(p->job, RS_NOT_FOUND, "no certificate is bound to %.*s: `bindery tls list` shows the rows",
                       RS_TEXT_ARG(place));
    RS_TRY(policy_all(p, &(struct owner){POLICY_ROW, &row->policy, place, row->id, RS_TEXT("")}));
    if (p->plan->edits.count > 0)
        plan_step(p, RS_TEXT(""), (struct edit){.kind = EDIT_NEW_GENERATION, .id = row->id});
    return RS_OK;
}

rs_status plan_set_application(struct planner *p)
{
    const struct tables_application *application;

    RS_TRY(plan_application(p, p->change->application, &application));
    p->plan->application = application->name;
    return policy_all(p, &(struct owner){POLICY_APPLICATION, &application->policy, application->name, 0, application->name});
}
