#include "report/value/culture_read.h"

#include <pthread.h>
#include <stdio.h>

#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

#include "base/buf.h"
#include "base/map.h"

#define CULTURE_NAME_MAX 32 /* "sr-Latn-RS" and the like; anything longer is no culture */
#define ICU_TEXT_MAX 256

/* ---- where .NET differs ---------------------------------------------------------------------- */

struct row {
    const char *name;
    const char *short_date, *long_date, *short_time, *long_time, *month_day, *year_month;
    const char *currency;
    int currency_positive, currency_negative, number_negative, percent_positive, percent_negative;
    const char *group, *point, *am, *pm;
    bool keep_dots;
};

static const struct row rows[] = {
#define CULTURE(...) {__VA_ARGS__},
#include "report/value/cultures.def"
#undef CULTURE
};

static const struct row *row_find(rs_text name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rs_text_equal_nocase(name, rs_text_from(rows[i].name)))
            return &rows[i];
    return NULL;
}

/* ---- the cultures that were asked for: kept by the process -------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rs_job *keeper;     /* never destroyed: cultures live as long as the process */
static struct rs_map *known;      /* name -> struct value_culture */
static struct rs_map *icu_names;  /* every locale of ICU, "de_DE" */

#define T(literal) RS_TEXT(literal)

static const struct value_culture invariant = {
    .name = {"", 0},
    .locale = {"en_US_POSIX", 11},
    .number = {T("."), T(","), {3}, 1, 2, 0, 1},
    .currency = {T("."), T(","), {3}, 1, 2, 0, 0},
    .percent = {T("."), T(","), {3}, 1, 2, 0, 0},
    .currency_symbol = T("¤"),
    .percent_symbol = T("%"),
    .per_mille_symbol = T("‰"),
    .negative_sign = T("-"),
    .positive_sign = T("+"),
    .nan = T("NaN"),
    .positive_infinity = T("Infinity"),
    .negative_infinity = T("-Infinity"),
    .list_separator = T(","),
    .months = {T("January"), T("February"), T("March"), T("April"), T("May"), T("June"), T("July"),
               T("August"), T("September"), T("October"), T("November"), T("December")},
    .months_genitive = {T("January"), T("February"), T("March"), T("April"), T("May"), T("June"), T("July"),
                        T("August"), T("September"), T("October"), T("November"), T("December")},
    .months_short = {T("Jan"), T("Feb"), T("Mar"), T("Apr"), T("May"), T("Jun"), T("Jul"), T("Aug"),
                     T("Sep"), T("Oct"), T("Nov"), T("Dec")},
    .months_short_genitive = {T("Jan"), T("Feb"), T("Mar"), T("Apr"), T("May"), T("Jun"), T("Jul"),
                              T("Aug"), T("Sep"), T("Oct"), T("Nov"), T("Dec")},
    .days = {T("Sunday"), T("Monday"), T("Tuesday"), T("Wednesday"), T("Thursday"), T("Friday"),
             T("Saturday")},
    .days_short = {T("Sun"), T("Mon"), T("Tue"), T("Wed"), T("Thu"), T("Fri"), T("Sat")},
    .days_shortest = {T("Su"), T("Mo"), T("Tu"), T("We"), T("Th"), T("Fr"), T("Sa")},
    .am = T("AM"),
    .pm = T("PM"),
    .date_separator = T("/"),
    .time_separator = T(":"),
    .short_date = T("MM/dd/yyyy"),
    .long_date = T("dddd, dd MMMM yyyy"),
    .short_time = T("HH:mm"),
    .long_time = T("HH:mm:ss"),
    .month_day = T("MMMM dd"),
    .year_month = T("yyyy MMMM"),
    .first_day = 0,
    .week_rule = VALUE_WEEK_JAN_1,
    .calendar = VALUE_GREGORIAN,
    .era = T("A.D."),
};

const struct value_culture *value_culture_invariant(void)
{
    return &invariant;
}

/* ---- reading ICU ---------------------------------------------------------------------------- */

/* UTF-16 as text in the keeper, without the marks of direction that .NET Framework's data do not have. */
static rs_text text_of(const UChar *units, int32_t count)
{
    rs_buf buf = rs_buf_in(keeper);
    int32_t i = 0;

    while (i < count) {
        UChar32 c;
        U16_NEXT(units, i, count, c);
        if (c == 0x200e || c == 0x200f || c == 0x61c)
            continue;
        rs_buf_add_code_point(&buf, (uint32_t)c);
    }
    rs_buf_terminated(&buf);
    return rs_buf_text(&buf);
}

