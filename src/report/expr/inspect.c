/* Microsoft.VisualBasic.Interaction and Information: choosing, and asking what a value is. */
#include <math.h>
#include <stdio.h>

#include "report/expr/functions.h"

/* ---- choosing: every argument has been computed, as in the original -------------------------- */

struct value fn_iif(struct expr_call *call)
{
    bool condition;

    if (!expr_boolean(call, 0, &condition))
        return expr_failed(call);
    return expr_value(call, condition ? 1 : 2);
}

struct value fn_choose(struct expr_call *call)
{
    double index;

    if (!expr_double(call, 0, &index))
        return expr_failed(call);
    index = trunc(index);
    if (call->count == 2 && call->arguments[1].kind == VALUE_ARRAY) /* an array is the whole ParamArray: Choose(n, Split(...)) */
        return index >= 1 && index <= call->arguments[1].size ? call->arguments[1].items[(size_t)index - 1] : value_null();
    return index >= 1 && index < call->count ? expr_value(call, (int)index) : value_null();
}

struct value fn_switch(struct expr_call *call)
{
    bool condition;

    if (call->count % 2 != 0)
        return EXPR_ERROR("Switch takes pairs of a condition and a value");
    for (int i = 0; i < call->count; i += 2) {
        if (!expr_boolean(call, i, &condition))
            return expr_failed(call);
        if (condition)
            return expr_value(call, i + 1);
    }
    return value_null();
}

/* Partition(23, 0, 99, 10) = " 20: 29": both sides as wide as the longest number that can stand there. */
struct value fn_partition(struct expr_call *call)
{
    int64_t number, start, stop, interval, lower, upper;
    char first[24] = "", last[24] = "";
    int width;

    if (!expr_long(call, 0, &number) || !expr_long(call, 1, &start) || !expr_long(call, 2, &stop) ||
        !expr_long(call, 3, &interval))
        return expr_failed(call);
    if (start < 0 || stop <= start || interval < 1)
        return EXPR_ERROR("Partition needs 0 <= Start < Stop and Interval >= 1");
    if (number < start) {
        upper = start - 1;
        snprintf(last, sizeof last, "%lld", (long long)upper);
    } else if (number > stop) {
        snprintf(first, sizeof first, "%lld", (long long)stop + 1);
    } else {
        lower = interval == 1 ? number : (number - start) / interval * interval + start;
        upper = lower > INT64_MAX - interval ? INT64_MAX : lower + interval - 1;
        snprintf(first, sizeof first, "%lld", (long long)lower);
        snprintf(last, sizeof last, "%lld", (long long)(upper > stop ? stop : upper));
    }
    width = snprintf(NULL, 0, "%lld", (long long)stop + 1);
    if (snprintf(NULL, 0, "%lld", (long long)start - 1) > width)
        width = snprintf(NULL, 0, "%lld", (long long)start - 1);
    return value_text(rs_text_format(call->job, "%*s:%*s", width, first, width, last));
}

/* What would reach out of the report is refused, as the original's sandbox does. */
struct value fn_denied(struct expr_call *call)
{
    return EXPR_ERROR("expressions may not look at the machine they run on");
}

/* ---- asking -------------------------------------------------------------------------------- */

struct value fn_is_nothing(struct expr_call *call)
{
    return value_boolean(value_is_null(expr_value(call, 0)));
}

struct value fn_is_dbnull(struct expr_call *call)
{
    struct value v = expr_value(call, 0);

    return value_boolean(v.kind == VALUE_NULL && (v.flags & VALUE_IS_DBNULL));
}

struct value fn_is_numeric(struct expr_call *call)
{
    return value_boolean(value_is_numeric(expr_value(call, 0), call->culture));
}

struct value fn_is_date(struct expr_call *call)
{
    return value_boolean(value_is_date(expr_value(call, 0), call->culture));
}

struct value fn_is_array(struct expr_call *call)
{
    uint8_t kind = expr_value(call, 0).kind;

    return value_boolean(kind == VALUE_ARRAY || kind == VALUE_BYTES);
}

/* An error ends the expression before this is called; no other value is an Exception. */
struct value fn_is_error(struct expr_call *call)
{
    return value_boolean(value_is_error(expr_value(call, 0)));
}

struct value fn_is_reference(struct expr_call *call)
{
    uint8_t kind = expr_value(call, 0).kind;

    return value_boolean(kind == VALUE_NULL || kind == VALUE_TEXT || kind == VALUE_ARRAY || kind == VALUE_BYTES);
}

struct value fn_type_name(struct expr_call *call)
{
    return value_text(rs_text_from(value_type_name(expr_value(call, 0))));
}

struct value fn_var_type(struct expr_call *call)
{
    static const int16_t types[VALUE_KINDS] = { /* VariantType */
        [VALUE_NULL] = 9, [VALUE_ERROR] = 10, [VALUE_BOOLEAN] = 11, [VALUE_INTEGER] = 3, [VALUE_LONG] = 20,
        [VALUE_SINGLE] = 4, [VALUE_DOUBLE] = 5, [VALUE_DECIMAL] = 14, [VALUE_CHAR] = 18, [VALUE_TEXT] = 8,
        [VALUE_DATE] = 7, [VALUE_SPAN] = 36, [VALUE_OFFSET] = 36, [VALUE_BYTES] = 8192 + 17, [VALUE_ARRAY] = 8192 + 9,
        [VALUE_OBJECT] = 9,
    };

    return value_integer(types[expr_value(call, 0).kind]);
}

/* ---- arrays -------------------------------------------------------------------------------- */

/* How many items the dimension given has, counted from `first`: Rank of UBound, dimension of GetUpperBound. An array of several
 * dimensions is one of arrays, which are all of one size. */
