/* What binding and unbinding a certificate does. */
#include "net/tables/plan.h"

#include "base/buf.h"
#include "net/tables/inside.h"

static rs_status plan_bound_applications(struct planner *p, rs_text *list)
{
    rs_buf names = rs_buf_in(p->job);

    if (p->change->application_count == 0)
        return rs_fail(p->job, RS_INVALID, "no application is named");
    if (p->change->application_count > TABLES_CLAIMANTS_MAX)
        return rs_fail(p->job, RS_INVALID, "more than %d applications are named", TABLES_CLAIMANTS_MAX);
    if (p->change->place.port == 0)
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
                           "another host, address or port", RS_TEXT_ARG(place),
                           RS_TEXT_ARG(plan_certificates(p, row->certificates, row->certificate_count)),
                           RS_TEXT_ARG(row->claims[i].application));
    return RS_OK;
}

static rs_status plan_check_no_http(struct planner *p)
{
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(p->snapshot, i);
        if (row->prefix.port == p->change->place.port && row->prefix.scheme == TABLES_HTTP)
            return rs_fail(p->job, RS_CONFLICT, "port %u carries http: %.*s reserved %.*s; use another port, or remove "
                           "that URL first", p->change->place.port, RS_TEXT_ARG(row->application), RS_TEXT_ARG(row->url));
    }
    return RS_OK;
}

/* Which of two rows of one port is met before the other by some client: the one of a single address. NULL: neither. */
static const struct tables_place *plan_first_of(const struct tables_place *a, const struct tables_place *b)
{
    const struct tables_place *first = a->address.family == TABLES_ANY ? b : a, *second = first == a ? b : a;

    if (a->port != b->port || (a->address.family == TABLES_ANY) == (b->address.family == TABLES_ANY))
        return NULL;
    return first->host.size == 0 || rs_text_equal(first->host, second->host) ? first : NULL;
}

/* A row of an address answers there before rows of every address: those of its name, or where it has none, all. */
static void plan_warn_overlap(struct planner *p)
{
    const struct tables_place *mine = &p->change->place;
    rs_text place = tables_place_write(p->job, mine), before = RS_TEXT("");
    size_t behind = 0;

    if (mine->address.family == TABLES_ANY && !snapshot_has_single_rows(p->snapshot))
        return;

    list_each(const struct tables_binding, row, &p->snapshot->bindings) {
        struct tables_place other = tables_binding_place(row);
        const struct tables_place *first = other.port == mine->port ? plan_first_of(mine, &other) : NULL;
        if (!first)
            continue;
        if (first == mine && behind++ == 0)
            before = tables_place_write(p->job, &other);
        if (first == &other) {
            rs_text written = tables_place_write(p->job, &other);
            plan_warn(p, "at the single address, the row %.*s answers instead of %.*s", RS_TEXT_ARG(written),
                      RS_TEXT_ARG(place));
        }
    }
    if (behind == 1)
        plan_warn(p, "at the single address, the row %.*s answers instead of %.*s", RS_TEXT_ARG(place), RS_TEXT_ARG(before));
    else if (behind > 1)
        plan_warn(p, "at the single address, the row %.*s answers instead of %zu others, %.*s among them", RS_TEXT_ARG(place),
                  behind, RS_TEXT_ARG(before));
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
        if (!repeated && !p->change->of_many && !plan_has_https_on(p, name, p->change->place.port))
            plan_warn(p, "%.*s has no https URL on port %u yet: reserve one with `bindery url reserve --app %.*s "
                      "https://+:%u`", RS_TEXT_ARG(name), p->change->place.port, RS_TEXT_ARG(name), p->change->place.port);
    }
}

/* What a slot holds may have changed since it was looked up. */
static rs_status plan_check_slot(struct planner *p, const struct tables_certificate *certificate)
{
    const struct tables_slot *slot = tables_slot_find(p->snapshot, certificate->slot);

    if (certificate->slot.size == 0)
        return RS_OK;
    if (!slot)
        return rs_fail(p->job, RS_NOT_FOUND, "there is no slot \"%.*s\": `bindery cert slot NAME --cert THUMBPRINT` makes one",
                       RS_TEXT_ARG(certificate->slot));
    if (!rs_text_equal_nocase(slot->sha256, certificate->sha256))
        return rs_fail(p->job, TABLES_DB_BUSY, "the slot \"%.*s\" was given another certificate meanwhile: try again",
                       RS_TEXT_ARG(certificate->slot));
    return RS_OK;
}

