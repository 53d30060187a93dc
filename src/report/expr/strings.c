/* Microsoft.VisualBasic.Strings: positions count from 1, in UTF-16 units. */
#include "base/vec.h"
#include "report/expr/functions.h"

/* Characters 128 to 159 of Windows-1252, which Chr and Asc use; 0 where it has none. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
};

static struct value char_value(uint32_t c)
{
    return (struct value){.kind = VALUE_CHAR, .integer = c};
}

static bool first_character(struct expr_call *call, uint32_t *out)
{
    rs_text text;
    size_t at = 0;

    if (!expr_text(call, 0, &text))
        return false;
    if (text.size == 0) {
        call->error = EXPR_ERROR("the text is empty; it has no first character");
        return false;
    }
    *out = rs_text_next(text, &at);
    return true;
}

struct value fn_asc(struct expr_call *call)
{
    uint32_t c;

    if (!first_character(call, &c))
        return expr_failed(call);
    if (c < 0x80 || (c >= 0xA0 && c <= 0xFF))
        return value_integer((int32_t)c);
    for (int i = 0; i < 32; i++)
        if (windows_1252[i] == c)
            return value_integer(128 + i);
    return value_integer(c >= 0x80 && c < 0xA0 ? (int32_t)c : '?');
}

struct value fn_asc_w(struct expr_call *call)
{
    uint32_t c;

    if (!first_character(call, &c))
        return expr_failed(call);
    if (c >= 0x10000) /* the first unit of the pair */
        c = 0xD800 + ((c - 0x10000) >> 10);
    return value_integer((int32_t)c);
}

struct value fn_chr(struct expr_call *call)
{
    int32_t code;

    if (!expr_whole(call, 0, &code))
        return expr_failed(call);
    if (code < 0 || code > 255)
        return EXPR_ERROR("the argument of Chr must be from 0 to 255; ChrW takes more");
    if (code >= 128 && code < 160 && windows_1252[code - 128])
        return char_value(windows_1252[code - 128]);
    return char_value((uint32_t)code);
}

struct value fn_chr_w(struct expr_call *call)
{
    int32_t code;

    if (!expr_whole(call, 0, &code))
        return expr_failed(call);
    if (code < -32768 || code > 65535)
        return EXPR_ERROR("the argument of ChrW must be from -32768 to 65535");
    return char_value((uint32_t)code & 0xFFFF);
}

struct value fn_get_char(struct expr_call *call)
{
    rs_text text;
    int32_t index;

    if (!expr_text(call, 0, &text) || !expr_whole(call, 1, &index))
        return expr_failed(call);
    size_t at = index < 1 ? text.size : expr_offset(text, (size_t)index - 1);
    if (at >= text.size)
        return EXPR_ERROR("the index of GetChar is outside the text");
    return char_value(rs_text_next(text, &at));
}

/* ---- formats ------------------------------------------------------------------------------- */

struct value fn_format(struct expr_call *call)
{
    rs_text style;

    if (!expr_text_or(call, 1, RS_TEXT(""), &style))
        return expr_failed(call);
    return value_vb_format(call->job, call->culture, expr_value(call, 0), style);
}

static bool number_style(struct expr_call *call, struct value_vb_number *out)
{
    int32_t digits, leading, parentheses, group;

    if (!expr_whole_or(call, 1, -1, &digits) || !expr_whole_or(call, 2, VALUE_USE_DEFAULT, &leading) ||
        !expr_whole_or(call, 3, VALUE_USE_DEFAULT, &parentheses) || !expr_whole_or(call, 4, VALUE_USE_DEFAULT, &group))
        return false;
    *out = (struct value_vb_number){digits, (enum value_tristate)leading, (enum value_tristate)parentheses,
                                    (enum value_tristate)group};
    return true;
}

struct value fn_format_number(struct expr_call *call)
{
    struct value_vb_number how;

    if (!number_style(call, &how))
        return expr_failed(call);
    return value_vb_format_number(call->job, call->culture, expr_value(call, 0), how);
}

