/* Microsoft.VisualBasic.DateAndTime, and the members of DateTime, DateTimeOffset and TimeSpan. */
#include <math.h>

#include "base/clock.h"
#include "report/expr/functions.h"

#define OUT_OF_RANGE EXPR_ERROR("the date is not between the years 1 and 9999")

static struct value date_or_error(bool ok, int64_t ticks)
{
    return ok ? value_date(ticks) : OUT_OF_RANGE;
}

/* ---- now ----------------------------------------------------------------------------------- */

static int64_t utc_ticks(void)
{
    return VALUE_UNIX_EPOCH + rs_clock_utc_ms() * VALUE_TICKS_PER_MS;
}

struct value fn_now(struct expr_call *call)
{
    return value_date(value_date_now());
}

struct value fn_utc_now(struct expr_call *call)
{
    return value_date(utc_ticks());
}

struct value fn_today(struct expr_call *call)
{
    int64_t now = value_date_now();

    return value_date(now - now % VALUE_TICKS_PER_DAY);
}

/* Without fractions of a second, on the first day of all. */
struct value fn_time_of_day(struct expr_call *call)
{
    int64_t time = value_date_now() % VALUE_TICKS_PER_DAY;

    return value_date(time - time % VALUE_TICKS_PER_SECOND);
}

struct value fn_timer(struct expr_call *call)
{
    return value_double((double)(value_date_now() % VALUE_TICKS_PER_DAY) / (double)VALUE_TICKS_PER_SECOND);
}

struct value fn_date_string(struct expr_call *call)
{
    struct value_date_parts parts;

    value_date_split(value_date_now(), &parts);
    return value_text(rs_text_format(call->job, "%02d-%02d-%04d", parts.month, parts.day, parts.year));
}

struct value fn_time_string(struct expr_call *call)
{
    struct value_date_parts parts;

    value_date_split(value_date_now(), &parts);
    return value_text(rs_text_format(call->job, "%02d:%02d:%02d", parts.hour, parts.minute, parts.second));
}

struct value fn_tick_count(struct expr_call *call)
{
    return value_integer((int32_t)(rs_clock_steady_ms() & INT32_MAX));
}

static struct value offset_at(int64_t utc, int64_t local)
{
    return value_offset(local, (int32_t)((local - utc) / VALUE_TICKS_PER_MINUTE));
}

struct value fn_offset_now(struct expr_call *call)
{
    int64_t utc = utc_ticks();

    return offset_at(utc, value_date_local_from_utc(utc));
}

struct value fn_offset_utc_now(struct expr_call *call)
{
    int64_t utc = utc_ticks();

    return offset_at(utc, utc);
}

/* ---- parts --------------------------------------------------------------------------------- */

static bool date_parts(struct expr_call *call, struct value_date_parts *out)
{
    int64_t ticks;

    if (!expr_date(call, 0, &ticks))
        return false;
    value_date_split(ticks, out);
    return true;
}

#define DATE_PART(function, part)                                                              \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        struct value_date_parts parts;                                                         \
                                                                                               \
        return date_parts(call, &parts) ? value_integer(part) : expr_failed(call);             \
    }

DATE_PART(fn_year, parts.year)
DATE_PART(fn_month, parts.month)
DATE_PART(fn_day, parts.day)
DATE_PART(fn_hour, parts.hour)
DATE_PART(fn_minute, parts.minute)
DATE_PART(fn_second, parts.second)
DATE_PART(member_millisecond, parts.ticks / (int)VALUE_TICKS_PER_MS)

struct value member_ticks(struct expr_call *call)
{
    return value_long(call->arguments[0].ticks);
}

struct value member_day_of_week(struct expr_call *call)
{
    return value_integer(value_date_day_of_week(call->arguments[0].ticks));
}

