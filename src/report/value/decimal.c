#include "report/value/decimal.h"

#include <math.h>

const rs_text value_overflow_text = {"Arithmetic operation resulted in an overflow.", 45};
const rs_text value_divide_by_zero_text = {"Attempted to divide by zero.", 28};

typedef unsigned __int128 u128;

/* What a sum or a product needs before it is rounded: 96 + 96 bits, or 96 bits times 10^28. */
struct wide {
    uint64_t limbs[3]; /* least first */
};

#define E19 UINT64_C(10000000000000000000)

static const uint64_t powers[20] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    E19,
};

static inline u128 power_of_ten(unsigned n) /* n <= 38 */
{
    return n < 20 ? powers[n] : (u128)powers[n - 19] * E19;
}

static inline u128 magnitude(struct value d)
{
    return (u128)d.high << 64 | d.low;
}

static inline bool fits(u128 m) /* in 96 bits */
{
    return m >> 96 == 0;
}

static inline struct value pack(u128 m, unsigned scale, bool negative)
{
    return value_decimal_make((uint32_t)(m >> 64), (uint64_t)m, scale, negative);
}

static struct value overflow(void)
{
    return value_error(value_overflow_text);
}

/* ---- wide ------------------------------------------------------------------------------------ */

static struct wide wide_of(u128 m)
{
    return (struct wide){{(uint64_t)m, (uint64_t)(m >> 64), 0}};
}

static struct wide wide_product(u128 a, u128 b) /* both < 2^96 */
{
    u128 low = (u128)(uint64_t)a * (uint64_t)b;
    u128 middle = (u128)(uint64_t)a * (uint64_t)(b >> 64) + (u128)(uint64_t)(a >> 64) * (uint64_t)b;
    u128 high = (u128)(uint64_t)(a >> 64) * (uint64_t)(b >> 64);
    struct wide w;

    middle += low >> 64; /* < 2^97 + 2^64: no carry is lost */
    w.limbs[0] = (uint64_t)low;
    w.limbs[1] = (uint64_t)middle;
    w.limbs[2] = (uint64_t)(high + (middle >> 64));
    return w;
}

static struct wide wide_sum(struct wide a, struct wide b)
{
    u128 sum = (u128)a.limbs[0] + b.limbs[0];
    struct wide w;

    w.limbs[0] = (uint64_t)sum;
    sum = (u128)a.limbs[1] + b.limbs[1] + (uint64_t)(sum >> 64);
    w.limbs[1] = (uint64_t)sum;
    w.limbs[2] = a.limbs[2] + b.limbs[2] + (uint64_t)(sum >> 64);
    return w;
}

static struct wide wide_difference(struct wide a, struct wide b) /* a >= b */
{
    struct wide w;
    bool borrow = a.limbs[0] < b.limbs[0];
    u128 rest;

    w.limbs[0] = a.limbs[0] - b.limbs[0];
    rest = ((u128)a.limbs[2] << 64 | a.limbs[1]) - ((u128)b.limbs[2] << 64 | b.limbs[1]) - borrow;
    w.limbs[1] = (uint64_t)rest;
    w.limbs[2] = (uint64_t)(rest >> 64);
    return w;
}

static int wide_compare(struct wide a, struct wide b)
{
    for (int i = 2; i >= 0; i--)
        if (a.limbs[i] != b.limbs[i])
            return a.limbs[i] < b.limbs[i] ? -1 : 1;
    return 0;
}

static int wide_bits(struct wide w)
{
    for (int i = 2; i >= 0; i--)
        if (w.limbs[i])
            return i * 64 + 64 - __builtin_clzll(w.limbs[i]);
    return 0;
}

static uint64_t wide_divide(struct wide *w, uint64_t by) /* gives the remainder */
{
    u128 rest = 0;

    for (int i = 2; i >= 0; i--) {
        rest = rest << 64 | w->limbs[i];
        w->limbs[i] = (uint64_t)(rest / by);
        rest %= by;
    }
    return (uint64_t)rest;
}

/* w / 10^drop, half-even. `sticky`: something not zero was already dropped behind `w`. */
static struct wide wide_drop(struct wide w, unsigned drop, bool sticky)
{
    uint64_t digit;

