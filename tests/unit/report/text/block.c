#include "unit.h"

#include "report/text/block.h"

struct fixture {
    struct rs_job *job;
    struct text_run run;
    struct text_paragraph paragraph;
    struct text_frame frame;
    struct text_block block;
};

static void setup(struct fixture *f, struct rs_job *job, const char *text, double width_pt)
{
    memset(f, 0, sizeof *f);
    f->job = job;
    f->run.text = rs_text_from(text);
    f->run.style.size_pt = 10;
    assert_ok(job, text_font_find(job, RS_TEXT("Arial"), 400, false, &f->run.style.font));
    f->paragraph.runs = &f->run;
    f->paragraph.run_count = 1;
    f->frame.width_pt = width_pt;
}

static void lay(struct fixture *f)
{
    assert_ok(f->job, text_block_layout(f->job, &f->frame, &f->paragraph, 1, &f->block));
}

/* The texts of a line, joined by '|'. */
static rs_text line_text(struct fixture *f, size_t line)
{
    rs_text all = RS_TEXT("");

    assert_true(line < f->block.line_count);
    for (size_t i = 0; i < f->block.lines[line].piece_count; i++)
        all = rs_text_format(f->job, "%.*s%s%.*s", RS_TEXT_ARG(all), i ? "|" : "",
                             RS_TEXT_ARG(f->block.lines[line].pieces[i].text));
    return all;
}

UNIT_TEST(text_plain_line_is_one_piece_without_glyphs)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, "00", 100);
    lay(&f);
    assert_int_equal(f.block.line_count, 1);
    assert_null(f.block.lines[0].pieces[0].glyphs);
    assert_float_equal(f.block.width_pt, 2 * 1139 * 10 / 2048.0, 1e-6);
    assert_float_equal(f.block.height_pt, 11.499, 0.001);
    assert_float_equal(f.block.lines[0].baseline_pt, 9.0527, 0.001);
}

UNIT_TEST(text_wraps_behind_the_last_word_that_fits)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, "one two three four", 45);
    lay(&f);
    assert_int_equal(f.block.line_count, 2);
    assert_text(line_text(&f, 0), "one two");
    assert_text(line_text(&f, 1), "three four");
    assert_float_equal(f.block.lines[1].top_pt, 11.499, 0.001);
}

UNIT_TEST(text_word_wider_than_the_box_is_broken_by_character)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, "0000000000", 30);
    lay(&f);
    assert_int_equal(f.block.line_count, 2);
    assert_text(line_text(&f, 0), "00000");
    setup(&f, job, "000", 1);
    lay(&f);
    assert_int_equal(f.block.line_count, 3);
}

UNIT_TEST(text_ends_of_line_are_kept)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, "a\r\n\nb", 100);
    lay(&f);
    assert_int_equal(f.block.line_count, 3);
    assert_text(line_text(&f, 0), "a");
    assert_text(line_text(&f, 1), "");
    assert_text(line_text(&f, 2), "b");
    assert_float_equal(f.block.height_pt, 3 * 11.499, 0.002);
}

UNIT_TEST(text_nothing_has_no_height)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, "", 100);
    lay(&f);
    assert_int_equal(f.block.line_count, 0);
    assert_float_equal(f.block.height_pt, 0, 0);
}

UNIT_TEST(text_is_aligned_in_its_box)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, "00", 100);
    f.paragraph.align = TEXT_RIGHT;
    lay(&f);
    assert_float_equal(f.block.lines[0].pieces[0].left_pt, 100 - 11.123, 0.001);
    f.paragraph.align = TEXT_CENTER;
    lay(&f);
    assert_float_equal(f.block.lines[0].pieces[0].left_pt, 50 - 11.123 / 2, 0.001);
}

UNIT_TEST(text_justified_lines_reach_both_edges_but_the_last)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;
    const struct text_line *line;

    setup(&f, job, "one two three four five", 60);
    f.paragraph.align = TEXT_JUSTIFY;
    lay(&f);
    line = &f.block.lines[0];
    assert_true(line->piece_count > 1);
    assert_float_equal(line->pieces[line->piece_count - 1].left_pt + line->pieces[line->piece_count - 1].width_pt, 60,
                       0.01);
    assert_int_equal(f.block.lines[f.block.line_count - 1].piece_count, 1);
}

UNIT_TEST(text_indents_and_hangs)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, "one two three four", 60);
    f.paragraph.left_indent_pt = 5;
    f.paragraph.hanging_indent_pt = 10;
    f.paragraph.space_before_pt = 3;
    f.paragraph.space_after_pt = 4;
    lay(&f);
    assert_float_equal(f.block.lines[0].pieces[0].left_pt, 5, 1e-6);
    assert_float_equal(f.block.lines[1].pieces[0].left_pt, 15, 1e-6);
    assert_float_equal(f.block.lines[0].top_pt, 3, 1e-6);
    assert_float_equal(f.block.height_pt, 3 + f.block.line_count * 11.499 + 4, 0.01);
}

