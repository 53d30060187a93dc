/* What changes of URL reservations and virtual directories do. */
#include "net/tables/plan.h"

/* One port speaks one scheme. */
static rs_status plan_check_scheme(struct planner *p, const struct tables_prefix *prefix)
{
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(p->snapshot, i);
        if (row->prefix.port == prefix->port && row->prefix.scheme != prefix->scheme)
            return rs_fail(p->job, RS_CONFLICT, "port %u carries %s already: %.*s reserved %.*s; use another port, or "
                           "remove that URL first", prefix->port, tables_scheme_name(row->prefix.scheme),
                           RS_TEXT_ARG(row->application), RS_TEXT_ARG(row->url));
    }
    for (size_t i = 0; prefix->scheme == TABLES_HTTP && i < tables_binding_count(p->snapshot); i++) {
        const struct tables_binding *row = tables_binding(p->snapshot, i);
        if (row->port == prefix->port)
            return rs_fail(p->job, RS_CONFLICT, "port %u carries https already: %.*s bound a certificate to %.*s; use "
                           "another port, or unbind it first", prefix->port, RS_TEXT_ARG(plan_claimants(p, row)),
                           RS_TEXT_ARG(plan_place(p, row)));
    }
    return RS_OK;
}

/* Can the same request reach both rows? Names and addresses can meet: a name arrives at some address. */
static bool plan_meet(const struct tables_prefix *a, const struct tables_prefix *b)
{
    return a->scheme == b->scheme && a->port == b->port && a->category != b->category;
}

/* Rows of different categories over the same subtree: allowed, but the weaker one may never be reached. */
static void plan_warn_shadows(struct planner *p, const struct tables_prefix *prefix, int64_t except)
{
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(p->snapshot, i);
        const struct tables_prefix *strong = prefix, *weak = &row->prefix;
        rs_text strong_url, weak_url;
        bool whole;
        if (row->id == except || !plan_meet(prefix, &row->prefix))
            continue;
        if (row->prefix.category < prefix->category) {
            strong = &row->prefix;
            weak = prefix;
        }
        strong_url = tables_prefix_write(p->job, strong);
        weak_url = tables_prefix_write(p->job, weak);
        whole = strong->category == TABLES_STRONG;
        if (rs_text_starts(weak->key, strong->key)) {
            if (whole)
                plan_warn(p, "%.*s is never reached: %.*s takes every request before it", RS_TEXT_ARG(weak_url),
                          RS_TEXT_ARG(strong_url));
            else
                plan_warn(p, "%.*s is reached only by requests that %.*s does not take first", RS_TEXT_ARG(weak_url),
                          RS_TEXT_ARG(strong_url));
        } else if (rs_text_starts(strong->key, weak->key)) {
            plan_warn(p, "requests for %.*s do not reach %.*s", RS_TEXT_ARG(strong_url), RS_TEXT_ARG(weak_url));
        }
    }
}

rs_status plan_check_directory_free(struct planner *p, const struct tables_application *mine, rs_text directory)
{
    for (size_t i = 0; i < tables_application_count(p->snapshot); i++) {
        const struct tables_application *other = tables_application(p->snapshot, i);
        if (other != mine && rs_text_equal_nocase(other->directory, directory))
            return rs_fail(p->job, RS_CONFLICT, "the virtual directory \"%.*s\" belongs to %.*s",
                           RS_TEXT_ARG(directory), RS_TEXT_ARG(other->name));
    }
    return RS_OK;
}

static bool plan_has_url(struct planner *p, const struct tables_application *application)
{
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++)
        if (rs_text_equal(tables_reservation(p->snapshot, i)->application, application->name))
            return true;
    return false;
}

static void plan_set_directory(struct planner *p, const struct tables_application *application, rs_text directory)
{
    plan_step(p, rs_text_format(p->job, "set the virtual directory of %.*s to %.*s", RS_TEXT_ARG(application->name),
                                RS_TEXT_ARG(directory)),
              (struct edit){.kind = EDIT_SET_DIRECTORY, .application = application->name, .text = directory});
}

/* The URL as it will stand: with the application's virtual directory where it has one. `move` tells that
 * the URL asks for another directory and the application has no URL yet, so it may have it. */
static rs_status plan_resolve(struct planner *p, const struct tables_application *application,
                              struct tables_prefix *out, bool *moves)
{
    struct tables_prefix prefix;
    bool has_path;
    rs_text directory;

    *moves = false;
    RS_TRY(tables_prefix_parse_loose(p->job, p->change->url, &prefix, &has_path));
    if (application->kind == TABLES_OTHER) {
        *out = prefix;
        return RS_OK;
    }
    directory = application->directory;
    if (has_path) {
        rs_text given = rs_text_slice(prefix.path, 1, prefix.path.size - 2);
        struct tables_prefix own;
        RS_TRY(tables_prefix_compose(p->job, tables_prefix_origin(p->job, &prefix), directory, &own));
        if (!rs_text_equal(own.key, prefix.key)) {
            RS_TRY(tables_directory_check(p->job, given));
            *moves = true;
            directory = given;
        }
    }
    return tables_prefix_compose(p->job, tables_prefix_origin(p->job, &prefix), directory, out);
}

static const struct tables_reservation *plan_find_url(struct planner *p, const struct tables_prefix *prefix)
{
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++)
        if (tables_prefix_equal(&tables_reservation(p->snapshot, i)->prefix, prefix))
            return tables_reservation(p->snapshot, i);
    return NULL;
}

static bool plan_port_is_bound(struct planner *p, uint16_t port)
{
    for (size_t i = 0; i < tables_binding_count(p->snapshot); i++)
        if (tables_binding(p->snapshot, i)->port == port)
            return true;
    return false;
}

