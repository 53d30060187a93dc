#include "unit.h"

#include "base/buf.h"
#include "report/draw/borders.h"
#include "report/draw/trace.h"

static rs_status gather(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    rs_buf_add(data, bytes);
    return RS_OK;
}

UNIT_TEST(trace_tells_what_is_drawn)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf said = rs_buf_in(job);
    struct draw_sink sink = {&said, gather};
    struct draw_document document = {.title = RS_TEXT("A \"b\"")};
    struct draw_pen pen = {DRAW_DASHED, 0.75, 0x80112233};
    struct draw_box box = {1.005, 2.5, 30, 40.126};
    struct draw_device *device;

    assert_ok(job, trace_create(job, &sink, &device));
    assert_ok(job, device->functions->begin(job, device, &document));
    assert_ok(job, device->functions->page_begin(job, device, 612, 792));
    assert_ok(job, device->functions->clip_begin(job, device, &box));
    assert_ok(job, device->functions->fill(job, device, &box, 0xffd3d3d3));
    assert_ok(job, device->functions->clip_end(job, device));
    assert_ok(job, device->functions->line(job, device, 0, 0, -1.5, 3, &pen));
    assert_ok(job, device->functions->page_end(job, device, false));
    assert_ok(job, device->functions->finish(job, device));
    assert_text(rs_buf_text(&said), "document \"A \\\"b\\\"\"\n"
                                    "page 1 612x792\n"
                                    "clip 1 2.5 30x40.13\n"
                                    "  fill 1 2.5 30x40.13 #d3d3d3\n"
                                    "line 0 0 -1.5 3 dashed 0.75 #80112233\n"
                                    "end\n");
}

UNIT_TEST(borders_of_neighbours_become_one_line)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf said = rs_buf_in(job);
    struct draw_sink sink = {&said, gather};
    struct draw_pen thin = {DRAW_SOLID, 1, 0xff000000}, other = {DRAW_DOUBLE, 3, 0xffff0000};
    struct draw_borders *borders = draw_borders_create(job);
    struct draw_device *device;

    assert_ok(job, trace_create(job, &sink, &device));
    for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 4; column++) {
            double x = column * 50, y = row * 20;
            draw_borders_add(borders, x, y, x + 50, y, &thin);
            draw_borders_add(borders, x, y + 20, x + 50, y + 20, &thin);
            draw_borders_add(borders, x, y, x, y + 20, &thin);
            draw_borders_add(borders, x + 50, y, x + 50, y + 20, &thin);
        }
    }
    draw_borders_add(borders, 0, 20, 200, 20, &other);
    assert_ok(job, draw_borders_flush(job, borders, device));
    assert_text(rs_buf_text(&said), "line -0.5 0 200.5 0 solid 1 #000000\n"
                                    "line -0.5 20 200.5 20 solid 1 #000000\n"
                                    "line 0 -0.5 0 60.5 solid 1 #000000\n"
                                    "line 50 -0.5 50 60.5 solid 1 #000000\n"
                                    "line 100 -0.5 100 60.5 solid 1 #000000\n"
                                    "line 150 -0.5 150 60.5 solid 1 #000000\n"
                                    "line 200 -0.5 200 60.5 solid 1 #000000\n"
                                    "line -0.5 40 200.5 40 solid 1 #000000\n"
                                    "line -0.5 60 200.5 60 solid 1 #000000\n"
                                    "line 0 20 200 20 double 3 #ff0000\n");
    rs_buf_clear(&said);
    assert_ok(job, draw_borders_flush(job, borders, device)); /* nothing is left */
    assert_int_equal(said.used, 0);
    for (int i = 0; i < 3000; i++) /* the table grows */
        draw_borders_add(borders, 0, i * 2, 10, i * 2, &thin);
    assert_ok(job, draw_borders_flush(job, borders, device));
    assert_true(rs_text_ends(rs_buf_text(&said), RS_TEXT("line -0.5 5998 10.5 5998 solid 1 #000000\n")));
}
