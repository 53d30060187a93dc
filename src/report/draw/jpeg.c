/* JPEG pictures as pixels. The library leaves a damaged file by a jump: nothing but its own memory is in its way. */
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

#include "report/draw/image_formats.h"

#define SCANS_MAX 100 /* of a progressive picture: each costs a pass over all of it */

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

static void keep_quiet(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void watch(j_common_ptr jpeg)
{
    struct failing *failing = (struct failing *)jpeg->err;

    if (((j_decompress_ptr)jpeg)->input_scan_number <= SCANS_MAX)
        return;
    snprintf(failing->message, sizeof failing->message, "it has more than %d scans", SCANS_MAX);
    longjmp(failing->out, 1);
}

/* Ink of four colours on white. */
static void to_rgb(uint8_t *row, const uint8_t *inks, unsigned width, bool inverted)
{
    for (unsigned x = 0; x < width; x++)
        for (unsigned c = 0; c < 3; c++) {
            unsigned ink = inks[x * 4 + c], black = inks[x * 4 + 3];
            row[x * 3 + c] = (uint8_t)(inverted ? ink * black / 255 : (255 - ink) * (255 - black) / 255);
        }
}

rs_status draw_image_decode_jpeg(struct rs_job *job, const struct draw_image *image, struct draw_image *out)
{
    struct jpeg_decompress_struct jpeg = {0};
    struct jpeg_progress_mgr progress = {.progress_monitor = watch};
    struct failing failing = {0};
    size_t count = (size_t)image->width * image->height;
    void *pixels, *inks;

    RS_TRY(rs_try_alloc(job, count, 3, &pixels));
    RS_TRY(rs_try_alloc(job, image->width, 4, &inks));
    jpeg.err = jpeg_std_error(&failing.functions);
    failing.functions.error_exit = fail;
    failing.functions.output_message = keep_quiet;
    if (setjmp(failing.out)) {
        jpeg_destroy_decompress(&jpeg);
        return rs_fail(job, DRAW_IMAGE_INVALID, "the JPEG picture is damaged: %s", failing.message);
    }
    jpeg_create_decompress(&jpeg);
    jpeg.progress = &progress;
    jpeg_mem_src(&jpeg, (const unsigned char *)image->data.bytes, image->data.size);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = jpeg.num_components == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&jpeg);
    if (jpeg.output_width == image->width && jpeg.output_height == image->height)
        while (jpeg.output_scanline < jpeg.output_height) {
            uint8_t *row = (uint8_t *)pixels + (size_t)jpeg.output_scanline * image->width * 3;
            JSAMPROW to = jpeg.num_components == 4 ? inks : row;
            jpeg_read_scanlines(&jpeg, &to, 1);
            if (jpeg.num_components == 4)
                to_rgb(row, inks, image->width, image->inverted);
        }
    jpeg_destroy_decompress(&jpeg);
    *out = *image;
    out->kind = DRAW_IMAGE_PIXELS;
    out->channels = 3;
    out->bits = 8;
    out->data = rs_text_of(pixels, count * 3);
    return rs_job_checkpoint(job);
}
