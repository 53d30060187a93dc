/* report/draw/image.h - pictures as devices need them: PNG, JPEG, GIF and BMP.
 *
 * A JPEG keeps its bytes, as does a PNG whose pixel rows can stand in a PDF as they are; everything else is decoded.
 *
 * Source:  PNG (RFC 2083), JPEG markers (ITU-T T.81), GIF89a, Windows BMP.
 */
#ifndef REPORT_DRAW_IMAGE_H
#define REPORT_DRAW_IMAGE_H

#include "base/job.h"

#define DRAW_IMAGE_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define DRAW_IMAGE_SIDE_MAX 20000u
#define DRAW_IMAGE_PIXELS_MAX ((size_t)64 * 1000 * 1000)

enum draw_image_kind {
    DRAW_IMAGE_JPEG,  /* `data` is the file */
    DRAW_IMAGE_ROWS,  /* `data` is a zlib stream of PNG-filtered rows: bits, channels and palette say of what */
    DRAW_IMAGE_PIXELS, /* `data` is 8-bit RGB (3 bytes a pixel) or grey (1) without padding */
};

struct draw_image {
    enum draw_image_kind kind;
    unsigned width, height;     /* pixels; >= 1 */
    unsigned channels;          /* 1, 3, or 4 (JPEG only) */
    unsigned bits;              /* per channel */
    double dpi_x, dpi_y;        /* 96 where the file says nothing */
    bool inverted;              /* JPEG of 4 channels whose ink values are turned round */
    rs_text data;
    rs_text palette;            /* DRAW_IMAGE_ROWS of 1 channel: RGB entries; empty: grey */
    rs_text alpha;              /* DRAW_IMAGE_PIXELS: one byte a pixel; empty: opaque */
    uint64_t hash;              /* of the file: equal pictures are embedded once */
};

/* Fails with DRAW_IMAGE_INVALID (damaged) or DRAW_IMAGE_UNSUPPORTED (another format); the message says which. */
RS_CHECKED rs_status draw_image_read(struct rs_job *job, rs_text file, struct draw_image *out);

/* The same picture as DRAW_IMAGE_PIXELS, in the job's memory or in that of `image`. Fails with DRAW_IMAGE_INVALID. */
RS_CHECKED rs_status draw_image_decode(struct rs_job *job, const struct draw_image *image, struct draw_image *out);

#endif