struct value fn_format_currency(struct expr_call *call)
{
    struct value_vb_number how;

    if (!number_style(call, &how))
        return expr_failed(call);
    return value_vb_format_currency(call->job, call->culture, expr_value(call, 0), how);
}

struct value fn_format_percent(struct expr_call *call)
{
    struct value_vb_number how;

    if (!number_style(call, &how))
        return expr_failed(call);
    return value_vb_format_percent(call->job, call->culture, expr_value(call, 0), how);
}

struct value fn_format_date_time(struct expr_call *call)
{
    int64_t ticks;
    int32_t format;

    if (!expr_date(call, 0, &ticks) || !expr_whole_or(call, 1, VALUE_GENERAL_DATE, &format))
        return expr_failed(call);
    if (format < VALUE_GENERAL_DATE || format > VALUE_SHORT_TIME)
        return EXPR_ERROR("the format of FormatDateTime must be a DateFormat, 0 to 4");
    return value_vb_format_date(call->job, call->culture, value_date(ticks), (enum value_date_format)format);
}

/* ---- parts --------------------------------------------------------------------------------- */

struct value fn_len(struct expr_call *call)
{
    static const uint8_t sizes[VALUE_KINDS] = { /* Len of what is not text is the size of its type */
        [VALUE_BOOLEAN] = 2, [VALUE_INTEGER] = 4, [VALUE_LONG] = 8, [VALUE_SINGLE] = 4, [VALUE_DOUBLE] = 8,
        [VALUE_DECIMAL] = 16, [VALUE_CHAR] = 2, [VALUE_DATE] = 8, [VALUE_SPAN] = 8, [VALUE_OFFSET] = 8,
    };
    struct value v = expr_value(call, 0);

    if (v.kind == VALUE_TEXT)
        return value_integer((int32_t)expr_units(value_bytes(v)));
    if (v.kind == VALUE_ARRAY || v.kind == VALUE_BYTES)
        return EXPR_ERROR("Len does not take an array; use .Length");
    return value_integer(sizes[v.kind]);
}

static bool text_and_count(struct expr_call *call, int text_index, int count_index, rs_text *text, int32_t *count)
{
    if (!expr_text(call, text_index, text) || !expr_whole(call, count_index, count))
        return false;
    if (*count < 0) {
        call->error = EXPR_ERROR("the length must be 0 or more");
        return false;
    }
    return true;
}

struct value fn_left(struct expr_call *call)
{
    rs_text text;
    int32_t count;

    if (!text_and_count(call, 0, 1, &text, &count))
        return expr_failed(call);
    return value_text(expr_slice(text, 0, (size_t)count));
}

struct value fn_right(struct expr_call *call)
{
    rs_text text;
    int32_t count;
    size_t units;

    if (!text_and_count(call, 0, 1, &text, &count))
        return expr_failed(call);
    units = expr_units(text);
    return value_text((size_t)count >= units ? text : expr_slice(text, units - (size_t)count, (size_t)count));
}

struct value fn_mid(struct expr_call *call)
{
    rs_text text;
    int32_t start, count;

    if (!expr_text(call, 0, &text) || !expr_whole(call, 1, &start) || !expr_whole_or(call, 2, INT32_MAX, &count))
        return expr_failed(call);
    if (start < 1)
        return EXPR_ERROR("the start of Mid must be 1 or more");
    if (count < 0)
        return EXPR_ERROR("the length of Mid must be 0 or more");
    return value_text(expr_slice(text, (size_t)start - 1, (size_t)count));
}

static bool is_vb_space(rs_text text, bool at_end, size_t *size)
{
    static const rs_text wide = {"\xE3\x80\x80", 3}; /* ideographic space */

    if (text.size > 0 && text.bytes[at_end ? text.size - 1 : 0] == ' ')
        *size = 1;
    else if (at_end ? rs_text_ends(text, wide) : rs_text_starts(text, wide))
        *size = 3;
    else
        return false;
    return true;
}

