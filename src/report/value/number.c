#include "report/value/number.h"

#include <math.h>
#include <stdio.h>

#include "report/value/decimal.h"

typedef unsigned __int128 u128;

static const uint64_t powers[20] = {1u,
                                    10u,
                                    100u,
                                    1000u,
                                    10000u,
                                    100000u,
                                    1000000u,
                                    10000000u,
                                    100000000u,
                                    1000000000u,
                                    10000000000u,
                                    100000000000u,
                                    1000000000000u,
                                    10000000000000u,
                                    100000000000000u,
                                    1000000000000000u,
                                    10000000000000000u,
                                    100000000000000000u,
                                    1000000000000000000u,
                                    10000000000000000000u};

static const uint64_t powers_of_five[28] = {1u,
                                            5u,
                                            25u,
                                            125u,
                                            625u,
                                            3125u,
                                            15625u,
                                            78125u,
                                            390625u,
                                            1953125u,
                                            9765625u,
                                            48828125u,
                                            244140625u,
                                            1220703125u,
                                            6103515625u,
                                            30517578125u,
                                            152587890625u,
                                            762939453125u,
                                            3814697265625u,
                                            19073486328125u,
                                            95367431640625u,
                                            476837158203125u,
                                            2384185791015625u,
                                            11920928955078125u,
                                            59604644775390625u,
                                            298023223876953125u,
                                            1490116119384765625u,
                                            7450580596923828125u};

static const char pairs[] = "0001020304050607080910111213141516171819"
                            "2021222324252627282930313233343536373839"
                            "4041424344454647484950515253545556575859"
                            "6061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

/* ---- doubles -------------------------------------------------------------------------------- */

/* mantissa * 2^exponent * 10^k, rounded half up; exact, because mantissa * 5^k stays below 2^117. 0 <= k <= 27. */
static uint64_t scale_exactly(uint64_t mantissa, int exponent, int k)
{
    u128 product = (u128)mantissa * powers_of_five[k];
    int shift = -(exponent + k);

    if (shift <= 0)
        return shift < -64 ? UINT64_MAX : (uint64_t)(product << -shift);
    if (shift > 126)
        return 0;
    return (uint64_t)((product + ((u128)1 << (shift - 1))) >> shift);
}

/* 15 significant digits of a positive double between 1e-12 and 1e15: digits / 10^scale. */
static bool fifteen_digits(double size, uint64_t *digits, int *scale)
{
    uint64_t bits, mantissa, got;
    int exponent, k;

    if (!(size >= 1e-12 && size < 1e15))
        return false;
    memcpy(&bits, &size, sizeof bits);
    exponent = (int)(bits >> 52) - 1075; /* normal: its size says so */
    mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    k = 14 - ((exponent + 52) * 78913 >> 18); /* 78913 / 2^18: log10(2); the floor is right or one too small */
    if (k > 27)
        k = 27;
    if (k < 0)
        k = 0;
    got = scale_exactly(mantissa, exponent, k);
    if (got >= powers[15]) {
        if (k == 0)
            return false;
        k--;
        got = scale_exactly(mantissa, exponent, k);
        if (got >= powers[15]) /* 999999999999999.5 and the like */
            return false;
    }
    *digits = got;
    *scale = k;
    return true;
}

static void number_of_integer(uint64_t size, struct value_number *out)
{
    char digits[20];
    int at = 20;

    for (; size; size /= 10)
        digits[--at] = (char)('0' + size % 10);
    out->count = 20 - at;
    out->scale = out->count;
    memcpy(out->digits, digits + at, (size_t)out->count);
    out->digits[out->count] = 0;
}

static void strip_zeros(struct value_number *n)
{
    while (n->count > 0 && n->digits[n->count - 1] == '0')
        n->count--;
    n->digits[n->count] = 0;
}

