/* Cultures, sorting and grouping: what plain text cases cannot show. */
#include "unit.h"

#include <string.h>

#include "report/value/compare.h"
#include "report/value/culture.h"
#include "report/value/date.h"

UNIT_TEST(culture_is_read_once)
{
    assert_ptr_equal(value_culture_find(RS_TEXT("de-DE"), NULL), value_culture_find(RS_TEXT("de_de"), NULL));
}

UNIT_TEST(culture_falls_back_to_its_parent)
{
    bool exact = true;

    assert_text(value_culture_find(RS_TEXT("de-XX"), &exact)->name, "de");
    assert_false(exact);
    assert_text(value_culture_find(RS_TEXT("xx-YY"), &exact)->name, "");
    assert_false(exact);
    assert_text(value_culture_find(RS_TEXT(""), &exact)->name, "");
    assert_true(exact);
    assert_text(value_culture_find(RS_TEXT("zh-CN"), &exact)->name, "zh-CN");
    assert_true(exact);
    assert_text(value_culture_find(RS_TEXT("not a culture; at all -- really"), &exact)->name, "");
}

UNIT_TEST(culture_of_a_language_writes_as_its_country)
{
    assert_text(value_culture_find(RS_TEXT("de"), NULL)->short_date, "dd.MM.yyyy");
    assert_text(value_culture_find(RS_TEXT("ja"), NULL)->short_date, "yyyy/MM/dd");
}

/* Every culture of ICU can be read, has names and patterns, and stays the same when it is asked for again. */
UNIT_TEST(culture_data_are_whole)
{
    static const char *const names[] = {"en-US", "en-GB", "de-DE", "fr-FR", "nl-NL", "es-ES", "it-IT", "pt-BR", "ja-JP",
                                        "zh-CN", "ru-RU", "pl-PL", "sv-SE", "da-DK", "nb-NO", "fi-FI", "tr-TR", "hu-HU",
                                        "cs-CZ", "ar-SA", "th-TH", "fa-IR", "hi-IN", "ko-KR", "he-IL", "vi-VN", "el-GR",
                                        "uk-UA", "zh-TW", "es-MX", "pt-PT", "de-CH", "fr-CA", "ro-RO", "bg-BG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bool exact;
        const struct value_culture *culture = value_culture_find(rs_text_from(names[i]), &exact);
        assert_true(exact);
        assert_text(culture->name, names[i]);
        for (int k = 0; k < 12; k++)
            assert_true(culture->months[k].size > 0 && culture->months_genitive[k].size > 0);
        for (int k = 0; k < 7; k++)
            assert_true(culture->days[k].size > 0 && culture->days_short[k].size > 0);
        assert_true(rs_text_find_byte(culture->short_date, 'y') >= 0);
        assert_true(rs_text_find_byte(culture->long_date, 'd') >= 0);
        assert_true(rs_text_find_byte(culture->long_time, 's') >= 0);
        assert_true(culture->number.point.size > 0 && culture->number.group.size > 0);
        assert_true(culture->currency.positive <= 3 && culture->currency.negative <= 16);
    }
}

UNIT_TEST(calendar_of_another_culture_goes_there_and_back)
{
    static const char *const names[] = {"ar-SA", "fa-IR", "th-TH", "en-US"};

    for (size_t i = 0; i < 4; i++) {
        const struct value_culture *culture = value_culture_find(rs_text_from(names[i]), NULL);
        for (int64_t day = 700000; day < 740000; day += 13) {
            int64_t back;
            int year, month, date;
            assert_true(value_culture_date(culture, day * VALUE_TICKS_PER_DAY, &year, &month, &date));
            assert_true(value_culture_date_join(culture, year, month, date, &back));
            assert_true(back == day * VALUE_TICKS_PER_DAY);
        }
    }
}

