/* Static members of .NET types: String, Char, Guid, Path, Uri, WebUtility. */
#include <sys/random.h>

#include <unicode/uchar.h>

#include "base/vec.h"
#include "report/expr/code_program.h"
#include "report/expr/functions.h"

#define WIDTH_MAX 1000000   /* of {0,width} */

/* ---- String -------------------------------------------------------------------------------- */

struct value fn_is_null_or_empty(struct expr_call *call)
{
    rs_text text;

    return expr_text(call, 0, &text) ? value_boolean(text.size == 0) : expr_failed(call);
}

struct value fn_is_null_or_white(struct expr_call *call)
{
    rs_text text;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    for (size_t at = 0; at < text.size;)
        if (!expr_is_white(rs_text_next(text, &at)))
            return value_boolean(false);
    return value_boolean(true);
}

/* As ToString of each argument, or of each item where there is one array; (array, start, count) are some of its items. */
static struct value join_values(struct expr_call *call, int first, rs_text separator)
{
    const struct value *items = call->arguments + first;
    uint32_t count = (uint32_t)(call->count - first);
    rs_buf buf = rs_buf_in(call->job);
    int32_t from, most;

    if (count == 1 && items[0].kind == VALUE_OBJECT) { /* a collection of <Code> */
        struct value items_of = code_each_count(items[0]);
        for (int64_t i = 0; !value_is_error(items_of) && i < items_of.integer; i++) {
            if (i > 0)
                rs_buf_add(&buf, separator);
            value_append(call->culture, code_each_item(call->job, call->arguments[first], i), &buf);
            if (expr_too_long(call, &buf))
                return expr_failed(call);
        }
        return value_is_error(items_of) ? items_of : expr_buf_value(&buf);
    }
    if (count == 3 && items[0].kind == VALUE_ARRAY) {
        if (!expr_whole(call, first + 1, &from) || !expr_whole(call, first + 2, &most))
            return expr_failed(call);
        if (from < 0 || most < 0 || (int64_t)from + most > items[0].size)
            return EXPR_ERROR("the start or the count is out of range");
        count = (uint32_t)most;
        items = items[0].items + from;
    } else if (count == 1 && items[0].kind == VALUE_ARRAY) {
        count = items[0].size;
        items = items[0].items;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            rs_buf_add(&buf, separator);
        value_append(call->culture, items[i], &buf);
        if (expr_too_long(call, &buf))
            return expr_failed(call);
    }
    return expr_buf_value(&buf);
}

struct value fn_string_concat(struct expr_call *call)
{
    return join_values(call, 0, RS_TEXT(""));
}

struct value fn_string_join(struct expr_call *call)
{
    rs_text separator;

    return expr_text(call, 0, &separator) ? join_values(call, 1, separator) : expr_failed(call);
}

static struct value order(int compared)
{
    return value_integer(compared < 0 ? -1 : compared > 0);
}

/* Compare(a, b), (a, b, ignoreCase), (a, b, comparison): Ordinal is 4, and the odd ones ignore case. */
struct value fn_string_compare(struct expr_call *call)
{
    struct value how = expr_value(call, 2);
    bool ignore_case, ordinal = false;
    rs_text a, b;

    if (!expr_text(call, 0, &a) || !expr_text(call, 1, &b) || !expr_boolean_or(call, 2, false, &ignore_case))
        return expr_failed(call);
    if (how.kind == VALUE_INTEGER && (how.flags & EXPR_IS_MODE)) {
        ignore_case = how.integer & 1;
        ordinal = how.integer == 4;
    }
    return order(ordinal || ignore_case ? expr_compare_text(a, b, ignore_case) : expr_order_text(a, b));
}

struct value fn_string_ordinal(struct expr_call *call)
{
    rs_text a, b;

    return expr_text(call, 0, &a) && expr_text(call, 1, &b) ? order(expr_compare_text(a, b, false)) : expr_failed(call);
}

/* The StringComparisons with IgnoreCase are the odd ones. */
struct value fn_string_equals(struct expr_call *call)
{
    rs_text a, b;
    int32_t comparison;

    if (!expr_text(call, 0, &a) || !expr_text(call, 1, &b) || !expr_whole_or(call, 2, 4, &comparison))
        return expr_failed(call);
    return value_boolean(expr_compare_text(a, b, comparison & 1) == 0);
}

