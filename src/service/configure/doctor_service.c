#include "service/configure/doctor.h"

#include "format/json/json.h"
#include "net/pki/verify.h"
#include "service/configure/machine.h"
#include "service/configure/url_root.h"

#define EXPIRY_ERROR_DAYS 7
#define EXPIRY_WARNING_DAYS 30

static rs_text place_of(struct doctor *doctor, const struct tables_binding *row)
{
    struct tables_place place = tables_binding_place(row);

    return tables_place_write(doctor->call->job, &place);
}

/* ---- bindings and certificates ------------------------------------------------------------------- */

static bool claims_in_use(const struct tables_snapshot *snapshot, const struct tables_binding *row, rs_text application)
{
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++) {
        const struct tables_reservation *url = tables_reservation(snapshot, i);
        if (url->prefix.scheme == TABLES_HTTPS && url->prefix.port == row->port &&
            rs_text_equal(url->application, application))
            return true;
    }
    return false;
}

struct claim {
    const struct tables_binding *row;
    rs_text application;
};

static rs_status drop_claim(struct call *call, struct doctor *doctor, const void *what)
{
    const struct claim *claim = what;
    struct tables_change change = {.kind = TABLES_UNBIND, .applications = &claim->application, .application_count = 1,
                                   .place = tables_binding_place(claim->row)};

    (void)doctor;
    return change_run(call, &change, NULL, NULL);
}

static void look_at_claims(struct doctor *doctor, const struct tables_binding *row)
{
    for (size_t i = 0; i < row->claim_count; i++) {
        rs_text application = row->claims[i].application;
        struct claim *claim = RS_NEW(doctor->call->job, struct claim);
        *claim = (struct claim){row, application};
        if (!claims_in_use(doctor->snapshot, row, application))
            doctor_report(doctor, (struct finding){
                DOCTOR_WARNING, "orphan-claim", place_of(doctor, row),
                rs_text_format(doctor->call->job, "%.*s claims it and has no https URL on port %u", RS_TEXT_ARG(application),
                               row->port),
                RS_TEXT("drop the claim; or reserve a URL"), drop_claim, claim});
    }
}

static void look_at_certificate(struct doctor *doctor, const struct tables_binding *row,
                                const struct tables_certificate *certificate)
{
    struct rs_job *job = doctor->call->job;
    const struct pki_entry *entry = pki_store_find(doctor->call->instance->store, certificate->sha256);
    struct finding finding = {.severity = DOCTOR_ERROR, .subject = place_of(doctor, row)};
    int64_t days;

    if (!entry) {
        finding.code = "certificate-missing";
        finding.message = rs_text_format(job, "its certificate %.*s (SHA-256 %.*s) is not in the store",
                                         RS_TEXT_ARG(certificate->sha1), RS_TEXT_ARG(certificate->sha256));
        finding.mend = RS_TEXT("put it back, or bind another one (`bindery tls bind`)");
        doctor_report(doctor, finding);
        return;
    }
    for (size_t i = 0; i < entry->reason_count; i++) {
        finding.severity = entry->reasons[i].severity == PKI_FATAL ? DOCTOR_ERROR : DOCTOR_NOTE;
        finding.code = pki_reason_name(entry->reasons[i].code);
        finding.message = rs_text_format(job, "certificate %.*s: %.*s", RS_TEXT_ARG(entry->sha1),
                                         RS_TEXT_ARG(entry->reasons[i].sentence));
        finding.mend = rs_text_format(job, "`bindery cert show %.*s` tells more", RS_TEXT_ARG(entry->sha1));
        doctor_report(doctor, finding);
    }
    if (revocation_is_revoked(doctor->call, entry, &finding.message)) {
        finding.severity = DOCTOR_ERROR;
        finding.code = "revoked";
        finding.message = rs_text_format(job, "certificate %.*s: %.*s", RS_TEXT_ARG(entry->sha1), RS_TEXT_ARG(finding.message));
        finding.mend = RS_TEXT("get another one and bind it: one change, no request is dropped");
        doctor_report(doctor, finding);
    }
    days = days_left(entry);
    if (days < 0 || days > EXPIRY_WARNING_DAYS)
        return;
    finding.severity = days <= EXPIRY_ERROR_DAYS ? DOCTOR_ERROR : DOCTOR_WARNING;
    finding.code = "expiring";
    finding.message = rs_text_format(job, "certificate %.*s expires in %lld days", RS_TEXT_ARG(entry->sha1), (long long)days);
    finding.mend = RS_TEXT("renew it and bind the new one: one change, no request is dropped");
    doctor_report(doctor, finding);
}

