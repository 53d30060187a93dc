#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "report/draw/borders.h"
#include "report/draw/deflate.h"
#include "report/draw/image.h"
#include "report/draw/pdf.h"

static rs_status gather(struct rs_job *job, void *data, rs_text bytes)
{
    rs_buf_add(data, bytes);
    return rs_job_checkpoint(job);
}

struct fixture {
    struct rs_job *job;
    rs_buf bytes;
    struct draw_device *device;
    const struct draw_functions *draw;
    struct text_block block;
};

static void setup(struct fixture *f, struct rs_job *job, bool human_readable)
{
    struct pdf_options options = {.human_readable = human_readable};
    struct draw_sink sink = {&f->bytes, gather};

    memset(f, 0, sizeof *f);
    f->job = job;
    f->bytes = rs_buf_in(job);
    assert_ok(job, pdf_create(job, &options, &sink, &f->device));
    f->draw = f->device->functions;
}

static rs_status text_at(struct fixture *f, const char *family, const char *text, double x, double y, enum draw_turn turn)
{
    struct text_run run = {.text = rs_text_from(text), .style = {.size_pt = 10}};
    struct text_paragraph paragraph = {.runs = &run, .run_count = 1};
    struct text_frame frame = {.width_pt = 300};

    RS_TRY(text_font_find(f->job, rs_text_from(family), 400, false, &run.style.font));
    RS_TRY(text_block_layout(f->job, &frame, &paragraph, 1, &f->block));
    return draw_block(f->job, f->device, &f->block, 0, SIZE_MAX, x, y, turn);
}

/* A document of everything: returns the first failure. */
static rs_status draw_all(struct fixture *f, size_t pages)
{
    struct draw_document document = {.title = RS_TEXT("Pr\u00fcfung"), .author = RS_TEXT("A (b) \\ c"), .created_utc_ms = 1700000000000};
    static uint8_t pixels[12] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9}, alpha[4] = {255, 128, 0, 255};
    struct draw_image image = {.kind = DRAW_IMAGE_PIXELS, .width = 2, .height = 2, .channels = 3, .bits = 8,
                               .data = {(const char *)pixels, 12}, .alpha = {(const char *)alpha, 4}, .hash = 1};

    RS_TRY(f->draw->begin(f->job, f->device, &document));
    for (size_t i = 0; i < pages; i++) {
        struct draw_box box = {10, 10, 100, 50};
        struct draw_pen pen = {.style = (enum draw_line_style)(i % 7), .width_pt = 1.5, .color = 0xff336699};

        RS_TRY(rs_job_checkpoint(f->job));
        RS_TRY(f->draw->page_begin(f->job, f->device, 612, 792));
        RS_TRY(f->draw->outline(f->job, f->device, i % 3, RS_TEXT("Entry"), 20));
        RS_TRY(f->draw->fill(f->job, f->device, &box, i % 2 ? 0xffd3d3d3 : 0x80ff0000));
        RS_TRY(draw_frame(f->job, f->device, &box, &pen, &pen, &pen, &pen));
        RS_TRY(text_at(f, "Arial", "Total (100%) \\ of page", 20, 20, DRAW_UPRIGHT));
        RS_TRY(text_at(f, "Times New Roman", "\u00c1rv\u00edzt\u0171r\u0151 t\u00fck\u00f6rf\u00far\u00f3g\u00e9p \u20ac", 20, 60, DRAW_UPRIGHT));
        RS_TRY(text_at(f, "Arial", "Turned", 300, 100, DRAW_CLOCKWISE));
        RS_TRY(text_at(f, "Arial", "\u05e9\u05dc\u05d5\u05dd cafe\u0301", 20, 100, DRAW_UPRIGHT));
        RS_TRY(f->draw->clip_begin(f->job, f->device, &box));
        RS_TRY(f->draw->image(f->job, f->device, &box, &image));
        RS_TRY(f->draw->clip_end(f->job, f->device));
        RS_TRY(f->draw->link(f->job, f->device, &box, RS_TEXT("https://example.org/a(b)")));
        RS_TRY(f->draw->link(f->job, f->device, &box, RS_TEXT("#last (page)")));
        if (i + 2 >= pages)
            RS_TRY(f->draw->bookmark(f->job, f->device, i + 1 == pages ? RS_TEXT("last (page)") : RS_TEXT("twice"), 10, 20));
        RS_TRY(f->draw->bookmark(f->job, f->device, RS_TEXT("twice"), 30, 40));
        RS_TRY(f->draw->page_end(f->job, f->device, true));
    }
    for (size_t i = 0; i < pages; i++) {
        rs_text text = rs_text_format(f->job, "Page %zu of %zu", i + 1, pages);
        RS_TRY(f->draw->page_again(f->job, f->device, i));
        RS_TRY(text_at(f, "Arial", text.bytes, 400, 20, DRAW_UPRIGHT));
        RS_TRY(f->draw->page_end(f->job, f->device, false));
    }
    return f->draw->finish(f->job, f->device);
}

