/* VB's operators on values whose kinds are known only now. */
#include "report/value/convert.h"

#include <math.h>

#include "base/buf.h"
#include "report/value/format.h"

enum operator{OP_ADD, OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE, OP_INT_DIVIDE, OP_MODULO, OP_POWER, OP_AND, OP_OR, OP_XOR};

static const char *const signs[] = {"+", "-", "*", "/", "\\", "Mod", "^", "And", "Or", "Xor"};

static struct value not_defined(struct rs_job *job, const char *sign, struct value a, struct value b)
{
    return value_error(rs_text_format(job, "Operator '%s' is not defined for type '%s' and type '%s'.", sign,
                                      value_type_name(a), value_type_name(b)));
}

static struct value overflow(void)
{
    return value_error(value_overflow_text);
}

static struct value make_single(double d)
{
    return (struct value){.kind = VALUE_SINGLE, .real = (double)(float)d};
}

/* ---- which kind the result has -------------------------------------------------------------------- */

/* The wider of two numbers in VB's order. 0: not a number. */
static int rank(struct value v)
{
    static const uint8_t ranks[VALUE_KINDS] = {[VALUE_NULL] = 1,    [VALUE_BOOLEAN] = 1, [VALUE_INTEGER] = 1,
                                               [VALUE_LONG] = 2,    [VALUE_DECIMAL] = 3, [VALUE_SINGLE] = 4,
                                               [VALUE_DOUBLE] = 5,  [VALUE_TEXT] = 5};
    return ranks[v.kind];
}

static const uint8_t rank_kinds[] = {VALUE_NULL, VALUE_INTEGER, VALUE_LONG, VALUE_DECIMAL, VALUE_SINGLE, VALUE_DOUBLE};

static struct value text_of_char(struct rs_job *job, struct value v)
{
    rs_buf buf = rs_buf_in(job);

    rs_buf_add_code_point(&buf, (uint32_t)v.integer);
    return value_text(rs_buf_text(&buf));
}

static double real_of(struct value v) /* a number, Boolean or null */
{
    switch (v.kind) {
    case VALUE_NULL:
        return 0;
    case VALUE_BOOLEAN:
        return v.boolean ? -1 : 0;
    case VALUE_INTEGER:
    case VALUE_LONG:
        return (double)v.integer;
    case VALUE_DECIMAL:
        return value_decimal_to_double(v);
    default:
        return v.real;
    }
}

static int64_t whole_of(struct value v) /* Integer, Long, Boolean or null */
{
    return v.kind == VALUE_NULL ? 0 : v.kind == VALUE_BOOLEAN ? -(int64_t)v.boolean : v.integer;
}

static struct value decimal_of(struct value v) /* Integer, Long, Boolean, null or Decimal */
{
    return v.kind == VALUE_DECIMAL ? v : value_decimal_from_int64(whole_of(v));
}

/* ---- one kind each -------------------------------------------------------------------------------- */

static struct value exact_operation(enum operator op, struct value a, struct value b, const struct value_rules *rules)
{
    struct value x = decimal_of(a), y = decimal_of(b), result;

    switch (op) {
    case OP_ADD:
        result = value_decimal_add(x, y);
        break;
    case OP_SUBTRACT:
        result = value_decimal_subtract(x, y);
        break;
    case OP_MULTIPLY:
        result = value_decimal_multiply(x, y);
        break;
    case OP_DIVIDE:
        result = value_decimal_divide(x, y);
        break;
    default:
        result = value_decimal_modulo(x, y);
        break;
    }
    if (result.kind == VALUE_ERROR && rules->overflow_widens && result.text == value_overflow_text.bytes) {
        double p = value_decimal_to_double(x), q = value_decimal_to_double(y);
        return value_double(op == OP_ADD ? p + q : op == OP_SUBTRACT ? p - q : op == OP_MULTIPLY ? p * q : p / q);
    }
    return result;
}

static struct value real_operation(enum operator op, double a, double b)
{
    switch (op) {
    case OP_ADD:
        return value_double(a + b);
    case OP_SUBTRACT:
        return value_double(a - b);
    case OP_MULTIPLY:
        return value_double(a * b);
    case OP_DIVIDE:
        return value_double(a / b);
    case OP_MODULO:
        return value_double(fmod(a, b));
    default:
        return value_double(pow(a, b));
    }
}

