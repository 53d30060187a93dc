/* The C functions of the language, Microsoft.VisualBasic.Conversion, System.Convert. */
#include <math.h>

#include "report/expr/functions.h"

/* ---- CInt and its relatives ---------------------------------------------------------------- */

#define WHOLE(function, type)                                                                  \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        return value_to_whole(call->job, expr_value(call, 0), type, call->culture);            \
    }

WHOLE(fn_cint, VALUE_AS_INTEGER)
WHOLE(fn_clng, VALUE_AS_LONG)
WHOLE(fn_cshort, VALUE_AS_SHORT)
WHOLE(fn_cbyte, VALUE_AS_BYTE)
WHOLE(fn_csbyte, VALUE_AS_SBYTE)
WHOLE(fn_cushort, VALUE_AS_USHORT)
WHOLE(fn_cuint, VALUE_AS_UINTEGER)
WHOLE(fn_culng, VALUE_AS_ULONG)

struct value fn_cbool(struct expr_call *call)
{
    return value_to_boolean(call->job, expr_value(call, 0), call->culture);
}

struct value fn_cdbl(struct expr_call *call)
{
    return value_to_double(call->job, expr_value(call, 0), call->culture);
}

struct value fn_csng(struct expr_call *call)
{
    return value_to_single(call->job, expr_value(call, 0), call->culture);
}

struct value fn_cdec(struct expr_call *call)
{
    return value_to_decimal(call->job, expr_value(call, 0), call->culture);
}

struct value fn_cdate(struct expr_call *call)
{
    return value_to_date(call->job, expr_value(call, 0), expr_culture(call, 1));
}

struct value fn_cchar(struct expr_call *call)
{
    return value_to_char(call->job, expr_value(call, 0), call->culture);
}

/* CStr(Nothing) is Nothing, which & and the functions of texts take for an empty one. */
struct value fn_cstr(struct expr_call *call)
{
    struct value v = expr_value(call, 0);

    return v.kind == VALUE_NULL ? value_null() : value_to_string(call->job, v, call->culture);
}

struct value fn_cobj(struct expr_call *call)
{
    return expr_value(call, 0);
}

static struct value only_of_kind(struct expr_call *call, enum value_kind kind, const char *type)
{
    struct value v = expr_value(call, 0);

    if (v.kind == kind || v.kind == VALUE_NULL)
        return v;
    return expr_error(call, "a value of type %s cannot be converted to %s", value_type_name(v), type);
}

struct value fn_to_array(struct expr_call *call)
{
    return only_of_kind(call, VALUE_ARRAY, "an array");
}

struct value fn_to_bytes(struct expr_call *call)
{
    return only_of_kind(call, VALUE_BYTES, "Byte()");
}

struct value fn_to_offset(struct expr_call *call)
{
    return only_of_kind(call, VALUE_OFFSET, "DateTimeOffset");
}

struct value fn_to_span(struct expr_call *call)
{
    return only_of_kind(call, VALUE_SPAN, "TimeSpan");
}

struct value fn_decimal_to_int32(struct expr_call *call)
{
    struct value d = value_to_decimal(call->job, expr_value(call, 0), call->culture);

    if (value_is_error(d))
        return d;
    return value_to_whole(call->job, value_decimal_round(d, 0, VALUE_ROUND_TRUNCATE), VALUE_AS_INTEGER, call->culture);
}

/* Convert.ToString(value), (value, culture) and (number, base). */
struct value fn_to_string(struct expr_call *call)
{
    struct value v = expr_value(call, 0), provider = expr_value(call, 1);
    char digits[64];
    size_t at = sizeof digits;
    int64_t number;
    int32_t base;

    if (value_is_number(v) && value_is_number(provider)) {
        if (!expr_whole(call, 1, &base) || !expr_long(call, 0, &number))
            return expr_failed(call);
        if (base != 2 && base != 8 && base != 16)
            return value_to_string(call->job, v, call->culture);
        uint64_t bits = v.kind == VALUE_INTEGER ? (uint32_t)number : (uint64_t)number;
        do {
            digits[--at] = "0123456789abcdef"[bits % (unsigned)base];
            bits /= (unsigned)base;
        } while (bits);
        return value_text(rs_text_copy(call->job, rs_text_of(digits + at, sizeof digits - at)));
    }
    if (v.kind == VALUE_ARRAY || v.kind == VALUE_BYTES)
        return value_text(rs_text_from(value_type_full_name(v)));
    return value_text(value_to_text(call->job, expr_culture(call, 1), v));
}

/* ---- base 64 ------------------------------------------------------------------------------- */

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct value fn_to_base64(struct expr_call *call)
{
    struct value v = expr_value(call, 0);
    const unsigned char *in = (const unsigned char *)v.text;
    size_t written = 0;
    char *out;

    if (v.kind != VALUE_BYTES)
        return v.kind == VALUE_NULL ? EXPR_ERROR("Convert.ToBase64String of Nothing")
                                    : expr_error(call, "Convert.ToBase64String takes bytes, not a value of type %s",
                                                 value_type_name(v));
    out = expr_allocate(call, ((size_t)v.size + 2) / 3 * 4 + 1, 1);
    if (!out)
        return value_null();
    for (size_t i = 0; i < v.size; i += 3) {
        unsigned left = v.size - (unsigned)i;
        unsigned bits = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
        out[written++] = base64_digits[bits >> 18];
        out[written++] = base64_digits[bits >> 12 & 63];
        out[written++] = left > 1 ? base64_digits[bits >> 6 & 63] : '=';
        out[written++] = left > 2 ? base64_digits[bits & 63] : '=';
    }
    return value_text(rs_text_of(out, written));
}