struct value member_day_of_week_name(struct expr_call *call)
{
    static const char *const names[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

    return value_text(rs_text_from(names[value_date_day_of_week(call->arguments[0].ticks)]));
}

struct value member_day_of_year(struct expr_call *call)
{
    return value_integer(value_date_day_of_year(call->arguments[0].ticks));
}

struct value member_date(struct expr_call *call)
{
    int64_t ticks = call->arguments[0].ticks;

    return value_date(ticks - ticks % VALUE_TICKS_PER_DAY);
}

struct value member_time_of_day(struct expr_call *call)
{
    return value_span(call->arguments[0].ticks % VALUE_TICKS_PER_DAY);
}

static bool week_arguments(struct expr_call *call, int index, int32_t *first_day, int32_t *rule)
{
    if (!expr_whole_or(call, index, 1, first_day) || !expr_whole_or(call, index + 1, VALUE_WEEK_JAN_1, rule))
        return false;
    if (*first_day < 0 || *first_day > 7 || *rule < VALUE_WEEK_SYSTEM || *rule > VALUE_WEEK_FULL) {
        call->error = EXPR_ERROR("the first day of the week must be from 0 to 7, the first week of the year from 0 to 3");
        return false;
    }
    return true;
}

struct value fn_weekday(struct expr_call *call)
{
    int64_t ticks;
    int32_t first_day, rule;

    if (!expr_date(call, 0, &ticks) || !week_arguments(call, 1, &first_day, &rule))
        return expr_failed(call);
    return value_integer(value_date_weekday(ticks, first_day, call->culture));
}

struct value fn_weekday_name(struct expr_call *call)
{
    int32_t weekday, first_day;
    bool abbreviate;

    if (!expr_whole(call, 0, &weekday) || !expr_boolean_or(call, 1, false, &abbreviate) ||
        !expr_whole_or(call, 2, 0, &first_day))
        return expr_failed(call);
    if (weekday < 1 || weekday > 7 || first_day < 0 || first_day > 7)
        return EXPR_ERROR("the weekday of WeekdayName must be from 1 to 7");
    int first = first_day == 0 ? call->culture->first_day : first_day - 1;
    int day = (weekday - 1 + first) % 7;
    return value_text(abbreviate ? call->culture->days_short[day] : call->culture->days[day]);
}

struct value fn_month_name(struct expr_call *call)
{
    int32_t month;
    bool abbreviate;

    if (!expr_whole(call, 0, &month) || !expr_boolean_or(call, 1, false, &abbreviate))
        return expr_failed(call);
    if (month == 13) /* some calendars have one more */
        return value_text(RS_TEXT(""));
    if (month < 1 || month > 13)
        return EXPR_ERROR("the month of MonthName must be from 1 to 13");
    return value_text(abbreviate ? call->culture->months_short[month - 1] : call->culture->months[month - 1]);
}

/* ---- VB's intervals ------------------------------------------------------------------------ */

/* "m" or DateInterval.Month. */
static bool interval_argument(struct expr_call *call, enum value_interval *out)
{
    struct value v = expr_value(call, 0);
    int32_t number;
    rs_text text;

    if (v.kind == VALUE_INTEGER || v.kind == VALUE_LONG) {
        if (!expr_whole(call, 0, &number))
            return false;
        *out = (enum value_interval)number;
        if (number >= VALUE_YEAR && number <= VALUE_SECOND)
            return true;
    } else if (!expr_text(call, 0, &text)) {
        return false;
    } else if (value_interval_parse(text, out)) {
        return true;
    }
    call->error = EXPR_ERROR("the interval must be yyyy, q, m, y, d, w, ww, h, n, s or a DateInterval");
    return false;
}

struct value fn_date_add(struct expr_call *call)
{
    enum value_interval interval;
    double number;
    int64_t ticks;