    if (drop == 0)
        return w;
    for (drop--; drop > 0;) {
        unsigned step = drop < 19 ? drop : 19;
        sticky |= wide_divide(&w, powers[step]) != 0;
        drop -= step;
    }
    digit = wide_divide(&w, 10);
    if (digit > 5 || (digit == 5 && (sticky || (w.limbs[0] & 1))))
        w = wide_sum(w, wide_of(1));
    return w;
}

/* The decimal nearest to w / 10^scale; rounds once, from the whole value. */
static struct value wide_pack(struct wide w, unsigned scale, bool negative, bool sticky)
{
    int bits = wide_bits(w);
    unsigned drop = scale > VALUE_DECIMAL_SCALE_MAX ? scale - VALUE_DECIMAL_SCALE_MAX : 0;

    if (bits > 96) { /* 0.30102 < log10(2): never drops too much */
        unsigned least = (unsigned)((bits - 97) * 30102 / 100000);
        drop = drop > least ? drop : least;
    }
    for (; drop <= scale; drop++) {
        struct wide dropped = wide_drop(w, drop, sticky);
        if (wide_bits(dropped) <= 96)
            return value_decimal_make((uint32_t)dropped.limbs[1], dropped.limbs[0], scale - drop, negative);
    }
    return overflow();
}

/* ---- text ------------------------------------------------------------------------------------ */

/* Digits as they are read. 38 significant digits are kept, of the others only whether one is not zero. */
struct reading {
    u128 digits;
    int64_t exponent; /* the value is digits * 10^exponent */
    int count;        /* significant digits so far */
    bool sticky;
};

static void reading_add(struct reading *reading, char c, bool behind_point)
{
    if (reading->count < 38) {
        reading->digits = reading->digits * 10 + (unsigned)(c - '0');
        reading->count += reading->digits != 0;
        reading->exponent -= behind_point;
    } else {
        reading->sticky |= c != '0';
        reading->exponent += !behind_point;
    }
}

static struct value reading_pack(const struct reading *reading, bool negative)
{
    int64_t exponent = reading->exponent;

    if (reading->digits == 0) {
        int64_t scale = exponent > 0 ? 0 : -exponent;
        return pack(0, scale > VALUE_DECIMAL_SCALE_MAX ? VALUE_DECIMAL_SCALE_MAX : (unsigned)scale, negative);
    }
    if (exponent < -100) /* below half of the last place, whatever the 38 digits are */
        return pack(0, VALUE_DECIMAL_SCALE_MAX, negative);
    if (exponent <= 0)
        return wide_pack(wide_of(reading->digits), (unsigned)-exponent, negative, reading->sticky);
    if (exponent > 28 || !fits(reading->digits))
        return overflow();
    return wide_pack(wide_product(reading->digits, power_of_ten((unsigned)exponent)), 0, negative, false);
}

/* The exponent behind e; false where it is none. Cut at a million: all beyond is the same. */
static bool read_exponent(rs_text t, int64_t *out)
{
    size_t i = 0;
    bool negative = false;
    int64_t exponent = 0;

    if (i < t.size && (t.bytes[i] == '+' || t.bytes[i] == '-'))
        negative = t.bytes[i++] == '-';
    if (i == t.size)
        return false;
    for (; i < t.size; i++) {
        if (!rs_is_digit(t.bytes[i]))
            return false;
        if (exponent < 1000000)
            exponent = exponent * 10 + (t.bytes[i] - '0');
    }
    *out = negative ? -exponent : exponent;
    return true;
}

bool value_decimal_parse(rs_text t, struct value *out)
{
    struct reading reading = {0};
    int64_t exponent = 0;
    bool negative = false, point = false, any = false;
    size_t i = 0;

    if (i < t.size && (t.bytes[i] == '+' || t.bytes[i] == '-'))
        negative = t.bytes[i++] == '-';
    for (; i < t.size; i++) {
        char c = t.bytes[i];
        if (c == '.' && !point) {
            point = true;
        } else if (rs_is_digit(c)) {
            any = true;
            reading_add(&reading, c, point);
        } else {
            break;
        }
    }
    if (!any)
        return false;
    if (i < t.size && (t.bytes[i] == 'e' || t.bytes[i] == 'E')) {
        if (!read_exponent(rs_text_from_offset(t, i + 1), &exponent))
            return false;
    } else if (i < t.size) {
        return false;
    }
    reading.exponent += exponent;
    *out = reading_pack(&reading, negative);
    return true;
}

