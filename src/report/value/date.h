/* report/value/date.h - dates and spans: ticks of 100 ns since 0001-01-01 00:00, Gregorian, no zone.
 *
 * Source:  .NET DateTime and TimeSpan; Microsoft.VisualBasic.DateAndTime (DateAdd, DateDiff, DatePart,
 *          DateSerial); ISO 8601 for texts with T.
 */
#ifndef REPORT_VALUE_DATE_H
#define REPORT_VALUE_DATE_H

#include <limits.h>

#include "report/value/value.h"

struct value_culture;

#define VALUE_TICKS_PER_MS INT64_C(10000)
#define VALUE_TICKS_PER_SECOND INT64_C(10000000)
#define VALUE_TICKS_PER_MINUTE INT64_C(600000000)
#define VALUE_TICKS_PER_HOUR INT64_C(36000000000)
#define VALUE_TICKS_PER_DAY INT64_C(864000000000)
#define VALUE_DATE_MAX INT64_C(3155378975999999999) /* 9999-12-31 23:59:59.9999999 */
#define VALUE_UNIX_EPOCH INT64_C(621355968000000000) /* 1970-01-01 */

struct value_date_parts {
    int year;   /* 1 to 9999 */
    int month;  /* 1 to 12 */
    int day;    /* 1 to 31 */
    int hour, minute, second;
    int ticks;  /* of the second, 0 to 9999999 */
};

static inline bool value_date_in_range(int64_t ticks)
{
    return ticks >= 0 && ticks <= VALUE_DATE_MAX;
}

static inline struct value value_span(int64_t ticks)
{
    return (struct value){.kind = VALUE_SPAN, .ticks = ticks};
}

static inline struct value value_offset(int64_t local_ticks, int32_t minutes)
{
    return (struct value){.kind = VALUE_OFFSET, .minutes = minutes, .ticks = local_ticks};
}

/* Requires value_date_in_range(ticks). */
void value_date_split(int64_t ticks, struct value_date_parts *out);
/* False where there is no such date or time. */
bool value_date_join(const struct value_date_parts *parts, int64_t *out);

int value_date_day_of_week(int64_t ticks); /* 0 = Sunday */
int value_date_day_of_year(int64_t ticks); /* 1 to 366 */
bool value_date_is_leap(int year);
int value_date_days_in_month(int year, int month);

/* The day is cut to the length of the month (Jan 31 + 1 month = Feb 28 or 29). False out of range. */
bool value_date_add_months(int64_t ticks, int64_t months, int64_t *out);
/* False out of range. */
bool value_date_add_ticks(int64_t ticks, int64_t span, int64_t *out);

/* VB's DateSerial: any month and day are carried over (day 0 = last of the month before); years 0 to 29 are
 * 2000 to 2029, 30 to 99 are 1930 to 1999, a negative year is counted from this one. VALUE_DATE or an error. */
struct value value_date_serial(int64_t year, int64_t month, int64_t day);

/* ---- intervals ------------------------------------------------------------------------------ */

/* In the order of VB's DateInterval. */
enum value_interval {
    VALUE_YEAR, VALUE_QUARTER, VALUE_MONTH, VALUE_DAY_OF_YEAR, VALUE_DAY, VALUE_WEEK_OF_YEAR,
    VALUE_WEEKDAY, VALUE_HOUR, VALUE_MINUTE, VALUE_SECOND
};

/* Which week is the first; the numbers are VB's FirstWeekOfYear. 0 (system) is the culture's rule. */
enum value_week_rule {
    VALUE_WEEK_SYSTEM, VALUE_WEEK_JAN_1, VALUE_WEEK_FOUR_DAYS, VALUE_WEEK_FULL
};

/* "yyyy" "q" "m" "y" "d" "w" "ww" "h" "n" "s", any case. */
bool value_interval_parse(rs_text t, enum value_interval *out);

/* first_day: VB's FirstDayOfWeek, 0 = the culture's, 1 = Sunday ... 7 = Saturday. `culture` may be NULL
 * (invariant). DateAdd drops the fraction of `number`. VALUE_DATE; VALUE_LONG; VALUE_INTEGER; or an error. */
struct value value_date_add(enum value_interval interval, double number, int64_t ticks);
struct value value_date_diff(enum value_interval interval, int64_t from, int64_t to, int first_day,
                             const struct value_culture *culture);
struct value value_date_part(enum value_interval interval, int64_t ticks, int first_day,
                             enum value_week_rule rule, const struct value_culture *culture);

/* Weekday(d, first_day): 1 to 7. */
int value_date_weekday(int64_t ticks, int first_day, const struct value_culture *culture);

/* ---- text ----------------------------------------------------------------------------------- */

#define VALUE_DATE_TEXT_MAX 256 /* bytes of a text that is tried as a date */
#define VALUE_NO_OFFSET INT_MIN

/* A date, a time or both as DateTime.Parse and CDate take them: in the culture's order and names, ISO 8601
 * (2024-05-31T10:00:00.5+02:00), SQL (2024-05-31 10:00:00.123), 20240531, names of months in English too.
 * A time alone is on 0001-01-01. *out is the clock time as written; *offset_minutes is the zone where one is
 * written (Z = 0), else VALUE_NO_OFFSET; it may be NULL. `culture` may be NULL (invariant). */
bool value_date_parse(rs_text t, const struct value_culture *culture, int64_t *out,
                      int *offset_minutes);

/* "[-][d.]hh:mm[:ss[.fffffff]]" or "[-]d". */
bool value_span_parse(rs_text t, int64_t *out);

/* ISO 8601 as XML and JSON write it, without zone: 2024-05-31T10:00:00[.fffffff]. Returns the bytes written. */
#define VALUE_DATE_ISO_SIZE 27
size_t value_date_write_iso(int64_t ticks, char out[VALUE_DATE_ISO_SIZE]);

/* Local time of the server for a time in UTC, and now. */
int64_t value_date_local_from_utc(int64_t utc_ticks);
int64_t value_date_now(void);

#endif
