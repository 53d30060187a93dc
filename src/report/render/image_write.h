/* report/render/image_write.h - pages of pixels as files: one page as PNG, JPEG, BMP or GIF, many as TIFF.
 *
 * Source:  PNG (RFC 2083), JFIF through libjpeg, Windows BMP, TIFF 6.0 through libtiff.
 */
#ifndef REPORT_RENDER_IMAGE_WRITE_H
#define REPORT_RENDER_IMAGE_WRITE_H

#include "base/buf.h"
#include "report/draw/raster.h"

/* Add the page as a file to `out`. */
typedef rs_status image_writer(struct rs_job *job, const struct raster_page *page, double dpi_x, double dpi_y, rs_buf *out);

RS_CHECKED rs_status image_write_png(struct rs_job *job, const struct raster_page *page, double dpi_x, double dpi_y, rs_buf *out);
RS_CHECKED rs_status image_write_bmp(struct rs_job *job, const struct raster_page *page, double dpi_x, double dpi_y, rs_buf *out);
RS_CHECKED rs_status image_write_gif(struct rs_job *job, const struct raster_page *page, double dpi_x, double dpi_y, rs_buf *out);
RS_CHECKED rs_status image_write_jpeg(struct rs_job *job, const struct raster_page *page, double dpi_x, double dpi_y, rs_buf *out);

/* ---- image_tiff.c ------------------------------------------------------------------------------------- */

enum image_depth {
    IMAGE_BLACK_AND_WHITE = 1, IMAGE_16_COLORS = 4, IMAGE_256_COLORS = 8, IMAGE_COLOR = 24, IMAGE_COLOR_ALPHA = 32,
};

struct image_tiff;

/* One TIFF, page after page. What is written is held until image_tiff_finish: pages point at each other. */
RS_CHECKED rs_status image_tiff_create(struct rs_job *job, enum image_depth depth, double dpi_x, double dpi_y,
                                       struct image_tiff **out);
RS_CHECKED rs_status image_tiff_page(struct rs_job *job, struct image_tiff *tiff, const struct raster_page *page);
/* The whole file, until the job of `tiff` ends. */
RS_CHECKED rs_status image_tiff_finish(struct rs_job *job, struct image_tiff *tiff, rs_text *out);

#endif
