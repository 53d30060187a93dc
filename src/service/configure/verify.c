/* VerifyBindings: the connection, the handshake, the certificate, the route and the report server database, each for
 * itself. */
#include "net/pki/verify.h"
#include "net/tables/route.h"
#include "net/tables/select.h"
#include "service/configure/inside.h"
#include "service/configure/machine.h"
#include "service/configure/probe.h"

/* ---- one row ------------------------------------------------------------------------------- */

/* A name of the row itself: a wildcard stands for any label. Empty where it is for any name. */
static rs_text own_name(struct rs_job *job, const struct tables_binding *row)
{
    if (row->host.size == 0 || row->host.bytes[0] != '*')
        return row->host;
    return rs_text_format(job, "bindery-verify%.*s", RS_TEXT_ARG(rs_text_from_offset(row->host, 1)));
}

/* A name to ask with, so that the server sees what a browser would send: one of the URLs that meet the row. */
static rs_text row_name(struct rs_job *job, const struct tables_snapshot *snapshot, const struct tables_binding *row)
{
    for (size_t i = 0; row->host.size == 0 && i < tables_reservation_count(snapshot); i++) {
        const struct tables_prefix *prefix = &tables_reservation(snapshot, i)->prefix;
        if (prefix->scheme == TABLES_HTTPS && prefix->port == row->port && prefix->category == TABLES_NAMED &&
            tables_binding_select(snapshot, &row->address, row->port, prefix->host) == row)
            return prefix->host;
    }
    return own_name(job, row);
}

static bool row_answers_at(const struct tables_snapshot *snapshot, const struct tables_binding *row, const char *address,
                           rs_text name)
{
    struct tables_address at;

    return tables_address_parse(rs_text_from(address), &at) && tables_binding_select(snapshot, &at, row->port, name) == row;
}

/* Where a connection meets the row: at its own address; for a row of every address, at one that no row of a single
 * address takes first. Stays the wildcard where the loopback will do. */
static rs_status row_address(struct call *call, const struct tables_snapshot *snapshot, const struct tables_binding *row,
                             rs_text name, struct tables_address *out)
{
    const struct machine_address *addresses;
    size_t count;

    *out = row->address;
    if (row->address.family != TABLES_ANY || (row_answers_at(snapshot, row, "127.0.0.1", name) &&
                                              row_answers_at(snapshot, row, "::1", name)))
        return RS_OK;
    RS_TRY(machine_addresses(call->job, &addresses, &count));
    for (size_t i = 0; i < count; i++)
        if (tables_binding_select(snapshot, &addresses[i].address, row->port, name) == row) {
            *out = addresses[i].address;
            return RS_OK;
        }
    return RS_OK;
}

/* Report what failed in `part` as a check that is not ok. */
static bool failed_check(struct call *call, json_t *checks, const char *stage, rs_text subject, const struct rs_job *part)
{
    add_check(checks, stage, subject, false, true, rs_text_copy(call->job, rs_job_message(part)));
    return false;
}

static rs_text shown_sha1(const struct tables_binding *row, rs_text sha256)
{
    for (size_t i = 0; i < row->certificate_count; i++)
        if (rs_text_equal_nocase(row->certificates[i].sha256, sha256))
            return row->certificates[i].sha1;
    return sha256;
}

/* The certificate that was shown is the bound one; and it is fit, now. */
static bool row_certificate(struct call *call, const struct tables_binding *row, rs_text subject, rs_text shown, json_t *checks)
{
    const struct pki_entry *entry = pki_store_find(call->instance->store, shown);

    if (!tables_binding_shows(row, shown)) {
        add_check(checks, "certificate", subject, false, true,
                  rs_text_format(call->job, "another certificate is shown than the bound one (SHA-256 %.*s instead of %.*s)",
                                 RS_TEXT_ARG(shown), RS_TEXT_ARG(row->certificates[0].sha256)));
        return false;
    }
    for (size_t i = 0; entry && i < entry->reason_count; i++)
        if (entry->reasons[i].severity == PKI_FATAL) {
            add_check(checks, "certificate", subject, false, true, entry->reasons[i].sentence);
            return false;
        }
    add_check(checks, "certificate", subject, true, false, rs_text_format(call->job, "it shows the bound certificate, %.*s",
                                                                          RS_TEXT_ARG(shown_sha1(row, shown))));
    return true;
}