/* VB's Trim takes spaces only; String.Trim takes every blank. */
static struct value trim(struct expr_call *call, bool left, bool right)
{
    rs_text text;
    size_t size;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    while (left && is_vb_space(text, false, &size))
        text = rs_text_from_offset(text, size);
    while (right && is_vb_space(text, true, &size))
        text = rs_text_slice(text, 0, text.size - size);
    return value_text(text);
}

struct value fn_trim(struct expr_call *call)
{
    return trim(call, true, true);
}

struct value fn_ltrim(struct expr_call *call)
{
    return trim(call, true, false);
}

struct value fn_rtrim(struct expr_call *call)
{
    return trim(call, false, true);
}

/* ---- case ---------------------------------------------------------------------------------- */

typedef uint32_t change_case(uint32_t c, const struct value_culture *culture);

static struct value map_text(struct expr_call *call, change_case *change)
{
    struct value v = expr_value(call, 0);
    rs_buf buf = rs_buf_in(call->job);
    rs_text text;

    if (v.kind == VALUE_CHAR)
        return char_value(change((uint32_t)v.integer, call->culture));
    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    rs_buf_reserve(&buf, text.size);
    for (size_t at = 0; at < text.size;)
        rs_buf_add_code_point(&buf, change(rs_text_next(text, &at), call->culture));
    return expr_buf_value(&buf);
}

struct value fn_ucase(struct expr_call *call)
{
    return map_text(call, expr_upper);
}

struct value fn_lcase(struct expr_call *call)
{
    return map_text(call, expr_lower);
}

/* A letter, or what is inside a word: digits and apostrophes do not end one. */
static bool in_word(uint32_t c)
{
    return expr_is_letter(c) || c == '\'' || (c < 0x80 && rs_is_digit((char)c));
}

struct value expr_title_case(struct expr_call *call, rs_text text, const struct value_culture *culture)
{
    rs_buf buf = rs_buf_in(call->job);

    for (size_t at = 0; at < text.size;) {
        uint32_t c = rs_text_next(text, &at);
        size_t end = at, next = at;
        bool small = expr_lower(c, culture) == c;
        if (!expr_is_letter(c)) {
            rs_buf_add_code_point(&buf, c);
            continue;
        }
        rs_buf_add_code_point(&buf, expr_upper(c, culture));
        for (uint32_t d; next < text.size && in_word(d = rs_text_next(text, &next)); end = next)
            small = small || d == '\'' || (expr_is_letter(d) && expr_lower(d, culture) == d);
        while (at < end) { /* a word without small letters is an acronym, which is kept */
            c = rs_text_next(text, &at);
            rs_buf_add_code_point(&buf, small ? expr_lower(c, culture) : c);
        }
    }
    return expr_buf_value(&buf);
}

/* vbProperCase: a title, of which no word is an acronym. */
static struct value proper_case(struct expr_call *call)
{
    struct value lower = map_text(call, expr_lower);

    return lower.kind == VALUE_TEXT ? expr_title_case(call, value_bytes(lower), call->culture) : lower;
}

/* Full-width and half-width forms of the ASCII characters. */
static struct value change_width(struct expr_call *call, rs_text text, bool wide)
{
    rs_buf buf = rs_buf_in(call->job);

    for (size_t at = 0; at < text.size;) {
        uint32_t c = rs_text_next(text, &at);
        if (wide && c > ' ' && c < 0x7F)
            c += 0xFEE0;
        else if (wide && c == ' ')
            c = 0x3000;
        else if (!wide && c > 0xFF00 && c < 0xFF5F)
            c -= 0xFEE0;
        else if (!wide && c == 0x3000)
            c = ' ';
        rs_buf_add_code_point(&buf, c);
    }
    return expr_buf_value(&buf);
}

struct value fn_str_conv(struct expr_call *call)
{
    rs_text text;
    int32_t conversion;

