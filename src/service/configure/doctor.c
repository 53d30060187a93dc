/* Doctor: files, database, listeners and store compared with each other. */
#include "service/configure/doctor.h"

#include "format/json/json.h"

static const char *const severities[] = {[DOCTOR_ERROR] = "error", [DOCTOR_WARNING] = "warning", [DOCTOR_NOTE] = "note"};

/* In a job and with a result of its own: what goes wrong is told with the finding, and the others are looked at. */
static bool mend(struct doctor *doctor, const struct finding *finding, json_t *out)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = doctor->call->job});
    json_t *none = json_keep(part, json_object());
    struct call call = {part, doctor->call->instance, none, doctor->call->caller, json_keep(part, json_object())};

    if (finding->mender(&call, doctor, finding->what) == RS_OK)
        return true;
    put_text(out, "not_mended", rs_job_error(part));
    return false;
}

void doctor_report(struct doctor *doctor, struct finding finding)
{
    json_t *out = add_object(doctor->findings);
    bool mended = finding.mender && call_flag(doctor->call, "Mend") && mend(doctor, &finding, out);

    put_text(out, "severity", rs_text_from(severities[finding.severity]));
    put_text(out, "code", rs_text_from(finding.code));
    put_text(out, "subject", finding.subject);
    put_text(out, "message", finding.message);
    put_text(out, "mend", finding.mend);
    put_flag(out, "can_mend", finding.mender != NULL);
    put_flag(out, "mended", mended);
    doctor->errors += !mended && finding.severity == DOCTOR_ERROR;
    doctor->warnings += !mended && finding.severity == DOCTOR_WARNING;
}

rs_status run_doctor(struct call *call)
{
    struct doctor doctor = {.call = call, .findings = put_array(call->result, "findings")};
    json_t *live = NULL;

    RS_TRY(call_rescan(call));
    RS_TRY(call_tables(call, &doctor.snapshot));
    if (call->instance->live_state) {
        RS_TRY(call->instance->live_state(call->job, call->instance->data, &live));
        doctor.live = json_keep(call->job, live);
    }
    RS_TRY(doctor_files(&doctor));
    RS_TRY(doctor_node(&doctor));
    RS_TRY(doctor_service(&doctor));
    put_number(call->result, "errors", (int64_t)doctor.errors);
    put_number(call->result, "warnings", (int64_t)doctor.warnings);
    put_flag(call->result, "ok", doctor.errors == 0);
    put_flag(call->result, "running", doctor.live != NULL);
    return RS_OK;
}
