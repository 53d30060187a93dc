#include "report/render/image_write.h"

#include <isa-l.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "report/draw/deflate.h"

#define JPEG_QUALITY 90

/* One row as bytes of red, green, blue, or the other way round. */
static void put_row(uint8_t *to, const uint32_t *from, unsigned width, bool blue_first)
{
    unsigned red = blue_first ? 2 : 0, blue = blue_first ? 0 : 2;

    for (unsigned x = 0; x < width; x++, to += 3) {
        to[red] = (uint8_t)(from[x] >> 16);
        to[1] = (uint8_t)(from[x] >> 8);
        to[blue] = (uint8_t)from[x];
    }
}

/* ---- PNG -------------------------------------------------------------------------------------------- */

static void put_32(uint8_t *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(number >> (24 - 8 * i));
}

static void add_chunk(rs_buf *out, const char *type, rs_text data)
{
    size_t start;
    uint8_t number[4];

    put_32(number, (uint32_t)data.size);
    rs_buf_add(out, rs_text_of((char *)number, 4));
    start = out->used;
    rs_buf_add(out, rs_text_of(type, 4));
    rs_buf_add(out, data);
    put_32(number, crc32_gzip_refl(0, (uint8_t *)out->bytes + start, out->used - start));
    rs_buf_add(out, rs_text_of((char *)number, 4));
}

/* Each row as its difference to the one above: pages are mostly rows that repeat. */
static void filter_rows(const struct raster_page *page, uint8_t *to)
{
    size_t size = (size_t)page->width * 3;

    for (unsigned y = page->height; y-- > 0;) {
        uint8_t *row = to + y * (size + 1);
        row[0] = 2; /* Up */
        put_row(row + 1, page->pixels + y * page->stride, page->width, false);
        if (y + 1 < page->height) /* the row below is there already */
            for (size_t i = 1; i <= size; i++)
                row[size + 1 + i] = (uint8_t)(row[size + 1 + i] - row[i]);
    }
}

rs_status image_write_png(struct rs_job *job, const struct raster_page *page, double dpi_x, double dpi_y, rs_buf *out)
{
    size_t size = ((size_t)page->width * 3 + 1) * page->height;
    uint8_t header[13] = {[8] = 8, [9] = 2}, density[9] = {[8] = 1}; /* 8 bits, RGB; pixels per metre */
    rs_buf packed = rs_buf_in(job);
    void *rows;

    RS_TRY(rs_try_alloc(job, size, 1, &rows));
    filter_rows(page, rows);
    RS_TRY(draw_deflate(job, draw_deflater_create(job), rs_text_of(rows, size), &packed));
    put_32(header, page->width);
    put_32(header + 4, page->height);
    put_32(density, (uint32_t)(dpi_x / 0.0254 + 0.5));
    put_32(density + 4, (uint32_t)(dpi_y / 0.0254 + 0.5));
    rs_buf_add_literal(out, "\x89PNG\r\n\x1a\n");
    add_chunk(out, "IHDR", rs_text_of((char *)header, sizeof header));
    add_chunk(out, "pHYs", rs_text_of((char *)density, sizeof density));
    add_chunk(out, "IDAT", rs_buf_text(&packed));
    add_chunk(out, "IEND", RS_TEXT(""));
    return rs_job_checkpoint(job);
}

/* ---- BMP -------------------------------------------------------------------------------------------- */

static void put_little(uint8_t *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(number >> 8 * i);
}

rs_status image_write_bmp(struct rs_job *job, const struct raster_page *page, double dpi_x, double dpi_y, rs_buf *out)
{
    size_t row = ((size_t)page->width * 3 + 3) / 4 * 4, size = row * page->height;
    uint8_t header[54] = {'B', 'M', [14] = 40, [26] = 1, [28] = 24};
    uint8_t *to;

    put_little(header + 2, (uint32_t)(sizeof header + size));
    put_little(header + 10, sizeof header);
    put_little(header + 18, page->width);
    put_little(header + 22, page->height);
    put_little(header + 34, (uint32_t)size);
    put_little(header + 38, (uint32_t)(dpi_x / 0.0254 + 0.5));
    put_little(header + 42, (uint32_t)(dpi_y / 0.0254 + 0.5));
    rs_buf_add(out, rs_text_of((char *)header, sizeof header));
    to = (uint8_t *)rs_buf_reserve(out, size);
    memset(to, 0, size);
    for (unsigned y = 0; y < page->height; y++) /* from the bottom up */
        put_row(to + (size_t)(page->height - 1 - y) * row, page->pixels + y * page->stride, page->width, true);
    out->used += size;
    return rs_job_checkpoint(job);
}

/* ---- JPEG ------------------------------------------------------------------------------------------- */

struct failing {
    struct jpeg_error_mgr functions; /* first */
    jmp_buf out;
    char message[JMSG_LENGTH_MAX];
};

static void fail(j_common_ptr jpeg)
{
    struct failing *failing = (struct failing *)jpeg->err;

    jpeg->err->format_message(jpeg, failing->message);
    longjmp(failing->out, 1);
}

rs_status image_write_jpeg(struct rs_job *job, const struct raster_page *page, double dpi_x, double dpi_y, rs_buf *out)
{
    struct jpeg_compress_struct jpeg = {0};
    struct failing failing = {0};
    unsigned char *file = NULL;
    unsigned long size = 0;
    uint8_t *row = RS_NEW_ARRAY(job, uint8_t, (size_t)page->width * 3);

    jpeg.err = jpeg_std_error(&failing.functions);
    failing.functions.error_exit = fail;
    if (setjmp(failing.out)) {
        jpeg_destroy_compress(&jpeg);
        free(file);
        return rs_fail(job, RS_FAILED, "the page cannot be written as JPEG: %s", failing.message);
    }
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &file, &size);
    jpeg.image_width = page->width;
    jpeg.image_height = page->height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, JPEG_QUALITY, TRUE);
    jpeg.density_unit = 1;
    jpeg.X_density = (UINT16)(dpi_x + 0.5);
    jpeg.Y_density = (UINT16)(dpi_y + 0.5);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW rows[] = {row};
        put_row(row, page->pixels + jpeg.next_scanline * page->stride, page->width, false);
        jpeg_write_scanlines(&jpeg, rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    rs_buf_add(out, rs_text_of((char *)file, size));
    free(file);
    return rs_job_checkpoint(job);
}
