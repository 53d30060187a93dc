/* report/render/image_palette.h - a page of pixels with few colours: for GIF, and for TIFF of 4 and 8 bits.
 *
 * A page that has no more colours than are allowed keeps them all. Another keeps those that would be missed most, of the ones
 * that differ in the upper five bits of red, green or blue; each pixel takes the nearest.
 */
#ifndef REPORT_RENDER_IMAGE_PALETTE_H
#define REPORT_RENDER_IMAGE_PALETTE_H

#include "report/draw/raster.h"

#define IMAGE_PALETTE_MAX 256u

struct image_palette {
    uint32_t colors[IMAGE_PALETTE_MAX]; /* 0xRRGGBB */
    unsigned count;
    const uint8_t *indices;             /* of the page's pixels, rows without gaps */
};

/* With at most `most` colours, 2 to IMAGE_PALETTE_MAX. In the job's memory. */
RS_CHECKED rs_status image_palette_make(struct rs_job *job, const struct raster_page *page, unsigned most,
                                        struct image_palette *out);

#endif