/* What a command prints about the document; fails the test where the command fails. */
static rs_text ask(struct fixture *f, const char *command)
{
    char path[] = "/tmp/unit-pdf-XXXXXX";
    RS_OWNED_FD fd = mkstemp(path);
    rs_buf said = rs_buf_in(f->job);
    FILE *pipe;
    int c;

    assert_ok(f->job, rs_write_all(f->job, fd, rs_buf_text(&f->bytes)));
    pipe = popen(rs_text_format(f->job, command, path).bytes, "r");
    assert_non_null(pipe);
    while ((c = fgetc(pipe)) != EOF)
        rs_buf_add_byte(&said, (char)c);
    unlink(path);
    if (pclose(pipe) != 0)
        fail_msg("%s: %.*s", command, RS_TEXT_ARG(rs_buf_text(&said)));
    return rs_buf_text(&said);
}

UNIT_TEST(pdf_is_sound_and_its_text_can_be_read_back)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;
    rs_text text;

    setup(&f, job, false);
    assert_ok(job, draw_all(&f, 70));
    assert_true(rs_text_find(ask(&f, "qpdf --check %s 2>&1"), RS_TEXT("No syntax or stream encoding errors")) >= 0);
    text = ask(&f, "pdftotext -l 1 %s -");
    assert_true(rs_text_find(text, RS_TEXT("Total (100%) \\ of page")) >= 0);
    assert_true(rs_text_find(text, RS_TEXT("\u00c1rv\u00edzt\u0171r\u0151 t\u00fck\u00f6rf\u00far\u00f3g\u00e9p \u20ac")) >= 0);
    assert_true(rs_text_find(text, RS_TEXT("\u05e9\u05dc\u05d5\u05dd")) >= 0);
    assert_true(rs_text_find(text, RS_TEXT("Page 1 of 70")) >= 0);
    text = ask(&f, "pdfinfo %s");
    assert_true(rs_text_find(text, RS_TEXT("Pr\u00fcfung")) >= 0);
    assert_true(rs_text_find(text, RS_TEXT("A (b) \\ c")) >= 0);
    assert_true(rs_text_find(text, RS_TEXT("Pages:           70")) >= 0);
    text = ask(&f, "pdffonts %s");
    assert_true(rs_text_find(text, RS_TEXT("LiberationSans")) >= 0);
    assert_true(rs_text_find(text, RS_TEXT("yes yes yes")) >= 0);
}

/* A pixel of the first page as poppler draws it at 72 to the inch: 0xRRGGBB. */
static uint32_t pixel(struct fixture *f, unsigned x, unsigned y)
{
    rs_text text = ask(f, rs_text_format(f->job, "pdftoppm -r 72 -x %u -y %u -W 1 -H 1 -l 1 %%s", x, y).bytes);

    assert_true(text.size >= 3);
    return (uint32_t)(uint8_t)text.bytes[text.size - 3] << 16 | (uint32_t)(uint8_t)text.bytes[text.size - 2] << 8 |
           (uint8_t)text.bytes[text.size - 1];
}

