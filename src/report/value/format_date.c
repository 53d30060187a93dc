/* Dates and spans by .NET's standard and custom formats. A pattern is read as it is written: that costs less than the
 * names it copies. */
#include "report/value/culture_read.h"
#include "report/value/number.h"

#include <time.h>

#include "report/value/date.h"

/* One date on its way into text. */
struct moment {
    const struct value_culture *culture;
    struct value_date_parts parts; /* Gregorian */
    int year, month, day;          /* of the culture's calendar */
    int64_t ticks;
    bool has_offset;
    int offset;                    /* minutes */
};

static void add_number(rs_buf *out, int number, int width)
{
    char digits[12];
    int at = sizeof digits;

    for (; number > 0 || width > 0; number /= 10, width--)
        digits[--at] = (char)('0' + number % 10);
    rs_buf_add(out, rs_text_of(digits + at, sizeof digits - (size_t)at));
}

/* f to fffffff: cut, not rounded. F: without zeros at the end; a point before nothing goes too. */
static bool add_fraction(rs_buf *out, int ticks, size_t width, bool keep_zeros)
{
    static const int units[] = {10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    int digits;

    if (width > 7)
        return false;
    digits = ticks / units[width];
    while (!keep_zeros && width > 0 && digits % 10 == 0) {
        digits /= 10;
        width--;
    }
    if (width > 0)
        add_number(out, digits, (int)width);
    else if (out->used > 0 && out->bytes[out->used - 1] == '.')
        out->used--;
    return true;
}

static int local_offset_minutes(int64_t ticks)
{
    return (int)((value_date_local_from_utc(ticks) - ticks) / VALUE_TICKS_PER_MINUTE);
}

static void add_offset(rs_buf *out, int minutes, size_t width)
{
    int size = minutes < 0 ? -minutes : minutes;

    rs_buf_add_byte(out, minutes < 0 ? '-' : '+');
    add_number(out, size / 60, width == 1 ? 1 : 2);
    if (width >= 3) {
        rs_buf_add_byte(out, ':');
        add_number(out, size % 60, 2);
    }
}

/* 'text' or "text" at `i`: appended; where it ends, or 0 where it is not closed. */
static size_t add_quoted(rs_buf *out, rs_text pattern, size_t i)
{
    char quote = pattern.bytes[i++];

    for (; i < pattern.size && pattern.bytes[i] != quote; i++) {
        if (pattern.bytes[i] == '\\' && ++i == pattern.size)
            return 0;
        rs_buf_add_byte(out, pattern.bytes[i]);
    }
    return i < pattern.size ? i + 1 : 0;
}

static size_t run_at(rs_text pattern, size_t i)
{
    size_t end = i;

    while (end < pattern.size && pattern.bytes[end] == pattern.bytes[i])
        end++;
    return end - i;
}

/* Whether a day number stands beside MMMM: then the month is in the genitive, "1 stycznia". */
static bool day_is_near(rs_text pattern, size_t month, size_t run)
{
    size_t i = month;

    while (i > 0) { /* the nearest d before */
        size_t end = i;
        while (i > 0 && pattern.bytes[i - 1] == 'd')
            i--;
        if (end != i && end - i <= 2)
            return true;
        if (end != i)
            break;
        i--;
    }
    for (i = month + run; i < pattern.size;) {
        size_t here = run_at(pattern, i);
        if (pattern.bytes[i] == 'd')
            return here <= 2;
        i += here;
    }
    return false;
}

/* A day, a month or a year: in letters where the calendar is Hebrew. */
static void add_calendar_number(const struct moment *m, int number, int width, rs_buf *out)
{
    if (m->culture->calendar == VALUE_HEBREW)
        value_calendar_hebrew_number(number, out);
    else
        add_number(out, number, width);
}

/* Years of eras are short: yyyy is no more than yy. */
static void add_year(const struct moment *m, size_t run, rs_buf *out)
{
    bool is_short = m->culture->calendar == VALUE_JAPANESE || m->culture->calendar == VALUE_TAIWAN;

    if (is_short)
        add_number(out, m->year, run < 2 ? 1 : 2);
    else if (m->culture->calendar == VALUE_HEBREW)
        value_calendar_hebrew_number(m->year, out);
    else
        add_number(out, run <= 2 ? m->year % 100 : m->year, run > 9 ? 9 : (int)run);
}

static void add_era(const struct moment *m, rs_buf *out)
{
    rs_text era = m->culture->era;
    int ignored;

    if (m->culture->calendar == VALUE_JAPANESE)
        (void)value_calendar_japanese(&m->parts, &ignored, &era);
    rs_buf_add(out, era);
}

static void add_month(const struct moment *m, rs_text pattern, size_t at, size_t run, rs_buf *out)
{
    bool genitive = run >= 3 && day_is_near(pattern, at, run);
    int month = m->month - 1;

    if (run <= 2)
        add_calendar_number(m, m->month, (int)run, out);
    else if (m->culture->leap_months && value_culture_months(m->culture, m->year) == 13)
        rs_buf_add(out, m->culture->leap_months[month]);
    else if (run == 3)
        rs_buf_add(out, genitive ? m->culture->months_short_genitive[month] : m->culture->months_short[month]);
    else
        rs_buf_add(out, genitive ? m->culture->months_genitive[month] : m->culture->months[month]);
}

static void add_day(const struct moment *m, size_t run, rs_buf *out)
{
    int weekday = value_date_day_of_week(m->ticks);

    if (run <= 2)
        add_calendar_number(m, m->day, (int)run, out);
    else
        rs_buf_add(out, run == 3 ? m->culture->days_short[weekday] : m->culture->days[weekday]);
}

static void add_half(const struct moment *m, size_t run, rs_buf *out)
{
    rs_text name = m->parts.hour < 12 ? m->culture->am : m->culture->pm;
    size_t first = 0;

    if (name.size == 0)
        return;
    (void)rs_text_next(name, &first);
    rs_buf_add(out, run == 1 ? rs_text_slice(name, 0, first) : name);
}

static void add_zone(const struct moment *m, rs_buf *out) /* K */
{
    if (m->has_offset)
        add_offset(out, m->offset, 3);
}

static bool add_pattern(const struct moment *m, rs_text pattern, rs_buf *out);

/* One specifier of a custom pattern; *i steps over it. False where .NET throws. */
static bool add_specifier(const struct moment *m, rs_text pattern, size_t *i, rs_buf *out)
{
    char c = pattern.bytes[*i];
    size_t at = *i, run = run_at(pattern, at);
    int hour = m->parts.hour % 12;

    *i += run;
    switch (c) {
    case 'd':
        add_day(m, run, out);
        return true;
    case 'M':
        add_month(m, pattern, at, run, out);
        return true;
    case 'y':
        add_year(m, run, out);
        return true;
    case 'h':
        add_number(out, hour == 0 ? 12 : hour, run == 1 ? 1 : 2);
        return true;
    case 'H':
        add_number(out, m->parts.hour, run == 1 ? 1 : 2);
        return true;
    case 'm':
        add_number(out, m->parts.minute, run == 1 ? 1 : 2);
        return true;
    case 's':
        add_number(out, m->parts.second, run == 1 ? 1 : 2);
        return true;
    case 'f':
        return add_fraction(out, m->parts.ticks, run, true);
    case 'F':
        return add_fraction(out, m->parts.ticks, run, false);
    case 't':
        add_half(m, run, out);
        return true;
    case 'z':
        add_offset(out, m->has_offset ? m->offset : local_offset_minutes(m->ticks), run);
        return true;
    case 'g':
        add_era(m, out);
        return true;
    default:
        break;
    }
    *i = at + 1;
    switch (c) {
    case 'K':
        add_zone(m, out);
        return true;
    case ':':
        rs_buf_add(out, m->culture->time_separator);
        return true;
    case '/':
        rs_buf_add(out, m->culture->date_separator);
        return true;
    case '\'':
    case '"':
        *i = add_quoted(out, pattern, at);
        return *i != 0;
    case '\\':
        if (at + 1 == pattern.size)
            return false;
        rs_buf_add_byte(out, pattern.bytes[at + 1]);
        *i = at + 2;
        return true;
    case '%': {
        size_t end = at + 2;
        if (at + 1 == pattern.size || pattern.bytes[at + 1] == '%')
            return false;
        *i = end;
        return add_pattern(m, rs_text_slice(pattern, at + 1, 1), out);
    }
    default:
        rs_buf_add_byte(out, c);
        return true;
    }
}

static bool add_pattern(const struct moment *m, rs_text pattern, rs_buf *out)
{
    for (size_t i = 0; i < pattern.size;)
        if (!add_specifier(m, pattern, &i, out))
            return false;
    return true;
}

static bool moment_of(const struct value_culture *culture, int64_t ticks, struct moment *m)
{
    m->culture = culture;
    m->ticks = ticks;
    if (!value_date_in_range(ticks))
        return false;
    value_date_split(ticks, &m->parts);
    return value_culture_date(culture, ticks, &m->year, &m->month, &m->day);
}

static int64_t utc_from_local(int64_t ticks)
{
    int64_t seconds = (ticks - VALUE_UNIX_EPOCH) / VALUE_TICKS_PER_SECOND;
    struct value_date_parts parts;
    struct tm local = {0};
    int64_t offset;

    value_date_split(ticks, &parts);
    local.tm_year = parts.year - 1900;
    local.tm_mon = parts.month - 1;
    local.tm_mday = parts.day;
    local.tm_hour = parts.hour;
    local.tm_min = parts.minute;
    local.tm_sec = parts.second;
    local.tm_isdst = -1;
    offset = seconds - (int64_t)mktime(&local);
    return value_date_in_range(ticks - offset * VALUE_TICKS_PER_SECOND) ? ticks - offset * VALUE_TICKS_PER_SECOND : ticks;
}

/* The formats of one letter: one or two patterns of the culture, or a fixed one. */
struct standard {
    char letter;
    rs_text first, second; /* joined by a space; second may be empty */
    bool invariant;        /* in the invariant culture */
    bool utc;              /* of the time in UTC, where it has an offset */
};

static bool find_standard(const struct value_culture *c, char letter, struct standard *out)
{
    const struct standard table[] = {
        {'d', c->short_date, {0}, false, false},
        {'D', c->long_date, {0}, false, false},
        {'f', c->long_date, c->short_time, false, false},
        {'F', c->long_date, c->long_time, false, false},
        {'g', c->short_date, c->short_time, false, false},
        {'G', c->short_date, c->long_time, false, false},
        {'m', c->month_day, {0}, false, false},
        {'M', c->month_day, {0}, false, false},
        {'o', RS_TEXT("yyyy-MM-ddTHH:mm:ss.fffffffK"), {0}, true, false},
        {'O', RS_TEXT("yyyy-MM-ddTHH:mm:ss.fffffffK"), {0}, true, false},
        {'r', RS_TEXT("ddd, dd MMM yyyy HH:mm:ss 'GMT'"), {0}, true, true},
        {'R', RS_TEXT("ddd, dd MMM yyyy HH:mm:ss 'GMT'"), {0}, true, true},
        {'s', RS_TEXT("yyyy-MM-ddTHH:mm:ss"), {0}, true, false},
        {'t', c->short_time, {0}, false, false},
        {'T', c->long_time, {0}, false, false},
        {'u', RS_TEXT("yyyy-MM-dd HH:mm:ss'Z'"), {0}, true, true},
        {'U', c->long_date, c->long_time, false, true},
        {'y', c->year_month, {0}, false, false},
        {'Y', c->year_month, {0}, false, false},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].letter == letter) {
            *out = table[i];
            return true;
        }
    return false;
}

