/* net/acme/schedule.h - when a certificate is renewed, and when a failure is tried again: numbers only.
 */
#ifndef NET_ACME_SCHEDULE_H
#define NET_ACME_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

/* What an authority suggested (RFC 9773). */
struct acme_suggestion {
    bool offered;
    int64_t start_ms, end_ms;
    int64_t early_ms; /* when a certificate was last renewed because it was suggested, ahead of its time; 0: never */
};

#define ACME_EARLY_AGAIN_MS INT64_C(86400000) /* an authority that always suggests "now" is followed once a day */

/* After two thirds of its life, or some random moment of the authority's window; never later than a day
 * before its end (or its last tenth, where its life is shorter), and no sooner than ACME_EARLY_AGAIN_MS after the last time that a
 * suggestion was followed ahead of time. `random` makes many certificates of one time go apart: the
 * same number for the same certificate. UTC, milliseconds. */
int64_t acme_renew_at(int64_t not_before_ms, int64_t not_after_ms, const struct acme_suggestion *suggestion, uint64_t random);

/* How long to wait after the `failures`th failure in a row (from 1): a minute, doubling to six hours, within a fifth of
 * that at random; no less than the server asked for (`retry_after_ms`, -1: nothing). */
int64_t acme_retry_in_ms(unsigned failures, int64_t retry_after_ms, uint64_t random);

#endif
