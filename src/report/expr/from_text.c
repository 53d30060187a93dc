/* Parse of .NET's types, and Convert of texts: stricter than CInt and its relatives, which read what VB does. */
#include "report/expr/functions.h"

/* What is read, and how: Parse(s [, style] [, culture]). */
struct reading {
    rs_text text;
    unsigned styles;
    const struct value_culture *culture;
};

static struct value wrong_form(struct expr_call *call, rs_text text, const char *type)
{
    return expr_error(call, "\"%.*s\" is not in a correct format for type '%s'", RS_TEXT_ARG(rs_text_slice(text, 0, 200)), type);
}

static bool read_arguments(struct expr_call *call, unsigned styles, struct reading *out)
{
    bool styled = value_is_number(expr_value(call, 1));
    int32_t given = (int32_t)styles;

    if (expr_value(call, 0).kind == VALUE_NULL) {
        call->error = EXPR_ERROR("the text that is parsed is Nothing");
        return false;
    }
    if (!expr_text(call, 0, &out->text) || (styled && !expr_whole(call, 1, &given)))
        return false;
    out->styles = (unsigned)given;
    out->culture = expr_culture(call, styled ? 2 : 1);
    return true;
}

static bool has_style(const struct reading *reading)
{
    uint64_t bits;

    return reading->styles & VALUE_STYLE_HEX ? rs_parse_hex64(rs_text_trim(reading->text), &bits)
                                             : value_number_has_style(reading->text, reading->culture, reading->styles);
}

static struct value parse_whole(struct expr_call *call, enum value_whole type, const char *name)
{
    struct reading reading;
    rs_text digits;

    if (!read_arguments(call, VALUE_STYLE_INTEGER, &reading))
        return expr_failed(call);
    if (!has_style(&reading))
        return wrong_form(call, reading.text, name);
    digits = reading.styles & VALUE_STYLE_HEX ? rs_text_format(call->job, "&H%.*s", RS_TEXT_ARG(rs_text_trim(reading.text)))
                                              : reading.text;
    return value_to_whole(call->job, value_text(digits), type, reading.culture);
}

#define PARSE_WHOLE(function, type, name)                                                      \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        return parse_whole(call, type, name);                                                  \
    }

PARSE_WHOLE(fn_parse_byte, VALUE_AS_BYTE, "Byte")
PARSE_WHOLE(fn_parse_short, VALUE_AS_SHORT, "Short")
PARSE_WHOLE(fn_parse_integer, VALUE_AS_INTEGER, "Integer")
PARSE_WHOLE(fn_parse_long, VALUE_AS_LONG, "Long")

typedef struct value convert_text(struct rs_job *job, struct value v, const struct value_culture *culture);

static struct value parse_real(struct expr_call *call, unsigned styles, convert_text *convert, const char *name)
{
    struct reading reading;

    if (!read_arguments(call, styles, &reading))
        return expr_failed(call);
    return has_style(&reading) ? convert(call->job, value_text(reading.text), reading.culture)
                               : wrong_form(call, reading.text, name);
}

struct value fn_parse_single(struct expr_call *call)
{
    return parse_real(call, VALUE_STYLE_FLOAT | VALUE_STYLE_GROUPS, value_to_single, "Single");
}

struct value fn_parse_double(struct expr_call *call)
{
    return parse_real(call, VALUE_STYLE_FLOAT | VALUE_STYLE_GROUPS, value_to_double, "Double");
}

struct value fn_parse_decimal(struct expr_call *call)
{
    return parse_real(call, VALUE_STYLE_NUMBER, value_to_decimal, "Decimal");
}

struct value fn_parse_boolean(struct expr_call *call)
{
    rs_text text;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    text = rs_text_trim(text);
    if (rs_text_equal_nocase(text, RS_TEXT("True")) || rs_text_equal_nocase(text, RS_TEXT("False")))
        return value_boolean(rs_lower(text.bytes[0]) == 't');
    return EXPR_ERROR("the text is neither True nor False");
}

struct value fn_parse_char(struct expr_call *call)
{
    rs_text text;
    size_t at = 0;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    if (expr_units(text) != 1)
        return wrong_form(call, text, "Char");
    return (struct value){.kind = VALUE_CHAR, .integer = rs_text_next(text, &at)};
}

/* ---- System.Convert: texts as Parse reads them, True is 1, and a base may be given ------------ */

