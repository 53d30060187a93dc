/* report/draw/raster_state.h - pages of pixels that are being drawn: shared by shapes and pages (raster.c), text
 * (raster_text.c) and pictures (raster_picture.c).
 *
 * Internal to report/draw.
 */
#ifndef REPORT_DRAW_RASTER_STATE_H
#define REPORT_DRAW_RASTER_STATE_H

#include "report/draw/raster.h"

struct raster_picture;
struct raster_font;

struct raster {
    struct draw_device device; /* first */
    struct raster_options options;
    struct rs_job *memory;
    double scale_x, scale_y;   /* pixels of a point */
    struct _cairo_surface *surface;  /* of the page; used again for pages of the same size */
    struct _cairo *cairo;
    unsigned width, height;    /* pixels */
    struct raster_font **fonts; /* by number of the font */
    size_t font_count;
    struct raster_picture *pictures; /* drawn lately */
    size_t picture_bytes;
};

static inline struct raster *raster_of(struct draw_device *device)
{
    return (struct raster *)device;
}

/* raster.c: what is drawn next has this colour. */
void raster_color(struct raster *r, uint32_t color, unsigned alpha);

/* raster_text.c */
rs_status raster_text(struct rs_job *job, struct draw_device *device, double x_pt, double y_pt, enum draw_turn turn,
                      const struct text_piece *piece);

/* raster_picture.c */
rs_status raster_image(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                       const struct draw_image *image);
void raster_pictures_end(struct raster *r);

#endif
