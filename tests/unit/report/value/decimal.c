/* Decimal arithmetic against long division by hand: numbers as arrays of decimal digits. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/value/decimal.h"

#define DIGITS 200

/* An integer of up to 200 digits, least first. */
struct big {
    uint8_t digits[DIGITS];
};

static uint64_t seed = 88172645463325252u;

static uint64_t random_next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static struct big big_of(struct value d)
{
    struct big b = {{0}};
    unsigned __int128 m = (unsigned __int128)d.high << 64 | d.low;

    for (int i = 0; m; i++, m /= 10)
        b.digits[i] = (uint8_t)(m % 10);
    return b;
}

static int big_compare(const struct big *a, const struct big *b)
{
    for (int i = DIGITS - 1; i >= 0; i--)
        if (a->digits[i] != b->digits[i])
            return a->digits[i] < b->digits[i] ? -1 : 1;
    return 0;
}

static struct big big_add(const struct big *a, const struct big *b)
{
    struct big sum = {{0}};
    int carry = 0;

    for (int i = 0; i < DIGITS; i++) {
        int digit = a->digits[i] + b->digits[i] + carry;
        sum.digits[i] = (uint8_t)(digit % 10);
        carry = digit / 10;
    }
    return sum;
}

static struct big big_subtract(const struct big *a, const struct big *b) /* a >= b */
{
    struct big rest = {{0}};
    int borrow = 0;

    for (int i = 0; i < DIGITS; i++) {
        int digit = a->digits[i] - b->digits[i] - borrow;
        borrow = digit < 0;
        rest.digits[i] = (uint8_t)(digit + 10 * borrow);
    }
    return rest;
}

static struct big big_shift(const struct big *a, int places) /* times 10^places; negative cuts */
{
    struct big out = {{0}};

    for (int i = 0; i < DIGITS; i++)
        if (i - places >= 0 && i - places < DIGITS)
            out.digits[i] = a->digits[i - places];
    return out;
}

static struct big big_multiply(const struct big *a, const struct big *b)
{
    struct big out = {{0}};

    for (int i = 0; i < 60; i++)
        for (int times = a->digits[i]; times > 0; times--) {
            struct big shifted = big_shift(b, i);
            out = big_add(&out, &shifted);
        }
    return out;
}

static struct big big_divide(const struct big *a, const struct big *b, struct big *rest)
{
    struct big out = {{0}};

    memset(rest, 0, sizeof *rest);
    for (int i = DIGITS - 1; i >= 0; i--) {
        *rest = big_shift(rest, 1);
        rest->digits[0] = a->digits[i];
        while (big_compare(rest, b) >= 0) {
            *rest = big_subtract(rest, b);
            out.digits[i]++;
        }
    }
    return out;
}

static bool big_is_zero(const struct big *a)
{
    for (int i = 0; i < DIGITS; i++)
        if (a->digits[i])
            return false;
    return true;
}

/* 2^96 - 1 = 79228162514264337593543950335 */
static bool big_fits(const struct big *a)
{
    static const char most[] = "79228162514264337593543950335";
    struct big limit = {{0}};

    for (int i = 0; i < 29; i++)
        limit.digits[i] = (uint8_t)(most[28 - i] - '0');
    return big_compare(a, &limit) <= 0;
}

/* a / 10^scale as the nearest decimal: text, or "overflow". `more` = the number goes on behind `a`. */
static void nearest(const struct big *a, int scale, bool negative, bool more, char *out)
{
    for (int drop = scale > 28 ? scale - 28 : 0; drop <= scale; drop++) {
        struct big kept = big_shift(a, -drop), one = {{1}}, back = big_shift(&kept, drop), rest = big_subtract(a, &back);
        struct big half = {{0}};
        int order;
        char digits[DIGITS + 1];
        int top = DIGITS - 1;
        if (drop > 0)
            half.digits[drop - 1] = 5;
        order = drop == 0 ? -1 : big_compare(&rest, &half);
        if (order > 0 || (order == 0 && (more || (kept.digits[0] & 1))))
            kept = big_add(&kept, &one);
        if (!big_fits(&kept))
            continue;
        while (top > scale - drop && kept.digits[top] == 0)
            top--;
        for (int i = 0; i <= top; i++)
            digits[i] = (char)('0' + kept.digits[top - i]);
        int part = scale - drop, whole = top + 1 - part;
        sprintf(out, "%s%.*s%s%.*s", negative && !big_is_zero(&kept) ? "-" : "", whole, digits, part > 0 ? "." : "", part,
                digits + whole);
        return;
    }
    strcpy(out, "overflow");
}

static void text_of(struct value d, char *out)
{
    if (d.kind == VALUE_ERROR) {
        strcpy(out, d.text == value_overflow_text.bytes ? "overflow" : "zero");
        return;
    }
    out[value_decimal_write(d, out)] = 0;
}

/* Sizes and scales of all kinds, among them the edges. */
static struct value random_decimal(void)
{
    int bits = (int)(random_next() % 97);
    unsigned __int128 m = (unsigned __int128)random_next() << 64 | random_next();

    m = bits == 0 ? 0 : m >> (128 - bits);
    if (random_next() % 8 == 0) /* powers of ten and their neighbours */
        for (m = 1, bits = (int)(random_next() % 28); bits > 0; bits--)
            m *= 10;
    if (random_next() % 16 == 0)
        m = ((unsigned __int128)UINT32_MAX << 64 | UINT64_MAX) - random_next() % 3;
    return value_decimal_make((uint32_t)(m >> 64), (uint64_t)m, (unsigned)(random_next() % 29), random_next() & 1);
}

