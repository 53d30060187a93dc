/* GetServiceState, GetReportServerUrls, GetConfigurationSetting, SetSecureConnectionLevel, SetServiceState: what the
 * original's provider tells and sets beside URLs and certificates. The settings are those of rsreportserver.config. */
#include <unistd.h>

#include "format/json/json.h"
#include "format/xml/edit.h"
#include "service/configure/config_file.h"
#include "service/configure/inside.h"

#define LEVEL_KEY "SecureConnectionLevel"
#define LEVEL_MAX 3 /* 1 to 3 mean the same since 2008 R2: all SOAP calls need TLS */

rs_status get_service_state(struct call *call)
{
    const struct configure_instance *instance = call->instance;
    json_t *state;

    if (!instance->live_state) {
        put_flag(call->result, "running", false);
        return RS_OK;
    }
    RS_TRY(instance->live_state(call->job, instance->data, &state));
    json_object_update(call->result, state);
    json_decref(state);
    return RS_OK;
}

/* ---- URLs that answer ---------------------------------------------------------------------- */

static const char *const host_wildcards[] = {"+", "*"};

/* As a client of another machine writes it. */
static rs_text client_url(struct call *call, const struct tables_prefix *prefix)
{
    struct tables_prefix shown = *prefix;
    char name[256] = "localhost";

    for (size_t i = 0; i < 2; i++)
        if (rs_text_equal(prefix->host, rs_text_from(host_wildcards[i])) && gethostname(name, sizeof name - 1) == 0)
            shown.host = rs_text_from(name);
    return tables_prefix_write(call->job, &shown);
}

/* Why nobody answers there; empty: somebody does. `state` is that of the running server, or NULL. */
static rs_text silent_because(struct call *call, const struct tables_snapshot *snapshot, const struct tables_reservation *url,
                              const json_t *state)
{
    const json_t *row;
    size_t index;
    bool listens = false;

    if (!state)
        return RS_TEXT("the server does not run");
    for (size_t i = 0; i < tables_listener_count(snapshot); i++)
        listens = listens || (tables_listener(snapshot, i)->port == url->prefix.port &&
                              tables_listener(snapshot, i)->tls == (url->prefix.scheme == TABLES_HTTPS));
    if (!listens)
        return rs_text_format(call->job, "no certificate is bound to port %u", url->prefix.port);
    json_array_foreach(json_object_get(state, "missing"), index, row)
        if (json_integer_value(json_object_get(row, "port")) == url->prefix.port)
            return rs_text_copy(call->job, json_to_text(json_object_get(row, "reason")));
    json_array_foreach(json_object_get(json_object_get(state, "front"), "applications"), index, row)
        if (rs_text_equal(json_to_text(json_object_get(row, "application")), url->application) &&
            !rs_text_equal(json_to_text(json_object_get(row, "state")), RS_TEXT("online")))
            return rs_text_format(call->job, "the application is %s", json_string_value(json_object_get(row, "state")));
    return RS_TEXT("");
}

rs_status get_report_server_urls(struct call *call)
{
    const struct tables_snapshot *snapshot;
    json_t *state = NULL, *rows = put_array(call->result, "urls");
    json_t *names = put_array(call->result, "ApplicationName"), *urls = put_array(call->result, "URLs");

    RS_TRY(call_tables(call, &snapshot));
    if (call->instance->live_state) {
        RS_TRY(call->instance->live_state(call->job, call->instance->data, &state));
        json_keep(call->job, state);
    }
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++) {
        const struct tables_reservation *url = tables_reservation(snapshot, i);
        rs_text shown = client_url(call, &url->prefix), why;
        json_t *row;
        if (tables_application_find(snapshot, url->application)->kind != TABLES_REPORT_SERVER)
            continue;
        why = silent_because(call, snapshot, url, state);
        row = add_object(rows);
        put_text(row, "application", url->application);
        put_text(row, "url", shown);
        put_text(row, "reservation", url->url);
        put_flag(row, "registered", why.size == 0);
        put_text(row, "reason", why);
        if (why.size == 0) {
            add_text(names, url->application);
            add_text(urls, shown);
        }
    }
    put_number(call->result, "Length", (int64_t)json_array_size(urls));
    return RS_OK;
}

