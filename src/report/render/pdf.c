/* PDF: hard page breaks, through layout and draw.
 *
 * Device information: that of every renderer of hard pages (page_options.h), HumanReadablePDF, AccessiblePDF. Fonts are always embedded as
 * subsets; resolution settings do not apply, because nothing is rasterised.
 */

#include "report/compute/compute.h"
#include "report/draw/pdf.h"
#include "report/layout/layout.h"
#include "report/render/page_options.h"
#include "report/render/renderers.h"

static rs_status write_bytes(struct rs_job *job, void *data, rs_text bytes)
{
    const struct render_sink *sink = data;

    return sink->write(job, sink->data, bytes);
}

static rs_status render(struct rs_job *job, struct compute_run *run, const struct render_device_info *info,
                        const struct render_sink *sink)
{
    struct layout_options options;
    struct pdf_options pdf = {0};
    struct draw_sink to = {(void *)sink, write_bytes};
    struct rs_job_options within = {.within = job};
    RS_OWNED(rs_job) part = rs_job_create(&within); /* the device ends with it */
    struct draw_device *device;
    rs_status status;

    RS_TRY(render_page_options(job, info, &options));
    RS_TRY(render_bool(job, info, RS_TEXT("HumanReadablePDF"), false, &pdf.human_readable));
    RS_TRY(render_bool(job, info, RS_TEXT("AccessiblePDF"), false, &pdf.tagged));
    RS_TRY(compute_begin(job, run, COMPUTE_WALKS_DOWN));
    status = pdf_create(part, &pdf, &to, &device);
    if (status == RS_OK)
        status = layout_report(part, run, &options, device, NULL);
    return status == RS_OK || rs_job_status(job) != RS_OK ? status : rs_job_adopt(job, part);
}

const struct render_format render_pdf = {
    .name = "PDF",
    .label = "PDF",
    .mime_type = "application/pdf",
    .extension = "pdf",
    .kind = RENDER_PAGE,
    .visible = true,
    .render = render,
};
