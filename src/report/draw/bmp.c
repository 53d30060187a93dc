#include "report/draw/image_formats.h"

struct bmp {
    struct rs_job *job;
    rs_text file;
    size_t pixels;           /* where they begin */
    unsigned bits, palette_entry, palette_count;
    size_t palette;
    bool top_down;
    uint32_t masks[4];       /* red, green, blue, alpha; of 16 and 32 bits a pixel */
    bool is_run_length;
    uint8_t *indices;        /* of a picture that was compressed: rows from the bottom up, without gaps */
};

static uint32_t number(const struct bmp *bmp, size_t at, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size && at + i < bmp->file.size; i++)
        value |= (uint32_t)(uint8_t)bmp->file.bytes[at + i] << 8 * i;
    return value;
}

static rs_status read_header(struct bmp *bmp, struct draw_image *out)
{
    uint32_t header = number(bmp, 14, 4), compression = 0, colors = 0;
    int32_t width, height;

    bmp->pixels = number(bmp, 10, 4);
    if (header == 12) {
        width = (int32_t)number(bmp, 18, 2);
        height = (int16_t)number(bmp, 20, 2);
        bmp->bits = number(bmp, 24, 2);
        bmp->palette_entry = 3;
    } else if (header >= 40 && header <= 256) {
        width = (int32_t)number(bmp, 18, 4);
        height = (int32_t)number(bmp, 22, 4);
        bmp->bits = number(bmp, 28, 2);
        compression = number(bmp, 30, 4);
        colors = number(bmp, 46, 4);
        bmp->palette_entry = 4;
        if (number(bmp, 38, 4) > 0 && number(bmp, 42, 4) > 0) {
            out->dpi_x = number(bmp, 38, 4) * 0.0254;
            out->dpi_y = number(bmp, 42, 4) * 0.0254;
        }
    } else {
        return rs_fail(bmp->job, DRAW_IMAGE_UNSUPPORTED, "BMP pictures with a header of %u bytes cannot be drawn", header);
    }
    bmp->top_down = height < 0;
    bmp->palette = 14 + header;
    bmp->palette_count = bmp->bits <= 8 ? (colors && colors <= 256 ? colors : 1u << bmp->bits) : 0;
    if (compression == 3) { /* masks follow the header, or are part of it */
        for (unsigned i = 0; i < 3; i++)
            bmp->masks[i] = number(bmp, 54 + 4 * i, 4);
        bmp->masks[3] = header >= 56 ? number(bmp, 66, 4) : 0;
    } else if ((compression == 1 && bmp->bits == 8) || (compression == 2 && bmp->bits == 4)) {
        bmp->is_run_length = true;
    } else if (compression != 0) {
        return rs_fail(bmp->job, DRAW_IMAGE_UNSUPPORTED, "BMP pictures of compression %u cannot be drawn: save it as PNG", compression);
    } else if (bmp->bits == 16) {
        memcpy(bmp->masks, (uint32_t[]){0x7c00, 0x3e0, 0x1f, 0}, sizeof bmp->masks);
    } else if (bmp->bits == 32) {
        memcpy(bmp->masks, (uint32_t[]){0xff0000, 0xff00, 0xff, 0}, sizeof bmp->masks);
    }
    if (width <= 0 || height == INT32_MIN || (bmp->is_run_length && bmp->top_down) ||
        (bmp->bits != 1 && bmp->bits != 4 && bmp->bits != 8 && bmp->bits != 16 && bmp->bits != 24 && bmp->bits != 32))
        return rs_fail(bmp->job, DRAW_IMAGE_INVALID, "the BMP picture has a damaged header");
    return draw_image_sized(bmp->job, "BMP", (uint64_t)width, (uint64_t)(height < 0 ? -(int64_t)height : height), out);
}