/* ---- settings ------------------------------------------------------------------------------ */

static rs_status open_settings(struct call *call, rs_text *bytes, struct config_file *file, struct xml_edit **edit)
{
    if (!call->instance->read_config)
        return rs_fail(call->job, RS_NOT_FOUND, "this instance has no rsreportserver.config");
    RS_TRY(call->instance->read_config(call->job, call->instance->data, bytes));
    RS_TRY(config_file_read(call->job, *bytes, file));
    return edit ? xml_edit_parse(call->job, *bytes, NULL, edit) : RS_OK;
}

static bool is_enabled(const struct config_file *file, const char *path)
{
    return !rs_text_equal_nocase(config_file_value(file->root, path, NULL), RS_TEXT("false"));
}

rs_status get_configuration_setting(struct call *call)
{
    static const char *const directories[][2] = {{"VirtualDirectoryReportServer", "ReportServerWebService"},
                                                 {"VirtualDirectoryReportManager", "ReportServerWebApp"}};
    const struct tables_snapshot *snapshot;
    struct config_file file;
    rs_text bytes, level;
    uint64_t number;
    char host[256] = "";

    RS_TRY(open_settings(call, &bytes, &file, NULL));
    RS_TRY(call_tables(call, &snapshot));
    level = config_file_key(&file, LEVEL_KEY, NULL);
    put_text(call->result, "InstallationID", config_file_value(file.root, "InstallationID", NULL));
    put_text(call->result, "Version", RS_TEXT(BINDERY_VERSION));
    put_number(call->result, LEVEL_KEY, rs_parse_uint64(level, &number) && number <= LEVEL_MAX ? (int64_t)number : 0);
    put_text(call->result, "UrlRoot", config_file_value(file.root, "Service/UrlRoot", NULL));
    put_flag(call->result, "IsWebServiceEnabled", is_enabled(&file, "Service/IsWebServiceEnabled"));
    put_flag(call->result, "IsReportManagerEnabled", is_enabled(&file, "Service/IsReportManagerEnabled"));
    put_flag(call->result, "IsWindowsServiceEnabled", call->instance->live_state != NULL);
    (void)gethostname(host, sizeof host - 1);
    put_text(call->result, "MachineName", rs_text_from(host));
    for (size_t i = 0; i < 2; i++)
        put_text(call->result, directories[i][0],
                 tables_application_find(snapshot, rs_text_from(directories[i][1]))->directory);
    return RS_OK;
}

/* Write what was changed, and have the running server take it over. */
static rs_status write_settings(struct call *call, struct xml_edit *edit)
{
    const struct configure_instance *instance = call->instance;
    bool dry_run = call_flag(call, "DryRun");
    bool changes = json_array_size(json_object_get(call->result, "steps")) > 0;
    rs_text bytes;

    put_flag(call->result, "changed", changes && !dry_run);
    put_flag(call->result, "dry_run", dry_run);
    if (!changes || dry_run)
        return RS_OK;
    RS_TRY(xml_edit_write(call->job, edit, &bytes));
    RS_TRY(instance->replace_config(call->job, instance->data, bytes));
    return instance->reload ? instance->reload(call->job, instance->data) : RS_OK;
}

/* The element at `path` gets this value; a step where it had another one. */
static void set_element(struct call *call, struct xml_edit *edit, const char *path, rs_text value)
{
    struct xml_edit_node *node = xml_edit_find(xml_edit_root(edit), path);
    rs_text rest = rs_text_from(path), name;

    if (node && rs_text_equal_nocase(rs_text_trim(xml_edit_text(call->job, node)), value))
        return;
    for (node = xml_edit_root(edit); rest.size > 0;) {
        struct xml_edit_node *child;
        rs_text_cut(rest, '/', &name, &rest);
        child = xml_edit_first(node, rs_text_terminated(call->job, name));
        node = child ? child : xml_edit_add(call->job, node, rs_text_terminated(call->job, name));
    }
    xml_edit_set_text(call->job, node, value);
    add_text(json_object_get(call->result, "steps"), rs_text_format(call->job, "set %s to %.*s", path, RS_TEXT_ARG(value)));
}

