#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define LOG_LINE_MAX 4096 /* PIPE_BUF: one write of this size is not torn */

static int log_fd = STDERR_FILENO;
static const char *log_process = "bindery";
static enum rs_log_level log_least = RS_LOG_INFO;

void rs_log_to(int fd)
{
    log_fd = fd;
}

void rs_log_as(const char *process)
{
    log_process = process;
}

void rs_log_level(enum rs_log_level least)
{
    log_least = least;
}

/* Copy `text` to `out` as one line; control bytes become \xHH. Returns the bytes written. */
static size_t log_escape(const char *text, char *out, size_t room)
{
    size_t used = 0;

    for (; *text && used + 4 < room; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7F)
            used += (size_t)snprintf(out + used, room - used, "\\x%02X", c);
        else
            out[used++] = (char)c;
    }
    return used;
}

static void log_line(enum rs_log_level level, const char *format, va_list arguments)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    char text[LOG_LINE_MAX - 128];
    char line[LOG_LINE_MAX];
    char stamp[RS_CLOCK_STAMP_SIZE];
    size_t used;

    vsnprintf(text, sizeof text, format, arguments);
    rs_clock_stamp(rs_clock_utc_ms(), stamp);
    used = (size_t)snprintf(line, sizeof line, "%s %s %s[%d] ", stamp, names[level], log_process,
                            (int)getpid());
    used += log_escape(text, line + used, sizeof line - used - 1);
    line[used++] = '\n';
    while (write(log_fd, line, used) < 0) {
        if (errno != EINTR)
            break; /* there is no one left to tell */
    }
}

void rs_log(enum rs_log_level level, const char *format, ...)
{
    va_list arguments;

    if (level > log_least)
        return;
    va_start(arguments, format);
    log_line(level, format, arguments);
    va_end(arguments);
}

void rs_log_abort(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_line(RS_LOG_ERROR, format, arguments);
    va_end(arguments);
    abort();
}