struct value fn_from_base64(struct expr_call *call)
{
    rs_text text;
    uint32_t bits = 0;
    size_t digits = 0, padding = 0, written = 0;
    char *out;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    out = expr_allocate(call, text.size / 4 * 3 + 4, 1);
    if (!out)
        return value_null();
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        const char *digit = c ? strchr(base64_digits, c) : NULL;
        if (c == ' ' || c == '\r' || c == '\n' || c == '\t')
            continue;
        if (c == '=') {
            padding++;
            continue;
        }
        if (!digit || padding > 0)
            return EXPR_ERROR("the text is not base 64");
        bits = bits << 6 | (uint32_t)(digit - base64_digits);
        if (++digits % 4 == 0) {
            out[written++] = (char)(bits >> 16);
            out[written++] = (char)(bits >> 8);
            out[written++] = (char)bits;
        }
    }
    if ((digits + padding) % 4 != 0 || padding > 2)
        return EXPR_ERROR("the text is not base 64: its length is not a multiple of 4");
    if (digits % 4 >= 2)
        out[written++] = (char)(digits % 4 == 2 ? bits >> 4 : bits >> 10);
    if (digits % 4 == 3)
        out[written++] = (char)(bits >> 2);
    return (struct value){.kind = VALUE_BYTES, .size = (uint32_t)written, .text = out};
}

/* ---- Val, Str, Hex, Oct --------------------------------------------------------------------- */

/* What a number looks like at the beginning of the text; blanks are not seen. */
static double read_value(rs_text text)
{
    char plain[310];
    size_t used = 0, sign = 0;
    bool point = false, exponent = false;
    double number;

    for (size_t i = 0; i < text.size && used < sizeof plain - 1; i++) {
        char c = text.bytes[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        bool digit_before = used > 0 && rs_is_digit(plain[used - 1]);
        if (rs_is_digit(c))
            plain[used++] = c;
        else if (c == '.' && !point && !exponent)
            point = true, plain[used++] = c;
        else if ((c == 'e' || c == 'E' || c == 'd' || c == 'D') && !exponent && (digit_before || point))
            exponent = true, plain[used++] = 'e';
        else if ((c == '+' || c == '-') && (used == 0 || plain[used - 1] == 'e'))
            plain[used++] = c, sign += used == 1;
        else
            break;
    }
    while (used > 0 && !rs_is_digit(plain[used - 1])) /* "5e", "5.", "-" */
        used--;
    if (used > sign && plain[sign] == '.') { /* ".5" */
        memmove(plain + sign + 1, plain + sign, used - sign);
        plain[sign] = '0';
        used++;
    }
    return rs_parse_double(rs_text_of(plain, used), &number) ? number : 0;
}

struct value fn_val(struct expr_call *call)
{
    struct value v = expr_value(call, 0);
    rs_text text;

    if (value_is_number(v))
        return value_to_double(call->job, v, call->culture);
    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    text = rs_text_trim(text);
    if (text.size > 2 && text.bytes[0] == '&' && (rs_lower(text.bytes[1]) == 'h' || rs_lower(text.bytes[1]) == 'o')) {
        unsigned base = rs_lower(text.bytes[1]) == 'h' ? 16 : 8;
        uint64_t number = 0;
        size_t digits = 0;
        for (size_t i = 2; i < text.size && digits < 16; i++, digits++) {
            char c = rs_lower(text.bytes[i]);
            unsigned digit = rs_is_digit(c) ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
            if (digit >= base)
                break;
            number = number * base + digit;
        }
        return value_double(number <= UINT32_MAX ? (double)(int32_t)(uint32_t)number : (double)(int64_t)number);
    }
    return value_double(read_value(text));
}

/* A blank stands where the sign of a positive number would; the point is always '.'. */
struct value fn_str(struct expr_call *call)
{
    struct value v = expr_value(call, 0);
    rs_buf buf = rs_buf_in(call->job);

    if (v.kind == VALUE_NULL)
        v = value_integer(0);
    if (v.kind == VALUE_TEXT)
        v = value_to_double(call->job, v, call->culture);
    if (value_is_error(v))
        return v;
    if (!value_is_number(v))
        return v.kind == VALUE_BOOLEAN ? value_text(v.boolean ? RS_TEXT("True") : RS_TEXT("False"))
                                       : EXPR_ERROR("Str takes a number");
    value_append(value_culture_invariant(), v, &buf);
    if (buf.used > 0 && buf.bytes[0] != '-')
        return value_text(rs_text_format(call->job, " %.*s", RS_TEXT_ARG(rs_buf_text(&buf))));
    return expr_buf_value(&buf);
}

static struct value based_text(struct expr_call *call, const char *format)
{
    struct value v = expr_value(call, 0);
    int64_t number;

    if (!expr_long(call, 0, &number))
        return expr_failed(call);
    /* Negative numbers show the bits of their type. */
    bool narrow = v.kind == VALUE_INTEGER || (number >= INT32_MIN && v.kind != VALUE_LONG);
    return value_text(rs_text_format(call->job, format, narrow && number < 0 ? (unsigned long long)(uint32_t)number
                                                                              : (unsigned long long)number));
}

struct value fn_hex(struct expr_call *call)
{
    return based_text(call, "%llX");
}

struct value fn_oct(struct expr_call *call)
{
    return based_text(call, "%llo");
}