static bool based_number(struct expr_call *call, int32_t base, int bits, int64_t *out)
{
    rs_text text;
    uint64_t number = 0;

    if (!expr_text(call, 0, &text))
        return false;
    if (base == 16 && rs_text_starts_nocase(text, RS_TEXT("0x")))
        text = rs_text_from_offset(text, 2);
    for (size_t i = 0; i < text.size; i++) {
        char c = rs_lower(text.bytes[i]);
        unsigned digit = rs_is_digit(c) ? (unsigned)(c - '0') : c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 99;
        if (digit >= (unsigned)base || number > (UINT64_MAX - digit) / (unsigned)base) {
            call->error = EXPR_ERROR("the text is not a number of this base");
            return false;
        }
        number = number * (unsigned)base + digit;
    }
    if (text.size == 0 || (bits < 64 && number >> bits)) {
        call->error = EXPR_ERROR("the text is not a number that fits");
        return false;
    }
    /* The highest bit is the sign. */
    *out = bits == 64 ? (int64_t)number
                      : (int64_t)(number << (64 - bits)) >> (64 - bits);
    return true;
}

static struct value to_whole(struct expr_call *call, enum value_whole type, int bits, const char *name)
{
    struct value v = expr_value(call, 0);
    int32_t base = 10;
    int64_t number;

    if (v.kind == VALUE_BOOLEAN)
        v = value_integer(v.boolean);
    if (v.kind == VALUE_CHAR)
        v = value_integer((int32_t)v.integer);
    if (v.kind == VALUE_TEXT && value_is_number(expr_value(call, 1)) && !expr_whole(call, 1, &base))
        return expr_failed(call);
    if (v.kind == VALUE_TEXT && base == 10) {
        const struct value_culture *culture = expr_culture(call, 1);
        return value_number_has_style(value_bytes(v), culture, VALUE_STYLE_INTEGER) ? value_to_whole(call->job, v, type, culture)
                                                                                    : wrong_form(call, value_bytes(v), name);
    }
    if (base == 10)
        return value_to_whole(call->job, v, type, call->culture);
    if (base != 2 && base != 8 && base != 16)
        return EXPR_ERROR("the base must be 2, 8, 10 or 16");
    if (!based_number(call, base, bits, &number))
        return expr_failed(call);
    if (type == VALUE_AS_BYTE || type == VALUE_AS_USHORT || type == VALUE_AS_UINTEGER)
        number &= (INT64_C(1) << bits) - 1;
    return type == VALUE_AS_LONG || type == VALUE_AS_ULONG || type == VALUE_AS_UINTEGER ? value_long(number)
                                                                                        : value_integer((int32_t)number);
}

#define TO_WHOLE(function, type, bits, name)                                                   \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        return to_whole(call, type, bits, name);                                               \
    }

TO_WHOLE(fn_to_sbyte, VALUE_AS_SBYTE, 8, "SByte")
TO_WHOLE(fn_to_byte, VALUE_AS_BYTE, 8, "Byte")
TO_WHOLE(fn_to_int16, VALUE_AS_SHORT, 16, "Short")
TO_WHOLE(fn_to_uint16, VALUE_AS_USHORT, 16, "UShort")
TO_WHOLE(fn_to_int32, VALUE_AS_INTEGER, 32, "Integer")
TO_WHOLE(fn_to_uint32, VALUE_AS_UINTEGER, 32, "UInteger")
TO_WHOLE(fn_to_int64, VALUE_AS_LONG, 64, "Long")
TO_WHOLE(fn_to_uint64, VALUE_AS_ULONG, 64, "ULong")

static struct value to_real(struct expr_call *call, unsigned styles, convert_text *convert, const char *name)
{
    struct value v = expr_value(call, 0);
    const struct value_culture *culture = expr_culture(call, 1);

    if (v.kind == VALUE_BOOLEAN)
        v = value_integer(v.boolean);
    if (v.kind == VALUE_TEXT && !value_number_has_style(value_bytes(v), culture, styles))
        return wrong_form(call, value_bytes(v), name);
    return convert(call->job, v, culture);
}

struct value fn_to_double(struct expr_call *call)
{
    return to_real(call, VALUE_STYLE_FLOAT | VALUE_STYLE_GROUPS, value_to_double, "Double");
}

struct value fn_to_single(struct expr_call *call)
{
    return to_real(call, VALUE_STYLE_FLOAT | VALUE_STYLE_GROUPS, value_to_single, "Single");
}

struct value fn_to_decimal(struct expr_call *call)
{
    return to_real(call, VALUE_STYLE_NUMBER, value_to_decimal, "Decimal");
}

struct value fn_to_boolean(struct expr_call *call)
{
    return expr_value(call, 0).kind == VALUE_TEXT ? fn_parse_boolean(call)
                                                  : value_to_boolean(call->job, expr_value(call, 0), call->culture);
}

struct value fn_to_char(struct expr_call *call)
{
    struct value v = expr_value(call, 0);

    if (v.kind == VALUE_TEXT)
        return fn_parse_char(call);
    if (!value_is_number(v))
        return value_to_char(call->job, v, call->culture);
    v = value_to_whole(call->job, v, VALUE_AS_USHORT, call->culture);
    return value_is_error(v) ? v : (struct value){.kind = VALUE_CHAR, .integer = v.integer};
}
