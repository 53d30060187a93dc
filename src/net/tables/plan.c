#include "net/tables/plan.h"

#include "base/buf.h"

/* Everything a planner needs at hand. */
struct planner {
    struct rs_job *job;
    const struct tables_snapshot *snapshot;
    const struct tables_change *change;
    struct plan *plan;
};

static void plan_step(struct planner *p, rs_text step, struct edit edit)
{
    if (step.size > 0)
        rs_vec_push(p->job, &p->plan->steps, step);
    rs_vec_push(p->job, &p->plan->edits, edit);
}

#define plan_warn(p, ...) rs_vec_push((p)->job, &(p)->plan->warnings, rs_text_format((p)->job, __VA_ARGS__))

static rs_status plan_application(struct planner *p, rs_text name, const struct tables_application **out)
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

static rs_text plan_place(struct planner *p, const struct tables_address *address, uint16_t port)
{
    char written[TABLES_ADDRESS_WRITTEN_MAX];

    tables_address_write(address, written);
    return rs_text_format(p->job, address->family == TABLES_IPV6 ? "[%s]:%u" : "%s:%u", written, port);
}

static rs_text plan_claimants(struct planner *p, const struct tables_binding *row)
{
    rs_buf names = rs_buf_in(p->job);

    for (size_t i = 0; i < row->claim_count; i++)
        rs_buf_printf(&names, "%s%.*s", i ? " and " : "", RS_TEXT_ARG(row->claims[i].application));
    return rs_buf_text(&names);
}

static rs_text plan_short(const struct tables_binding *row)
{
    return row->sha1.size ? row->sha1 : row->sha256;
}

/* ---- URLs ---------------------------------------------------------------------------------- */

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
                           RS_TEXT_ARG(plan_place(p, &row->address, row->port)));
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

static rs_status plan_check_directory_free(struct planner *p, const struct tables_application *mine, rs_text directory)
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

static rs_status plan_reserve(struct planner *p)
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

static rs_status plan_remove(struct planner *p)
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

static rs_status plan_directory(struct planner *p)
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

/* ---- bindings ------------------------------------------------------------------------------ */

static rs_status plan_bound_applications(struct planner *p, rs_text *list)
{
    rs_buf names = rs_buf_in(p->job);

    if (p->change->application_count == 0)
        return rs_fail(p->job, RS_INVALID, "no application is named");
    if (p->change->application_count > TABLES_CLAIMANTS_MAX)
        return rs_fail(p->job, RS_INVALID, "more than %d applications are named", TABLES_CLAIMANTS_MAX);
    if (p->change->port == 0)
        return rs_fail(p->job, RS_INVALID, "a port is a number from 1 to 65535");
    for (size_t i = 0; i < p->change->application_count; i++) {
        const struct tables_application *application;
        RS_TRY(plan_application(p, p->change->applications[i], &application));
        rs_buf_printf(&names, "%s%.*s", i ? " and " : "", RS_TEXT_ARG(application->name));
    }
    *list = rs_buf_text(&names);
    return RS_OK;
}

static bool plan_is_asked(struct planner *p, rs_text name)
{
    for (size_t i = 0; i < p->change->application_count; i++) {
        const struct tables_application *asked = tables_application_find(p->snapshot, p->change->applications[i]);
        if (asked && rs_text_equal(asked->name, name))
            return true;
    }
    return false;
}

/* The row shows another certificate: only those who claim it may change it. */
static rs_status plan_check_claimants(struct planner *p, const struct tables_binding *row, rs_text place)
{
    if (p->change->replace)
        return RS_OK;
    for (size_t i = 0; i < row->claim_count; i++)
        if (!plan_is_asked(p, row->claims[i].application))
            return rs_fail(p->job, RS_CONFLICT, "%.*s shows the certificate %.*s, which %.*s claims there: name that "
                           "application too, add --replace to move every application to the new certificate, or use "
                           "another address or port", RS_TEXT_ARG(place), RS_TEXT_ARG(plan_short(row)),
                           RS_TEXT_ARG(row->claims[i].application));
    return RS_OK;
}

static rs_status plan_check_no_http(struct planner *p)
{
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(p->snapshot, i);
        if (row->prefix.port == p->change->port && row->prefix.scheme == TABLES_HTTP)
            return rs_fail(p->job, RS_CONFLICT, "port %u carries http: %.*s reserved %.*s; use another port, or remove "
                           "that URL first", p->change->port, RS_TEXT_ARG(row->application), RS_TEXT_ARG(row->url));
    }
    return RS_OK;
}

/* An exact row and a wildcard row of one port: the exact one answers at its address. */
static void plan_warn_overlap(struct planner *p)
{
    const struct tables_address *address = &p->change->address;

    for (size_t i = 0; i < tables_binding_count(p->snapshot); i++) {
        const struct tables_binding *row = tables_binding(p->snapshot, i);
        if (row->port != p->change->port || (row->address.family == TABLES_ANY) == (address->family == TABLES_ANY))
            continue;
        plan_warn(p, "at the single address, the row %.*s answers instead of %.*s",
                  RS_TEXT_ARG(row->address.family == TABLES_ANY ? plan_place(p, address, row->port)
                                                                : plan_place(p, &row->address, row->port)),
                  RS_TEXT_ARG(row->address.family == TABLES_ANY ? plan_place(p, &row->address, row->port)
                                                                : plan_place(p, address, row->port)));
    }
}

static bool plan_has_https_on(struct planner *p, rs_text application, uint16_t port)
{
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(p->snapshot, i);
        if (row->prefix.scheme == TABLES_HTTPS && row->prefix.port == port &&
            rs_text_equal(row->application, application))
            return true;
    }
    return false;
}