    if (!interval_argument(call, &interval) || !expr_double(call, 1, &number) || !expr_date(call, 2, &ticks))
        return expr_failed(call);
    return value_date_add(interval, number, ticks);
}

struct value fn_date_diff(struct expr_call *call)
{
    enum value_interval interval;
    int64_t from, to;
    int32_t first_day, rule;

    if (!interval_argument(call, &interval) || !expr_date(call, 1, &from) || !expr_date(call, 2, &to) ||
        !week_arguments(call, 3, &first_day, &rule))
        return expr_failed(call);
    return value_date_diff(interval, from, to, first_day, call->culture);
}

struct value fn_date_part(struct expr_call *call)
{
    enum value_interval interval;
    int64_t ticks;
    int32_t first_day, rule;

    if (!interval_argument(call, &interval) || !expr_date(call, 1, &ticks) || !week_arguments(call, 2, &first_day, &rule))
        return expr_failed(call);
    return value_date_part(interval, ticks, first_day, (enum value_week_rule)rule, call->culture);
}

/* ---- making dates -------------------------------------------------------------------------- */

struct value fn_date_serial(struct expr_call *call)
{
    int32_t year, month, day;

    if (!expr_whole(call, 0, &year) || !expr_whole(call, 1, &month) || !expr_whole(call, 2, &day))
        return expr_failed(call);
    return value_date_serial(year, month, day);
}

/* Negative results count back from midnight, as the original's do. */
struct value fn_time_serial(struct expr_call *call)
{
    int32_t hour, minute, second;

    if (!expr_whole(call, 0, &hour) || !expr_whole(call, 1, &minute) || !expr_whole(call, 2, &second))
        return expr_failed(call);
    int64_t seconds = ((int64_t)hour * 60 + minute) * 60 + second;
    if (seconds < 0)
        seconds += 86400;
    return date_or_error(seconds >= 0 && value_date_in_range(seconds * VALUE_TICKS_PER_SECOND),
                         seconds * VALUE_TICKS_PER_SECOND);
}

struct value fn_date_value(struct expr_call *call)
{
    int64_t ticks;

    if (!expr_date(call, 0, &ticks))
        return expr_failed(call);
    return value_date(ticks - ticks % VALUE_TICKS_PER_DAY);
}

struct value fn_time_value(struct expr_call *call)
{
    int64_t ticks;

    if (!expr_date(call, 0, &ticks))
        return expr_failed(call);
    return value_date(ticks % VALUE_TICKS_PER_DAY);
}

/* New DateTime(y, m, d [, h, n, s [, ms]]) and New DateTime(ticks). */
struct value fn_new_date(struct expr_call *call)
{
    int32_t numbers[7] = {0};
    int64_t ticks;

    if (call->count == 1) {
        if (!expr_long(call, 0, &ticks))
            return expr_failed(call);
        return date_or_error(value_date_in_range(ticks), ticks);
    }
    if (call->count != 3 && call->count != 6 && call->count != 7)
        return EXPR_ERROR("New DateTime takes year, month, day and then hour, minute, second");
    for (int i = 0; i < call->count; i++)
        if (!expr_whole(call, i, &numbers[i]))
            return expr_failed(call);
    struct value_date_parts parts = {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], 0};
    if (numbers[6] < 0 || numbers[6] > 999 || !value_date_join(&parts, &ticks))
        return EXPR_ERROR("New DateTime: there is no such date or time");
    ticks += numbers[6] * VALUE_TICKS_PER_MS;
    return value_date(ticks);
}

struct value fn_days_in_month(struct expr_call *call)
{
    int32_t year, month;

    if (!expr_whole(call, 0, &year) || !expr_whole(call, 1, &month))
        return expr_failed(call);
    if (year < 1 || year > 9999 || month < 1 || month > 12)
        return EXPR_ERROR("there is no such month");
    return value_integer(value_date_days_in_month(year, month));
}

struct value fn_is_leap_year(struct expr_call *call)
{
    int32_t year;

