/* GetServiceState, GetReportServerUrls, GetConfigurationSetting, SetSecureConnectionLevel, SetServiceState: what the
 * original's provider tells and sets beside URLs and certificates. The settings are those of rsreportserver.config. */
#include <unistd.h>

#include "format/json/json.h"
#include "service/configure/config_edit.h"
#include "service/configure/url_root.h"

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
        rs_text shown = url_shown(call, &url->prefix), why;
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

static bool is_enabled(const struct config_edit *settings, const char *path)
{
    return !rs_text_equal_nocase(config_edit_value(settings, path), RS_TEXT("false"));
}

static rs_status put_url_root(struct call *call, const struct config_edit *settings, const struct tables_snapshot *snapshot)
{
    struct url_root root;

    url_root_find(call, settings, snapshot, &root);
    put_text(call->result, "UrlRoot", config_edit_value(settings, "Service/UrlRoot"));
    put_text(call->result, "EffectiveUrlRoot", root.url);
    put_text(call->result, "UrlRootFrom", root.from);
    put_text(call->result, "UrlRootWarning", root.wrong);
    return RS_OK;
}

rs_status get_configuration_setting(struct call *call)
{
    static const char *const directories[][2] = {{"VirtualDirectoryReportServer", "ReportServerWebService"},
                                                 {"VirtualDirectoryReportManager", "ReportServerWebApp"}};
    const struct tables_snapshot *snapshot;
    struct config_edit settings;
    char host[256] = "";

    RS_TRY(config_edit_read(call, &settings));
    RS_TRY(call_tables(call, &snapshot));
    put_text(call->result, "InstallationID", config_edit_value(&settings, "InstallationID"));
    put_text(call->result, "Version", RS_TEXT(BINDERY_VERSION));
    put_number(call->result, CONFIG_LEVEL_KEY, config_edit_level(&settings));
    RS_TRY(put_url_root(call, &settings, snapshot));
    put_flag(call->result, "IsWebServiceEnabled", is_enabled(&settings, "Service/IsWebServiceEnabled"));
    put_flag(call->result, "IsReportManagerEnabled", is_enabled(&settings, "Service/IsReportManagerEnabled"));
    put_flag(call->result, "IsWindowsServiceEnabled", call->instance->live_state != NULL);
    put_email(call, &settings);
    (void)gethostname(host, sizeof host - 1);
    put_text(call->result, "MachineName", rs_text_from(host));
    for (size_t i = 0; i < 2; i++)
        put_text(call->result, directories[i][0],
                 tables_application_find(snapshot, rs_text_from(directories[i][1]))->directory);
    return RS_OK;
}

/* Links begin with UrlRoot: it has the scheme that the level asks for. */
static void flip_url_root(struct call *call, struct config_edit *settings, bool secure)
{
    rs_text root = config_edit_value(settings, "Service/UrlRoot");
    rs_text from = secure ? RS_TEXT("http://") : RS_TEXT("https://");

    if (rs_text_starts_nocase(root, from))
        config_edit_set(call, settings, "Service/UrlRoot",
                     rs_text_format(call->job, "%s%.*s", secure ? "https://" : "http://",
                                    RS_TEXT_ARG(rs_text_from_offset(root, from.size))));
}

/* A level without a place where TLS answers would shut everybody out. */
rs_status level_needs_https(struct call *call)
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
    struct config_edit settings;
    rs_text now;
    json_int_t level;

    (void)call_number(call, "Level", &level);
    if (level < 0 || level > CONFIG_LEVEL_MAX)
        return rs_fail(call->job, RS_INVALID, "a secure connection level is 0 to %d, not %lld", CONFIG_LEVEL_MAX, (long long)level);
    if (level > 0)
        RS_TRY(level_needs_https(call));
    RS_TRY(config_edit_open(call, &settings));
    now = config_file_key(&settings.file, CONFIG_LEVEL_KEY, NULL);
    if (!rs_text_equal(now.size ? now : RS_TEXT("0"), rs_text_format(call->job, "%lld", (long long)level)))
        config_edit_set_key(call, &settings, CONFIG_LEVEL_KEY, rs_text_format(call->job, "%lld", (long long)level));
    flip_url_root(call, &settings, level > 0);
    return config_edit_write(call, &settings);
}

rs_status set_service_state(struct call *call)
{
    static const char *const flags[][2] = {{"EnableWebService", "Service/IsWebServiceEnabled"},
                                           {"EnableReportManager", "Service/IsReportManagerEnabled"}};
    struct config_edit settings;

    if (call_has(call, "EnableWindowsService") && call_flag(call, "EnableWindowsService") != (call->instance->live_state != NULL))
        return rs_fail(call->job, RS_UNSUPPORTED, "the service itself is started and stopped by the system: "
                       "`systemctl start bindery`, `systemctl stop bindery`");
    RS_TRY(config_edit_open(call, &settings));
    for (size_t i = 0; i < 2; i++)
        if (call_has(call, flags[i][0]) && call_flag(call, flags[i][0]) != is_enabled(&settings, flags[i][1]))
            config_edit_set(call, &settings, flags[i][1], call_flag(call, flags[i][0]) ? RS_TEXT("True") : RS_TEXT("False"));
    return config_edit_write(call, &settings);
}

/* In their places below Authentication; what is not given stays. */
rs_status set_extended_protection_settings(struct call *call)
{
    static const struct {
        const char *argument, *path, *words[3];
    } settings[] = {
        {"ExtendedProtectionLevel", "Authentication/RSWindowsExtendedProtectionLevel", {"Off", "Allow", "Require"}},
        {"ExtendedProtectionScenario", "Authentication/RSWindowsExtendedProtectionScenario", {"Proxy", "Any", "Direct"}},
    };
    struct config_edit edit;

    RS_TRY(config_edit_open(call, &edit));
    for (size_t i = 0; i < 2; i++) {
        rs_text wanted = call_text(call, settings[i].argument), word = {NULL, 0};
        for (size_t k = 0; k < 3; k++)
            if (rs_text_equal_nocase(wanted, rs_text_from(settings[i].words[k])))
                word = rs_text_from(settings[i].words[k]);
        if (word.size == 0)
            return rs_fail(call->job, RS_INVALID, "%s is \"%.*s\"; it may be %s, %s or %s", settings[i].argument,
                           RS_TEXT_ARG(wanted), settings[i].words[0], settings[i].words[1], settings[i].words[2]);
        if (!rs_text_equal(config_edit_value(&edit, settings[i].path), word))
            config_edit_set(call, &edit, settings[i].path, word);
    }
    return config_edit_write(call, &edit);
}
