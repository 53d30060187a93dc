/* report/draw/raster.h - the device that draws pages as pixels.
 *
 * Text is filled outlines of the same fonts, at the same places, as in a PDF. Edges of boxes and of lines along the page
 * fall on pixels, so that they are sharp. Pages cannot be continued (page_again): who draws on it knows totals before.
 */
#ifndef REPORT_DRAW_RASTER_H
#define REPORT_DRAW_RASTER_H

#include "report/draw/device.h"

#define RASTER_SIDE_MAX 32767u                        /* pixels */
#define RASTER_PIXELS_MAX ((size_t)100 * 1000 * 1000) /* of one page */

/* Opaque pixels, 0x00RRGGBB each; `stride` pixels from row to row. */
struct raster_page {
    const uint32_t *pixels;
    unsigned width, height;
    size_t stride;
};

struct raster_options {
    double dpi_x, dpi_y;
    /* A page is whole; its pixels are used again when this returns. */
    rs_status (*page)(struct rs_job *job, void *data, const struct raster_page *page);
    void *data;
};

/* `options` are copied. The device ends with the job. */
RS_CHECKED rs_status raster_create(struct rs_job *job, const struct raster_options *options, struct draw_device **out);

#endif
