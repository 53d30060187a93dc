/* net/front/block.h - memory for bytes on their way: blocks of one size, kept for the next who needs one.
 *
 * A connection that waits holds no block.
 */
#ifndef NET_FRONT_BLOCK_H
#define NET_FRONT_BLOCK_H

#include "base/text.h"

#define BLOCK_SIZE ((size_t)16 * 1024) /* bytes that fit: the largest TLS record, and most heads */
#define BLOCK_SPARE_MAX 64             /* unused blocks that are kept */

struct block {
    struct block *next;
    size_t begin; /* the bytes from here ... */
    size_t end;   /* ... to here are in use */
    size_t size;
    char bytes[];
};

struct block_pool {
    struct block *spare;
    size_t spare_count;
};

struct block *block_take(struct block_pool *pool);
/* One that holds `size` bytes. */
struct block *block_take_large(struct block_pool *pool, size_t size);
void block_give(struct block_pool *pool, struct block *block); /* accepts NULL */
void block_pool_finish(struct block_pool *pool);

static inline size_t block_used(const struct block *block)
{
    return block->end - block->begin;
}

static inline size_t block_room(const struct block *block)
{
    return block->size - block->end;
}

static inline rs_text block_text(const struct block *block)
{
    return rs_text_of(block->bytes + block->begin, block->end - block->begin);
}

#endif
