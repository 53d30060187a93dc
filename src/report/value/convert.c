#include "report/value/convert.h"

#include <math.h>

#include "base/buf.h"
#include "report/value/format.h"

static struct value cannot_convert(struct rs_job *job, struct value v, const char *type)
{
    if (v.kind == VALUE_TEXT)
        return value_error(rs_text_format(job, "Conversion from string \"%.*s\" to type '%s' is not valid.",
                                          RS_TEXT_ARG(rs_text_slice(value_bytes(v), 0, 200)), type));
    return value_error(
        rs_text_format(job, "Conversion from type '%s' to type '%s' is not valid.", value_type_name(v), type));
}

static const struct {
    const char *vb, *net;
} type_names[VALUE_KINDS] = {
    [VALUE_NULL] = {"Nothing", "System.Object"},
    [VALUE_ERROR] = {"Error", "System.Exception"},
    [VALUE_BOOLEAN] = {"Boolean", "System.Boolean"},
    [VALUE_INTEGER] = {"Integer", "System.Int32"},
    [VALUE_LONG] = {"Long", "System.Int64"},
    [VALUE_SINGLE] = {"Single", "System.Single"},
    [VALUE_DOUBLE] = {"Double", "System.Double"},
    [VALUE_DECIMAL] = {"Decimal", "System.Decimal"},
    [VALUE_CHAR] = {"Char", "System.Char"},
    [VALUE_TEXT] = {"String", "System.String"},
    [VALUE_DATE] = {"Date", "System.DateTime"},
    [VALUE_SPAN] = {"TimeSpan", "System.TimeSpan"},
    [VALUE_OFFSET] = {"DateTimeOffset", "System.DateTimeOffset"},
    [VALUE_BYTES] = {"Byte()", "System.Byte[]"},
    [VALUE_ARRAY] = {"Object()", "System.Object[]"},
    [VALUE_OBJECT] = {"Object", "System.Object"},
};

const char *value_type_name(struct value v)
{
    return type_names[v.kind].vb;
}

const char *value_type_full_name(struct value v)
{
    return type_names[v.kind].net;
}

/* ---- text as a number ------------------------------------------------------------------------- */

#define NUMBER_TEXT_MAX 512 /* bytes; a longer text is no number */

/* A number taken apart: only digits, one point and an exponent are left of it. */
struct number_text {
    char bytes[NUMBER_TEXT_MAX + 2];
    size_t size;
    bool negative;
};

struct number_reader {
    const struct value_culture *culture;
    unsigned styles; /* enum value_number_style */
    rs_text text;
    size_t at;
    bool sign, parens, closed, currency;
    struct number_text *out;
};

static bool take(struct number_reader *r, rs_text what)
{
    if (what.size == 0 || !rs_text_starts(rs_text_from_offset(r->text, r->at), what))
        return false;
    r->at += what.size;
    return true;
}

static bool take_space(struct number_reader *r)
{
    return take(r, RS_TEXT(" ")) || take(r, RS_TEXT("\t")) || take(r, RS_TEXT("\r")) || take(r, RS_TEXT("\n")) ||
           take(r, RS_TEXT("\u00a0")) || take(r, RS_TEXT("\u202f"));
}

static bool take_sign(struct number_reader *r)
{
    if (r->sign)
        return false;
    if (take(r, r->culture->negative_sign) || take(r, RS_TEXT("-")) || take(r, RS_TEXT("\u2212")))
        r->out->negative = true;
    else if (!take(r, r->culture->positive_sign) && !take(r, RS_TEXT("+")))
        return false;
    r->sign = true;
    return true;
}

static bool take_currency(struct number_reader *r)
{
    if (r->currency || !(r->styles & VALUE_STYLE_CURRENCY) || !take(r, r->culture->currency_symbol))
        return false;
    r->currency = true;
    return true;
}

static bool take_group(struct number_reader *r)
{
    rs_text group = r->culture->number.group;

    if (!(r->styles & VALUE_STYLE_GROUPS))
        return false;
    if (take(r, group) || take(r, r->culture->currency.group))
        return true;
    /* where the separator is one of the spaces, any of them is meant */
    return (rs_text_equal(group, RS_TEXT("\u00a0")) || rs_text_equal(group, RS_TEXT("\u202f"))) &&
           r->at + 1 < r->text.size && r->text.bytes[r->at] != '\n' && take_space(r) && r->at < r->text.size &&
           rs_is_digit(r->text.bytes[r->at]);
}

