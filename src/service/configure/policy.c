/* SetBindingPolicy, SetApplicationPolicy, ListPolicy: settings of rows and applications. */
#include "format/json/json.h"
#include "service/configure/inside.h"

/* {"min-version": "1.3", "other": null}: null sets back to the default. */
static rs_status policy_arguments(struct call *call, struct tables_change *change)
{
    const json_t *settings = json_object_get(call->arguments, "Settings");
    struct tables_setting *out = RS_NEW_ARRAY(call->job, struct tables_setting, json_object_size(settings));
    const char *name;
    json_t *value;

    change->settings = out;
    json_object_foreach((json_t *)(uintptr_t)settings, name, value) {
        if (!json_is_string(value) && !json_is_null(value))
            return rs_fail(call->job, RS_INVALID, "the value of the setting \"%s\" is a text, or null for its default", name);
        out[change->setting_count++] = (struct tables_setting){
            .name = rs_text_from(name), .value = json_to_text(value), .unset = json_is_null(value)};
    }
    return RS_OK;
}

/* A row whose settings do not let a handshake through is taken back. */
static rs_status policy_verify(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                               json_t *checks)
{
    return binding_verify(call, snapshot, tables_binding_find(snapshot, &change->place), checks);
}

rs_status set_binding_policy(struct call *call)
{
    struct tables_change change = {.kind = TABLES_SET_ROW};

    RS_TRY(tables_place_parse(call->job, call_text(call, "Row"), &change.place));
    RS_TRY(policy_arguments(call, &change));
    return change_run(call, &change, NULL, policy_verify);
}

static bool same_host(const struct tables_prefix *a, const struct tables_prefix *b)
{
    return b->category == TABLES_STRONG || b->category == TABLES_WEAK ||
           (a->category == b->category && rs_text_equal_nocase(a->host, b->host));
}

/* Where a browser goes that was told to use https: port 80 becomes 443, every other port stays (RFC 6797, 8.3). */
static bool is_reached_over_tls(const struct tables_snapshot *snapshot, const struct tables_reservation *plain)
{
    uint16_t port = plain->prefix.port == 80 ? 443 : plain->prefix.port;

    for (size_t i = 0; i < tables_reservation_count(snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(snapshot, i);
        if (row->prefix.scheme == TABLES_HTTPS && row->prefix.port == port &&
            rs_text_equal(row->application, plain->application) && same_host(&plain->prefix, &row->prefix))
            return true;
    }
    return false;
}

static bool has_https(const struct tables_snapshot *snapshot, rs_text application)
{
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++)
        if (tables_reservation(snapshot, i)->prefix.scheme == TABLES_HTTPS &&
            rs_text_equal(tables_reservation(snapshot, i)->application, application))
            return true;
    return false;
}

/* Browsers remember HSTS: what it makes unreachable stays so for its time, whatever is changed here. */
static rs_status hsts_check(struct call *call, const struct tables_snapshot *snapshot, const struct tables_application *row)
{
    if (policy_number(&row->policy, POLICY_APPLICATION_HSTS) == 0)
        return RS_OK;
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++) {
        const struct tables_reservation *plain = tables_reservation(snapshot, i);
        if (plain->prefix.scheme == TABLES_HTTP && rs_text_equal(plain->application, row->name) &&
            !is_reached_over_tls(snapshot, plain))
            return rs_fail(call->job, RS_INVALID,
                           "with hsts, browsers could not reach %.*s any more: they would ask for https on port %u, where "
                           "%.*s has no URL. Reserve one there, or remove this one, first",
                           RS_TEXT_ARG(plain->url), plain->prefix.port == 80 ? 443 : plain->prefix.port,
                           RS_TEXT_ARG(row->name));
    }
    return RS_OK;
}

