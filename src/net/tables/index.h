/* net/tables/index.h - rows by the hash of what they are looked up by, persistent like a list: changing it copies a few
 * hundred slots, not all of them. Rows are borrowed: a list beside it holds them. For this folder only.
 */
#ifndef NET_TABLES_INDEX_H
#define NET_TABLES_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDEX_PAGE 256 /* slots */

struct index_page {
    unsigned references; /* atomic */
    const void *rows[INDEX_PAGE];
};

struct index {
    struct index_page **pages;
    uint32_t mask;  /* slots - 1; a power of two; at most half of the slots are taken */
    size_t count;   /* rows */
    uint64_t (*hash)(const void *row);
};

void index_init(struct index *index, uint64_t (*hash)(const void *row));
void index_copy(struct index *to, const struct index *from);
void index_finish(struct index *index);

void index_add(struct index *index, const void *row);
/* The row that was added. */
void index_remove(struct index *index, const void *row);

static inline uint32_t index_first(const struct index *index, uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 32) & index->mask;
}

static inline uint32_t index_next(const struct index *index, uint32_t slot)
{
    return (slot + 1) & index->mask;
}

/* From index_first on, until it is NULL. */
static inline const void *index_at(const struct index *index, uint32_t slot)
{
    return index->pages[slot / INDEX_PAGE]->rows[slot % INDEX_PAGE];
}

#endif
