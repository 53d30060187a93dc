/* net/ocsp/schedule.h - when a responder is asked again: numbers only.
 */
#ifndef NET_OCSP_SCHEDULE_H
#define NET_OCSP_SCHEDULE_H

#include <stdint.h>

/* After half of the answer's life, a tenth earlier or later at random; once a day at least, so that a revocation is seen, and not
 * more often than every few seconds. UTC, milliseconds. */
int64_t ocsp_ask_at(int64_t this_ms, int64_t next_ms, int64_t now_ms, uint64_t random);

/* After the `failures`th failure in a row (from 1): ten seconds, doubling to an hour; no less than the responder asked for
 * (`retry_after_ms`, -1: nothing). */
int64_t ocsp_retry_in_ms(unsigned failures, int64_t retry_after_ms, uint64_t random);

#endif