static bool is_bound(const struct tables_snapshot *snapshot, rs_text sha256)
{
    for (size_t i = 0; i < tables_binding_count(snapshot); i++)
        if (tables_binding_shows(tables_binding(snapshot, i), sha256))
            return true;
    return false;
}

static rs_status look_at_bindings(struct doctor *doctor)
{
    const struct pki_store *store = doctor->call->instance->store;

    for (size_t i = 0; i < tables_binding_count(doctor->snapshot); i++) {
        const struct tables_binding *row = tables_binding(doctor->snapshot, i);
        RS_TRY(rs_job_checkpoint(doctor->call->job));
        look_at_claims(doctor, row);
        for (size_t k = 0; k < row->certificate_count; k++)
            look_at_certificate(doctor, row, &row->certificates[k]);
    }
    for (size_t i = 0; i < pki_store_count(store); i++) {
        const struct pki_entry *entry = pki_store_entry(store, i);
        if (!is_bound(doctor->snapshot, entry->sha256))
            doctor_report(doctor, (struct finding){
                DOCTOR_NOTE, "orphan-certificate", rs_text_copy(doctor->call->job, entry->sha1),
                rs_text_format(doctor->call->job, "%.*s is not bound anywhere", RS_TEXT_ARG(entry->subject)),
                RS_TEXT("bind it, or take it out of the store"), NULL, NULL});
    }
    return RS_OK;
}

/* ---- URLs ---------------------------------------------------------------------------------------- */

static const struct tables_binding *binding_on(const struct tables_snapshot *snapshot, uint16_t port)
{
    for (size_t i = 0; i < tables_binding_count(snapshot); i++)
        if (tables_binding(snapshot, i)->port == port)
            return tables_binding(snapshot, i);
    return NULL;
}

static void look_at_urls(struct doctor *doctor)
{
    struct rs_job *job = doctor->call->job;

    if (tables_reservation_count(doctor->snapshot) == 0)
        doctor_report(doctor, (struct finding){DOCTOR_WARNING, "no-url", RS_TEXT("URL reservations"), RS_TEXT("no URL is reserved"),
                                               RS_TEXT("`bindery url reserve`"), NULL, NULL});
    for (size_t i = 0; i < tables_reservation_count(doctor->snapshot); i++) {
        const struct tables_reservation *url = tables_reservation(doctor->snapshot, i);
        if (url->prefix.scheme == TABLES_HTTPS && !binding_on(doctor->snapshot, url->prefix.port))
            doctor_report(doctor, (struct finding){
                DOCTOR_ERROR, "no-binding", url->url, rs_text_format(job, "no certificate is bound to port %u", url->prefix.port),
                rs_text_format(job, "`bindery tls bind --app %.*s --cert THUMBPRINT --port %u`", RS_TEXT_ARG(url->application),
                               url->prefix.port), NULL, NULL});
    }
}

static void look_at_url_root(struct doctor *doctor)
{
    struct config_edit settings;
    struct url_root root;

    if (config_edit_read(doctor->call, &settings) != RS_OK) { /* doctor_files says so */
        rs_job_forgive(doctor->call->job);
        return;
    }
    url_root_find(doctor->call, &settings, doctor->snapshot, &root);
    if (root.wrong.size > 0)
        doctor_report(doctor, (struct finding){
            DOCTOR_WARNING, "url-root", root.url, root.wrong,
            RS_TEXT("`bindery url root URL`, or `--auto` to have it worked out from the URLs"), NULL, NULL});
}

/* ---- what listens -------------------------------------------------------------------------------- */

static rs_status serve_again(struct call *call, struct doctor *doctor, const void *what)
{
    (void)what;
    return call->instance->apply_live(call->job, call->instance->data, (struct tables_snapshot *)(uintptr_t)doctor->snapshot);
}

/* The server does not run: may it listen when it starts? */
static void look_at_ports(struct doctor *doctor)
{
    for (size_t i = 0; i < tables_listener_count(doctor->snapshot); i++) {
        const struct tables_listener *listener = tables_listener(doctor->snapshot, i);
        RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = doctor->call->job});
        if (machine_port_free(part, &listener->address, listener->port) != RS_OK)
            doctor_report(doctor, (struct finding){DOCTOR_ERROR, "port-taken",
                                                   tables_place_write(doctor->call->job, &(struct tables_place){listener->address, listener->port, RS_TEXT("")}),
                                                   rs_text_copy(doctor->call->job, rs_job_error(part)),
                                                   RS_TEXT("stop the other program, or use another port"), NULL, NULL});
    }
}