    if (!expr_whole(call, 0, &year))
        return expr_failed(call);
    return year < 1 || year > 9999 ? OUT_OF_RANGE : value_boolean(value_date_is_leap(year));
}

struct value fn_date_compare(struct expr_call *call)
{
    int64_t a, b;

    if (!expr_date(call, 0, &a) || !expr_date(call, 1, &b))
        return expr_failed(call);
    return value_integer(a < b ? -1 : a > b);
}

/* Days since 1899-12-30, as spreadsheets count. */
#define OA_EPOCH INT64_C(599264352000000000)

struct value fn_from_oa_date(struct expr_call *call)
{
    double days;

    if (!expr_double(call, 0, &days))
        return expr_failed(call);
    if (!(days > -657435 && days < 2958466))
        return OUT_OF_RANGE;
    /* In front of the epoch the fraction still counts forward from midnight. */
    days = trunc(days) + fabs(days - trunc(days));
    return value_date(OA_EPOCH + llround(days * 86400000) * VALUE_TICKS_PER_MS);
}

struct value member_to_oa_date(struct expr_call *call)
{
    int64_t ticks = call->arguments[0].ticks;

    if (ticks < VALUE_TICKS_PER_DAY) /* a time alone */
        return value_double((double)ticks / (double)VALUE_TICKS_PER_DAY);
    int64_t ms = (ticks - OA_EPOCH) / VALUE_TICKS_PER_MS;
    if (ms < 0 && ms % 86400000 != 0)
        ms -= (ms % 86400000 + 86400000) % 86400000 * 2;
    return value_double((double)ms / 86400000.0);
}

/* ---- reading dates ------------------------------------------------------------------------- */

struct value fn_date_parse(struct expr_call *call)
{
    rs_text text;
    int64_t ticks;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    if (!value_date_parse(text, expr_culture(call, 1), &ticks, NULL))
        return expr_error(call, "\"%.*s\" is not a date", RS_TEXT_ARG(rs_text_slice(text, 0, 100)));
    return value_date(ticks);
}

struct exact {
    rs_text text, format;
    size_t at, in_format;
    const struct value_culture *culture;
    struct value_date_parts parts;
    int afternoon; /* -1: no AM or PM */
};

static bool exact_number(struct exact *exact, size_t least, size_t most, int *out)
{
    size_t from = exact->at;

    *out = 0;
    while (exact->at < exact->text.size && exact->at - from < most && rs_is_digit(exact->text.bytes[exact->at]))
        *out = *out * 10 + (exact->text.bytes[exact->at++] - '0');
    return exact->at - from >= least;
}

static bool exact_name(struct exact *exact, const rs_text *names, int count, int *out)
{
    for (int i = 0; i < count; i++) {
        size_t size = names[i].size > 0 ? expr_match(exact->text, exact->at, names[i], true) : 0;
        if (size == 0)
            continue;
        exact->at += size;
        *out = i;
        return true;
    }
    return false;
}

static bool exact_fraction(struct exact *exact, size_t digits)
{
    int number;

    if (digits > 7 || !exact_number(exact, digits, digits, &number))
        return false;
    for (size_t i = digits; i < 7; i++)
        number *= 10;
    exact->parts.ticks = number;
    return true;
}

