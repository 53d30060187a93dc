/* report/draw/image_formats.h - one reader for each picture format. Internal to report/draw.
 *
 * Each fills all of *out but `hash`; `out` comes with 96 dpi and 8 bits.
 */
#ifndef REPORT_DRAW_IMAGE_FORMATS_H
#define REPORT_DRAW_IMAGE_FORMATS_H

#include "report/draw/image.h"

rs_status draw_image_read_png(struct rs_job *job, rs_text file, struct draw_image *out);
rs_status draw_image_read_gif(struct rs_job *job, rs_text file, struct draw_image *out);
rs_status draw_image_read_bmp(struct rs_job *job, rs_text file, struct draw_image *out);

/* A picture that was read without its pixels, with them. */
rs_status draw_image_decode_rows(struct rs_job *job, const struct draw_image *image, struct draw_image *out);
rs_status draw_image_decode_jpeg(struct rs_job *job, const struct draw_image *image, struct draw_image *out);

/* Checks a size against the limits and sets it. */
rs_status draw_image_sized(struct rs_job *job, const char *format, uint64_t width, uint64_t height,
                           struct draw_image *out);

#endif
