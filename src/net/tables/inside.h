/* net/tables/inside.h - how a snapshot is laid out: for this folder only.
 *
 * Rows stand in persistent lists by id, and are found by persistent hash tables: reservations by (origin, path), bindings
 * by place. The next snapshot shares with this one whatever did not change.
 */
#ifndef NET_TABLES_INSIDE_H
#define NET_TABLES_INSIDE_H

#include "net/tables/index.h"
#include "net/tables/list.h"
#include "net/tables/snapshot.h"

struct snapshot_sides; /* applications, slots and folders: few, and replaced together; counted */
struct snapshot_ports; /* the listeners; counted */

struct tables_snapshot {
    unsigned references; /* atomic */
    int64_t revision;
    struct list reservations; /* of struct tables_reservation */
    struct list bindings;     /* of struct tables_binding */
    struct index by_path;
    struct index by_place;
    struct snapshot_sides *sides;
    struct snapshot_ports *ports;
    size_t longest_key;  /* bytes of the longest path of a reservation, now or in an earlier snapshot */
    bool has_category[TABLES_CATEGORIES]; /* likewise */
};

/* Some row of a binding is for one address. */
bool snapshot_has_single_rows(const struct tables_snapshot *snapshot);

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

/* Of scheme, port, category and what the category compares: a host (lower case), an address or nothing. */
uint64_t tables_hash_origin(enum tables_scheme scheme, uint16_t port, enum tables_category category,
                            rs_text host, const struct tables_address *address);

/* Both halves of a reservation's hash together. */
static inline uint64_t tables_hash_join(uint64_t origin, uint64_t path)
{
    return origin ^ (path * 0x9e3779b97f4a7c15u);
}

#endif
