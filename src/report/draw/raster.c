#include "report/draw/raster.h"

#include <cairo.h>
#include <math.h>

#include "report/draw/raster_state.h"

static const unsigned char line_dashes[][7] = { /* lengths in widths of the line, ended by 0 */
    [DRAW_DASHED] = {3, 1}, [DRAW_DOTTED] = {1, 1}, [DRAW_DASH_DOT] = {3, 1, 1, 1}, [DRAW_DASH_DOT_DOT] = {3, 1, 1, 1, 1, 1},
};

/* ---- pages ------------------------------------------------------------------------------------------ */

static rs_status raster_begin(struct rs_job *job, struct draw_device *device, const struct draw_document *document)
{
    (void)job, (void)device, (void)document;
    return RS_OK;
}

static void drop_surface(struct raster *r)
{
    if (r->cairo)
        cairo_destroy(r->cairo);
    if (r->surface)
        cairo_surface_destroy(r->surface);
    r->cairo = NULL;
    r->surface = NULL;
}

static rs_status make_surface(struct rs_job *job, struct raster *r, unsigned width, unsigned height)
{
    drop_surface(r);
    r->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
    r->cairo = cairo_create(r->surface);
    if (cairo_status(r->cairo) != CAIRO_STATUS_SUCCESS)
        return rs_fail(job, RS_NO_MEMORY, "no memory for a picture of %u x %u pixels", width, height);
    r->width = width;
    r->height = height;
    return RS_OK;
}

static rs_status raster_page_begin(struct rs_job *job, struct draw_device *device, double width_pt, double height_pt)
{
    struct raster *r = raster_of(device);
    double width = fmax(1, round(width_pt * r->scale_x)), height = fmax(1, round(height_pt * r->scale_y));

    if (width > RASTER_SIDE_MAX || height > RASTER_SIDE_MAX || width * height > (double)RASTER_PIXELS_MAX)
        return rs_fail(job, RS_OVER_LIMIT,
                       "a page of %.4g x %.4g in would have %.0f x %.0f pixels; at most %u a side and %zu in all can be drawn: "
                       "ask for a lower resolution (DpiX, DpiY)",
                       width_pt / 72, height_pt / 72, width, height, RASTER_SIDE_MAX, RASTER_PIXELS_MAX);
    if (!r->surface || r->width != (unsigned)width || r->height != (unsigned)height)
        RS_TRY(make_surface(job, r, (unsigned)width, (unsigned)height));
    cairo_set_source_rgb(r->cairo, 1, 1, 1);
    cairo_paint(r->cairo);
    return RS_OK;
}

static rs_status raster_page_end(struct rs_job *job, struct draw_device *device, bool later)
{
    struct raster *r = raster_of(device);
    struct raster_page page = {.width = r->width, .height = r->height};

    if (later)
        return rs_fail(job, RS_FAILED, "pages of pixels cannot be continued");
    cairo_surface_flush(r->surface);
    page.pixels = (const uint32_t *)(const void *)cairo_image_surface_get_data(r->surface);
    page.stride = (size_t)cairo_image_surface_get_stride(r->surface) / sizeof *page.pixels;
    return r->options.page(job, r->options.data, &page);
}

static rs_status raster_page_again(struct rs_job *job, struct draw_device *device, size_t page)
{
    (void)device;
    return rs_fail(job, RS_FAILED, "page %zu of pixels cannot be continued", page + 1);
}

static rs_status raster_finish(struct rs_job *job, struct draw_device *device)
{
    (void)job, (void)device;
    return RS_OK;
}

/* ---- shapes ----------------------------------------------------------------------------------------- */

void raster_color(struct raster *r, uint32_t color, unsigned alpha)
{
    cairo_set_source_rgba(r->cairo, (color >> 16 & 0xff) / 255.0, (color >> 8 & 0xff) / 255.0, (color & 0xff) / 255.0,
                          alpha / 255.0);
}

/* Edges between pixels; what has an extent keeps one. */
static void snap(double from, double extent, double scale, double *at, double *size)
{
    double end = floor((from + extent) * scale + 0.5);

    *at = floor(from * scale + 0.5);
    *size = end - *at;
    if (*size < 1 && extent > 0)
        *size = 1;
}

static rs_status raster_fill(struct rs_job *job, struct draw_device *device, const struct draw_box *box, uint32_t color)
{
    struct raster *r = raster_of(device);
    double x, y, width, height;

    (void)job;
    if (!(color >> 24))
        return RS_OK;
    snap(box->left_pt, box->width_pt, r->scale_x, &x, &width);
    snap(box->top_pt, box->height_pt, r->scale_y, &y, &height);
    raster_color(r, color, color >> 24);
    cairo_rectangle(r->cairo, x, y, width, height);
    cairo_fill(r->cairo);
    return RS_OK;
}

static void add_stop(cairo_pattern_t *pattern, double at, uint32_t color, unsigned alpha)
{
    cairo_pattern_add_color_stop_rgba(pattern, at, (color >> 16 & 0xff) / 255.0, (color >> 8 & 0xff) / 255.0,
                                      (color & 0xff) / 255.0, alpha / 255.0);
}

