#include "rendering.h"

#include "base/buf.h"
#include "base/vec.h"
#include "report/publish/publish.h"
#include "report/render/run.h"

static rs_status keep(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    rs_buf_add(data, bytes);
    return RS_OK;
}

rs_status rendering(struct rs_job *job, const char *format, const char *definition, const char *settings, rs_text *out)
{
    struct publish_report *report;
    rs_buf *buf = RS_NEW(job, rs_buf);
    RS_VEC(struct render_setting) info = {0};
    rs_text rest = rs_text_from(settings), one, name, value;

    *buf = rs_buf_in(job);
    for (bool more = rest.size > 0; more;) {
        more = rs_text_cut(rest, '&', &one, &rest);
        rs_text_cut(one, '=', &name, &value);
        rs_vec_push(job, &info, (struct render_setting){name, value});
    }
    struct render_request request = {.format = rs_text_from(format), .info = {info.items, info.count}};
    request.options.globals.report_name = RS_TEXT("Test Report");
    RS_TRY(publish_open(job, rs_text_from(definition), NULL, &report));
    rs_job_at_end(job, (void (*)(void *))publish_unref, report);
    RS_TRY(render_report(job, report, &request, &(struct render_sink){buf, keep, NULL}, NULL));
    *out = rs_buf_text(buf);
    return RS_OK;
}
