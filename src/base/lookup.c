#include "base/lookup.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"

#define LOOKUP_FIRST_SLOTS 16

void rs_lookup_finish(struct rs_lookup *lookup)
{
    free(lookup->slots);
    lookup->slots = NULL;
    lookup->slot_count = lookup->count = 0;
}

static void put(struct rs_lookup *lookup, uint32_t number)
{
    size_t mask = lookup->slot_count - 1, slot = lookup->hash(lookup->data, number) & mask;

    while (lookup->slots[slot])
        slot = (slot + 1) & mask;
    lookup->slots[slot] = number + 1;
}

void rs_lookup_reserve(struct rs_lookup *lookup, size_t count)
{
    struct rs_lookup larger = *lookup;

    larger.slot_count = lookup->slot_count ? lookup->slot_count : LOOKUP_FIRST_SLOTS;
    while (3 * count > 2 * larger.slot_count)
        larger.slot_count *= 2;
    if (larger.slot_count == lookup->slot_count)
        return;
    larger.slots = calloc(larger.slot_count, sizeof larger.slots[0]);
    if (!larger.slots)
        rs_log_abort("no memory for a table of %zu rows", count);
    for (size_t i = 0; i < lookup->slot_count; i++)
        if (lookup->slots[i])
            put(&larger, lookup->slots[i] - 1);
    free(lookup->slots);
    *lookup = larger;
}

void rs_lookup_add(struct rs_lookup *lookup, uint32_t number)
{
    assert(number < UINT32_MAX);
    rs_lookup_reserve(lookup, lookup->count + 1);
    put(lookup, number);
    lookup->count++;
}

struct rs_lookup_at rs_lookup_first(const struct rs_lookup *lookup, uint64_t hash)
{
    return (struct rs_lookup_at){.slot = lookup->slot_count ? (hash - 1) & (lookup->slot_count - 1) : 0};
}

bool rs_lookup_next(const struct rs_lookup *lookup, struct rs_lookup_at *at)
{
    if (lookup->count == 0)
        return false;
    at->slot = (at->slot + 1) & (lookup->slot_count - 1);
    if (!lookup->slots[at->slot])
        return false;
    at->number = lookup->slots[at->slot] - 1;
    return true;
}

void rs_lookup_replace(struct rs_lookup *lookup, const struct rs_lookup_at *at, uint32_t number)
{
    lookup->slots[at->slot] = number + 1;
}
