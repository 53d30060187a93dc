/* net/tables/inside.h - how a snapshot is laid out: for this folder only.
 *
 * Two hash tables make look-ups independent of the number of rows: reservations by (origin, path), bindings
 * by (address, port, host). A slot holds the index of a row + 1; 0 is free. At most half of the slots are taken.
 */
#ifndef NET_TABLES_INSIDE_H
#define NET_TABLES_INSIDE_H

#include "net/tables/snapshot.h"

struct tables_index {
    uint32_t *slots;
    uint32_t mask; /* number of slots - 1; a power of two */
};

struct tables_snapshot {
    struct rs_job *memory; /* of everything below, and of this struct */
    unsigned references;   /* atomic */
    struct tables_rows rows;
    struct tables_listener *listeners;
    size_t listener_count;
    struct tables_index by_path;
    struct tables_index by_place;
    size_t longest_key;  /* bytes of the longest path of a reservation */
    size_t deepest_key;  /* its segments, + 1 for the root */
    bool has_category[TABLES_CATEGORIES];
};

/* FNV-1a with a last mix: the keys are an administrator's, requests only look up. */
#define TABLES_HASH_START 0xcbf29ce484222325u
static inline uint64_t tables_hash_byte(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * 0x100000001b3u;
}

static inline uint64_t tables_hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = tables_hash_byte(hash, ((const unsigned char *)bytes)[i]);
    return hash;
}

static inline uint32_t tables_hash_slot(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 32);
}

/* Of scheme, port, category and what the category compares: a host (lower case), an address or nothing. */
uint64_t tables_hash_origin(enum tables_scheme scheme, uint16_t port, enum tables_category category,
                            rs_text host, const struct tables_address *address);

/* Both halves of a reservation's hash together. */
static inline uint64_t tables_hash_join(uint64_t origin, uint64_t path)
{
    return origin ^ (path * 0x9e3779b97f4a7c15u);
}

#endif