/* A run of `count` letters `c` of the format. */
static bool exact_part(struct exact *exact, char c, size_t count)
{
    const struct value_culture *culture = exact->culture;
    struct value_date_parts *parts = &exact->parts;
    rs_text marks[2] = {culture->am, culture->pm};
    int name;

    switch (c) {
    case 'y':
        if (!exact_number(exact, count > 2 ? 4 : count, count > 2 ? 4 : 2, &parts->year))
            return false;
        if (count <= 2)
            parts->year += parts->year < 30 ? 2000 : 1900;
        return true;
    case 'M':
        if (count < 3)
            return exact_number(exact, count, 2, &parts->month);
        if (!exact_name(exact, count == 3 ? culture->months_short : culture->months, 12, &name))
            return false;
        parts->month = name + 1;
        return true;
    case 'd':
        if (count < 3)
            return exact_number(exact, count, 2, &parts->day);
        return exact_name(exact, count == 3 ? culture->days_short : culture->days, 7, &name);
    case 'H': case 'h':
        return exact_number(exact, count > 1 ? 2 : 1, 2, &parts->hour);
    case 'm':
        return exact_number(exact, count > 1 ? 2 : 1, 2, &parts->minute);
    case 's':
        return exact_number(exact, count > 1 ? 2 : 1, 2, &parts->second);
    case 'f': case 'F':
        return exact_fraction(exact, count);
    case 't':
        if (!exact_name(exact, marks, 2, &exact->afternoon))
            return false;
        return true;
    default:
        return false;
    }
}

static bool exact_literal(struct exact *exact, char c)
{
    return exact->at < exact->text.size && exact->text.bytes[exact->at++] == c;
}

/* A part of a date, a quoted text, an escaped character, or a character that stands for itself. */
static bool exact_step(struct exact *exact)
{
    char c = exact->format.bytes[exact->in_format];
    size_t count = 0;

    if (strchr("yMdHhmsfFt", c)) {
        while (exact->in_format < exact->format.size && exact->format.bytes[exact->in_format] == c) {
            exact->in_format++;
            count++;
        }
        return exact_part(exact, c, count);
    }
    exact->in_format++;
    if (c == '\'' || c == '"') {
        while (exact->in_format < exact->format.size && exact->format.bytes[exact->in_format] != c)
            if (!exact_literal(exact, exact->format.bytes[exact->in_format++]))
                return false;
        exact->in_format++;
        return true;
    }
    if (c == '%')
        return true;
    if (c == '\\' && exact->in_format < exact->format.size)
        c = exact->format.bytes[exact->in_format++];
    return exact_literal(exact, c);
}

struct value fn_date_parse_exact(struct expr_call *call)
{
    struct exact exact = {.culture = expr_culture(call, 2), .parts = {1, 1, 1, 0, 0, 0, 0}, .afternoon = -1};
    int64_t ticks;

    if (!expr_text(call, 0, &exact.text) || !expr_text(call, 1, &exact.format))
        return expr_failed(call);
    while (exact.in_format < exact.format.size)
        if (!exact_step(&exact))
            return expr_error(call, "\"%.*s\" is not a date written as \"%.*s\"",
                              RS_TEXT_ARG(rs_text_slice(exact.text, 0, 100)), RS_TEXT_ARG(rs_text_slice(exact.format, 0, 100)));
    if (exact.afternoon >= 0)
        exact.parts.hour = exact.parts.hour % 12 + 12 * exact.afternoon;
    if (exact.at != exact.text.size || !value_date_join(&exact.parts, &ticks))
        return expr_error(call, "\"%.*s\" is not a date written as \"%.*s\"",
                          RS_TEXT_ARG(rs_text_slice(exact.text, 0, 100)), RS_TEXT_ARG(rs_text_slice(exact.format, 0, 100)));
    return value_date(ticks);
}

/* ---- adding -------------------------------------------------------------------------------- */

/* The object with other ticks: a DateTimeOffset keeps its offset. */
static struct value moved(struct expr_call *call, bool ok, int64_t ticks)
{
    struct value v = call->arguments[0];

    if (!ok)
        return OUT_OF_RANGE;
    v.ticks = ticks;
    return v;
}

static struct value add_months(struct expr_call *call, int64_t months_each)
{
    int32_t number;
    int64_t ticks;

    if (!expr_whole(call, 1, &number))
        return expr_failed(call);
    bool ok = value_date_add_months(call->arguments[0].ticks, number * months_each, &ticks);
    return moved(call, ok, ticks);
}

