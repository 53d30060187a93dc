#include "web/url/text.h"

#include <time.h>

#include "format/escape/percent.h"

void url_write_link(rs_buf *out, rs_text path, const char *command)
{
    rs_buf_add_byte(out, '?');
    escape_percent_write(out, path);
    rs_buf_printf(out, "&rs:Command=%s", command);
}

void url_write_pairs(rs_buf *out, const struct exchange_pairs *pairs)
{
    url_write_pairs_without(out, pairs, (rs_text){NULL, 0});
}

void url_write_pairs_without(rs_buf *out, const struct exchange_pairs *pairs, rs_text name)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (name.size > 0 && rs_text_equal_nocase(pairs->items[i].name, name))
            continue;
        rs_buf_add_byte(out, '&');
        escape_percent_write(out, pairs->items[i].name);
        rs_buf_add_byte(out, '=');
        escape_percent_write(out, pairs->items[i].value);
    }
}

static struct tm local_time(int64_t utc_ms)
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm parts = {0};

    localtime_r(&seconds, &parts);
    return parts;
}

void url_write_long_date(rs_buf *out, int64_t utc_ms)
{
    static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    struct tm t = local_time(utc_ms);

    rs_buf_printf(out, "%s, %s %d, %d %d:%02d %s", days[t.tm_wday], months[t.tm_mon], t.tm_mday, t.tm_year + 1900,
                  (t.tm_hour + 11) % 12 + 1, t.tm_min, t.tm_hour < 12 ? "AM" : "PM");
}

void url_write_short_date(rs_buf *out, int64_t utc_ms)
{
    struct tm t = local_time(utc_ms);

    rs_buf_printf(out, "%04d-%02d-%02d %02d:%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min);
}

void url_write_size(rs_buf *out, int64_t bytes)
{
    static const char *const units[] = {"bytes", "KB", "MB", "GB"};
    double size = (double)bytes;
    size_t unit = 0;

    while (size >= 1024 && unit < 3) {
        size /= 1024;
        unit++;
    }
    rs_buf_printf(out, unit > 0 && size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

rs_text url_sentence(struct rs_job *job, rs_text message)
{
    rs_buf out = rs_buf_in(job);
    char last = message.size > 0 ? message.bytes[message.size - 1] : '.';
    rs_text word, rest;

    rs_buf_add(&out, message);
    if (last != '.' && last != '!' && last != '?')
        rs_buf_add_byte(&out, '.');
    rs_text_cut(message, ' ', &word, &rest);
    if (message.size > 0 && rs_text_find_byte(word, ':') < 0) /* rs:Command is a name */
        out.bytes[0] = rs_upper(out.bytes[0]);
    return rs_buf_text(&out);
}