static bool append_standard(const struct value_culture *culture, struct value v, char letter, rs_buf *out)
{
    struct standard standard;
    struct moment m = {.has_offset = v.kind == VALUE_OFFSET, .offset = v.kind == VALUE_OFFSET ? v.minutes : 0};
    int64_t ticks = v.ticks;

    if (!find_standard(culture, letter, &standard))
        return false;
    if (letter == 'U' && m.has_offset)
        return false; /* as .NET: DateTimeOffset has no U */
    if (standard.utc && m.has_offset)
        ticks -= m.offset * VALUE_TICKS_PER_MINUTE;
    else if (letter == 'U')
        ticks = utc_from_local(ticks);
    if (!moment_of(standard.invariant ? value_culture_invariant() : culture, ticks, &m) ||
        !add_pattern(&m, standard.first, out))
        return false;
    if (standard.second.size == 0)
        return true;
    rs_buf_add_byte(out, ' ');
    return add_pattern(&m, standard.second, out);
}

bool value_date_append(const struct value_culture *culture, struct value v, rs_text format, rs_buf *out)
{
    struct moment m = {.has_offset = v.kind == VALUE_OFFSET, .offset = v.kind == VALUE_OFFSET ? v.minutes : 0};
    size_t start = out->used;
    bool ok;

    if (format.size == 0)
        format = RS_TEXT("G");
    if (format.size == 1) {
        ok = append_standard(culture, v, format.bytes[0], out);
        if (ok && v.kind == VALUE_OFFSET && format.bytes[0] == 'G' && out->used > start) {
            rs_buf_add_byte(out, ' ');
            add_offset(out, m.offset, 3);
        }
    } else {
        ok = moment_of(culture, v.ticks, &m) && add_pattern(&m, format, out);
    }
    if (!ok)
        out->used = start;
    return ok;
}