static bool read_digits(struct number_reader *r)
{
    bool point = false, any = false;

    while (r->at < r->text.size) {
        size_t before = r->at;
        if (rs_is_digit(r->text.bytes[r->at])) {
            r->out->bytes[r->out->size++] = r->text.bytes[r->at++];
            any = true;
        } else if (!point && (r->styles & VALUE_STYLE_POINT) && (take(r, r->culture->number.point) || take(r, r->culture->currency.point))) {
            r->out->bytes[r->out->size++] = '.';
            point = true;
        } else if (!any || point || !take_group(r)) {
            r->at = before;
            break;
        }
    }
    return any;
}

static void read_exponent(struct number_reader *r)
{
    size_t at = r->at + 1, from;

    if (!(r->styles & VALUE_STYLE_EXPONENT) || r->at >= r->text.size || (r->text.bytes[r->at] | 0x20) != 'e')
        return;
    if (at < r->text.size && (r->text.bytes[at] == '+' || r->text.bytes[at] == '-'))
        at++;
    from = at;
    while (at < r->text.size && rs_is_digit(r->text.bytes[at]))
        at++;
    if (at == from)
        return;
    memcpy(r->out->bytes + r->out->size, r->text.bytes + r->at, at - r->at);
    r->out->size += at - r->at;
    r->at = at;
}

static bool take_number(rs_text t, const struct value_culture *culture, unsigned styles, struct number_text *out)
{
    struct number_reader r = {.culture = culture, .styles = styles, .text = rs_text_trim(t), .out = out};

    out->size = 0;
    out->negative = false;
    if (r.text.size == 0 || r.text.size > NUMBER_TEXT_MAX)
        return false;
    while (take_space(&r) || take_currency(&r) || ((styles & VALUE_STYLE_SIGN) && take_sign(&r)) ||
           (!r.parens && !r.sign && (styles & VALUE_STYLE_PARENTHESES) && take(&r, RS_TEXT("("))))
        if (r.at > 0 && r.text.bytes[r.at - 1] == '(')
            r.parens = r.sign = true;
    if (!read_digits(&r))
        return false;
    read_exponent(&r);
    while (take_space(&r) || take_currency(&r) || ((styles & VALUE_STYLE_SIGN_BEHIND) && take_sign(&r)) ||
           (r.parens && !r.closed && take(&r, RS_TEXT(")"))))
        if (r.text.bytes[r.at - 1] == ')')
            r.closed = true;
    if (r.parens)
        out->negative = true;
    return r.at == r.text.size && r.parens == r.closed;
}

/* &HFF and &O17, as 64 bits. */
static bool parse_radix(rs_text t, int64_t *out)
{
    uint64_t value = 0;

    t = rs_text_trim(t);
    if (t.size < 3 || t.bytes[0] != '&')
        return false;
    if (rs_lower(t.bytes[1]) == 'h') {
        if (!rs_parse_hex64(rs_text_from_offset(t, 2), &value))
            return false;
    } else if (rs_lower(t.bytes[1]) == 'o' && t.size <= 23) {
        for (size_t i = 2; i < t.size; i++) {
            if (t.bytes[i] < '0' || t.bytes[i] > '7')
                return false;
            value = value << 3 | (uint64_t)(t.bytes[i] - '0');
        }
    } else {
        return false;
    }
    *out = (int64_t)value;
    return true;
}

bool value_number_has_style(rs_text t, const struct value_culture *culture, unsigned styles)
{
    struct number_text number;
    rs_text trimmed = rs_text_trim(t);
    ptrdiff_t before = trimmed.bytes - t.bytes;

    if ((before > 0 && !(styles & VALUE_STYLE_SPACE)) ||
        ((size_t)before + trimmed.size < t.size && !(styles & VALUE_STYLE_SPACE_BEHIND)))
        return false;
    return take_number(trimmed, culture, styles, &number);
}