size_t value_decimal_write(struct value d, char out[VALUE_DECIMAL_TEXT_SIZE])
{
    char digits[40];
    size_t at = sizeof digits, used = 0, count, whole;
    u128 m = magnitude(d);

    while (m >> 64) {
        uint64_t part = (uint64_t)(m % E19);
        m /= E19;
        for (int i = 0; i < 19; i++, part /= 10)
            digits[--at] = (char)('0' + part % 10);
    }
    for (uint64_t part = (uint64_t)m; part; part /= 10)
        digits[--at] = (char)('0' + part % 10);
    while (sizeof digits - at < (size_t)d.scale + 1)
        digits[--at] = '0';
    count = sizeof digits - at;
    whole = count - d.scale;
    if (d.negative && !value_decimal_is_zero(d))
        out[used++] = '-';
    memcpy(out + used, digits + at, whole);
    used += whole;
    if (d.scale) {
        out[used++] = '.';
        memcpy(out + used, digits + at + whole, d.scale);
        used += d.scale;
    }
    return used;
}

/* ---- doubles --------------------------------------------------------------------------------- */

static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23,
                                      1e24, 1e25, 1e26, 1e27, 1e28, 1e29};

/* `digits` significant digits (15 or 7) in the steps that .NET takes, so that the last digit is the same. */
static struct value from_real(double d, int digits)
{
    int exponent, power;
    bool negative = signbit(d);
    double size = fabs(d), rest;
    uint64_t mantissa;

    if (isnan(d) || isinf(d))
        return overflow();
    if (size == 0)
        return pack(0, 0, false);
    (void)frexp(size, &exponent);
    if (exponent < -94)
        return pack(0, 0, false);
    if (exponent > 96)
        return overflow();
    power = digits - 1 - (exponent * 19728 >> 16); /* 19728 / 65536: log10(2) */
    if (power >= 0) {
        if (power > VALUE_DECIMAL_SCALE_MAX)
            power = VALUE_DECIMAL_SCALE_MAX;
        size *= exact_powers[power];
    } else if (power != -1 || size >= exact_powers[digits]) {
        size /= exact_powers[-power];
    } else {
        power = 0;
    }
    if (size < exact_powers[digits - 1] && power < VALUE_DECIMAL_SCALE_MAX) {
        size *= 10;
        power++;
    }
    mantissa = (uint64_t)size;
    rest = size - (double)mantissa;
    if (rest > 0.5 || (rest == 0.5 && (mantissa & 1)))
        mantissa++;
    if (mantissa == 0)
        return pack(0, 0, false);
    if (power < 0)
        return wide_pack(wide_product(mantissa, power_of_ten((unsigned)-power)), 0, negative, false);
    while (power > 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        power--;
    }
    return pack(mantissa, (unsigned)power, negative);
}

struct value value_decimal_from_double(double d)
{
    return from_real(d, 15);
}

struct value value_decimal_from_single(double d)
{
    return from_real(d, 7);
}

double value_decimal_to_double(struct value d)
{
    double size = d.high ? (double)d.high * 18446744073709551616.0 + (double)d.low : (double)d.low;

    if (d.scale)
        size /= exact_powers[d.scale];
    return d.negative ? -size : size;
}

