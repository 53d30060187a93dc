/* net/front/spool.h - bytes that wait: first in memory, and where that gets too much in a file without a name.
 *
 * First in, first out. The file is only written to while memory is full, and once it has been read to its end the
 * spool is in memory again.
 */
#ifndef NET_FRONT_SPOOL_H
#define NET_FRONT_SPOOL_H

#include "net/front/block.h"

struct iovec;

/* Where spools get their blocks and files from. */
struct spool_source {
    struct block_pool *pool;
    int folder;            /* of the temporary files: a descriptor */
    uint64_t *files;       /* counts those that were made */
};

/* Zeroed but for `file`: empty. */
struct spool {
    struct block *first;
    struct block *last;
    size_t memory;       /* bytes in the blocks; they come before those of the file */
    int file;            /* -1: none */
    uint64_t file_begin; /* what has been read of it */
    uint64_t file_end;   /* what has been written to it */
};

#define SPOOL_EMPTY ((struct spool){.file = -1})

static inline uint64_t spool_size(const struct spool *spool)
{
    return spool->memory + (spool->file_end - spool->file_begin);
}

static inline uint64_t spool_in_file(const struct spool *spool)
{
    return spool->file_end - spool->file_begin;
}

/* Append; at most about `memory_max` bytes stay in memory. False where the file cannot be made or written (errno
 * says why); the spool is then of no more use but for spool_clear. */
bool spool_append(struct spool *spool, const struct spool_source *source, rs_text bytes,
                  size_t memory_max);

/* The next bytes; empty only where the spool is. Borrowed until the next call. False in `*good` where the file
 * cannot be read. */
rs_text spool_next(struct spool *spool, const struct spool_source *source, bool *good);
/* The same in several pieces, as far as memory has them; how many. */
size_t spool_pieces(struct spool *spool, const struct spool_source *source, struct iovec *pieces,
                    size_t room, bool *good);
/* Done with the first `size` bytes of what was given. */
void spool_drop(struct spool *spool, const struct spool_source *source, size_t size);
void spool_clear(struct spool *spool, const struct spool_source *source);

#endif
