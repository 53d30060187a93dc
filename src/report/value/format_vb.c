/* Microsoft.VisualBasic's own ways to text: Format with named formats, FormatNumber and its relatives. */
#include "report/value/format.h"

#include "report/value/convert.h"
#include "report/value/number.h"

/* Named formats: what the value is converted to, and the .NET format that follows. */
enum named_kind { NAMED_DATE, NAMED_NUMBER, NAMED_CHOICE };

static const struct named {
    const char *name;
    enum named_kind kind;
    const char *format; /* NAMED_CHOICE: the text for true */
    const char *otherwise;
} named_formats[] = {
    {"General Date", NAMED_DATE, "G", NULL},   {"Long Date", NAMED_DATE, "D", NULL},
    {"Medium Date", NAMED_DATE, "D", NULL},    {"Short Date", NAMED_DATE, "d", NULL},
    {"Long Time", NAMED_DATE, "T", NULL},      {"Medium Time", NAMED_DATE, "T", NULL},
    {"Short Time", NAMED_DATE, "t", NULL},     {"General Number", NAMED_NUMBER, "G", NULL},
    {"Currency", NAMED_NUMBER, "C", NULL},     {"Fixed", NAMED_NUMBER, "0.00", NULL},
    {"Standard", NAMED_NUMBER, "N2", NULL},    {"Percent", NAMED_NUMBER, "0.00%", NULL},
    {"Scientific", NAMED_NUMBER, "0.00E+00", NULL}, {"Yes/No", NAMED_CHOICE, "Yes", "No"},
    {"True/False", NAMED_CHOICE, "True", "False"}, {"On/Off", NAMED_CHOICE, "On", "Off"},
};

static const struct named *find_named(rs_text style)
{
    for (size_t i = 0; i < sizeof named_formats / sizeof named_formats[0]; i++)
        if (rs_text_equal_nocase(style, rs_text_from(named_formats[i].name)))
            return &named_formats[i];
    return NULL;
}

static struct value format_value(struct rs_job *job, const struct value_culture *culture, struct value v, rs_text style)
{
    const struct value_format *format = value_format_compile(job, style);
    rs_buf out = rs_buf_in(job);

    if (!value_format_append(format, culture, v, &out))
        return value_error(rs_text_format(job, "The format \"%.*s\" does not fit a value of type %s.", RS_TEXT_ARG(style),
                                          value_type_name(v)));
    return value_text(rs_buf_text(&out));
}

static struct value format_named(struct rs_job *job, const struct value_culture *culture, struct value v,
                                 const struct named *named)
{
    struct value converted = named->kind == NAMED_DATE     ? value_to_date(job, v, culture)
                             : named->kind == NAMED_CHOICE ? value_to_boolean(job, v, culture)
                             : v.kind == VALUE_DECIMAL     ? v
                                                           : value_to_double(job, v, culture);

    if (value_is_error(converted)) /* what cannot be converted is shown as it is */
        return value_to_string(job, v, culture);
    if (named->kind == NAMED_CHOICE)
        return value_text(rs_text_from(converted.boolean ? named->format : named->otherwise));
    return format_value(job, culture, converted, rs_text_from(named->format));
}

struct value value_vb_format(struct rs_job *job, const struct value_culture *culture, struct value v, rs_text style)
{
    const struct named *named;

    if (v.kind == VALUE_NULL)
        return value_text(RS_TEXT(""));
    if (v.kind == VALUE_ERROR)
        return v;
    if (rs_text_is_empty(style))
        return value_to_string(job, v, culture);
    named = find_named(style);
    if (named)
        return format_named(job, culture, v, named);
    if (v.kind == VALUE_TEXT || v.kind == VALUE_BOOLEAN) /* String.Format(style, v): without {0} the style is what is shown */
        return value_text(style);
    return format_value(job, culture, v, style);
}

/* ---- FormatNumber, FormatCurrency, FormatPercent -------------------------------------------------- */

static const uint8_t plain_currency_negative[] = {1, 5, 9, 8};  /* by positive pattern: with a minus sign */
static const uint8_t parens_currency_negative[] = {0, 4, 14, 15}; /* and in parentheses */

