#include "net/http/http2_memory.h"

#include <stdlib.h>
#include <sys/mman.h>

#define FRAME_LEAST \
    ((size_t)16 * 1024) /* bytes: a block that a new session takes of this size is the room for a frame */
#define AREA (HTTP2_MEMORY_TABLES + HTTP2_MEMORY_FRAME)
#define ALIGNMENT ((size_t)16)

/* In front of each block of the tables. */
union block_head {
    size_t size;
    char aligned[ALIGNMENT];
};

/* ---- blocks ---------------------------------------------------------------------------------------- */

static bool has_pages(struct http2_memory *memory)
{
    void *pages;

    if (memory->pages)
        return true;
    pages = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory->pages = pages == MAP_FAILED ? NULL : pages;
    return memory->pages != NULL;
}

static char *frame_of(const struct http2_memory *memory)
{
    return memory->pages + HTTP2_MEMORY_TABLES;
}

static bool is_ours(const struct http2_memory *memory, const void *block)
{
    return memory->pages && (const char *)block >= memory->pages && (const char *)block < memory->pages + AREA;
}

/* A block on the session's own pages, zeroed; NULL: it goes elsewhere. */
static void *take(struct http2_memory *memory, size_t size)
{
    size_t need = sizeof(union block_head) + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    union block_head *head;

    if (memory->settled || size > HTTP2_MEMORY_FRAME || !has_pages(memory))
        return NULL;
    if (size >= FRAME_LEAST && !memory->has_frame) {
        memory->has_frame = true;
        return frame_of(memory);
    }
    if (need > HTTP2_MEMORY_TABLES - memory->used)
        return NULL;
    head = (union block_head *)(memory->pages + memory->used);
    memory->used += need;
    head->size = size;
    return head + 1;
}

static size_t size_of(const struct http2_memory *memory, const void *block)
{
    return block == frame_of(memory) ? HTTP2_MEMORY_FRAME : ((const union block_head *)block - 1)->size;
}

static void *memory_malloc(size_t size, void *data)
{
    void *block = take(data, size);

    return block ? block : malloc(size);
}

static void *memory_calloc(size_t count, size_t size, void *data)
{
    void *block = size && count > AREA / size ? NULL : take(data, count * size);

    return block ? block : calloc(count, size);
}

/* A block of the tables stays where it is until the session ends: hardly any ends before. */
static void memory_free(void *block, void *data)
{
    if (!is_ours(data, block))
        free(block);
}

static void *memory_realloc(void *block, size_t size, void *data)
{
    size_t old;
    void *moved;

    if (!block)
        return memory_malloc(size, data);
    if (!is_ours(data, block))
        return realloc(block, size);
    old = size_of(data, block);
    if (size <= old)
        return block;
    moved = malloc(size);
    if (moved)
        memcpy(moved, block, old);
    return moved;
}

nghttp2_mem http2_memory_functions(struct http2_memory *memory)
{
    return (nghttp2_mem){memory, memory_malloc, memory_free, memory_calloc, memory_realloc};
}

void http2_memory_end(struct http2_memory *memory)
{
    free(memory->aside);
    if (memory->pages)
        munmap(memory->pages, AREA);
    *memory = (struct http2_memory){0};
}

/* ---- rest ------------------------------------------------------------------------------------------ */

#define WORD_BITS 64 /* words of 8 bytes, a bit for each */

static size_t words_of(const struct http2_memory *memory)
{
    return memory->used / sizeof(uint64_t);
}

static size_t maps_of(const struct http2_memory *memory)
{
    return (words_of(memory) + WORD_BITS - 1) / WORD_BITS;
}

/* Bits that tell which words are not zero, then these words. NULL: no memory. */
static uint64_t *pack(const struct http2_memory *memory)
{
    const uint64_t *words = (const uint64_t *)memory->pages;
    size_t count = 0, maps = maps_of(memory);
    uint64_t *packed, *next;

    for (size_t i = 0; i < words_of(memory); i++)
        count += words[i] != 0;
    packed = calloc(maps + count, sizeof *packed);
    if (!packed)
        return NULL;
    next = packed + maps;
    for (size_t i = 0; i < words_of(memory); i++)
        if (words[i] != 0) {
            packed[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
            *next++ = words[i];
        }
    return packed;
}

/* Into pages of zeros. */
static void unpack(const struct http2_memory *memory, const uint64_t *packed)
{
    uint64_t *words = (uint64_t *)memory->pages;
    const uint64_t *next = packed + maps_of(memory);

    for (size_t i = 0; i < maps_of(memory); i++)
        for (uint64_t bits = packed[i]; bits; bits &= bits - 1)
            words[i * WORD_BITS + (size_t)__builtin_ctzll(bits)] = *next++;
}

void http2_memory_rest(struct http2_memory *memory)
{
    if (!memory->pages || memory->aside)
        return;
    memory->aside = pack(memory);
    if (memory->aside)
        madvise(memory->pages, AREA, MADV_DONTNEED);
}

void http2_memory_wake(struct http2_memory *memory)
{
    if (!memory->aside)
        return;
    unpack(memory, memory->aside);
    free(memory->aside);
    memory->aside = NULL;
}
