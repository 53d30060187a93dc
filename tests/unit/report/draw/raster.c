/* Pixels: where shapes, text and pictures fall. */
#include "unit.h"

#include "report/draw/image.h"
#include "report/draw/raster.h"

struct shot {
    struct rs_job *job;
    uint32_t *pixels;
    unsigned width, height;
    int pages;
};

static rs_status take(struct rs_job *job, void *data, const struct raster_page *page)
{
    struct shot *shot = data;

    (void)job;
    shot->pages++;
    shot->width = page->width;
    shot->height = page->height;
    shot->pixels = RS_NEW_ARRAY(shot->job, uint32_t, (size_t)page->width * page->height);
    for (unsigned y = 0; y < page->height; y++)
        memcpy(shot->pixels + (size_t)y * page->width, page->pixels + y * page->stride, page->width * sizeof(uint32_t));
    return RS_OK;
}

static uint32_t at(const struct shot *shot, unsigned x, unsigned y)
{
    assert_true(x < shot->width && y < shot->height);
    return shot->pixels[(size_t)y * shot->width + x] & 0xffffff;
}

/* How many pixels of a box are darker than half. */
static unsigned dark(const struct shot *shot, unsigned x1, unsigned y1, unsigned x2, unsigned y2)
{
    unsigned count = 0;

    for (unsigned y = y1; y < y2; y++)
        for (unsigned x = x1; x < x2; x++)
            count += (at(shot, x, y) & 0xff) < 128;
    return count;
}

static struct draw_device *begin(struct rs_job *job, struct shot *shot, double dpi)
{
    struct raster_options options = {dpi, dpi, take, shot};
    struct draw_document document = {0};
    struct draw_device *device;

    shot->job = job;
    assert_ok(job, raster_create(job, &options, &device));
    assert_ok(job, device->functions->begin(job, device, &document));
    assert_ok(job, device->functions->page_begin(job, device, 72, 36));
    return device;
}

static void end(struct rs_job *job, struct draw_device *device)
{
    assert_ok(job, device->functions->page_end(job, device, false));
    assert_ok(job, device->functions->finish(job, device));
}

UNIT_TEST(raster_gradients_go_from_corner_to_corner_and_back)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct shot shot = {0};
    struct draw_device *device = begin(job, &shot, 72);
    struct draw_gradient diagonal = {.from = 0xff0000ff, .to = 0xff00ff00, .x2 = 1, .y2 = 1};
    struct draw_gradient back = {.from = 0xff000000, .to = 0xffffffff, .x2 = 1, .and_back = true};
    struct draw_gradient around = {.from = 0xffff0000, .to = 0xff000000, .around = true};
    uint32_t left, right;

    assert_ok(job, device->functions->gradient(job, device, &(struct draw_box){0, 0, 20, 10}, &diagonal));
    assert_ok(job, device->functions->gradient(job, device, &(struct draw_box){30, 0, 20, 10}, &back));
    assert_ok(job, device->functions->gradient(job, device, &(struct draw_box){0, 20, 20, 10}, &around));
    end(job, device);
    assert_true((at(&shot, 0, 0) & 0xff) > 230);
    assert_true((at(&shot, 19, 9) >> 8 & 0xff) > 230);
    left = at(&shot, 0, 9) & 0xff; /* the other two corners are half way */
    right = at(&shot, 19, 0) & 0xff;
    assert_in_range(left, 110, 146);
    assert_in_range(right, 110, 146);
    assert_true((at(&shot, 30, 5) & 0xff) < 32);
    assert_true((at(&shot, 40, 5) & 0xff) > 224);
    assert_true((at(&shot, 49, 5) & 0xff) < 32);
    assert_true(at(&shot, 10, 25) >> 16 > 224);
    assert_true(at(&shot, 0, 20) >> 16 < 40);
    assert_int_equal(at(&shot, 25, 5), 0xffffff);
}

UNIT_TEST(raster_edges_fall_on_pixels)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct shot shot = {0};
    struct draw_device *device = begin(job, &shot, 96);
    struct draw_box box = {10.1, 5.2, 20, 10}; /* 13.5 to 40.1 and 6.9 to 20.3 pixels */
    struct draw_pen thin = {DRAW_SOLID, 0.25, 0xff000000};

    assert_ok(job, device->functions->fill(job, device, &box, 0xff204060));
    assert_ok(job, device->functions->line(job, device, 0, 30.1, 72, 30.1, &thin)); /* a third of a pixel: one */
    end(job, device);
    assert_int_equal(shot.width, 96);
    assert_int_equal(shot.height, 48);
    assert_int_equal(at(&shot, 12, 7), 0xffffff);
    assert_int_equal(at(&shot, 13, 7), 0x204060);
    assert_int_equal(at(&shot, 39, 19), 0x204060);
    assert_int_equal(at(&shot, 40, 19), 0xffffff);
    assert_int_equal(at(&shot, 20, 6), 0xffffff);
    assert_int_equal(dark(&shot, 50, 36, 51, 48), 1);
    assert_int_equal(dark(&shot, 0, 40, 96, 41), 96);
}

