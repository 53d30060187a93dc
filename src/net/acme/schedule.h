/* net/acme/schedule.h - when a certificate is renewed, and when a failure is tried again: numbers only.
 */
#ifndef NET_ACME_SCHEDULE_H
#define NET_ACME_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

/* After two thirds of its life, or some random moment of the authority's window where `offered`; never later than a day
 * before its end (or its last tenth, where its life is shorter). `random` makes many certificates of one time go apart: the
 * same number for the same certificate. UTC, milliseconds. */
int64_t acme_renew_at(int64_t not_before_ms, int64_t not_after_ms, bool offered, int64_t start_ms, int64_t end_ms,
                      uint64_t random);

/* How long to wait after the `failures`th failure in a row (from 1): a minute, doubling to six hours, within a fifth of
 * that at random; no less than the server asked for (`retry_after_ms`, -1: nothing). */
int64_t acme_retry_in_ms(unsigned failures, int64_t retry_after_ms, uint64_t random);

#endif
