/* base/map.h - from text to a pointer, in a job's memory; remembers the order of insertion.
 *
 * Keys are borrowed: they must live as long as the map. Values may be NULL; rs_map_has tells.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/job.h"

struct rs_map;

enum rs_map_keys {
    RS_MAP_EXACT,  /* byte for byte */
    RS_MAP_NOCASE, /* ASCII letters fold: HTTP header names, RDL names as VB sees them */
};

struct rs_map *rs_map_create(struct rs_job *job, enum rs_map_keys keys);

/* Replaces what stood under an equal key (the first key's spelling stays). */
void rs_map_set(struct rs_map *map, rs_text key, void *value);
void *rs_map_find(const struct rs_map *map, rs_text key); /* NULL where absent */
bool rs_map_has(const struct rs_map *map, rs_text key);

/* Entries in order of insertion: 0 <= index < count. */
size_t rs_map_count(const struct rs_map *map);
rs_text rs_map_key(const struct rs_map *map, size_t index);
void *rs_map_value(const struct rs_map *map, size_t index);

/* A hash of bytes for tables of one's own; not for secrets. Seeded per process against crafted keys. */
uint64_t rs_hash(rs_text t);

#endif