/* Runs of one byte, and bytes as they are; what is left out has index 0, what is outside is dropped. */
static rs_status read_runs(struct bmp *bmp, const struct draw_image *image)
{
    size_t at = bmp->pixels, x = 0, y = 0;
    void *indices;

    RS_TRY(rs_try_alloc(bmp->job, (size_t)image->width * image->height, 1, &indices));
    memset(indices, 0, (size_t)image->width * image->height);
    bmp->indices = indices;
    for (size_t turn = 1; at + 1 < bmp->file.size && y < image->height; turn++) {
        unsigned count = number(bmp, at, 1), value = number(bmp, at + 1, 1), step = bmp->bits == 8 ? 1 : 2;
        bool as_they_are = count == 0 && value > 2;
        at += 2;
        if (count == 0 && value == 0) { /* the end of a row */
            x = 0;
            y++;
        } else if (count == 0 && value == 1) { /* of the picture */
            return RS_OK;
        } else if (count == 0 && value == 2) { /* to the right and up */
            x += number(bmp, at, 1);
            y += number(bmp, at + 1, 1);
            at += 2;
        } else {
            count = as_they_are ? value : count;
            for (unsigned i = 0; i < count && x < image->width; i++) {
                unsigned byte = as_they_are ? number(bmp, at + i / step, 1) : value;
                bmp->indices[y * image->width + x++] = (uint8_t)(step == 1 ? byte : i % 2 ? byte & 15 : byte >> 4);
            }
            if (as_they_are)
                at += ((count + step - 1) / step + 1) / 2 * 2;
        }
        if (turn % 65536 == 0)
            RS_TRY(rs_job_checkpoint(bmp->job));
    }
    return RS_OK;
}

/* The bits of a pixel under `mask`, spread over 0 to 255. */
static uint8_t masked(uint32_t pixel, uint32_t mask)
{
    unsigned shift, bits;

    if (!mask)
        return 0;
    shift = (unsigned)__builtin_ctz(mask);
    bits = (unsigned)__builtin_popcount(mask);
    return (uint8_t)((uint64_t)((pixel & mask) >> shift) * 255 / ((1ull << bits) - 1));
}

/* `row` is where the row begins: in the file, or among the indices of a compressed picture. */
static void read_pixel(const struct bmp *bmp, size_t row, unsigned x, uint8_t *rgb, uint8_t *alpha)
{
    uint32_t pixel;

    *alpha = 255;
    if (bmp->bits <= 8) {
        unsigned per_byte = 8 / bmp->bits;
        size_t at;
        if (bmp->indices)
            pixel = bmp->indices[row + x];
        else
            pixel = number(bmp, row + x / per_byte, 1) >> (per_byte - 1 - x % per_byte) * bmp->bits & ((1u << bmp->bits) - 1);
        at = bmp->palette + (size_t)pixel * bmp->palette_entry;
        for (unsigned c = 0; c < 3; c++)
            rgb[c] = pixel < bmp->palette_count ? (uint8_t)number(bmp, at + 2 - c, 1) : 0;
    } else if (bmp->bits == 24) {
        for (unsigned c = 0; c < 3; c++)
            rgb[c] = (uint8_t)number(bmp, row + (size_t)x * 3 + 2 - c, 1);
    } else {
        pixel = number(bmp, row + (size_t)x * (bmp->bits / 8), bmp->bits / 8);
        for (unsigned c = 0; c < 3; c++)
            rgb[c] = masked(pixel, bmp->masks[c]);
        if (bmp->masks[3])
            *alpha = masked(pixel, bmp->masks[3]);
    }
}

rs_status draw_image_read_bmp(struct rs_job *job, rs_text file, struct draw_image *out)
{
    struct bmp bmp = {.job = job, .file = file};
    size_t stride, count, start;
    void *rgb, *alpha;

    RS_TRY(read_header(&bmp, out));
    stride = bmp.is_run_length ? out->width : ((size_t)out->width * bmp.bits + 31) / 32 * 4;
    if (bmp.is_run_length)
        RS_TRY(read_runs(&bmp, out));
    else if (bmp.pixels > file.size || stride * out->height > file.size - bmp.pixels + 3)
        return rs_fail(job, DRAW_IMAGE_INVALID, "the BMP picture is cut off");
    start = bmp.is_run_length ? 0 : bmp.pixels;
    count = (size_t)out->width * out->height;
    RS_TRY(rs_try_alloc(job, count, 3, &rgb));
    RS_TRY(rs_try_alloc(job, count, 1, &alpha));
    for (unsigned y = 0; y < out->height; y++) {
        size_t row = start + stride * (bmp.top_down ? y : out->height - 1 - y);
        for (unsigned x = 0; x < out->width; x++) {
            size_t at = (size_t)y * out->width + x;
            read_pixel(&bmp, row, x, (uint8_t *)rgb + at * 3, (uint8_t *)alpha + at);
            if (((uint8_t *)alpha)[at] != 255)
                out->alpha = rs_text_of(alpha, count);
        }
        RS_TRY(rs_job_checkpoint(job));
    }
    out->kind = DRAW_IMAGE_PIXELS;
    out->channels = 3;
    out->data = rs_text_of(rgb, count * 3);
    return RS_OK;
}