static struct value whole_operation(enum operator op, struct value a, struct value b, bool is_long,
                                    const struct value_rules *rules)
{
    int64_t x = whole_of(a), y = whole_of(b), result = 0;
    bool over = false;

    switch (op) {
    case OP_ADD:
        over = __builtin_add_overflow(x, y, &result);
        break;
    case OP_SUBTRACT:
        over = __builtin_sub_overflow(x, y, &result);
        break;
    case OP_MULTIPLY:
        over = __builtin_mul_overflow(x, y, &result);
        break;
    case OP_DIVIDE:
        return value_double((double)x / (double)y);
    default: /* Mod and \ */
        if (y == 0)
            return value_error(value_divide_by_zero_text);
        if (y == -1) { /* the machine traps on the least number */
            over = op == OP_INT_DIVIDE && __builtin_sub_overflow((int64_t)0, x, &result);
            break;
        }
        result = op == OP_MODULO ? x % y : x / y;
        break;
    }
    if (over)
        return rules->overflow_widens ? exact_operation(op, a, b, rules) : overflow();
    if (is_long)
        return value_long(result);
    if (result == (int32_t)result)
        return value_integer((int32_t)result);
    return rules->overflow_widens ? value_long(result) : overflow();
}

/* Dates and spans. VALUE_NULL where the operator is none of theirs. */
static struct value time_operation(enum operator op, struct value a, struct value b)
{
    bool add = op == OP_ADD;
    int64_t ticks;

    if (!add && op != OP_SUBTRACT)
        return value_null();
    if (add && a.kind == VALUE_SPAN && (b.kind == VALUE_DATE || b.kind == VALUE_OFFSET))
        return time_operation(op, b, a);
    if ((a.kind == VALUE_DATE || a.kind == VALUE_OFFSET) && b.kind == VALUE_SPAN) {
        struct value out = a;
        if (add ? __builtin_add_overflow(a.ticks, b.ticks, &ticks) : __builtin_sub_overflow(a.ticks, b.ticks, &ticks))
            return overflow();
        if (!value_date_in_range(ticks))
            return value_error(RS_TEXT("The added or subtracted value results in a date that cannot be represented."));
        out.ticks = ticks;
        return out;
    }
    if (a.kind == VALUE_SPAN && b.kind == VALUE_SPAN) {
        if (add ? __builtin_add_overflow(a.ticks, b.ticks, &ticks) : __builtin_sub_overflow(a.ticks, b.ticks, &ticks))
            return overflow();
        return value_span(ticks);
    }
    if (!add && a.kind == VALUE_DATE && b.kind == VALUE_DATE)
        return value_span(a.ticks - b.ticks);
    if (!add && a.kind == VALUE_OFFSET && b.kind == VALUE_OFFSET)
        return value_span((a.ticks - a.minutes * VALUE_TICKS_PER_MINUTE) - (b.ticks - b.minutes * VALUE_TICKS_PER_MINUTE));
    return value_null();
}

static bool is_time(struct value v)
{
    return v.kind == VALUE_DATE || v.kind == VALUE_SPAN || v.kind == VALUE_OFFSET;
}

/* VB adds as text where both are text, or one is and the other a date or Nothing. */
static bool adds_as_text(struct value a, struct value b)
{
    bool a_text = a.kind == VALUE_TEXT || a.kind == VALUE_DATE, b_text = b.kind == VALUE_TEXT || b.kind == VALUE_DATE;

    return (a_text && b_text) || (a_text && b.kind == VALUE_NULL) || (b_text && a.kind == VALUE_NULL);
}

