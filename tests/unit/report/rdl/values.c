#include "../../unit.h"

#include "report/rdl/model.h"
#include "report/rdl/values.h"

static void size_is(const char *text, double expected)
{
    double pt = -1;

    if (!rdl_size_parse(rs_text_from(text), false, &pt) || pt < expected - 1e-9 || pt > expected + 1e-9)
        fail_msg("\"%s\" is %g, not %g", text, pt, expected);
}

UNIT_TEST(rdl_size_knows_units_blanks_and_signs)
{
    double pt;

    size_is("1in", 72);
    size_is(" 2.54 cm ", 72);
    size_is("25.4mm", 72);
    size_is("-6PT", -6);
    size_is("1.5pc", 18);
    size_is(".5in", 36);
    size_is("0", 0);
    assert_false(rdl_size_parse(RS_TEXT("12"), false, &pt));
    assert_true(rdl_size_parse(RS_TEXT("12"), true, &pt));
    assert_true(pt == 12);
    assert_false(rdl_size_parse(RS_TEXT(""), true, &pt));
    assert_false(rdl_size_parse(RS_TEXT("in"), true, &pt));
    assert_false(rdl_size_parse(RS_TEXT("1em"), true, &pt));
    assert_false(rdl_size_parse(RS_TEXT("1,5in"), true, &pt));
    assert_false(rdl_size_parse(RS_TEXT("nanpt"), true, &pt));
    assert_false(rdl_size_parse(RS_TEXT("1in1"), true, &pt));
}

static void color_is(const char *text, uint32_t expected)
{
    uint32_t argb = 0;

    if (!rdl_color_parse(rs_text_from(text), &argb) || argb != expected)
        fail_msg("\"%s\" is %08x, not %08x", text, argb, expected);
}

UNIT_TEST(rdl_color_knows_names_and_hexadecimal_forms)
{
    uint32_t argb;

    color_is("Black", 0xff000000);
    color_is("lightgrey", 0xffd3d3d3);
    color_is("LightGray", 0xffd3d3d3);
    color_is(" AliceBlue ", 0xfff0f8ff);
    color_is("YellowGreen", 0xff9acd32);
    color_is("Transparent", 0x00ffffff);
    color_is("#1a2B3c", 0xff1a2b3c);
    color_is("#801a2b3c", 0x801a2b3c);
    color_is("#f08", 0xffff0088);
    assert_false(rdl_color_parse(RS_TEXT(""), &argb));
    assert_false(rdl_color_parse(RS_TEXT("#12345"), &argb));
    assert_false(rdl_color_parse(RS_TEXT("#xyzxyz"), &argb));
    assert_false(rdl_color_parse(RS_TEXT("Blurple"), &argb));
}

UNIT_TEST(rdl_keywords_compare_without_case)
{
    assert_int_equal(rdl_keyword_parse(rdl_text_aligns, RS_TEXT(" right "), -1), RDL_ALIGN_RIGHT);
    assert_int_equal(rdl_keyword_parse(rdl_text_aligns, RS_TEXT("sideways"), -1), -1);
    assert_int_equal(rdl_keyword_parse(rdl_font_weights, RS_TEXT("SemiBold"), 400), 600);
    assert_int_equal(rdl_keyword_parse(rdl_font_weights, RS_TEXT("600"), 400), 600);
    assert_int_equal(rdl_keyword_parse(rdl_writing_modes, RS_TEXT("tb-rl"), 0), RDL_VERTICAL);
    assert_int_equal(rdl_keyword_parse(rdl_border_styles, RS_TEXT("DashDotDot"), 0), RDL_LINE_DASH_DOT_DOT);
    assert_int_equal(rdl_keyword_parse(rdl_data_types, RS_TEXT("datetime"), 0), RDL_DATE_TIME);
    assert_string_equal(rdl_keyword_name(rdl_vertical_aligns, RDL_ALIGN_MIDDLE), "Middle");
    assert_null(rdl_keyword_name(rdl_vertical_aligns, 99));
}
