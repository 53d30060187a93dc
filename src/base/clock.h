/* base/clock.h - the time, in the two meanings a program needs.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds that never run backwards; for deadlines and durations only. */
int64_t rs_clock_steady_ms(void);

/* Milliseconds since 1970-01-01 00:00 UTC; what is shown and stored. */
int64_t rs_clock_utc_ms(void);

/* 2026-11-22T09:30:00.000Z and a terminator. */
#define RS_CLOCK_STAMP_SIZE 25
void rs_clock_stamp(int64_t utc_ms, char out[RS_CLOCK_STAMP_SIZE]);

#endif