/* Everything that is not two numbers of one kind. */
static struct value mixed_operation(struct rs_job *job, enum operator op, struct value a, struct value b,
                                    const struct value_rules *rules)
{
    int wider;

    if (a.kind == VALUE_ERROR)
        return a;
    if (b.kind == VALUE_ERROR)
        return b;
    if (a.kind == VALUE_CHAR)
        a = text_of_char(job, a);
    if (b.kind == VALUE_CHAR)
        b = text_of_char(job, b);
    if (is_time(a) || is_time(b)) {
        struct value result = time_operation(op, a, b);
        if (!value_is_null(result))
            return result;
    }
    if (op == OP_ADD && adds_as_text(a, b))
        return value_concat(job, a, b, rules);
    if (rank(a) == 0 || rank(b) == 0)
        return not_defined(job, signs[op], a, b);
    wider = rank(a) > rank(b) ? rank(a) : rank(b);
    if (a.kind == VALUE_TEXT)
        a = value_to_double(job, a, rules->culture);
    if (b.kind == VALUE_TEXT)
        b = value_to_double(job, b, rules->culture);
    if (a.kind == VALUE_ERROR)
        return a;
    if (b.kind == VALUE_ERROR)
        return b;
    if (op == OP_INT_DIVIDE && wider > 2) { /* both become Long first */
        a = value_to_whole(job, a, VALUE_AS_LONG, rules->culture);
        b = value_to_whole(job, b, VALUE_AS_LONG, rules->culture);
        if (a.kind == VALUE_ERROR)
            return a;
        if (b.kind == VALUE_ERROR)
            return b;
        wider = 2;
    }
    if (op == OP_POWER)
        return value_double(pow(real_of(a), real_of(b)));
    switch (rank_kinds[wider]) {
    case VALUE_INTEGER:
    case VALUE_LONG:
        return whole_operation(op, a, b, wider == 2, rules);
    case VALUE_DECIMAL:
        return exact_operation(op, a, b, rules);
    case VALUE_SINGLE: {
        struct value result = real_operation(op, real_of(a), real_of(b));
        return isfinite(result.real) && fabs(result.real) > 3.40282346638528859812e38 ? result : make_single(result.real);
    }
    default:
        return real_operation(op, real_of(a), real_of(b));
    }
}

/* ---- the operators ---------------------------------------------------------------------------------- */

static inline struct value arithmetic(struct rs_job *job, enum operator op, struct value a, struct value b,
                                      const struct value_rules *rules)
{
    if (a.kind == VALUE_DOUBLE && b.kind == VALUE_DOUBLE && op != OP_INT_DIVIDE)
        return real_operation(op, a.real, b.real);
    if (a.kind == VALUE_DECIMAL && b.kind == VALUE_DECIMAL && op != OP_INT_DIVIDE && op != OP_POWER)
        return exact_operation(op, a, b, rules);
    if (a.kind == VALUE_INTEGER && b.kind == VALUE_INTEGER && op != OP_POWER)
        return whole_operation(op, a, b, false, rules);
    return mixed_operation(job, op, a, b, rules);
}

struct value value_add(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return arithmetic(job, OP_ADD, a, b, rules);
}

struct value value_subtract(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return arithmetic(job, OP_SUBTRACT, a, b, rules);
}

struct value value_multiply(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return arithmetic(job, OP_MULTIPLY, a, b, rules);
}

struct value value_divide(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return arithmetic(job, OP_DIVIDE, a, b, rules);
}

struct value value_int_divide(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return arithmetic(job, OP_INT_DIVIDE, a, b, rules);
}

struct value value_modulo(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return arithmetic(job, OP_MODULO, a, b, rules);
}

struct value value_power(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return arithmetic(job, OP_POWER, a, b, rules);
}

struct value value_negate(struct rs_job *job, struct value a, const struct value_rules *rules)
{
    switch (a.kind) {
    case VALUE_ERROR:
        return a;
    case VALUE_DECIMAL:
        return value_decimal_negate(a);
    case VALUE_DOUBLE:
    case VALUE_SINGLE:
        a.real = -a.real;
        return a;
    case VALUE_SPAN:
        if (a.ticks == INT64_MIN)
            return overflow();
        return value_span(-a.ticks);
    default:
        return arithmetic(job, OP_SUBTRACT, value_integer(0), a, rules);
    }
}

struct value value_plus(struct rs_job *job, struct value a, const struct value_rules *rules)
{
    if (value_is_number(a) || a.kind == VALUE_ERROR || a.kind == VALUE_SPAN)
        return a;
    return arithmetic(job, OP_ADD, value_integer(0), a, rules);
}