bool verify_row_begin(const struct call *of, const struct tables_snapshot *snapshot, const struct tables_binding *row,
                      json_t *checks, struct row_look *out)
{
    struct call *call = &out->call;
    struct tables_place place = tables_binding_place(row);
    struct tables_address address;
    rs_text name;

    *out = (struct row_look){.call = *of, .row = row, .checks = checks};
    out->subject = tables_place_write(call->job, &place);
    out->part = rs_job_create(&(struct rs_job_options){.within = call->job});
    name = row_name(call->job, snapshot, row);
    if (row_address(call, snapshot, row, name, &address) != RS_OK)
        return failed_check(call, checks, "address", out->subject, call->job);
    if (probe_open(out->part, &address, row->port, &out->probe) != RS_OK)
        return failed_check(call, checks, "connect", out->subject, out->part);
    add_check(checks, "connect", out->subject, true, false, RS_TEXT("the server accepts connections"));
    if (probe_greet(out->part, out->probe, name) != RS_OK)
        return failed_check(call, checks, "handshake", out->subject, out->part);
    return true;
}

bool verify_row_end(struct row_look *look)
{
    rs_text shown;

    if (probe_handshake(look->part, look->probe, &shown) != RS_OK)
        return failed_check(&look->call, look->checks, "handshake", look->subject, look->part);
    add_check(look->checks, "handshake", look->subject, true, false, RS_TEXT("the TLS handshake works"));
    return row_certificate(&look->call, look->row, look->subject, shown, look->checks);
}

void row_look_finish(struct row_look *look)
{
    probe_close(look->probe);
    rs_job_destroy(look->part);
}

bool verify_row(struct call *call, const struct tables_snapshot *snapshot, const struct tables_binding *row, json_t *checks)
{
    struct row_look look;
    bool good = verify_row_begin(call, snapshot, row, checks, &look) && verify_row_end(&look);

    row_look_finish(&look);
    return good;
}

/* ---- one URL ------------------------------------------------------------------------------- */

/* Where the URL can be reached, and under which name. False: nowhere. */
static bool route_target(struct call *call, const struct tables_snapshot *snapshot, const struct tables_reservation *url,
                         struct tables_request *out)
{
    const struct tables_prefix *prefix = &url->prefix;
    rs_text path = rs_text_from_offset(url->url, url->url_string.size);
    bool found = false;

    *out = (struct tables_request){prefix->scheme, prefix->port, prefix->host, prefix->address, path};
    for (size_t i = 0; i < tables_listener_count(snapshot) && !found; i++) {
        const struct tables_listener *listener = tables_listener(snapshot, i);
        if (listener->port != prefix->port || listener->tls != (prefix->scheme == TABLES_HTTPS) ||
            (prefix->category == TABLES_ADDRESS && listener->address.family != TABLES_ANY &&
             !tables_address_equal(&listener->address, &prefix->address)))
            continue;
        if (prefix->category != TABLES_ADDRESS)
            out->local = listener->address;
        found = true;
    }
    if (prefix->category == TABLES_STRONG || prefix->category == TABLES_WEAK)
        out->host = RS_TEXT("localhost");
    return found;
}

/* The name to ask for in the handshake: that of the URL; where it takes any host, none, or where no row answers that, a
 * name that meets one, which is asked for as the host too. */
static rs_text route_name(struct rs_job *job, const struct tables_snapshot *snapshot, const struct tables_reservation *url,
                          struct tables_request *request)
{
    if (url->prefix.category == TABLES_NAMED)
        return request->host;
    if (request->scheme != TABLES_HTTPS || url->prefix.category == TABLES_ADDRESS ||
        tables_binding_select(snapshot, &request->local, request->port, RS_TEXT("")))
        return RS_TEXT("");
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        const struct tables_binding *row = tables_binding(snapshot, i);
        if (row->port != request->port || row->address.family != TABLES_ANY)
            continue;
        request->host = own_name(job, row);
        return request->host;
    }
    return RS_TEXT("");
}

