/* System.Math, Decimal, VBMath, and Int and Fix of Microsoft.VisualBasic.Conversion. */
#include <math.h>
#include <stdatomic.h>
#include <time.h>

#include "report/expr/functions.h"

/* ---- functions of doubles ------------------------------------------------------------------ */

#define REAL(function, of)                                                                     \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        double x;                                                                              \
                                                                                               \
        return expr_double(call, 0, &x) ? value_double(of) : expr_failed(call);                \
    }
#define REAL_PAIR(function, of)                                                                \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        double x, y;                                                                           \
                                                                                               \
        return expr_double(call, 0, &x) && expr_double(call, 1, &y) ? value_double(of)         \
                                                                    : expr_failed(call);       \
    }
#define ASKS(function, of)                                                                     \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        double x;                                                                              \
                                                                                               \
        return expr_double(call, 0, &x) ? value_boolean(of) : expr_failed(call);               \
    }

REAL(fn_acos, acos(x))
REAL(fn_asin, asin(x))
REAL(fn_atan, atan(x))
REAL(fn_cos, cos(x))
REAL(fn_cosh, cosh(x))
REAL(fn_exp, exp(x))
REAL(fn_log10, log10(x))
REAL(fn_sin, sin(x))
REAL(fn_sinh, sinh(x))
REAL(fn_sqrt, sqrt(x))
REAL(fn_tan, tan(x))
REAL(fn_tanh, tanh(x))
REAL_PAIR(fn_atan2, atan2(x, y))
REAL_PAIR(fn_ieee_remainder, remainder(x, y))
REAL_PAIR(fn_pow, pow(x, y))
ASKS(fn_is_nan, isnan(x))
ASKS(fn_is_infinity, isinf(x))
ASKS(fn_is_positive_infinity, isinf(x) && x > 0)
ASKS(fn_is_negative_infinity, isinf(x) && x < 0)

struct value fn_log(struct expr_call *call)
{
    double x, base;

    if (!expr_double(call, 0, &x) || !expr_double_or(call, 1, 0, &base))
        return expr_failed(call);
    if (!expr_given(call, 1))
        return value_double(log(x));
    return value_double(base == 1 ? (double)NAN : log(x) / log(base));
}

/* ---- functions of any number ---------------------------------------------------------------- */

/* The argument as the number it is; text becomes a Double, Nothing and False 0. */
static bool number_argument(struct expr_call *call, int index, struct value *out)
{
    struct value v = expr_value(call, index);

    if (v.kind == VALUE_BOOLEAN || v.kind == VALUE_NULL)
        v = value_to_whole(call->job, v, VALUE_AS_INTEGER, call->culture);
    else if (!value_is_number(v))
        v = value_to_double(call->job, v, call->culture);
    if (value_is_error(v)) {
        call->error = v;
        return false;
    }
    *out = v;
    return true;
}

struct value fn_abs(struct expr_call *call)
{
    struct value v;

    if (!number_argument(call, 0, &v))
        return expr_failed(call);
    switch (v.kind) {
    case VALUE_DECIMAL:
        v.negative = 0;
        return v;
    case VALUE_INTEGER: case VALUE_LONG:
        if (v.integer == (v.kind == VALUE_INTEGER ? INT32_MIN : INT64_MIN))
            return value_error(value_overflow_text);
        v.integer = v.integer < 0 ? -v.integer : v.integer;
        return v;
    default:
        v.real = fabs(v.real);
        return v;
    }
}

struct value fn_sign(struct expr_call *call)
{
    struct value v;

    if (!number_argument(call, 0, &v))
        return expr_failed(call);
    if (v.kind == VALUE_DECIMAL)
        return value_integer(value_decimal_is_zero(v) ? 0 : v.negative ? -1 : 1);
    if (v.kind == VALUE_INTEGER || v.kind == VALUE_LONG)
        return value_integer(v.integer < 0 ? -1 : v.integer > 0);
    return isnan(v.real) ? EXPR_ERROR("Sign of what is not a number") : value_integer(v.real < 0 ? -1 : v.real > 0);
}

