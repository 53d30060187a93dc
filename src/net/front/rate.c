#include "net/front/rate.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"
#include "net/front/peers.h"

#define SETS 2048
#define WAYS 4
#define TOKEN 1000 /* parts: what one request takes */

struct rate_bucket {
    uint64_t key; /* 0: free */
    int64_t at_ms;
    uint64_t parts; /* at that time */
};

static uint64_t key_of(uint64_t kind, const struct tables_address *address)
{
    char bytes[sizeof kind + 1 + sizeof address->bytes] = {0};
    rs_text network = peers_network(address);

    memcpy(bytes, &kind, sizeof kind);
    bytes[sizeof kind] = (char)address->family;
    memcpy(bytes + sizeof kind + 1, network.bytes, network.size);
    uint64_t key = rs_hash(rs_text_of(bytes, sizeof bytes));
    return key ? key : 1;
}

static uint64_t parts_now(const struct rate_bucket *bucket, unsigned per_second, unsigned burst, int64_t now_ms)
{
    uint64_t most = (uint64_t)burst * TOKEN, passed = now_ms > bucket->at_ms ? (uint64_t)(now_ms - bucket->at_ms) : 0;
    uint64_t added = passed > 3600 * 1000 ? most : passed * per_second; /* parts are thousandths: ms x per second */

    return bucket->parts + added < most ? bucket->parts + added : most;
}

/* The bucket of the key, or the one that may be taken for it: a free one, or that of the address heard of longest ago. */
static struct rate_bucket *find(struct rate_bucket *set, uint64_t key)
{
    struct rate_bucket *oldest = set;

    for (int i = 0; i < WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    for (int i = 0; i < WAYS; i++)
        if (set[i].key == 0 || set[i].at_ms < oldest->at_ms)
            oldest = &set[i];
    return oldest;
}

bool rate_take(struct rate_table *table, uint64_t kind, const struct tables_address *address, unsigned per_second,
               unsigned burst, int64_t now_ms)
{
    uint64_t key = key_of(kind, address);
    struct rate_bucket *bucket;

    if (!table->buckets && !(table->buckets = calloc((size_t)SETS * WAYS, sizeof *table->buckets)))
        rs_log_abort("no memory for rate limits");
    bucket = find(&table->buckets[key % SETS * WAYS], key);
    if (bucket->key != key)
        *bucket = (struct rate_bucket){key, now_ms, (uint64_t)burst * TOKEN};
    bucket->parts = parts_now(bucket, per_second, burst, now_ms);
    bucket->at_ms = now_ms;
    if (bucket->parts < TOKEN)
        return false;
    bucket->parts -= TOKEN;
    return true;
}

void rate_clear(struct rate_table *table)
{
    free(table->buckets);
    table->buckets = NULL;
}
