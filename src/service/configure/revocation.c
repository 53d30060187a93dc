/* What the authority of a certificate says of it, as the server has learned it (INSTANCE/ocsp). */
#include "base/clock.h"
#include "net/ocsp/record.h"
#include "net/tables/policy.h"
#include "service/configure/inside.h"

void revocation_of(struct call *call, const struct pki_entry *entry, struct ocsp_record *out)
{
    bool found;

    *out = (struct ocsp_record){0};
    if (call->instance->ocsp_folder.size > 0 &&
        ocsp_record_read(call->job, call->instance->ocsp_folder, entry->sha256, out, &found) != RS_OK)
        rs_job_forgive(call->job); /* it is as if nothing had been learned; the server's log tells more */
}

bool revocation_is_revoked(struct call *call, const struct pki_entry *entry, rs_text *sentence)
{
    char stamp[RS_CLOCK_STAMP_SIZE];
    struct ocsp_record record;

    revocation_of(call, entry, &record);
    if (record.answer.state != OCSP_STATE_REVOKED)
        return false;
    rs_clock_stamp(record.answer.revoked_ms, stamp);
    *sentence = rs_text_format(call->job, "its authority revoked it at %s%s%.*s: clients refuse it, or will; replace it", stamp,
                               record.answer.reason.size > 0 ? ", " : "", RS_TEXT_ARG(record.answer.reason));
    return true;
}

static void add_reason(json_t *reasons, rs_text code, rs_text severity, rs_text message)
{
    json_t *reason = add_object(reasons);

    put_text(reason, "code", code);
    put_text(reason, "severity", severity);
    put_text(reason, "message", message);
}

bool revocation_reasons(struct call *call, const struct pki_entry *entry, json_t *reasons)
{
    rs_text sentence;
    bool revoked = revocation_is_revoked(call, entry, &sentence);

    if (revoked)
        add_reason(reasons, RS_TEXT("revoked"), RS_TEXT("error"), sentence);
    if (ocsp_must_staple(entry->certificate) && ocsp_responder(call->job, entry->certificate).size == 0)
        add_reason(reasons, RS_TEXT("must-staple"), RS_TEXT("warning"),
                   RS_TEXT("it asks to be shown with an answer of its authority (must-staple), but names no OCSP responder: clients that "
                           "know this refuse it"));
    return revoked;
}

static bool is_stapled_somewhere(const struct tables_snapshot *snapshot, rs_text sha256)
{
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        const struct tables_binding *row = tables_binding(snapshot, i);
        if (tables_binding_shows(row, sha256) &&
            rs_text_equal(policy_text(&row->policy, POLICY_ROW_STAPLING), RS_TEXT("auto")))
            return true;
    }
    return false;
}

static void put_time_of(json_t *out, const char *name, int64_t utc_ms)
{
    if (utc_ms > 0)
        put_time(out, name, utc_ms);
}

void revocation_json(struct call *call, const struct tables_snapshot *snapshot, const struct pki_entry *entry, json_t *out)
{
    rs_text responder = ocsp_responder(call->job, entry->certificate);
    bool must = ocsp_must_staple(entry->certificate), shown;
    struct ocsp_record record;
    json_t *revocation;

    if (responder.size == 0 && !must)
        return;
    revocation_of(call, entry, &record);
    shown = ocsp_record_can_be_shown(&record, rs_clock_utc_ms()) && is_stapled_somewhere(snapshot, entry->sha256);
    revocation = put_object(out, "revocation");
    put_text(revocation, "state", rs_text_from(ocsp_state_name(record.answer.state)));
    put_text(revocation, "responder", responder);
    put_flag(revocation, "must_staple", must);
    put_flag(revocation, "stapled", shown);
    put_time_of(revocation, "this_update", record.answer.this_ms);
    put_time_of(revocation, "next_update", record.answer.next_ms);
    put_time_of(revocation, "revoked_at", record.answer.revoked_ms);
    put_text(revocation, "reason", record.answer.reason);
    put_text(revocation, "error", record.error);
    put_number(revocation, "failures", record.failures);
    put_time_of(revocation, "asked", record.asked_ms);
    put_time_of(revocation, "next_try", record.ask_ms);
}
