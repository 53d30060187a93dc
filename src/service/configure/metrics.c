/* GetMetrics: what a running server counts, as Prometheus reads it.
 *
 * Source:  Prometheus text exposition format 0.0.4.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/map.h"
#include "format/json/json.h"
#include "net/ocsp/record.h"
#include "service/configure/inside.h"

struct metrics {
    struct call *call;
    rs_buf out;
};

static void family(struct metrics *m, const char *name, const char *kind, const char *help)
{
    rs_buf_printf(&m->out, "# HELP bindery_%s %s\n# TYPE bindery_%s %s\n", name, help, name, kind);
}

/* A value of a label: backslash, quote and line feed are escaped. */
static rs_text label(struct metrics *m, rs_text value)
{
    rs_buf out = rs_buf_in(m->call->job);

    for (size_t i = 0; i < value.size; i++) {
        if (value.bytes[i] == '\\' || value.bytes[i] == '"')
            rs_buf_add_byte(&out, '\\');
        if (value.bytes[i] == '\n')
            rs_buf_add_literal(&out, "\\n");
        else
            rs_buf_add_byte(&out, value.bytes[i]);
    }
    return rs_buf_text(&out);
}

static rs_text label_of(struct metrics *m, const json_t *row, const char *name)
{
    return label(m, json_to_text(json_object_get(row, name)));
}

static long long number_of(const json_t *row, const char *name)
{
    return (long long)json_integer_value(json_object_get(row, name));
}

/* ---- the front ----------------------------------------------------------------------------------- */

static const struct {
    const char *member, *name, *kind, *help;
} plain[] = {
    {"connections", "connections_total", "counter", "Connections accepted."},
    {"connections_now", "connections", "gauge", "Connections open."},
    {"connections_refused", "connections_refused_total", "counter", "Connections closed because there were too many."},
    {"requests_now", "requests_in_flight", "gauge", "Requests being answered."},
    {"upstream_connections", "upstream_connections_total", "counter", "Connections opened to applications."},
    {"upstream_now", "upstream_connections", "gauge", "Connections open to applications."},
    {"upstream_reused", "upstream_reused_total", "counter", "Requests that found a connection to their application open."},
    {"body_files", "body_files_total", "counter", "Bodies that went to a temporary file."},
};

static void write_front(struct metrics *m, const json_t *front)
{
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        family(m, plain[i].name, plain[i].kind, plain[i].help);
        rs_buf_printf(&m->out, "bindery_%s %lld\n", plain[i].name, number_of(front, plain[i].member));
    }
    family(m, "handshakes_total", "counter", "TLS handshakes by how they ended.");
    rs_buf_printf(&m->out, "bindery_handshakes_total{result=\"full\"} %lld\nbindery_handshakes_total{result=\"resumed\"} %lld\n"
                  "bindery_handshakes_total{result=\"failed\"} %lld\n", number_of(front, "handshakes_full"),
                  number_of(front, "handshakes_resumed"), number_of(front, "handshakes_failed"));
    family(m, "handshakes_by_version_total", "counter", "TLS handshakes that succeeded, by version.");
    rs_buf_printf(&m->out, "bindery_handshakes_by_version_total{version=\"TLSv1.2\"} %lld\n"
                  "bindery_handshakes_by_version_total{version=\"TLSv1.3\"} %lld\n", number_of(front, "handshakes_tls12"),
                  number_of(front, "handshakes_tls13"));
}

