#include "report/value/date.h"

#include <math.h>
#include <time.h>

#include "report/value/culture.h"
#include "report/value/decimal.h"

/* ---- calendar: days since 0001-01-01, March-based years inside ---------------------------------- */

static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year; /* >= 0 */
    int64_t era = y / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 306;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 306;
    int64_t era = z / 146097;
    int64_t of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;

    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

bool value_date_is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int value_date_days_in_month(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && value_date_is_leap(year) ? 29 : days[month - 1];
}

void value_date_split(int64_t ticks, struct value_date_parts *out)
{
    int64_t rest = ticks % VALUE_TICKS_PER_DAY;
    int32_t seconds = (int32_t)(rest / VALUE_TICKS_PER_SECOND);

    civil_from_days(ticks / VALUE_TICKS_PER_DAY, &out->year, &out->month, &out->day);
    out->hour = seconds / 3600;
    out->minute = seconds / 60 % 60;
    out->second = seconds % 60;
    out->ticks = (int)(rest % VALUE_TICKS_PER_SECOND);
}

bool value_date_join(const struct value_date_parts *p, int64_t *out)
{
    if (p->year < 1 || p->year > 9999 || p->month < 1 || p->month > 12 || p->day < 1 ||
        p->day > value_date_days_in_month(p->year, p->month) || p->hour < 0 || p->hour > 23 || p->minute < 0 ||
        p->minute > 59 || p->second < 0 || p->second > 59 || p->ticks < 0 || p->ticks > 9999999)
        return false;
    *out = days_from_civil(p->year, p->month, p->day) * VALUE_TICKS_PER_DAY +
           (p->hour * 3600 + p->minute * 60 + p->second) * VALUE_TICKS_PER_SECOND + p->ticks;
    return true;
}

int value_date_day_of_week(int64_t ticks) /* 0001-01-01 was a Monday */
{
    return (int)((ticks / VALUE_TICKS_PER_DAY + 1) % 7);
}

int value_date_day_of_year(int64_t ticks)
{
    struct value_date_parts parts;

    value_date_split(ticks, &parts);
    return (int)(ticks / VALUE_TICKS_PER_DAY - days_from_civil(parts.year, 1, 1)) + 1;
}

bool value_date_add_ticks(int64_t ticks, int64_t span, int64_t *out)
{
    return !__builtin_add_overflow(ticks, span, out) && value_date_in_range(*out);
}

bool value_date_add_months(int64_t ticks, int64_t months, int64_t *out)
{
    struct value_date_parts parts;
    int64_t all;
    int last;

    if (months < -120000 || months > 120000)
        return false;
    value_date_split(ticks, &parts);
    all = (int64_t)parts.year * 12 + parts.month - 1 + months;
    if (all < 12 || all >= 120000)
        return false;
    parts.year = (int)(all / 12);
    parts.month = (int)(all % 12) + 1;
    last = value_date_days_in_month(parts.year, parts.month);
    if (parts.day > last)
        parts.day = last;
    return value_date_join(&parts, out);
}

static const rs_text out_of_range = {"The date is not between 0001-01-01 and 9999-12-31.", 50};

static int this_year(void)
{
    struct value_date_parts now;

    value_date_split(value_date_now(), &now);
    return now.year;
}

struct value value_date_serial(int64_t year, int64_t month, int64_t day)
{
    int64_t all, ticks;

    if (year < -20000 || year > 20000 || month < -200000 || month > 200000 || day < -4000000 || day > 4000000)
        return value_error(out_of_range);
    if (year < 0)
        year += this_year();
    else if (year < 100)
        year += year < 30 ? 2000 : 1900;
    all = year * 12 + month - 1;
    if (all < 12 || all >= 120000)
        return value_error(out_of_range);
    ticks = days_from_civil((int)(all / 12), (int)(all % 12) + 1, 1) * VALUE_TICKS_PER_DAY;
    if (!value_date_add_ticks(ticks, (day - 1) * VALUE_TICKS_PER_DAY, &ticks))
        return value_error(out_of_range);
    return value_date(ticks);
}

/* ---- intervals ------------------------------------------------------------------------------ */

