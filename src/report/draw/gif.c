#include "report/draw/image_formats.h"

#define CODES_MAX 4096
#define NO_CODE 0xffffu

/* A file read front to back; past its end it gives 0 and `cut_off` is set. */
struct gif {
    struct rs_job *job;
    rs_text file;
    size_t at;
    bool cut_off;
    rs_text palette;        /* in force: of the screen, or of the picture */
    int transparent;        /* index; -1: none */
    uint8_t *rgb, *alpha;   /* of the whole screen */
    unsigned screen_width, screen_height;
    unsigned left, top, width, height; /* of the picture on the screen */
    bool interlaced;
    uint64_t pixel;         /* of the picture, written so far */
};

static unsigned next(struct gif *gif)
{
    if (gif->at >= gif->file.size) {
        gif->cut_off = true;
        return 0;
    }
    return (uint8_t)gif->file.bytes[gif->at++];
}

static unsigned next_16(struct gif *gif)
{
    unsigned low = next(gif);

    return low | next(gif) << 8;
}

static rs_text next_palette(struct gif *gif, unsigned flags)
{
    size_t size = (size_t)3 << ((flags & 7) + 1);
    rs_text palette;

    if (!(flags & 0x80))
        return gif->palette;
    palette = rs_text_slice(gif->file, gif->at, size);
    gif->at += size;
    return palette;
}

/* ---- pixels ----------------------------------------------------------------------------------------- */