static void number_of_double(double d, int digits, struct value_number *out)
{
    char text[VALUE_NUMBER_DIGITS_MAX + 16];
    double size = fabs(d);
    uint64_t fast;
    int scale, exponent = 0;

    out->negative = signbit(d) != 0;
    out->count = out->scale = 0;
    out->digits[0] = 0;
    if (size == 0) {
        out->negative = false;
        return;
    }
    if (digits == VALUE_DOUBLE_DIGITS && fifteen_digits(size, &fast, &scale)) {
        number_of_integer(fast, out);
        out->scale -= scale;
        strip_zeros(out);
        return;
    }
    /* d.ddde+xx with all digits that matter, so that a tie is seen; the point may be of the locale: skipped */
    snprintf(text, sizeof text, "%.*e", VALUE_NUMBER_DIGITS_MAX - 1, size);
    for (const char *c = text; *c && *c != 'e'; c++)
        if (rs_is_digit(*c))
            out->digits[out->count++] = *c;
    for (const char *c = strchr(text, 'e') + 2; *c; c++)
        exponent = exponent * 10 + (*c - '0');
    out->scale = (strchr(text, 'e')[1] == '-' ? -exponent : exponent) + 1;
    out->digits[out->count] = 0;
    value_number_round(out, digits);
}

void value_number_from(struct value v, int digits, struct value_number *out)
{
    char text[VALUE_DECIMAL_TEXT_SIZE];

    switch (v.kind) {
    case VALUE_INTEGER:
    case VALUE_LONG:
        out->negative = v.integer < 0;
        number_of_integer(v.integer < 0 ? 0 - (uint64_t)v.integer : (uint64_t)v.integer, out);
        return;
    case VALUE_DECIMAL: {
        struct value whole = v;
        size_t size;
        whole.scale = 0;
        whole.negative = 0;
        size = value_decimal_write(whole, text);
        if (value_decimal_is_zero(v))
            size = 0;
        memcpy(out->digits, text, size);
        out->digits[size] = 0;
        out->count = (int)size;
        out->scale = (int)size - v.scale;
        out->negative = v.negative && size > 0;
        return;
    }
    default:
        number_of_double(v.real, digits, out);
        return;
    }
}

void value_number_round(struct value_number *n, int position)
{
    int i = position < 0 ? 0 : position > n->count ? n->count : position;

    if (position >= 0 && i == position && n->digits[i] >= '5') {
        while (i > 0 && n->digits[i - 1] == '9')
            i--;
        if (i > 0) {
            n->digits[i - 1]++;
        } else {
            n->scale++;
            n->digits[0] = '1';
            i = 1;
        }
    } else {
        while (i > 0 && n->digits[i - 1] == '0')
            i--;
    }
    if (i == 0) {
        n->scale = 0;
        n->negative = false;
    }
    n->digits[i] = 0;
    n->count = i;
}

/* ---- the fast way --------------------------------------------------------------------------- */

bool value_scaled_from_double(double d, struct value_scaled *out)
{
    out->negative = d < 0;
    if (d == 0) {
        out->digits = 0;
        out->scale = 0;
        return true;
    }
    return fifteen_digits(fabs(d), &out->digits, &out->scale);
}

void value_scaled_drop(struct value_scaled *s, int drop)
{
    uint64_t power, quotient, rest;

    s->scale -= drop;
    if (drop == 1 || drop == 2) { /* what most averages and products of money need */
        quotient = drop == 1 ? s->digits / 10 : s->digits / 100;
        rest = s->digits - quotient * powers[drop];
        s->digits = quotient + (rest >= powers[drop] / 2);
    } else if (drop > 19) { /* 2^64 < 10^20 / 5: below one half */
        s->digits = 0;
    } else {
        power = powers[drop];
        quotient = s->digits / power;
        rest = s->digits - quotient * power;
        s->digits = quotient + (rest >= power / 2);
    }
    if (s->digits == 0)
        s->negative = false;
}

/* Backwards from `at`: the digits of `number`, at least `width`. */
static char *write_back(char *at, uint64_t number, int width)
{
    while (number >= 100) {
        at -= 2;
        memcpy(at, pairs + number % 100 * 2, 2);
        number /= 100;
        width -= 2;
    }
    while (number > 0 || width > 0) {
        *--at = (char)('0' + number % 10);
        number /= 10;
        width--;
    }
    return at;
}

