/* Reading dates. The text is cut into numbers, words and separators; a time is seen by its ':', a month by its name,
 * and what is left are one to three numbers whose meaning the culture's short date pattern decides. */
#include "report/value/date.h"

#include <time.h>

#include <unicode/uchar.h>

#include "report/value/culture.h"

struct reader {
    const struct value_culture *culture;
    rs_text text;
    size_t at;

    int numbers[3];
    int digits[3];     /* how many digits each was written with */
    int count;         /* numbers of the date so far */
    int month;         /* from a name, or 0 */
    int month_at;      /* how many numbers stood before the name */
    bool iso;          /* yyyy-MM-dd: Gregorian whatever the culture */
    bool has_time;
    int hour, minute, second, ticks;
    int half;          /* 0, 1 = AM, 2 = PM */
    int offset;        /* minutes, or VALUE_NO_OFFSET */
};

static char peek(const struct reader *r)
{
    return r->at < r->text.size ? r->text.bytes[r->at] : 0;
}

/* Up to 9 digits. */
static bool read_number(struct reader *r, int *number, int *digits)
{
    int value = 0, count = 0;

    while (rs_is_digit(peek(r)) && count < 9) {
        value = value * 10 + (r->text.bytes[r->at++] - '0');
        count++;
    }
    *number = value;
    *digits = count;
    return count > 0 && !rs_is_digit(peek(r));
}

/* The fraction of a second: any number of digits, seven count. */
static bool read_fraction(struct reader *r, int *ticks)
{
    int value = 0, count = 0;

    for (; rs_is_digit(peek(r)); r->at++, count++)
        if (count < 7)
            value = value * 10 + (r->text.bytes[r->at] - '0');
    for (int i = count; i < 7; i++)
        value *= 10;
    *ticks = value;
    return count > 0;
}

/* Whether `name` stands at the reader, letters folded; gives its bytes there. */
static size_t name_at(const struct reader *r, rs_text name)
{
    size_t i = r->at, k = 0;

    if (rs_text_is_empty(name))
        return 0;
    while (k < name.size) {
        uint32_t a, b;
        if (i >= r->text.size)
            return 0;
        a = rs_text_next(r->text, &i);
        b = rs_text_next(name, &k);
        if (a != b && u_foldCase((UChar32)a, U_FOLD_CASE_DEFAULT) != u_foldCase((UChar32)b, U_FOLD_CASE_DEFAULT))
            return 0;
    }
    return i - r->at;
}

/* The longest of `count` names that stands at the reader: its index, or -1. */
static int longest_name(const struct reader *r, const rs_text *names, int count, size_t *size)
{
    int found = -1;

    for (int i = 0; i < count; i++) {
        size_t here = name_at(r, names[i]);
        if (here > *size) {
            *size = here;
            found = i;
        }
    }
    return found;
}

static bool letter_follows(const struct reader *r, size_t size)
{
    size_t at = r->at + size;

    return at < r->text.size && u_isalpha((UChar32)rs_text_next(r->text, &at));
}

static bool read_month_name(struct reader *r)
{
    const struct value_culture *cultures[] = {r->culture, value_culture_invariant()};
    size_t size = 0;
    int month = -1;

    for (int i = 0; i < 2; i++) {
        const rs_text *lists[] = {cultures[i]->months, cultures[i]->months_genitive, cultures[i]->months_short,
                                  cultures[i]->months_short_genitive};
        for (int k = 0; k < 4; k++) {
            int found = longest_name(r, lists[k], 12, &size);
            month = found >= 0 ? found : month;
        }
    }
    if (month < 0 || letter_follows(r, size) || r->month)
        return false;
    r->month = month + 1;
    r->month_at = r->count;
    r->at += size;
    if (peek(r) == '.') /* "Jan." where the culture has "Jan" */
        r->at++;
    return true;
}

static bool read_day_name(struct reader *r)
{
    const struct value_culture *cultures[] = {r->culture, value_culture_invariant()};
    size_t size = 0;
    int day = -1;

    for (int i = 0; i < 2; i++) {
        int found = longest_name(r, cultures[i]->days, 7, &size);
        day = found >= 0 ? found : day;
        found = longest_name(r, cultures[i]->days_short, 7, &size);
        day = found >= 0 ? found : day;
    }
    if (day < 0 || letter_follows(r, size))
        return false;
    r->at += size;
    if (peek(r) == '.')
        r->at++;
    return true;
}