UNIT_TEST(pdf_gradients_are_drawn_by_readers)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct draw_gradient down = {.from = 0xff0000ff, .to = 0xff00ff00, .y2 = 1};
    struct draw_gradient back = {.from = 0xff000000, .to = 0xffffffff, .x2 = 1, .and_back = true};
    struct draw_gradient around = {.from = 0xffff0000, .to = 0xff000000, .around = true};
    struct fixture f;

    setup(&f, job, true);
    assert_ok(job, f.draw->begin(job, f.device, &(struct draw_document){0}));
    assert_ok(job, f.draw->page_begin(job, f.device, 200, 100));
    assert_ok(job, f.draw->gradient(job, f.device, &(struct draw_box){10, 10, 20, 40}, &down));
    assert_ok(job, f.draw->gradient(job, f.device, &(struct draw_box){110, 10, 20, 40}, &down));
    assert_ok(job, f.draw->gradient(job, f.device, &(struct draw_box){40, 10, 20, 40}, &back));
    assert_ok(job, f.draw->gradient(job, f.device, &(struct draw_box){70, 10, 20, 40}, &around));
    assert_ok(job, f.draw->page_end(job, f.device, false));
    assert_ok(job, f.draw->finish(job, f.device));
    assert_true(rs_text_find(ask(&f, "qpdf --check %s 2>&1"), RS_TEXT("No syntax or stream encoding errors")) >= 0);
    assert_true((pixel(&f, 20, 11) & 0xff) > 224);
    assert_true((pixel(&f, 20, 48) >> 8 & 0xff) > 224);
    assert_true((pixel(&f, 120, 11) & 0xff) > 224); /* the same gradient in another place */
    assert_true((pixel(&f, 50, 30) & 0xff) > 200);
    assert_true((pixel(&f, 41, 30) & 0xff) < 60 && (pixel(&f, 58, 30) & 0xff) < 60);
    assert_true(pixel(&f, 80, 30) >> 16 > 224 && pixel(&f, 71, 11) >> 16 < 60);
    assert_int_equal(pixel(&f, 35, 30), 0xffffff);
    assert_true(rs_text_find(rs_buf_text(&f.bytes), RS_TEXT("/H2 ")) >= 0);
    assert_true(rs_text_find(rs_buf_text(&f.bytes), RS_TEXT("/H3 ")) < 0);
}

/* A name stands once in the tree of names, and leads to the first place that had it. */
UNIT_TEST(pdf_links_lead_to_bookmarks)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;
    rs_text text;

    setup(&f, job, true);
    assert_ok(job, draw_all(&f, 3));
    text = rs_buf_text(&f.bytes);
    assert_true(rs_text_find(text, RS_TEXT("/Dest(last \\(page\\))")) >= 0);
    assert_true(rs_text_find(text, RS_TEXT("/Names[(last \\(page\\))[")) >= 0);
    assert_true(rs_text_find(text, RS_TEXT("/XYZ 10 772 null](twice)[")) >= 0);
    assert_true(rs_text_find(text, RS_TEXT("/XYZ 30 752 null]]>>")) >= 0);
}

/* Characters of China, Japan and Korea come from CFF fonts whose glyph numbers are larger than any code. */
UNIT_TEST(pdf_text_of_a_large_font_can_be_read_back_by_every_reader)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, false);
    assert_ok(job, f.draw->begin(job, f.device, &(struct draw_document){.title = RS_TEXT("Paper")}));
    assert_ok(job, f.draw->page_begin(job, f.device, 612, 792));
    assert_ok(job, text_at(&f, "Arial", "\u548c\u7d19 Kozo \u6771\u4eac", 20, 20, DRAW_UPRIGHT));
    assert_ok(job, f.draw->page_end(job, f.device, false));
    assert_ok(job, f.draw->finish(job, f.device));
    assert_true(rs_text_find(ask(&f, "pdftotext %s -"), RS_TEXT("\u548c\u7d19 Kozo \u6771\u4eac")) >= 0);
    assert_true(rs_text_find(ask(&f, "mutool draw -q -F txt %s 2>&1"), RS_TEXT("\u548c\u7d19 Kozo \u6771\u4eac")) >= 0);
}

