#include <math.h>

#include "report/expr/compiler.h"
#include "report/value/date.h"
#include "report/value/decimal.h"

static rs_status refuse(struct rs_job *job, const struct expr_token *token, const char *why)
{
    return expr_fail_at(job, EXPR_SYNTAX, token->column, "the number %.*s %s", RS_TEXT_ARG(token->text), why);
}

/* The kind that a type character or suffix asks for; *size is how many bytes it takes. VALUE_NULL: none. */
static enum value_kind suffix_kind(rs_text number, bool hexadecimal, size_t *size)
{
    static const struct {
        const char *text;
        uint8_t kind;
        bool in_hexadecimal; /* D and F are digits there */
    } suffixes[] = {
        {"us", VALUE_INTEGER, true}, {"ui", VALUE_LONG, true}, {"ul", VALUE_LONG, true}, {"s", VALUE_INTEGER, true},
        {"i", VALUE_INTEGER, true}, {"%", VALUE_INTEGER, true}, {"l", VALUE_LONG, true}, {"&", VALUE_LONG, true},
        {"d", VALUE_DECIMAL, false}, {"@", VALUE_DECIMAL, true}, {"r", VALUE_DOUBLE, false}, {"#", VALUE_DOUBLE, true},
        {"f", VALUE_SINGLE, false}, {"!", VALUE_SINGLE, true},
    };

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        *size = strlen(suffixes[i].text);
        if (number.size > *size && (suffixes[i].in_hexadecimal || !hexadecimal) &&
            rs_text_equal_nocase(rs_text_from_offset(number, number.size - *size), rs_text_from(suffixes[i].text)))
            return suffixes[i].kind;
    }
    *size = 0;
    return VALUE_NULL;
}

/* &HFF, &O17, &B101: 32 bits make an Integer, more a Long; the highest bit is the sign. */
static rs_status based_literal(struct rs_job *job, const struct expr_token *token, struct value *out)
{
    unsigned base = rs_lower(token->text.bytes[1]) == 'h' ? 16 : rs_lower(token->text.bytes[1]) == 'o' ? 8 : 2;
    size_t suffix;
    enum value_kind kind = suffix_kind(token->text, true, &suffix);
    uint64_t bits = 0;

    for (size_t i = 2; i < token->text.size - suffix; i++) {
        char c = rs_lower(token->text.bytes[i]);
        unsigned digit = rs_is_digit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
        if (digit >= base)
            return refuse(job, token, "has a digit that its base does not have");
        if (bits > (UINT64_MAX - digit) / base)
            return refuse(job, token, "has more than 64 bits");
        bits = bits * base + digit;
    }
    if (kind != VALUE_LONG && bits <= UINT32_MAX)
        *out = value_integer((int32_t)(uint32_t)bits);
    else if (kind == VALUE_INTEGER)
        return refuse(job, token, "does not fit an Integer");
    else
        *out = value_long((int64_t)bits);
    return RS_OK;
}

static rs_status whole_literal(struct rs_job *job, const struct expr_token *token, rs_text digits,
                               enum value_kind kind, struct value *out)
{
    int64_t number;

    if (!rs_parse_int64(digits, &number)) {
        if (rs_lower(token->text.bytes[token->text.size - 1]) == 'l' && value_decimal_parse(digits, out) &&
            out->kind == VALUE_DECIMAL)
            return RS_OK; /* UL beyond Long */
        return refuse(job, token, "is too large for a Long; write D behind it for a Decimal");
    }
    if (kind == VALUE_INTEGER && number > INT32_MAX)
        return refuse(job, token, "does not fit an Integer");
    *out = kind != VALUE_LONG && number <= INT32_MAX ? value_integer((int32_t)number) : value_long(number);
    return RS_OK;
}

static rs_status number_literal(struct rs_job *job, const struct expr_token *token, struct value *out)
{
    size_t suffix;
    enum value_kind kind = suffix_kind(token->text, false, &suffix);
    rs_text digits = rs_text_slice(token->text, 0, token->text.size - suffix);
    bool whole = rs_text_find_byte(digits, '.') < 0 && rs_text_find_byte(digits, 'e') < 0 &&
                 rs_text_find_byte(digits, 'E') < 0;
    double real;

    if (whole && kind != VALUE_DECIMAL && kind != VALUE_DOUBLE && kind != VALUE_SINGLE)
        return whole_literal(job, token, digits, kind, out);
    if (kind == VALUE_INTEGER || kind == VALUE_LONG)
        return refuse(job, token, "has a fraction, and a suffix of whole numbers");
    if (kind == VALUE_DECIMAL) {
        if (!value_decimal_parse(digits.bytes[0] == '.' ? rs_text_format(job, "0%.*s", RS_TEXT_ARG(digits)) : digits,
                                 out) || value_is_error(*out))
            return refuse(job, token, "does not fit a Decimal");
        return RS_OK;
    }
    if (digits.bytes[0] == '.')
        digits = rs_text_format(job, "0%.*s", RS_TEXT_ARG(digits));
    if (!rs_parse_double(digits, &real) || isinf(real))
        return refuse(job, token, "does not fit a Double");
    *out = value_double(kind == VALUE_SINGLE ? (double)(float)real : real);
    if (kind == VALUE_SINGLE)
        out->kind = VALUE_SINGLE;
    return RS_OK;
}

rs_status expr_literal(struct rs_job *job, const struct expr_token *token, struct value *out)
{
    int64_t ticks;
    size_t offset = 0;

    switch (token->kind) {
    case EXPR_TOKEN_NUMBER:
        return token->text.bytes[0] == '&' ? based_literal(job, token, out) : number_literal(job, token, out);
    case EXPR_TOKEN_TEXT:
        *out = value_text(token->text);
        return RS_OK;
    case EXPR_TOKEN_CHAR:
        *out = (struct value){.kind = VALUE_CHAR, .integer = rs_text_next(token->text, &offset)};
        return RS_OK;
    case EXPR_TOKEN_DATE:
        /* Always month first, whatever the culture. */
        if (!value_date_parse(token->text, NULL, &ticks, NULL))
            return expr_fail_at(job, EXPR_SYNTAX, token->column,
                                "#%.*s# is not a date; write month/day/year, and a time as 1:30:00 PM",
                                RS_TEXT_ARG(token->text));
        *out = value_date(ticks);
        return RS_OK;
    default:
        *out = token->op == EXPR_OP_NOTHING ? value_null() : value_boolean(token->op == EXPR_OP_TRUE);
        return RS_OK;
    }
}
