#include "service/configure/url_root.h"

#include <unistd.h>

#include "format/json/json.h"
#include "net/pki/verify.h"

#define SERVICE RS_TEXT("ReportServerWebService")
#define COMMAND "`bindery url root URL` sets another one, `bindery url root --auto` has it worked out"

/* ---- hosts --------------------------------------------------------------------------------------- */

/* Of this machine, or that by which clients know it and its neighbours. */
static rs_text machine_name(struct call *call)
{
    struct config_edit settings;
    char name[256] = "localhost";

    if (config_edit_read(call, &settings) == RS_OK && config_edit_value(&settings, "Service/Hostname").size > 0)
        return config_edit_value(&settings, "Service/Hostname");
    rs_job_forgive(call->job); /* a file that cannot be read is told of elsewhere */
    (void)gethostname(name, sizeof name - 1);
    return rs_text_copy(call->job, rs_text_from(name));
}

/* Go through the certificates on a port: *any is whether there are some, *first the first name that one of them has. True
 * where one covers `host`. */
static bool covered(struct call *call, const struct tables_snapshot *snapshot, uint16_t port, rs_text host, bool *any,
                    rs_text *first)
{
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        const struct tables_binding *row = tables_binding(snapshot, i);
        for (size_t k = 0; row->port == port && k < row->certificate_count; k++) {
            const struct pki_entry *entry = pki_store_find(call->instance->store, row->certificates[k].sha256);
            *any = true;
            if (entry && pki_entry_covers(entry, host))
                return true;
            for (size_t n = 0; entry && row->host.size == 0 && first->size == 0 && n < entry->name_count; n++)
                if (entry->names[n].kind == PKI_DNS && entry->names[n].text.bytes[0] != '*')
                    *first = rs_text_copy(call->job, entry->names[n].text);
        }
    }
    return false;
}

static bool is_wildcard(const struct tables_prefix *prefix)
{
    return prefix->category == TABLES_STRONG || prefix->category == TABLES_WEAK;
}

rs_text url_shown(struct call *call, const struct tables_prefix *prefix)
{
    struct tables_prefix shown = *prefix;

    if (is_wildcard(prefix))
        shown.host = machine_name(call);
    return tables_prefix_write(call->job, &shown);
}

/* ---- UrlRoot ------------------------------------------------------------------------------------- */

/* As links have it: without the port that the scheme has anyway, and without the slash at the end. */
static rs_text as_link(struct call *call, rs_text url, const struct tables_prefix *prefix)
{
    const char *standard = prefix->scheme == TABLES_HTTPS ? ":443/" : ":80/";
    ptrdiff_t at = rs_text_find(url, rs_text_from(standard));

    if (at > 0)
        url = rs_text_format(call->job, "%.*s%.*s", (int)at, url.bytes,
                             RS_TEXT_ARG(rs_text_from_offset(url, (size_t)at + strlen(standard) - 1)));
    return rs_text_ends(url, RS_TEXT("/")) ? rs_text_slice(url, 0, url.size - 1) : url;
}

static rs_text host_of_links(struct call *call, const struct tables_snapshot *snapshot, const struct tables_prefix *prefix)
{
    rs_text name = is_wildcard(prefix) ? machine_name(call) : prefix->host, first = {0};
    bool any = false;

    if (!is_wildcard(prefix) || prefix->scheme != TABLES_HTTPS || covered(call, snapshot, prefix->port, name, &any, &first))
        return name;
    return first.size > 0 ? first : name;
}

static const struct tables_reservation *first_url(const struct tables_snapshot *snapshot, bool secure)
{
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(snapshot, i);
        if (rs_text_equal(row->application, SERVICE) && (!secure || row->prefix.scheme == TABLES_HTTPS))
            return row;
    }
    return NULL;
}

