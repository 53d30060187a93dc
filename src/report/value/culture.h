/* report/value/culture.h - how a culture writes numbers and dates, by its .NET name.
 *
 * Source:  ICU (CLDR), put right by a table of our own where .NET Framework differs for the main cultures
 *          (date patterns, signs of money). Digits are always ASCII, as .NET writes them.
 */
#ifndef REPORT_VALUE_CULTURE_H
#define REPORT_VALUE_CULTURE_H

#include "base/text.h"
#include "report/value/date.h"

enum value_calendar {
    VALUE_GREGORIAN,
    VALUE_BUDDHIST,   /* Gregorian, 543 years on: th-TH */
    VALUE_UM_AL_QURA, /* ar-SA: years 1318 to 1500 */
    VALUE_PERSIAN,    /* fa-IR */
    /* in no culture's own: value_culture_calendar */
    VALUE_HIJRI,    /* tabular */
    VALUE_HEBREW,   /* numbers in letters; 13 months in a leap year */
    VALUE_JAPANESE, /* Gregorian, years of eras */
    VALUE_TAIWAN,
    VALUE_KOREAN,
};

/* How a number is written: digits, separators. */
struct value_number_shape {
    rs_text point, group;
    uint8_t group_sizes[4]; /* from the point to the left; the last is repeated; 0 = no more groups */
    uint8_t group_size_count;
    uint8_t digits;         /* behind the point where the format does not say */
    uint8_t positive;       /* .NET pattern number; currency and percent */
    uint8_t negative;       /* .NET pattern number */
};

struct value_month_starts; /* of a calendar that is not Gregorian */

/* Read-only, lives as long as the process. */
struct value_culture {
    rs_text name;   /* "de-DE"; empty for the invariant culture */
    rs_text locale; /* ICU's name of it, terminated: "de_DE" */
    bool right_to_left;

    struct value_number_shape number, currency, percent;
    rs_text currency_symbol, percent_symbol, per_mille_symbol;
    rs_text negative_sign, positive_sign;
    rs_text nan, positive_infinity, negative_infinity;
    rs_text list_separator;

    rs_text months[12], months_short[12];                   /* standing alone */
    rs_text months_genitive[12], months_short_genitive[12]; /* beside a day */
    rs_text days[7], days_short[7], days_shortest[7];       /* 0 = Sunday */
    rs_text am, pm;
    rs_text date_separator, time_separator;

    /* .NET custom patterns of the standard formats d D t T m y. */
    rs_text short_date, long_date, short_time, long_time, month_day, year_month;

    uint8_t first_day;           /* 0 = Sunday */
    enum value_week_rule week_rule;
    enum value_calendar calendar;
    int year_offset;             /* added to the Gregorian year */
    const rs_text *leap_months;  /* Hebrew: names of the 13 months of a leap year; else NULL */
    rs_text era;                 /* of the present: "A.D." */
    const struct value_month_starts *month_starts; /* NULL for Gregorian and Buddhist */
};

/* The culture called `name` ("en-US", "de", "zh-CN", "" = invariant; '_' for '-' and any case are taken).
 * Where there is none of that name: its nearest parent, at last the invariant one; *exact (may be NULL) tells, so
 * that the caller can warn. Never NULL. Safe from several threads. */
const struct value_culture *value_culture_find(rs_text name, bool *exact);

const struct value_culture *value_culture_invariant(void);

/* The same culture with another calendar, by RDL's name of it ("Hijri", "Thai Buddhist"); itself where the calendar is none of
 * the language's, or unknown. */
const struct value_culture *value_culture_calendar(const struct value_culture *culture, rs_text calendar);

/* Months of a year of the culture's calendar. */
int value_culture_months(const struct value_culture *culture, int year);

/* Year (of an era, where there are such), month and day of the culture's calendar. False where the calendar does not reach. */
bool value_culture_date(const struct value_culture *culture, int64_t ticks, int *year, int *month,
                        int *day);
/* The other way: ticks of midnight. */
bool value_culture_date_join(const struct value_culture *culture, int year, int month, int day,
                             int64_t *ticks);

#endif
