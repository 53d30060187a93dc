/* PDF: hard page breaks, through layout and draw.
 *
 * Device information: StartPage and EndPage (none, or StartPage 0: all pages; StartPage alone: that page), PageWidth,
 * PageHeight, MarginLeft, MarginRight, MarginTop, MarginBottom, Columns, ColumnSpacing, HumanReadablePDF. Fonts are
 * always embedded as subsets; resolution settings do not apply, because nothing is rasterised.
 */
#include <stddef.h>

#include "report/compute/compute.h"
#include "report/draw/pdf.h"
#include "report/layout/layout.h"
#include "report/render/renderers.h"

#define PAGE_MOST 10000000
#define COLUMNS_MOST 1000

static const struct {
    const char *name;
    size_t offset; /* in struct layout_options */
} sizes[] = {
    {"PageWidth", offsetof(struct layout_options, page_width_pt)},
    {"PageHeight", offsetof(struct layout_options, page_height_pt)},
    {"MarginLeft", offsetof(struct layout_options, margin_left_pt)},
    {"MarginRight", offsetof(struct layout_options, margin_right_pt)},
    {"MarginTop", offsetof(struct layout_options, margin_top_pt)},
    {"MarginBottom", offsetof(struct layout_options, margin_bottom_pt)},
    {"ColumnSpacing", offsetof(struct layout_options, column_spacing_pt)},
};

static rs_status read_pages(struct rs_job *job, const struct render_device_info *info, struct layout_options *options)
{
    int64_t first, last, columns;

    RS_TRY(render_int(job, info, RS_TEXT("StartPage"), 0, PAGE_MOST, 0, &first));
    RS_TRY(render_int(job, info, RS_TEXT("EndPage"), 0, PAGE_MOST, first, &last));
    RS_TRY(render_int(job, info, RS_TEXT("Columns"), 1, COLUMNS_MOST, 0, &columns));
    if (last != 0 && last < first)
        return rs_fail(job, RENDER_DEVICE_INFO, "EndPage %lld is before StartPage %lld", (long long)last, (long long)first);
    options->first_page = (size_t)first;
    options->last_page = (size_t)last;
    options->columns = (unsigned)columns;
    return RS_OK;
}

static rs_status read_options(struct rs_job *job, const struct render_device_info *info, struct layout_options *options)
{
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        RS_TRY(render_size(job, info, rs_text_from(sizes[i].name), LAYOUT_FROM_REPORT,
                           (double *)((char *)options + sizes[i].offset)));
    return read_pages(job, info, options);
}

static rs_status write_bytes(struct rs_job *job, void *data, rs_text bytes)
{
    const struct render_sink *sink = data;

    return sink->write(job, sink->data, bytes);
}

static rs_status render(struct rs_job *job, struct compute_run *run, const struct render_device_info *info,
                        const struct render_sink *sink)
{
    struct layout_options options = layout_defaults();
    struct pdf_options pdf = {0};
    struct draw_sink to = {(void *)sink, write_bytes};
    struct rs_job_options within = {.within = job};
    RS_OWNED(rs_job) part = rs_job_create(&within); /* the device ends with it */
    struct draw_device *device;
    rs_status status;

    RS_TRY(read_options(job, info, &options));
    RS_TRY(render_bool(job, info, RS_TEXT("HumanReadablePDF"), false, &pdf.human_readable));
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
