#include "report/render/page_options.h"

#include <stddef.h>

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

rs_status render_page_options(struct rs_job *job, const struct render_device_info *info, struct layout_options *options)
{
    *options = layout_defaults();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        RS_TRY(render_size(job, info, rs_text_from(sizes[i].name), LAYOUT_FROM_REPORT,
                           (double *)((char *)options + sizes[i].offset)));
    return read_pages(job, info, options);
}