    if (!expr_text(call, 0, &text) || !expr_whole(call, 1, &conversion))
        return expr_failed(call);
    switch (conversion) {
    case 0:
        return value_text(text);
    case 1:
        return map_text(call, expr_upper);
    case 2:
        return map_text(call, expr_lower);
    case 3:
        return proper_case(call);
    case 4:
    case 8:
        return change_width(call, text, conversion == 4);
    default:
        return EXPR_ERROR("StrConv supports None, UpperCase, LowerCase, ProperCase, Wide and Narrow only");
    }
}

/* ---- search -------------------------------------------------------------------------------- */

static bool compare_mode(struct expr_call *call, int index, bool *ignore_case)
{
    int32_t mode;

    if (!expr_whole_or(call, index, 0, &mode))
        return false;
    *ignore_case = mode == 1;
    return true;
}

/* InStr([start,] text, what [, compare]): a number in front of two texts is the start. */
struct value fn_in_str(struct expr_call *call)
{
    struct value first = expr_value(call, 0);
    bool starts = call->count == 4 || (call->count == 3 && (value_is_number(first) || first.kind == VALUE_BOOLEAN));
    int32_t start = 1;
    bool ignore_case;
    rs_text text, what;

    if ((starts && !expr_whole(call, 0, &start)) || !expr_text(call, starts, &text) ||
        !expr_text(call, starts + 1, &what) || !compare_mode(call, starts + 2, &ignore_case))
        return expr_failed(call);
    if (start < 1)
        return EXPR_ERROR("the start of InStr must be 1 or more");
    if ((size_t)start > expr_units(text))
        return value_integer(0);
    if (what.size == 0)
        return value_integer(start);
    ptrdiff_t at = expr_find(text, what, expr_offset(text, (size_t)start - 1), ignore_case);
    return value_integer(at < 0 ? 0 : (int32_t)expr_units(rs_text_slice(text, 0, (size_t)at)) + 1);
}

struct value fn_in_str_rev(struct expr_call *call)
{
    rs_text text, what;
    int32_t start;
    bool ignore_case;

    if (!expr_text(call, 0, &text) || !expr_text(call, 1, &what) || !expr_whole_or(call, 2, -1, &start) ||
        !compare_mode(call, 3, &ignore_case))
        return expr_failed(call);
    if (start == 0 || start < -1)
        return EXPR_ERROR("the start of InStrRev must be -1, or 1 or more");
    int32_t units = (int32_t)expr_units(text);
    if (units == 0 || start > units)
        return value_integer(0);
    if (start == -1)
        start = units;
    if (what.size == 0)
        return value_integer(start);
    ptrdiff_t at = expr_find_last(text, what, expr_offset(text, (size_t)start), ignore_case);
    return value_integer(at < 0 ? 0 : (int32_t)expr_units(rs_text_slice(text, 0, (size_t)at)) + 1);
}

struct value fn_replace(struct expr_call *call)
{
    rs_text text, find, replacement;
    int32_t start, count;
    bool ignore_case;
    rs_buf buf = rs_buf_in(call->job);

    if (!expr_text(call, 0, &text) || !expr_text(call, 1, &find) || !expr_text(call, 2, &replacement) ||
        !expr_whole_or(call, 3, 1, &start) || !expr_whole_or(call, 4, -1, &count) || !compare_mode(call, 5, &ignore_case))
        return expr_failed(call);
    if (start < 1 || count < -1)
        return EXPR_ERROR("the start of Replace must be 1 or more and its count -1 or more");
    if (text.size == 0 || (size_t)start > expr_units(text))
        return value_null();
    text = rs_text_from_offset(text, expr_offset(text, (size_t)start - 1));
    if (find.size == 0)
        return value_text(text);
    for (size_t from = 0;;) {
        ptrdiff_t at = count == 0 ? -1 : expr_find(text, find, from, ignore_case);
        if (at < 0) {
            if (from == 0)
                return value_text(text);
            rs_buf_add(&buf, rs_text_from_offset(text, from));
            break;
        }
        rs_buf_add(&buf, rs_text_slice(text, from, (size_t)at - from));
        rs_buf_add(&buf, replacement);
        from = (size_t)at + expr_match(text, (size_t)at, find, ignore_case);
        count -= count > 0;
        if (expr_too_long(call, &buf))
            return expr_failed(call);
    }
    return expr_buf_value(&buf);
}

