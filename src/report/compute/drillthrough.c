/* Where a drillthrough leads: URL access of the other report, with its parameters. */
#include "base/buf.h"
#include "format/escape/percent.h"
#include "report/compute/compute.h"

/* A report name in a drillthrough: relative to the folder of this report, or from the root. */
static void add_report_path(rs_buf *out, const struct expr_globals *globals, rs_text name)
{
    if (!rs_text_starts(name, RS_TEXT("/"))) {
        escape_percent_write(out, globals->report_folder);
        if (!rs_text_ends(globals->report_folder, RS_TEXT("/")))
            rs_buf_add_literal(out, "%2F");
    }
    escape_percent_write(out, name);
}

rs_status compute_drillthrough_url(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                                   const struct rdl_action *action, rs_text *out)
{
    const struct expr_globals *globals = compute_globals(run);
    rs_buf url = rs_buf_in(job);
    rs_text name;

    RS_TRY(compute_eval_text(job, run, scope, &action->drillthrough_report, RS_TEXT(""), &name));
    *out = RS_TEXT("");
    if (name.size == 0)
        return RS_OK;
    rs_buf_add(&url, globals->report_server_url);
    rs_buf_add_byte(&url, '?');
    add_report_path(&url, globals, name);
    rs_buf_add_literal(&url, "&rs:Command=Render");
    for (size_t i = 0; i < action->drillthrough_parameters.count; i++) {
        const struct rdl_drill_parameter *parameter = &action->drillthrough_parameters.items[i];
        struct value value;
        bool omit;
        RS_TRY(compute_eval_bool(job, run, scope, &parameter->omit, false, &omit));
        RS_TRY(compute_eval(job, run, scope, &parameter->value, &value));
        for (uint32_t j = 0; !omit && j < (value.kind == VALUE_ARRAY ? value.size : 1); j++) {
            struct value one = value.kind == VALUE_ARRAY ? value.items[j] : value;
            rs_buf_add_byte(&url, '&');
            escape_percent_write(&url, parameter->name);
            rs_buf_add(&url, value_is_null(one) ? RS_TEXT(":isnull=true") : RS_TEXT("="));
            if (!value_is_null(one))
                escape_percent_write(&url, compute_parameter_text(job, one));
        }
    }
    *out = rs_buf_text(&url);
    return RS_OK;
}
