/* ListSSLCertificateBindings, CreateSSLCertificateBinding, RemoveSSLCertificateBindings, ListIPAddresses. */
#include "net/pki/verify.h"
#include "service/configure/inside.h"
#include "service/configure/machine.h"

/* ---- listing ------------------------------------------------------------------------------- */

static void binding_reason(json_t *out, const char *code, rs_text severity, rs_text message)
{
    json_t *reason = add_object(out);

    put_text(reason, "code", rs_text_from(code));
    put_text(reason, "severity", severity);
    put_text(reason, "message", message);
}

void binding_json(struct call *call, const struct tables_binding *row, json_t *out)
{
    const struct pki_entry *entry = pki_store_find(call->instance->store, row->sha256);
    char address[TABLES_ADDRESS_WRITTEN_MAX];
    json_t *applications, *reasons;

    tables_address_write(&row->address, address);
    put_text(out, "address", rs_text_from(address));
    put_number(out, "port", row->port);
    put_text(out, "host", row->host);
    put_text(out, "thumbprint", row->sha1);
    put_text(out, "sha256", row->sha256);
    put_number(out, "generation", (int64_t)row->generation);
    applications = put_array(out, "applications");
    for (size_t i = 0; i < row->claim_count; i++)
        add_text(applications, row->claims[i].application);
    put_flag(out, "usable", entry && entry->usable);
    reasons = put_array(out, "reasons");
    if (!entry)
        binding_reason(reasons, "missing", RS_TEXT("error"),
                       RS_TEXT("its certificate is not in the store: put it back, or bind another one"));
    for (size_t i = 0; entry && i < entry->reason_count; i++)
        binding_reason(reasons, pki_reason_name(entry->reasons[i].code),
                       entry->reasons[i].severity == PKI_FATAL ? RS_TEXT("error") : RS_TEXT("warning"),
                       entry->reasons[i].sentence);
}

rs_status list_bindings(struct call *call)
{
    const struct tables_snapshot *snapshot;
    json_t *bindings = put_array(call->result, "bindings");

    RS_TRY(call_rescan(call));
    RS_TRY(call_tables(call, &snapshot));
    for (size_t i = 0; i < tables_binding_count(snapshot); i++)
        binding_json(call, tables_binding(snapshot, i), add_object(bindings));
    put_number(call->result, "revision", tables_snapshot_revision(snapshot));
    return RS_OK;
}

rs_status list_addresses(struct call *call)
{
    json_t *out = put_array(call->result, "addresses");
    const struct machine_address *addresses;
    size_t count;

    RS_TRY(machine_addresses(call->job, &addresses, &count));
    for (size_t i = 0; i < count; i++) {
        char written[TABLES_ADDRESS_WRITTEN_MAX];
        json_t *row = add_object(out);
        tables_address_write(&addresses[i].address, written);
        put_text(row, "address", rs_text_from(written));
        put_text(row, "version", addresses[i].address.family == TABLES_IPV4 ? RS_TEXT("V4") : RS_TEXT("V6"));
        put_flag(row, "dynamic", addresses[i].dynamic);
        put_text(row, "interface", addresses[i].interface);
    }
    return RS_OK;
}

/* ---- checks before a bind ------------------------------------------------------------------ */

static bool bind_concerns(const struct tables_snapshot *snapshot, const struct tables_change *change,
                          const struct tables_reservation *url)
{
    const struct tables_binding *row = tables_binding_find(snapshot, &change->place);

    if (url->prefix.scheme != TABLES_HTTPS || url->prefix.port != change->place.port)
        return false;
    for (size_t i = 0; i < change->application_count; i++) {
        const struct tables_application *application = tables_application_find(snapshot, change->applications[i]);
        if (application && rs_text_equal(application->name, url->application))
            return true;
    }
    return row && tables_claim_find(row, url->application); /* who claims the row shows the certificate too */
}

/* The names that the certificate must cover: hosts of the applications' URLs on that port. */
static size_t bind_hosts(const struct tables_snapshot *snapshot, const struct tables_change *change,
                         rs_text hosts[CONFIGURE_HOSTS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < tables_reservation_count(snapshot) && count < CONFIGURE_HOSTS_MAX; i++) {
        const struct tables_reservation *url = tables_reservation(snapshot, i);
        bool known = false;
        if (url->prefix.category != TABLES_NAMED || !bind_concerns(snapshot, change, url))
            continue;
        for (size_t k = 0; k < count && !known; k++)
            known = rs_text_equal(hosts[k], url->prefix.host);
        if (!known)
            hosts[count++] = url->prefix.host;
    }
    return count;
}

static rs_status bind_check_certificate(struct call *call, const struct tables_snapshot *snapshot,
                                        const struct tables_change *change, json_t *checks)
{
    rs_text hosts[CONFIGURE_HOSTS_MAX];
    const struct pki_verdict *verdict;
    const struct pki_entry *entry;
    size_t count = bind_hosts(snapshot, change, hosts);

    RS_TRY(call_certificate(call, change->sha256, &entry));
    RS_TRY(pki_verify(call->job, call->instance->store, &call->instance->keys, entry, hosts, count, &verdict));
    for (size_t i = 0; i < verdict->check_count; i++)
        add_check(checks, verdict->checks[i].name, entry->sha1, verdict->checks[i].passed,
                  verdict->checks[i].severity == PKI_FATAL, verdict->checks[i].sentence);
    if (!verdict->fit)
        return rs_fail(call->job, PKI_NOT_FIT, "the certificate %.*s cannot be bound: %.*s", RS_TEXT_ARG(entry->sha1),
                       RS_TEXT_ARG(verdict->first_fatal));
    return RS_OK;
}