/* {index[,width][:format]} at `text`: how many bytes it takes, 0 where it is none. */
static size_t read_placeholder(rs_text text, int64_t *index, int64_t *width, rs_text *format)
{
    ptrdiff_t end = rs_text_find_byte(text, '}');
    rs_text inside, number, rest;

    if (end < 2)
        return 0;
    inside = rs_text_slice(text, 1, (size_t)end - 1);
    rs_text_cut(inside, ':', &number, format);
    *width = 0;
    if (rs_text_cut(number, ',', &number, &rest) && !rs_parse_int64(rs_text_trim(rest), width))
        return 0;
    if (!rs_parse_int64(rs_text_trim(number), index) || *index < 0 || *width > WIDTH_MAX || *width < -WIDTH_MAX)
        return 0;
    return (size_t)end + 1;
}

static bool append_formatted(struct expr_call *call, const struct value_culture *culture, struct value v, rs_text format,
                             int64_t width, rs_buf *out)
{
    rs_buf buf = rs_buf_in(call->job);

    if (format.size > 0) {
        if (!value_format_append(value_format_compile(call->job, format), culture, v, &buf))
            return false;
    } else {
        value_append(culture, v, &buf);
    }
    int64_t blanks = (width < 0 ? -width : width) - (int64_t)expr_units(rs_buf_text(&buf));
    for (int64_t i = 0; width > 0 && i < blanks; i++)
        rs_buf_add_byte(out, ' ');
    rs_buf_add(out, rs_buf_text(&buf));
    for (int64_t i = 0; width < 0 && i < blanks; i++)
        rs_buf_add_byte(out, ' ');
    return true;
}

/* String.Format([culture,] format, values ...), the values perhaps in one array. */
struct value fn_string_format(struct expr_call *call)
{
    bool provided = (expr_value(call, 0).flags & EXPR_IS_CULTURE) && expr_value(call, 0).kind == VALUE_TEXT && call->count > 1;
    const struct value_culture *culture = expr_culture(call, 0);
    const struct value *values = call->arguments + 1 + provided;
    int64_t count = call->count - 1 - provided, index, width;
    rs_buf buf = rs_buf_in(call->job);
    rs_text text, format;

    if (!expr_text(call, provided, &text))
        return expr_failed(call);
    if (count == 1 && values[0].kind == VALUE_ARRAY) {
        count = values[0].size;
        values = values[0].items;
    }
    for (size_t at = 0; at < text.size;) {
        char c = text.bytes[at], after = at + 1 < text.size ? text.bytes[at + 1] : '\0';
        if ((c != '{' && c != '}') || c == after) {
            rs_buf_add_byte(&buf, c);
            at += c == '{' || c == '}' ? 2 : 1;
            continue;
        }
        size_t size = c == '{' ? read_placeholder(rs_text_from_offset(text, at), &index, &width, &format) : 0;
        if (size == 0)
            return EXPR_ERROR("the format of String.Format is not valid: write {0}, {1:N2}, {2,10}; a brace is {{ or }}");
        if (index >= count)
            return EXPR_ERROR("the format of String.Format has a number for which there is no argument");
        if (!append_formatted(call, culture, values[index], format, width, &buf))
            return expr_error(call, "\"%.*s\" is no format for a value of type %s", RS_TEXT_ARG(format),
                              value_type_name(values[index]));
        if (expr_too_long(call, &buf))
            return expr_failed(call);
        at += size;
    }
    return expr_buf_value(&buf);
}

/* ---- Char ---------------------------------------------------------------------------------- */

static bool character(struct expr_call *call, uint32_t *out)
{
    struct value v = expr_value(call, 0);
    int32_t index;
    rs_text text;

    if (v.kind == VALUE_CHAR) {
        *out = (uint32_t)v.integer;
        return true;
    }
    if (!expr_text(call, 0, &text) || !expr_whole_or(call, 1, 0, &index))
        return false;
    size_t at = index < 0 ? text.size : expr_offset(text, (size_t)index);
    if (at >= text.size) {
        call->error = EXPR_ERROR("there is no such character in the text");
        return false;
    }
    *out = rs_text_next(text, &at);
    return true;
}

#define CHARACTER(function, of)                                                                \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        uint32_t c;                                                                            \
                                                                                               \
        return character(call, &c) ? value_boolean(of) : expr_failed(call);                    \
    }

CHARACTER(fn_char_is_digit, u_isdigit((UChar32)c))
CHARACTER(fn_char_is_letter, expr_is_letter(c))
CHARACTER(fn_char_is_letter_or_digit, expr_is_letter(c) || u_isdigit((UChar32)c))
CHARACTER(fn_char_is_lower, u_islower((UChar32)c))
CHARACTER(fn_char_is_upper, u_isupper((UChar32)c))
CHARACTER(fn_char_is_white, expr_is_white(c))
CHARACTER(fn_char_is_punctuation, u_ispunct((UChar32)c))
CHARACTER(fn_char_is_symbol, U_GET_GC_MASK((UChar32)c) & (U_GC_SM_MASK | U_GC_SC_MASK | U_GC_SK_MASK | U_GC_SO_MASK))
CHARACTER(fn_char_is_control, u_charType((UChar32)c) == U_CONTROL_CHAR)
CHARACTER(fn_char_is_separator, U_GET_GC_MASK((UChar32)c) & U_GC_Z_MASK)

