/* ListSSLCertificateBindings, CreateSSLCertificateBinding, RemoveSSLCertificateBindings, ListIPAddresses. */
#include "net/pki/verify.h"
#include "net/tables/select.h"
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

/* What is wrong with one of its certificates; true: it can be used. */
static bool binding_certificate(struct call *call, const struct tables_certificate *certificate, json_t *reasons)
{
    const struct pki_entry *entry = pki_store_find(call->instance->store, certificate->sha256);

    if (!entry)
        binding_reason(reasons, "missing", RS_TEXT("error"),
                       rs_text_format(call->job, "its certificate %.*s (SHA-256 %.*s) is not in the store: put it back, or bind "
                                      "another one", RS_TEXT_ARG(certificate->sha1), RS_TEXT_ARG(certificate->sha256)));
    for (size_t i = 0; entry && i < entry->reason_count; i++)
        binding_reason(reasons, pki_reason_name(entry->reasons[i].code),
                       entry->reasons[i].severity == PKI_FATAL ? RS_TEXT("error") : RS_TEXT("warning"),
                       entry->reasons[i].sentence);
    return entry && !revocation_reasons(call, entry, reasons) && entry->usable;
}

/* Of the certificate that ends first. */
static void put_days_left(struct call *call, const struct tables_binding *row, json_t *out)
{
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < row->certificate_count; i++) {
        const struct pki_entry *entry = pki_store_find(call->instance->store, row->certificates[i].sha256);
        if (entry && days_left(entry) < least)
            least = days_left(entry);
    }
    if (least != INT64_MAX)
        put_number(out, "days_left", least);
}