static bool read_half(struct reader *r)
{
    const rs_text names[] = {r->culture->am, RS_TEXT("AM"), RS_TEXT("A"), r->culture->pm, RS_TEXT("PM"), RS_TEXT("P")};
    size_t size = 0;
    int found = longest_name(r, names, 6, &size);

    if (found < 0 || letter_follows(r, size) || r->half)
        return false;
    r->half = found < 3 ? 1 : 2;
    r->at += size;
    return true;
}

/* A word that the culture's long date pattern has in quotes ("de", "den", "г."), or a sign of Chinese and Japanese. */
static bool read_filler(struct reader *r)
{
    static const char *const signs[] = {"年", "月", "日", "時", "时", "分", "秒"};
    rs_text pattern = r->culture->long_date;

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        size_t size = name_at(r, rs_text_from(signs[i]));
        if (size) {
            r->at += size;
            return true;
        }
    }
    for (size_t i = 0; i < pattern.size; i++) {
        size_t end = i + 1, size;
        if (pattern.bytes[i] != '\'')
            continue;
        while (end < pattern.size && pattern.bytes[end] != '\'')
            end++;
        size = name_at(r, rs_text_trim(rs_text_slice(pattern, i + 1, end - i - 1)));
        if (size) {
            r->at += size;
            return true;
        }
        i = end;
    }
    return false;
}

static bool read_offset(struct reader *r)
{
    int sign = peek(r) == '-' ? -1 : 1, hours, minutes = 0, digits;

    if (peek(r) == 'Z' || peek(r) == 'z') {
        r->at++;
        r->offset = 0;
        return true;
    }
    r->at++;
    if (!read_number(r, &hours, &digits))
        return false;
    if (digits == 4) {
        minutes = hours % 100;
        hours /= 100;
    } else if (peek(r) == ':') {
        r->at++;
        if (!read_number(r, &minutes, &digits) || digits != 2)
            return false;
    }
    if (hours > 14 || minutes > 59)
        return false;
    r->offset = sign * (hours * 60 + minutes);
    return true;
}

/* The rest of a time behind its hour; the reader is at the separator. */
static bool read_time(struct reader *r, int hour, char separator)
{
    int digits;

    if (r->has_time)
        return false;
    r->has_time = true;
    r->hour = hour;
    r->at++;
    if (!read_number(r, &r->minute, &digits) || digits > 2)
        return false;
    if (peek(r) == separator) {
        r->at++;
        if (!read_number(r, &r->second, &digits) || digits > 2)
            return false;
        if ((peek(r) == '.' || peek(r) == ',') && !read_fraction((r->at++, r), &r->ticks))
            return false;
    }
    return true;
}

/* Whether AM or PM stands here, behind spaces: "10 PM". */
static bool half_follows(const struct reader *r)
{
    struct reader ahead = *r;

    while (peek(&ahead) == ' ')
        ahead.at++;
    return read_half(&ahead);
}

static bool is_time_mark(const struct reader *r, char *separator)
{
    rs_text mark = r->culture->time_separator;

    *separator = peek(r);
    if (*separator == ':')
        return true;
    /* "10.30" of a culture that writes so: only once the date is there */
    return mark.size == 1 && *separator == mark.bytes[0] && (r->count == 3 || (r->month && r->count == 2)) &&
           r->at + 1 < r->text.size && rs_is_digit(r->text.bytes[r->at + 1]);
}

static bool read_date_number(struct reader *r)
{
    int number, digits;
    char separator;

    if (!read_number(r, &number, &digits))
        return false;
    if (is_time_mark(r, &separator) && digits <= 2)
        return read_time(r, number, separator);
    if (digits <= 2 && !r->has_time && half_follows(r)) {
        r->has_time = true;
        r->hour = number;
        return number >= 1 && number <= 12;
    }
    if (digits == 8 && r->count == 0) { /* 20240531 */
        int parts[] = {number / 10000, number / 100 % 100, number % 100};
        for (int i = 0; i < 3; i++) {
            r->numbers[i] = parts[i];
            r->digits[i] = i == 0 ? 4 : 2;
        }
        r->count = 3;
        r->iso = true;
        return true;
    }
    if (r->count == 3 || digits > 4)
        return false;
    r->numbers[r->count] = number;
    r->digits[r->count++] = digits;
    return true;
}

