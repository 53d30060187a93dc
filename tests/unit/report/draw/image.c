#include "unit.h"

#include <stdlib.h>

#include "base/file.h"
#include "report/draw/cff.h"
#include "report/draw/image.h"

static struct draw_image load(struct rs_job *job, const char *name)
{
    struct draw_image image;
    rs_text bytes;

    assert_ok(job, rs_file_read(job, rs_text_format(job, "%s/tests/fuzz/corpus/image/%s", getenv("BINDERY_SOURCE"), name),
                                100000, &bytes));
    assert_ok(job, draw_image_read(job, bytes, &image));
    return image;
}

static void assert_pixel(const struct draw_image *image, unsigned x, unsigned y, unsigned rgb)
{
    const uint8_t *at = (const uint8_t *)image->data.bytes + ((size_t)y * image->width + x) * 3;

    assert_int_equal(image->kind, DRAW_IMAGE_PIXELS);
    assert_int_equal((unsigned)(at[0] << 16 | at[1] << 8 | at[2]), rgb);
}

static unsigned alpha(const struct draw_image *image, unsigned x, unsigned y)
{
    return image->alpha.size ? (uint8_t)image->alpha.bytes[(size_t)y * image->width + x] : 255;
}

UNIT_TEST(image_png_rows_are_taken_as_they_are)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct draw_image image = load(job, "rgb.png");

    assert_int_equal(image.kind, DRAW_IMAGE_ROWS);
    assert_int_equal(image.width, 2);
    assert_int_equal(image.channels, 3);
    assert_float_equal(image.dpi_x, 300, 0.01);
    image = load(job, "palette.png");
    assert_int_equal(image.kind, DRAW_IMAGE_ROWS);
    assert_int_equal(image.bits, 2);
    assert_int_equal(image.palette.size, 12);
}

UNIT_TEST(image_png_with_alpha_is_decoded)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct draw_image image = load(job, "rgba.png");

    assert_pixel(&image, 1, 0, 0x00ff00);
    assert_int_equal(alpha(&image, 1, 0), 85);
    image = load(job, "grey-alpha16.png");
    assert_pixel(&image, 0, 0, 0xffffff);
    assert_int_equal(alpha(&image, 1, 1), 255);
    image = load(job, "palette-transparent.png");
    assert_pixel(&image, 1, 0, 0x00ff00);
    assert_int_equal(alpha(&image, 1, 0), 255);
    assert_int_equal(alpha(&image, 0, 0), 128);
}

UNIT_TEST(image_png_filters_and_passes_are_undone)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct draw_image image = load(job, "filters.png");

    assert_pixel(&image, 0, 0, 0x797979);
    assert_pixel(&image, 3, 4, 0x515151);
    assert_int_equal(alpha(&image, 1, 1), 0);
    assert_int_equal(alpha(&image, 2, 1), 255);
    image = load(job, "interlaced.png");
    for (unsigned y = 0; y < 5; y++)
        for (unsigned x = 0; x < 5; x++)
            assert_pixel(&image, x, y, (10 * y + x) * 0x10101);
}

UNIT_TEST(image_gif_is_decoded)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const unsigned colors[4] = {0xff0000, 0x00ff00, 0x0000ff, 0x0a141e};
    struct draw_image image = load(job, "plain.gif");

    assert_pixel(&image, 0, 0, 0xff0000);
    assert_pixel(&image, 2, 1, 0x0a141e);
    image = load(job, "interlaced.gif");
    for (unsigned y = 0; y < 40; y++) {
        for (unsigned x = 0; x < 40; x++) {
            unsigned index = (x * y + x) / 3 % 4;
            assert_int_equal(alpha(&image, x, y), index == 3 ? 0 : 255);
            if (index != 3)
                assert_pixel(&image, x, y, colors[index]);
        }
    }
}

UNIT_TEST(image_bmp_is_decoded)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct draw_image image = load(job, "24.bmp");

    assert_pixel(&image, 0, 0, 0xff0000);
    assert_pixel(&image, 1, 1, 0x0a141e);
    image = load(job, "1.bmp");
    assert_pixel(&image, 0, 0, 0x0000ff);
    assert_pixel(&image, 1, 0, 0x00ff00);
    assert_pixel(&image, 0, 1, 0x00ff00);
    image = load(job, "16.bmp");
    assert_pixel(&image, 0, 0, 0xff0000);
    assert_pixel(&image, 1, 0, 0x0000ff);
    image = load(job, "32-masks.bmp");
    assert_pixel(&image, 0, 0, 0xff0000);
}

/* Rows "rrgb" and "brb?" of red, green and blue; ? is left out and has colour 0, which is red. */
UNIT_TEST(image_bmp_of_runs_is_decoded)
{
    static const char *const names[] = {"runs8.bmp", "runs4.bmp"};
    static const uint32_t rows[2][4] = {{0xff0000, 0xff0000, 0x00ff00, 0x0000ff}, {0x0000ff, 0xff0000, 0x0000ff, 0xff0000}};
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    for (size_t i = 0; i < 2; i++) {
        struct draw_image image = load(job, names[i]);
        assert_int_equal(image.width, 4);
        for (unsigned y = 0; y < 2; y++)
            for (unsigned x = 0; x < 4; x++)
                assert_pixel(&image, x, y, rows[y][x]);
    }
}

UNIT_TEST(image_jpeg_header_is_read)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct draw_image image = load(job, "header.jpg");

    assert_int_equal(image.kind, DRAW_IMAGE_JPEG);
    assert_int_equal(image.width, 6);
    assert_int_equal(image.height, 4);
    assert_float_equal(image.dpi_x, 72, 0.01);
    image = load(job, "cmyk-header.jpg");
    assert_int_equal(image.channels, 4);
    assert_true(image.inverted);
}

UNIT_TEST(image_of_another_kind_is_refused_with_the_reason)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct draw_image image;

    assert_status(draw_image_read(job, RS_TEXT("<svg/>"), &image), DRAW_IMAGE_UNSUPPORTED);
    assert_text(rs_job_message(job), "this is no PNG, JPEG, GIF or BMP picture");
    rs_job_forgive(job);
    assert_status(draw_image_read(job, RS_TEXT("\x89PNG\r\n\x1a\n"), &image), DRAW_IMAGE_INVALID);
    rs_job_forgive(job);
    assert_status(draw_image_read(job, RS_TEXT("\xff\xd8\xff\xc3"), &image), DRAW_IMAGE_INVALID);
}

UNIT_TEST(cff_identifiers_come_from_the_charset)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const char *source = getenv("BINDERY_SOURCE");
    uint16_t identifiers[4];
    rs_text bytes;

    assert_ok(job, rs_file_read(job, rs_text_format(job, "%s/tests/fuzz/corpus/cff/format0.cff", source), 1000, &bytes));
    assert_true(draw_cff_identifiers(bytes, identifiers, 4));
    assert_int_equal(identifiers[0], 0);
    assert_int_equal(identifiers[2], 900);
    assert_false(draw_cff_identifiers(rs_text_slice(bytes, 0, bytes.size - 1), identifiers, 4));
    assert_ok(job, rs_file_read(job, rs_text_format(job, "%s/tests/fuzz/corpus/cff/format2.cff", source), 1000, &bytes));
    assert_true(draw_cff_identifiers(bytes, identifiers, 4));
    assert_int_equal(identifiers[3], 102);
    assert_ok(job, rs_file_read(job, rs_text_format(job, "%s/tests/fuzz/corpus/cff/not-keyed.cff", source), 1000, &bytes));
    assert_false(draw_cff_identifiers(bytes, identifiers, 4));
}