struct value value_concat(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    rs_buf out = rs_buf_in(job);

    if (a.kind == VALUE_ERROR)
        return a;
    if (b.kind == VALUE_ERROR)
        return b;
    if (a.kind == VALUE_ARRAY || b.kind == VALUE_ARRAY || a.kind == VALUE_BYTES || b.kind == VALUE_BYTES)
        return not_defined(job, "&", a, b);
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT && (uint64_t)a.size + b.size > UINT32_MAX)
        return value_error(RS_TEXT("The text is too long."));
    if (a.kind == VALUE_TEXT)
        rs_buf_reserve(&out, (size_t)a.size + (b.kind == VALUE_TEXT ? b.size : 32));
    value_append_vb(rules->culture, a, &out);
    value_append_vb(rules->culture, b, &out);
    return value_text(rs_buf_text(&out));
}

/* ---- And, Or, Xor, Not, shifts ------------------------------------------------------------------------ */

static struct value bits_operation(struct rs_job *job, enum operator op, struct value a, struct value b,
                                   const struct value_rules *rules)
{
    int64_t x, y, result;
    bool is_long;

    if (a.kind == VALUE_ERROR)
        return a;
    if (b.kind == VALUE_ERROR)
        return b;
    if ((a.kind == VALUE_BOOLEAN && (b.kind == VALUE_TEXT || b.kind == VALUE_NULL)) ||
        (b.kind == VALUE_BOOLEAN && (a.kind == VALUE_TEXT || a.kind == VALUE_NULL))) {
        a = value_to_boolean(job, a, rules->culture);
        b = value_to_boolean(job, b, rules->culture);
        if (a.kind == VALUE_ERROR)
            return a;
        if (b.kind == VALUE_ERROR)
            return b;
    }
    if (a.kind == VALUE_BOOLEAN && b.kind == VALUE_BOOLEAN)
        return value_boolean(op == OP_AND  ? a.boolean && b.boolean
                             : op == OP_OR ? a.boolean || b.boolean
                                           : a.boolean != b.boolean);
    if (rank(a) == 0 || rank(b) == 0)
        return not_defined(job, signs[op], a, b);
    is_long = rank(a) > 1 || rank(b) > 1;
    a = value_to_whole(job, a, VALUE_AS_LONG, rules->culture);
    b = value_to_whole(job, b, VALUE_AS_LONG, rules->culture);
    if (a.kind == VALUE_ERROR)
        return a;
    if (b.kind == VALUE_ERROR)
        return b;
    x = a.integer;
    y = b.integer;
    result = op == OP_AND ? x & y : op == OP_OR ? x | y : x ^ y;
    return is_long ? value_long(result) : value_integer((int32_t)result);
}

struct value value_and(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return bits_operation(job, OP_AND, a, b, rules);
}

struct value value_or(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return bits_operation(job, OP_OR, a, b, rules);
}

struct value value_xor(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return bits_operation(job, OP_XOR, a, b, rules);
}

struct value value_not(struct rs_job *job, struct value a, const struct value_rules *rules)
{
    if (a.kind == VALUE_BOOLEAN)
        return value_boolean(!a.boolean);
    if (a.kind == VALUE_TEXT && (rs_text_equal_nocase(value_bytes(a), RS_TEXT("True")) ||
                                 rs_text_equal_nocase(value_bytes(a), RS_TEXT("False"))))
        return value_not(job, value_to_boolean(job, a, rules->culture), rules);
    return bits_operation(job, OP_XOR, a, value_integer(-1), rules);
}

static struct value shift(struct rs_job *job, struct value a, struct value b, bool left, const struct value_rules *rules)
{
    bool is_long = rank(a) > 1;

    if (a.kind == VALUE_ERROR)
        return a;
    if (rank(a) == 0)
        return not_defined(job, left ? "<<" : ">>", a, b);
    a = value_to_whole(job, a, is_long ? VALUE_AS_LONG : VALUE_AS_INTEGER, rules->culture);
    b = value_to_whole(job, b, VALUE_AS_INTEGER, rules->culture);
    if (a.kind == VALUE_ERROR)
        return a;
    if (b.kind == VALUE_ERROR)
        return b;
    if (is_long)
        return value_long(left ? (int64_t)((uint64_t)a.integer << (b.integer & 63)) : a.integer >> (b.integer & 63));
    return value_integer(left ? (int32_t)((uint32_t)a.integer << (b.integer & 31))
                              : (int32_t)a.integer >> (b.integer & 31));
}

