#include "net/front/block.h"

#include <stdlib.h>

#include "base/log.h"

struct block *block_take_large(struct block_pool *pool, size_t size)
{
    struct block *block;

    (void)pool;
    block = malloc(sizeof *block + size);
    if (!block)
        rs_log_abort("no memory for a block of %zu bytes", size);
    block->next = NULL;
    block->begin = block->end = 0;
    block->size = size;
    return block;
}

struct block *block_take(struct block_pool *pool)
{
    struct block *block = pool->spare;

    if (!block)
        return block_take_large(pool, BLOCK_SIZE);
    pool->spare = block->next;
    pool->spare_count--;
    block->next = NULL;
    block->begin = block->end = 0;
    return block;
}

void block_give(struct block_pool *pool, struct block *block)
{
    if (!block)
        return;
    if (block->size != BLOCK_SIZE || pool->spare_count == BLOCK_SPARE_MAX) {
        free(block);
        return;
    }
    block->next = pool->spare;
    pool->spare = block;
    pool->spare_count++;
}

void block_pool_finish(struct block_pool *pool)
{
    struct block *block, *next;

    for (block = pool->spare; block; block = next) {
        next = block->next;
        free(block);
    }
    *pool = (struct block_pool){0};
}