static void plan_add_claims(struct planner *p, const struct tables_binding *row, rs_text place)
{
    for (size_t i = 0; i < p->change->application_count; i++) {
        rs_text name = tables_application_find(p->snapshot, p->change->applications[i])->name;
        bool repeated = false;
        for (size_t k = 0; k < i && !repeated; k++)
            repeated = rs_text_equal(tables_application_find(p->snapshot, p->change->applications[k])->name, name);
        if (!repeated && (!row || !tables_claim_find(row, name)))
            plan_step(p, rs_text_format(p->job, "claim %.*s for %.*s", RS_TEXT_ARG(place), RS_TEXT_ARG(name)),
                      (struct edit){.kind = EDIT_ADD_CLAIM, .id = row ? row->id : 0, .application = name});
        if (!repeated && !p->change->of_many && !plan_has_https_on(p, name, p->change->port))
            plan_warn(p, "%.*s has no https URL on port %u yet: reserve one with `bindery url reserve --app %.*s "
                      "https://+:%u`", RS_TEXT_ARG(name), p->change->port, RS_TEXT_ARG(name), p->change->port);
    }
}

static rs_status plan_bind(struct planner *p)
{
    const struct tables_change *change = p->change;
    rs_text place = plan_place(p, &change->address, change->port);
    const struct tables_binding *row = tables_binding_find(p->snapshot, &change->address, change->port, RS_TEXT(""));
    rs_text names, certificate = change->sha1.size ? change->sha1 : change->sha256;

    p->plan->of_place = true;
    RS_TRY(plan_bound_applications(p, &names));
    if (change->sha256.size == 0)
        return rs_fail(p->job, RS_INVALID, "no certificate is named");
    p->plan->shown.what = rs_text_format(p->job, "bind %.*s to %.*s for %.*s", RS_TEXT_ARG(certificate),
                                         RS_TEXT_ARG(place), RS_TEXT_ARG(names));
    RS_TRY(plan_check_no_http(p));
    if (!row) {
        if (tables_binding_count(p->snapshot) >= TABLES_BINDINGS_MAX)
            return rs_fail(p->job, RS_OVER_LIMIT, "there are %d bindings already: no more can be made", TABLES_BINDINGS_MAX);
        plan_step(p, rs_text_format(p->job, "bind the certificate %.*s to %.*s", RS_TEXT_ARG(certificate), RS_TEXT_ARG(place)),
                  (struct edit){.kind = EDIT_ADD_BINDING});
    } else if (!rs_text_equal_nocase(row->sha256, change->sha256)) {
        RS_TRY(plan_check_claimants(p, row, place));
        plan_step(p, rs_text_format(p->job, "replace the certificate of %.*s, %.*s, by %.*s", RS_TEXT_ARG(place),
                                    RS_TEXT_ARG(plan_short(row)), RS_TEXT_ARG(certificate)),
                  (struct edit){.kind = EDIT_SET_CERTIFICATE, .id = row->id});
    }
    plan_add_claims(p, row, place);
    plan_warn_overlap(p);
    return RS_OK;
}

static void plan_warn_still_answered(struct planner *p, const struct tables_binding *row, rs_text place, size_t left)
{
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++) {
        const struct tables_reservation *url = tables_reservation(p->snapshot, i);
        if (url->prefix.scheme != TABLES_HTTPS || url->prefix.port != row->port || !plan_is_asked(p, url->application))
            continue;
        if (left > 0)
            plan_warn(p, "%.*s still answers at %.*s, which others claim: remove the URL to end that",
                      RS_TEXT_ARG(url->url), RS_TEXT_ARG(place));
        else
            plan_warn(p, "%.*s has no certificate at %.*s any more", RS_TEXT_ARG(url->url), RS_TEXT_ARG(place));
    }
}

/* Never asks whether the certificate still exists. */
static rs_status plan_unbind(struct planner *p)
{
    const struct tables_change *change = p->change;
    rs_text place = plan_place(p, &change->address, change->port);
    const struct tables_binding *row = tables_binding_find(p->snapshot, &change->address, change->port, RS_TEXT(""));
    rs_text names;
    size_t left;

    p->plan->of_place = true;
    RS_TRY(plan_bound_applications(p, &names));
    p->plan->shown.what = rs_text_format(p->job, "unbind %.*s from %.*s", RS_TEXT_ARG(names), RS_TEXT_ARG(place));
    if (!row)
        return RS_OK;
    left = row->claim_count;
    for (size_t i = 0; i < row->claim_count; i++) {
        if (!plan_is_asked(p, row->claims[i].application))
            continue;
        plan_step(p, rs_text_format(p->job, "drop the claim of %.*s on %.*s", RS_TEXT_ARG(row->claims[i].application),
                                    RS_TEXT_ARG(place)),
                  (struct edit){.kind = EDIT_DROP_CLAIM, .id = row->id, .application = row->claims[i].application});
        left--;
    }
    if (left == row->claim_count)
        return RS_OK;
    if (left == 0)
        plan_step(p, rs_text_format(p->job, "remove the binding of %.*s with its last claim", RS_TEXT_ARG(place)),
                  (struct edit){.kind = EDIT_DROP_BINDING, .id = row->id});
    plan_warn_still_answered(p, row, place, left);
    return RS_OK;
}

/* ---- all of them --------------------------------------------------------------------------- */

rs_status plan_make(struct rs_job *job, const struct tables_snapshot *snapshot, const struct tables_change *change,
                    struct plan **out)
{
    static rs_status (*const planners[])(struct planner *) = {
        [TABLES_RESERVE] = plan_reserve, [TABLES_REMOVE] = plan_remove, [TABLES_SET_DIRECTORY] = plan_directory,
        [TABLES_BIND] = plan_bind, [TABLES_UNBIND] = plan_unbind};
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
