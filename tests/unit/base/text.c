#include "unit.h"

#include "base/buf.h"

#include <locale.h>

#include "base/clock.h"
#include "base/host.h"
#include "base/text.h"

UNIT_TEST(text_cuts_at_the_first_separator)
{
    rs_text head, rest;

    assert_true(rs_text_cut(RS_TEXT("a=b=c"), '=', &head, &rest));
    assert_text(head, "a");
    assert_text(rest, "b=c");
    assert_false(rs_text_cut(RS_TEXT("abc"), '=', &head, &rest));
    assert_text(head, "abc");
    assert_text(rest, "");
}

UNIT_TEST(text_slices_what_is_there)
{
    assert_text(rs_text_slice(RS_TEXT("abc"), 1, 100), "bc");
    assert_text(rs_text_slice(RS_TEXT("abc"), 7, 1), "");
    assert_text(rs_text_trim(RS_TEXT(" \t a b\r\n")), "a b");
}

UNIT_TEST(text_orders_bytes_then_length)
{
    assert_true(rs_text_compare(RS_TEXT("a"), RS_TEXT("ab")) < 0);
    assert_true(rs_text_compare(RS_TEXT("b"), RS_TEXT("ab")) > 0);
    assert_int_equal(rs_text_compare_nocase(RS_TEXT("AB"), RS_TEXT("ab")), 0);
    assert_int_equal(rs_text_find(RS_TEXT("needle in hay"), RS_TEXT("in")), 7);
}

UNIT_TEST(text_knows_utf8)
{
    assert_true(rs_text_is_utf8(RS_TEXT("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")));
    assert_false(rs_text_is_utf8(RS_TEXT("\xC0\x80")));         /* overlong */
    assert_false(rs_text_is_utf8(RS_TEXT("\xED\xA0\x80")));     /* surrogate */
    assert_false(rs_text_is_utf8(RS_TEXT("\xF4\x90\x80\x80"))); /* past U+10FFFF */
    assert_false(rs_text_is_utf8(RS_TEXT("\xE2\x82")));         /* cut short */
    assert_false(rs_text_is_utf8(RS_TEXT("eight and \x80")));
}

UNIT_TEST(text_is_repaired_for_output)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text valid = RS_TEXT("Zo\xC3\xAB");

    assert_ptr_equal(rs_text_repaired(job, valid).bytes, valid.bytes);
    assert_text(rs_text_repaired(job, RS_TEXT("a\xED\xA0\xBD\xED\xB8\x80z")), "a\xF0\x9F\x98\x80z"); /* both halves */
    assert_text(rs_text_repaired(job, RS_TEXT("\xED\xA0\xBD\xED\xA0\xBD")), "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_text(rs_text_repaired(job, RS_TEXT("\xED\xB8\x80\xED\xA0")), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_text(rs_text_repaired(job, RS_TEXT("caf\xE9 \xFF")), "caf\xEF\xBF\xBD \xEF\xBF\xBD");
}

UNIT_TEST(text_round_trips_every_code_point)
{
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char utf8[4];
        size_t offset = 0;
        size_t size;
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        size = rs_utf8_encode(c, utf8);
        if (rs_text_next(rs_text_of(utf8, size), &offset) != c || offset != size)
            fail_msg("U+%04X", c);
    }
}

UNIT_TEST(text_steps_over_invalid_bytes_one_at_a_time)
{
    rs_text t = RS_TEXT("\xFF\xFE" "a");
    size_t offset = 0;

    assert_int_equal(rs_text_next(t, &offset), 0xFFFD);
    assert_int_equal(rs_text_next(t, &offset), 0xFFFD);
    assert_int_equal(rs_text_next(t, &offset), 'a');
    assert_int_equal(offset, 3);
}

UNIT_TEST(numbers_are_read_whole_or_not_at_all)
{
    int64_t i;
    uint64_t u;
    double d;

    assert_true(rs_parse_int64(RS_TEXT("-9223372036854775808"), &i));
    assert_true(i == INT64_MIN);
    assert_false(rs_parse_int64(RS_TEXT("9223372036854775808"), &i));
    assert_false(rs_parse_int64(RS_TEXT("12 "), &i));
    assert_false(rs_parse_int64(RS_TEXT(""), &i));
    assert_true(rs_parse_uint64(RS_TEXT("18446744073709551615"), &u));
    assert_false(rs_parse_uint64(RS_TEXT("18446744073709551616"), &u));
    assert_true(rs_parse_hex64(RS_TEXT("fF"), &u));
    assert_int_equal(u, 255);
    assert_true(rs_parse_double(RS_TEXT("-1.5e3"), &d));
    assert_true(d == -1500);
    assert_false(rs_parse_double(RS_TEXT("1,5"), &d));
    assert_false(rs_parse_double(RS_TEXT("nan"), &d));
    assert_false(rs_parse_double(RS_TEXT("0x10"), &d));
    assert_false(rs_parse_double(RS_TEXT("."), &d));
    assert_false(rs_parse_double(RS_TEXT("1e"), &d));
}

UNIT_TEST(host_names_are_told_from_what_is_none)
{
    static const struct {
        const char *host, *wrong;
    } cases[] = {
        {"localhost", NULL}, {"A_b.xn--bcher-kva.example", NULL}, {"1.2.3.x", NULL},      {"0x7f.example", NULL},
        {"", "empty label"}, {"a..b", "empty label"},             {".a", "empty label"},  {"a-.b", "hyphen"},
        {"-a", "hyphen"},    {"a.*.b", "wildcard"},               {"a b", "a character"}, {"a\nb", "a character"},
        {"1.2.3", "neither"}, {"10.0.0.256", "neither"},          {"\u00e4.b", "xn--"},
    };
    char label[65] = {0};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *wrong = rs_host_wrong(rs_text_from(cases[i].host));
        if (cases[i].wrong ? !wrong || !strstr(wrong, cases[i].wrong) : wrong != NULL)
            fail_msg("%s: %s", cases[i].host, wrong ? wrong : "nothing wrong");
    }
    memset(label, 'a', 64);
    assert_non_null(rs_host_wrong(rs_text_from(label)));
    assert_null(rs_host_wrong(rs_text_of(label, 63)));
}

UNIT_TEST(clock_stamps_utc)
{
    char stamp[RS_CLOCK_STAMP_SIZE];

    rs_clock_stamp(1795347645007, stamp);
    assert_string_equal(stamp, "2026-11-22T11:40:45.007Z");
}
