#include "unit.h"

#include <stdio.h>
#include <unicode/ustring.h>

#include "report/expr/regex_cache.h"

static bool matches(const char *pattern, uint32_t flags, const char *text)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar pattern_units[64], text_units[64];
    URegularExpression *expression;
    bool found;

    u_uastrcpy(pattern_units, pattern);
    u_uastrcpy(text_units, text);
    expression = expr_regex_compile(pattern_units, u_strlen(pattern_units), flags, &error);
    assert_true(U_SUCCESS(error));
    uregex_setText(expression, text_units, -1, &error);
    found = uregex_find(expression, 0, &error);
    assert_true(U_SUCCESS(error));
    uregex_close(expression);
    return found;
}

UNIT_TEST(regex_cache_gives_each_pattern_its_own_expression)
{
    char pattern[16], text[16];

    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 40; i++) { /* more than are kept */
            snprintf(pattern, sizeof pattern, "^a{%d}$", i / 2 + 1);
            snprintf(text, sizeof text, "%.*s", i / 2 % 10 + 1, "aaaaaaaaaa");
            assert_int_equal(matches(pattern, 0, text), i < 20);
        }
    assert_false(matches("abc", 0, "ABC"));
    assert_true(matches("abc", UREGEX_CASE_INSENSITIVE, "ABC"));
    assert_false(matches("abc", 0, "ABC"));
}

UNIT_TEST(regex_cache_says_each_time_what_is_no_pattern)
{
    static const UChar pattern[] = {'(', 'a'};

    for (int i = 0; i < 3; i++) {
        UErrorCode error = U_ZERO_ERROR;
        assert_null(expr_regex_compile(pattern, 2, 0, &error));
        assert_true(U_FAILURE(error));
    }
}

UNIT_TEST(regex_cache_lets_one_pattern_be_used_twice_at_once)
{
    static const UChar pattern[] = {'a', '+'}, one[] = {'x', 'a', 0}, other[] = {'b', 0};
    UErrorCode error = U_ZERO_ERROR;
    URegularExpression *first = expr_regex_compile(pattern, 2, 0, &error),
                       *second = expr_regex_compile(pattern, 2, 0, &error);

    uregex_setText(first, one, -1, &error);
    uregex_setText(second, other, -1, &error);
    assert_true(uregex_find(first, 0, &error));
    assert_false(uregex_find(second, 0, &error));
    assert_int_equal(uregex_start(first, 0, &error), 1);
    assert_true(U_SUCCESS(error));
    uregex_close(first);
    uregex_close(second);
}