/* .NET Framework rounds what is added to whole milliseconds. */
static struct value add_span(struct expr_call *call, int64_t ms_each)
{
    double number;
    int64_t ticks;

    if (!expr_double(call, 1, &number))
        return expr_failed(call);
    double ms = number * (double)ms_each + (number >= 0 ? 0.5 : -0.5);
    if (!(fabs(ms) < 3.2e14))
        return OUT_OF_RANGE;
    bool ok = value_date_add_ticks(call->arguments[0].ticks, (int64_t)ms * VALUE_TICKS_PER_MS, &ticks);
    return moved(call, ok, ticks);
}

#define ADDER(function, call_of)                                                               \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        return call_of;                                                                        \
    }

ADDER(member_add_years, add_months(call, 12))
ADDER(member_add_months, add_months(call, 1))
ADDER(member_add_days, add_span(call, 86400000))
ADDER(member_add_hours, add_span(call, 3600000))
ADDER(member_add_minutes, add_span(call, 60000))
ADDER(member_add_seconds, add_span(call, 1000))
ADDER(member_add_milliseconds, add_span(call, 1))

struct value member_add_ticks(struct expr_call *call)
{
    int64_t more, ticks;

    if (!expr_long(call, 1, &more))
        return expr_failed(call);
    bool ok = value_date_add_ticks(call->arguments[0].ticks, more, &ticks);
    return moved(call, ok, ticks);
}

struct value member_add(struct expr_call *call)
{
    return value_add(call->job, call->arguments[0], expr_value(call, 1), call->rules);
}

struct value member_subtract(struct expr_call *call)
{
    return value_subtract(call->job, call->arguments[0], expr_value(call, 1), call->rules);
}

/* ---- as text ------------------------------------------------------------------------------- */

static struct value formatted(struct expr_call *call, rs_text format)
{
    rs_buf buf = rs_buf_in(call->job);

    if (!value_format_append(value_format_compile(call->job, format), call->culture, call->arguments[0], &buf))
        return EXPR_ERROR("the date cannot be written in this calendar");
    return expr_buf_value(&buf);
}

ADDER(member_short_date, formatted(call, RS_TEXT("d")))
ADDER(member_long_date, formatted(call, RS_TEXT("D")))
ADDER(member_short_time, formatted(call, RS_TEXT("t")))
ADDER(member_long_time, formatted(call, RS_TEXT("T")))

/* ---- zones --------------------------------------------------------------------------------- */

struct value member_to_local(struct expr_call *call)
{
    int64_t ticks = value_date_local_from_utc(call->arguments[0].ticks);

    return date_or_error(value_date_in_range(ticks), ticks);
}

/* The offset that holds at this clock time: found by going there and back. */
struct value member_to_utc(struct expr_call *call)
{
    int64_t local = call->arguments[0].ticks, utc = local;

    for (int i = 0; i < 2; i++)
        utc = local - (value_date_local_from_utc(utc) - utc);
    return date_or_error(value_date_in_range(utc), utc);
}

static int64_t utc_of_offset(struct value v)
{
    return v.ticks - v.minutes * VALUE_TICKS_PER_MINUTE;
}

struct value member_clock_time(struct expr_call *call)
{
    return value_date(call->arguments[0].ticks);
}

struct value member_utc_time(struct expr_call *call)
{
    int64_t utc = utc_of_offset(call->arguments[0]);

    return date_or_error(value_date_in_range(utc), utc);
}

struct value member_local_time(struct expr_call *call)
{
    int64_t utc = utc_of_offset(call->arguments[0]);

    return value_date_in_range(utc) ? value_date(value_date_local_from_utc(utc)) : OUT_OF_RANGE;
}

struct value member_offset(struct expr_call *call)
{
    return value_span(call->arguments[0].minutes * VALUE_TICKS_PER_MINUTE);
}

/* ---- TimeSpan ------------------------------------------------------------------------------ */