rs_status plan_reserve(struct planner *p)
{
    const struct tables_application *application;
    const struct tables_reservation *taken;
    struct tables_prefix prefix;
    rs_text url;
    bool moves;

    RS_TRY(plan_application(p, p->change->application, &application));
    p->plan->application = application->name;
    RS_TRY(plan_resolve(p, application, &prefix, &moves));
    url = tables_prefix_write(p->job, &prefix);
    p->plan->shown.what = rs_text_format(p->job, "reserve %.*s for %.*s", RS_TEXT_ARG(url), RS_TEXT_ARG(application->name));
    taken = plan_find_url(p, &prefix);
    if (taken && !rs_text_equal(taken->application, application->name))
        return rs_fail(p->job, RS_CONFLICT, "%.*s is reserved by %.*s", RS_TEXT_ARG(url), RS_TEXT_ARG(taken->application));
    if (taken)
        return RS_OK;
    RS_TRY(plan_check_scheme(p, &prefix));
    if (tables_reservation_count(p->snapshot) >= TABLES_RESERVATIONS_MAX)
        return rs_fail(p->job, RS_OVER_LIMIT, "there are %d URLs already: no more can be reserved", TABLES_RESERVATIONS_MAX);
    if (moves) {
        rs_text directory = rs_text_slice(prefix.path, 1, prefix.path.size - 2);
        if (plan_has_url(p, application))
            return rs_fail(p->job, RS_CONFLICT, "the URLs of %.*s end in its virtual directory /%.*s/, not /%.*s/: change "
                           "it with `bindery url directory --app %.*s %.*s`", RS_TEXT_ARG(application->name),
                           RS_TEXT_ARG(application->directory), RS_TEXT_ARG(directory), RS_TEXT_ARG(application->name),
                           RS_TEXT_ARG(directory));
        RS_TRY(plan_check_directory_free(p, application, directory));
        plan_set_directory(p, application, directory);
    }
    plan_step(p, p->plan->shown.what,
              (struct edit){.kind = EDIT_ADD_RESERVATION, .application = application->name, .prefix = prefix});
    plan_warn_shadows(p, &prefix, 0);
    if (prefix.scheme == TABLES_HTTPS && !p->change->of_many && !plan_port_is_bound(p, prefix.port))
        plan_warn(p, "no certificate is bound to port %u yet: bind one with `bindery tls bind --app %.*s --cert "
                  "THUMBPRINT --port %u`", prefix.port, RS_TEXT_ARG(application->name), prefix.port);
    return RS_OK;
}

rs_status plan_remove(struct planner *p)
{
    const struct tables_application *application;
    const struct tables_reservation *row;
    struct tables_prefix prefix;
    bool moves;

    RS_TRY(plan_application(p, p->change->application, &application));
    p->plan->application = application->name;
    RS_TRY(plan_resolve(p, application, &prefix, &moves));
    p->plan->shown.what = rs_text_format(p->job, "remove %.*s of %.*s", RS_TEXT_ARG(tables_prefix_write(p->job, &prefix)),
                                         RS_TEXT_ARG(application->name));
    row = plan_find_url(p, &prefix);
    if (row && !rs_text_equal(row->application, application->name))
        return rs_fail(p->job, RS_CONFLICT, "%.*s is reserved by %.*s, not by %.*s", RS_TEXT_ARG(row->url),
                       RS_TEXT_ARG(row->application), RS_TEXT_ARG(application->name));
    if (row)
        plan_step(p, p->plan->shown.what, (struct edit){.kind = EDIT_DROP_RESERVATION, .id = row->id});
    return RS_OK;
}

static rs_status plan_move_url(struct planner *p, const struct tables_reservation *row, rs_text directory)
{
    struct tables_prefix prefix;
    const struct tables_reservation *taken;
    rs_text url;

    RS_TRY(tables_prefix_compose(p->job, row->url_string, directory, &prefix));
    url = tables_prefix_write(p->job, &prefix);
    taken = plan_find_url(p, &prefix);
    if (taken && !rs_text_equal(taken->application, row->application))
        return rs_fail(p->job, RS_CONFLICT, "%.*s is reserved by %.*s", RS_TEXT_ARG(url), RS_TEXT_ARG(taken->application));
    plan_step(p, rs_text_format(p->job, "move %.*s to %.*s", RS_TEXT_ARG(row->url), RS_TEXT_ARG(url)),
              (struct edit){.kind = EDIT_MOVE_RESERVATION, .id = row->id, .prefix = prefix});
    plan_warn_shadows(p, &prefix, row->id);
    return RS_OK;
}

rs_status plan_directory(struct planner *p)
{
    const struct tables_application *application;
    rs_text directory = p->change->directory;

    RS_TRY(plan_application(p, p->change->application, &application));
    p->plan->application = application->name;
    if (application->kind != TABLES_REPORT_SERVER)
        return rs_fail(p->job, RS_INVALID, "%.*s has no virtual directory: reserve its URLs with their paths",
                       RS_TEXT_ARG(application->name));
    RS_TRY(tables_directory_check(p->job, directory));
    p->plan->shown.what = rs_text_format(p->job, "set the virtual directory of %.*s to %.*s", RS_TEXT_ARG(application->name),
                                         RS_TEXT_ARG(directory));
    if (rs_text_equal(application->directory, directory))
        return RS_OK;
    RS_TRY(plan_check_directory_free(p, application, directory));
    plan_set_directory(p, application, directory);
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(p->snapshot, i);
        if (rs_text_equal(row->application, application->name))
            RS_TRY(plan_move_url(p, row, directory));
    }
    return RS_OK;
}