/* One token. False where the text is no date. */
static bool read_token(struct reader *r)
{
    char c = peek(r);

    if (rs_is_digit(c))
        return read_date_number(r);
    if (c == '-' && r->count == 1 && r->digits[0] == 4)
        r->iso = true;
    if (r->has_time && (c == '+' || c == '-' || c == 'Z' || c == 'z'))
        return r->offset == VALUE_NO_OFFSET && read_offset(r);
    if (c == 'T' && r->count == 3 && !r->has_time && r->at + 1 < r->text.size && rs_is_digit(r->text.bytes[r->at + 1])) {
        r->at++;
        return true;
    }
    if (c == ' ' || c == ',' || c == '\t' || ((c == '/' || c == '-' || c == '.') && (r->count > 0 || r->month))) {
        r->at++;
        return true;
    }
    if (name_at(r, RS_TEXT("\u00a0")) || name_at(r, RS_TEXT("\u202f"))) {
        size_t at = r->at;
        (void)rs_text_next(r->text, &at);
        r->at = at;
        return true;
    }
    if (name_at(r, RS_TEXT("GMT")) && r->has_time && r->offset == VALUE_NO_OFFSET) {
        r->at += 3;
        r->offset = 0;
        return true;
    }
    return read_month_name(r) || (r->has_time && read_half(r)) || read_day_name(r) || read_filler(r);
}

/* ---- which number is what ------------------------------------------------------------------- */

static int full_year(const struct reader *r, int i)
{
    int year = r->numbers[i];

    if (r->digits[i] > 2)
        return year;
    return year + (year < 30 ? 2000 : 1900);
}

static int this_year(void)
{
    struct value_date_parts now;

    value_date_split(value_date_now(), &now);
    return now.year;
}

/* The order of y, M and d in the short date pattern: "dMy". */
static void pattern_order(const struct value_culture *culture, char order[3])
{
    int count = 0;

    for (size_t i = 0; i < culture->short_date.size && count < 3; i++) {
        char c = culture->short_date.bytes[i];
        if (strchr("dMy", c) && !memchr(order, c, (size_t)count))
            order[count++] = c;
    }
    if (count < 3)
        memcpy(order, "Mdy", 3);
}

static bool choose_with_name(const struct reader *r, struct value_date_parts *p)
{
    p->month = r->month;
    if (r->count == 1) { /* "May 2024", "31 May" */
        bool is_year = r->digits[0] > 2 || r->numbers[0] > 31;
        p->year = is_year ? full_year(r, 0) : this_year();
        p->day = is_year ? 1 : r->numbers[0];
        return true;
    }
    if (r->count != 2)
        return false;
    /* "31 May 24", "May 31 24"; "2024 May 31" and what cultures that begin with the year write */
    int year = r->digits[0] > 2 || (r->digits[1] <= 2 && r->culture->short_date.size > 0 &&
                                    r->culture->short_date.bytes[0] == 'y' && r->month_at == 1)
                   ? 0
                   : 1;
    p->year = full_year(r, year);
    p->day = r->numbers[1 - year];
    return true;
}

static bool choose_numbers(const struct reader *r, struct value_date_parts *p)
{
    char order[3];
    int at[3], count = 0;

    pattern_order(r->culture, order);
    if (r->count == 3) {
        if (r->digits[0] > 2 || r->iso)
            memcpy(order, "yMd", 3);
        else if (r->digits[2] > 2 && order[0] == 'y')
            memcpy(order, order[1] == 'd' ? "dMy" : "Mdy", 3);
        else if (r->digits[2] <= 2 && r->digits[1] > 2)
            return false;
        for (int i = 0; i < 3; i++)
            at[order[i] == 'y' ? 0 : order[i] == 'M' ? 1 : 2] = i;
        p->year = full_year(r, at[0]);
        p->month = r->numbers[at[1]];
        p->day = r->numbers[at[2]];
        return true;
    }
    if (r->count != 2)
        return false;
    for (int i = 0; i < 2; i++)
        if (r->digits[i] > 2) { /* "2024-05", "5/2024" */
            p->year = full_year(r, i);
            p->month = r->numbers[1 - i];
            p->day = 1;
            return r->digits[1 - i] <= 2;
        }
    for (int i = 0; i < 3; i++)
        if (order[i] != 'y')
            at[count++] = order[i];
    p->year = this_year();
    p->month = r->numbers[at[0] == 'M' ? 0 : 1];
    p->day = r->numbers[at[0] == 'M' ? 1 : 0];
    return true;
}

