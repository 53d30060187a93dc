/* Members of every value, and of String: positions count from 0, in UTF-16 units. Argument 0 is the object. */
#include "base/vec.h"
#include "report/expr/functions.h"
#include "report/value/compare.h"

/* ---- every value --------------------------------------------------------------------------- */

/* A Guid is its text; N, B and P write it without hyphens, in braces, in parentheses. Other texts have no formats. */
static struct value format_guid(struct expr_call *call, rs_text text, char how)
{
    rs_buf buf = rs_buf_in(call->job);
    char letter = rs_lower(how);

    if (text.size != 36 || !strchr("nbp", letter))
        return value_text(text);
    for (size_t i = 0; i < text.size; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        char c = rs_lower(text.bytes[i]);
        if (hyphen ? c != '-' : !rs_is_digit(c) && (c < 'a' || c > 'f'))
            return value_text(text);
        if (!hyphen || letter != 'n')
            rs_buf_add_byte(&buf, text.bytes[i]);
    }
    if (letter == 'n')
        return expr_buf_value(&buf);
    return value_text(rs_text_format(call->job, letter == 'b' ? "{%.*s}" : "(%.*s)", RS_TEXT_ARG(rs_buf_text(&buf))));
}

/* ToString(), ToString(format), ToString(format, culture), ToString(culture). */
struct value member_to_string(struct expr_call *call)
{
    struct value v = call->arguments[0], first = expr_value(call, 1);
    bool only_culture = first.kind == VALUE_TEXT && (first.flags & EXPR_IS_CULTURE);
    const struct value_culture *culture = expr_culture(call, only_culture ? 1 : 2);
    rs_buf buf = rs_buf_in(call->job);
    rs_text format = RS_TEXT("");

    if (v.kind == VALUE_ARRAY || v.kind == VALUE_BYTES)
        return value_text(rs_text_from(value_type_full_name(v)));
    if (!only_culture && !expr_text(call, 1, &format))
        return expr_failed(call);
    if (v.kind == VALUE_TEXT)
        return format.size == 1 ? format_guid(call, value_bytes(v), format.bytes[0]) : v;
    if (format.size == 0)
        return value_text(value_to_text(call->job, culture, v));
    if (!value_format_append(value_format_compile(call->job, format), culture, v, &buf))
        return expr_error(call, "\"%.*s\" is no format for a value of type %s", RS_TEXT_ARG(format), value_type_name(v));
    return expr_buf_value(&buf);
}

/* A type is the text of its full name; its members Name and FullName stand among those of text. */
struct value member_get_type(struct expr_call *call)
{
    return value_text(rs_text_from(value_type_full_name(call->arguments[0])));
}

struct value member_type_name(struct expr_call *call)
{
    rs_text rest = value_bytes(call->arguments[0]), part;

    while (rs_text_cut(rest, '.', &part, &rest))
        continue;
    return value_text(part);
}

struct value member_equals(struct expr_call *call)
{
    struct value a = call->arguments[0], b = expr_value(call, 1);
    int32_t comparison;

    if (!expr_whole_or(call, 2, 4, &comparison))
        return expr_failed(call);
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT)
        return value_boolean(expr_compare_text(value_bytes(a), value_bytes(b), comparison & 1) == 0);
    if (a.kind != b.kind)
        return value_boolean(false);
    return value_relate(call->job, VALUE_EQUAL, a, b, call->rules);
}

struct value member_compare_to(struct expr_call *call)
{
    struct value a = call->arguments[0], b = expr_value(call, 1), less, greater;

    if (b.kind == VALUE_NULL)
        return value_integer(1);
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT) {
        int compared = expr_order_text(value_bytes(a), value_bytes(b));
        return value_integer(compared < 0 ? -1 : compared > 0);
    }
    less = value_relate(call->job, VALUE_LESS, a, b, call->rules);
    greater = value_relate(call->job, VALUE_GREATER, a, b, call->rules);
    if (value_is_error(less) || value_is_error(greater))
        return value_is_error(less) ? less : greater;
    return value_integer(less.boolean ? -1 : greater.boolean);
}

