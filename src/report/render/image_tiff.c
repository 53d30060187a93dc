#include "report/render/image_write.h"

#include <stdio.h>
#include <tiffio.h>

#include "report/render/image_palette.h"

#define ROWS_PER_STRIP 64u

struct image_tiff {
    TIFF *tiff;
    struct rs_job *memory; /* of the file, too */
    enum image_depth depth;
    double dpi_x, dpi_y;
    rs_buf file;
    size_t at;             /* where the library reads or writes next */
};

/* ---- the file is in memory ---------------------------------------------------------------------------- */

static tmsize_t file_read(thandle_t handle, void *to, tmsize_t size)
{
    struct image_tiff *t = handle;
    size_t left = t->at < t->file.used ? t->file.used - t->at : 0, count = (size_t)size < left ? (size_t)size : left;

    memcpy(to, t->file.bytes + t->at, count);
    t->at += count;
    return (tmsize_t)count;
}

static tmsize_t file_write(thandle_t handle, void *from, tmsize_t size)
{
    struct image_tiff *t = handle;
    size_t end = t->at + (size_t)size;

    if (end > t->file.used) {
        size_t more = end - t->file.used;
        memset(rs_buf_reserve(&t->file, more), 0, more);
        t->file.used = end;
    }
    memcpy(t->file.bytes + t->at, from, (size_t)size);
    t->at = end;
    return size;
}

static toff_t file_seek(thandle_t handle, toff_t offset, int whence)
{
    struct image_tiff *t = handle;

    t->at = (size_t)(whence == SEEK_SET ? offset : whence == SEEK_CUR ? t->at + offset : t->file.used + offset);
    return t->at;
}

static int file_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t file_size(thandle_t handle)
{
    return ((struct image_tiff *)handle)->file.used;
}

/* ---- pages -------------------------------------------------------------------------------------------- */

/* What the library would print to standard error. */
static void say_nothing(const char *module, const char *format, va_list arguments)
{
    (void)module, (void)format, (void)arguments;
}

static void end(void *object)
{
    struct image_tiff *t = object;

    if (t->tiff)
        TIFFClose(t->tiff);
    rs_job_destroy(t->memory);
}

rs_status image_tiff_create(struct rs_job *job, enum image_depth depth, double dpi_x, double dpi_y, struct image_tiff **out)
{
    struct rs_job_options options = {.within = job};
    struct image_tiff *t = RS_NEW(job, struct image_tiff);

    t->memory = rs_job_create(&options);
    t->file = rs_buf_in(t->memory);
    t->depth = depth;
    t->dpi_x = dpi_x;
    t->dpi_y = dpi_y;
    rs_job_at_end(job, end, t);
    TIFFSetErrorHandler(say_nothing);
    TIFFSetWarningHandler(say_nothing);
    t->tiff = TIFFClientOpen("page", "wm", t, file_read, file_write, file_seek, file_close, file_size, NULL, NULL);
    *out = t;
    return t->tiff ? RS_OK : rs_fail(job, RS_FAILED, "a TIFF cannot be made");
}

static unsigned grey(uint32_t pixel)
{
    return ((pixel >> 16 & 0xff) * 299 + (pixel >> 8 & 0xff) * 587 + (pixel & 0xff) * 114 + 500) / 1000;
}

static void put_row(const struct image_tiff *t, uint8_t *to, const uint32_t *from, const uint8_t *indices, unsigned width)
{
    switch (t->depth) {
    case IMAGE_BLACK_AND_WHITE:
        memset(to, 0, (width + 7) / 8);
        for (unsigned x = 0; x < width; x++)
            if (grey(from[x]) < 128) /* ink is 1 */
                to[x / 8] |= (uint8_t)(0x80 >> x % 8);
        return;
    case IMAGE_16_COLORS:
        memset(to, 0, (width + 1) / 2);
        for (unsigned x = 0; x < width; x++)
            to[x / 2] |= (uint8_t)(indices[x] << (x % 2 ? 0 : 4));
        return;
    case IMAGE_256_COLORS:
        memcpy(to, indices, width);
        return;
    default:
        for (unsigned x = 0; x < width; x++) {
            *to++ = (uint8_t)(from[x] >> 16);
            *to++ = (uint8_t)(from[x] >> 8);
            *to++ = (uint8_t)from[x];
            if (t->depth == IMAGE_COLOR_ALPHA)
                *to++ = 255;
        }
    }
}

