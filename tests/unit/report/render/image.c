/* What the device information of IMAGE changes; where pixels fall is tested with the device that draws them. */
#include "unit.h"

#include <stdlib.h>

#include "rendering.h"
#include "report/draw/image.h"
#include "report/render/image_palette.h"
#include "report/render/image_write.h"

/* Three pages of 2 by 1 inches, black boxes at their tops; the footer names the total. */
static const char three_pages[] =
    "<Report xmlns='http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition'><ReportSections><ReportSection>"
    "<Body><ReportItems>"
    "<Rectangle Name='A'><Top>0in</Top><Height>0.25in</Height><Width>1in</Width><Style><BackgroundColor>Black</BackgroundColor></Style></Rectangle>"
    "<Rectangle Name='B'><Top>1in</Top><Height>0.25in</Height><Width>1in</Width><Style><BackgroundColor>Red</BackgroundColor></Style></Rectangle>"
    "<Rectangle Name='C'><Top>2in</Top><Height>0.25in</Height><Width>1in</Width><Style><BackgroundColor>Blue</BackgroundColor></Style></Rectangle>"
    "</ReportItems><Height>2.25in</Height></Body><Width>2in</Width><Page><PageFooter><Height>0.2in</Height><ReportItems>"
    "<Textbox Name='N'><Paragraphs><Paragraph><TextRuns><TextRun><Value>=Globals!TotalPages</Value></TextRun></TextRuns></Paragraph>"
    "</Paragraphs><Height>0.2in</Height><Width>1in</Width></Textbox></ReportItems></PageFooter><PageHeight>1.2in</PageHeight>"
    "<PageWidth>2in</PageWidth></Page></ReportSection></ReportSections></Report>";

static rs_text image(struct rs_job *job, const char *settings)
{
    rs_text out;

    assert_ok(job, rendering(job, "IMAGE", three_pages, settings, &out));
    return out;
}

static uint32_t big(rs_text file, size_t at)
{
    const uint8_t *b = (const uint8_t *)file.bytes + at;

    assert_true(at + 4 <= file.size);
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint32_t little(rs_text file, size_t at, size_t size)
{
    uint32_t number = 0;

    assert_true(at + size <= file.size);
    for (size_t i = 0; i < size; i++)
        number |= (uint32_t)(uint8_t)file.bytes[at + i] << 8 * i;
    return number;
}

UNIT_TEST(image_png_has_the_size_and_resolution_that_is_asked_for)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text file = image(job, "OutputFormat=png&DpiX=200&DpiY=100");

    assert_true(rs_text_starts(file, RS_TEXT("\x89PNG\r\n\x1a\n")));
    assert_int_equal(big(file, 16), 400);
    assert_int_equal(big(file, 20), 120);
    ptrdiff_t density = rs_text_find(file, RS_TEXT("pHYs"));
    assert_true(density > 0);
    assert_int_equal(big(file, (size_t)density + 4), 7874);
    assert_int_equal(big(file, (size_t)density + 8), 3937);
}

UNIT_TEST(image_of_one_page_is_the_start_page)
{
    static const struct {
        const char *settings;
        uint32_t color; /* of the box at the top left */
    } pages[] = {{"OutputFormat=BMP", 0x000000}, {"OutputFormat=BMP&StartPage=2", 0xff0000}, {"OutputFormat=BMP&StartPage=3&EndPage=3", 0x0000ff}};

    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_text file = image(job, pages[i].settings);
        size_t row = 192 * 3, rows = little(file, 22, 4);
        assert_text(rs_text_slice(file, 0, 2), "BM");
        assert_int_equal(little(file, 18, 4), 192);
        assert_int_equal(rows, 115);
        assert_int_equal(file.size, 54 + row * rows);
        assert_int_equal(little(file, 54 + row * (rows - 5) + 30, 3), pages[i].color);
    }
}

/* Offsets of the directories, one after the other. */
static unsigned count_pages(rs_text file, uint32_t *last)
{
    unsigned count = 0;

    assert_true(rs_text_starts(file, RS_TEXT("II*")));
    for (uint32_t at = little(file, 4, 4); at; at = little(file, at + 2 + little(file, at, 2) * 12, 4)) {
        *last = at;
        assert_true(++count < 100);
    }
    return count;
}

/* The value of a tag that is kept in its entry. */
static uint32_t tag(rs_text file, uint32_t directory, uint32_t number)
{
    for (uint32_t i = 0; i < little(file, directory, 2); i++)
        if (little(file, directory + 2 + i * 12, 2) == number)
            return little(file, directory + 2 + i * 12 + 8, little(file, directory + 2 + i * 12 + 2, 2) == 3 ? 2 : 4);
    fail_msg("no tag %u", number);
    return 0;
}