UNIT_TEST(date_parts_go_there_and_back)
{
    for (int64_t day = 0; day <= VALUE_DATE_MAX / VALUE_TICKS_PER_DAY; day += 7) {
        struct value_date_parts parts;
        int64_t back;
        value_date_split(day * VALUE_TICKS_PER_DAY + 12345, &parts);
        assert_true(value_date_join(&parts, &back));
        assert_true(back == day * VALUE_TICKS_PER_DAY + 12345);
    }
}

/* ---- order and groups ------------------------------------------------------------------------------ */

static struct value decimal_of(const char *text)
{
    struct value v;

    assert_true(value_decimal_parse(rs_text_from(text), &v));
    return v;
}

static struct value text(const char *t)
{
    return value_text(rs_text_from(t));
}

static const struct value_collation *collation(struct rs_job *job, const char *culture, unsigned flags)
{
    struct value_collation *out = NULL;

    assert_ok(job, value_collation_create(job, value_culture_find(rs_text_from(culture), NULL), flags, &out));
    return out;
}

UNIT_TEST(sort_order_holds_for_keys_too)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value_collation *c = collation(job, "de-DE", VALUE_IGNORE_CASE);
    struct value ordered[] = {value_null(),
                              value_boolean(false),
                              value_boolean(true),
                              value_double(0.0 / 0.0),
                              value_double(-1.0 / 0.0),
                              value_integer(-5),
                              decimal_of("-4.50"),
                              value_long(0),
                              decimal_of("0.1"),
                              value_double(1.5),
                              value_integer(2),
                              value_double(1e300),
                              value_date(5),
                              value_span(-3),
                              value_span(7),
                              text(""),
                              text("Apfel"),
                              text("Äpfel"),
                              text("Zebra")};
    size_t count = sizeof ordered / sizeof ordered[0];

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            int expected = i < k ? -1 : i > k, order = value_sort_compare(c, ordered[i], ordered[k]);
            assert_int_equal(order < 0 ? -1 : order > 0, expected);
            assert_int_equal(value_group_equal(c, ordered[i], ordered[k]), i == k);
        }
}

static void assert_one_group(const struct value_collation *c, struct value a, struct value b)
{
    assert_true(value_group_equal(c, a, b));
    assert_true(value_group_hash(c, a) == value_group_hash(c, b));
}

UNIT_TEST(group_holds_equal_numbers_of_every_kind)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value_collation *c = collation(job, "en-US", 0);

    assert_one_group(c, value_integer(2), value_double(2.0));
    assert_one_group(c, value_long(2), decimal_of("2.00"));
    assert_one_group(c, decimal_of("0.1"), value_double(0.1));
    assert_one_group(c, value_double(0.0), value_double(-0.0));
    assert_one_group(c, value_null(), (struct value){.kind = VALUE_NULL, .flags = VALUE_IS_DBNULL});
    assert_one_group(c, value_offset(VALUE_TICKS_PER_DAY, 60), value_offset(VALUE_TICKS_PER_DAY - VALUE_TICKS_PER_HOUR, 0));
}

UNIT_TEST(group_follows_the_sensitivity_asked_for)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_one_group(collation(job, "en-US", VALUE_IGNORE_CASE), text("ABC"), text("abc"));
    assert_one_group(collation(job, "en-US", VALUE_IGNORE_ACCENTS), text("résumé"), text("resume"));
    assert_false(value_group_equal(collation(job, "en-US", VALUE_IGNORE_ACCENTS), text("Resume"), text("resume")));
    assert_false(value_group_equal(collation(job, "en-US", VALUE_IGNORE_CASE), text("résumé"), text("resume")));
    assert_false(value_group_equal(collation(job, "en-US", 0), text("ABC"), text("abc")));
    assert_false(value_group_equal(collation(job, "", VALUE_ORDINAL), text("ABC"), text("abc")));
    assert_true(value_sort_compare(collation(job, "", VALUE_ORDINAL), text("Z"), text("a")) < 0);
    assert_true(value_sort_compare(collation(job, "en-US", 0), text("Z"), text("a")) > 0);
}