static bool has_palette(const struct image_tiff *t)
{
    return t->depth == IMAGE_16_COLORS || t->depth == IMAGE_256_COLORS;
}

static void set_palette(struct image_tiff *t, const struct image_palette *palette)
{
    uint16_t parts[3][IMAGE_PALETTE_MAX] = {0};

    for (unsigned i = 0; i < palette->count; i++)
        for (unsigned c = 0; c < 3; c++)
            parts[c][i] = (uint16_t)((palette->colors[i] >> (16 - 8 * c) & 0xff) * 257);
    TIFFSetField(t->tiff, TIFFTAG_COLORMAP, parts[0], parts[1], parts[2]);
}

static void set_fields(struct image_tiff *t, const struct raster_page *page)
{
    static const uint16_t opaque[] = {EXTRASAMPLE_UNASSALPHA};
    bool black = t->depth == IMAGE_BLACK_AND_WHITE;
    unsigned samples = t->depth == IMAGE_COLOR ? 3 : t->depth == IMAGE_COLOR_ALPHA ? 4 : 1;

    TIFFSetField(t->tiff, TIFFTAG_SUBFILETYPE, FILETYPE_PAGE);
    TIFFSetField(t->tiff, TIFFTAG_IMAGEWIDTH, page->width);
    TIFFSetField(t->tiff, TIFFTAG_IMAGELENGTH, page->height);
    TIFFSetField(t->tiff, TIFFTAG_BITSPERSAMPLE, samples == 1 ? (int)t->depth : 8);
    TIFFSetField(t->tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
    if (samples == 4)
        TIFFSetField(t->tiff, TIFFTAG_EXTRASAMPLES, 1, opaque);
    TIFFSetField(t->tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(t->tiff, TIFFTAG_PHOTOMETRIC,
                 black ? PHOTOMETRIC_MINISWHITE : samples == 1 ? PHOTOMETRIC_PALETTE : PHOTOMETRIC_RGB);
    TIFFSetField(t->tiff, TIFFTAG_COMPRESSION, black ? COMPRESSION_CCITTFAX4 : COMPRESSION_LZW);
    TIFFSetField(t->tiff, TIFFTAG_ROWSPERSTRIP, black ? page->height : ROWS_PER_STRIP);
    TIFFSetField(t->tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    TIFFSetField(t->tiff, TIFFTAG_XRESOLUTION, t->dpi_x);
    TIFFSetField(t->tiff, TIFFTAG_YRESOLUTION, t->dpi_y);
}

rs_status image_tiff_page(struct rs_job *job, struct image_tiff *t, const struct raster_page *page)
{
    struct rs_job_options within = {.within = job};
    RS_OWNED(rs_job) part = rs_job_create(&within);
    uint8_t *row = RS_NEW_ARRAY(part, uint8_t, (size_t)page->width * 4 + 8);
    struct image_palette palette = {0};
    bool written = true;

    if (has_palette(t) && image_palette_make(part, page, 1u << t->depth, &palette) != RS_OK)
        return rs_job_adopt(job, part);
    set_fields(t, page);
    if (has_palette(t))
        set_palette(t, &palette);
    for (unsigned y = 0; y < page->height && written; y++) {
        const uint8_t *indices = palette.indices ? palette.indices + (size_t)y * page->width : NULL;
        put_row(t, row, page->pixels + y * page->stride, indices, page->width);
        written = TIFFWriteScanline(t->tiff, row, y, 0) == 1;
    }
    if (!written || TIFFWriteDirectory(t->tiff) != 1)
        return rs_fail(job, RS_FAILED, "a page cannot be written to the TIFF");
    return rs_job_checkpoint(job);
}

rs_status image_tiff_finish(struct rs_job *job, struct image_tiff *t, rs_text *out)
{
    TIFFClose(t->tiff);
    t->tiff = NULL;
    *out = rs_buf_text(&t->file);
    return rs_job_checkpoint(job);
}