/* ---- Nullable: a value, or Nothing, which has these two members as well ---------------------- */

struct value member_has_value(struct expr_call *call)
{
    return value_boolean(call->arguments[0].kind != VALUE_NULL);
}

struct value member_value_or_default(struct expr_call *call)
{
    return call->arguments[0].kind != VALUE_NULL ? call->arguments[0]
           : expr_given(call, 1)                ? call->arguments[1]
                                                : value_integer(0);
}

/* ---- parts of text ------------------------------------------------------------------------- */

static rs_text object_text(const struct expr_call *call)
{
    return value_bytes(call->arguments[0]);
}

struct value member_length(struct expr_call *call)
{
    return value_integer((int32_t)expr_units(object_text(call)));
}

struct value member_chars(struct expr_call *call)
{
    rs_text text = object_text(call);
    int32_t index;

    if (!expr_whole(call, 1, &index))
        return expr_failed(call);
    size_t at = index < 0 ? text.size : expr_offset(text, (size_t)index);
    if (at >= text.size)
        return EXPR_ERROR("the index was outside the bounds of the text");
    return (struct value){.kind = VALUE_CHAR, .integer = rs_text_next(text, &at)};
}

/* A start and an optional count that must lie inside the text. */
static bool inside(struct expr_call *call, int index, int32_t units, int32_t *start, int32_t *count)
{
    if (!expr_whole(call, index, start) || !expr_whole_or(call, index + 1, units - *start, count))
        return false;
    if (*start < 0 || *start > units || *count < 0 || *count > units - *start) {
        call->error = EXPR_ERROR("the start or the length is outside the text");
        return false;
    }
    return true;
}

struct value member_substring(struct expr_call *call)
{
    rs_text text = object_text(call);
    int32_t start, count;

    if (!inside(call, 1, (int32_t)expr_units(text), &start, &count))
        return expr_failed(call);
    return value_text(expr_slice(text, (size_t)start, (size_t)count));
}

struct value member_remove(struct expr_call *call)
{
    rs_text text = object_text(call);
    int32_t start, count;

    if (!inside(call, 1, (int32_t)expr_units(text), &start, &count))
        return expr_failed(call);
    rs_text head = expr_slice(text, 0, (size_t)start);
    rs_text tail = rs_text_from_offset(text, expr_offset(text, (size_t)start + (size_t)count));
    return value_text(rs_text_format(call->job, "%.*s%.*s", RS_TEXT_ARG(head), RS_TEXT_ARG(tail)));
}

struct value member_insert(struct expr_call *call)
{
    rs_text text = object_text(call), more;
    int32_t start;

    if (!expr_whole(call, 1, &start) || !expr_text(call, 2, &more))
        return expr_failed(call);
    if (start < 0 || (size_t)start > expr_units(text))
        return EXPR_ERROR("the start is outside the text");
    size_t at = expr_offset(text, (size_t)start);
    return value_text(rs_text_format(call->job, "%.*s%.*s%.*s", RS_TEXT_ARG(rs_text_slice(text, 0, at)),
                                     RS_TEXT_ARG(more), RS_TEXT_ARG(rs_text_from_offset(text, at))));
}

/* ---- trimming: blanks, or the characters given one by one or as an array ----------------------- */

static bool is_trimmed(const struct expr_call *call, rs_text set, uint32_t c)
{
    if (set.size == 0)
        return expr_is_white(c);
    for (size_t at = 0; at < set.size;)
        if (rs_text_next(set, &at) == c)
            return true;
    return false;
}

