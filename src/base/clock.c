#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t clock_ms(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t rs_clock_steady_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t rs_clock_utc_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

void rs_clock_stamp(int64_t utc_ms, char out[RS_CLOCK_STAMP_SIZE])
{
    int64_t ms = (utc_ms % 1000 + 1000) % 1000;
    time_t seconds = (time_t)((utc_ms - ms) / 1000);
    struct tm tm;
    char text[80];

    gmtime_r(&seconds, &tm);
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)ms);
    snprintf(out, RS_CLOCK_STAMP_SIZE, "%.24s", text);
}