struct value fn_char_numeric(struct expr_call *call)
{
    uint32_t c;
    double number;

    if (!character(call, &c))
        return expr_failed(call);
    number = u_getNumericValue((UChar32)c);
    return value_double(number == U_NO_NUMERIC_VALUE ? -1 : number);
}

struct value fn_char_to_upper(struct expr_call *call)
{
    uint32_t c;

    if (!character(call, &c))
        return expr_failed(call);
    return (struct value){.kind = VALUE_CHAR, .integer = expr_upper(c, call->culture)};
}

struct value fn_char_to_lower(struct expr_call *call)
{
    uint32_t c;

    if (!character(call, &c))
        return expr_failed(call);
    return (struct value){.kind = VALUE_CHAR, .integer = expr_lower(c, call->culture)};
}

/* ---- Guid ---------------------------------------------------------------------------------- */

/* Version 4: random. */
struct value fn_new_guid(struct expr_call *call)
{
    unsigned char b[16];

    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        return EXPR_ERROR("no random numbers are available");
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    return value_text(rs_text_format(call->job, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
                                     b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
                                     b[14], b[15]));
}

/* ---- Path: parts of the name of a file, which need no file ------------------------------------- */

/* Where the last part of the path begins: behind \\, / or a drive's colon. */
static size_t file_name_at(rs_text path)
{
    size_t at = path.size;

    while (at > 0 && path.bytes[at - 1] != '\\' && path.bytes[at - 1] != '/' && path.bytes[at - 1] != ':')
        at--;
    return at;
}

/* Where its extension begins, with the dot; path.size where it has none. */
static size_t extension_at(rs_text path)
{
    size_t name = file_name_at(path), at = path.size;

    while (at > name && path.bytes[at - 1] != '.')
        at--;
    return at > name && at < path.size ? at - 1 : path.size;
}

/* The name, the extension, or the name with it. Of Nothing: Nothing. */
static struct value path_part(struct expr_call *call, bool name, bool extension)
{
    rs_text path;

    if (expr_value(call, 0).kind == VALUE_NULL)
        return value_null();
    if (!expr_text(call, 0, &path))
        return expr_failed(call);
    size_t from = name ? file_name_at(path) : extension_at(path), end = extension ? path.size : extension_at(path);
    if (name && !extension && end > from && path.bytes[end - 1] == '.')
        end--; /* "a." has no extension, but its dot is none of the name */
    return value_text(rs_text_slice(path, from, end - from));
}

struct value fn_path_file_name(struct expr_call *call)
{
    return path_part(call, true, true);
}

struct value fn_path_base_name(struct expr_call *call)
{
    return path_part(call, true, false);
}

struct value fn_path_extension(struct expr_call *call)
{
    return path_part(call, false, true);
}

struct value fn_path_directory(struct expr_call *call)
{
    rs_text path;
    size_t at;

    if (!expr_text(call, 0, &path))
        return expr_failed(call);
    at = file_name_at(path);
    return value_text(rs_text_slice(path, 0, at > 0 && path.bytes[at - 1] != ':' ? at - 1 : at));
}

/* ---- Uri and WebUtility -------------------------------------------------------------------- */

/* `hex` for every byte but letters, digits and `kept`; a blank becomes `blank` where that is not 0. */
static struct value percent_encode(struct expr_call *call, const char *kept, char blank, const char *hex)
{
    rs_buf buf = rs_buf_in(call->job);
    rs_text text;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        if (rs_is_alpha(c) || rs_is_digit(c) || (c && strchr(kept, c)))
            rs_buf_add_byte(&buf, c);
        else if (c == ' ' && blank)
            rs_buf_add_byte(&buf, blank);
        else
            rs_buf_printf(&buf, hex, (unsigned char)c);
    }
    return expr_buf_value(&buf);
}

struct value fn_uri_escape_data(struct expr_call *call)
{
    return percent_encode(call, "-_.~", '\0', "%%%02X");
}

struct value fn_uri_escape(struct expr_call *call)
{
    return percent_encode(call, "-_.~!*'();:@&=+$,/?#[]", '\0', "%%%02X");
}