/* The characters of arguments 1 and on, as one text. Where a Char is expected a longer text gives its first one. */
static bool character_set(struct expr_call *call, rs_text *out)
{
    rs_buf buf = rs_buf_in(call->job);
    size_t size;

    for (int i = 1; i < call->count; i++) {
        const struct value *items = &call->arguments[i];
        uint32_t count = 1;
        if (items->kind == VALUE_ARRAY) {
            count = items->size;
            items = items->items;
        }
        for (uint32_t item = 0; item < count; item++) {
            struct value text = value_to_string(call->job, items[item], call->culture);
            if (value_is_error(text)) {
                call->error = text;
                return false;
            }
            size = 0;
            if (text.size > 0)
                rs_text_next(value_bytes(text), &size);
            rs_buf_add(&buf, rs_text_slice(value_bytes(text), 0, size));
        }
    }
    *out = rs_buf_text(&buf);
    return true;
}

static struct value trim(struct expr_call *call, bool left, bool right)
{
    rs_text text = object_text(call), set;
    size_t from = 0, end = 0;

    if (!character_set(call, &set))
        return expr_failed(call);
    for (size_t at = 0; left && at < text.size; from = at)
        if (!is_trimmed(call, set, rs_text_next(text, &at)))
            break;
    for (size_t at = from; at < text.size;)
        if (!is_trimmed(call, set, rs_text_next(text, &at)) || !right)
            end = at;
    return value_text(rs_text_slice(text, from, end > from ? end - from : 0));
}

struct value member_trim(struct expr_call *call)
{
    return trim(call, true, true);
}

struct value member_trim_start(struct expr_call *call)
{
    return trim(call, true, false);
}

struct value member_trim_end(struct expr_call *call)
{
    return trim(call, false, true);
}

/* ---- case and width ------------------------------------------------------------------------ */

typedef uint32_t change_case(uint32_t c, const struct value_culture *culture);

static struct value map_invariant(struct expr_call *call, change_case *change)
{
    rs_text text = object_text(call);
    rs_buf buf = rs_buf_in(call->job);

    for (size_t at = 0; at < text.size;)
        rs_buf_add_code_point(&buf, change(rs_text_next(text, &at), NULL));
    return expr_buf_value(&buf);
}

struct value member_upper_invariant(struct expr_call *call)
{
    return map_invariant(call, expr_upper);
}

struct value member_lower_invariant(struct expr_call *call)
{
    return map_invariant(call, expr_lower);
}

static struct value pad(struct expr_call *call, bool left)
{
    rs_text text = object_text(call), filler;
    rs_buf buf = rs_buf_in(call->job);
    size_t units = expr_units(text), size = 0;
    int32_t width;

    if (!expr_whole(call, 1, &width) || !expr_text_or(call, 2, RS_TEXT(" "), &filler))
        return expr_failed(call);
    if (width < 0 || filler.size == 0)
        return EXPR_ERROR("the width must be 0 or more and the filler one character");
    rs_text_next(filler, &size);
    if ((size_t)width * size > EXPR_TEXT_MAX)
        return EXPR_ERROR("the text is too long");
    if (!expr_reserve(call, &buf, text.size + (units < (size_t)width ? ((size_t)width - units) * size : 0)))
        return expr_failed(call);
    if (!left)
        rs_buf_add(&buf, text);
    for (size_t i = units; i < (size_t)width; i++)
        rs_buf_add(&buf, rs_text_slice(filler, 0, size));
    if (left)
        rs_buf_add(&buf, text);
    return expr_buf_value(&buf);
}

struct value member_pad_left(struct expr_call *call)
{
    return pad(call, true);
}

struct value member_pad_right(struct expr_call *call)
{
    return pad(call, false);
}

struct value member_to_char_array(struct expr_call *call)
{
    rs_text text = object_text(call);
    struct value *items;
    uint32_t count = 0;

    if (text.size > EXPR_ITEMS_MAX)
        return EXPR_ERROR("the text is too long for an array");
    items = RS_NEW_ARRAY(call->job, struct value, text.size + 1);
    for (size_t at = 0; at < text.size;)
        items[count++] = (struct value){.kind = VALUE_CHAR, .integer = rs_text_next(text, &at)};
    return value_array(items, count);
}

/* ---- search -------------------------------------------------------------------------------- */

