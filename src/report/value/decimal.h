/* report/value/decimal.h - exact money: numbers of 96 bits with 0 to 28 digits behind the point.
 *
 * A decimal is a struct value of kind VALUE_DECIMAL, so nothing is converted between here and a field. Every
 * function that can overflow gives a VALUE_ERROR with a constant text instead.
 *
 * Source:  .NET System.Decimal: scale kept by addition (1.10 + 1 = 2.10), summed by multiplication, as short as
 *          possible after an inexact division; half-even rounding of what does not fit.
 */
#ifndef REPORT_VALUE_DECIMAL_H
#define REPORT_VALUE_DECIMAL_H

#include "report/value/value.h"

#define VALUE_DECIMAL_SCALE_MAX 28
#define VALUE_DECIMAL_TEXT_SIZE 33 /* sign, 29 digits, "0.", no terminator */

/* The texts of the errors, for callers that compare or explain them. */
extern const rs_text value_overflow_text;       /* Arithmetic operation resulted in an overflow. */
extern const rs_text value_divide_by_zero_text; /* Attempted to divide by zero. */

static inline struct value value_decimal_make(uint32_t high, uint64_t low, unsigned scale,
                                              bool negative)
{
    return (struct value){.kind = VALUE_DECIMAL,
                          .scale = (uint8_t)scale,
                          .negative = negative,
                          .high = high,
                          .low = low};
}

static inline struct value value_decimal_from_int64(int64_t i)
{
    return value_decimal_make(0, i < 0 ? 0 - (uint64_t)i : (uint64_t)i, 0, i < 0);
}

static inline struct value value_decimal_from_uint64(uint64_t u)
{
    return value_decimal_make(0, u, 0, false);
}

static inline bool value_decimal_is_zero(struct value d)
{
    return d.low == 0 && d.high == 0;
}

/* Rounded to 15 (single: 7) significant digits, as .NET converts. Error where it does not fit or is no number. */
struct value value_decimal_from_double(double d);
struct value value_decimal_from_single(double d);

/* [sign] digits [. digits] [e [sign] digits], the point is '.', nothing around it. What is behind the 28th digit
 * is rounded half-even. False where it is not such a number; *out is an error where it is too large. */
bool value_decimal_parse(rs_text t, struct value *out);

/* [-]digits[.digits], all digits of the scale; returns the bytes written. */
size_t value_decimal_write(struct value d, char out[VALUE_DECIMAL_TEXT_SIZE]);

double value_decimal_to_double(struct value d);
/* Without the fraction; false where it does not fit. */
bool value_decimal_to_int64(struct value d, int64_t *out);

struct value value_decimal_add(struct value a, struct value b);
struct value value_decimal_subtract(struct value a, struct value b);
struct value value_decimal_multiply(struct value a, struct value b);
struct value value_decimal_divide(struct value a, struct value b);
struct value value_decimal_modulo(struct value a, struct value b); /* sign of `a` */
int value_decimal_compare(struct value a, struct value b);         /* < 0, 0, > 0; 1.0 equals 1.00 */

static inline struct value value_decimal_negate(struct value d)
{
    d.negative ^= 1;
    return d;
}

enum value_rounding {
    VALUE_ROUND_HALF_EVEN, /* Math.Round, CInt */
    VALUE_ROUND_HALF_AWAY, /* MidpointRounding.AwayFromZero, formats */
    VALUE_ROUND_FLOOR,     /* Floor, Int */
    VALUE_ROUND_CEILING,
    VALUE_ROUND_TRUNCATE   /* Truncate, Fix */
};

/* Keep `digits` (0 to 28) behind the point; a decimal with fewer is unchanged. */
struct value value_decimal_round(struct value d, unsigned digits, enum value_rounding rounding);

/* The same for a double, as Math.Round(double, digits) does (0 to 15 digits). */
double value_double_round(double d, unsigned digits, enum value_rounding rounding);

#endif