UNIT_TEST(pdf_of_the_same_drawing_has_the_same_bytes)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture first, second;

    setup(&first, job, false);
    assert_ok(job, draw_all(&first, 3));
    setup(&second, job, false);
    assert_ok(job, draw_all(&second, 3));
    assert_true(rs_text_equal(rs_buf_text(&first.bytes), rs_buf_text(&second.bytes)));
}

UNIT_TEST(pdf_for_people_shows_its_operators)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, true);
    assert_ok(job, draw_all(&f, 1));
    assert_true(rs_text_find(rs_buf_text(&f.bytes), RS_TEXT("(Turned)Tj")) >= 0);
}

UNIT_TEST(pdf_stops_at_every_checkpoint)
{
    uint64_t checkpoints = 1;

    for (uint64_t stop = 0; stop <= checkpoints; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct fixture f;

        setup(&f, job, false);
        if (stop)
            rs_job_stop_at(job, stop);
        assert_status(draw_all(&f, 5), stop ? RS_CANCELLED : RS_OK);
        if (!stop)
            checkpoints = rs_job_checkpoints(job);
        assert_true(checkpoints > 5);
    }
}

UNIT_TEST(pdf_without_pages_is_refused)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, false);
    assert_status(draw_all(&f, 0), RS_INVALID);
}

/* Sixteen compressors, at sixteen addresses, are given pages whose first bytes come again. */
UNIT_TEST(draw_deflate_packs_the_same_bytes_wherever_the_compressor_lies)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct draw_deflater *deflaters[16];

    for (size_t i = 0; i < 16; i++)
        deflaters[i] = draw_deflater_create(job);
    for (unsigned page = 0; page < 400; page++) {
        rs_text bytes = page % 2 ? rs_text_format(job, "q%03u 88 472 587.2 re W n\nBT\n/F1 8 Tf\n(Total)Tj\nET\nQ\n%03u 20 m 5 6 l S\nQ\n", page, page)
                                 : rs_text_format(job, "q\n.%03u .%03u .%03u rg\n", page, page, page); /* a short one */
        rs_buf first = rs_buf_in(job), other = rs_buf_in(job);
        assert_ok(job, draw_deflate(job, deflaters[0], bytes, &first));
        for (size_t i = 1; i < 16; i++) {
            assert_ok(job, draw_deflate(job, deflaters[i], bytes, &other));
            assert_true(rs_text_equal(rs_buf_text(&first), rs_buf_text(&other)));
        }
    }
}

UNIT_TEST(draw_deflate_and_inflate_are_inverse)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct draw_deflater *deflater = draw_deflater_create(job);
    static const size_t sizes[] = {0, 1, 100, 70000, 3000000};
    rs_buf out = rs_buf_in(job);

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *bytes = rs_alloc(job, sizes[i] + 1), *back = rs_alloc(job, sizes[i] + 1);
        uint32_t seed = 1;
        for (size_t k = 0; k < sizes[i]; k++) { /* half noise, half text: stored and compressed blocks */
            seed = seed * 1664525 + 1013904223;
            bytes[k] = k % 2000 < 1000 ? (uint8_t)(seed >> 24) : (uint8_t)('a' + k % 7);
        }
        assert_ok(job, draw_deflate(job, deflater, rs_text_of((char *)bytes, sizes[i]), &out));
        assert_true(draw_inflate(rs_buf_text(&out), back, sizes[i]));
        assert_memory_equal(bytes, back, sizes[i]);
        assert_false(draw_inflate(rs_buf_text(&out), back, sizes[i] + 1));
        if (sizes[i])
            assert_false(draw_inflate(rs_buf_text(&out), back, sizes[i] - 1));
        assert_false(draw_inflate(rs_text_slice(rs_buf_text(&out), 0, out.used / 2), back, sizes[i]));
    }
}
