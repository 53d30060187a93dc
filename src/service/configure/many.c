/* CreateSSLCertificateBindings: many rows bound as one change, all or none. */
#include "format/json/json.h"
#include "service/configure/inside.h"

#define MANY_VERIFY_MAX 100 /* rows that are connected to afterwards; the others are served the same way */

/* {"Host": "a.example", "CertificateHash": "..."}: one of Rows. */
static rs_status many_row(struct call *call, const json_t *row, size_t index, const struct tables_change *common,
                          struct tables_change *out)
{
    struct tables_certificate *certificate = RS_NEW(call->job, struct tables_certificate);
    const json_t *host = json_object_get(row, "Host"), *thumbprint = json_object_get(row, "CertificateHash");
    const struct pki_entry *entry;
    rs_status status;

    *out = *common;
    out->where = rs_text_format(call->job, "row %zu", index + 1);
    if (!json_is_string(thumbprint) || (host && !json_is_string(host)))
        return rs_fail(call->job, RS_INVALID, "row %zu is an object of the texts CertificateHash and Host", index + 1);
    status = tables_place_host(call->job, json_to_text(host), &out->place.host);
    if (status == RS_OK)
        status = call_certificate(call, json_to_text(thumbprint), &entry);
    if (status != RS_OK) {
        rs_within(call->job, "%.*s", RS_TEXT_ARG(out->where));
        return status;
    }
    *certificate = (struct tables_certificate){.sha1 = rs_text_copy(call->job, entry->sha1),
                                               .sha256 = rs_text_copy(call->job, entry->sha256)};
    out->certificates = certificate;
    out->certificate_count = 1;
    return RS_OK;
}

static rs_status many_verify(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                             json_t *checks)
{
    return call->verified++ < MANY_VERIFY_MAX ? bind_verify(call, snapshot, change, checks) : RS_OK;
}

rs_status create_bindings(struct call *call)
{
    const json_t *rows = json_object_get(call->arguments, "Rows"), *row;
    size_t count = json_array_size(rows), index;
    struct tables_change common = {.kind = TABLES_BIND, .replace = call_flag(call, "Replace"), .of_many = true};
    struct tables_change *changes;

    if (count == 0 || count > TABLES_CHANGES_MAX)
        return rs_fail(call->job, RS_INVALID, "from 1 to %d rows can be bound at once, not %zu", TABLES_CHANGES_MAX, count);
    changes = RS_NEW_ARRAY(call->job, struct tables_change, count);
    call_texts(call, "Application", &common.applications, &common.application_count);
    RS_TRY(call_address(call, "IPAddress", &common.place.address));
    RS_TRY(call_port(call, &common.place.port));
    RS_TRY(call_rescan(call));
    json_array_foreach(rows, index, row)
        RS_TRY(many_row(call, row, index, &common, &changes[index]));
    return change_run_all(call, changes, count, rs_text_format(call->job, "bind %zu rows to port %u", count, common.place.port),
                          bind_check, many_verify);
}
