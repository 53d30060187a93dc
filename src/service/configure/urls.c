/* ListReservedUrls, ReserveURL, RemoveURL, SetVirtualDirectory, ExplainUrl, ListHistory. */
#include <pwd.h>
#include <unistd.h>

#include "format/json/json.h"
#include "net/tables/route.h"
#include "net/tables/select.h"
#include "service/configure/inside.h"

#define HISTORY_DEFAULT 100
#define HISTORY_MAX 10000

static void reservation_json(const struct tables_snapshot *snapshot, const struct tables_reservation *row, json_t *out)
{
    const struct tables_application *application = tables_application_find(snapshot, row->application);

    put_text(out, "url", row->url);
    put_text(out, "url_string", row->url_string);
    put_text(out, "application", row->application);
    put_text(out, "directory", application ? application->directory : RS_TEXT(""));
    put_text(out, "account", row->account);
    put_time(out, "created", row->created_ms);
    put_text(out, "created_by", row->created_by);
}

rs_status list_reserved_urls(struct call *call)
{
    const struct tables_snapshot *snapshot;
    json_t *rows = put_array(call->result, "reservations"), *applications = put_array(call->result, "applications");

    RS_TRY(call_tables(call, &snapshot));
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++)
        reservation_json(snapshot, tables_reservation(snapshot, i), add_object(rows));
    for (size_t i = 0; i < tables_application_count(snapshot); i++) {
        const struct tables_application *application = tables_application(snapshot, i);
        json_t *out = add_object(applications);
        put_text(out, "application", application->name);
        put_text(out, "directory", application->directory);
    }
    put_number(call->result, "revision", tables_snapshot_revision(snapshot));
    return RS_OK;
}

/* The account that the service runs as: who the URL belongs to unless told otherwise. */
static rs_text own_account(struct rs_job *job)
{
    struct passwd account, *found = NULL;
    char room[4096];

    if (getpwuid_r(geteuid(), &account, room, sizeof room, &found) == 0 && found)
        return rs_text_copy(job, rs_text_from(found->pw_name));
    return rs_text_format(job, "uid %u", (unsigned)geteuid());
}

/* An http URL is served at once, on a port that must be free; https waits for a binding, which looks at the port. */
rs_status reserve_check(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                        json_t *checks)
{
    struct tables_prefix prefix;
    bool has_path;

    RS_TRY(tables_prefix_parse_loose(call->job, change->url, &prefix, &has_path));
    return prefix.scheme == TABLES_HTTPS ? RS_OK : check_port(call, snapshot, &prefix.address, prefix.port, checks);
}

rs_status reserve_url(struct call *call)
{
    struct tables_change change = {.kind = TABLES_RESERVE, .application = call_text(call, "Application"),
                                   .url = call_text(call, "UrlString"), .account = call_text(call, "Account")};

    if (change.account.size == 0)
        change.account = own_account(call->job);
    return change_run(call, &change, reserve_check, NULL);
}

rs_status remove_url(struct call *call)
{
    struct tables_change change = {.kind = TABLES_REMOVE, .application = call_text(call, "Application"),
                                   .url = call_text(call, "UrlString")};

    return change_run(call, &change, NULL, NULL);
}

rs_status set_virtual_directory(struct call *call)
{
    struct tables_change change = {.kind = TABLES_SET_DIRECTORY, .application = call_text(call, "Application"),
                                   .directory = call_text(call, "VirtualDirectory")};

    return change_run(call, &change, NULL, NULL);
}

/* ---- explaining ---------------------------------------------------------------------------- */

/* A URL as a browser has it -> a request. The text of `url` is kept. */
static rs_status explain_parse(struct call *call, rs_text url, struct tables_request *out)
{
    ptrdiff_t authority = rs_text_find(url, RS_TEXT("://"));
    struct tables_prefix prefix;
    size_t end = authority < 0 ? 0 : (size_t)authority + 3;
    bool has_path;

    while (end < url.size && !strchr("/?#", url.bytes[end]))
        end++;
    RS_TRY(tables_prefix_parse_loose(call->job, rs_text_slice(url, 0, end), &prefix, &has_path));
    if (prefix.category == TABLES_STRONG || prefix.category == TABLES_WEAK)
        return rs_fail(call->job, RS_INVALID, "explain the URL of a request: with a host name or an address instead of "
                       "\"%.*s\"", RS_TEXT_ARG(prefix.host));
    *out = (struct tables_request){prefix.scheme, prefix.port, prefix.host, prefix.address, rs_text_from_offset(url, end)};
    if (out->path.size == 0 || out->path.bytes[0] != '/')
        out->path = rs_text_format(call->job, "/%.*s", RS_TEXT_ARG(out->path));
    return RS_OK;
}

/* Where the request arrives: as told, as the URL says, at the loopback for localhost, else at the first address that
 * listens on the port. */