void binding_json(struct call *call, const struct tables_binding *row, json_t *out)
{
    struct tables_place place = tables_binding_place(row);
    char address[TABLES_ADDRESS_WRITTEN_MAX];
    json_t *applications, *certificates, *slots, *reasons;
    bool usable = true;

    tables_address_write(&row->address, address);
    put_text(out, "row", tables_place_write(call->job, &place));
    put_text(out, "address", rs_text_from(address));
    put_number(out, "port", row->port);
    put_text(out, "host", row->host);
    put_text(out, "thumbprint", row->certificates[0].sha1);
    put_text(out, "sha256", row->certificates[0].sha256);
    certificates = put_array(out, "certificates");
    slots = put_array(out, "slots");
    for (size_t i = 0; i < row->certificate_count; i++) {
        add_text(certificates, row->certificates[i].sha1);
        add_text(slots, row->certificates[i].slot);
    }
    put_number(out, "generation", (int64_t)row->generation);
    applications = put_array(out, "applications");
    for (size_t i = 0; i < row->claim_count; i++)
        add_text(applications, row->claims[i].application);
    reasons = put_array(out, "reasons");
    for (size_t i = 0; i < row->certificate_count; i++)
        usable = binding_certificate(call, &row->certificates[i], reasons) && usable;
    put_flag(out, "usable", usable);
    put_days_left(call, row, out);
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

/* A host that clients ask for and whose handshake meets the row of the change, for an application that claims it. */
static bool bind_concerns(const struct tables_snapshot *snapshot, const struct tables_binding *row,
                          const struct tables_reservation *url)
{
    return url->prefix.scheme == TABLES_HTTPS && url->prefix.port == row->port && url->prefix.category == TABLES_NAMED &&
           tables_binding_select(snapshot, &row->address, row->port, url->prefix.host) == row &&
           tables_claim_find(row, url->application);
}

/* The names that the certificate must cover: that of the row, and hosts of URLs that meet it. */
static size_t bind_hosts(const struct tables_snapshot *snapshot, const struct tables_change *change,
                         rs_text hosts[CONFIGURE_HOSTS_MAX])
{
    const struct tables_binding *row = tables_binding_find(snapshot, &change->place);
    size_t count = 0;

    if (row->host.size > 0)
        hosts[count++] = row->host;
    for (size_t i = 0; i < tables_reservation_count(snapshot) && count < CONFIGURE_HOSTS_MAX; i++) {
        const struct tables_reservation *url = tables_reservation(snapshot, i);
        bool known = !bind_concerns(snapshot, row, url);
        for (size_t k = 0; k < count && !known; k++)
            known = rs_text_equal(hosts[k], url->prefix.host);
        if (!known)
            hosts[count++] = url->prefix.host;
    }
    return count;
}

static rs_status bind_check_one(struct call *call, const struct pki_entry *entry, const rs_text *hosts, size_t count,
                                json_t *checks)
{
    const struct pki_verdict *verdict;
    rs_text revoked;

    RS_TRY(pki_verify(call->job, call->instance->store, entry, hosts, count, &verdict));
    for (size_t i = 0; i < verdict->check_count; i++)
        add_check(checks, verdict->checks[i].name, entry->sha1, verdict->checks[i].passed,
                  verdict->checks[i].severity == PKI_FATAL, verdict->checks[i].sentence);
    if (revocation_is_revoked(call, entry, &revoked))
        return rs_fail(call->job, PKI_NOT_FIT, "the certificate %.*s cannot be bound: %.*s", RS_TEXT_ARG(entry->sha1),
                       RS_TEXT_ARG(revoked));
    if (!verdict->fit)
        return rs_fail(call->job, PKI_NOT_FIT, "the certificate %.*s cannot be bound: %.*s", RS_TEXT_ARG(entry->sha1),
                       RS_TEXT_ARG(verdict->fatal));
    return RS_OK;
}

/* "ECDSA" of "ECDSA P-256". */
static rs_text key_kind(const struct pki_entry *entry)
{
    rs_text kind, rest;

    rs_text_cut(entry->key_type, ' ', &kind, &rest);
    return kind;
}

/* Each fits by itself, and a client can tell them apart: by the kind of their keys. */
static rs_status bind_check_certificates(struct call *call, const struct tables_snapshot *snapshot,
                                         const struct tables_change *change, json_t *checks)
{
    const struct pki_entry *entries[TABLES_CERTIFICATES_MAX];
    rs_text hosts[CONFIGURE_HOSTS_MAX];
    size_t count = bind_hosts(snapshot, change, hosts);

    for (size_t i = 0; i < change->certificate_count; i++) {
        RS_TRY(call_certificate(call, change->certificates[i].sha256, &entries[i]));
        RS_TRY(bind_check_one(call, entries[i], hosts, count, checks));
        for (size_t k = 0; k < i; k++)
            if (rs_text_equal(key_kind(entries[k]), key_kind(entries[i])))
                return rs_fail(call->job, RS_INVALID, "the certificates %.*s and %.*s both have %.*s keys: a row shows one "
                               "certificate of a kind", RS_TEXT_ARG(entries[k]->sha1), RS_TEXT_ARG(entries[i]->sha1),
                               RS_TEXT_ARG(key_kind(entries[i])));
    }
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
    rs_text place = tables_place_write(call->job, &(struct tables_place){*address, port, RS_TEXT("")});

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

    RS_TRY(bind_check_certificates(call, call->after, change, checks)); /* URLs that come with it count */
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
    const struct tables_binding *row = tables_binding_find(snapshot, &change->place);

    if (!row || group_looks_later(call, snapshot, row, checks)) /* none: another of these changes took it away */
        return RS_OK;
    return binding_verify(call, snapshot, row, checks);
}

static rs_status binding_change(struct call *call, enum tables_change_kind kind, struct tables_change *out)
{
    *out = (struct tables_change){.kind = kind, .replace = call_flag(call, "Replace")};
    call_texts(call, "Application", &out->applications, &out->application_count);
    RS_TRY(call_address(call, "IPAddress", &out->place.address));
    RS_TRY(tables_place_host(call->job, call_text(call, "Host"), &out->place.host));
    return call_port(call, &out->place.port);
}

/* "slot:NAME": what it holds now, and from now on. */
static rs_status bound_slot(struct call *call, rs_text name, struct tables_certificate *out)
{
    const struct tables_snapshot *snapshot;
    const struct tables_slot *slot;

    RS_TRY(call_tables(call, &snapshot));
    slot = tables_slot_find(snapshot, name);
    if (!slot)
        return rs_fail(call->job, RS_NOT_FOUND, "there is no slot \"%.*s\"; `bindery cert slots` shows those there are",
                       RS_TEXT_ARG(name));
    *out = (struct tables_certificate){slot->sha1, slot->sha256, slot->name};
    return RS_OK;
}

static rs_status bound_certificates(struct call *call, struct tables_change *change)
{
    struct tables_certificate *certificates;
    const rs_text *thumbprints;

    call_texts(call, "CertificateHash", &thumbprints, &change->certificate_count);
    change->certificates = certificates = RS_NEW_ARRAY(call->job, struct tables_certificate, change->certificate_count);
    for (size_t i = 0; i < change->certificate_count; i++) {
        const struct pki_entry *entry;
        if (rs_text_starts(thumbprints[i], RS_TEXT("slot:"))) {
            RS_TRY(bound_slot(call, rs_text_from_offset(thumbprints[i], 5), &certificates[i]));
            continue;
        }
        RS_TRY(call_certificate(call, thumbprints[i], &entry));
        certificates[i] = (struct tables_certificate){.sha1 = rs_text_copy(call->job, entry->sha1),
                                                      .sha256 = rs_text_copy(call->job, entry->sha256)};
    }
    return RS_OK;
}

rs_status create_binding(struct call *call)
{
    struct tables_change change;

    RS_TRY(binding_change(call, TABLES_BIND, &change));
    RS_TRY(call_rescan(call));
    RS_TRY(bound_certificates(call, &change));
    return change_run(call, &change, bind_check, bind_verify);
}

static bool row_has_thumbprint(const struct tables_binding *row, rs_text thumbprint)
{
    for (size_t i = 0; i < row->certificate_count; i++)
        if (rs_text_equal_nocase(thumbprint, row->certificates[i].sha1))
            return true;
    return tables_binding_shows(row, thumbprint);
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
        if (row && !row_has_thumbprint(row, rs_text_from(wanted)))
            return rs_fail(call->job, RS_CONFLICT, "%.*s shows another certificate, %.*s: it was left alone",
                           RS_TEXT_ARG(place), RS_TEXT_ARG(row->certificates[0].sha1));
    }
    return change_run(call, &change, NULL, NULL);
}
