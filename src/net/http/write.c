#include "net/http/write.h"

#include <stdio.h>

#include "base/clock.h"

static const struct {
    int status;
    const char *phrase;
} phrases[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

const char *http_reason_phrase(int status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Unknown";
}

/* ---- dates ------------------------------------------------------------------------------------ */

static const char day_names[] = "SunMonTueWedThuFriSat";
static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Days since 1970-01-01 <-> the Gregorian date; years begin in March here, so that the leap day is the last. */
static int64_t days_of(int64_t year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;

    *day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

void http_date_write(int64_t utc_ms, char out[HTTP_DATE_SIZE])
{
    int64_t seconds = utc_ms >= 0 ? utc_ms / 1000 : -((999 - utc_ms) / 1000);
    int64_t days = seconds >= 0 ? seconds / 86400 : -((86399 - seconds) / 86400);
    int second_of_day = (int)(seconds - days * 86400);
    int weekday = (int)(((days + 4) % 7 + 7) % 7);
    int64_t year;
    int month, day;

    date_of(days, &year, &month, &day);
    if (year < 0 || year > 9999) /* cannot be written in four digits */
        year = year < 0 ? 0 : 9999;
    snprintf(out, HTTP_DATE_SIZE, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
             day_names + (size_t)weekday * 3, day, month_names + ((size_t)month - 1) * 3, (int)year,
             second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
}

rs_text http_date_now(void)
{
    static char written[HTTP_DATE_SIZE];
    static int64_t written_second = -1;
    int64_t now_ms = rs_clock_utc_ms();

    if (now_ms / 1000 != written_second) {
        written_second = now_ms / 1000;
        http_date_write(now_ms, written);
    }
    return rs_text_of(written, sizeof written - 1);
}

static bool two_digits(const char *at, int least, int most, int *out)
{
    if (!rs_is_digit(at[0]) || !rs_is_digit(at[1]))
        return false;
    *out = (at[0] - '0') * 10 + at[1] - '0';
    return *out >= least && *out <= most;
}

bool http_date_parse(rs_text t, int64_t *utc_ms)
{
    char again[HTTP_DATE_SIZE];
    const char *s = t.bytes;
    int day, hour, minute, second, century, year, month = 0;

    if (t.size != HTTP_DATE_SIZE - 1 || !two_digits(s + 5, 1, 31, &day) ||
        !two_digits(s + 12, 0, 99, &century) || !two_digits(s + 14, 0, 99, &year) ||
        !two_digits(s + 17, 0, 23, &hour) || !two_digits(s + 20, 0, 59, &minute) ||
        !two_digits(s + 23, 0, 59, &second))
        return false;
    while (month < 12 && memcmp(month_names + (size_t)month * 3, s + 8, 3) != 0)
        month++;
    if (month == 12)
        return false;
    *utc_ms = ((days_of(century * 100 + year, month + 1, day) * 24 + hour) * 60 + minute) * 60000 +
              second * 1000;
    /* what was not looked at must be right as well: the week day, the marks, no 31st of June */
    http_date_write(*utc_ms, again);
    return memcmp(again, s, t.size) == 0;
}

/* ---- heads ------------------------------------------------------------------------------------ */

static void put(struct http_writer *writer, const char *bytes, size_t size)
{
    if (writer->room - writer->used < size) {
        writer->full = true;
        return;
    }
    if (size > 0)
        memcpy(writer->bytes + writer->used, bytes, size);
    writer->used += size;
}

static void put_number(struct http_writer *writer, uint64_t value)
{
    char digits[RS_DIGITS_MAX];

    put(writer, digits, rs_digits(value, digits));
}

void http_write_status_line(struct http_writer *writer, int status)
{
    const char *phrase = http_reason_phrase(status);

    put(writer, "HTTP/1.1 ", 9);
    put_number(writer, (uint64_t)status);
    put(writer, " ", 1);
    put(writer, phrase, strlen(phrase));
    put(writer, "\r\n", 2);
}

void http_write_request_line(struct http_writer *writer, rs_text method, rs_text target)
{
    put(writer, method.bytes, method.size);
    put(writer, " ", 1);
    put(writer, target.bytes, target.size);
    put(writer, " HTTP/1.1\r\n", 11);
    for (size_t i = 0; i < target.size; i++)
        if ((unsigned char)target.bytes[i] <= 0x20)
            writer->broken = true;
    if (!http_is_token(method))
        writer->broken = true;
}

void http_write_field(struct http_writer *writer, rs_text name, rs_text value)
{
    if (!http_is_token(name) || !http_is_field_value(value)) {
        writer->broken = true;
        return;
    }
    put(writer, name.bytes, name.size);
    put(writer, ": ", 2);
    put(writer, value.bytes, value.size);
    put(writer, "\r\n", 2);
}

void http_write_parsed(struct http_writer *writer, const struct http_field *field)
{
    char *at = writer->bytes + writer->used;
    size_t size = field->name.size + field->value.size + 4;

    if (writer->room - writer->used < size) {
        writer->full = true;
        return;
    }
    at = mempcpy(at, field->name.bytes, field->name.size);
    at = mempcpy(at, ": ", 2);
    at = mempcpy(at, field->value.bytes, field->value.size);
    memcpy(at, "\r\n", 2);
    writer->used += size;
}

void http_write_known(struct http_writer *writer, enum http_field_id id, rs_text value)
{
    http_write_field(writer, rs_text_from(http_field_name(id)), value);
}

void http_write_number(struct http_writer *writer, enum http_field_id id, uint64_t value)
{
    const char *name = http_field_name(id);

    put(writer, name, strlen(name));
    put(writer, ": ", 2);
    put_number(writer, value);
    put(writer, "\r\n", 2);
}

void http_write_date(struct http_writer *writer)
{
    rs_text now = http_date_now();

    put(writer, "Date: ", 6);
    put(writer, now.bytes, now.size);
    put(writer, "\r\n", 2);
}

void http_write_end(struct http_writer *writer)
{
    put(writer, "\r\n", 2);
}

void http_write_bytes(struct http_writer *writer, rs_text bytes)
{
    put(writer, bytes.bytes, bytes.size);
}
