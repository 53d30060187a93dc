/* ListCertificateSlots, SetCertificateSlot, RemoveCertificateSlot: names that rows follow. */
#include "base/clock.h"
#include "net/pki/verify.h"
#include "service/configure/inside.h"

#define SLOT_VERIFY_MAX 100 /* rows that are connected to after a move; the rest is served the same way */

/* ---- listing ------------------------------------------------------------------------------- */

static void slot_json(struct call *call, const struct tables_snapshot *snapshot, const struct tables_slot *slot, json_t *out)
{
    const struct pki_entry *entry = pki_store_find(call->instance->store, slot->sha256);
    json_t *rows;

    put_text(out, "slot", slot->name);
    put_text(out, "thumbprint", slot->sha1);
    put_text(out, "sha256", slot->sha256);
    put_text(out, "source", slot->source);
    put_time(out, "changed", slot->changed_ms);
    put_flag(out, "usable", entry && entry->usable);
    if (entry) {
        put_time(out, "not_after", entry->not_after_ms);
        put_number(out, "days_left", days_left(entry));
    }
    rows = put_array(out, "rows");
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        struct tables_place place = tables_binding_place(tables_binding(snapshot, i));
        if (tables_binding_follows(tables_binding(snapshot, i), slot->name))
            add_text(rows, tables_place_write(call->job, &place));
    }
}

rs_status list_slots(struct call *call)
{
    const struct tables_snapshot *snapshot;
    json_t *slots = put_array(call->result, "slots");

    RS_TRY(call_rescan(call));
    RS_TRY(call_tables(call, &snapshot));
    for (size_t i = 0; i < tables_slot_count(snapshot); i++)
        slot_json(call, snapshot, tables_slot(snapshot, i), add_object(slots));
    return RS_OK;
}

/* ---- filling ------------------------------------------------------------------------------- */

/* A certificate that nobody shows yet must be fit for servers all the same. */
static rs_status check_alone(struct call *call, const struct pki_entry *entry, json_t *checks)
{
    const struct pki_verdict *verdict;

    RS_TRY(pki_verify(call->job, call->instance->store, entry, NULL, 0, &verdict));
    for (size_t i = 0; i < verdict->check_count; i++)
        add_check(checks, verdict->checks[i].name, entry->sha1, verdict->checks[i].passed,
                  verdict->checks[i].severity == PKI_FATAL, verdict->checks[i].sentence);
    if (!verdict->fit)
        return rs_fail(call->job, PKI_NOT_FIT, "the certificate %.*s cannot be used: %.*s", RS_TEXT_ARG(entry->sha1),
                       RS_TEXT_ARG(verdict->fatal));
    return RS_OK;
}

/* What the row will show, as a bind of its own: it is checked like one. */
static rs_status check_row(struct call *call, const struct tables_snapshot *snapshot, const struct tables_binding *row,
                           const struct tables_change *change, json_t *checks)
{
    struct tables_certificate *shown = RS_NEW_ARRAY(call->job, struct tables_certificate, row->certificate_count);
    struct tables_change bind = {.kind = TABLES_BIND, .place = tables_binding_place(row), .certificates = shown,
                                 .certificate_count = row->certificate_count};
    rs_text place = tables_place_write(call->job, &bind.place);
    rs_status status;

    for (size_t i = 0; i < row->certificate_count; i++)
        shown[i] = &row->certificates[i] == tables_binding_follows(row, change->slot) ? change->certificates[0]
                                                                                     : row->certificates[i];
    status = bind_check(call, snapshot, &bind, checks);
    if (status != RS_OK)
        rs_within(call->job, "%.*s", RS_TEXT_ARG(place));
    return status;
}

rs_status slot_check(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                            json_t *checks)
{
    const struct pki_entry *entry;

    RS_TRY(call_certificate(call, change->certificates[0].sha256, &entry));
    RS_TRY(check_alone(call, entry, checks));
    for (size_t i = 0; i < tables_binding_count(snapshot); i++)
        if (tables_binding_follows(tables_binding(snapshot, i), change->slot))
            RS_TRY(check_row(call, snapshot, tables_binding(snapshot, i), change, checks));
    return RS_OK;
}

rs_status slot_verify(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                             json_t *checks)
{
    size_t verified = 0;

    for (size_t i = 0; i < tables_binding_count(snapshot) && verified < SLOT_VERIFY_MAX; i++)
        if (tables_binding_follows(tables_binding(snapshot, i), change->slot)) {
            RS_TRY(rs_job_checkpoint(call->job));
            RS_TRY(binding_verify(call, snapshot, tables_binding(snapshot, i), checks));
            verified++;
        }
    return RS_OK;
}

rs_status slot_fill(struct call *call, rs_text slot, const struct pki_entry *entry, rs_text source, bool force)
{
    struct tables_certificate certificate = {rs_text_copy(call->job, entry->sha1), rs_text_copy(call->job, entry->sha256),
                                             RS_TEXT("")};
    const struct tables_snapshot *snapshot;
    struct tables_change change = {.kind = TABLES_SET_SLOT, .slot = slot, .certificates = &certificate,
                                   .certificate_count = 1, .source = source, .replace = force};

    RS_TRY(call_tables(call, &snapshot));
    for (size_t i = 0; i < tables_binding_count(snapshot); i++)
        change.rows_max += tables_binding_follows(tables_binding(snapshot, i), slot) != NULL;
    return change_run(call, &change, slot_check, slot_verify);
}

rs_status set_slot(struct call *call)
{
    const struct pki_entry *entry;

    RS_TRY(call_rescan(call));
    RS_TRY(call_certificate(call, call_text(call, "CertificateHash"), &entry));
    return slot_fill(call, call_text(call, "Slot"), entry, RS_TEXT(""), call_flag(call, "Force"));
}

rs_status remove_slot(struct call *call)
{
    const struct tables_snapshot *snapshot;
    rs_text slot = call_text(call, "Slot");

    RS_TRY(call_tables(call, &snapshot));
    if (!tables_slot_find(snapshot, slot))
        return rs_fail(call->job, RS_NOT_FOUND, "there is no slot \"%.*s\"; `bindery cert slots` shows those there are",
                       RS_TEXT_ARG(slot));
    return change_run(call, &(struct tables_change){.kind = TABLES_DROP_SLOT, .slot = slot, .replace = call_flag(call, "Force")},
                      NULL, NULL);
}