bool value_decimal_to_int64(struct value d, int64_t *out)
{
    u128 m = magnitude(d) / power_of_ten(d.scale);

    if (m > (u128)INT64_MAX + (d.negative != 0))
        return false;
    *out = (int64_t)(d.negative ? 0 - (uint64_t)m : (uint64_t)m);
    return true;
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

/* a + b where their scales differ by too much for 128 bits. */
static struct value add_wide(struct value a, struct value b)
{
    unsigned scale = a.scale > b.scale ? a.scale : b.scale;
    struct wide x = wide_product(magnitude(a), power_of_ten(scale - a.scale));
    struct wide y = wide_product(magnitude(b), power_of_ten(scale - b.scale));

    if (a.negative == b.negative)
        return wide_pack(wide_sum(x, y), scale, a.negative, false);
    if (wide_compare(x, y) >= 0)
        return wide_pack(wide_difference(x, y), scale, a.negative, false);
    return wide_pack(wide_difference(y, x), scale, b.negative, false);
}

struct value value_decimal_add(struct value a, struct value b)
{
    u128 x = magnitude(a), y = magnitude(b), sum;
    unsigned scale = a.scale;
    bool negative = a.negative;

    if (a.scale != b.scale) {
        unsigned step = a.scale > b.scale ? a.scale - b.scale : b.scale - a.scale;
        if (step > 9) /* 96 bits * 10^9 < 2^126 */
            return add_wide(a, b);
        if (a.scale < b.scale) {
            x *= powers[step];
            scale = b.scale;
        } else {
            y *= powers[step];
        }
    }
    if (a.negative == b.negative) {
        sum = x + y;
    } else if (x >= y) {
        sum = x - y;
        negative = negative && sum != 0;
    } else {
        sum = y - x;
        negative = b.negative;
    }
    if (fits(sum))
        return pack(sum, scale, negative);
    return wide_pack(wide_of(sum), scale, negative, false);
}

struct value value_decimal_subtract(struct value a, struct value b)
{
    return value_decimal_add(a, value_decimal_negate(b));
}

struct value value_decimal_multiply(struct value a, struct value b)
{
    unsigned scale = (unsigned)a.scale + b.scale;
    bool negative = a.negative != b.negative;

    if ((a.high | b.high) == 0) {
        u128 product = (u128)a.low * b.low;
        if (fits(product) && scale <= VALUE_DECIMAL_SCALE_MAX)
            return pack(product, scale, negative);
    }
    return wide_pack(wide_product(magnitude(a), magnitude(b)), scale, negative, false);
}

/* Remove zeros at the end, as far as there are digits behind the point. */
static struct value strip_zeros(u128 m, unsigned scale, bool negative)
{
    static const unsigned steps[] = {16, 8, 4, 2, 1};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        unsigned step = steps[i];
        if (scale < step)
            continue;
        if (m >> 64 ? m % powers[step] == 0 : (uint64_t)m % powers[step] == 0) {
            m = m >> 64 ? m / powers[step] : (uint64_t)m / powers[step];
            scale -= step;
        }
    }
    return pack(m, scale, negative);
}

/* How many digits a quotient may still get so that it stays below 2^96; at most `most`. One too many at most. */
static unsigned digits_left(u128 quotient, unsigned most)
{
    int bits = quotient >> 64 ? 128 - __builtin_clzll((uint64_t)(quotient >> 64))
               : quotient     ? 64 - __builtin_clzll((uint64_t)quotient)
                              : 0;
    unsigned left = (unsigned)((97 - bits) * 30103 / 100000);

    return left < most ? left : most;
}

/* quotient, remainder of an inexact division: add digits while they fit, then round half-even. */
static struct value divide_on(u128 quotient, u128 rest, u128 divisor, int scale, bool negative)
{
    unsigned most = divisor >> 64 ? 9 : 19; /* rest * 10^most < 2^128 */

    while (rest != 0 && scale < VALUE_DECIMAL_SCALE_MAX) {
        unsigned left = (unsigned)(VALUE_DECIMAL_SCALE_MAX - scale);
        unsigned step = digits_left(quotient, left < most ? left : most);
        u128 longer = 0, more = 0;
        for (; step > 0; step--) {
            more = rest * powers[step];
            longer = quotient * powers[step] + more / divisor; /* quotient * 10^step < 2^98 */
            if (fits(longer))
                break;
        }
        if (step == 0)
            break;
        rest = more % divisor;
        quotient = longer;
        scale += (int)step;
    }
    if (scale < 0) { /* exact, or full: what is missing are zeros that do not fit or may */
        struct wide w = wide_product(quotient, power_of_ten((unsigned)-scale));
        return rest ? overflow() : wide_pack(w, 0, negative, false);
    }
    if (rest > divisor - rest || (rest == divisor - rest && (quotient & 1))) {
        quotient++;
        if (!fits(quotient)) {
            if (scale == 0)
                return overflow();
            quotient = quotient / 10 + 1; /* 2^96 ends in 6 */
            scale--;
        }
    }
    return strip_zeros(quotient, (unsigned)scale, negative);
}

struct value value_decimal_divide(struct value a, struct value b)
{
    int scale = (int)a.scale - (int)b.scale;
    bool negative = a.negative != b.negative;
    u128 x, y, quotient, rest;

