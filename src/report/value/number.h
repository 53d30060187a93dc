/* report/value/number.h - the decimal digits that formats work on. Inside this folder only.
 *
 * A double is first written with 15 significant digits (a single with 7), as .NET Framework does; every rounding
 * to a format happens on those digits, half away from zero.
 */
#ifndef REPORT_VALUE_NUMBER_H
#define REPORT_VALUE_NUMBER_H

#include "base/buf.h"
#include "report/value/culture.h"
#include "report/value/value.h"

#define VALUE_NUMBER_DIGITS_MAX 32

struct value_number {
    char digits[VALUE_NUMBER_DIGITS_MAX + 1]; /* terminated; the first is not '0'; zeros at the end only of decimals */
    int count;
    int scale; /* the value is 0.digits * 10^scale */
    bool negative;
};

/* Significant digits of a double or single in ordinary formats. */
#define VALUE_DOUBLE_DIGITS 15
#define VALUE_SINGLE_DIGITS 7

/* `digits` only matters for doubles and singles, which must be finite. */
void value_number_from(struct value v, int digits, struct value_number *out);

/* Keep `position` digits; half away from zero. */
void value_number_round(struct value_number *n, int position);

/* A number that fits in 64 bits: digits / 10^scale. The fast way for nearly all numbers of a report. */
struct value_scaled {
    uint64_t digits;
    int scale; /* 0 to 28 */
    bool negative;
};

bool value_scaled_from_double(double d, struct value_scaled *out);
void value_scaled_drop(struct value_scaled *s, int drop); /* drop > 0 */

/* False where it does not fit, or the general way must write it. */
static inline bool value_scaled_from(struct value v, struct value_scaled *out)
{
    switch (v.kind) {
    case VALUE_INTEGER:
    case VALUE_LONG:
        *out = (struct value_scaled){v.integer < 0 ? 0 - (uint64_t)v.integer : (uint64_t)v.integer, 0, v.integer < 0};
        return true;
    case VALUE_DECIMAL:
        *out = (struct value_scaled){v.low, v.scale, v.negative && v.low};
        return v.high == 0;
    case VALUE_DOUBLE:
        return value_scaled_from_double(v.real, out);
    default:
        return false;
    }
}

/* To at most `decimals` digits behind the point, half away from zero. */
static inline void value_scaled_round(struct value_scaled *s, int decimals)
{
    if (s->scale > decimals)
        value_scaled_drop(s, s->scale - decimals);
}

/* Integer part with separators (`shape` NULL: none), then the point and digits behind it.
 *
 * min_integer   digits before the point at least
 * min_decimals  zeros are written up to here; other zeros at the end are dropped
 */
void value_scaled_write(const struct value_scaled *s, const struct value_number_shape *shape, rs_text point,
                        int min_integer, int min_decimals, rs_buf *out);

/* ---- dates: what format.c hands over ------------------------------------------------------------ */

bool value_date_append(const struct value_culture *culture, struct value v, rs_text format, rs_buf *out);
bool value_span_append(const struct value_culture *culture, int64_t ticks, rs_text format, rs_buf *out);

#endif