static rs_text number_symbol(const UNumberFormat *format, UNumberFormatSymbol symbol, rs_text otherwise)
{
    UChar units[ICU_TEXT_MAX];
    UErrorCode error = U_ZERO_ERROR;
    int32_t count = unum_getSymbol(format, symbol, units, ICU_TEXT_MAX, &error);

    return U_FAILURE(error) || count == 0 ? otherwise : text_of(units, count);
}

/* -1 stands for "\u2212" too: .NET Framework writes the ASCII hyphen nearly everywhere. */
static rs_text plain_sign(rs_text sign)
{
    return rs_text_equal(sign, RS_TEXT("\u2212")) ? RS_TEXT("-") : sign;
}

static rs_text pattern_of(const UNumberFormat *format)
{
    UChar units[ICU_TEXT_MAX];
    UErrorCode error = U_ZERO_ERROR;
    int32_t count = unum_toPattern(format, false, units, ICU_TEXT_MAX, &error);

    return U_FAILURE(error) ? RS_TEXT("#,##0.00") : text_of(units, count);
}

/* Whether `symbol` stands first in a pattern such as "¤ #,##0.00" and whether a space is between. */
static void pattern_sides(rs_text pattern, rs_text symbol, bool *first, bool *space)
{
    ptrdiff_t semicolon = rs_text_find_byte(pattern, ';');
    ptrdiff_t at, digit = 0;
    size_t end;

    if (semicolon >= 0)
        pattern = rs_text_slice(pattern, 0, (size_t)semicolon);
    at = rs_text_find(pattern, symbol);
    while ((size_t)digit < pattern.size && !strchr("#0", pattern.bytes[digit]))
        digit++;
    *first = at >= 0 && at < digit;
    end = at < 0 ? 0 : (size_t)at + symbol.size;
    if (*first)
        *space = (ptrdiff_t)end < digit;
    else
        *space = at > 0 && !strchr("#0", pattern.bytes[at - 1]);
}

static void read_groups(const UNumberFormat *format, struct value_number_shape *shape)
{
    int32_t primary = unum_getAttribute(format, UNUM_GROUPING_SIZE);
    int32_t secondary = unum_getAttribute(format, UNUM_SECONDARY_GROUPING_SIZE);

    if (primary <= 0 || primary > 9)
        primary = 3;
    shape->group_sizes[0] = (uint8_t)primary;
    shape->group_size_count = 1;
    if (secondary > 0 && secondary <= 9 && secondary != primary) {
        shape->group_sizes[1] = (uint8_t)secondary;
        shape->group_size_count = 2;
    }
}

static void read_currency(struct value_culture *culture, const char *locale)
{
    static const uint8_t negatives[] = {1, 5, 9, 8}; /* -$n  -n$  -$ n  -n $ */
    UErrorCode error = U_ZERO_ERROR;
    UNumberFormat *format = unum_open(UNUM_CURRENCY, NULL, 0, locale, NULL, &error);
    struct value_number_shape *shape = &culture->currency;
    bool first, space;

    *shape = culture->number;
    shape->digits = 2;
    if (U_FAILURE(error))
        return;
    culture->currency_symbol = number_symbol(format, UNUM_CURRENCY_SYMBOL, RS_TEXT("¤"));
    shape->point = number_symbol(format, UNUM_MONETARY_SEPARATOR_SYMBOL, culture->number.point);
    shape->group = number_symbol(format, UNUM_MONETARY_GROUPING_SEPARATOR_SYMBOL, culture->number.group);
    read_groups(format, shape);
    shape->digits = (uint8_t)unum_getAttribute(format, UNUM_MAX_FRACTION_DIGITS);
    pattern_sides(pattern_of(format), RS_TEXT("¤"), &first, &space);
    shape->positive = (uint8_t)((first ? 0 : 1) + (space ? 2 : 0));
    shape->negative = negatives[shape->positive];
    unum_close(format);
}