/* Scheme, host and port of what somebody wrote; what is behind them. */
static rs_status root_parse(struct call *call, rs_text url, struct tables_prefix *prefix, rs_text *path)
{
    bool has_path;

    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)url.bytes[i] <= 0x20 || strchr("?#<>\"\\", url.bytes[i]))
            return rs_fail(call->job, RS_INVALID, "\"%.*s\" has blanks, a query or other characters that the begin of a link has "
                           "not", RS_TEXT_ARG(url));
    if (url.size > URL_ROOT_MAX)
        return rs_fail(call->job, RS_OVER_LIMIT, "the begin of links is at most %d bytes long", URL_ROOT_MAX);
    RS_TRY(tables_prefix_parse_loose(call->job, url, prefix, &has_path));
    if (prefix->category == TABLES_STRONG || prefix->category == TABLES_WEAK)
        return rs_fail(call->job, RS_INVALID, "links need a host name or an address instead of \"%.*s\"",
                       RS_TEXT_ARG(prefix->host));
    *path = prefix->path;
    return RS_OK;
}

static rs_text find_wrong(struct call *call, const struct config_edit *settings, const struct tables_snapshot *snapshot, rs_text url)
{
    struct tables_prefix prefix;
    rs_text first = {0}, path;
    bool any = false;

    if (root_parse(call, url, &prefix, &path) != RS_OK) {
        rs_text why = rs_text_copy(call->job, rs_job_error(call->job));
        rs_job_forgive(call->job);
        return why;
    }
    if (prefix.scheme == TABLES_HTTP && config_edit_level(settings) > 0)
        return RS_TEXT("the report server is served over https only (SecureConnectionLevel), and links that begin with http are "
                       "refused; " COMMAND);
    if (prefix.scheme == TABLES_HTTPS && !covered(call, snapshot, prefix.port, prefix.host, &any, &first) && any)
        return rs_text_format(call->job, "no certificate on port %u is for %.*s: browsers refuse links to it; " COMMAND
                              ", `bindery tls bind` binds another certificate", prefix.port, RS_TEXT_ARG(prefix.host));
    return (rs_text){0};
}

void url_root_find(struct call *call, const struct config_edit *settings, const struct tables_snapshot *snapshot,
                   struct url_root *out)
{
    const struct tables_reservation *row = first_url(snapshot, config_edit_level(settings) > 0);

    *out = (struct url_root){.url = config_edit_value(settings, "Service/UrlRoot")};
    if (out->url.size == 0 && row) {
        struct tables_prefix shown = row->prefix;
        shown.host = host_of_links(call, snapshot, &row->prefix);
        out->url = as_link(call, tables_prefix_write(call->job, &shown), &shown);
        out->from = row->url;
    }
    if (out->url.size > 0)
        out->wrong = find_wrong(call, settings, snapshot, out->url);
}

/* ---- SetUrlRoot ---------------------------------------------------------------------------------- */

/* What may be meant where a proxy stands in front, and otherwise is a mistake. */
static void warn(struct call *call, const struct config_edit *settings, const struct tables_snapshot *snapshot, rs_text url,
                 rs_text path)
{
    json_t *warnings = json_object_get(call->result, "warnings");
    rs_text directory = rs_text_format(call->job, "/%.*s/", RS_TEXT_ARG(tables_application_find(snapshot, SERVICE)->directory));
    rs_text wrong = find_wrong(call, settings, snapshot, url);

    if (wrong.size > 0)
        add_text(warnings, wrong);
    if (!rs_text_equal_nocase(path, directory))
        add_text(warnings, rs_text_format(call->job, "the virtual directory of the report server is %.*s, not %.*s: links reach it "
                                          "only where a proxy in front changes that", RS_TEXT_ARG(directory), RS_TEXT_ARG(path)));
}

rs_status set_url_root(struct call *call)
{
    const struct tables_snapshot *snapshot;
    rs_text url = rs_text_trim(call_text(call, "UrlRoot")), path;
    struct tables_prefix prefix;
    struct config_edit settings;

    RS_TRY(call_rescan(call));
    RS_TRY(call_tables(call, &snapshot));
    if (url.size > 0)
        RS_TRY(root_parse(call, url, &prefix, &path));
    RS_TRY(config_edit_open(call, &settings));
    if (url.size > 0)
        url = as_link(call, url, &prefix);
    config_edit_set(call, &settings, "Service/UrlRoot", url);
    if (url.size > 0)
        warn(call, &settings, snapshot, url, path);
    return config_edit_write(call, &settings);
}