static rs_status application_check(struct call *call, const struct tables_snapshot *before, const struct tables_change *change,
                                   json_t *checks)
{
    const struct tables_snapshot *snapshot = call->after;
    const struct tables_application *row = tables_application_find(snapshot, change->application);

    (void)before;
    (void)checks;
    if (!row)
        return RS_OK;
    bool sends_on = rs_text_equal(policy_text(&row->policy, POLICY_APPLICATION_HTTP), RS_TEXT("redirect"));
    bool needs_https = sends_on || policy_number(&row->policy, POLICY_APPLICATION_HSTS) > 0 ||
                       policy_number(&row->policy, POLICY_APPLICATION_SECURE_LEVEL) > 0;
    if (needs_https && !has_https(snapshot, row->name))
        return rs_fail(call->job, RS_INVALID,
                       "%.*s has no https URL, so nobody could reach it any more. Reserve one first: bindery url reserve "
                       "https://+:443 --app %.*s",
                       RS_TEXT_ARG(row->name), RS_TEXT_ARG(row->name));
    return hsts_check(call, snapshot, row);
}

rs_status set_application_policy(struct call *call)
{
    struct tables_change change = {.kind = TABLES_SET_APPLICATION, .application = call_text(call, "Application")};

    RS_TRY(policy_arguments(call, &change));
    return change_run(call, &change, application_check, NULL);
}

/* ---- listing ------------------------------------------------------------------------------- */

/* One object per setting of that scope. */
static void policy_json(struct call *call, enum policy_scope scope, rs_text owner, const struct tables_policy *policy, json_t *out)
{
    for (int id = 0; id < POLICY_COUNT; id++) {
        const struct policy_setting *setting = policy_setting((enum policy_id)id);
        json_t *row;
        if (setting->scope != scope)
            continue;
        row = add_object(out);
        put_text(row, "of", owner);
        put_text(row, "name", rs_text_from(setting->name));
        put_text(row, "value", policy_text(policy, (enum policy_id)id));
        put_flag(row, "set", policy_set(policy, (enum policy_id)id) != NULL);
        put_text(row, "default", rs_text_from(setting->otherwise));
        put_text(row, "range", policy_range(call->job, (enum policy_id)id));
        put_text(row, "help", rs_text_from(setting->help));
    }
}

static rs_status list_row(struct call *call, const struct tables_snapshot *snapshot, json_t *out)
{
    const struct tables_binding *row;
    struct tables_place place;
    rs_text written;

    RS_TRY(tables_place_parse(call->job, call_text(call, "Row"), &place));
    written = tables_place_write(call->job, &place);
    row = tables_binding_find(snapshot, &place);
    if (!row)
        return rs_fail(call->job, RS_NOT_FOUND, "no certificate is bound to %.*s: `bindery tls list` shows the rows",
                       RS_TEXT_ARG(written));
    policy_json(call, POLICY_ROW, written, &row->policy, out);
    return RS_OK;
}

static rs_status list_application(struct call *call, const struct tables_snapshot *snapshot, json_t *out)
{
    rs_text name = call_text(call, "Application");
    const struct tables_application *application = tables_application_find(snapshot, name);

    if (!application)
        return rs_fail(call->job, RS_NOT_FOUND, "there is no application \"%.*s\": `bindery app list` shows them",
                       RS_TEXT_ARG(name));
    policy_json(call, POLICY_APPLICATION, application->name, &application->policy, out);
    return RS_OK;
}

rs_status list_policy(struct call *call)
{
    const struct tables_snapshot *snapshot;
    json_t *out = put_array(call->result, "settings");

    RS_TRY(call_tables(call, &snapshot));
    if (call_has(call, "Row"))
        RS_TRY(list_row(call, snapshot, out));
    if (call_has(call, "Application"))
        RS_TRY(list_application(call, snapshot, out));
    if (call_has(call, "Row") || call_has(call, "Application"))
        return RS_OK;
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        struct tables_place place = tables_binding_place(tables_binding(snapshot, i));
        policy_json(call, POLICY_ROW, tables_place_write(call->job, &place), &tables_binding(snapshot, i)->policy, out);
    }
    for (size_t i = 0; i < tables_application_count(snapshot); i++) {
        const struct tables_application *application = tables_application(snapshot, i);
        policy_json(call, POLICY_APPLICATION, application->name, &application->policy, out);
    }
    return RS_OK;
}
