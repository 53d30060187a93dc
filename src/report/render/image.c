/* IMAGE: pages as pixels, through layout and draw.
 *
 * Device information: that of every renderer of hard pages (page_options.h), OutputFormat (TIFF by default, PNG, JPEG, BMP,
 * GIF), DpiX and DpiY (96), ColorDepth (of TIFF: 1, 4, 8, 24, 32). A TIFF has all pages; a file of another format has one, which is
 * StartPage, the first by default.
 */
#include "report/render/image_write.h"
#include "report/render/page_options.h"
#include "report/render/renderers.h"

#define DPI_LEAST 10
#define DPI_MOST 2400

struct output_format {
    const char *name, *mime_type, *extension;
    image_writer *write; /* NULL: TIFF */
};

static const struct output_format output_formats[] = {
    {"TIFF", "image/tiff", "tif", NULL},
    {"PNG", "image/png", "png", image_write_png},
    {"JPEG", "image/jpeg", "jpg", image_write_jpeg},
    {"BMP", "image/bmp", "bmp", image_write_bmp},
    {"GIF", "image/gif", "gif", image_write_gif},
};

static rs_status find_format(struct rs_job *job, const struct render_device_info *info, const struct output_format **out)
{
    rs_text name = rs_text_trim(render_text(info, RS_TEXT("OutputFormat"), RS_TEXT("TIFF")));

    for (size_t i = 0; i < sizeof output_formats / sizeof *output_formats; i++) {
        *out = &output_formats[i];
        if (rs_text_equal_nocase(name, rs_text_from((*out)->name)))
            return RS_OK;
    }
    return rs_fail(job, RENDER_DEVICE_INFO, "OutputFormat \"%.*s\" cannot be written; there are TIFF, PNG, JPEG, BMP and GIF",
                   RS_TEXT_ARG(rs_text_slice(name, 0, 40)));
}

static rs_status describe(struct rs_job *job, const struct render_device_info *info, struct render_output *out)
{
    const struct output_format *format;

    RS_TRY(find_format(job, info, &format));
    *out = (struct render_output){rs_text_from(format->mime_type), RS_TEXT(""), rs_text_from(format->extension)};
    return RS_OK;
}

/* ---- pages -------------------------------------------------------------------------------------------- */

struct writing {
    const struct output_format *format;
    const struct render_sink *sink;
    struct raster_options raster;
    struct image_tiff *tiff;
    size_t pages;
};

static rs_status take_page(struct rs_job *job, void *data, const struct raster_page *page)
{
    struct writing *w = data;
    struct rs_job_options within = {.within = job};
    RS_OWNED(rs_job) part = rs_job_create(&within);
    rs_buf file = rs_buf_in(part);

    w->pages++;
    if (!w->format->write)
        return image_tiff_page(job, w->tiff, page);
    if (w->format->write(part, page, w->raster.dpi_x, w->raster.dpi_y, &file) != RS_OK)
        return rs_job_adopt(job, part);
    return w->sink->write(job, w->sink->data, rs_buf_text(&file));
}

static rs_status read_depth(struct rs_job *job, const struct render_device_info *info, enum image_depth *out)
{
    int64_t depth;

    RS_TRY(render_int(job, info, RS_TEXT("ColorDepth"), 1, 32, 24, &depth));
    *out = (enum image_depth)depth;
    return depth == 1 || depth == 4 || depth == 8 || depth == 24 || depth == 32
               ? RS_OK
               : rs_fail(job, RENDER_DEVICE_INFO, "ColorDepth is %lld; it may be 1, 4, 8, 24 or 32", (long long)depth);
}

static rs_status read_resolution(struct rs_job *job, const struct render_device_info *info, struct raster_options *out)
{
    int64_t x, y;

    RS_TRY(render_int(job, info, RS_TEXT("DpiX"), DPI_LEAST, DPI_MOST, 96, &x));
    RS_TRY(render_int(job, info, RS_TEXT("DpiY"), DPI_LEAST, DPI_MOST, 96, &y));
    out->dpi_x = (double)x;
    out->dpi_y = (double)y;
    return RS_OK;
}

static rs_status write_pages(struct rs_job *job, struct compute_run *run, const struct layout_options *options,
                             enum image_depth depth, struct writing *w)
{
    struct layout_options own = *options;
    struct layout_totals totals;
    struct draw_device *device;
    rs_text file;

    RS_TRY(layout_count(job, run, options, &totals));
    if (totals.part_count)
        own.totals = &totals;
    if (!w->format->write)
        RS_TRY(image_tiff_create(job, depth, w->raster.dpi_x, w->raster.dpi_y, &w->tiff));
    RS_TRY(raster_create(job, &w->raster, &device));
    RS_TRY(layout_report(job, run, &own, device, NULL));
    if (w->pages == 0)
        return rs_fail(job, RS_INVALID, "there are no pages in the range that was asked for");
    if (w->format->write)
        return RS_OK;
    RS_TRY(image_tiff_finish(job, w->tiff, &file));
    return w->sink->write(job, w->sink->data, file);
}

static rs_status render(struct rs_job *job, struct compute_run *run, const struct render_device_info *info,
                        const struct render_sink *sink)
{
    struct writing w = {.sink = sink};
    struct layout_options options;
    struct rs_job_options within = {.within = job};
    RS_OWNED(rs_job) part = rs_job_create(&within); /* the device ends with it */
    enum image_depth depth;
    rs_status status;

    RS_TRY(find_format(job, info, &w.format));
    RS_TRY(render_page_options(job, info, &options));
    RS_TRY(read_depth(job, info, &depth));
    RS_TRY(read_resolution(job, info, &w.raster));
    if (w.format->write) /* one page to a file */
        options.first_page = options.last_page = options.first_page ? options.first_page : 1;
    w.raster.page = take_page;
    w.raster.data = &w;
    RS_TRY(compute_begin(job, run, COMPUTE_WALKS_ANYHOW));
    status = write_pages(part, run, &options, depth, &w);
    return status == RS_OK || rs_job_status(job) != RS_OK ? status : rs_job_adopt(job, part);
}

const struct render_format render_image = {
    .name = "IMAGE",
    .label = "TIFF file",
    .mime_type = "image/tiff",
    .extension = "tif",
    .kind = RENDER_PAGE,
    .visible = true,
    .describe = describe,
    .render = render,
};