bool value_parse_double(rs_text t, const struct value_culture *culture, double *out)
{
    struct number_text number;
    int64_t whole;

    if (parse_radix(t, &whole)) {
        *out = (double)whole;
        return true;
    }
    if (!take_number(t, culture, VALUE_STYLE_ANY, &number))
        return false;
    if (number.size > 0 && number.bytes[number.size - 1] == '.') /* "5." */
        number.size--;
    if (number.bytes[0] == '.') {
        memmove(number.bytes + 1, number.bytes, number.size++);
        number.bytes[0] = '0';
    }
    if (!rs_parse_double(rs_text_of(number.bytes, number.size), out)) {
        struct value exact; /* a form the plain reader does not take, such as "5.e3" */
        if (!value_decimal_parse(rs_text_of(number.bytes, number.size), &exact) || value_is_error(exact))
            return false;
        *out = value_decimal_to_double(exact);
    }
    if (number.negative)
        *out = -*out;
    return true;
}

bool value_parse_decimal(rs_text t, const struct value_culture *culture, struct value *out)
{
    struct number_text number;
    int64_t whole;

    if (parse_radix(t, &whole)) {
        *out = value_decimal_from_int64(whole);
        return true;
    }
    if (!take_number(t, culture, VALUE_STYLE_ANY, &number) || !value_decimal_parse(rs_text_of(number.bytes, number.size), out))
        return false;
    if (number.negative && !value_is_error(*out))
        out->negative = 1;
    return true;
}

/* ---- to whole numbers ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int64_t least, most;
} wholes[] = {
    [VALUE_AS_SBYTE] = {"SByte", INT8_MIN, INT8_MAX},      [VALUE_AS_BYTE] = {"Byte", 0, UINT8_MAX},
    [VALUE_AS_SHORT] = {"Short", INT16_MIN, INT16_MAX},    [VALUE_AS_USHORT] = {"UShort", 0, UINT16_MAX},
    [VALUE_AS_INTEGER] = {"Integer", INT32_MIN, INT32_MAX}, [VALUE_AS_UINTEGER] = {"UInteger", 0, UINT32_MAX},
    [VALUE_AS_LONG] = {"Long", INT64_MIN, INT64_MAX},      [VALUE_AS_ULONG] = {"ULong", 0, INT64_MAX},
};

static struct value whole_in_range(int64_t i, enum value_whole type)
{
    if (i < wholes[type].least || i > wholes[type].most)
        return value_error(value_overflow_text);
    return type <= VALUE_AS_INTEGER ? value_integer((int32_t)i) : value_long(i);
}

static struct value whole_from_decimal(struct value d, enum value_whole type)
{
    int64_t i;

    d = value_decimal_round(d, 0, VALUE_ROUND_HALF_EVEN);
    if (value_decimal_to_int64(d, &i))
        return whole_in_range(i, type);
    if (type == VALUE_AS_ULONG && !d.negative && d.high == 0)
        return d;
    return value_error(value_overflow_text);
}

static struct value whole_from_double(double d, enum value_whole type)
{
    d = rint(d);
    if (d >= -9223372036854775808.0 && d < 9223372036854775808.0)
        return whole_in_range((int64_t)d, type);
    if (type == VALUE_AS_ULONG && d >= 0 && d < 18446744073709551616.0)
        return value_decimal_from_uint64((uint64_t)d);
    return value_error(value_overflow_text);
}

struct value value_to_whole(struct rs_job *job, struct value v, enum value_whole type, const struct value_culture *culture)
{
    struct value exact;
    double real;

    switch (v.kind) {
    case VALUE_NULL:
        return whole_in_range(0, type);
    case VALUE_ERROR:
        return v;
    case VALUE_BOOLEAN: /* True is all bits: 255 as a Byte */
        return whole_in_range(!v.boolean ? 0 : wholes[type].least < 0 ? -1 : wholes[type].most, type);
    case VALUE_INTEGER:
    case VALUE_LONG:
        return whole_in_range(v.integer, type);
    case VALUE_SINGLE:
    case VALUE_DOUBLE:
        return whole_from_double(v.real, type);
    case VALUE_DECIMAL:
        return whole_from_decimal(v, type);
    case VALUE_TEXT:
        if (value_parse_decimal(value_bytes(v), culture, &exact))
            return value_is_error(exact) ? exact : whole_from_decimal(exact, type);
        if (value_parse_double(value_bytes(v), culture, &real))
            return whole_from_double(real, type);
        break;
    default:
        break;
    }
    return cannot_convert(job, v, wholes[type].name);
}