struct value value_shift_left(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return shift(job, a, b, true, rules);
}

struct value value_shift_right(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules)
{
    return shift(job, a, b, false, rules);
}

/* ---- Like ------------------------------------------------------------------------------------------ */

/* [list] at *i, behind the bracket: whether `c` is in it; *i steps behind the closing bracket.
 * -1 where the bracket is not closed. An empty list matches nothing and takes nothing: 2. */
static int in_list(rs_text pattern, size_t *i, uint32_t c)
{
    bool exclude = false, found = false;
    size_t start;

    if (*i < pattern.size && pattern.bytes[*i] == ']') {
        (*i)++;
        return 2;
    }
    if (*i < pattern.size && pattern.bytes[*i] == '!') {
        exclude = true;
        (*i)++;
    }
    start = *i;
    while (*i < pattern.size && pattern.bytes[*i] != ']') {
        uint32_t low = rs_text_next(pattern, i), high = low;
        if (*i + 1 < pattern.size && pattern.bytes[*i] == '-' && pattern.bytes[*i + 1] != ']') {
            (*i)++;
            high = rs_text_next(pattern, i);
        }
        found |= c >= low && c <= high;
    }
    if (*i >= pattern.size)
        return -1;
    (*i)++;
    if (exclude && *i == start + 1) /* [!] is a plain '!' */
        return c == '!';
    return found != exclude;
}

/* One step of the pattern that is not '*'. 1 = matched, 0 = not, -1 = the pattern is broken. */
static int like_step(rs_text text, size_t *at, rs_text pattern, size_t *i)
{
    uint32_t p = rs_text_next(pattern, i), c;
    size_t next = *at;
    int result;

    if (p == '[' && *i < pattern.size && pattern.bytes[*i] == ']') { /* [] is nothing */
        (*i)++;
        return 1;
    }
    if (*at >= text.size) {
        if (p == '[' && in_list(pattern, i, 0) < 0)
            return -1;
        return 0;
    }
    c = rs_text_next(text, &next);
    result = p == '?' ? 1 : p == '#' ? c >= '0' && c <= '9' : p == '[' ? in_list(pattern, i, c) : c == p;
    if (result == 1)
        *at = next;
    return result;
}

/* -1 = broken pattern. Where a step fails, the last '*' takes one character more. */
static int like_match(rs_text text, rs_text pattern)
{
    size_t at = 0, i = 0, star = SIZE_MAX, star_at = 0;

    while (at < text.size || i < pattern.size) {
        int step = 0;
        if (i < pattern.size && pattern.bytes[i] == '*') {
            star = ++i;
            star_at = at;
            continue;
        }
        if (i < pattern.size)
            step = like_step(text, &at, pattern, &i);
        if (step < 0)
            return -1;
        if (step)
            continue;
        if (star == SIZE_MAX || star_at >= text.size)
            return 0;
        (void)rs_text_next(text, &star_at);
        at = star_at;
        i = star;
    }
    return 1;
}

#define LIKE_WORK_MAX ((uint64_t)100 * 1000 * 1000) /* text bytes times pattern bytes */

struct value value_like(struct rs_job *job, struct value text, struct value pattern, const struct value_rules *rules)
{
    int result;

    text = value_to_string(job, text, rules->culture);
    pattern = value_to_string(job, pattern, rules->culture);
    if (text.kind == VALUE_ERROR)
        return text;
    if (pattern.kind == VALUE_ERROR)
        return pattern;
    if ((uint64_t)text.size * pattern.size > LIKE_WORK_MAX)
        return value_error(RS_TEXT("The text is too long for the operator 'Like'."));
    result = like_match(value_bytes(text), value_bytes(pattern));
    if (result < 0)
        return value_error(RS_TEXT("The pattern of the operator 'Like' has a bracket that is not closed."));
    return value_boolean(result == 1);
}