    if (value_decimal_is_zero(b))
        return value_error(value_divide_by_zero_text);
    if ((a.high | b.high) == 0) {
        quotient = a.low / b.low;
        rest = a.low % b.low;
        y = b.low;
    } else {
        x = magnitude(a);
        y = magnitude(b);
        quotient = x / y;
        rest = x - quotient * y;
    }
    if (rest == 0 && scale >= 0)
        return pack(quotient, (unsigned)scale, negative);
    return divide_on(quotient, rest, y, scale, negative);
}

struct value value_decimal_modulo(struct value a, struct value b)
{
    u128 x = magnitude(a), y = magnitude(b);

    if (y == 0)
        return value_error(value_divide_by_zero_text);
    if (a.scale >= b.scale) {
        for (unsigned left = (unsigned)a.scale - b.scale; left > 0;) { /* y grows until it is above x */
            unsigned step = left < 9 ? left : 9;
            y *= powers[step];
            left -= step;
            if (y > x)
                return a;
        }
        return pack(x % y, a.scale, a.negative);
    }
    x %= y;
    for (unsigned left = (unsigned)b.scale - a.scale; left > 0;) {
        unsigned step = left < 9 ? left : 9;
        x = x * powers[step] % y;
        left -= step;
    }
    if (value_decimal_compare((struct value){.kind = VALUE_DECIMAL, .scale = a.scale, .high = a.high, .low = a.low},
                              (struct value){.kind = VALUE_DECIMAL, .scale = b.scale, .high = b.high, .low = b.low}) < 0)
        return a; /* unchanged, with its own scale */
    return pack(x, b.scale, a.negative);
}

int value_decimal_compare(struct value a, struct value b)
{
    bool a_zero = value_decimal_is_zero(a), b_zero = value_decimal_is_zero(b);
    bool a_negative = a.negative && !a_zero, b_negative = b.negative && !b_zero;
    int order;

    if (a_negative != b_negative)
        return a_negative ? -1 : 1;
    if (a.scale == b.scale) {
        u128 x = magnitude(a), y = magnitude(b);
        order = x < y ? -1 : x > y;
    } else {
        unsigned scale = a.scale > b.scale ? a.scale : b.scale;
        order = wide_compare(wide_product(magnitude(a), power_of_ten(scale - a.scale)),
                             wide_product(magnitude(b), power_of_ten(scale - b.scale)));
    }
    return a_negative ? -order : order;
}

struct value value_decimal_round(struct value d, unsigned digits, enum value_rounding rounding)
{
    u128 m = magnitude(d), power, quotient, rest, half;
    bool up = false;

    if (d.scale <= digits)
        return d;
    power = power_of_ten(d.scale - digits);
    quotient = m / power;
    rest = m - quotient * power;
    half = power / 2; /* a power of ten above 1 is even */
    switch (rounding) {
    case VALUE_ROUND_HALF_EVEN:
        up = rest > half || (rest == half && (quotient & 1));
        break;
    case VALUE_ROUND_HALF_AWAY:
        up = rest >= half;
        break;
    case VALUE_ROUND_FLOOR:
        up = d.negative && rest != 0;
        break;
    case VALUE_ROUND_CEILING:
        up = !d.negative && rest != 0;
        break;
    case VALUE_ROUND_TRUNCATE:
        break;
    }
    return pack(quotient + up, digits, d.negative);
}

double value_double_round(double d, unsigned digits, enum value_rounding rounding)
{
    double power, scaled, whole;

    if (!(fabs(d) < 1e16)) /* no fraction left; also infinite and NaN */
        return d;
    power = exact_powers[digits > 15 ? 15 : digits];
    scaled = d * power;
    whole = trunc(scaled);
    switch (rounding) {
    case VALUE_ROUND_HALF_EVEN:
        whole = rint(scaled);
        break;
    case VALUE_ROUND_HALF_AWAY:
        if (fabs(scaled - whole) >= 0.5)
            whole += scaled < 0 ? -1 : 1;
        break;
    case VALUE_ROUND_FLOOR:
        whole = floor(scaled);
        break;
    case VALUE_ROUND_CEILING:
        whole = ceil(scaled);
        break;
    case VALUE_ROUND_TRUNCATE:
        break;
    }
    return whole / power;
}