/* ---- to other kinds ----------------------------------------------------------------------------- */

struct value value_to_boolean(struct rs_job *job, struct value v, const struct value_culture *culture)
{
    double real;

    switch (v.kind) {
    case VALUE_NULL:
        return value_boolean(false);
    case VALUE_ERROR:
    case VALUE_BOOLEAN:
        return v;
    case VALUE_INTEGER:
    case VALUE_LONG:
        return value_boolean(v.integer != 0);
    case VALUE_SINGLE:
    case VALUE_DOUBLE:
        return value_boolean(v.real != 0);
    case VALUE_DECIMAL:
        return value_boolean(!value_decimal_is_zero(v));
    case VALUE_TEXT:
        if (rs_text_equal_nocase(rs_text_trim(value_bytes(v)), RS_TEXT("True")))
            return value_boolean(true);
        if (rs_text_equal_nocase(rs_text_trim(value_bytes(v)), RS_TEXT("False")))
            return value_boolean(false);
        if (value_parse_double(value_bytes(v), culture, &real))
            return value_boolean(real != 0);
        break;
    default:
        break;
    }
    return cannot_convert(job, v, "Boolean");
}

/* False where the kind has no number; text is read. */
static bool to_real(struct value v, const struct value_culture *culture, double *out)
{
    switch (v.kind) {
    case VALUE_NULL:
        *out = 0;
        return true;
    case VALUE_BOOLEAN:
        *out = v.boolean ? -1 : 0;
        return true;
    case VALUE_INTEGER:
    case VALUE_LONG:
        *out = (double)v.integer;
        return true;
    case VALUE_SINGLE:
    case VALUE_DOUBLE:
        *out = v.real;
        return true;
    case VALUE_DECIMAL:
        *out = value_decimal_to_double(v);
        return true;
    case VALUE_TEXT:
        return value_parse_double(value_bytes(v), culture, out);
    default:
        return false;
    }
}

struct value value_to_double(struct rs_job *job, struct value v, const struct value_culture *culture)
{
    double real;

    if (v.kind == VALUE_ERROR)
        return v;
    return to_real(v, culture, &real) ? value_double(real) : cannot_convert(job, v, "Double");
}

static struct value make_single(double d)
{
    return (struct value){.kind = VALUE_SINGLE, .real = (double)(float)d};
}

struct value value_to_single(struct rs_job *job, struct value v, const struct value_culture *culture)
{
    double real;

    if (v.kind == VALUE_ERROR)
        return v;
    return to_real(v, culture, &real) ? make_single(real) : cannot_convert(job, v, "Single");
}

struct value value_to_decimal(struct rs_job *job, struct value v, const struct value_culture *culture)
{
    struct value exact;

    switch (v.kind) {
    case VALUE_NULL:
        return value_decimal_from_int64(0);
    case VALUE_ERROR:
    case VALUE_DECIMAL:
        return v;
    case VALUE_BOOLEAN:
        return value_decimal_from_int64(v.boolean ? -1 : 0);
    case VALUE_INTEGER:
    case VALUE_LONG:
        return value_decimal_from_int64(v.integer);
    case VALUE_SINGLE:
        return value_decimal_from_single(v.real);
    case VALUE_DOUBLE:
        return value_decimal_from_double(v.real);
    case VALUE_TEXT:
        if (value_parse_decimal(value_bytes(v), culture, &exact))
            return exact;
        break;
    default:
        break;
    }
    return cannot_convert(job, v, "Decimal");
}

struct value value_to_date(struct rs_job *job, struct value v, const struct value_culture *culture)
{
    int64_t ticks;
    int offset;

    switch (v.kind) {
    case VALUE_NULL:
        return value_date(0);
    case VALUE_ERROR:
    case VALUE_DATE:
        return v;
    case VALUE_OFFSET: /* its clock time */
        return value_date(v.ticks);
    case VALUE_TEXT:
        if (!value_date_parse(value_bytes(v), culture, &ticks, &offset))
            break;
        if (offset != VALUE_NO_OFFSET) /* a zone is written: the server's time at that instant */
            ticks = value_date_local_from_utc(ticks - offset * VALUE_TICKS_PER_MINUTE);
        if (value_date_in_range(ticks))
            return value_date(ticks);
        break;
    default:
        break;
    }
    return cannot_convert(job, v, "Date");
}

