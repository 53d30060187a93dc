#include "net/http/write.h"

#include <stdio.h>
#include <time.h>

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

/* The names do not follow the locale, as strftime's would. */
void http_date_write(int64_t utc_ms, char out[HTTP_DATE_SIZE])
{
    time_t seconds = (time_t)(utc_ms >= 0 ? utc_ms / 1000 : -((999 - utc_ms) / 1000));
    struct tm utc;
    char text[80];

    gmtime_r(&seconds, &utc);
    snprintf(text, sizeof text, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", day_names + (size_t)utc.tm_wday * 3, utc.tm_mday,
             month_names + (size_t)utc.tm_mon * 3, utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    snprintf(out, HTTP_DATE_SIZE, "%.29s", text);
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