bool value_interval_parse(rs_text t, enum value_interval *out)
{
    static const char *const names[] = {"yyyy", "q", "m", "y", "d", "ww", "w", "h", "n", "s"};

    for (int i = 0; i < 10; i++)
        if (rs_text_equal_nocase(t, rs_text_from(names[i]))) {
            *out = (enum value_interval)i;
            return true;
        }
    return false;
}

/* VB's first day (0 system, 1 Sunday ...) as 0 = Sunday. */
static int first_day_of(int first_day, const struct value_culture *culture)
{
    if (first_day >= 1 && first_day <= 7)
        return first_day - 1;
    return culture ? culture->first_day : 0;
}

int value_date_weekday(int64_t ticks, int first_day, const struct value_culture *culture)
{
    return (value_date_day_of_week(ticks) - first_day_of(first_day, culture) + 7) % 7 + 1;
}

/* Week of `ticks` where the first week has at least `least` days of the year. */
static int week_with(int64_t ticks, int first_day, int least)
{
    int day_of_year = value_date_day_of_year(ticks) - 1;
    int new_year = (value_date_day_of_week(ticks) - day_of_year % 7 + 7) % 7; /* its day of the week */
    int before = (first_day - new_year + 7) % 7;                             /* days before the first whole week */
    int64_t last_year;

    if (before >= least) /* they are a week of their own */
        return (day_of_year + 7 - before) / 7 + 1;
    if (day_of_year >= before)
        return (day_of_year - before) / 7 + 1;
    last_year = ticks - (day_of_year + 1) * VALUE_TICKS_PER_DAY;
    return last_year < 0 ? 1 : week_with(last_year, first_day, least);
}

/* .NET Calendar.GetWeekOfYear; first_day 0 = Sunday; `rule` not VALUE_WEEK_SYSTEM. */
static int value_date_week_of_year(int64_t ticks, enum value_week_rule rule, int first_day)
{
    int week;

    if (rule == VALUE_WEEK_FULL)
        return week_with(ticks, first_day, 7);
    if (rule == VALUE_WEEK_FOUR_DAYS)
        return week_with(ticks, first_day, 4);
    week = value_date_day_of_year(ticks) - 1;
    return (week + ((value_date_day_of_week(ticks) - week % 7 + 7) % 7 - first_day + 7) % 7) / 7 + 1;
}

struct value value_date_add(enum value_interval interval, double number, int64_t ticks)
{
    static const int64_t units[] = {
        [VALUE_DAY_OF_YEAR] = VALUE_TICKS_PER_DAY, [VALUE_DAY] = VALUE_TICKS_PER_DAY,
        [VALUE_WEEKDAY] = VALUE_TICKS_PER_DAY,     [VALUE_WEEK_OF_YEAR] = 7 * VALUE_TICKS_PER_DAY,
        [VALUE_HOUR] = VALUE_TICKS_PER_HOUR,       [VALUE_MINUTE] = VALUE_TICKS_PER_MINUTE,
        [VALUE_SECOND] = VALUE_TICKS_PER_SECOND};
    int64_t whole, out;
    bool ok;

    number = trunc(number);
    if (!(fabs(number) < 1e12))
        return value_error(out_of_range);
    whole = (int64_t)number;
    if (interval <= VALUE_MONTH) {
        int months = interval == VALUE_YEAR ? 12 : interval == VALUE_QUARTER ? 3 : 1;
        ok = value_date_add_months(ticks, whole * months, &out);
    } else {
        int64_t span;
        ok = !__builtin_mul_overflow(whole, units[interval], &span) && value_date_add_ticks(ticks, span, &out);
    }
    return ok ? value_date(out) : value_error(out_of_range);
}

