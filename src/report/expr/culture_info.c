/* CultureInfo and its parts. Each of them, DateTimeFormat, NumberFormat, TextInfo and Calendar, is the name of the culture as a
 * marked text, so that all their members stand under text and ask for the mark first.
 */
#include "report/expr/functions.h"

static struct value culture_value(rs_text name)
{
    struct value v = value_text(name);

    v.flags = EXPR_IS_CULTURE;
    return v;
}

struct value fn_culture(struct expr_call *call)
{
    rs_text name;

    return expr_text(call, 0, &name) ? culture_value(name) : expr_failed(call);
}

struct value fn_current_culture(struct expr_call *call)
{
    return culture_value(call->culture->name);
}

struct value fn_invariant_culture(struct expr_call *call)
{
    (void)call;
    return culture_value(RS_TEXT(""));
}

/* The culture whose part the object is; NULL after setting the error. */
static const struct value_culture *object_culture(struct expr_call *call)
{
    if (call->arguments[0].flags & EXPR_IS_CULTURE)
        return expr_culture(call, 0);
    call->error = EXPR_ERROR("a value of type String has no member of a CultureInfo");
    return NULL;
}

/* culture.DateTimeFormat and its like */
struct value member_culture_part(struct expr_call *call)
{
    return object_culture(call) ? call->arguments[0] : expr_failed(call);
}

#define CULTURE_MEMBER(function, result)                                                       \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        const struct value_culture *culture = object_culture(call);                            \
                                                                                               \
        return culture ? result : expr_failed(call);                                           \
    }

/* ---- NumberFormatInfo ---------------------------------------------------------------------- */

CULTURE_MEMBER(member_currency_symbol, value_text(culture->currency_symbol))
CULTURE_MEMBER(member_currency_point, value_text(culture->currency.point))
CULTURE_MEMBER(member_currency_group, value_text(culture->currency.group))
CULTURE_MEMBER(member_currency_digits, value_integer(culture->currency.digits))
CULTURE_MEMBER(member_number_point, value_text(culture->number.point))
CULTURE_MEMBER(member_number_group, value_text(culture->number.group))
CULTURE_MEMBER(member_number_digits, value_integer(culture->number.digits))
CULTURE_MEMBER(member_percent_symbol, value_text(culture->percent_symbol))
CULTURE_MEMBER(member_negative_sign, value_text(culture->negative_sign))
CULTURE_MEMBER(member_positive_sign, value_text(culture->positive_sign))

/* ---- DateTimeFormatInfo -------------------------------------------------------------------- */

CULTURE_MEMBER(member_short_date_pattern, value_text(culture->short_date))
CULTURE_MEMBER(member_long_date_pattern, value_text(culture->long_date))
CULTURE_MEMBER(member_short_time_pattern, value_text(culture->short_time))
CULTURE_MEMBER(member_long_time_pattern, value_text(culture->long_time))
CULTURE_MEMBER(member_month_day_pattern, value_text(culture->month_day))
CULTURE_MEMBER(member_year_month_pattern, value_text(culture->year_month))
CULTURE_MEMBER(member_date_separator, value_text(culture->date_separator))
CULTURE_MEMBER(member_time_separator, value_text(culture->time_separator))
CULTURE_MEMBER(member_am, value_text(culture->am))
CULTURE_MEMBER(member_pm, value_text(culture->pm))
CULTURE_MEMBER(member_first_day, value_integer(culture->first_day))

/* The arrays of months have 13 items: the last is for calendars with as many months. */
static struct value names_of_months(struct expr_call *call, const rs_text months[12])
{
    rs_text names[13] = {{0}};

    memcpy(names, months, 12 * sizeof *names);
    return expr_array_of_texts(call, names, 13);
}

CULTURE_MEMBER(member_month_names, names_of_months(call, culture->months))
CULTURE_MEMBER(member_month_names_short, names_of_months(call, culture->months_short))
CULTURE_MEMBER(member_day_names, expr_array_of_texts(call, culture->days, 7))
CULTURE_MEMBER(member_day_names_short, expr_array_of_texts(call, culture->days_short, 7))