/* ---- spans -------------------------------------------------------------------------------------- */

struct span_parts {
    bool negative;
    int days, hours, minutes, seconds, ticks;
};

static struct span_parts split_span(int64_t ticks)
{
    uint64_t size = ticks < 0 ? 0 - (uint64_t)ticks : (uint64_t)ticks;
    uint64_t day = (uint64_t)VALUE_TICKS_PER_DAY, rest = size % day;

    return (struct span_parts){ticks < 0,
                               (int)(size / day),
                               (int)(rest / (uint64_t)VALUE_TICKS_PER_HOUR),
                               (int)(rest / (uint64_t)VALUE_TICKS_PER_MINUTE % 60),
                               (int)(rest / (uint64_t)VALUE_TICKS_PER_SECOND % 60),
                               (int)(rest % (uint64_t)VALUE_TICKS_PER_SECOND)};
}

/* c: [-][d.]hh:mm:ss[.fffffff]; g: [-][d:]h:mm:ss[.FFFFFFF]; G: [-]d:hh:mm:ss.fffffff */
static void append_standard_span(const struct value_culture *culture, const struct span_parts *p, char letter, rs_buf *out)
{
    if (p->negative)
        rs_buf_add(out, letter == 'c' ? RS_TEXT("-") : culture->negative_sign);
    if (p->days || letter == 'G') {
        add_number(out, p->days, 1);
        rs_buf_add_byte(out, letter == 'c' ? '.' : ':');
    }
    add_number(out, p->hours, letter == 'g' ? 1 : 2);
    rs_buf_add_byte(out, ':');
    add_number(out, p->minutes, 2);
    rs_buf_add_byte(out, ':');
    add_number(out, p->seconds, 2);
    if (p->ticks || letter == 'G') {
        rs_buf_add(out, letter == 'c' ? RS_TEXT(".") : culture->number.point);
        (void)add_fraction(out, p->ticks, 7, letter != 'g');
    }
}