struct value fn_split(struct expr_call *call)
{
    RS_VEC(rs_text) parts = {0};
    rs_text text, delimiter;
    int32_t limit;
    bool ignore_case;
    size_t from = 0;

    if (!expr_text(call, 0, &text) || !expr_text_or(call, 1, RS_TEXT(" "), &delimiter) ||
        !expr_whole_or(call, 2, -1, &limit) || !compare_mode(call, 3, &ignore_case))
        return expr_failed(call);
    if (limit == 0 || limit < -1)
        return EXPR_ERROR("the limit of Split must be -1, or 1 or more");
    while (delimiter.size > 0 && (limit < 0 || parts.count + 1 < (size_t)limit)) {
        ptrdiff_t at = expr_find(text, delimiter, from, ignore_case);
        if (at < 0)
            break;
        if (parts.count == EXPR_ITEMS_MAX)
            return EXPR_ERROR("Split makes too many parts");
        rs_vec_push(call->job, &parts, rs_text_slice(text, from, (size_t)at - from));
        from = (size_t)at + expr_match(text, (size_t)at, delimiter, ignore_case);
    }
    rs_vec_push(call->job, &parts, rs_text_from_offset(text, from));
    return expr_array_of_texts(call, parts.items, parts.count);
}

struct value fn_join(struct expr_call *call)
{
    struct value source = expr_value(call, 0);
    rs_buf buf = rs_buf_in(call->job);
    rs_text delimiter;

    if (!expr_text_or(call, 1, RS_TEXT(" "), &delimiter))
        return expr_failed(call);
    if (source.kind == VALUE_NULL)
        return value_null();
    if (source.kind != VALUE_ARRAY)
        return EXPR_ERROR("Join takes an array; a parameter is one where it is multi-value");
    for (uint32_t i = 0; i < source.size; i++) {
        struct value item = value_to_string(call->job, source.items[i], call->culture);
        if (value_is_error(item))
            return item;
        if (i > 0)
            rs_buf_add(&buf, delimiter);
        rs_buf_add(&buf, value_bytes(item));
        if (expr_too_long(call, &buf))
            return expr_failed(call);
    }
    return expr_buf_value(&buf);
}

struct value fn_filter(struct expr_call *call)
{
    struct value source = expr_value(call, 0);
    RS_VEC(rs_text) kept = {0};
    rs_text match;
    bool include, ignore_case;

    if (!expr_text(call, 1, &match) || !expr_boolean_or(call, 2, true, &include) || !compare_mode(call, 3, &ignore_case))
        return expr_failed(call);
    if (source.kind != VALUE_ARRAY)
        return EXPR_ERROR("Filter takes an array of texts");
    for (uint32_t i = 0; i < source.size; i++) {
        struct value item = value_to_string(call->job, source.items[i], call->culture);
        if (value_is_error(item))
            return item;
        if ((expr_find(value_bytes(item), match, 0, ignore_case) >= 0) == include)
            rs_vec_push(call->job, &kept, value_bytes(item));
    }
    return expr_array_of_texts(call, kept.items, kept.count);
}

struct value fn_str_comp(struct expr_call *call)
{
    rs_text a, b;
    bool ignore_case;

    if (!expr_text(call, 0, &a) || !expr_text(call, 1, &b) || !compare_mode(call, 2, &ignore_case))
        return expr_failed(call);
    int order = expr_compare_text(a, b, ignore_case);
    return value_integer(order < 0 ? -1 : order > 0);
}

/* ---- making text --------------------------------------------------------------------------- */

