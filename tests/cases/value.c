/* Cases of report/value: name(argument, ...) => value. The names are in the table at the end. */
#include "cases.h"

#include "report/value/compare.h"
#include "report/value/date.h"
#include "report/value/format.h"

struct call {
    struct rs_job *job;
    const struct value_culture *culture;
    struct value_rules rules;
    struct value a[CASES_ARGUMENTS_MAX];
    int count;
};

static int whole(const struct call *c, int i, int otherwise)
{
    return i < c->count && c->a[i].kind == VALUE_INTEGER ? (int)c->a[i].integer : otherwise;
}

static struct value format_call(const struct call *c)
{
    struct value_format *format = value_format_compile(c->job, value_bytes(c->a[1]));
    rs_buf out = rs_buf_in(c->job);

    if (!value_format_append(format, c->culture, c->a[0], &out))
        return value_text(RS_TEXT("(not a format of this type)"));
    return value_text(rs_buf_text(&out));
}

/* calendar(date, calendar, format) */
static struct value calendar_call(const struct call *c)
{
    const struct value_culture *culture = value_culture_calendar(c->culture, value_bytes(c->a[1]));
    rs_buf out = rs_buf_in(c->job);

    if (!value_format_append(value_format_compile(c->job, value_bytes(c->a[2])), culture, c->a[0], &out))
        return value_text(RS_TEXT("(not in this calendar)"));
    return value_text(rs_buf_text(&out));
}

/* numerals(text, variant) */
static struct value numerals_call(const struct call *c)
{
    return value_text(value_numerals(c->job, value_bytes(c->a[0]), whole(c, 1, 1), c->culture->name));
}

static struct value text_call(const struct call *c)
{
    return value_text(value_to_text(c->job, c->culture, c->a[0]));
}

static struct value vb_format_call(const struct call *c)
{
    return value_vb_format(c->job, c->culture, c->a[0], c->count > 1 ? value_bytes(c->a[1]) : RS_TEXT(""));
}

static struct value_vb_number how(const struct call *c)
{
    return (struct value_vb_number){whole(c, 1, -1), (enum value_tristate)whole(c, 2, VALUE_USE_DEFAULT),
                                    (enum value_tristate)whole(c, 3, VALUE_USE_DEFAULT),
                                    (enum value_tristate)whole(c, 4, VALUE_USE_DEFAULT)};
}

static struct value number_call(const struct call *c)
{
    return value_vb_format_number(c->job, c->culture, c->a[0], how(c));
}

static struct value currency_call(const struct call *c)
{
    return value_vb_format_currency(c->job, c->culture, c->a[0], how(c));
}

static struct value percent_call(const struct call *c)
{
    return value_vb_format_percent(c->job, c->culture, c->a[0], how(c));
}

static struct value date_format_call(const struct call *c)
{
    return value_vb_format_date(c->job, c->culture, c->a[0], (enum value_date_format)whole(c, 1, 0));
}

static struct value round_call(const struct call *c)
{
    enum value_rounding rounding = (enum value_rounding)whole(c, 2, VALUE_ROUND_HALF_EVEN);
    unsigned digits = (unsigned)whole(c, 1, 0);

    if (c->a[0].kind == VALUE_DOUBLE)
        return value_double(value_double_round(c->a[0].real, digits, rounding));
    return value_decimal_round(value_to_decimal(c->job, c->a[0], c->culture), digits, rounding);
}

#define OPERATOR(name)                                                                         \
    static struct value name##_call(const struct call *c)                                      \
    {                                                                                          \
        return value_##name(c->job, c->a[0], c->a[1], &c->rules);                              \
    }
OPERATOR(add)
OPERATOR(subtract)
OPERATOR(multiply)
OPERATOR(divide)
OPERATOR(int_divide)
OPERATOR(modulo)
OPERATOR(power)
OPERATOR(concat)
OPERATOR(like)
OPERATOR(and)
OPERATOR(or)
OPERATOR(xor)
OPERATOR(shift_left)
OPERATOR(shift_right)