/* GetMonthName(1 to 13), GetDayName(0 to 6) */
static struct value name_at(struct expr_call *call, const rs_text *names, int count, int first, int last)
{
    int32_t number;

    if (!expr_whole(call, 1, &number))
        return expr_failed(call);
    if (number < first || number > last)
        return expr_error(call, "the number of a month or day is out of range: it must be from %d to %d", first, last);
    return number - first < count ? value_text(names[number - first]) : value_text(RS_TEXT(""));
}

CULTURE_MEMBER(member_get_month_name, name_at(call, culture->months, 12, 1, 13))
CULTURE_MEMBER(member_get_month_name_short, name_at(call, culture->months_short, 12, 1, 13))
CULTURE_MEMBER(member_get_day_name, name_at(call, culture->days, 7, 0, 6))
CULTURE_MEMBER(member_get_day_name_short, name_at(call, culture->days_short, 7, 0, 6))

/* ---- Calendar ------------------------------------------------------------------------------ */

/* GetWeekOfYear(date, CalendarWeekRule, DayOfWeek) */
static struct value week_of_year(struct expr_call *call, const struct value_culture *culture)
{
    static const enum value_week_rule rules[] = {VALUE_WEEK_JAN_1, VALUE_WEEK_FULL, VALUE_WEEK_FOUR_DAYS};
    int32_t rule, first_day;
    int64_t ticks;

    if (!expr_date(call, 1, &ticks) || !expr_whole(call, 2, &rule) || !expr_whole(call, 3, &first_day))
        return expr_failed(call);
    if (rule < 0 || rule > 2 || first_day < 0 || first_day > 6)
        return EXPR_ERROR("the rule or the day is out of range: GetWeekOfYear takes a CalendarWeekRule and a DayOfWeek");
    return value_date_part(VALUE_WEEK_OF_YEAR, ticks, first_day + 1, rules[rule], culture);
}

CULTURE_MEMBER(member_get_week_of_year, week_of_year(call, culture))

/* GetYear(date) and its like, in the culture's calendar */
static struct value date_part(struct expr_call *call, enum value_interval part, const struct value_culture *culture)
{
    int64_t ticks;

    return expr_date(call, 1, &ticks) ? value_date_part(part, ticks, 1, VALUE_WEEK_JAN_1, culture) : expr_failed(call);
}

CULTURE_MEMBER(member_get_year, date_part(call, VALUE_YEAR, culture))
CULTURE_MEMBER(member_get_month, date_part(call, VALUE_MONTH, culture))
CULTURE_MEMBER(member_get_day_of_month, date_part(call, VALUE_DAY, culture))

static struct value day_of_week(struct expr_call *call)
{
    int64_t ticks;

    return expr_date(call, 1, &ticks) ? value_integer(value_date_day_of_week(ticks)) : expr_failed(call);
}

CULTURE_MEMBER(member_get_day_of_week, day_of_week(call))

/* ---- TextInfo ------------------------------------------------------------------------------ */

static struct value title_case(struct expr_call *call, const struct value_culture *culture)
{
    rs_text text;

    return expr_text(call, 1, &text) ? expr_title_case(call, text, culture) : expr_failed(call);
}

CULTURE_MEMBER(member_to_title_case, title_case(call, culture))
CULTURE_MEMBER(member_list_separator, value_text(culture->list_separator))

static struct value change_case(struct expr_call *call, uint32_t (*change)(uint32_t c, const struct value_culture *culture))
{
    bool part = call->arguments[0].flags & EXPR_IS_CULTURE; /* TextInfo.ToUpper(text); else text.ToUpper([culture]) */
    const struct value_culture *culture = expr_culture(call, !part);
    rs_buf buf = rs_buf_in(call->job);
    rs_text text;

    if (!expr_text(call, part, &text))
        return expr_failed(call);
    rs_buf_reserve(&buf, text.size);
    for (size_t at = 0; at < text.size;)
        rs_buf_add_code_point(&buf, change(rs_text_next(text, &at), culture));
    return expr_buf_value(&buf);
}

struct value member_to_upper(struct expr_call *call)
{
    return change_case(call, expr_upper);
}

struct value member_to_lower(struct expr_call *call)
{
    return change_case(call, expr_lower);
}