static void read_numbers(struct value_culture *culture, const char *locale)
{
    static const uint8_t percents[2][2][2] = {/* [first][space] -> positive, negative */
                                              {{1, 1}, {0, 0}},
                                              {{2, 2}, {3, 7}}};
    UErrorCode error = U_ZERO_ERROR;
    UNumberFormat *format = unum_open(UNUM_DECIMAL, NULL, 0, locale, NULL, &error);
    struct value_number_shape *shape = &culture->number;

    if (U_FAILURE(error))
        return;
    shape->point = number_symbol(format, UNUM_DECIMAL_SEPARATOR_SYMBOL, RS_TEXT("."));
    shape->group = number_symbol(format, UNUM_GROUPING_SEPARATOR_SYMBOL, RS_TEXT(","));
    culture->percent_symbol = number_symbol(format, UNUM_PERCENT_SYMBOL, RS_TEXT("%"));
    culture->per_mille_symbol = number_symbol(format, UNUM_PERMILL_SYMBOL, RS_TEXT("‰"));
    culture->negative_sign = plain_sign(number_symbol(format, UNUM_MINUS_SIGN_SYMBOL, RS_TEXT("-")));
    culture->positive_sign = number_symbol(format, UNUM_PLUS_SIGN_SYMBOL, RS_TEXT("+"));
    read_groups(format, shape);
    shape->digits = 2;
    shape->negative = 1;
    unum_close(format);

    culture->percent = *shape;
    format = unum_open(UNUM_PERCENT, NULL, 0, locale, NULL, &error);
    if (U_SUCCESS(error)) {
        bool first, space;
        pattern_sides(pattern_of(format), RS_TEXT("%"), &first, &space);
        culture->percent.positive = percents[first][space][0];
        culture->percent.negative = percents[first][space][1];
        unum_close(format);
    }
    read_currency(culture, locale);
}

static void read_names(const UDateFormat *format, UDateFormatSymbolType type, int32_t first, int count,
                       bool keep_dots, rs_text *out)
{
    for (int i = 0; i < count; i++) {
        UChar units[ICU_TEXT_MAX];
        UErrorCode error = U_ZERO_ERROR;
        int32_t size = udat_getSymbols(format, type, i + first, units, ICU_TEXT_MAX, &error);
        if (U_FAILURE(error))
            continue;
        out[i] = text_of(units, size);
        if (!keep_dots && rs_text_ends(out[i], RS_TEXT(".")))
            out[i].size--;
    }
}

/* A date pattern of ICU in .NET's letters. Eras and zones are left out: .NET's standard patterns have none. */
static rs_text net_pattern(const UChar *units, int32_t count, bool four_digit_year)
{
    rs_text icu = text_of(units, count);
    rs_buf out = rs_buf_in(keeper);

    for (size_t i = 0; i < icu.size;) {
        char c = icu.bytes[i];
        size_t run = 1;
        if (c == '\'') {
            size_t end = i + 1;
            while (end < icu.size && icu.bytes[end] != '\'')
                end++;
            if (end == i + 1) /* '' is an apostrophe */
                rs_buf_add_literal(&out, "\\'");
            else
                rs_buf_add(&out, rs_text_slice(icu, i, end + 1 - i));
            i = end + 1;
            continue;
        }
        if (rs_text_starts(rs_text_from_offset(icu, i), RS_TEXT("\u202f"))) {
            rs_buf_add_byte(&out, ' ');
            i += 3;
            continue;
        }
        if (!rs_is_alpha(c)) {
            rs_buf_add_byte(&out, c);
            i++;
            continue;
        }
        while (i + run < icu.size && icu.bytes[i + run] == c)
            run++;
        i += run;
        switch (c) {
        case 'y':
        case 'u':
            rs_buf_add(&out, run == 2 && !four_digit_year ? RS_TEXT("yy") : RS_TEXT("yyyy"));
            break;
        case 'M':
        case 'L':
            rs_buf_add(&out, rs_text_slice(RS_TEXT("MMMM"), 0, run));
            break;
        case 'E':
        case 'c':
            rs_buf_add(&out, run > 3 ? RS_TEXT("dddd") : RS_TEXT("ddd"));
            break;
        case 'a':
        case 'b':
        case 'B':
            rs_buf_add_literal(&out, "tt");
            break;
        case 'd':
        case 'm':
        case 's':
            rs_buf_add(&out, rs_text_slice(c == 'd' ? RS_TEXT("dd") : c == 'm' ? RS_TEXT("mm") : RS_TEXT("ss"), 0, run));
            break;
        case 'h':
        case 'K':
            rs_buf_add(&out, rs_text_slice(RS_TEXT("hh"), 0, run));
            break;
        case 'H':
        case 'k':
            rs_buf_add(&out, rs_text_slice(RS_TEXT("HH"), 0, run));
            break;
        default:
            break;
        }
    }
    rs_buf_terminated(&out);
    return rs_text_trim(rs_buf_text(&out));
}