static bool choose_time(const struct reader *r, int64_t *ticks)
{
    int hour = r->hour;

    if (r->half && (hour < 1 || hour > 12) && !(hour == 0 && r->half == 1))
        return false;
    if (r->half)
        hour = hour % 12 + (r->half == 2 ? 12 : 0);
    if (hour > 23 || r->minute > 59 || r->second > 59)
        return false;
    *ticks = (hour * 3600 + r->minute * 60 + r->second) * VALUE_TICKS_PER_SECOND + r->ticks;
    return true;
}

bool value_date_parse(rs_text t, const struct value_culture *culture, int64_t *out, int *offset_minutes)
{
    struct reader r = {.culture = culture ? culture : value_culture_invariant(), .offset = VALUE_NO_OFFSET};
    struct value_date_parts parts = {0};
    int64_t day = 0, time = 0;

    r.text = rs_text_trim(t);
    if (r.text.size == 0 || r.text.size > VALUE_DATE_TEXT_MAX)
        return false;
    while (r.at < r.text.size)
        if (!read_token(&r))
            return false;
    if (!choose_time(&r, &time))
        return false;
    if (r.count == 0 && r.month == 0) {
        if (!r.has_time)
            return false;
    } else {
        if (!(r.month ? choose_with_name(&r, &parts) : choose_numbers(&r, &parts)))
            return false;
        if (r.iso || r.culture->calendar == VALUE_GREGORIAN ? !value_date_join(&parts, &day)
                                                            : !value_culture_date_join(r.culture, parts.year, parts.month,
                                                                                       parts.day, &day))
            return false;
    }
    *out = day + time;
    if (offset_minutes)
        *offset_minutes = r.offset;
    return true;
}

/* ---- spans ---------------------------------------------------------------------------------- */

#define SPAN_DAYS_MAX 10675199 /* whole days in 63 bits of ticks */

bool value_span_parse(rs_text t, int64_t *out)
{
    struct reader r = {.text = rs_text_trim(t)};
    int64_t days = 0, ticks;
    int parts[3] = {0}, count = 0, number, digits, fraction = 0;
    bool negative = peek(&r) == '-';

    r.at += negative;
    if (!read_number(&r, &number, &digits) || digits > 8)
        return false;
    if (r.at == r.text.size || peek(&r) == '.') {
        days = number;
        if (r.at < r.text.size && (r.at++, !read_number(&r, &number, &digits)))
            return false;
        if (r.at == r.text.size && r.text.bytes[r.at - 1] != '.' && rs_text_find_byte(r.text, '.') >= 0)
            return false; /* "1.5" is no span */
        if (r.at == r.text.size) {
            if (days > SPAN_DAYS_MAX)
                return false;
            ticks = days * VALUE_TICKS_PER_DAY;
            *out = negative ? -ticks : ticks;
            return true;
        }
    }
    for (parts[count++] = number; peek(&r) == ':' && count < 3; count++) {
        r.at++;
        if (!read_number(&r, &parts[count], &digits))
            return false;
    }
    if (count < 2 || parts[0] > 23 || parts[1] > 59 || parts[2] > 59 || days >= SPAN_DAYS_MAX)
        return false;
    if (count == 3 && peek(&r) == '.' && !read_fraction((r.at++, &r), &fraction))
        return false;
    if (r.at != r.text.size)
        return false;
    ticks = days * VALUE_TICKS_PER_DAY + (parts[0] * 3600 + parts[1] * 60 + parts[2]) * VALUE_TICKS_PER_SECOND + fraction;
    *out = negative ? -ticks : ticks;
    return true;
}