/* A separator or point: nearly always one byte. */
static inline void put(char *at, rs_text t)
{
    if (t.size == 1)
        *at = t.bytes[0];
    else
        memcpy(at, t.bytes, t.size);
}

/* The same with a separator between every three digits. */
static char *write_back_by_three(char *at, uint64_t number, int width, rs_text separator)
{
    while (number >= 1000 || width > 3) {
        uint64_t group = number % 1000;
        at -= 2;
        memcpy(at, pairs + group % 100 * 2, 2);
        *--at = (char)('0' + group / 100);
        number /= 1000;
        width -= 3;
        at -= separator.size;
        put(at, separator);
    }
    return write_back(at, number, width);
}

/* Any sizes of groups, as 3;2 in India. */
static char *write_back_grouped(char *at, uint64_t number, int width, const struct value_number_shape *shape)
{
    int group = 0, left = shape->group_sizes[0];

    while (number > 0 || width > 0) {
        if (left == 0 && shape->group_sizes[group] != 0) {
            at -= shape->group.size;
            memcpy(at, shape->group.bytes, shape->group.size);
            if (group + 1 < shape->group_size_count)
                group++;
            left = shape->group_sizes[group];
        }
        *--at = (char)('0' + number % 10);
        number /= 10;
        width--;
        left -= left > 0;
    }
    return at;
}

static inline char *room_for(rs_buf *out, size_t size)
{
    return out->room - out->used < size ? rs_buf_reserve(out, size) : out->bytes + out->used;
}

/* How many decimal digits; 0 for 0. */
static int digit_count(uint64_t number)
{
    int guess;

    if (number == 0)
        return 0;
    guess = (64 - __builtin_clzll(number)) * 1233 >> 12; /* 1233 / 4096: log10(2); right or one too small */
    return guess + (guess == 20 || number >= powers[guess]);
}

static int separator_count(const struct value_number_shape *shape, int digits)
{
    int count = 0, group = 0, left = shape->group_sizes[0];

    if (shape->group_size_count == 1 && left == 3)
        return (digits - 1) / 3;
    while (left > 0 && digits > left) {
        digits -= left;
        count++;
        if (group + 1 < shape->group_size_count)
            group++;
        left = shape->group_sizes[group];
    }
    return count;
}

void value_scaled_write(const struct value_scaled *s, const struct value_number_shape *shape, rs_text point,
                        int min_integer, int min_decimals, rs_buf *out)
{
    uint64_t whole = s->digits, fraction = 0;
    int scale = s->scale, digits, decimals;
    size_t size;
    char *at;

    if (scale == 2) { /* money: dividing by a constant is many times faster */
        whole = s->digits / 100;
        fraction = s->digits - whole * 100;
    } else if (scale > 19) { /* 64 bits have at most 20 digits: nothing before the point */
        fraction = whole;
        whole = 0;
    } else if (scale > 0) {
        whole = s->digits / powers[scale];
        fraction = s->digits - whole * powers[scale];
    }
    while (scale > min_decimals && fraction % 10 == 0) {
        fraction /= 10;
        scale--;
    }
    decimals = scale > min_decimals ? scale : min_decimals;
    digits = digit_count(whole);
    if (digits < min_integer)
        digits = min_integer;
    size = (size_t)digits + (size_t)decimals + (decimals ? point.size : 0);
    if (shape && digits > 0)
        size += (size_t)separator_count(shape, digits) * shape->group.size;
    if (size == 0)
        return;
    at = room_for(out, size) + size;
    out->used += size;
    if (decimals > 0) {
        if (decimals > scale) {
            at -= decimals - scale;
            memset(at, '0', (size_t)(decimals - scale));
        }
        at = write_back(at, fraction, scale);
        at -= point.size;
        put(at, point);
    }
    if (!shape)
        (void)write_back(at, whole, digits);
    else if (shape->group_size_count == 1 && shape->group_sizes[0] == 3)
        (void)write_back_by_three(at, whole, digits, shape->group);
    else
        (void)write_back_grouped(at, whole, digits, shape);
}