static void write_traffic(struct metrics *m, const json_t *traffic)
{
    static const struct {
        const char *member, *name, *help;
    } sums[] = {{"received", "request_bytes_total", "Bytes of bodies of requests."},
                {"sent", "response_bytes_total", "Bytes of bodies of answers."}};
    const json_t *row, *status;
    size_t index, i;

    family(m, "requests_total", "counter", "Requests answered, by application and status; 000: cut off before one was sent.");
    json_array_foreach(traffic, index, row)
        json_array_foreach(json_object_get(row, "statuses"), i, status) {
            rs_text application = label_of(m, row, "application");
            rs_buf_printf(&m->out, "bindery_requests_total{application=\"%.*s\",status=\"%03lld\"} %lld\n", RS_TEXT_ARG(application),
                          number_of(status, "status"), number_of(status, "count"));
        }
    for (size_t k = 0; k < sizeof sums / sizeof sums[0]; k++) {
        family(m, sums[k].name, "counter", sums[k].help);
        json_array_foreach(traffic, index, row) {
            rs_text application = label_of(m, row, "application");
            rs_buf_printf(&m->out, "bindery_%s{application=\"%.*s\"} %lld\n", sums[k].name, RS_TEXT_ARG(application),
                          number_of(row, sums[k].member));
        }
    }
    family(m, "request_seconds_total", "counter", "Time of requests, from their first byte to the last of the answer.");
    json_array_foreach(traffic, index, row) {
        rs_text application = label_of(m, row, "application");
        long long ms = number_of(row, "duration_ms");
        rs_buf_printf(&m->out, "bindery_request_seconds_total{application=\"%.*s\"} %lld.%03lld\n", RS_TEXT_ARG(application), ms / 1000,
                      ms % 1000);
    }
}

static void write_troubles(struct metrics *m, const json_t *troubles)
{
    const json_t *row;
    size_t index;

    family(m, "troubles_total", "counter", "What went wrong, by the reason phrase of the error log.");
    json_array_foreach(troubles, index, row) {
        rs_text reason = label_of(m, row, "reason");
        rs_buf_printf(&m->out, "bindery_troubles_total{reason=\"%.*s\"} %lld\n", RS_TEXT_ARG(reason), number_of(row, "count"));
    }
}

/* ---- processes, applications, listeners ---------------------------------------------------------- */

static void write_state(struct metrics *m, const json_t *state)
{
    const json_t *row;
    size_t index;

    family(m, "process_up", "gauge", "1 where the process runs.");
    json_array_foreach(json_object_get(state, "processes"), index, row) {
        rs_text role = label_of(m, row, "role");
        rs_buf_printf(&m->out, "bindery_process_up{role=\"%.*s\",number=\"%lld\"} %d\n", RS_TEXT_ARG(role), number_of(row, "number"),
                      rs_text_equal(json_to_text(json_object_get(row, "state")), RS_TEXT("running")));
    }
    family(m, "process_restarts_total", "counter", "How often the process was started again.");
    json_array_foreach(json_object_get(state, "processes"), index, row) {
        rs_text role = label_of(m, row, "role");
        rs_buf_printf(&m->out, "bindery_process_restarts_total{role=\"%.*s\",number=\"%lld\"} %lld\n", RS_TEXT_ARG(role),
                      number_of(row, "number"), number_of(row, "restarts"));
    }
    family(m, "application_up", "gauge", "1 where the application is online and answered the last request for it.");
    json_array_foreach(json_object_get(json_object_get(state, "front"), "applications"), index, row) {
        rs_text application = label_of(m, row, "application");
        rs_buf_printf(&m->out, "bindery_application_up{application=\"%.*s\"} %d\n", RS_TEXT_ARG(application),
                      json_is_true(json_object_get(row, "ok")));
    }
    family(m, "listeners_missing", "gauge", "Addresses and ports that cannot be listened on.");
    rs_buf_printf(&m->out, "bindery_listeners_missing %zu\n", json_array_size(json_object_get(state, "missing")));
}

/* ---- what authorities say ------------------------------------------------------------------------ */

