/* report/value/convert.h - conversions and arithmetic as VB does them on Object.
 *
 * A VALUE_ERROR operand is the result. The job holds the texts that are made, among them those of errors.
 *
 * Source:  Visual Basic language specification, conversions and operators; Microsoft.VisualBasic.CompilerServices
 *          (Conversions, Operators), which a report's expressions call at run time.
 */
#ifndef REPORT_VALUE_CONVERT_H
#define REPORT_VALUE_CONVERT_H

#include "base/job.h"
#include "report/value/culture.h"
#include "report/value/decimal.h"
#include "report/value/value.h"

/* What holds while values are computed. */
struct value_rules {
    const struct value_culture *culture; /* never NULL */
    bool overflow_widens; /* whole numbers that overflow become Long, Decimal, Double, as VB does where a type is
                           * known only at run time (fields); false: an error, as where it is declared */
};

/* ---- conversions ------------------------------------------------------------------------------------ */

enum value_whole { /* whole types of VB; the result is VALUE_INTEGER or VALUE_LONG (ULong above: VALUE_DECIMAL) */
    VALUE_AS_SBYTE, VALUE_AS_BYTE, VALUE_AS_SHORT, VALUE_AS_USHORT, VALUE_AS_INTEGER, VALUE_AS_UINTEGER,
    VALUE_AS_LONG, VALUE_AS_ULONG
};

/* CInt and its relatives: half-even, Nothing is 0, True is -1, text in the culture's notation, &H and &O. */
struct value value_to_whole(struct rs_job *job, struct value v, enum value_whole type,
                            const struct value_culture *culture);
struct value value_to_boolean(struct rs_job *job, struct value v, const struct value_culture *culture);
struct value value_to_double(struct rs_job *job, struct value v, const struct value_culture *culture);
struct value value_to_single(struct rs_job *job, struct value v, const struct value_culture *culture);
struct value value_to_decimal(struct rs_job *job, struct value v, const struct value_culture *culture);
struct value value_to_date(struct rs_job *job, struct value v, const struct value_culture *culture);
struct value value_to_char(struct rs_job *job, struct value v, const struct value_culture *culture);
/* CStr: VALUE_TEXT; Nothing gives the empty text. */
struct value value_to_string(struct rs_job *job, struct value v, const struct value_culture *culture);
/* By kind; VALUE_NULL stays null. For data and parameters: RDL types map to kinds. */
struct value value_convert(struct rs_job *job, struct value v, enum value_kind kind,
                           const struct value_culture *culture);

/* Text as a number the way VB reads it: sign, group separators, currency symbol, parentheses, exponent, &H, &O.
 * False where it is none. */
bool value_parse_double(rs_text t, const struct value_culture *culture, double *out);
bool value_parse_decimal(rs_text t, const struct value_culture *culture, struct value *out);

/* What a number in a text may have: .NET's NumberStyles, their bits. VB takes all but hexadecimal digits. */
enum value_number_style {
    VALUE_STYLE_SPACE = 1, VALUE_STYLE_SPACE_BEHIND = 2, VALUE_STYLE_SIGN = 4, VALUE_STYLE_SIGN_BEHIND = 8,
    VALUE_STYLE_PARENTHESES = 0x10, VALUE_STYLE_POINT = 0x20, VALUE_STYLE_GROUPS = 0x40, VALUE_STYLE_EXPONENT = 0x80,
    VALUE_STYLE_CURRENCY = 0x100, VALUE_STYLE_HEX = 0x200,
    VALUE_STYLE_INTEGER = 7, VALUE_STYLE_NUMBER = 111, VALUE_STYLE_FLOAT = 167, VALUE_STYLE_ANY = 511,
};

/* The text is a number that has nothing but what `styles` allows (not VALUE_STYLE_HEX). */
bool value_number_has_style(rs_text t, const struct value_culture *culture, unsigned styles);

bool value_is_numeric(struct value v, const struct value_culture *culture); /* IsNumeric */
bool value_is_date(struct value v, const struct value_culture *culture);    /* IsDate */

static inline bool value_is_number(struct value v) /* a kind that counts; not Boolean */
{
    return v.kind >= VALUE_INTEGER && v.kind <= VALUE_DECIMAL;
}

/* VB's name of the type: "Integer", "Date", "String", "Nothing" ... */
const char *value_type_name(struct value v);
/* .NET's: "System.Int32" ... */
const char *value_type_full_name(struct value v);

/* ---- operators -------------------------------------------------------------------------------------- */

struct value value_add(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_subtract(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_multiply(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_divide(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_int_divide(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_modulo(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_power(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_negate(struct rs_job *job, struct value a, const struct value_rules *rules);
struct value value_plus(struct rs_job *job, struct value a, const struct value_rules *rules); /* unary + */
struct value value_concat(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules); /* & */
struct value value_like(struct rs_job *job, struct value text, struct value pattern, const struct value_rules *rules);
struct value value_shift_left(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_shift_right(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);

/* And, Or, Xor, Not: on Booleans, else bit by bit on whole numbers. AndAlso and OrElse belong to the caller. */
struct value value_and(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_or(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_xor(struct rs_job *job, struct value a, struct value b, const struct value_rules *rules);
struct value value_not(struct rs_job *job, struct value a, const struct value_rules *rules);

#endif