/* The row that the `number`th row of an interlaced picture is. */
static unsigned interlaced_row(unsigned number, unsigned height)
{
    static const struct {
        unsigned start, step;
    } passes[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

    for (int i = 0; i < 4; i++) {
        unsigned rows = height > passes[i].start ? (height - passes[i].start + passes[i].step - 1) / passes[i].step : 0;
        if (number < rows)
            return passes[i].start + number * passes[i].step;
        number -= rows;
    }
    return height;
}

static void put_index(struct gif *gif, unsigned index)
{
    unsigned row = (unsigned)(gif->pixel / gif->width), x = gif->left + (unsigned)(gif->pixel % gif->width), y;
    size_t at;

    gif->pixel++;
    if (row >= gif->height)
        return;
    y = gif->top + (gif->interlaced ? interlaced_row(row, gif->height) : row);
    if (x >= gif->screen_width || y >= gif->screen_height || (int)index == gif->transparent)
        return;
    at = (size_t)y * gif->screen_width + x;
    for (unsigned c = 0; c < 3; c++)
        gif->rgb[at * 3 + c] = index * 3 + c < gif->palette.size ? (uint8_t)gif->palette.bytes[index * 3 + c] : 0;
    gif->alpha[at] = 255;
}

/* Codes of 3 to 12 bits, least significant bit first, in blocks that begin with their size. */
struct bits {
    unsigned held, count;   /* bits read but not used */
    unsigned block;         /* bytes left in the block */
};

static unsigned next_code(struct gif *gif, struct bits *bits, unsigned size)
{
    unsigned code;

    while (bits->count < size) {
        if (bits->block == 0)
            bits->block = next(gif);
        if (bits->block == 0 || gif->cut_off)
            return NO_CODE;
        bits->held |= next(gif) << bits->count;
        bits->count += 8;
        bits->block--;
    }
    code = bits->held & ((1u << size) - 1);
    bits->held >>= size;
    bits->count -= size;
    return code;
}

struct lzw {
    uint16_t prefix[CODES_MAX];
    uint8_t last[CODES_MAX];
    uint8_t stack[CODES_MAX];
};

/* The first index that `code` stands for; the rest is put out behind it. */
static unsigned put_code(struct gif *gif, struct lzw *lzw, unsigned code, unsigned clear)
{
    size_t depth = 0;

    while (code > clear && depth < CODES_MAX) {
        lzw->stack[depth++] = lzw->last[code];
        code = lzw->prefix[code];
    }
    put_index(gif, code);
    while (depth)
        put_index(gif, lzw->stack[--depth]);
    return code;
}

static rs_status read_pixels(struct gif *gif)
{
    struct lzw *lzw = RS_NEW(gif->job, struct lzw);
    unsigned least = next(gif), clear, size, used, before = NO_CODE, first = 0;
    uint64_t total = (uint64_t)gif->width * gif->height, codes = 0;
    struct bits bits = {0};

    if (least < 1 || least > 8)
        return rs_fail(gif->job, DRAW_IMAGE_INVALID, "the GIF picture has a damaged code size");
    clear = 1u << least;
    size = least + 1;
    used = clear + 2;
    while (gif->pixel < total) {
        unsigned code = next_code(gif, &bits, size), known;
        if (++codes % 4096 == 0)
            RS_TRY(rs_job_checkpoint(gif->job));
        if (code == NO_CODE || code == clear + 1)
            break;
        if (code == clear) {
            size = least + 1;
            used = clear + 2;
            before = NO_CODE;
            continue;
        }
        if (code > used || (code == used && before == NO_CODE))
            return rs_fail(gif->job, DRAW_IMAGE_INVALID, "the pixels of the GIF picture are damaged");
        known = code == used ? before : code; /* a code used while it is being made: the last one and its first index */
        first = put_code(gif, lzw, known, clear);
        if (code == used)
            put_index(gif, first);
        if (before != NO_CODE && used < CODES_MAX) {
            lzw->prefix[used] = (uint16_t)before;
            lzw->last[used] = (uint8_t)first;
            used++;
            if (used == 1u << size && size < 12)
                size++;
        }
        before = code;
    }
    return RS_OK;
}

/* ---- blocks ----------------------------------------------------------------------------------------- */

static void skip_blocks(struct gif *gif)
{
    unsigned size;

    while ((size = next(gif)) != 0)
        gif->at += size;
}

static void read_extension(struct gif *gif)
{
    unsigned label = next(gif);

    if (label == 0xf9) { /* graphic control */
        unsigned size = next(gif), flags = next(gif), index;
        next_16(gif);
        index = next(gif);
        gif->transparent = flags & 1 ? (int)index : -1;
        gif->at += size > 4 ? size - 4 : 0;
    }
    skip_blocks(gif);
}

static rs_status read_picture(struct gif *gif)
{
    unsigned flags;

    gif->left = next_16(gif);
    gif->top = next_16(gif);
    gif->width = next_16(gif);
    gif->height = next_16(gif);
    flags = next(gif);
    gif->interlaced = flags & 0x40;
    gif->palette = next_palette(gif, flags);
    if (gif->width == 0 || gif->height == 0 || gif->palette.size == 0)
        return rs_fail(gif->job, DRAW_IMAGE_INVALID, "the GIF picture has no pixels or no palette");
    return read_pixels(gif);
}

rs_status draw_image_read_gif(struct rs_job *job, rs_text file, struct draw_image *out)
{
    struct gif gif = {.job = job, .file = file, .at = 6, .transparent = -1};
    size_t count;
    void *rgb, *alpha;
    unsigned flags;

    gif.screen_width = next_16(&gif);
    gif.screen_height = next_16(&gif);
    flags = next(&gif);
    next_16(&gif); /* background, aspect */
    gif.palette = next_palette(&gif, flags);
    RS_TRY(draw_image_sized(job, "GIF", gif.screen_width, gif.screen_height, out));
    count = (size_t)out->width * out->height;
    RS_TRY(rs_try_alloc(job, count, 3, &rgb));
    RS_TRY(rs_try_alloc(job, count, 1, &alpha));
    gif.rgb = rgb;
    gif.alpha = alpha;
    while (!gif.cut_off) {
        unsigned kind = next(&gif);
        RS_TRY(rs_job_checkpoint(job));
        if (kind == 0x21) {
            read_extension(&gif);
            continue;
        }
        if (kind != 0x2c)
            break;
        RS_TRY(read_picture(&gif)); /* the first picture; what an animation does later is not shown */
        out->kind = DRAW_IMAGE_PIXELS;
        out->channels = 3;
        out->data = rs_text_of(rgb, count * 3);
        for (size_t i = 0; i < count; i++)
            if (gif.alpha[i] != 255)
                out->alpha = rs_text_of(alpha, count);
        return RS_OK;
    }
    return rs_fail(job, DRAW_IMAGE_INVALID, "the GIF file holds no picture");
}
