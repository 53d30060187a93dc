#include "net/front/spool.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"

static bool append_to_file(struct spool *spool, const struct spool_source *source, rs_text bytes)
{
    if (spool->file < 0) {
        spool->file = rs_file_unnamed(source->folder);
        if (spool->file < 0)
            return false;
        ++*source->files;
    }
    while (bytes.size > 0) {
        ssize_t written = pwrite(spool->file, bytes.bytes, bytes.size, (off_t)spool->file_end);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        spool->file_end += (uint64_t)written;
        bytes = rs_text_from_offset(bytes, (size_t)written);
    }
    return true;
}

static void append_to_memory(struct spool *spool, const struct spool_source *source, rs_text bytes)
{
    while (bytes.size > 0) {
        size_t size = bytes.size;
        if (!spool->last || block_room(spool->last) == 0) {
            struct block *block = block_take(source->pool);
            if (spool->last)
                spool->last->next = block;
            else
                spool->first = block;
            spool->last = block;
        }
        if (size > block_room(spool->last))
            size = block_room(spool->last);
        memcpy(spool->last->bytes + spool->last->end, bytes.bytes, size);
        spool->last->end += size;
        spool->memory += size;
        bytes = rs_text_from_offset(bytes, size);
    }
}

bool spool_append(struct spool *spool, const struct spool_source *source, rs_text bytes,
                  size_t memory_max)
{
    if (spool_in_file(spool) == 0) {
        size_t room = memory_max > spool->memory ? memory_max - spool->memory : 0;
        append_to_memory(spool, source, rs_text_slice(bytes, 0, room));
        bytes = rs_text_from_offset(bytes, room < bytes.size ? room : bytes.size);
    }
    return bytes.size == 0 || append_to_file(spool, source, bytes);
}

/* With memory empty: one block's worth of the file into memory. */
static bool load(struct spool *spool, const struct spool_source *source)
{
    struct block *block = block_take(source->pool);
    ssize_t got;

    do
        got = pread(spool->file, block->bytes, block->size, (off_t)spool->file_begin);
    while (got < 0 && errno == EINTR);
    if (got <= 0) {
        block_give(source->pool, block);
        return false;
    }
    block->end = (size_t)got;
    spool->first = spool->last = block;
    spool->memory = (size_t)got;
    spool->file_begin += (uint64_t)got;
    if (spool->file_begin == spool->file_end) { /* begin anew: in memory, and the file from its start */
        spool->file_begin = spool->file_end = 0;
        if (ftruncate(spool->file, 0) != 0)
            return false;
    }
    return true;
}

rs_text spool_next(struct spool *spool, const struct spool_source *source, bool *good)
{
    *good = true;
    if (!spool->first && spool_in_file(spool) > 0 && !load(spool, source)) {
        *good = false;
        return rs_text_of(NULL, 0);
    }
    return spool->first ? block_text(spool->first) : rs_text_of(NULL, 0);
}

size_t spool_pieces(struct spool *spool, const struct spool_source *source, struct iovec *pieces,
                    size_t room, bool *good)
{
    size_t count = 0;

    spool_next(spool, source, good);
    for (struct block *block = spool->first; block && count < room; block = block->next)
        pieces[count++] = (struct iovec){block->bytes + block->begin, block_used(block)};
    return count;
}

void spool_drop(struct spool *spool, const struct spool_source *source, size_t size)
{
    assert(size <= spool->memory);
    spool->memory -= size;
    while (spool->first && size >= block_used(spool->first)) {
        struct block *done = spool->first;
        size -= block_used(done);
        spool->first = done->next;
        if (!spool->first)
            spool->last = NULL;
        block_give(source->pool, done);
    }
    if (size > 0)
        spool->first->begin += size;
}

void spool_clear(struct spool *spool, const struct spool_source *source)
{
    while (spool->first) {
        struct block *done = spool->first;
        spool->first = done->next;
        block_give(source->pool, done);
    }
    if (spool->file >= 0)
        close(spool->file);
    *spool = SPOOL_EMPTY;
}