static bool route_judge(struct call *call, const struct tables_reservation *url, int status, json_t *checks)
{
    static const struct {
        int status;
        const char *message;
    } wrong[] = {
        {400, "the server refuses the URL (400): is another row in its way? `bindery url explain` tells"},
        {404, "nothing answers at the URL (404): is another row in its way? `bindery url explain` tells"},
        {421, "the server says that the URL belongs to another binding (421)"},
        {502, "the application ended in the middle of the request (502)"},
        {503, "the application does not run (503)"},
        {504, "the application does not answer in time (504)"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (wrong[i].status == status) {
            add_check(checks, "route", url->url, false, true, rs_text_from(wrong[i].message));
            return false;
        }
    add_check(checks, "route", url->url, true, false,
              rs_text_format(call->job, "%.*s answers (%d)", RS_TEXT_ARG(url->application), status));
    return true;
}

bool verify_route(struct call *call, const struct tables_snapshot *snapshot, const struct tables_reservation *url,
                  json_t *checks)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = call->job});
    RS_OWNED(probe) probe = NULL;
    struct tables_request request;
    rs_status status;
    rs_text shown, host, sni;
    int answer;

    if (!route_target(call, snapshot, url, &request)) {
        add_check(checks, "connect", url->url, false, true,
                  rs_text_format(call->job, "no certificate is bound to port %u: bind one with `bindery tls bind --app %.*s "
                                 "--cert THUMBPRINT --port %u`", url->prefix.port, RS_TEXT_ARG(url->application),
                                 url->prefix.port));
        return false;
    }
    sni = route_name(part, snapshot, url, &request);
    host = rs_text_format(part, "%.*s:%u", RS_TEXT_ARG(request.host), request.port);
    if (probe_open(part, &request.local, request.port, &probe) != RS_OK)
        return failed_check(call, checks, "connect", url->url, part);
    if (request.scheme == TABLES_HTTPS &&
        (probe_greet(part, probe, sni) != RS_OK || probe_handshake(part, probe, &shown) != RS_OK))
        return failed_check(call, checks, "handshake", url->url, part);
    status = probe_get(part, probe, host, request.path, &answer);
    if (status != RS_OK)
        return failed_check(call, checks, "route", url->url, part);
    return route_judge(call, url, answer, checks);
}

/* Host names that the certificate answering them does not cover: browsers will refuse it. */
static bool verify_names(struct call *call, const struct tables_snapshot *snapshot, const struct tables_reservation *url,
                         json_t *checks)
{
    const struct tables_binding *row;
    const struct pki_entry *entry;
    struct tables_request request;

    if (url->prefix.scheme != TABLES_HTTPS || url->prefix.category != TABLES_NAMED ||
        !route_target(call, snapshot, url, &request))
        return true;
    row = tables_binding_select(snapshot, &request.local, request.port, request.host);
    entry = row ? pki_store_find(call->instance->store, row->certificates[0].sha256) : NULL;
    if (!entry || pki_entry_covers(entry, url->prefix.host))
        return true;
    add_check(checks, "names", url->url, false, true,
              rs_text_format(call->job, "the certificate %.*s does not cover the host %.*s", RS_TEXT_ARG(entry->sha1),
                             RS_TEXT_ARG(url->prefix.host)));
    return false;
}

/* ---- everything ---------------------------------------------------------------------------- */

bool verify_database(struct call *call, json_t *checks)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = call->job});
    rs_text subject = RS_TEXT("report server database");

    if (!call->instance->database_ready)
        return true;
    if (call->instance->database_ready(part, call->instance->data) != RS_OK)
        return failed_check(call, checks, "database", subject, part);
    add_check(checks, "database", subject, true, false, RS_TEXT("the report server database answers"));
    return true;
}

rs_status verify_bindings(struct call *call)
{
    const struct tables_snapshot *snapshot;
    const struct tables_application *wanted = NULL;
    json_t *checks = put_array(call->result, "checks");
    bool ok = true;

    RS_TRY(call_rescan(call));
    RS_TRY(call_tables(call, &snapshot));
    if (call_has(call, "Application")) {
        wanted = tables_application_find(snapshot, call_text(call, "Application"));
        if (!wanted)
            return rs_fail(call->job, RS_NOT_FOUND, "there is no application \"%.*s\"", RS_TEXT_ARG(call_text(call, "Application")));
    }
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        const struct tables_binding *row = tables_binding(snapshot, i);
        RS_TRY(rs_job_checkpoint(call->job));
        if (!wanted || tables_claim_find(row, wanted->name))
            ok = verify_row(call, snapshot, row, checks) && ok;
    }
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++) {
        const struct tables_reservation *url = tables_reservation(snapshot, i);
        RS_TRY(rs_job_checkpoint(call->job));
        if (wanted && !rs_text_equal(url->application, wanted->name))
            continue;
        ok = verify_names(call, snapshot, url, checks) && ok;
        ok = verify_route(call, snapshot, url, checks) && ok;
    }
    if (json_array_size(checks) == 0) {
        add_check(checks, "route", RS_TEXT("URL reservations"), false, true,
                  RS_TEXT("no URL is reserved: begin with `bindery url reserve`"));
        ok = false;
    }
    ok = verify_database(call, checks) && ok;
    put_flag(call->result, "ok", ok);
    return RS_OK;
}
