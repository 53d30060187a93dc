#include "net/http/http2_memory.h"

#include <stdlib.h>
#include <sys/mman.h>

#define FRAME_LEAST ((size_t)16 * 1024) /* bytes: a block that a new session takes of this size is the room for a frame */

static void *take_frame(struct http2_memory *memory)
{
    void *pages = mmap(NULL, HTTP2_MEMORY_FRAME, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    memory->frame = pages == MAP_FAILED ? NULL : pages;
    return memory->frame;
}

static void *memory_malloc(size_t size, void *data)
{
    struct http2_memory *memory = data;

    bool is_frame = !memory->settled && !memory->frame && size >= FRAME_LEAST && size <= HTTP2_MEMORY_FRAME;

    return is_frame ? take_frame(memory) : malloc(size);
}

static void memory_free(void *block, void *data)
{
    struct http2_memory *memory = data;

    if (!block || block != memory->frame) {
        free(block);
        return;
    }
    munmap(block, HTTP2_MEMORY_FRAME);
    memory->frame = NULL;
}

static void *memory_calloc(size_t count, size_t size, void *data)
{
    (void)data;
    return calloc(count, size);
}

static void *memory_realloc(void *block, size_t size, void *data)
{
    const struct http2_memory *memory = data;
    void *moved;

    if (!block)
        return memory_malloc(size, data);
    if (block != memory->frame)
        return realloc(block, size);
    if (size <= HTTP2_MEMORY_FRAME)
        return block;
    moved = malloc(size);
    if (moved) {
        memcpy(moved, block, HTTP2_MEMORY_FRAME);
        memory_free(block, data);
    }
    return moved;
}

nghttp2_mem http2_memory_functions(struct http2_memory *memory)
{
    return (nghttp2_mem){memory, memory_malloc, memory_free, memory_calloc, memory_realloc};
}

void http2_memory_rest(struct http2_memory *memory)
{
    if (memory->frame)
        madvise(memory->frame, HTTP2_MEMORY_FRAME, MADV_DONTNEED);
}