/* Int and Fix keep the type they are given. */
static struct value round_whole(struct expr_call *call, enum value_rounding rounding)
{
    struct value v;

    if (!number_argument(call, 0, &v))
        return expr_failed(call);
    if (v.kind == VALUE_DECIMAL)
        return value_decimal_round(v, 0, rounding);
    if (v.kind == VALUE_INTEGER || v.kind == VALUE_LONG)
        return v;
    v.real = rounding == VALUE_ROUND_FLOOR ? floor(v.real) : rounding == VALUE_ROUND_CEILING ? ceil(v.real) : trunc(v.real);
    return v;
}

struct value fn_int(struct expr_call *call)
{
    return round_whole(call, VALUE_ROUND_FLOOR);
}

struct value fn_fix(struct expr_call *call)
{
    return round_whole(call, VALUE_ROUND_TRUNCATE);
}

/* Floor, Ceiling, Truncate of a whole number: a Decimal, of the two types that Math has them for the nearer one. */
static struct value round_exact(struct expr_call *call, enum value_rounding rounding)
{
    struct value v = round_whole(call, rounding);

    return v.kind == VALUE_INTEGER || v.kind == VALUE_LONG ? value_decimal_from_int64(v.integer) : v;
}

struct value fn_floor(struct expr_call *call)
{
    return round_exact(call, VALUE_ROUND_FLOOR);
}

struct value fn_ceiling(struct expr_call *call)
{
    return round_exact(call, VALUE_ROUND_CEILING);
}

struct value fn_truncate(struct expr_call *call)
{
    return round_exact(call, VALUE_ROUND_TRUNCATE);
}

/* Round(x [, digits] [, mode]): half to even unless the mode says otherwise; a whole number becomes a Decimal. */
struct value fn_round(struct expr_call *call)
{
    bool mode_second = expr_value(call, 1).kind == VALUE_INTEGER && (expr_value(call, 1).flags & EXPR_IS_MODE);
    struct value v;
    int32_t digits = 0, mode;

    if (!number_argument(call, 0, &v) || (!mode_second && !expr_whole_or(call, 1, 0, &digits)) ||
        !expr_whole_or(call, mode_second ? 1 : 2, 0, &mode))
        return expr_failed(call);
    if (mode < 0 || mode > 1)
        return EXPR_ERROR("the mode of Round must be a MidpointRounding");
    if (v.kind == VALUE_INTEGER || v.kind == VALUE_LONG)
        v = value_decimal_from_int64(v.integer);
    enum value_rounding rounding = mode == 1 ? VALUE_ROUND_HALF_AWAY : VALUE_ROUND_HALF_EVEN;
    if (digits < 0 || digits > (v.kind == VALUE_DECIMAL ? VALUE_DECIMAL_SCALE_MAX : 15))
        return EXPR_ERROR("Round takes 0 to 15 digits, and to 28 for a Decimal");
    if (v.kind == VALUE_DECIMAL)
        return value_decimal_round(v, (unsigned)digits, rounding);
    return value_double(value_double_round(v.real, (unsigned)digits, rounding));
}

/* In the wider of the two types. */
static struct value extreme(struct expr_call *call, bool larger)
{
    struct value a, b;

    if (!number_argument(call, 0, &a) || !number_argument(call, 1, &b))
        return expr_failed(call);
    uint8_t kind = a.kind > b.kind ? a.kind : b.kind;
    if (a.kind == VALUE_DECIMAL || b.kind == VALUE_DECIMAL) { /* Decimal gives way to Single and Double */
        uint8_t other = a.kind == VALUE_DECIMAL ? b.kind : a.kind;
        kind = other == VALUE_SINGLE || other == VALUE_DOUBLE ? other : VALUE_DECIMAL;
    }
    a = value_convert(call->job, a, (enum value_kind)kind, call->culture);
    b = value_convert(call->job, b, (enum value_kind)kind, call->culture);
    if (value_is_error(a) || value_is_error(b))
        return value_is_error(a) ? a : b;
    if (kind == VALUE_DECIMAL)
        return (value_decimal_compare(a, b) > 0) == larger ? a : b;
    if (kind == VALUE_INTEGER || kind == VALUE_LONG)
        return (a.integer > b.integer) == larger ? a : b;
    if (isnan(a.real) || isnan(b.real))
        return isnan(a.real) ? a : b;
    return (a.real > b.real) == larger ? a : b;
}