static rs_text standard_pattern(const char *locale, UDateFormatStyle time, UDateFormatStyle date, rs_text otherwise)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar units[ICU_TEXT_MAX];
    UDateFormat *format = udat_open(time, date, locale, u"UTC", 3, NULL, 0, &error);
    int32_t count;

    if (U_FAILURE(error))
        return otherwise;
    count = udat_toPattern(format, false, units, ICU_TEXT_MAX, &error);
    udat_close(format);
    return U_FAILURE(error) ? otherwise : net_pattern(units, count, date == UDAT_SHORT);
}

static rs_text skeleton_pattern(const char *locale, const UChar *skeleton, rs_text otherwise)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar units[ICU_TEXT_MAX];
    UDateTimePatternGenerator *generator = udatpg_open(locale, &error);
    int32_t count;

    if (U_FAILURE(error))
        return otherwise;
    count = udatpg_getBestPattern(generator, skeleton, -1, units, ICU_TEXT_MAX, &error);
    udatpg_close(generator);
    return U_FAILURE(error) ? otherwise : net_pattern(units, count, true);
}

/* What stands behind the first run of pattern letters `letters`: "/" of "M/d/yyyy". */
static rs_text separator_of(rs_text pattern, const char *letters, rs_text otherwise)
{
    size_t i = 0, from;

    while (i < pattern.size && !strchr(letters, pattern.bytes[i]))
        i++;
    while (i < pattern.size && strchr(letters, pattern.bytes[i]))
        i++;
    from = i;
    while (i < pattern.size && !strchr(letters, pattern.bytes[i]) && pattern.bytes[i] != '\'')
        i++;
    return i == from || i == pattern.size ? otherwise : rs_text_slice(pattern, from, i - from);
}

static void read_week(struct value_culture *culture, const char *locale)
{
    UErrorCode error = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(u"UTC", 3, locale, UCAL_DEFAULT, &error);

    if (U_FAILURE(error))
        return;
    culture->first_day = (uint8_t)(ucal_getAttribute(calendar, UCAL_FIRST_DAY_OF_WEEK) - 1);
    culture->week_rule = ucal_getAttribute(calendar, UCAL_MINIMAL_DAYS_IN_FIRST_WEEK) >= 4 ? VALUE_WEEK_FOUR_DAYS
                                                                                          : VALUE_WEEK_JAN_1;
    ucal_close(calendar);
}

/* ---- other calendars ------------------------------------------------------------------------ */

struct value_month_starts {
    int first_year;
    int years;
    const int32_t *days;  /* of each month's first day since 0001-01-01; one more at the end */
    const int32_t *begin; /* of each year: its first month in `days`; one more at the end. NULL: every year has 12 */
};

/* The month that each year begins with. */
static int year_begins(const struct value_month_starts *starts, int year)
{
    return starts->begin ? starts->begin[year] : year * 12;
}

static const struct value_month_starts *read_month_starts(const char *locale, int first_year, int last_year)
{
    UErrorCode error = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(u"UTC", 3, locale, UCAL_DEFAULT, &error);
    struct value_month_starts *starts = RS_NEW(keeper, struct value_month_starts);
    size_t months = (size_t)(last_year - first_year + 1) * 12;
    int32_t *days = RS_NEW_ARRAY(keeper, int32_t, months + 1);

    if (U_FAILURE(error))
        return NULL;
    for (size_t i = 0; i <= months; i++) {
        ucal_clear(calendar);
        ucal_set(calendar, UCAL_YEAR, first_year + (int)(i / 12));
        ucal_set(calendar, UCAL_MONTH, (int)(i % 12));
        ucal_set(calendar, UCAL_DATE, 1);
        days[i] = (int32_t)(ucal_getMillis(calendar, &error) / 86400000.0 +
                            (double)(VALUE_UNIX_EPOCH / VALUE_TICKS_PER_DAY));
    }
    ucal_close(calendar);
    if (U_FAILURE(error))
        return NULL;
    *starts = (struct value_month_starts){first_year, last_year - first_year + 1, days, NULL};
    return starts;
}