static struct value span_from(struct expr_call *call, double ms_each)
{
    double number;

    if (!expr_double(call, 0, &number))
        return expr_failed(call);
    double ms = number * ms_each + (number >= 0 ? 0.5 : -0.5);
    if (!(fabs(ms) < 9.2e14))
        return EXPR_ERROR("the span is too long");
    return value_span((int64_t)ms * VALUE_TICKS_PER_MS);
}

ADDER(fn_span_from_days, span_from(call, 86400000))
ADDER(fn_span_from_hours, span_from(call, 3600000))
ADDER(fn_span_from_minutes, span_from(call, 60000))
ADDER(fn_span_from_seconds, span_from(call, 1000))
ADDER(fn_span_from_milliseconds, span_from(call, 1))

struct value fn_span_from_ticks(struct expr_call *call)
{
    int64_t ticks;

    return expr_long(call, 0, &ticks) ? value_span(ticks) : expr_failed(call);
}

/* New TimeSpan(ticks), (h, m, s), (d, h, m, s [, ms]). */
struct value fn_new_span(struct expr_call *call)
{
    static const int64_t units[] = {86400000, 3600000, 60000, 1000, 1};
    int32_t number;
    int64_t ms = 0;

    if (call->count == 1)
        return fn_span_from_ticks(call);
    if (call->count == 2)
        return EXPR_ERROR("New TimeSpan takes ticks; hours, minutes, seconds; or days, hours, minutes, seconds");
    for (int i = 0; i < call->count; i++) {
        if (!expr_whole(call, i, &number))
            return expr_failed(call);
        ms += number * units[i + (call->count == 3)];
    }
    if (ms > INT64_MAX / VALUE_TICKS_PER_MS || ms < INT64_MIN / VALUE_TICKS_PER_MS)
        return EXPR_ERROR("the span is too long");
    return value_span(ms * VALUE_TICKS_PER_MS);
}

struct value fn_span_parse(struct expr_call *call)
{
    rs_text text;
    int64_t ticks;

    if (!expr_text(call, 0, &text))
        return expr_failed(call);
    return value_span_parse(text, &ticks) ? value_span(ticks) : EXPR_ERROR("the text is not a TimeSpan");
}

#define SPAN_PART(function, unit, modulus)                                                     \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        return value_integer((int32_t)(call->arguments[0].ticks / (unit) % (modulus)));        \
    }
#define SPAN_TOTAL(function, unit)                                                             \
    struct value function(struct expr_call *call)                                              \
    {                                                                                          \
        return value_double((double)call->arguments[0].ticks / (double)(unit));                \
    }

SPAN_PART(member_days, VALUE_TICKS_PER_DAY, INT64_MAX)
SPAN_PART(member_hours, VALUE_TICKS_PER_HOUR, 24)
SPAN_PART(member_minutes, VALUE_TICKS_PER_MINUTE, 60)
SPAN_PART(member_seconds, VALUE_TICKS_PER_SECOND, 60)
SPAN_PART(member_milliseconds, VALUE_TICKS_PER_MS, 1000)
SPAN_TOTAL(member_total_days, VALUE_TICKS_PER_DAY)
SPAN_TOTAL(member_total_hours, VALUE_TICKS_PER_HOUR)
SPAN_TOTAL(member_total_minutes, VALUE_TICKS_PER_MINUTE)
SPAN_TOTAL(member_total_seconds, VALUE_TICKS_PER_SECOND)
SPAN_TOTAL(member_total_milliseconds, VALUE_TICKS_PER_MS)

struct value member_negate(struct expr_call *call)
{
    int64_t ticks = call->arguments[0].ticks;

    return ticks == INT64_MIN ? EXPR_ERROR("the span is too long") : value_span(-ticks);
}

struct value member_duration(struct expr_call *call)
{
    return call->arguments[0].ticks < 0 ? member_negate(call) : call->arguments[0];
}