UNIT_TEST(text_lists_are_numbered_by_level)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;
    struct text_paragraph list[5];
    static const unsigned levels[5] = {0, 1, 1, 0, 2};

    setup(&f, job, "x", 200);
    for (int i = 0; i < 5; i++) {
        list[i] = f.paragraph;
        list[i].list = TEXT_NUMBERED;
        list[i].list_level = levels[i];
    }
    assert_ok(job, text_block_layout(job, &f.frame, list, 5, &f.block));
    assert_text(line_text(&f, 0), "1.|x");
    assert_text(line_text(&f, 1), "i.|x");
    assert_text(line_text(&f, 2), "ii.|x");
    assert_text(line_text(&f, 3), "2.|x");
    assert_text(line_text(&f, 4), "a.|x");
    assert_float_equal(f.block.lines[1].pieces[1].left_pt, 60, 1e-6);
}

UNIT_TEST(text_runs_of_a_paragraph_stand_on_one_line)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;
    struct text_run runs[2];

    setup(&f, job, "big", 200);
    runs[0] = runs[1] = f.run;
    runs[0].style.size_pt = 20;
    runs[1].text = RS_TEXT(" small");
    f.paragraph.runs = runs;
    f.paragraph.run_count = 2;
    lay(&f);
    assert_int_equal(f.block.line_count, 1);
    assert_text(line_text(&f, 0), "big| small");
    assert_float_equal(f.block.lines[0].height_pt, 22.998, 0.001);
}

UNIT_TEST(text_right_to_left_words_stand_in_visual_order)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;
    const struct text_piece *piece;

    setup(&f, job, "ab \u05d0\u05d1\u05d2 cd", 200);
    lay(&f);
    assert_int_equal(f.block.line_count, 1);
    assert_int_equal(f.block.lines[0].piece_count, 3);
    piece = &f.block.lines[0].pieces[1];
    assert_text(piece->text, "\u05d0\u05d1\u05d2");
    assert_int_equal(piece->glyph_count, 3);
    assert_int_equal(piece->glyphs[0].cluster, 4); /* the last letter stands leftmost */
    assert_int_equal(piece->glyphs[2].cluster, 0);
}

UNIT_TEST(text_numbers_between_two_directions_are_pieces_of_their_own)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, "ab \u05d0\u05d1 12", 200); /* "12" ends what runs from right to left: it stands behind "ab " */
    lay(&f);
    assert_text(line_text(&f, 0), "ab |12|\u05d0\u05d1 ");
    assert_int_equal(f.block.lines[0].pieces[1].glyph_count, 2);
}

UNIT_TEST(text_combining_marks_join_their_letter)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;

    setup(&f, job, "cafe\u0301", 200);
    lay(&f);
    assert_int_equal(f.block.line_count, 1);
    assert_text(line_text(&f, 0), "cafe\u0301");
    setup(&f, job, "na\u00efve \u20ac5 \u0e01\u0e34\u0e19 \u4e00 \U0001f600 \xff", 300);
    lay(&f);
    assert_int_equal(f.block.line_count, 1);
}

UNIT_TEST(text_cache_gives_equal_blocks_again)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct text_cache *cache = text_cache_create(job, 100000);
    struct text_block second;
    struct fixture f;

    setup(&f, job, "one two three four", 45);
    lay(&f);
    for (int i = 0; i < 2; i++) {
        f.run.text = rs_text_copy(job, f.run.text);
        assert_ok(job, text_cache_layout(job, cache, &f.frame, &f.paragraph, &second));
        assert_int_equal(second.line_count, f.block.line_count);
        assert_float_equal(second.height_pt, f.block.height_pt, 0);
        assert_ptr_equal(second.lines[1].pieces[0].text.bytes, f.run.text.bytes + 8); /* the caller's text */
    }
    for (int i = 0; i < 2000; i++) { /* past the limit: dropped and filled again */
        f.run.text = rs_text_format(job, "number %d is a text that wraps", i);
        assert_ok(job, text_cache_layout(job, cache, &f.frame, &f.paragraph, &second));
        assert_true(second.line_count > 1);
    }
}

UNIT_TEST(text_long_text_stops_at_checkpoints)
{
    rs_text text;
    uint64_t checkpoints;

    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct fixture f;
        char *bytes = rs_alloc(job, 20001);
        for (int i = 0; i < 20000; i++)
            bytes[i] = i % 7 ? 'x' : ' ';
        text = rs_text_of(bytes, 20000);
        setup(&f, job, "", 60);
        f.run.text = text;
        lay(&f);
        checkpoints = rs_job_checkpoints(job);
        assert_true(checkpoints > 5);
        for (uint64_t stop = 1; stop <= checkpoints; stop++) {
            RS_OWNED(rs_job) part = rs_job_create(NULL);
            setup(&f, part, "", 60);
            f.run.text = text;
            rs_job_stop_at(part, stop);
            assert_status(text_block_layout(part, &f.frame, &f.paragraph, 1, &f.block), RS_CANCELLED);
        }
    }
}
