/* ListSSLCertificates, ShowCertificate, CreateCertificate. */
#include "base/clock.h"
#include "net/pki/create.h"
#include "service/configure/inside.h"

#define DAY_MS INT64_C(86400000)

int64_t days_left(const struct pki_entry *entry)
{
    return pki_days_left(entry, rs_clock_utc_ms());
}

static void certificate_reasons(const struct pki_entry *entry, json_t *out)
{
    for (size_t i = 0; i < entry->reason_count; i++) {
        json_t *reason = add_object(out);
        put_text(reason, "code", rs_text_from(pki_reason_name(entry->reasons[i].code)));
        put_text(reason, "severity", entry->reasons[i].severity == PKI_FATAL ? RS_TEXT("error") : RS_TEXT("warning"));
        put_text(reason, "message", entry->reasons[i].sentence);
    }
}

void certificate_json(struct call *call, const struct pki_entry *entry, json_t *out)
{
    json_t *names, *reasons;
    bool revoked;

    put_text(out, "thumbprint", entry->sha1);
    put_text(out, "sha256", entry->sha256);
    put_text(out, "name", entry->friendly_name);
    put_text(out, "subject", entry->subject);
    names = put_array(out, "names");
    for (size_t i = 0; i < entry->name_count; i++)
        add_text(names, entry->names[i].text);
    put_text(out, "issuer", entry->issuer);
    put_text(out, "serial", entry->serial);
    put_time(out, "not_before", entry->not_before_ms);
    put_time(out, "not_after", entry->not_after_ms);
    put_number(out, "days_left", days_left(entry));
    put_text(out, "key_type", entry->key_type);
    put_text(out, "signature", entry->signature);
    put_text(out, "file", entry->file);
    put_text(out, "key_file", entry->key_file);
    reasons = put_array(out, "reasons");
    certificate_reasons(entry, reasons);
    revoked = revocation_reasons(call, entry, reasons);
    put_flag(out, "usable", entry->usable && !revoked);
}

rs_status call_certificate(struct call *call, rs_text thumbprint, const struct pki_entry **out)
{
    char digits[65];

    if (!pki_thumbprint_parse(thumbprint, digits))
        return rs_fail(call->job, RS_INVALID, "\"%.*s\" is not a thumbprint: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits; "
                       "`bindery cert list` shows them", RS_TEXT_ARG(thumbprint));
    *out = pki_store_find(call->instance->store, rs_text_from(digits));
    if (!*out)
        return rs_fail(call->job, RS_NOT_FOUND, "there is no certificate %s; `bindery cert list` shows those there are", digits);
    return RS_OK;
}

/* Who uses it: rows that would lose their certificate with it. */
static void certificate_uses(struct call *call, const struct tables_snapshot *snapshot, const struct pki_entry *entry,
                             json_t *out)
{
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        const struct tables_binding *row = tables_binding(snapshot, i);
        struct tables_place place = tables_binding_place(row);
        if (tables_binding_shows(row, entry->sha256))
            add_text(out, tables_place_write(call->job, &place));
    }
}

static void pending_json(const struct pki_pending *pending, json_t *out)
{
    json_t *names;

    put_text(out, "name", pending->name);
    put_text(out, "subject", pending->subject);
    names = put_array(out, "names");
    for (size_t i = 0; i < pending->name_count; i++)
        add_text(names, pending->names[i].text);
    put_text(out, "file", pending->file);
    put_text(out, "key_file", pending->key_file);
}

rs_status list_certificates(struct call *call)
{
    json_t *certificates = put_array(call->result, "certificates"), *broken = put_array(call->result, "broken");
    json_t *requests = put_array(call->result, "requests");
    struct pki_store *store = call->instance->store;
    const struct tables_snapshot *snapshot;

    RS_TRY(call_rescan(call));
    RS_TRY(call_tables(call, &snapshot));
    for (size_t i = 0; i < pki_store_count(store); i++) {
        json_t *certificate = add_object(certificates);
        certificate_json(call, pki_store_entry(store, i), certificate);
        revocation_json(call, snapshot, pki_store_entry(store, i), certificate);
        certificate_uses(call, snapshot, pki_store_entry(store, i), put_array(certificate, "bound_to"));
    }
    for (size_t i = 0; i < pki_store_pending_count(store); i++)
        pending_json(pki_store_pending(store, i), add_object(requests));
    for (size_t i = 0; i < pki_store_broken_count(store); i++) {
        json_t *file = add_object(broken);
        put_text(file, "file", pki_store_broken(store, i)->file);
        put_text(file, "message", pki_store_broken(store, i)->sentence);
    }
    return RS_OK;
}

rs_status show_certificate(struct call *call)
{
    const struct tables_snapshot *snapshot;
    const struct pki_entry *entry;

    RS_TRY(call_rescan(call));
    RS_TRY(call_certificate(call, call_text(call, "Thumbprint"), &entry));
    RS_TRY(call_tables(call, &snapshot));
    certificate_json(call, entry, call->result);
    revocation_json(call, snapshot, entry, call->result);
    certificate_uses(call, snapshot, entry, put_array(call->result, "bound_to"));
    return RS_OK;
}

rs_status call_key_kind(const struct call *call, enum pki_key_kind *out)
{
    rs_text kind = call_text(call, "KeyType");

    if (kind.size > 0 && !pki_key_kind_parse(kind, out))
        return rs_fail(call->job, RS_INVALID, "\"%.*s\" is not a type of key: there are ecdsa-p256, ecdsa-p384, rsa-2048, "
                       "rsa-3072 and rsa-4096", RS_TEXT_ARG(kind));
    return RS_OK;
}

static rs_status create_wish(struct call *call, struct pki_create *wish)
{
    json_int_t days;

    call_texts(call, "Hosts", &wish->hosts, &wish->host_count);
    wish->folder = call->instance->certificate_folder;
    wish->name = call_text(call, "Name");
    RS_TRY(call_key_kind(call, &wish->key_kind));
    if (!call_number(call, "Days", &days))
        return RS_OK;
    if (days < 1 || days > PKI_VALIDITY_DAYS_MAX)
        return rs_fail(call->job, RS_INVALID, "a certificate is valid for 1 to %d days: clients refuse more",
                       PKI_VALIDITY_DAYS_MAX);
    wish->validity_days = (int)days;
    return RS_OK;
}

rs_status create_certificate(struct call *call)
{
    struct pki_create wish = {0};
    struct pki_created made;
    json_t *files;

    RS_TRY(create_wish(call, &wish));
    RS_TRY(pki_create(call->job, &wish, &made));
    RS_TRY(call_rescan(call));
    put_text(call->result, "thumbprint", made.sha1);
    put_text(call->result, "sha256", made.sha256);
    files = put_object(call->result, "files");
    put_text(files, "certificate", made.certificate_file);
    put_text(files, "key", made.key_file);
    put_text(files, "authority", made.authority_file);
    return RS_OK;
}
