/* net/front/rate.h - how many requests come from one client address: a bucket of tokens for each, in a table of a fixed
 * size. Where it is full, the address that has asked least gives way.
 *
 * An IPv6 client is its network of 64 bits: it may choose the rest as it likes.
 */
#ifndef NET_FRONT_RATE_H
#define NET_FRONT_RATE_H

#include "net/tables/address.h"

struct rate_bucket;

struct rate_table {
    struct rate_bucket *buckets; /* NULL until first used */
};

/* Take a token out of the bucket of `address` at `kind` (an application). It is filled with `per_second` tokens a second
 * up to `burst`. False: it is empty. `now_ms` is that of the loop. */
bool rate_take(struct rate_table *table, uint64_t kind, const struct tables_address *address, unsigned per_second,
               unsigned burst, int64_t now_ms);
void rate_clear(struct rate_table *table);

#endif