static bool append_custom_span(const struct span_parts *p, rs_text format, rs_buf *out)
{
    for (size_t i = 0; i < format.size;) {
        char c = format.bytes[i];
        size_t run = run_at(format, i);
        switch (c) {
        case 'd':
            if (run > 8)
                return false;
            add_number(out, p->days, (int)run);
            break;
        case 'h':
        case 'm':
        case 's':
            if (run > 2)
                return false;
            add_number(out, c == 'h' ? p->hours : c == 'm' ? p->minutes : p->seconds, (int)run);
            break;
        case 'f':
        case 'F':
            if (!add_fraction(out, p->ticks, run, c == 'f'))
                return false;
            break;
        case '\'':
        case '"':
            run = add_quoted(out, format, i);
            if (run == 0)
                return false;
            run -= i;
            break;
        case '\\':
            if (i + 1 == format.size)
                return false;
            rs_buf_add_byte(out, format.bytes[i + 1]);
            run = 2;
            break;
        case '%':
            if (i + 1 == format.size || format.bytes[i + 1] == '%')
                return false;
            run = 1; /* the letter that follows is custom anyway */
            break;
        default:
            return false;
        }
        i += run;
    }
    return true;
}

bool value_span_append(const struct value_culture *culture, int64_t ticks, rs_text format, rs_buf *out)
{
    struct span_parts parts = split_span(ticks);
    size_t start = out->used;

    if (format.size <= 1) {
        char letter = format.size ? format.bytes[0] : 'c';
        if (letter == 't' || letter == 'T')
            letter = 'c';
        if (letter != 'c' && letter != 'g' && letter != 'G')
            return false;
        append_standard_span(culture, &parts, letter, out);
        return true;
    }
    if (!append_custom_span(&parts, format, out)) {
        out->used = start;
        return false;
    }
    return true;
}
