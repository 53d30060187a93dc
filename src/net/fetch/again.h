/* net/fetch/again.h - when a failure is tried again: numbers only.
 */
#ifndef NET_FETCH_AGAIN_H
#define NET_FETCH_AGAIN_H

#include <stdint.h>

/* How long to wait after the `failures`th failure in a row (from 1): `first_ms` (5 at least), doubling to `most_ms`, up to a fifth more at
 * random, so that many that failed together go apart; no less than the server asked for (`retry_after_ms`, -1: nothing). */
int64_t fetch_again_in_ms(unsigned failures, int64_t first_ms, int64_t most_ms, int64_t retry_after_ms, uint64_t random);

#endif