/* HttpUtility writes small letters. */
struct value fn_http_url_encode(struct expr_call *call)
{
    return percent_encode(call, "-_.!*()", '+', "%%%02x");
}

struct value fn_url_encode(struct expr_call *call)
{
    return percent_encode(call, "-_.!*()", '+', "%%%02X");
}

static struct value percent_decode(struct expr_call *call, bool plus)
{
    rs_buf buf = rs_buf_in(call->job);
    rs_text text;
    uint64_t byte;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '%' && i + 2 < text.size && rs_parse_hex64(rs_text_slice(text, i + 1, 2), &byte)) {
            rs_buf_add_byte(&buf, (char)byte);
            i += 2;
        } else {
            rs_buf_add_byte(&buf, plus && text.bytes[i] == '+' ? ' ' : text.bytes[i]);
        }
    }
    return rs_text_is_utf8(rs_buf_text(&buf)) ? expr_buf_value(&buf) : value_text(text);
}

struct value fn_uri_unescape(struct expr_call *call)
{
    return percent_decode(call, false);
}

struct value fn_url_decode(struct expr_call *call)
{
    return percent_decode(call, true);
}

static const struct {
    char c;
    const char *entity;
} entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

struct value fn_html_encode(struct expr_call *call)
{
    rs_buf buf = rs_buf_in(call->job);
    rs_text text;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    for (size_t i = 0; i < text.size; i++) {
        const char *entity = NULL;
        for (size_t e = 0; e < sizeof entities / sizeof *entities; e++)
            if (text.bytes[i] == entities[e].c)
                entity = entities[e].entity;
        if (entity)
            rs_buf_add(&buf, rs_text_from(entity));
        else
            rs_buf_add_byte(&buf, text.bytes[i]);
    }
    return expr_buf_value(&buf);
}

/* &name; or &#number; at `text`: how many bytes it takes, 0 where it is none. */
static size_t read_entity(rs_text text, uint32_t *out)
{
    ptrdiff_t end = rs_text_find_byte(rs_text_slice(text, 0, 12), ';');
    rs_text name;
    uint64_t number;

    if (end < 3)
        return 0;
    name = rs_text_slice(text, 0, (size_t)end + 1);
    for (size_t e = 0; e < sizeof entities / sizeof *entities; e++)
        if (rs_text_equal(name, rs_text_from(entities[e].entity)))
            return *out = (unsigned char)entities[e].c, name.size;
    if (rs_text_equal(name, RS_TEXT("&nbsp;")))
        return *out = 0xA0, name.size;
    if (rs_text_equal(name, RS_TEXT("&apos;")))
        return *out = '\'', name.size;
    name = rs_text_slice(name, 2, name.size - 3);
    bool read = text.bytes[1] == '#' && (rs_lower(name.bytes[0]) == 'x' ? rs_parse_hex64(rs_text_from_offset(name, 1), &number)
                                                                       : rs_parse_uint64(name, &number));
    if (!read || number == 0 || number > 0x10FFFF || (number >= 0xD800 && number < 0xE000))
        return 0;
    *out = (uint32_t)number;
    return (size_t)end + 1;
}

struct value fn_html_decode(struct expr_call *call)
{
    rs_buf buf = rs_buf_in(call->job);
    rs_text text;
    uint32_t c;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    for (size_t i = 0; i < text.size;) {
        size_t size = text.bytes[i] == '&' ? read_entity(rs_text_from_offset(text, i), &c) : 0;
        if (size > 0)
            rs_buf_add_code_point(&buf, c);
        else
            rs_buf_add_byte(&buf, text.bytes[i]);
        i += size > 0 ? size : 1;
    }
    return expr_buf_value(&buf);
}

/* ---- Encoding.UTF8 ------------------------------------------------------------------------- */

/* Bytes that are no UTF-8 become U+FFFD. */
struct value fn_utf8_text(struct expr_call *call)
{
    struct value v = expr_value(call, 0);
    rs_buf buf = rs_buf_in(call->job);

    if (v.kind != VALUE_BYTES)
        return expr_error(call, "Encoding.UTF8.GetString takes bytes, not a value of type %s", value_type_name(v));
    if (rs_text_is_utf8(value_bytes(v)))
        return value_text(value_bytes(v));
    for (size_t at = 0; at < v.size;)
        rs_buf_add_code_point(&buf, rs_text_next(value_bytes(v), &at));
    return expr_buf_value(&buf);
}

struct value fn_utf8_bytes(struct expr_call *call)
{
    rs_text text;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    return (struct value){.kind = VALUE_BYTES, .size = (uint32_t)text.size, .text = text.bytes};
}