UNIT_TEST(image_tiff_has_all_pages)
{
    static const struct {
        const char *settings;
        unsigned pages, bits, samples, compression;
    } cases[] = {{"", 3, 0, 3, 5}, {"ColorDepth=1", 3, 1, 1, 4}, {"ColorDepth=8&StartPage=2", 1, 8, 1, 5}, {"ColorDepth=4", 3, 4, 1, 5},
                 {"ColorDepth=32&StartPage=2&EndPage=3", 2, 0, 4, 5}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_text file = image(job, cases[i].settings);
        uint32_t last = 0;
        assert_int_equal(count_pages(file, &last), cases[i].pages);
        assert_int_equal(tag(file, last, 256), 192);
        assert_int_equal(tag(file, last, 257), 115);
        assert_int_equal(tag(file, last, 277), cases[i].samples);
        assert_int_equal(tag(file, last, 259), cases[i].compression);
        if (cases[i].bits) /* of several samples they stand elsewhere */
            assert_int_equal(tag(file, last, 258), cases[i].bits);
    }
}

UNIT_TEST(image_gif_shows_what_the_bmp_does)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct draw_image gif, bmp, few;

    assert_ok(job, draw_image_read(job, image(job, "OutputFormat=GIF&DpiX=200&DpiY=200"), &gif));
    assert_ok(job, draw_image_read(job, image(job, "OutputFormat=BMP&DpiX=200&DpiY=200"), &bmp));
    assert_ok(job, draw_image_decode(job, &gif, &few));
    assert_int_equal(few.width, bmp.width);
    assert_int_equal(few.height, bmp.height);
    assert_true(rs_text_equal(few.data, bmp.data)); /* it has no more than 256 colours */
}

/* A page of so many colours that some must go, drawn straight through the writer. */
UNIT_TEST(image_gif_takes_near_colours_where_there_are_too_many)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    enum { SIDE = 200 };
    uint32_t *pixels = RS_NEW_ARRAY(job, uint32_t, SIDE * SIDE);
    struct raster_page page = {.width = SIDE, .height = SIDE, .pixels = pixels, .stride = SIDE};
    struct draw_image gif, few;
    rs_buf file = rs_buf_in(job);
    unsigned long long off = 0;

    for (uint32_t i = 0; i < SIDE * SIDE; i++)
        pixels[i] = (i % SIDE) << 16 | (i / SIDE) << 8 | (i * 7919u & 0x3f);
    assert_ok(job, image_write_gif(job, &page, 96, 96, &file));
    assert_ok(job, draw_image_read(job, rs_buf_text(&file), &gif));
    assert_ok(job, draw_image_decode(job, &gif, &few));
    assert_int_equal(few.width, SIDE);
    for (size_t i = 0; i < SIDE * SIDE; i++)
        for (unsigned c = 0; c < 3; c++)
            off += (unsigned)abs((int)(uint8_t)few.data.bytes[i * 3 + c] - (int)(pixels[i] >> (16 - 8 * c) & 0xff));
    assert_true(off / (SIDE * SIDE * 3) < 16);
}

/* What is rare but unlike everything else stays: black on a page of many shades. */
UNIT_TEST(image_of_few_colours_keeps_what_would_be_missed)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    enum { SIDE = 200 };
    uint32_t *pixels = RS_NEW_ARRAY(job, uint32_t, SIDE * SIDE);
    struct raster_page page = {.width = SIDE, .height = SIDE, .pixels = pixels, .stride = SIDE};
    struct image_palette palette;

    for (uint32_t i = 0; i < SIDE * SIDE; i++)
        pixels[i] = i % 100 == 0 ? 0 : 0xff0000 | (55 + i % SIDE) << 8 | (55 + i / SIDE);
    assert_ok(job, image_palette_make(job, &page, 16, &palette));
    assert_int_equal(palette.count, 16);
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        assert_in_range(palette.indices[i], 0, 15);
        if (i % 100 == 0)
            assert_int_equal(palette.colors[palette.indices[i]], 0);
        else
            assert_true(palette.colors[palette.indices[i]] >> 16 == 0xff);
    }
}

UNIT_TEST(image_jpeg_is_one)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text file = image(job, "OutputFormat=JPEG");

    assert_true(rs_text_starts(file, RS_TEXT("\xff\xd8\xff")) && rs_text_ends(file, RS_TEXT("\xff\xd9")));
}

UNIT_TEST(image_says_what_it_cannot_write)
{
    static const struct {
        const char *settings, *message;
    } cases[] = {
        {"OutputFormat=EMF", "OutputFormat \"EMF\" cannot be written; there are TIFF, PNG, JPEG, BMP and GIF"},
        {"ColorDepth=5", "ColorDepth is 5; it may be 1, 4, 8, 24 or 32"},
        {"DpiX=5", "DpiX"},
        {"OutputFormat=PNG&StartPage=9", "there are no pages in the range"},
        {"DpiX=2400&DpiY=2400&PageWidth=100in", "ask for a lower resolution"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_text out;
        assert_int_not_equal(rendering(job, "IMAGE", three_pages, cases[i].settings, &out), RS_OK);
        if (rs_text_find(rs_job_message(job), rs_text_from(cases[i].message)) < 0)
            fail_msg("%.*s", RS_TEXT_ARG(rs_job_message(job)));
    }
}