struct value fn_max(struct expr_call *call)
{
    return extreme(call, true);
}

struct value fn_min(struct expr_call *call)
{
    return extreme(call, false);
}

struct value fn_big_mul(struct expr_call *call)
{
    int32_t a, b;

    if (!expr_whole(call, 0, &a) || !expr_whole(call, 1, &b))
        return expr_failed(call);
    return value_long((int64_t)a * b);
}

/* ---- Decimal ------------------------------------------------------------------------------- */

typedef struct value decimal_function(struct value a, struct value b);

static struct value decimal_pair(struct expr_call *call, decimal_function *function)
{
    struct value a = value_to_decimal(call->job, expr_value(call, 0), call->culture);
    struct value b = value_to_decimal(call->job, expr_value(call, 1), call->culture);

    if (value_is_error(a) || value_is_error(b))
        return value_is_error(a) ? a : b;
    return function(a, b);
}

struct value fn_decimal_add(struct expr_call *call)
{
    return decimal_pair(call, value_decimal_add);
}

struct value fn_decimal_subtract(struct expr_call *call)
{
    return decimal_pair(call, value_decimal_subtract);
}

struct value fn_decimal_multiply(struct expr_call *call)
{
    return decimal_pair(call, value_decimal_multiply);
}

struct value fn_decimal_divide(struct expr_call *call)
{
    return decimal_pair(call, value_decimal_divide);
}

struct value fn_decimal_remainder(struct expr_call *call)
{
    return decimal_pair(call, value_decimal_modulo);
}

struct value fn_decimal_negate(struct expr_call *call)
{
    struct value d = value_to_decimal(call->job, expr_value(call, 0), call->culture);

    return value_is_error(d) ? d : value_decimal_negate(d);
}

/* ---- Rnd ----------------------------------------------------------------------------------- */

/* The generator of Visual Basic: 24 bits, one for the whole process. */
static _Atomic uint32_t random_state = 0x50000;

struct value fn_rnd(struct expr_call *call)
{
    uint32_t state = atomic_load(&random_state);
    double number;

    if (!expr_double_or(call, 0, 1, &number))
        return expr_failed(call);
    if (number != 0) {
        if (number < 0) { /* the number itself chooses */
            float single = (float)number;
            uint32_t bits;
            memcpy(&bits, &single, sizeof bits);
            state = (uint32_t)(((uint64_t)bits + (bits >> 24)) & 0xFFFFFF);
        }
        state = (uint32_t)(((uint64_t)state * 0x43FD43FD + 0xC39EC3) & 0xFFFFFF);
        atomic_store(&random_state, state);
    }
    return (struct value){.kind = VALUE_SINGLE, .real = (double)((float)state / 16777216.0f)};
}

/* The sequence goes on from a number, or from the clock; VB keeps the lowest of its bytes. */
struct value fn_randomize(struct expr_call *call)
{
    struct timespec now;
    double number;
    uint64_t bits;

    clock_gettime(CLOCK_REALTIME, &now);
    if (!expr_double_or(call, 0, (double)now.tv_sec + (double)now.tv_nsec / 1e9, &number))
        return expr_failed(call);
    memcpy(&bits, &number, sizeof bits);
    bits ^= bits >> 32;
    atomic_store(&random_state, (uint32_t)((bits ^ bits >> 16) & 0xFFFF) << 8 | (atomic_load(&random_state) & 0xFF));
    return value_null();
}