/* The running server shows what the tables say: by real handshakes. */
static void look_at_live_rows(struct doctor *doctor)
{
    for (size_t i = 0; i < tables_binding_count(doctor->snapshot); i++) {
        const struct tables_binding *row = tables_binding(doctor->snapshot, i);
        json_t *checks = json_keep(doctor->call->job, json_array()), *check;
        size_t index;
        if (verify_row(doctor->call, doctor->snapshot, row, checks))
            continue;
        json_array_foreach(checks, index, check)
            if (json_is_false(json_object_get(check, "ok")))
                doctor_report(doctor, (struct finding){DOCTOR_ERROR, "not-served", place_of(doctor, row),
                                                       rs_text_copy(doctor->call->job, json_to_text(json_object_get(check, "message"))),
                                                       RS_TEXT("have the server serve its tables again"), serve_again, NULL});
    }
}

static void look_at_missing(struct doctor *doctor)
{
    const json_t *row;
    size_t index;

    json_array_foreach(json_object_get(doctor->live, "missing"), index, row)
        doctor_report(doctor, (struct finding){
            DOCTOR_ERROR, "not-listening",
            rs_text_format(doctor->call->job, "%s port %lld", json_string_value(json_object_get(row, "address")),
                           (long long)json_integer_value(json_object_get(row, "port"))),
            json_to_text(json_object_get(row, "reason")),
            RS_TEXT("free the port; it is tried again every few seconds"), serve_again, NULL});
}

static void look_at_processes(struct doctor *doctor)
{
    const json_t *row;
    size_t index;

    json_array_foreach(json_object_get(doctor->live, "processes"), index, row) {
        rs_text state = json_to_text(json_object_get(row, "state")), role = json_to_text(json_object_get(row, "role"));
        if (!rs_text_equal(state, RS_TEXT("running")))
            doctor_report(doctor, (struct finding){
                DOCTOR_ERROR, "process-down", role, rs_text_format(doctor->call->job, "it is %.*s after %lld restarts", RS_TEXT_ARG(state),
                                                                   (long long)json_integer_value(json_object_get(row, "restarts"))),
                RS_TEXT("the server's log tells why it ends"), NULL, NULL});
    }
    json_array_foreach(json_object_get(json_object_get(doctor->live, "front"), "applications"), index, row) {
        rs_text state = json_to_text(json_object_get(row, "state")), why = json_to_text(json_object_get(row, "last_failure"));
        bool down = rs_text_equal(state, RS_TEXT("offline"));
        if (json_is_true(json_object_get(row, "ok")) || rs_text_equal(state, RS_TEXT("disabled")))
            continue;
        if (!down && why.size == 0) /* nobody asked it yet */
            continue;
        doctor_report(doctor, (struct finding){
            DOCTOR_ERROR, "application-down", json_to_text(json_object_get(row, "application")),
            rs_text_format(doctor->call->job, "it does not answer%s%.*s", why.size ? ": " : "", RS_TEXT_ARG(why)),
            RS_TEXT("start it; requests for it are answered 503 until then"), NULL, NULL});
    }
}

static void look_at_database(struct doctor *doctor)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = doctor->call->job});
    const struct configure_instance *instance = doctor->call->instance;

    if (!instance->database_ready || instance->database_ready(part, instance->data) == RS_OK)
        return;
    doctor_report(doctor, (struct finding){DOCTOR_ERROR, "database", RS_TEXT("report server database"),
                                           rs_text_copy(doctor->call->job, rs_job_error(part)),
                                           rs_job_status(part) == CATALOG_DISK_FULL
                                               ? RS_TEXT("make room on its disk")
                                               : RS_TEXT("restore catalog.db from a backup; `bindery init` makes one that is missing"),
                                           NULL, NULL});
}

static void look_at_encryption_key(struct doctor *doctor)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = doctor->call->job});
    const struct configure_instance *instance = doctor->call->instance;
    struct configure_key_state state;

    if (!instance->secrets || instance->secrets->state(part, instance->data, &state) != RS_OK || state.problem.size == 0)
        return;
    doctor_report(doctor, (struct finding){DOCTOR_ERROR, "encryption-key", RS_TEXT("key of stored passwords"),
                                           rs_text_copy(doctor->call->job, state.problem),
                                           RS_TEXT("`bindery key restore FILE`; without a backup `bindery key delete --contents`, and "
                                                   "enter the passwords again"), NULL, NULL});
}

rs_status doctor_service(struct doctor *doctor)
{
    RS_TRY(look_at_bindings(doctor));
    look_at_urls(doctor);
    look_at_url_root(doctor);
    if (doctor->live) {
        look_at_missing(doctor);
        look_at_live_rows(doctor);
        look_at_processes(doctor);
    } else {
        look_at_ports(doctor);
    }
    look_at_database(doctor);
    look_at_encryption_key(doctor);
    return rs_job_checkpoint(doctor->call->job);
}
