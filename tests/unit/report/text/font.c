#include "unit.h"

#include "report/text/font.h"

static const struct text_font *find(struct rs_job *job, const char *family, unsigned weight, bool italic)
{
    const struct text_font *font = NULL;

    assert_ok(job, text_font_find(job, rs_text_from(family), weight, italic, &font));
    return font;
}

UNIT_TEST(text_families_of_windows_get_fonts_of_the_same_widths)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(find(job, "Arial", 400, false)->family, "Liberation Sans");
    assert_text(find(job, "times new roman", 400, false)->family, "Liberation Serif");
    assert_text(find(job, "Courier New", 700, false)->family, "Liberation Mono");
    assert_text(find(job, "Calibri", 400, true)->family, "Carlito");
    assert_text(find(job, "Cambria", 400, false)->family, "Caladea");
}

UNIT_TEST(text_weight_and_slant_choose_the_face)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct text_font *bold = find(job, "Arial", 700, false), *italic = find(job, "Arial", 400, true);

    assert_int_equal(bold->weight, 700);
    assert_false(bold->italic);
    assert_true(italic->italic);
    assert_false(italic->fake_italic);
    assert_int_equal(find(job, "Arial", 300, false)->weight, 400);
}

UNIT_TEST(text_two_names_of_one_file_are_one_font)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_ptr_equal(find(job, "Arial", 400, false), find(job, "Helvetica", 400, false));
    assert_ptr_equal(find(job, "Arial", 400, false), find(job, "ARIAL ", 400, false));
}

UNIT_TEST(text_a_family_nobody_knows_gets_a_sans_serif_font)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(find(job, "No Such Family 123", 400, false)->family, "Liberation Sans");
    assert_non_null(find(job, "", 400, false));
}

UNIT_TEST(text_a_family_can_name_its_weight)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct text_font *font = find(job, "Arial Black", 400, false);

    assert_int_equal(font->weight, 700); /* the boldest that Liberation Sans has */
}

/* Arial's own measures, which its substitute shares: 2048 units, ascent 1854, descent 434, gap 67. */
UNIT_TEST(text_measures_are_those_of_arial)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct text_font *font = find(job, "Arial", 400, false);
    unsigned advance;

    assert_int_equal(font->units_per_em, 2048);
    assert_float_equal(text_font_line_height(font), (1854 + 434 + 67) / 2048.0, 1e-6);
    assert_int_equal(font->plain_advance['0'], 1139);
    assert_true(text_font_glyph(font, 'W', &advance));
    assert_int_equal(advance, 1933);
    assert_int_equal(font->plain_advance['\n'], TEXT_NOT_PLAIN);
    assert_int_equal(font->plain_advance[0xc3], TEXT_NOT_PLAIN);
}

UNIT_TEST(text_a_character_the_font_lacks_comes_from_another)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct text_font *font = find(job, "Arial", 400, false), *thai;
    unsigned advance;

    assert_int_equal(text_font_glyph(font, 0xe01, &advance), 0);
    thai = text_font_fallback(font, 0xe01);
    assert_ptr_not_equal(thai, font);
    assert_int_not_equal(text_font_glyph(thai, 0xe01, &advance), 0);
    assert_ptr_equal(text_font_fallback(font, 0x10fffd), font); /* nobody has this one */
    assert_int_equal(text_font_glyph(font, 0xffffffff, &advance), 0);
}
