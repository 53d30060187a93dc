/* The fast ways against the slow ones. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "report/value/format.h"
#include "report/value/number.h"

static uint64_t seed = 362436069u;

static uint64_t random_next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

UNIT_TEST(number_of_a_double_has_the_digits_of_printf)
{
    for (int i = 0; i < 50000; i++) {
        struct value_number n;
        char expected[40], got[64];
        double d;
        uint64_t bits = random_next();
        if (i % 2) { /* money and the like */
            d = (double)(int64_t)(bits % 1000000000) / 100.0;
        } else {
            memcpy(&d, &bits, sizeof d);
            if (!(d > -1e300 && d < 1e300) || d == 0)
                continue;
        }
        snprintf(got, sizeof got, "%.18e", d);
        if (strncmp(got + strcspn(got, "e") - 4, "5000", 4) == 0) /* a tie: printf goes to the even digit */
            continue;
        value_number_from(value_double(d), 15, &n);
        snprintf(expected, sizeof expected, "%.14e", d);
        snprintf(got, sizeof got, "%s%c.%.*s%.*se%+03d", n.negative ? "-" : "", n.count ? n.digits[0] : '0',
                 n.count > 1 ? n.count - 1 : 0, n.digits + 1, 15 - (n.count ? n.count : 1), "00000000000000",
                 n.count ? n.scale - 1 : 0);
        assert_string_equal(got, expected);
    }
}

static rs_text formatted(struct rs_job *job, const char *format, struct value v)
{
    rs_buf out = rs_buf_in(job);

    assert_true(value_format_append(value_format_compile(job, rs_text_from(format)), value_culture_invariant(), v, &out));
    return rs_buf_text(&out);
}

/* A literal between the placeholders switches the fast way off without writing anything: '' is empty. */
UNIT_TEST(format_fast_way_writes_what_the_general_way_writes)
{
    static const char *const pairs[][2] = {
        {"#,##0.00", "#,##0.0''0"}, {"0", "0''"},         {"#", "''#"},         {"00000.##", "000''00.##"},
        {"#,#.0%", "#,#''.0%"},     {"0.0;(0.00);-", "0.0;(0.0''0);-"}, {"#,##0,", "#,##''0,"}, {"$#,0.##;z", "$#,0.#''#;z"},
    };
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    for (int i = 0; i < 4000; i++) {
        int64_t whole = (int64_t)(random_next() >> random_next() % 64) * (random_next() & 1 ? 1 : -1);
        struct value kinds[] = {value_long(whole / 4), value_double((double)whole / 1000),
                                {.kind = VALUE_DECIMAL, .low = (uint64_t)whole, .scale = (uint8_t)(random_next() % 29),
                                 .negative = (uint8_t)(random_next() & 1)}};
        struct rs_mark mark = rs_job_mark(job);
        for (size_t k = 0; k < 3; k++)
            for (size_t p = 0; p < sizeof pairs / sizeof pairs[0]; p++) {
                rs_text fast = formatted(job, pairs[p][0], kinds[k]), slow = formatted(job, pairs[p][1], kinds[k]);
                if (!rs_text_equal(fast, slow))
                    fail_msg("%s: \"%.*s\" is not \"%.*s\"", pairs[p][0], RS_TEXT_ARG(fast), RS_TEXT_ARG(slow));
            }
        rs_job_reset(job, mark);
    }
}

UNIT_TEST(double_text_reads_back)
{
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = random_next();
        char text[VALUE_DOUBLE_TEXT_SIZE];
        double d, back;
        size_t size;
        memcpy(&d, &bits, sizeof d);
        if (!(d > -1e308 && d < 1e308))
            continue;
        size = value_double_write(d, text);
        assert_true(rs_parse_double(rs_text_of(text, size), &back));
        assert_true(back == d);
    }
}