/* The StringComparison (or True: ignore case) behind the text that is looked for; the odd ones ignore case. */
static bool sought(struct expr_call *call, rs_text *what, bool *ignore_case)
{
    struct value how = expr_value(call, 2);
    int32_t comparison;

    if (call->arguments[1].kind == VALUE_NULL) {
        call->error = EXPR_ERROR("the text that is looked for is Nothing");
        return false;
    }
    if (!expr_text(call, 1, what) || !expr_whole_or(call, 2, 4, &comparison))
        return false;
    *ignore_case = how.kind == VALUE_BOOLEAN ? how.boolean : comparison & 1;
    return true;
}

struct value member_contains(struct expr_call *call)
{
    rs_text what;
    bool ignore_case;

    if (!sought(call, &what, &ignore_case))
        return expr_failed(call);
    return value_boolean(expr_find(object_text(call), what, 0, ignore_case) >= 0);
}

struct value member_starts_with(struct expr_call *call)
{
    rs_text what;
    bool ignore_case;

    if (!sought(call, &what, &ignore_case))
        return expr_failed(call);
    return value_boolean(what.size == 0 || expr_match(object_text(call), 0, what, ignore_case) > 0);
}

struct value member_ends_with(struct expr_call *call)
{
    rs_text text = object_text(call), what;
    bool ignore_case;

    if (!sought(call, &what, &ignore_case))
        return expr_failed(call);
    size_t units = expr_units(text), wanted = expr_units(what);
    if (wanted > units)
        return value_boolean(false);
    return value_boolean(expr_compare_text(rs_text_from_offset(text, expr_offset(text, units - wanted)), what, ignore_case) == 0);
}

static struct value position(rs_text text, ptrdiff_t at)
{
    return value_integer(at < 0 ? -1 : (int32_t)expr_units(rs_text_slice(text, 0, (size_t)at)));
}

/* A StringComparison as the last argument, which may stand in the place of any optional one: it is taken away. */
static bool take_comparison(struct expr_call *call)
{
    struct value last = expr_value(call, call->count - 1);

    if (call->count < 3 || last.kind != VALUE_INTEGER || !(last.flags & EXPR_IS_MODE))
        return false;
    call->count--;
    return last.integer & 1;
}

/* IndexOf(what [, start [, count]] [, comparison]) */
struct value member_index_of(struct expr_call *call)
{
    rs_text text = object_text(call), what;
    int32_t units = (int32_t)expr_units(text), start = 0, count = units;
    bool ignore_case = take_comparison(call);

    if (!expr_text(call, 1, &what) || (expr_given(call, 2) && !inside(call, 2, units, &start, &count)))
        return expr_failed(call);
    size_t from = expr_offset(text, (size_t)start);
    rs_text searched = rs_text_slice(text, 0, from + expr_offset(rs_text_from_offset(text, from), (size_t)count));
    return position(text, expr_find(searched, what, from, ignore_case));
}

/* LastIndexOf(what [, start] [, comparison]): from the start backwards. */
struct value member_last_index_of(struct expr_call *call)
{
    rs_text text = object_text(call), what;
    bool ignore_case = take_comparison(call);
    int32_t units = (int32_t)expr_units(text), start;

    if (!expr_text(call, 1, &what) || !expr_whole_or(call, 2, units - 1, &start))
        return expr_failed(call);
    if (start < -1 || start > units)
        return EXPR_ERROR("the start or the length is outside the text");
    return position(text, expr_find_last(text, what, expr_offset(text, (size_t)start + 1), ignore_case));
}

struct value member_index_of_any(struct expr_call *call)
{
    rs_text text = object_text(call), set;

    if (!character_set(call, &set))
        return expr_failed(call);
    for (size_t at = 0; set.size > 0 && at < text.size;) {
        size_t from = at;
        if (is_trimmed(call, set, rs_text_next(text, &at)))
            return position(text, (ptrdiff_t)from);
    }
    return value_integer(-1);
}