static rs_status explain_address(struct call *call, const struct tables_snapshot *snapshot, struct tables_request *request)
{
    if (call_has(call, "Address"))
        return call_address(call, "Address", &request->local);
    if (request->local.family != TABLES_ANY)
        return RS_OK;
    if (rs_text_equal(request->host, RS_TEXT("localhost"))) {
        (void)tables_address_parse(RS_TEXT("127.0.0.1"), &request->local);
        return RS_OK;
    }
    for (size_t i = 0; i < tables_listener_count(snapshot); i++)
        if (tables_listener(snapshot, i)->port == request->port) {
            request->local = tables_listener(snapshot, i)->address;
            return RS_OK;
        }
    return RS_OK;
}

static void explain_considered(const struct tables_explanation *explanation, json_t *out)
{
    for (size_t i = 0; i < explanation->considered_count; i++) {
        const struct tables_considered *considered = &explanation->considered[i];
        json_t *row = add_object(out);
        put_text(row, "url", considered->row->url);
        put_text(row, "application", considered->row->application);
        put_text(row, "category", rs_text_from(tables_category_name(considered->row->prefix.category)));
        put_flag(row, "won", considered->won);
        put_text(row, "why", rs_text_from(considered->why));
    }
}

/* What a client meets whom nobody serves; empty where somebody does. */
static rs_text explain_nobody(const struct tables_request *request, enum tables_route_end end, const struct tables_binding *binding)
{
    if (request->scheme == TABLES_HTTPS && !binding)
        return RS_TEXT("no certificate is bound there: connections are refused; `bindery tls bind` binds one");
    if (end == TABLES_NO_RESERVATION)
        return RS_TEXT("no reservation takes the request: it is answered with 400");
    if (end == TABLES_BAD_PATH)
        return RS_TEXT("the path could mean two things (. or .. in it, or an escape that is none): the request is answered with 400");
    return RS_TEXT("");
}

rs_status explain_url(struct call *call)
{
    static const char *const ends[] = {[TABLES_ROUTED] = "routed", [TABLES_NO_RESERVATION] = "no reservation",
                                       [TABLES_BAD_PATH] = "the path cannot be routed"};
    const struct tables_snapshot *snapshot;
    const struct tables_explanation *explanation;
    const struct tables_binding *binding = NULL;
    struct tables_request request;
    char address[TABLES_ADDRESS_WRITTEN_MAX];
    json_t *result = call->result, *checks;
    rs_text message;

    RS_TRY(call_rescan(call));
    RS_TRY(call_tables(call, &snapshot));
    RS_TRY(explain_parse(call, call_text(call, "Url"), &request));
    RS_TRY(explain_address(call, snapshot, &request));
    explanation = tables_explain(call->job, snapshot, &request);
    tables_address_write(&request.local, address);
    put_text(result, "url", call_text(call, "Url"));
    put_text(result, "address", rs_text_from(address));
    put_text(result, "outcome", rs_text_from(ends[explanation->end]));
    if (explanation->row)
        reservation_json(snapshot, explanation->row, put_object(result, "reservation"));
    else
        json_object_set_new(result, "reservation", json_null());
    explain_considered(explanation, put_array(result, "considered"));
    if (request.scheme == TABLES_HTTPS)
        binding = tables_binding_select(snapshot, &request.local, request.port, request.host);
    if (binding)
        binding_json(call, binding, put_object(result, "binding"));
    else
        json_object_set_new(result, "binding", json_null());
    checks = put_array(result, "checks");
    if (binding)
        (void)verify_row(call, snapshot, binding, checks);
    if (explanation->row)
        (void)verify_route(call, snapshot, explanation->row, checks);
    (void)verify_database(call, checks);
    message = explain_nobody(&request, explanation->end, binding);
    if (message.size > 0)
        put_text(result, "message", message);
    return RS_OK;
}

/* ---- history ------------------------------------------------------------------------------- */

/* The rows are JSON of our own making; should one be unreadable it is shown as the text it is. */
static void history_put_rows(struct rs_job *job, json_t *event, const char *name, rs_text rows)
{
    json_t *value;

    if (json_parse(job, rows, 0, &value) == RS_OK) {
        json_object_set(event, name, value);
        return;
    }
    rs_job_forgive(job);
    put_text(event, name, rows);
}

rs_status list_history(struct call *call)
{
    const struct tables_event *events;
    json_int_t limit;
    json_t *out = put_array(call->result, "events");
    size_t count;

    if (!call_number(call, "Limit", &limit))
        limit = HISTORY_DEFAULT;
    if (limit < 1 || limit > HISTORY_MAX)
        return rs_fail(call->job, RS_INVALID, "the limit of a history is a number from 1 to %d", HISTORY_MAX);
    RS_TRY(tables_db_history(call->job, call->instance->db, (size_t)limit, &events, &count));
    for (size_t i = 0; i < count; i++) {
        json_t *event = add_object(out);
        put_number(event, "revision", events[i].revision);
        put_time(event, "at", events[i].at_ms);
        put_text(event, "who", events[i].who);
        put_text(event, "tool", events[i].tool);
        put_text(event, "what", events[i].what);
        history_put_rows(call->job, event, "before", events[i].before);
        history_put_rows(call->job, event, "after", events[i].after);
    }
    return RS_OK;
}