#define ROUNDS 1500

static void same(const char *sign, struct value a, struct value b, struct value got, const char *expected)
{
    char x[40], y[40], result[40];

    text_of(a, x);
    text_of(b, y);
    text_of(got, result);
    if (strcmp(result, expected) != 0)
        fail_msg("%s %s %s is %s, not %s", x, sign, y, result, expected);
}

UNIT_TEST(decimal_sums_are_exact_or_rounded_once)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct value a = random_decimal(), b = random_decimal();
        int scale = a.scale > b.scale ? a.scale : b.scale;
        struct big x = big_of(a), y = big_of(b), sum;
        bool negative = a.negative;
        char expected[DIGITS + 4];
        x = big_shift(&x, scale - a.scale);
        y = big_shift(&y, scale - b.scale);
        if (a.negative == b.negative) {
            sum = big_add(&x, &y);
        } else if (big_compare(&x, &y) >= 0) {
            sum = big_subtract(&x, &y);
        } else {
            sum = big_subtract(&y, &x);
            negative = b.negative;
        }
        nearest(&sum, scale, negative, false, expected);
        same("+", a, b, value_decimal_add(a, b), expected);
        same("-", a, b, value_decimal_subtract(a, value_decimal_negate(b)), expected);
    }
}

UNIT_TEST(decimal_products_are_exact_or_rounded_once)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct value a = random_decimal(), b = random_decimal();
        struct big x = big_of(a), y = big_of(b), product = big_multiply(&x, &y);
        char expected[DIGITS + 4];
        nearest(&product, a.scale + b.scale, a.negative != b.negative, false, expected);
        same("*", a, b, value_decimal_multiply(a, b), expected);
    }
}

/* Zeros that a longer quotient has at its end are not kept. */
static void strip(char *text, int least)
{
    char *point = strchr(text, '.');
    size_t size = strlen(text);

    while (point && size > (size_t)(point - text) + 1 + (size_t)least && text[size - 1] == '0')
        text[--size] = 0;
    if (point && point[1] == 0)
        *point = 0;
}

UNIT_TEST(decimal_quotients_are_exact_or_rounded_once)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct value a = random_decimal(), b = random_decimal();
        struct big x = big_of(a), y = big_of(b), quotient, rest, longer;
        char expected[DIGITS + 4], got[40];
        if (value_decimal_is_zero(b)) {
            assert_int_equal(value_decimal_divide(a, b).kind, VALUE_ERROR);
            continue;
        }
        longer = big_shift(&x, 100); /* far more digits than are kept */
        quotient = big_divide(&longer, &y, &rest);
        nearest(&quotient, 100 + a.scale - b.scale, a.negative != b.negative, !big_is_zero(&rest), expected);
        strip(expected, 0);
        text_of(value_decimal_divide(a, b), got);
        strip(got, 0);
        if (strcmp(got, expected) != 0)
            same("/", a, b, value_decimal_divide(a, b), expected);
    }
}

UNIT_TEST(decimal_remainders_are_exact)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct value a = random_decimal(), b = random_decimal(), got = value_decimal_modulo(a, b);
        int scale = a.scale > b.scale ? a.scale : b.scale;
        struct big x = big_of(a), y = big_of(b), rest;
        char expected[DIGITS + 4], text[40];
        if (value_decimal_is_zero(b)) {
            assert_int_equal(got.kind, VALUE_ERROR);
            continue;
        }
        x = big_shift(&x, scale - a.scale);
        y = big_shift(&y, scale - b.scale);
        (void)big_divide(&x, &y, &rest);
        nearest(&rest, scale, a.negative, false, expected);
        strip(expected, 0);
        text_of(got, text);
        strip(text, 0);
        if (strcmp(text, expected) != 0)
            same("Mod", a, b, got, expected);
    }
}

UNIT_TEST(decimal_order_is_that_of_the_difference)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct value a = random_decimal(), b = random_decimal();
        int scale = a.scale > b.scale ? a.scale : b.scale, expected;
        struct big x = big_of(a), y = big_of(b);
        x = big_shift(&x, scale - a.scale);
        y = big_shift(&y, scale - b.scale);
        expected = a.negative == b.negative ? big_compare(&x, &y) : big_is_zero(&x) && big_is_zero(&y) ? 0 : 1;
        if (a.negative)
            expected = -expected;
        assert_int_equal(value_decimal_compare(a, b) < 0 ? -1 : value_decimal_compare(a, b) > 0, expected);
    }
}

UNIT_TEST(decimal_text_reads_back)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct value a = random_decimal(), back;
        char text[40];
        size_t size = value_decimal_write(a, text);
        assert_true(value_decimal_parse(rs_text_of(text, size), &back));
        assert_int_equal(back.scale, a.scale);
        assert_int_equal(back.high, a.high);
        assert_true(back.low == a.low);
    }
}

UNIT_TEST(decimal_double_keeps_fifteen_digits)
{
    for (int i = 0; i < ROUNDS; i++) {
        double d = (double)(int64_t)(random_next() % 1000000000000) / 1000.0;
        struct value v = value_decimal_from_double(d);
        char text[40], expected[40];
        text_of(v, text);
        snprintf(expected, sizeof expected, "%.3f", d);
        strip(expected, 0);
        assert_string_equal(text, expected);
        assert_true(value_decimal_to_double(v) == d);
    }
}