struct value value_to_char(struct rs_job *job, struct value v, const struct value_culture *culture)
{
    struct value out = {.kind = VALUE_CHAR};
    size_t at = 0;

    if (v.kind == VALUE_ERROR || v.kind == VALUE_CHAR)
        return v;
    if (v.kind == VALUE_NULL || (v.kind == VALUE_TEXT && v.size == 0))
        return out;
    if (v.kind != VALUE_TEXT)
        return cannot_convert(job, v, "Char");
    out.integer = rs_text_next(value_bytes(v), &at);
    return out;
}

struct value value_to_string(struct rs_job *job, struct value v, const struct value_culture *culture)
{
    rs_buf out = rs_buf_in(job);

    if (v.kind == VALUE_TEXT || v.kind == VALUE_ERROR)
        return v;
    if (v.kind == VALUE_BYTES || v.kind == VALUE_ARRAY)
        return cannot_convert(job, v, "String");
    value_append_vb(culture, v, &out);
    return value_text(rs_buf_text(&out));
}

static struct value to_span(struct rs_job *job, struct value v)
{
    int64_t ticks;

    if (v.kind == VALUE_SPAN)
        return v;
    if (v.kind == VALUE_TEXT && value_span_parse(value_bytes(v), &ticks))
        return value_span(ticks);
    return cannot_convert(job, v, "TimeSpan");
}

static struct value to_offset(struct rs_job *job, struct value v, const struct value_culture *culture)
{
    int64_t ticks;
    int minutes;

    if (v.kind == VALUE_OFFSET)
        return v;
    if (v.kind == VALUE_DATE || (v.kind == VALUE_TEXT && value_date_parse(value_bytes(v), culture, &ticks, &minutes))) {
        if (v.kind == VALUE_DATE) {
            ticks = v.ticks;
            minutes = VALUE_NO_OFFSET;
        }
        if (minutes == VALUE_NO_OFFSET)
            minutes = (int)((value_date_local_from_utc(ticks) - ticks) / VALUE_TICKS_PER_MINUTE);
        return value_offset(ticks, minutes);
    }
    return cannot_convert(job, v, "DateTimeOffset");
}

struct value value_convert(struct rs_job *job, struct value v, enum value_kind kind, const struct value_culture *culture)
{
    if (v.kind == kind || v.kind == VALUE_NULL || v.kind == VALUE_ERROR)
        return v;
    switch (kind) {
    case VALUE_BOOLEAN:
        return value_to_boolean(job, v, culture);
    case VALUE_INTEGER:
        return value_to_whole(job, v, VALUE_AS_INTEGER, culture);
    case VALUE_LONG:
        return value_to_whole(job, v, VALUE_AS_LONG, culture);
    case VALUE_SINGLE:
        return value_to_single(job, v, culture);
    case VALUE_DOUBLE:
        return value_to_double(job, v, culture);
    case VALUE_DECIMAL:
        return value_to_decimal(job, v, culture);
    case VALUE_CHAR:
        return value_to_char(job, v, culture);
    case VALUE_TEXT:
        return value_to_string(job, v, culture);
    case VALUE_DATE:
        return value_to_date(job, v, culture);
    case VALUE_SPAN:
        return to_span(job, v);
    case VALUE_OFFSET:
        return to_offset(job, v, culture);
    default:
        return cannot_convert(job, v, type_names[kind].vb);
    }
}

bool value_is_numeric(struct value v, const struct value_culture *culture)
{
    double real;

    if (v.kind == VALUE_TEXT)
        return value_parse_double(value_bytes(v), culture, &real);
    if (v.kind == VALUE_CHAR)
        return v.integer >= '0' && v.integer <= '9';
    return v.kind == VALUE_BOOLEAN || value_is_number(v);
}

bool value_is_date(struct value v, const struct value_culture *culture)
{
    int64_t ticks;

    if (v.kind == VALUE_TEXT)
        return value_date_parse(value_bytes(v), culture, &ticks, NULL);
    return v.kind == VALUE_DATE;
}