UNIT_TEST(raster_half_transparent_lets_half_through)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct shot shot = {0};
    struct draw_device *device = begin(job, &shot, 72);
    struct draw_box box = {0, 0, 10, 10};

    assert_ok(job, device->functions->fill(job, device, &box, 0x80000000));
    end(job, device);
    assert_in_range(at(&shot, 5, 5) & 0xff, 126, 128);
}

UNIT_TEST(raster_clips_cut_and_end)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct shot shot = {0};
    struct draw_device *device = begin(job, &shot, 72);
    struct draw_box all = {0, 0, 72, 36}, part = {10, 10, 5, 5}, other = {40, 0, 2, 2};

    assert_ok(job, device->functions->clip_begin(job, device, &part));
    assert_ok(job, device->functions->fill(job, device, &all, 0xff000000));
    assert_ok(job, device->functions->clip_end(job, device));
    assert_ok(job, device->functions->fill(job, device, &other, 0xff000000));
    end(job, device);
    assert_int_equal(dark(&shot, 0, 0, 72, 36), 25 + 4);
}

UNIT_TEST(raster_text_stands_where_it_is_placed_and_turns)
{
    static const struct {
        enum draw_turn turn;
        unsigned x1, y1, x2, y2; /* all ink is here, at 288 dpi with the baseline from 36, 18 pt */
    } cases[] = {
        {DRAW_UPRIGHT, 144, 40, 260, 73}, {DRAW_CLOCKWISE, 143, 72, 177, 144}, {DRAW_COUNTERCLOCKWISE, 112, 0, 145, 73},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct shot shot = {0};
        struct draw_device *device = begin(job, &shot, 288);
        struct text_run run = {.text = RS_TEXT("HI"), .style = {.size_pt = 10}};
        struct text_paragraph paragraph = {.runs = &run, .run_count = 1};
        struct text_frame frame = {.width_pt = 100};
        struct text_block block;
        unsigned inside;

        assert_ok(job, text_font_find(job, RS_TEXT("Arial"), 400, false, &run.style.font));
        assert_ok(job, text_block_layout(job, &frame, &paragraph, 1, &block));
        assert_ok(job, device->functions->text(job, device, 36, 18, cases[i].turn, &block.lines[0].pieces[0]));
        end(job, device);
        inside = dark(&shot, cases[i].x1, cases[i].y1, cases[i].x2, cases[i].y2);
        assert_in_range(inside, 300, 1200);
        assert_int_equal(dark(&shot, 0, 0, shot.width, shot.height), inside);
    }
}

UNIT_TEST(raster_pictures_fill_their_box)
{
    static const char bmp[] = "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x18\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0"
                              "\0\0\0\0\0\0\0\0\0\0\xff\0\xff\0\0\0\xff\0\0\xff\xff\xff\0\0";
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct shot shot = {0};
    struct draw_device *device = begin(job, &shot, 72);
    struct draw_box box = {10, 10, 20, 20};
    struct draw_image image;

    assert_ok(job, draw_image_read(job, rs_text_of(bmp, sizeof bmp - 1), &image));
    for (int i = 0; i < 3; i++)
        assert_ok(job, device->functions->image(job, device, &box, &image));
    end(job, device);
    assert_int_equal(at(&shot, 11, 11), 0x0000ff); /* the file has its rows from the bottom up */
    assert_int_equal(at(&shot, 28, 11), 0xffffff);
    assert_int_equal(at(&shot, 11, 28), 0xff0000);
    assert_int_equal(at(&shot, 28, 28), 0x00ff00);
    assert_int_equal(at(&shot, 31, 28), 0xffffff);
}

UNIT_TEST(raster_refuses_pages_that_are_too_large)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct shot shot = {0};
    struct draw_device *device = begin(job, &shot, 72);

    assert_int_equal(device->functions->page_begin(job, device, 40000, 10), RS_OVER_LIMIT);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("ask for a lower resolution")) >= 0);
}
