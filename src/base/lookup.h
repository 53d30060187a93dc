/* base/lookup.h - numbers of items, found by the hash of what they stand for; keys stay where the items are.
 *
 *     rs_lookup_add(&by_name, number);
 *     for (struct rs_lookup_at at = rs_lookup_first(&by_name, rs_hash(name)); rs_lookup_next(&by_name, &at);)
 *         if (rs_text_equal(items[at.number].name, name)) ...
 *
 * For tables of thousands of rows that live as long as a process: six to twelve bytes for each, where rs_map takes fifty, and
 * what it grew out of is given back.
 */
#ifndef BASE_LOOKUP_H
#define BASE_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the key of the item with this number; `data` is that of the table. */
typedef uint64_t rs_lookup_hash(const void *data, uint32_t number);

struct rs_lookup {
    rs_lookup_hash *hash;
    const void *data;
    uint32_t *slots;   /* 1 + number, or 0; open addressing, at most two thirds full */
    size_t slot_count; /* a power of two, or 0 */
    size_t count;
};

static inline struct rs_lookup rs_lookup_of(rs_lookup_hash *hash, const void *data)
{
    return (struct rs_lookup){.hash = hash, .data = data};
}

void rs_lookup_finish(struct rs_lookup *lookup); /* empty again; also right for one that is zeroed */

/* Room for so many before it grows. */
void rs_lookup_reserve(struct rs_lookup *lookup, size_t count);

/* An item that is not there yet; others with an equal key may be. */
void rs_lookup_add(struct rs_lookup *lookup, uint32_t number);

/* Each item that may have the key with this hash: whether it has is for the caller to see. */
struct rs_lookup_at {
    size_t slot;
    uint32_t number;
};
struct rs_lookup_at rs_lookup_first(const struct rs_lookup *lookup, uint64_t hash);
bool rs_lookup_next(const struct rs_lookup *lookup, struct rs_lookup_at *at);

/* In place of the one that was found; its key is equal. */
void rs_lookup_replace(struct rs_lookup *lookup, const struct rs_lookup_at *at, uint32_t number);

#endif