static struct value negate_call(const struct call *c)
{
    return value_negate(c->job, c->a[0], &c->rules);
}

static struct value not_call(const struct call *c)
{
    return value_not(c->job, c->a[0], &c->rules);
}

#define RELATION(name, relation)                                                               \
    static struct value name##_call(const struct call *c)                                      \
    {                                                                                          \
        return value_relate(c->job, relation, c->a[0], c->a[1], &c->rules);                    \
    }
RELATION(equal, VALUE_EQUAL)
RELATION(not_equal, VALUE_NOT_EQUAL)
RELATION(less, VALUE_LESS)
RELATION(less_or_equal, VALUE_LESS_OR_EQUAL)
RELATION(greater, VALUE_GREATER)
RELATION(greater_or_equal, VALUE_GREATER_OR_EQUAL)

#define WHOLE(name, type)                                                                      \
    static struct value name##_call(const struct call *c)                                      \
    {                                                                                          \
        return value_to_whole(c->job, c->a[0], type, c->culture);                              \
    }
WHOLE(cint, VALUE_AS_INTEGER)
WHOLE(clng, VALUE_AS_LONG)
WHOLE(cshort, VALUE_AS_SHORT)
WHOLE(cbyte, VALUE_AS_BYTE)
WHOLE(culng, VALUE_AS_ULONG)

#define CONVERT(name, function)                                                                \
    static struct value name##_call(const struct call *c)                                      \
    {                                                                                          \
        return value_to_##function(c->job, c->a[0], c->culture);                               \
    }
CONVERT(cbool, boolean)
CONVERT(cdbl, double)
CONVERT(csng, single)
CONVERT(cdec, decimal)
CONVERT(cdate, date)
CONVERT(cstr, string)
CONVERT(cchar, char)

static struct value is_numeric_call(const struct call *c)
{
    return value_boolean(value_is_numeric(c->a[0], c->culture));
}

static struct value is_date_call(const struct call *c)
{
    return value_boolean(value_is_date(c->a[0], c->culture));
}

static struct value type_name_call(const struct call *c)
{
    return value_text(rs_text_from(value_type_name(c->a[0])));
}

/* ---- dates ------------------------------------------------------------------------------------------- */

static struct value parse_date_call(const struct call *c)
{
    int64_t ticks;
    int offset;

    if (!value_date_parse(value_bytes(c->a[0]), c->culture, &ticks, &offset))
        return value_text(RS_TEXT("(no date)"));
    return offset == VALUE_NO_OFFSET ? value_date(ticks) : value_offset(ticks, offset);
}

static struct value parse_span_call(const struct call *c)
{
    int64_t ticks;

    return value_span_parse(value_bytes(c->a[0]), &ticks) ? value_span(ticks) : value_text(RS_TEXT("(no span)"));
}

static enum value_interval interval_of(struct value v)
{
    enum value_interval interval = VALUE_DAY;

    (void)value_interval_parse(value_bytes(v), &interval);
    return interval;
}

static struct value date_add_call(const struct call *c)
{
    struct value number = value_to_double(c->job, c->a[1], c->culture);

    return value_date_add(interval_of(c->a[0]), number.real, c->a[2].ticks);
}

static struct value date_diff_call(const struct call *c)
{
    return value_date_diff(interval_of(c->a[0]), c->a[1].ticks, c->a[2].ticks, whole(c, 3, 1), c->culture);
}

static struct value date_part_call(const struct call *c)
{
    return value_date_part(interval_of(c->a[0]), c->a[1].ticks, whole(c, 2, 1),
                           (enum value_week_rule)whole(c, 3, VALUE_WEEK_JAN_1), c->culture);
}

static struct value date_serial_call(const struct call *c)
{
    return value_date_serial(whole(c, 0, 0), whole(c, 1, 0), whole(c, 2, 0));
}