static rs_status raster_gradient(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                                 const struct draw_gradient *g)
{
    struct raster *r = raster_of(device);
    cairo_pattern_t *pattern = g->around ? cairo_pattern_create_radial(0.5, 0.5, 0, 0.5, 0.5, sqrt(0.5))
                                         : cairo_pattern_create_linear(g->x1, g->y1, g->x2, g->y2);
    double x, y, width, height;

    (void)job;
    snap(box->left_pt, box->width_pt, r->scale_x, &x, &width);
    snap(box->top_pt, box->height_pt, r->scale_y, &y, &height);
    add_stop(pattern, 0, g->from, g->from >> 24);
    add_stop(pattern, g->and_back ? 0.5 : 1, g->to, g->from >> 24);
    if (g->and_back)
        add_stop(pattern, 1, g->from, g->from >> 24);
    cairo_save(r->cairo);
    cairo_rectangle(r->cairo, x, y, width, height);
    cairo_translate(r->cairo, x, y);
    cairo_scale(r->cairo, width, height);
    cairo_set_source(r->cairo, pattern);
    cairo_fill(r->cairo);
    cairo_restore(r->cairo);
    cairo_pattern_destroy(pattern);
    return RS_OK;
}

static void set_dash(struct raster *r, enum draw_line_style style, double width)
{
    double lengths[6];
    int count = 0;

    if (style < DRAW_DASHED || style > DRAW_DASH_DOT_DOT)
        return cairo_set_dash(r->cairo, NULL, 0, 0);
    for (; line_dashes[style][count]; count++)
        lengths[count] = line_dashes[style][count] * width;
    cairo_set_dash(r->cairo, lengths, count, 0);
}

/* Any line, in pixels. */
static void stroke(struct raster *r, double x1, double y1, double x2, double y2, double width)
{
    cairo_set_line_width(r->cairo, width);
    cairo_move_to(r->cairo, x1, y1);
    cairo_line_to(r->cairo, x2, y2);
    cairo_stroke(r->cairo);
}

/* A line along the page, whole pixels wide: its two long edges fall between pixels. */
static void stroke_along(struct raster *r, double x1, double y1, double x2, double y2, double width)
{
    double center;

    cairo_set_antialias(r->cairo, CAIRO_ANTIALIAS_NONE);
    if (y1 == y2) {
        center = floor(y1 - width / 2 + 0.5) + width / 2;
        stroke(r, floor(x1 + 0.5), center, floor(x2 + 0.5), center, width);
    } else {
        center = floor(x1 - width / 2 + 0.5) + width / 2;
        stroke(r, center, floor(y1 + 0.5), center, floor(y2 + 0.5), width);
    }
    cairo_set_antialias(r->cairo, CAIRO_ANTIALIAS_DEFAULT);
}

static rs_status raster_line(struct rs_job *job, struct draw_device *device, double x1_pt, double y1_pt, double x2_pt,
                             double y2_pt, const struct draw_pen *pen)
{
    struct raster *r = raster_of(device);
    double x1 = x1_pt * r->scale_x, y1 = y1_pt * r->scale_y, x2 = x2_pt * r->scale_x, y2 = y2_pt * r->scale_y;
    double length = hypot(x2 - x1, y2 - y1), width = pen->width_pt * (r->scale_x + r->scale_y) / 2;
    bool along = x1_pt == x2_pt || y1_pt == y2_pt;
    void (*draw)(struct raster *, double, double, double, double, double) = along ? stroke_along : stroke;

    (void)job;
    if (pen->style == DRAW_NO_LINE || !(pen->color >> 24))
        return RS_OK;
    if (along)
        width = fmax(1, round(width));
    raster_color(r, pen->color, pen->color >> 24);
    set_dash(r, pen->style, width);
    if (pen->style == DRAW_DOUBLE && length > 0) { /* two lines of a third of the width each */
        double third = along ? fmax(1, round(width / 3)) : width / 3;
        double dx = (y2 - y1) / length * third, dy = -(x2 - x1) / length * third;
        draw(r, x1 + dx, y1 + dy, x2 + dx, y2 + dy, third);
        draw(r, x1 - dx, y1 - dy, x2 - dx, y2 - dy, third);
    } else {
        draw(r, x1, y1, x2, y2, width);
    }
    return RS_OK;
}

static rs_status raster_clip_begin(struct rs_job *job, struct draw_device *device, const struct draw_box *box)
{
    struct raster *r = raster_of(device);
    double x, y, width, height;

    (void)job;
    cairo_save(r->cairo);
    snap(box->left_pt, box->width_pt, r->scale_x, &x, &width);
    snap(box->top_pt, box->height_pt, r->scale_y, &y, &height);
    cairo_rectangle(r->cairo, x, y, width, height);
    cairo_clip(r->cairo);
    return RS_OK;
}

static rs_status raster_clip_end(struct rs_job *job, struct draw_device *device)
{
    (void)job;
    cairo_restore(raster_of(device)->cairo);
    return RS_OK;
}

/* ---- making ----------------------------------------------------------------------------------------- */

static const struct draw_functions raster_functions = {
    .name = "raster",
    .begin = raster_begin,
    .page_begin = raster_page_begin,
    .page_end = raster_page_end,
    .page_again = raster_page_again,
    .finish = raster_finish,
    .fill = raster_fill,
    .gradient = raster_gradient,
    .line = raster_line,
    .text = raster_text,
    .image = raster_image,
    .clip_begin = raster_clip_begin,
    .clip_end = raster_clip_end,
    .link = draw_no_link,
    .bookmark = draw_no_bookmark,
    .outline = draw_no_outline,
};

static void raster_end(void *object)
{
    struct raster *r = object;

    raster_pictures_end(r);
    drop_surface(r);
    rs_job_destroy(r->memory);
}

rs_status raster_create(struct rs_job *job, const struct raster_options *options, struct draw_device **out)
{
    struct rs_job_options own = {.within = job};
    struct raster *r = RS_NEW(job, struct raster);

    r->device.functions = &raster_functions;
    r->options = *options;
    r->scale_x = options->dpi_x / 72;
    r->scale_y = options->dpi_y / 72;
    r->memory = rs_job_create(&own);
    rs_job_at_end(job, raster_end, r);
    *out = &r->device;
    return RS_OK;
}