static rs_status bind_check_address(struct call *call, const struct tables_change *change, rs_text place, json_t *checks)
{
    const struct machine_address *addresses;
    char written[TABLES_ADDRESS_WRITTEN_MAX];
    size_t count;

    tables_address_write(&change->place.address, written);
    if (change->place.address.family == TABLES_ANY) {
        add_check(checks, "address", place, true, false, RS_TEXT("every address of this machine"));
        return RS_OK;
    }
    RS_TRY(machine_addresses(call->job, &addresses, &count));
    for (size_t i = 0; i < count; i++) {
        if (!tables_address_equal(&addresses[i].address, &change->place.address))
            continue;
        add_check(checks, "address", place, !addresses[i].dynamic, false, addresses[i].dynamic
            ? rs_text_format(call->job, "%s was given to this machine for a time and may change: 0.0.0.0 binds every address",
                             written)
            : rs_text_format(call->job, "%s is an address of this machine", written));
        return RS_OK;
    }
    if (change->place.address.family == TABLES_IPV4 && change->place.address.bytes[0] == 127) { /* all of 127.0.0.0/8 loops back */
        add_check(checks, "address", place, true, false, RS_TEXT("an address of the loopback"));
        return RS_OK;
    }
    return rs_fail(call->job, RS_INVALID, "%s is not an address of this machine: `ip address` lists them, and "
                   "0.0.0.0 means all of them", written);
}

rs_status check_port(struct call *call, const struct tables_snapshot *snapshot, const struct tables_address *address,
                     uint16_t port, json_t *checks)
{
    rs_text place = place_text(call->job, address, port);

    for (size_t i = 0; call->instance->apply_live && i < tables_listener_count(snapshot); i++)
        if (tables_listener(snapshot, i)->port == port) {
            add_check(checks, "port", place, true, false, RS_TEXT("this server listens there already"));
            return RS_OK;
        }
    RS_TRY(machine_port_free(call->job, address, port));
    add_check(checks, "port", place, true, false, RS_TEXT("the port is free"));
    return RS_OK;
}

rs_status bind_check(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                     json_t *checks)
{
    rs_text place = tables_place_write(call->job, &change->place);

    RS_TRY(bind_check_certificate(call, call->after, change, checks)); /* URLs that come with it count */
    RS_TRY(bind_check_address(call, change, place, checks));
    return check_port(call, snapshot, &change->place.address, change->place.port, checks);
}

/* ---- binding ------------------------------------------------------------------------------- */

rs_status binding_verify(struct call *call, const struct tables_snapshot *snapshot, const struct tables_binding *row,
                         json_t *checks)
{
    size_t first = json_array_size(checks);

    if (verify_row(call, snapshot, row, checks))
        return RS_OK;
    for (size_t i = first; i < json_array_size(checks); i++) {
        const json_t *check = json_array_get(checks, i);
        if (json_is_false(json_object_get(check, "ok")))
            return rs_fail(call->job, RS_FAILED, "a connection to %s does not show the certificate: %s",
                           json_string_value(json_object_get(check, "subject")),
                           json_string_value(json_object_get(check, "message")));
    }
    return rs_fail(call->job, RS_FAILED, "the new binding could not be verified");
}

rs_status bind_verify(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                      json_t *checks)
{
    return binding_verify(call, snapshot, tables_binding_find(snapshot, &change->place), checks);
}

static rs_status binding_change(struct call *call, enum tables_change_kind kind, struct tables_change *out)
{
    *out = (struct tables_change){.kind = kind, .replace = call_flag(call, "Replace")};
    call_texts(call, "Application", &out->applications, &out->application_count);
    RS_TRY(call_address(call, "IPAddress", &out->place.address));
    return call_port(call, &out->place.port);
}

rs_status create_binding(struct call *call)
{
    struct tables_change change;
    const struct pki_entry *entry;

    RS_TRY(binding_change(call, TABLES_BIND, &change));
    RS_TRY(call_rescan(call));
    RS_TRY(call_certificate(call, call_text(call, "CertificateHash"), &entry));
    change.sha1 = rs_text_copy(call->job, entry->sha1);
    change.sha256 = rs_text_copy(call->job, entry->sha256);
    return change_run(call, &change, bind_check, bind_verify);
}

/* The certificate itself is not looked at: it may be gone. */
rs_status remove_binding(struct call *call)
{
    const struct tables_snapshot *snapshot;
    const struct tables_binding *row;
    struct tables_change change;
    char wanted[65];
    rs_text place;

    RS_TRY(binding_change(call, TABLES_UNBIND, &change));
    place = tables_place_write(call->job, &change.place);
    if (call_has(call, "CertificateHash")) {
        if (!pki_thumbprint_parse(call_text(call, "CertificateHash"), wanted))
            return rs_fail(call->job, RS_INVALID, "\"%.*s\" is not a thumbprint", RS_TEXT_ARG(call_text(call, "CertificateHash")));
        RS_TRY(call_tables(call, &snapshot));
        row = tables_binding_find(snapshot, &change.place);
        if (row && !rs_text_equal_nocase(rs_text_from(wanted), row->sha1) &&
            !rs_text_equal_nocase(rs_text_from(wanted), row->sha256))
            return rs_fail(call->job, RS_CONFLICT, "%.*s shows another certificate, %.*s: it was left alone",
                           RS_TEXT_ARG(place), RS_TEXT_ARG(row->sha1));
    }
    return change_run(call, &change, NULL, NULL);
}