static void set_key(struct call *call, struct xml_edit *edit, const char *key, rs_text value)
{
    struct xml_edit_node *node = xml_edit_first(xml_edit_root(edit), "Add");

    while (node && !rs_text_equal_nocase(xml_edit_attribute(call->job, node, "Key"), rs_text_from(key)))
        node = xml_edit_next(node, "Add");
    if (!node) {
        node = xml_edit_add(call->job, xml_edit_root(edit), "Add");
        xml_edit_set_attribute(call->job, node, "Key", rs_text_from(key));
    }
    xml_edit_set_attribute(call->job, node, "Value", value);
    add_text(json_object_get(call->result, "steps"), rs_text_format(call->job, "set %s to %.*s", key, RS_TEXT_ARG(value)));
}

/* Links begin with UrlRoot: it has the scheme that the level asks for. */
static void flip_url_root(struct call *call, struct xml_edit *edit, const struct config_file *file, bool secure)
{
    rs_text root = config_file_value(file->root, "Service/UrlRoot", NULL);
    rs_text from = secure ? RS_TEXT("http://") : RS_TEXT("https://");

    if (rs_text_starts_nocase(root, from))
        set_element(call, edit, "Service/UrlRoot",
                    rs_text_format(call->job, "%s%.*s", secure ? "https://" : "http://",
                                   RS_TEXT_ARG(rs_text_from_offset(root, from.size))));
}

/* A level without a place where TLS answers would shut everybody out. */
static rs_status needs_https(struct call *call)
{
    const struct tables_snapshot *snapshot;

    RS_TRY(call_tables(call, &snapshot));
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++) {
        const struct tables_prefix *prefix = &tables_reservation(snapshot, i)->prefix;
        for (size_t k = 0; prefix->scheme == TABLES_HTTPS && k < tables_binding_count(snapshot); k++)
            if (tables_binding(snapshot, k)->port == prefix->port)
                return RS_OK;
    }
    return rs_fail(call->job, RS_CONFLICT, "no https URL has a certificate: nobody could reach the report server. Reserve one "
                   "(`bindery url reserve`), bind a certificate (`bindery tls bind`), then raise the level");
}

rs_status set_secure_connection_level(struct call *call)
{
    struct config_file file;
    struct xml_edit *edit;
    rs_text bytes, now;
    json_int_t level;

    (void)call_number(call, "Level", &level);
    if (level < 0 || level > LEVEL_MAX)
        return rs_fail(call->job, RS_INVALID, "a secure connection level is 0 to %d, not %lld", LEVEL_MAX, (long long)level);
    if (level > 0)
        RS_TRY(needs_https(call));
    RS_TRY(open_settings(call, &bytes, &file, &edit));
    put_array(call->result, "steps");
    put_array(call->result, "warnings");
    now = config_file_key(&file, LEVEL_KEY, NULL);
    if (!rs_text_equal(now.size ? now : RS_TEXT("0"), rs_text_format(call->job, "%lld", (long long)level)))
        set_key(call, edit, LEVEL_KEY, rs_text_format(call->job, "%lld", (long long)level));
    flip_url_root(call, edit, &file, level > 0);
    return write_settings(call, edit);
}

rs_status set_service_state(struct call *call)
{
    static const char *const flags[][2] = {{"EnableWebService", "Service/IsWebServiceEnabled"},
                                           {"EnableReportManager", "Service/IsReportManagerEnabled"}};
    struct config_file file;
    struct xml_edit *edit;
    rs_text bytes;

    if (call_has(call, "EnableWindowsService") && call_flag(call, "EnableWindowsService") != (call->instance->live_state != NULL))
        return rs_fail(call->job, RS_UNSUPPORTED, "the service itself is started and stopped by the system: "
                       "`systemctl start bindery`, `systemctl stop bindery`");
    RS_TRY(open_settings(call, &bytes, &file, &edit));
    put_array(call->result, "steps");
    put_array(call->result, "warnings");
    for (size_t i = 0; i < 2; i++)
        if (call_has(call, flags[i][0]))
            set_element(call, edit, flags[i][1], call_flag(call, flags[i][0]) ? RS_TEXT("True") : RS_TEXT("False"));
    return write_settings(call, edit);
}