static rs_status plan_check_certificates(struct planner *p)
{
    const struct tables_change *change = p->change;

    if (change->certificate_count == 0)
        return rs_fail(p->job, RS_INVALID, "no certificate is named");
    if (change->certificate_count > TABLES_CERTIFICATES_MAX)
        return rs_fail(p->job, RS_INVALID, "more than %d certificates for one row are named", TABLES_CERTIFICATES_MAX);
    for (size_t i = 0; i < change->certificate_count; i++)
        if (change->certificates[i].sha256.size == 0)
            return rs_fail(p->job, RS_INVALID, "no certificate is named");
    for (size_t i = 0; i < change->certificate_count; i++)
        RS_TRY(plan_check_slot(p, &change->certificates[i]));
    return RS_OK;
}

/* The same certificates; one that is to follow a slot does so already. */

static bool plan_shows_the_same(const struct tables_binding *row, const struct tables_change *change)
{
    bool same = row->certificate_count == change->certificate_count;

    for (size_t i = 0; same && i < change->certificate_count; i++)
        same = tables_binding_shows(row, change->certificates[i].sha256) &&
               (change->certificates[i].slot.size == 0 || tables_binding_follows(row, change->certificates[i].slot));
    return same;
}

rs_status plan_bind(struct planner *p)
{
    const struct tables_change *change = p->change;
    rs_text place = tables_place_write(p->job, &change->place);
    const struct tables_binding *row = tables_binding_find(p->snapshot, &change->place);
    rs_text names, certificate = plan_certificates(p, change->certificates, change->certificate_count);

    p->plan->of_place = true;
    RS_TRY(plan_bound_applications(p, &names));
    RS_TRY(plan_check_certificates(p));
    p->plan->shown.what = rs_text_format(p->job, "bind %.*s to %.*s for %.*s", RS_TEXT_ARG(certificate),
                                         RS_TEXT_ARG(place), RS_TEXT_ARG(names));
    RS_TRY(plan_check_no_http(p));
    if (!row) {
        if (tables_binding_count(p->snapshot) >= TABLES_BINDINGS_MAX)
            return rs_fail(p->job, RS_OVER_LIMIT, "there are %d bindings already: no more can be made", TABLES_BINDINGS_MAX);
        plan_step(p, rs_text_format(p->job, "bind the certificate %.*s to %.*s", RS_TEXT_ARG(certificate), RS_TEXT_ARG(place)),
                  (struct edit){.kind = EDIT_ADD_BINDING});
    } else if (!plan_shows_the_same(row, change)) {
        RS_TRY(plan_check_claimants(p, row, place));
        plan_step(p, rs_text_format(p->job, "replace the certificate of %.*s, %.*s, by %.*s", RS_TEXT_ARG(place),
                                    RS_TEXT_ARG(plan_certificates(p, row->certificates, row->certificate_count)),
                                    RS_TEXT_ARG(certificate)),
                  (struct edit){.kind = EDIT_SET_CERTIFICATE, .id = row->id});
    }
    plan_add_claims(p, row, place);
    if (!p->change->of_many)
        plan_warn_overlap(p);
    return RS_OK;
}

/* Can a client that asks for the URL meet the row? */
static bool plan_may_meet(const struct tables_binding *row, const struct tables_prefix *url)
{
    ptrdiff_t dot = rs_text_find_byte(url->host, '.');

    if (row->host.size == 0 || url->category != TABLES_NAMED)
        return true;
    if (row->host.bytes[0] == '*')
        return dot > 0 && rs_text_equal(rs_text_from_offset(row->host, 1), rs_text_from_offset(url->host, (size_t)dot));
    return rs_text_equal(row->host, url->host);
}

static void plan_warn_still_answered(struct planner *p, const struct tables_binding *row, rs_text place, size_t left)
{
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++) {
        const struct tables_reservation *url = tables_reservation(p->snapshot, i);
        if (url->prefix.scheme != TABLES_HTTPS || url->prefix.port != row->port || !plan_is_asked(p, url->application) ||
            !plan_may_meet(row, &url->prefix))
            continue;
        if (left > 0)
            plan_warn(p, "%.*s still answers at %.*s, which others claim: remove the URL to end that",
                      RS_TEXT_ARG(url->url), RS_TEXT_ARG(place));
        else
            plan_warn(p, "%.*s has no certificate at %.*s any more", RS_TEXT_ARG(url->url), RS_TEXT_ARG(place));
    }
}

/* Never asks whether the certificate still exists. */
rs_status plan_unbind(struct planner *p)
{
    const struct tables_change *change = p->change;
    rs_text place = tables_place_write(p->job, &change->place);
    const struct tables_binding *row = tables_binding_find(p->snapshot, &change->place);
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