static struct value weekday_call(const struct call *c)
{
    return value_integer(value_date_weekday(c->a[0].ticks, whole(c, 1, 1), c->culture));
}

static struct value iso_call(const struct call *c)
{
    char text[VALUE_DATE_ISO_SIZE];
    size_t size = value_date_write_iso(c->a[0].ticks, text);

    return value_text(rs_text_copy(c->job, rs_text_of(text, size)));
}

static const struct {
    const char *name;
    struct value (*call)(const struct call *c);
    int least; /* arguments */
} functions[] = {
    {"calendar", calendar_call, 3},
    {"format", format_call, 2},
    {"numerals", numerals_call, 2},
    {"text", text_call, 1},
    {"vbformat", vb_format_call, 1},
    {"formatnumber", number_call, 1},
    {"formatcurrency", currency_call, 1},
    {"formatpercent", percent_call, 1},
    {"formatdatetime", date_format_call, 1},
    {"round", round_call, 1},
    {"add", add_call, 2},
    {"subtract", subtract_call, 2},
    {"multiply", multiply_call, 2},
    {"divide", divide_call, 2},
    {"intdivide", int_divide_call, 2},
    {"modulo", modulo_call, 2},
    {"power", power_call, 2},
    {"concat", concat_call, 2},
    {"like", like_call, 2},
    {"and", and_call, 2},
    {"or", or_call, 2},
    {"xor", xor_call, 2},
    {"shiftleft", shift_left_call, 2},
    {"shiftright", shift_right_call, 2},
    {"negate", negate_call, 1},
    {"not", not_call, 1},
    {"equal", equal_call, 2},
    {"notequal", not_equal_call, 2},
    {"less", less_call, 2},
    {"lessorequal", less_or_equal_call, 2},
    {"greater", greater_call, 2},
    {"greaterorequal", greater_or_equal_call, 2},
    {"cint", cint_call, 1},
    {"clng", clng_call, 1},
    {"cshort", cshort_call, 1},
    {"cbyte", cbyte_call, 1},
    {"culng", culng_call, 1},
    {"cbool", cbool_call, 1},
    {"cdbl", cdbl_call, 1},
    {"csng", csng_call, 1},
    {"cdec", cdec_call, 1},
    {"cdate", cdate_call, 1},
    {"cstr", cstr_call, 1},
    {"cchar", cchar_call, 1},
    {"isnumeric", is_numeric_call, 1},
    {"isdate", is_date_call, 1},
    {"typename", type_name_call, 1},
    {"parsedate", parse_date_call, 1},
    {"parsespan", parse_span_call, 1},
    {"dateadd", date_add_call, 3},
    {"datediff", date_diff_call, 3},
    {"datepart", date_part_call, 2},
    {"dateserial", date_serial_call, 3},
    {"weekday", weekday_call, 1},
    {"iso", iso_call, 1},
};

static void answer(struct rs_job *job, rs_text input, const struct cases_setting *setting, rs_buf *out)
{
    struct call call = {.job = job, .culture = setting->culture, .rules = {setting->culture, setting->widen}};
    struct cases_call parsed;

    if (!cases_parse_call(input, &parsed)) {
        rs_buf_add_literal(out, "(not a call)");
        return;
    }
    for (call.count = 0; call.count < parsed.count; call.count++)
        if (!cases_value(job, parsed.arguments[call.count], &call.a[call.count])) {
            rs_buf_printf(out, "(not a value: %.*s)", RS_TEXT_ARG(parsed.arguments[call.count]));
            return;
        }
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (rs_text_equal(parsed.name, rs_text_from(functions[i].name)) && call.count >= functions[i].least) {
            cases_show(functions[i].call(&call), out);
            return;
        }
    rs_buf_add_literal(out, "(no such function, or too few arguments)");
}

int main(int argc, char **argv)
{
    return cases_run(argc, argv, answer);
}