struct value value_date_diff(enum value_interval interval, int64_t from, int64_t to, int first_day,
                             const struct value_culture *culture)
{
    struct value_date_parts a, b;
    int64_t months, span = to - from;

    value_date_split(from, &a);
    value_date_split(to, &b);
    months = (int64_t)(b.year - a.year) * 12 + b.month - a.month;
    switch (interval) {
    case VALUE_YEAR:
        return value_long(b.year - a.year);
    case VALUE_QUARTER:
        return value_long((b.year - a.year) * 4 + (b.month - 1) / 3 - (a.month - 1) / 3);
    case VALUE_MONTH:
        return value_long(months);
    case VALUE_DAY_OF_YEAR:
    case VALUE_DAY:
        return value_long(span / VALUE_TICKS_PER_DAY); /* whole days between, as VB counts them */
    case VALUE_WEEKDAY:
        return value_long(span / VALUE_TICKS_PER_DAY / 7);
    case VALUE_WEEK_OF_YEAR: /* how often the first day of the week is passed */
        from -= (value_date_weekday(from, first_day, culture) - 1) * VALUE_TICKS_PER_DAY;
        to -= (value_date_weekday(to, first_day, culture) - 1) * VALUE_TICKS_PER_DAY;
        return value_long((to - from) / VALUE_TICKS_PER_DAY / 7);
    case VALUE_HOUR:
        return value_long(span / VALUE_TICKS_PER_HOUR);
    case VALUE_MINUTE:
        return value_long(span / VALUE_TICKS_PER_MINUTE);
    case VALUE_SECOND:
        return value_long(span / VALUE_TICKS_PER_SECOND);
    }
    return value_error(RS_TEXT("There is no such date interval."));
}

struct value value_date_part(enum value_interval interval, int64_t ticks, int first_day,
                             enum value_week_rule rule, const struct value_culture *culture)
{
    struct value_date_parts parts;

    value_date_split(ticks, &parts);
    switch (interval) {
    case VALUE_YEAR:
        return value_integer(parts.year);
    case VALUE_QUARTER:
        return value_integer((parts.month - 1) / 3 + 1);
    case VALUE_MONTH:
        return value_integer(parts.month);
    case VALUE_DAY_OF_YEAR:
        return value_integer(value_date_day_of_year(ticks));
    case VALUE_DAY:
        return value_integer(parts.day);
    case VALUE_WEEKDAY:
        return value_integer(value_date_weekday(ticks, first_day, culture));
    case VALUE_WEEK_OF_YEAR:
        if (rule == VALUE_WEEK_SYSTEM)
            rule = culture ? culture->week_rule : VALUE_WEEK_JAN_1;
        return value_integer(value_date_week_of_year(ticks, rule, first_day_of(first_day, culture)));
    case VALUE_HOUR:
        return value_integer(parts.hour);
    case VALUE_MINUTE:
        return value_integer(parts.minute);
    case VALUE_SECOND:
        return value_integer(parts.second);
    }
    return value_error(RS_TEXT("There is no such date interval."));
}

/* ---- the clock ------------------------------------------------------------------------------ */

int64_t value_date_local_from_utc(int64_t utc_ticks)
{
    time_t seconds = (time_t)((utc_ticks - VALUE_UNIX_EPOCH) / VALUE_TICKS_PER_SECOND);
    struct tm local;
    int64_t out;

    if (!localtime_r(&seconds, &local) ||
        !value_date_add_ticks(utc_ticks, local.tm_gmtoff * VALUE_TICKS_PER_SECOND, &out))
        return utc_ticks;
    return out;
}

int64_t value_date_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return value_date_local_from_utc(VALUE_UNIX_EPOCH + now.tv_sec * VALUE_TICKS_PER_SECOND + now.tv_nsec / 100);
}

/* ---- ISO 8601 ------------------------------------------------------------------------------- */

static char *write_digits(char *at, int number, int width)
{
    for (int i = width - 1; i >= 0; i--, number /= 10)
        at[i] = (char)('0' + number % 10);
    return at + width;
}

size_t value_date_write_iso(int64_t ticks, char out[VALUE_DATE_ISO_SIZE])
{
    struct value_date_parts parts;
    char *at = out;

    value_date_split(ticks, &parts);
    at = write_digits(at, parts.year, 4);
    *at++ = '-';
    at = write_digits(at, parts.month, 2);
    *at++ = '-';
    at = write_digits(at, parts.day, 2);
    *at++ = 'T';
    at = write_digits(at, parts.hour, 2);
    *at++ = ':';
    at = write_digits(at, parts.minute, 2);
    *at++ = ':';
    at = write_digits(at, parts.second, 2);
    if (parts.ticks) {
        *at++ = '.';
        at = write_digits(at, parts.ticks, 7);
        while (at[-1] == '0')
            at--;
    }
    return (size_t)(at - out);
}