static struct value repeat(struct expr_call *call, int32_t count, rs_text what)
{
    char *bytes;

    if (count < 0)
        return EXPR_ERROR("the number of characters must be 0 or more");
    if ((size_t)count * what.size > EXPR_TEXT_MAX)
        return EXPR_ERROR("the text is too long");
    bytes = expr_allocate(call, (size_t)count * what.size + 1, 1);
    for (int32_t i = 0; bytes && i < count; i++)
        memcpy(bytes + (size_t)i * what.size, what.bytes, what.size);
    return bytes ? value_text(rs_text_of(bytes, (size_t)count * what.size)) : value_null();
}

struct value fn_space(struct expr_call *call)
{
    int32_t count;

    if (!expr_whole(call, 0, &count))
        return expr_failed(call);
    return repeat(call, count, RS_TEXT(" "));
}

struct value fn_str_dup(struct expr_call *call)
{
    int32_t count;
    rs_text text;
    size_t size = 0;

    if (!expr_whole(call, 0, &count) || !expr_text(call, 1, &text))
        return expr_failed(call);
    if (text.size == 0)
        return EXPR_ERROR("StrDup repeats the first character of a text that is not empty");
    rs_text_next(text, &size);
    return repeat(call, count, rs_text_slice(text, 0, size));
}

/* New String(c, count), New String(characters [, start, length]) */
struct value fn_new_string(struct expr_call *call)
{
    struct value first = expr_value(call, 0);
    rs_text text;
    int32_t count, from;
    size_t size = 0;

    if (first.kind == VALUE_ARRAY) {
        rs_buf buf = rs_buf_in(call->job);
        if (!expr_whole_or(call, 1, 0, &from) || !expr_whole_or(call, 2, (int32_t)first.size - from, &count))
            return expr_failed(call);
        if (from < 0 || count < 0 || (int64_t)from + count > first.size)
            return EXPR_ERROR("the start or the length is out of range");
        for (int32_t i = from; i < from + count; i++)
            value_append(call->culture, first.items[i], &buf);
        return expr_buf_value(&buf);
    }
    if (!expr_text(call, 0, &text) || !expr_whole_or(call, 1, 1, &count))
        return expr_failed(call);
    if (call->count < 2 || text.size == 0)
        return value_text(text);
    rs_text_next(text, &size);
    return repeat(call, count, rs_text_slice(text, 0, size));
}

/* LSet, RSet: exactly `length` characters, cut or filled with blanks. */
static struct value set_width(struct expr_call *call, bool right)
{
    rs_text text;
    int32_t width;
    rs_buf buf = rs_buf_in(call->job);

    if (!text_and_count(call, 0, 1, &text, &width))
        return expr_failed(call);
    if ((size_t)width > EXPR_TEXT_MAX)
        return EXPR_ERROR("the text is too long");
    size_t units = expr_units(text), blanks = units < (size_t)width ? (size_t)width - units : 0;
    if (!expr_reserve(call, &buf, blanks + text.size))
        return expr_failed(call);
    for (size_t i = 0; right && i < blanks; i++)
        rs_buf_add_byte(&buf, ' ');
    rs_buf_add(&buf, expr_slice(text, 0, (size_t)width));
    for (size_t i = 0; !right && i < blanks; i++)
        rs_buf_add_byte(&buf, ' ');
    return expr_buf_value(&buf);
}

struct value fn_lset(struct expr_call *call)
{
    return set_width(call, false);
}

struct value fn_rset(struct expr_call *call)
{
    return set_width(call, true);
}

struct value fn_str_reverse(struct expr_call *call)
{
    rs_text text;
    char *bytes;
    size_t end;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    bytes = rs_alloc(call->job, text.size + 1);
    end = text.size;
    for (size_t at = 0; at < text.size;) {
        size_t from = at;
        rs_text_next(text, &at);
        end -= at - from;
        memcpy(bytes + end, text.bytes + from, at - from);
    }
    return value_text(rs_text_of(bytes, text.size));
}