/* "0.5" -> ".5": the zero before the point, behind a sign or symbol. */
static rs_text drop_leading_zero(struct rs_job *job, rs_text t, rs_text point)
{
    ptrdiff_t at = rs_text_find(t, point);
    rs_buf out = rs_buf_in(job);

    if (at < 1 || t.bytes[at - 1] != '0' || (at >= 2 && rs_is_digit(t.bytes[at - 2])))
        return t;
    rs_buf_add(&out, rs_text_slice(t, 0, (size_t)at - 1));
    rs_buf_add(&out, rs_text_from_offset(t, (size_t)at));
    return rs_buf_text(&out);
}

/* The argument as a number, or an error; Nothing stays Nothing, which all of them write as the empty text. */
static struct value number_to_format(struct rs_job *job, const struct value_culture *culture, struct value v,
                                     struct value_vb_number how)
{
    if (v.kind != VALUE_NULL && !value_is_number(v))
        v = value_to_double(job, v, culture);
    if (!value_is_error(v) && (how.digits < -1 || how.digits > 99))
        return value_error(RS_TEXT("The number of digits behind the point must be between -1 and 99."));
    return v;
}

static struct value format_styled(struct rs_job *job, const struct value_culture *culture, struct value v,
                                  struct value_vb_number how, char letter)
{
    struct value_culture changed = *culture;
    struct value_number_shape *shape = letter == 'C' ? &changed.currency : &changed.number;
    struct value text;

    v = number_to_format(job, culture, v, how);
    if (v.kind == VALUE_NULL)
        return value_text(RS_TEXT(""));
    if (value_is_error(v))
        return v;
    if (how.group == VALUE_FALSE) {
        shape->group_sizes[0] = 0;
        shape->group_size_count = 1;
    }
    if (how.parentheses != VALUE_USE_DEFAULT) {
        bool parens = how.parentheses == VALUE_TRUE;
        shape->negative = letter == 'N' ? !parens
                                        : (parens ? parens_currency_negative : plain_currency_negative)[shape->positive];
    }
    text = format_value(job, &changed, v,
                        how.digits < 0 ? rs_text_format(job, "%c", letter) : rs_text_format(job, "%c%d", letter, how.digits));
    if (text.kind == VALUE_TEXT && how.leading_digit == VALUE_FALSE)
        text = value_text(drop_leading_zero(job, value_bytes(text), shape->point));
    return text;
}

struct value value_vb_format_number(struct rs_job *job, const struct value_culture *culture, struct value v,
                                    struct value_vb_number how)
{
    return format_styled(job, culture, v, how, 'N');
}

struct value value_vb_format_currency(struct rs_job *job, const struct value_culture *culture, struct value v,
                                      struct value_vb_number how)
{
    return format_styled(job, culture, v, how, 'C');
}

/* A format of its own, and not "P": no blank before the sign, the digits of a number where none are given. */
struct value value_vb_format_percent(struct rs_job *job, const struct value_culture *culture, struct value v,
                                     struct value_vb_number how)
{
    rs_buf style = rs_buf_in(job);

    v = number_to_format(job, culture, v, how);
    if (v.kind == VALUE_NULL)
        return value_text(RS_TEXT(""));
    if (value_is_error(v))
        return v;
    if (how.group != VALUE_FALSE)
        rs_buf_add_literal(&style, "#,##");
    rs_buf_add_byte(&style, how.leading_digit == VALUE_FALSE ? '#' : '0');
    for (int i = 0, digits = how.digits < 0 ? culture->number.digits : how.digits; i < digits; i++)
        rs_buf_add(&style, i == 0 ? RS_TEXT(".0") : RS_TEXT("0"));
    rs_buf_add_byte(&style, '%');
    return format_value(job, culture, v,
                        how.parentheses != VALUE_TRUE ? rs_buf_text(&style)
                                                      : rs_text_format(job, "%.*s;(%.*s)", RS_TEXT_ARG(rs_buf_text(&style)),
                                                                       RS_TEXT_ARG(rs_buf_text(&style))));
}

struct value value_vb_format_date(struct rs_job *job, const struct value_culture *culture, struct value v,
                                  enum value_date_format how)
{
    static const char *const formats[] = {"G", "D", "d", "T", "HH:mm"};

    v = value_to_date(job, v, culture);
    if (value_is_error(v))
        return v;
    if (how == VALUE_GENERAL_DATE && v.ticks % VALUE_TICKS_PER_DAY == v.ticks)
        how = VALUE_LONG_TIME;
    else if (how == VALUE_GENERAL_DATE && v.ticks % VALUE_TICKS_PER_DAY == 0)
        how = VALUE_SHORT_DATE;
    return format_value(job, culture, v, rs_text_from(formats[how]));
}