struct value member_replace(struct expr_call *call)
{
    rs_text text = object_text(call), old, new;
    rs_buf buf = rs_buf_in(call->job);
    size_t from = 0;
    ptrdiff_t at;

    if (!expr_text(call, 1, &old) || !expr_text(call, 2, &new))
        return expr_failed(call);
    if (old.size == 0)
        return EXPR_ERROR("the text that is replaced must not be empty");
    while ((at = expr_find(text, old, from, false)) >= 0) {
        rs_buf_add(&buf, rs_text_slice(text, from, (size_t)at - from));
        rs_buf_add(&buf, new);
        from = (size_t)at + old.size;
        if (expr_too_long(call, &buf))
            return expr_failed(call);
    }
    if (from == 0)
        return call->arguments[0];
    rs_buf_add(&buf, rs_text_from_offset(text, from));
    return expr_buf_value(&buf);
}

/* ---- Split --------------------------------------------------------------------------------- */

struct splitter {
    RS_VEC(rs_text) separators;
    int32_t limit;   /* of parts; INT32_MAX: none */
    bool drop_empty;
};

/* Separators may be characters, texts (VB makes a Char of the first character), or arrays of either; numbers behind
 * them are the limit and the StringSplitOptions. */
static bool read_splitter(struct expr_call *call, struct splitter *out)
{
    bool limited = false;

    out->limit = INT32_MAX;
    for (int i = 1; i < call->count; i++) {
        const struct value *items = &call->arguments[i];
        uint32_t count = 1;
        int32_t number;
        if (items->kind == VALUE_INTEGER && i > 1) {
            if (!expr_whole(call, i, &number))
                return false;
            /* Split(x, count, options), Split(x, options) with 1 */
            if (i + 1 < call->count || (!limited && number > 1))
                limited = true, out->limit = number;
            else
                out->drop_empty = number == 1;
            continue;
        }
        bool array = items->kind == VALUE_ARRAY;
        if (array) {
            count = items->size;
            items = items->items;
        }
        for (uint32_t item = 0; item < count; item++) {
            struct value text = value_to_string(call->job, items[item], call->culture);
            size_t size = 0;
            if (value_is_error(text)) {
                call->error = text;
                return false;
            }
            if (text.size == 0)
                continue;
            if (!array)
                rs_text_next(value_bytes(text), &size);
            rs_vec_push(call->job, &out->separators, rs_text_slice(value_bytes(text), 0, array ? text.size : size));
        }
    }
    return true;
}

static size_t separator_at(const struct splitter *splitter, rs_text text, size_t at)
{
    size_t next = at;

    for (size_t i = 0; i < splitter->separators.count; i++)
        if (expr_match(text, at, splitter->separators.items[i], false))
            return splitter->separators.items[i].size;
    if (splitter->separators.count == 0 && expr_is_white(rs_text_next(text, &next)))
        return next - at;
    return 0;
}

struct value member_split(struct expr_call *call)
{
    struct splitter splitter = {0};
    RS_VEC(rs_text) parts = {0};
    rs_text text = object_text(call);
    size_t from = 0;

    if (!read_splitter(call, &splitter))
        return expr_failed(call);
    if (splitter.limit < 1)
        return splitter.limit == 0 ? value_array(NULL, 0) : EXPR_ERROR("the number of parts must be 0 or more");
    for (size_t at = 0; at < text.size && parts.count + 1 < (size_t)splitter.limit;) {
        size_t size = separator_at(&splitter, text, at);
        if (size == 0) {
            rs_text_next(text, &at);
            continue;
        }
        if (parts.count == EXPR_ITEMS_MAX)
            return EXPR_ERROR("Split makes too many parts");
        if (at > from || !splitter.drop_empty)
            rs_vec_push(call->job, &parts, rs_text_slice(text, from, at - from));
        from = at += size;
    }
    if (from < text.size || !splitter.drop_empty)
        rs_vec_push(call->job, &parts, rs_text_from_offset(text, from));
    return expr_array_of_texts(call, parts.items, parts.count);
}
