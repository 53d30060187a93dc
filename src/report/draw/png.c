#include <stdlib.h>

#include "report/draw/deflate.h"
#include "report/draw/image_formats.h"

struct png {
    struct rs_job *job;
    unsigned width, height, bits, color; /* of IHDR */
    bool interlaced;
    rs_text palette, transparent;        /* PLTE, tRNS */
    rs_buf pixels;                       /* IDAT chunks joined */
    double dpi_x, dpi_y;
    bool ended;
};

/* Colour types of PNG. */
enum { GREY = 0, RGB = 2, INDEXED = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };

static uint32_t number_32(const char *bytes)
{
    const uint8_t *b = (const uint8_t *)bytes;

    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static unsigned channels_of(unsigned color)
{
    return color == RGB ? 3 : color == GREY_ALPHA ? 2 : color == RGB_ALPHA ? 4 : 1;
}

static rs_status read_header(struct png *png, rs_text chunk, struct draw_image *out)
{
    static const uint32_t allowed_bits[7] = { /* by colour type: a bit for each depth */
        [GREY] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16, [RGB] = 1u << 8 | 1u << 16,
        [INDEXED] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8, [GREY_ALPHA] = 1u << 8 | 1u << 16, [RGB_ALPHA] = 1u << 8 | 1u << 16,
    };
    const uint8_t *bytes = (const uint8_t *)chunk.bytes;

    if (chunk.size != 13)
        return rs_fail(png->job, DRAW_IMAGE_INVALID, "the PNG picture has a damaged header");
    png->width = number_32(chunk.bytes);
    png->height = number_32(chunk.bytes + 4);
    png->bits = bytes[8];
    png->color = bytes[9];
    png->interlaced = bytes[12] == 1;
    if (png->color > RGB_ALPHA || png->bits > 16 || !(allowed_bits[png->color] & 1u << png->bits) || bytes[10] || bytes[11] ||
        bytes[12] > 1)
        return rs_fail(png->job, DRAW_IMAGE_INVALID, "the PNG picture has an unknown colour type or depth");
    return draw_image_sized(png->job, "PNG", png->width, png->height, out);
}

static void read_density(struct png *png, rs_text chunk)
{
    if (chunk.size != 9 || chunk.bytes[8] != 1 || number_32(chunk.bytes) == 0 || number_32(chunk.bytes + 4) == 0)
        return;
    png->dpi_x = number_32(chunk.bytes) * 0.0254;
    png->dpi_y = number_32(chunk.bytes + 4) * 0.0254;
}

static rs_status read_chunks(struct png *png, rs_text file, struct draw_image *out)
{
    for (size_t at = 8; at + 12 <= file.size && !png->ended;) {
        size_t size = number_32(file.bytes + at);
        rs_text type = rs_text_slice(file, at + 4, 4), chunk;

        if (size > file.size - at - 12)
            break;
        chunk = rs_text_slice(file, at + 8, size);
        if ((at == 8) != rs_text_equal(type, RS_TEXT("IHDR")))
            break;
        if (at == 8)
            RS_TRY(read_header(png, chunk, out));
        else if (rs_text_equal(type, RS_TEXT("PLTE")) && size % 3 == 0 && size <= 768)
            png->palette = chunk;
        else if (rs_text_equal(type, RS_TEXT("tRNS")))
            png->transparent = chunk;
        else if (rs_text_equal(type, RS_TEXT("pHYs")))
            read_density(png, chunk);
        else if (rs_text_equal(type, RS_TEXT("IDAT")))
            rs_buf_add(&png->pixels, chunk);
        else if (rs_text_equal(type, RS_TEXT("IEND")))
            png->ended = true;
        at += 12 + size;
        RS_TRY(rs_job_checkpoint(png->job));
    }
    if (!png->width || !png->pixels.used)
        return rs_fail(png->job, DRAW_IMAGE_INVALID, "the PNG picture is cut off");
    if (png->color == INDEXED && png->palette.size == 0)
        return rs_fail(png->job, DRAW_IMAGE_INVALID, "the PNG picture has no palette");
    return RS_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------- */

/* Adam7: where the pixels of each pass begin and how far they are apart; a picture without it is one pass. */
struct pass {
    unsigned x, y, step_x, step_y;
};

static const struct pass whole = {0, 0, 1, 1};
static const struct pass adam7[7] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                     {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

static unsigned pass_width(const struct png *png, const struct pass *p)
{
    return png->width > p->x ? (png->width - p->x + p->step_x - 1) / p->step_x : 0;
}

static unsigned pass_height(const struct png *png, const struct pass *p)
{
    return png->height > p->y ? (png->height - p->y + p->step_y - 1) / p->step_y : 0;
}

static size_t row_size(const struct png *png, unsigned width)
{
    return ((size_t)width * channels_of(png->color) * png->bits + 7) / 8;
}

/* Bytes of all rows, each with its filter byte in front. */
static size_t filtered_size(const struct png *png)
{
    size_t size = 0, count = png->interlaced ? 7 : 1;

    for (size_t i = 0; i < count; i++) {
        const struct pass *p = png->interlaced ? &adam7[i] : &whole;
        unsigned width = pass_width(png, p);
        if (width)
            size += (row_size(png, width) + 1) * pass_height(png, p);
    }
    return size;
}

static uint8_t paeth(int left, int up, int corner)
{
    int estimate = left + up - corner;
    int a = abs(estimate - left), b = abs(estimate - up), c = abs(estimate - corner);

    return (uint8_t)(a <= b && a <= c ? left : b <= c ? up : corner);
}

/* Undo the filter of `row` in place; `above` is the row before, undone, or NULL. */
static bool unfilter(unsigned filter, uint8_t *row, const uint8_t *above, size_t size, size_t pixel)
{
    for (size_t i = 0; i < size; i++) {
        int left = i >= pixel ? row[i - pixel] : 0, up = above ? above[i] : 0;
        int corner = above && i >= pixel ? above[i - pixel] : 0;

        switch (filter) {
        case 0: return true;
        case 1: row[i] = (uint8_t)(row[i] + left); break;
        case 2: row[i] = (uint8_t)(row[i] + up); break;
        case 3: row[i] = (uint8_t)(row[i] + (left + up) / 2); break;
        case 4: row[i] = (uint8_t)(row[i] + paeth(left, up, corner)); break;
        default: return false;
        }
    }
    return filter <= 4;
}

/* Sample `index` of a row, as it is stored. */
static unsigned sample(const struct png *png, const uint8_t *row, size_t index)
{
    unsigned per_byte;

    if (png->bits == 8)
        return row[index];
    if (png->bits == 16)
        return (unsigned)(row[index * 2] << 8 | row[index * 2 + 1]);
    per_byte = 8 / png->bits;
    return row[index / per_byte] >> (per_byte - 1 - index % per_byte) * png->bits & ((1u << png->bits) - 1);
}

static unsigned to_8_bits(const struct png *png, unsigned value)
{
    return png->bits == 16 ? value >> 8 : value * 255 / ((1u << png->bits) - 1);
}

/* The colour that tRNS declares transparent, per channel; -1 where none. */
static int transparent_sample(const struct png *png, unsigned channel)
{
    const uint8_t *bytes = (const uint8_t *)png->transparent.bytes;

    if (png->transparent.size < (channel + 1) * 2)
        return -1;
    return bytes[channel * 2] << 8 | bytes[channel * 2 + 1];
}

static void put_pixel(const struct png *png, const uint8_t *row, size_t x, uint8_t *rgb, uint8_t *alpha)
{
    unsigned channels = channels_of(png->color), colors = channels > 2 ? 3 : 1;
    bool transparent = true;

    if (png->color == INDEXED) {
        unsigned index = sample(png, row, x);
        for (unsigned c = 0; c < 3; c++)
            rgb[c] = index * 3 + c < png->palette.size ? (uint8_t)png->palette.bytes[index * 3 + c] : 0;
        *alpha = index < png->transparent.size ? (uint8_t)png->transparent.bytes[index] : 255;
        return;
    }
    for (unsigned c = 0; c < 3; c++) {
        unsigned value = sample(png, row, x * channels + (colors == 3 ? c : 0));
        transparent &= (int)value == transparent_sample(png, colors == 3 ? c : 0);
        rgb[c] = (uint8_t)to_8_bits(png, value);
    }
    if (channels == 2 || channels == 4)
        *alpha = (uint8_t)to_8_bits(png, sample(png, row, x * channels + channels - 1));
    else
        *alpha = transparent ? 0 : 255;
}

static rs_status expand(struct png *png, uint8_t *filtered, uint8_t *rgb, uint8_t *alpha)
{
    size_t pixel = (channels_of(png->color) * png->bits + 7) / 8, count = png->interlaced ? 7 : 1;

    for (size_t i = 0; i < count; i++) {
        const struct pass *p = png->interlaced ? &adam7[i] : &whole;
        unsigned width = pass_width(png, p), height = width ? pass_height(png, p) : 0;
        size_t size = row_size(png, width);
        const uint8_t *above = NULL;

        for (unsigned y = 0; y < height; y++) {
            uint8_t *row = filtered + 1;
            if (!unfilter(filtered[0], row, above, size, pixel))
                return rs_fail(png->job, DRAW_IMAGE_INVALID, "the PNG picture has an unknown filter in a row");
            for (unsigned x = 0; x < width; x++) {
                size_t at = (size_t)(p->y + y * p->step_y) * png->width + p->x + x * p->step_x;
                put_pixel(png, row, x, rgb + at * 3, alpha + at);
            }
            above = row;
            filtered += size + 1;
            RS_TRY(rs_job_checkpoint(png->job));
        }
    }
    return RS_OK;
}

static rs_status decode(struct png *png, uint8_t *filtered, struct draw_image *out)
{
    size_t count = (size_t)png->width * png->height;
    void *rgb, *alpha;

    RS_TRY(rs_try_alloc(png->job, count, 3, &rgb));
    RS_TRY(rs_try_alloc(png->job, count, 1, &alpha));
    RS_TRY(expand(png, filtered, rgb, alpha));
    out->kind = DRAW_IMAGE_PIXELS;
    out->channels = 3;
    out->bits = 8;
    out->data = rs_text_of(rgb, count * 3);
    for (size_t i = 0; i < count; i++)
        if (((uint8_t *)alpha)[i] != 255)
            out->alpha = rs_text_of(alpha, count);
    return RS_OK;
}

rs_status draw_image_read_png(struct rs_job *job, rs_text file, struct draw_image *out)
{
    struct png png = {.job = job, .pixels = rs_buf_in(job), .dpi_x = 96, .dpi_y = 96};
    size_t size;
    void *filtered;

    RS_TRY(read_chunks(&png, file, out));
    size = filtered_size(&png);
    RS_TRY(rs_try_alloc(job, size, 1, &filtered));
    if (!draw_inflate(rs_buf_text(&png.pixels), filtered, size))
        return rs_fail(job, DRAW_IMAGE_INVALID, "the pixels of the PNG picture are damaged or cut off");
    out->dpi_x = png.dpi_x;
    out->dpi_y = png.dpi_y;
    if (png.interlaced || png.transparent.size || channels_of(png.color) % 2 == 0)
        return decode(&png, filtered, out);
    out->kind = DRAW_IMAGE_ROWS;
    out->channels = channels_of(png.color);
    out->bits = png.bits;
    out->data = rs_buf_text(&png.pixels);
    if (png.color == INDEXED)
        out->palette = rs_text_copy(job, png.palette);
    return RS_OK;
}

rs_status draw_image_decode_rows(struct rs_job *job, const struct draw_image *image, struct draw_image *out)
{
    struct png png = {.job = job, .width = image->width, .height = image->height, .bits = image->bits,
                      .color = image->palette.size ? INDEXED : image->channels == 3 ? RGB : GREY, .palette = image->palette};
    size_t size = filtered_size(&png);
    void *filtered;

    RS_TRY(rs_try_alloc(job, size, 1, &filtered));
    if (!draw_inflate(image->data, filtered, size))
        return rs_fail(job, DRAW_IMAGE_INVALID, "the pixels of the PNG picture are damaged or cut off");
    *out = *image;
    return decode(&png, filtered, out);
}