/* Of each certificate of a binding that somebody can be asked about, once. */
static void write_revocation(struct metrics *m, const struct tables_snapshot *snapshot)
{
    struct rs_map *seen = rs_map_create(m->call->job, RS_MAP_EXACT);
    rs_buf revoked = rs_buf_in(m->call->job), answered = rs_buf_in(m->call->job);
    int64_t now_ms = rs_clock_utc_ms();

    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        const struct tables_binding *row = tables_binding(snapshot, i);
        for (size_t k = 0; k < row->certificate_count; k++) {
            const struct pki_entry *entry = pki_store_find(m->call->instance->store, row->certificates[k].sha256);
            struct ocsp_record record;
            if (!entry || rs_map_has(seen, entry->sha256))
                continue;
            rs_map_set(seen, entry->sha256, NULL);
            if (ocsp_responder(m->call->job, entry->certificate).size == 0)
                continue;
            revocation_of(m->call, entry, &record);
            rs_buf_printf(&revoked, "bindery_certificate_revoked{thumbprint=\"%.*s\"} %d\n", RS_TEXT_ARG(entry->sha1),
                          record.answer.state == OCSP_STATE_REVOKED);
            rs_buf_printf(&answered, "bindery_certificate_answer_valid{thumbprint=\"%.*s\"} %d\n", RS_TEXT_ARG(entry->sha1),
                          ocsp_record_can_be_shown(&record, now_ms));
        }
    }
    family(m, "certificate_revoked", "gauge", "1 where the authority of a certificate of a binding revoked it (OCSP).");
    rs_buf_add(&m->out, rs_buf_text(&revoked));
    family(m, "certificate_answer_valid", "gauge", "1 where there is an answer of the authority to staple (OCSP).");
    rs_buf_add(&m->out, rs_buf_text(&answered));
}

/* ---- what is configured -------------------------------------------------------------------------- */

static void write_certificates(struct metrics *m, const struct tables_snapshot *snapshot)
{
    family(m, "certificate_days_left", "gauge", "Days until a certificate of a binding expires; negative where it has.");
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        const struct tables_binding *row = tables_binding(snapshot, i);
        struct tables_place place = tables_binding_place(row);
        rs_text where = tables_place_write(m->call->job, &place);
        for (size_t k = 0; k < row->certificate_count; k++) {
            const struct pki_entry *entry = pki_store_find(m->call->instance->store, row->certificates[k].sha256);
            if (entry)
                rs_buf_printf(&m->out, "bindery_certificate_days_left{place=\"%.*s\",thumbprint=\"%.*s\"} %lld\n", RS_TEXT_ARG(where),
                              RS_TEXT_ARG(entry->sha1), (long long)days_left(entry));
        }
    }
    write_revocation(m, snapshot);
    family(m, "bindings", "gauge", "Certificate bindings.");
    rs_buf_printf(&m->out, "bindery_bindings %zu\n", tables_binding_count(snapshot));
    family(m, "url_reservations", "gauge", "URL reservations.");
    rs_buf_printf(&m->out, "bindery_url_reservations %zu\n", tables_reservation_count(snapshot));
    family(m, "changes_total", "counter", "Changes made since the instance was.");
    rs_buf_printf(&m->out, "bindery_changes_total %lld\n", (long long)tables_snapshot_revision(snapshot));
}

rs_status get_metrics(struct call *call)
{
    struct metrics m = {call, rs_buf_in(call->job)};
    const struct tables_snapshot *snapshot;
    json_t *state, *front;

    if (!call->instance->live_state)
        return rs_fail(call->job, RS_NOT_FOUND, "the server does not run: it counts nothing");
    RS_TRY(call->instance->live_state(call->job, call->instance->data, &state));
    json_keep(call->job, state);
    RS_TRY(call_tables(call, &snapshot));
    front = json_object_get(state, "front");
    write_front(&m, front);
    write_traffic(&m, json_object_get(front, "traffic"));
    write_troubles(&m, json_object_get(front, "troubles"));
    write_state(&m, state);
    write_certificates(&m, snapshot);
    put_text(call->result, "text", rs_buf_text(&m.out));
    return RS_OK;
}