/* A calendar whose years have 12 or 13 months: from the first day of one to the next. */
static const struct value_month_starts *read_uneven_months(const char *locale, int first_year, int last_year)
{
    UErrorCode error = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(u"UTC", 3, locale, UCAL_DEFAULT, &error);
    struct value_month_starts *starts = RS_NEW(keeper, struct value_month_starts);
    int years = last_year - first_year + 1, count = 0;
    int32_t *days = RS_NEW_ARRAY(keeper, int32_t, (size_t)years * 13 + 1);
    int32_t *begin = RS_NEW_ARRAY(keeper, int32_t, (size_t)years + 1);

    if (U_FAILURE(error))
        return NULL;
    ucal_clear(calendar);
    ucal_set(calendar, UCAL_YEAR, first_year);
    ucal_set(calendar, UCAL_MONTH, 0);
    ucal_set(calendar, UCAL_DATE, 1);
    for (int year = -1; count <= years * 13 && U_SUCCESS(error); count++) {
        int at = ucal_get(calendar, UCAL_YEAR, &error) - first_year;
        days[count] = (int32_t)(ucal_getMillis(calendar, &error) / 86400000.0 + (double)(VALUE_UNIX_EPOCH / VALUE_TICKS_PER_DAY));
        if (at != year)
            begin[year = at] = count;
        if (at == years)
            break;
        ucal_add(calendar, UCAL_MONTH, 1, &error);
    }
    ucal_close(calendar);
    if (U_FAILURE(error))
        return NULL;
    *starts = (struct value_month_starts){first_year, years, days, begin};
    return starts;
}

const struct value_month_starts *culture_read_months(const char *locale, int first_year, int last_year)
{
    return strstr(locale, "calendar=hebrew") ? read_uneven_months(locale, first_year, last_year)
                                             : read_month_starts(locale, first_year, last_year);
}

int value_culture_months(const struct value_culture *culture, int year)
{
    const struct value_month_starts *starts = culture->month_starts;

    if (!starts || year < starts->first_year || year >= starts->first_year + starts->years)
        return 12;
    return year_begins(starts, year - starts->first_year + 1) - year_begins(starts, year - starts->first_year);
}