static bool dimension_size(struct expr_call *call, int32_t first, uint32_t *size)
{
    struct value array = expr_value(call, 0);
    int32_t dimension;

    if (!expr_whole_or(call, 1, first, &dimension))
        return false;
    if (array.kind != VALUE_ARRAY && array.kind != VALUE_BYTES) {
        call->error = expr_error(call, "a value of type %s is not an array", value_type_name(array));
        return false;
    }
    for (; dimension > first && array.kind == VALUE_ARRAY && array.size > 0; dimension--)
        array = array.items[0];
    if (dimension != first || (array.kind != VALUE_ARRAY && array.kind != VALUE_BYTES)) {
        call->error = EXPR_ERROR("the array has no such dimension");
        return false;
    }
    *size = array.size;
    return true;
}

static struct value bound(struct expr_call *call, int32_t first, bool upper)
{
    uint32_t size;

    if (!dimension_size(call, first, &size))
        return expr_failed(call);
    return value_integer(upper ? (int32_t)size - 1 : 0);
}

struct value fn_ubound(struct expr_call *call)
{
    return bound(call, 1, true);
}

struct value fn_lbound(struct expr_call *call)
{
    return bound(call, 1, false);
}

struct value fn_ubound_0(struct expr_call *call)
{
    return bound(call, 0, true);
}

struct value fn_lbound_0(struct expr_call *call)
{
    return bound(call, 0, false);
}

struct value member_get_length(struct expr_call *call)
{
    uint32_t size;

    if (!dimension_size(call, 0, &size))
        return expr_failed(call);
    return value_integer((int32_t)size);
}

struct value member_count(struct expr_call *call)
{
    return value_integer((int32_t)call->arguments[0].size);
}

struct value member_rank(struct expr_call *call)
{
    return value_integer(1);
}

struct value member_get_value(struct expr_call *call)
{
    struct value array = call->arguments[0];
    int32_t index;

    if (!expr_whole(call, 1, &index))
        return expr_failed(call);
    if (index < 0 || (uint32_t)index >= array.size)
        return EXPR_ERROR("the index was outside the bounds of the array");
    return array.items[index];
}

static bool same_value(struct value a, struct value b)
{
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOLEAN:
        return a.boolean == b.boolean;
    case VALUE_SINGLE: case VALUE_DOUBLE:
        return a.real == b.real || (isnan(a.real) && isnan(b.real));
    case VALUE_DECIMAL:
        return value_decimal_compare(a, b) == 0;
    case VALUE_TEXT: case VALUE_BYTES: case VALUE_ERROR:
        return rs_text_equal(value_bytes(a), value_bytes(b));
    case VALUE_OFFSET:
        return a.ticks - a.minutes * VALUE_TICKS_PER_MINUTE == b.ticks - b.minutes * VALUE_TICKS_PER_MINUTE;
    case VALUE_ARRAY:
        return a.items == b.items;
    default:
        return a.integer == b.integer;
    }
}

struct value fn_array_index_of(struct expr_call *call)
{
    struct value array = expr_value(call, 0);
    int32_t start;

    if (!expr_whole_or(call, 2, 0, &start))
        return expr_failed(call);
    if (array.kind != VALUE_ARRAY || start < 0)
        return EXPR_ERROR("Array.IndexOf takes an array, a value and a start from 0 on");
    for (uint32_t i = (uint32_t)start; i < array.size; i++)
        if (same_value(array.items[i], expr_value(call, 1)))
            return value_integer((int32_t)i);
    return value_integer(-1);
}

struct value fn_array_last_index_of(struct expr_call *call)
{
    struct value array = expr_value(call, 0);

    if (array.kind != VALUE_ARRAY)
        return EXPR_ERROR("Array.LastIndexOf takes an array");
    for (uint32_t i = array.size; i-- > 0;)
        if (same_value(array.items[i], expr_value(call, 1)))
            return value_integer((int32_t)i);
    return value_integer(-1);
}

struct value member_array_contains(struct expr_call *call)
{
    struct value array = call->arguments[0];

    for (uint32_t i = 0; i < array.size; i++)
        if (same_value(array.items[i], expr_value(call, 1)))
            return value_boolean(true);
    return value_boolean(false);
}

struct value fn_object_equals(struct expr_call *call)
{
    return value_boolean(same_value(expr_value(call, 0), expr_value(call, 1)));
}

struct value fn_object_reference_equals(struct expr_call *call)
{
    struct value a = expr_value(call, 0), b = expr_value(call, 1);

    return value_boolean(a.kind == b.kind && (a.kind == VALUE_NULL || (a.kind == VALUE_ARRAY && a.items == b.items)));
}

/* ---- colours ------------------------------------------------------------------------------- */

struct value fn_rgb(struct expr_call *call)
{
    int32_t part, colour = 0;

    for (int i = 0; i < 3; i++) {
        if (!expr_whole(call, i, &part))
            return expr_failed(call);
        if (part < 0)
            return EXPR_ERROR("the parts of RGB must be 0 or more");
        colour |= (part > 255 ? 255 : part) << (8 * i);
    }
    return value_integer(colour);
}

struct value fn_qb_color(struct expr_call *call)
{
    static const int32_t colours[16] = {0x000000, 0x800000, 0x008000, 0x808000, 0x000080, 0x800080, 0x008080, 0xC0C0C0,
                                        0x808080, 0xFF0000, 0x00FF00, 0xFFFF00, 0x0000FF, 0xFF00FF, 0x00FFFF, 0xFFFFFF};
    int32_t index;

    if (!expr_whole(call, 0, &index))
        return expr_failed(call);
    if (index < 0 || index > 15)
        return EXPR_ERROR("the colour of QBColor must be from 0 to 15");
    return value_integer(colours[index]);
}