/* The last of `count` rising numbers that is not above `wanted`. */
static int last_not_above(const int32_t *numbers, int count, int32_t wanted)
{
    int low = 0, high = count;

    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (numbers[middle] <= wanted)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bool value_culture_date(const struct value_culture *culture, int64_t ticks, int *year, int *month, int *day)
{
    const struct value_month_starts *starts = culture->month_starts;
    struct value_date_parts parts;
    rs_text era;

    if (!starts) {
        value_date_split(ticks, &parts);
        *year = parts.year + culture->year_offset;
        *month = parts.month;
        *day = parts.day;
        return culture->calendar == VALUE_JAPANESE ? value_calendar_japanese(&parts, year, &era) : *year > 0;
    }
    int32_t at = (int32_t)(ticks / VALUE_TICKS_PER_DAY);
    int months = year_begins(starts, starts->years);
    if (at < starts->days[0] || at >= starts->days[months])
        return false;
    int found = last_not_above(starts->days, months, at);
    int of_year = starts->begin ? last_not_above(starts->begin, starts->years, found) : found / 12;
    *year = starts->first_year + of_year;
    *month = found - year_begins(starts, of_year) + 1;
    *day = at - starts->days[found] + 1;
    return true;
}

bool value_culture_date_join(const struct value_culture *culture, int year, int month, int day, int64_t *ticks)
{
    const struct value_month_starts *starts = culture->month_starts;
    int at;

    if (culture->calendar == VALUE_JAPANESE)
        return false; /* a year says nothing without its era */
    if (!starts) {
        struct value_date_parts parts = {year - culture->year_offset, month, day, 0, 0, 0, 0};
        return value_date_join(&parts, ticks);
    }
    if (year < starts->first_year || year >= starts->first_year + starts->years || month < 1 ||
        month > value_culture_months(culture, year))
        return false;
    at = year_begins(starts, year - starts->first_year) + month - 1;
    if (day < 1 || day > starts->days[at + 1] - starts->days[at])
        return false;
    *ticks = (int64_t)(starts->days[at] + day - 1) * VALUE_TICKS_PER_DAY;
    return true;
}

/* ---- one culture ---------------------------------------------------------------------------- */

static void read_dates(struct value_culture *culture, const char *locale, bool keep_dots)
{
    UErrorCode error = U_ZERO_ERROR;
    UDateFormat *format = udat_open(UDAT_SHORT, UDAT_SHORT, locale, u"UTC", 3, NULL, 0, &error);

    if (U_FAILURE(error))
        return;
    read_names(format, UDAT_STANDALONE_MONTHS, 0, 12, true, culture->months);
    read_names(format, UDAT_MONTHS, 0, 12, true, culture->months_genitive);
    read_names(format, UDAT_STANDALONE_SHORT_MONTHS, 0, 12, keep_dots, culture->months_short);
    read_names(format, UDAT_SHORT_MONTHS, 0, 12, keep_dots, culture->months_short_genitive);
    read_names(format, UDAT_STANDALONE_WEEKDAYS, 1, 7, true, culture->days);
    read_names(format, UDAT_STANDALONE_SHORT_WEEKDAYS, 1, 7, keep_dots, culture->days_short);
    read_names(format, UDAT_STANDALONE_SHORTER_WEEKDAYS, 1, 7, keep_dots, culture->days_shortest);
    read_names(format, UDAT_AM_PMS, 0, 1, true, &culture->am);
    read_names(format, UDAT_AM_PMS, 1, 1, true, &culture->pm);
    read_names(format, UDAT_ERAS, culture->calendar == VALUE_GREGORIAN ? 1 : 0, 1, true, &culture->era);
    udat_close(format);
    culture->short_date = standard_pattern(locale, UDAT_NONE, UDAT_SHORT, invariant.short_date);
    culture->long_date = standard_pattern(locale, UDAT_NONE, UDAT_FULL, invariant.long_date);
    culture->short_time = standard_pattern(locale, UDAT_SHORT, UDAT_NONE, invariant.short_time);
    culture->long_time = standard_pattern(locale, UDAT_MEDIUM, UDAT_NONE, invariant.long_time);
    culture->month_day = skeleton_pattern(locale, u"MMMMd", invariant.month_day);
    culture->year_month = skeleton_pattern(locale, u"yMMMM", invariant.year_month);
}

static void set_text(rs_text *out, const char *text)
{
    if (text)
        *out = rs_text_from(text);
}

static void set_number(uint8_t *out, int number)
{
    if (number >= 0)
        *out = (uint8_t)number;
}

static void apply_row(struct value_culture *culture, const struct row *row)
{
    set_text(&culture->short_date, row->short_date);
    set_text(&culture->long_date, row->long_date);
    set_text(&culture->short_time, row->short_time);
    set_text(&culture->long_time, row->long_time);
    set_text(&culture->month_day, row->month_day);
    set_text(&culture->year_month, row->year_month);
    set_text(&culture->currency_symbol, row->currency);
    set_number(&culture->currency.positive, row->currency_positive);
    set_number(&culture->currency.negative, row->currency_negative);
    set_number(&culture->number.negative, row->number_negative);
    set_number(&culture->percent.positive, row->percent_positive);
    set_number(&culture->percent.negative, row->percent_negative);
    set_text(&culture->number.group, row->group);
    set_text(&culture->currency.group, row->group);
    set_text(&culture->percent.group, row->group);
    set_text(&culture->number.point, row->point);
    set_text(&culture->currency.point, row->point);
    set_text(&culture->percent.point, row->point);
    set_text(&culture->am, row->am);
    set_text(&culture->pm, row->pm);
}

/* ICU has 14: Adar I of leap years has a place of its own, and the other Adar of leap years a name of its own at the end. */
static void read_hebrew_months(struct value_culture *culture, const char *locale)
{
    UErrorCode error = U_ZERO_ERROR;
    UDateFormat *format = udat_open(UDAT_SHORT, UDAT_SHORT, locale, u"UTC", 3, NULL, 0, &error);
    rs_text *names = RS_NEW_ARRAY(keeper, rs_text, 14), *leap = RS_NEW_ARRAY(keeper, rs_text, 13);

    if (U_FAILURE(error))
        return;
    read_names(format, UDAT_STANDALONE_MONTHS, 0, 14, true, names);
    udat_close(format);
    memcpy(leap, names, 13 * sizeof *leap);
    leap[6] = names[13].size ? names[13] : names[6];
    culture->leap_months = leap;
    for (int i = 0; i < 12; i++)
        culture->months[i] = culture->months_short[i] = culture->months_genitive[i] = culture->months_short_genitive[i] =
            names[i < 5 ? i : i + 1];
}

void culture_read_calendar(struct value_culture *culture, const char *locale)
{
    struct value_culture before = *culture;

    read_dates(culture, locale, false);
    culture->short_date = before.short_date;
    culture->long_date = before.long_date;
    culture->short_time = before.short_time;
    culture->long_time = before.long_time;
    culture->month_day = before.month_day;
    culture->year_month = before.year_month;
    culture->am = before.am;
    culture->pm = before.pm;
    if (culture->calendar == VALUE_HEBREW)
        read_hebrew_months(culture, locale);
}

/* Details of .NET that hold for whole languages. */
static void apply_language(struct value_culture *culture)
{
    static const rs_text german[12] = {T("Jan"), T("Feb"), T("Mrz"), T("Apr"), T("Mai"), T("Jun"),
                                       T("Jul"), T("Aug"), T("Sep"), T("Okt"), T("Nov"), T("Dez")};

    if (rs_text_starts(culture->name, RS_TEXT("de"))) {
        memcpy(culture->months_short, german, sizeof german);
        memcpy(culture->months_short_genitive, german, sizeof german);
    }
    if (rs_text_starts(culture->name, RS_TEXT("en"))) { /* CLDR of some countries says Sept, and am */
        culture->months_short[8] = culture->months_short_genitive[8] = RS_TEXT("Sep");
        culture->am = RS_TEXT("AM");
        culture->pm = RS_TEXT("PM");
        culture->positive_infinity = invariant.positive_infinity;
        culture->negative_infinity = invariant.negative_infinity;
    }
}

/* `name` is of ICU ("de", "de-DE", "zh-Hans-CN"). `region`: the same with the region that is meant where none is
 * given, "de-DE"; the row of that region holds for the language too. */
static struct value_culture *culture_read(rs_text name, rs_text region)
{
    static const struct {
        const char *region;
        enum value_calendar calendar;
        const char *keyword;
        int first_year, last_year;
    } calendars[] = {
        {"ar-SA", VALUE_UM_AL_QURA, "islamic-umalqura", 1318, 1500},
        {"fa-IR", VALUE_PERSIAN, "persian", 1000, 1999},
        {"th-TH", VALUE_BUDDHIST, "buddhist", 0, 0},
    };
    struct value_culture *culture = RS_NEW(keeper, struct value_culture);
    const struct row *row = row_find(region);
    const char *keyword = "gregorian", *locale;
    rs_buf icu = rs_buf_in(keeper);

    *culture = invariant;
    culture->name = rs_text_copy(keeper, name);
    for (size_t i = 0; i < name.size; i++)
        rs_buf_add_byte(&icu, name.bytes[i] == '-' ? '_' : name.bytes[i]);
    culture->locale = rs_text_copy(keeper, rs_buf_text(&icu));
    for (size_t i = 0; i < sizeof calendars / sizeof calendars[0]; i++) {
        if (!rs_text_equal(region, rs_text_from(calendars[i].region)))
            continue;
        culture->calendar = calendars[i].calendar;
        culture->year_offset = culture->calendar == VALUE_BUDDHIST ? 543 : 0;
        keyword = calendars[i].keyword;
        if (calendars[i].last_year) {
            locale = rs_text_format(keeper, "%s@calendar=%s", culture->locale.bytes, keyword).bytes;
            culture->month_starts =
                read_month_starts(locale, calendars[i].first_year, calendars[i].last_year);
            if (!culture->month_starts)
                culture->calendar = VALUE_GREGORIAN;
        }
    }
    locale = rs_text_format(keeper, "%s@calendar=%s;numbers=latn", culture->locale.bytes, keyword).bytes;
    culture->right_to_left = uloc_isRightToLeft(culture->locale.bytes);
    culture->positive_infinity = RS_TEXT("∞");
    culture->negative_infinity = RS_TEXT("-∞");
    read_numbers(culture, locale);
    read_dates(culture, locale, row && row->keep_dots);
    read_week(culture, locale);
    if (row)
        apply_row(culture, row);
    apply_language(culture);
    culture->date_separator = separator_of(culture->short_date, "dMy", invariant.date_separator);
    culture->time_separator = separator_of(culture->long_time, "hHms", invariant.time_separator);
    culture->list_separator = rs_text_equal(culture->number.point, RS_TEXT(",")) ? RS_TEXT(";") : RS_TEXT(",");
    return culture;
}

/* ---- names ---------------------------------------------------------------------------------- */

static void read_icu_names(void)
{
    UErrorCode error = U_ZERO_ERROR;
    UEnumeration *all = uloc_openAvailableByType(ULOC_AVAILABLE_WITH_LEGACY_ALIASES, &error);
    const char *name;

    icu_names = rs_map_create(keeper, RS_MAP_NOCASE);
    while (U_SUCCESS(error) && (name = uenum_next(all, NULL, &error)) != NULL)
        rs_map_set(icu_names, rs_text_copy(keeper, rs_text_from(name)), NULL);
    uenum_close(all);
}

/* "DE_de" -> "de-DE", "zh-hans-cn" -> "zh-Hans-CN"; the old .NET names of Chinese. False where it is no name. */
static bool name_normalize(rs_text name, char out[CULTURE_NAME_MAX], size_t *size)
{
    size_t part = 0, from = 0;

    if (rs_text_equal_nocase(name, RS_TEXT("zh-CHS")))
        name = RS_TEXT("zh-Hans");
    if (rs_text_equal_nocase(name, RS_TEXT("zh-CHT")))
        name = RS_TEXT("zh-Hant");
    if (name.size >= CULTURE_NAME_MAX)
        return false;
    for (size_t i = 0; i <= name.size; i++) {
        char c = i < name.size ? name.bytes[i] : '-';
        if (c == '-' || c == '_') {
            size_t length = i - from;
            if (length == 0)
                return false;
            for (size_t k = from; part > 0 && k < i; k++)
                if (length == 2 || (length == 4 && k == from))
                    out[k] = rs_upper(out[k]);
            if (i < name.size)
                out[i] = '-';
            from = i + 1;
            part++;
        } else if (rs_is_alpha(c) || rs_is_digit(c)) {
            out[i] = rs_lower(c);
        } else {
            return false;
        }
    }
    *size = name.size;
    return true;
}

static bool name_is_known(rs_text name)
{
    char icu[CULTURE_NAME_MAX];

    for (size_t i = 0; i < name.size; i++)
        icu[i] = name.bytes[i] == '-' ? '_' : name.bytes[i];
    return rs_map_has(icu_names, rs_text_of(icu, name.size));
}

/* "de" -> "de-DE", "zh-Hans-CN" -> "zh-CN": language and region, as the rows are named. */
static rs_text name_region(rs_text name, char out[CULTURE_NAME_MAX])
{
    char likely[ULOC_FULLNAME_CAPACITY], language[ULOC_LANG_CAPACITY], region[ULOC_COUNTRY_CAPACITY];
    char terminated[CULTURE_NAME_MAX + 1];
    UErrorCode error = U_ZERO_ERROR;

    memcpy(terminated, name.bytes, name.size);
    terminated[name.size] = 0;
    for (char *c = terminated; *c; c++)
        *c = *c == '-' ? '_' : *c;
    uloc_addLikelySubtags(terminated, likely, sizeof likely, &error);
    uloc_getLanguage(likely, language, sizeof language, &error);
    uloc_getCountry(likely, region, sizeof region, &error);
    if (U_FAILURE(error) || strlen(language) + strlen(region) + 2 > CULTURE_NAME_MAX)
        return name;
    snprintf(out, CULTURE_NAME_MAX, "%s-%s", strcmp(language, "no") == 0 ? "nb" : language, region);
    return rs_text_from(out);
}

static const struct value_culture *find_locked(rs_text name)
{
    struct value_culture *culture = rs_map_find(known, name);
    char region[CULTURE_NAME_MAX];

    if (culture || !name_is_known(name))
        return culture;
    culture = culture_read(name, name_region(name, region));
    rs_map_set(known, culture->name, culture);
    return culture;
}

const struct value_culture *value_culture_find(rs_text name, bool *exact)
{
    char normal[CULTURE_NAME_MAX];
    const struct value_culture *culture = NULL;
    size_t size = 0;
    bool found_all = true;

    if (exact)
        *exact = rs_text_is_empty(name);
    if (rs_text_is_empty(name) || !name_normalize(name, normal, &size))
        return &invariant;
    pthread_mutex_lock(&lock);
    if (!keeper) {
        keeper = rs_job_create(NULL);
        known = rs_map_create(keeper, RS_MAP_EXACT);
        read_icu_names();
    }
    while (size > 0 && (culture = find_locked(rs_text_of(normal, size))) == NULL) {
        found_all = false;
        while (size > 0 && normal[size - 1] != '-')
            size--;
        size -= size > 0;
    }
    pthread_mutex_unlock(&lock);
    if (exact)
        *exact = culture && found_all;
    return culture ? culture : &invariant;
}

const struct value_culture *culture_variant(const struct value_culture *base, rs_text name, culture_variant_reader *read,
                                            const void *data)
{
    const struct value_culture *culture;
    char key[CULTURE_NAME_MAX + 64];

    snprintf(key, sizeof key, "%.*s@%.*s", RS_TEXT_ARG(base->name), RS_TEXT_ARG(name));
    pthread_mutex_lock(&lock);
    if (!keeper) { /* the invariant culture needs none */
        keeper = rs_job_create(NULL);
        known = rs_map_create(keeper, RS_MAP_EXACT);
        read_icu_names();
    }
    culture = rs_map_find(known, rs_text_from(key));
    if (!culture) {
        culture = read(keeper, base, data);
        rs_map_set(known, rs_text_copy(keeper, rs_text_from(key)), (void *)culture);
    }
    pthread_mutex_unlock(&lock);
    return culture;
}
