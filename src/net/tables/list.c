#include "net/tables/list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* ---- rows ---------------------------------------------------------------------------------- */

struct block {
    unsigned references; /* atomic */
    max_align_t row[];
};

static void *memory(size_t size)
{
    void *out = calloc(1, size ? size : 1);

    if (!out)
        rs_log_abort("no memory for the tables");
    return out;
}

static struct block *block_of(void *row)
{
    return (struct block *)((char *)row - offsetof(struct block, row));
}

void *row_create(size_t size)
{
    struct block *block = memory(sizeof *block + size);

    block->references = 1;
    return block->row;
}

void *row_ref(void *row)
{
    __atomic_add_fetch(&block_of(row)->references, 1, __ATOMIC_RELAXED);
    return row;
}

void row_unref(void *row)
{
    if (row && __atomic_sub_fetch(&block_of(row)->references, 1, __ATOMIC_ACQ_REL) == 0)
        free(block_of(row));
}

/* ---- chunks -------------------------------------------------------------------------------- */

static struct list_chunk *chunk_create(void *const *rows, size_t count)
{
    struct list_chunk *chunk = memory(sizeof *chunk);

    chunk->references = 1;
    chunk->count = count;
    for (size_t i = 0; i < count; i++)
        chunk->rows[i] = row_ref(rows[i]);
    return chunk;
}

static void chunk_unref(struct list_chunk *chunk)
{
    if (__atomic_sub_fetch(&chunk->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (size_t i = 0; i < chunk->count; i++)
        row_unref(chunk->rows[i]);
    free(chunk);
}

/* The chunk, ours alone: it may be written. */
static struct list_chunk *chunk_own(struct list *list, size_t part)
{
    struct list_chunk *shared = list->parts[part].chunk;

    if (__atomic_load_n(&shared->references, __ATOMIC_ACQUIRE) == 1)
        return shared;
    list->parts[part].chunk = chunk_create(shared->rows, shared->count);
    chunk_unref(shared);
    return list->parts[part].chunk;
}

/* ---- lists --------------------------------------------------------------------------------- */

void list_copy(struct list *to, const struct list *from)
{
    *to = *from;
    to->parts = memory(from->part_count * sizeof to->parts[0]);
    for (size_t i = 0; i < from->part_count; i++) {
        to->parts[i] = from->parts[i];
        __atomic_add_fetch(&to->parts[i].chunk->references, 1, __ATOMIC_RELAXED);
    }
}

void list_finish(struct list *list)
{
    for (size_t i = 0; i < list->part_count; i++)
        chunk_unref(list->parts[i].chunk);
    free(list->parts);
    *list = (struct list){0};
}

/* The last part that begins at `index` or before it. */
static size_t part_at(const struct list *list, size_t index)
{
    size_t low = 0, high = list->part_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (list->parts[middle].first <= index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

const void *list_at(const struct list *list, size_t index)
{
    const struct list_part *part;

    assert(index < list->count);
    part = &list->parts[part_at(list, index)];
    return part->chunk->rows[index - part->first];
}

static int64_t id_at(const struct list_chunk *chunk, size_t index)
{
    return ((const struct row *)chunk->rows[index])->id;
}

/* The last part whose first row has this id or a smaller one. */
static size_t part_of(const struct list *list, int64_t id)
{
    size_t low = 0, high = list->part_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (id_at(list->parts[middle].chunk, 0) <= id)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The first row of the chunk with this id or a larger one. */
static size_t index_in(const struct list_chunk *chunk, int64_t id)
{
    size_t low = 0, high = chunk->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (id_at(chunk, middle) < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t list_place(const struct list *list, int64_t id)
{
    size_t part;

    if (list->count == 0)
        return 0;
    part = part_of(list, id);
    return list->parts[part].first + index_in(list->parts[part].chunk, id);
}

const void *list_find(const struct list *list, int64_t id)
{
    size_t place = list_place(list, id);
    const struct row *row = place < list->count ? list_at(list, place) : NULL;

    return row && row->id == id ? row : NULL;
}

/* ---- changing ------------------------------------------------------------------------------ */

static void move_firsts(struct list *list, size_t from, ptrdiff_t by)
{
    for (size_t i = from; i < list->part_count; i++)
        list->parts[i].first = (size_t)((ptrdiff_t)list->parts[i].first + by);
    list->count = (size_t)((ptrdiff_t)list->count + by);
}

static void insert_part(struct list *list, size_t at, struct list_chunk *chunk, size_t first)
{
    struct list_part *parts = memory((list->part_count + 1) * sizeof parts[0]);

    if (at > 0)
        memcpy(parts, list->parts, at * sizeof parts[0]);
    if (at < list->part_count)
        memcpy(parts + at + 1, list->parts + at, (list->part_count - at) * sizeof parts[0]);
    parts[at] = (struct list_part){chunk, first};
    free(list->parts);
    list->parts = parts;
    list->part_count++;
}

static void remove_part(struct list *list, size_t at)
{
    chunk_unref(list->parts[at].chunk);
    memmove(list->parts + at, list->parts + at + 1, (list->part_count - at - 1) * sizeof list->parts[0]);
    list->part_count--;
}

/* A full chunk makes room for a row `at`: it stays full where that comes behind all others, else it is halved. */
static void split(struct list *list, size_t part, size_t at)
{
    struct list_chunk *chunk = chunk_own(list, part);
    size_t kept = at == LIST_CHUNK_ROWS ? LIST_CHUNK_ROWS : LIST_CHUNK_ROWS / 2;
    struct list_chunk *rest = chunk_create(chunk->rows + kept, chunk->count - kept);

    for (size_t i = kept; i < chunk->count; i++)
        row_unref(chunk->rows[i]);
    chunk->count = kept;
    insert_part(list, part + 1, rest, list->parts[part].first + kept);
}

static void insert(struct list *list, size_t part, size_t at, void *row)
{
    struct list_chunk *chunk = chunk_own(list, part);

    if (chunk->count == LIST_CHUNK_ROWS) {
        split(list, part, at);
        if (at >= list->parts[part].chunk->count) {
            at -= list->parts[part].chunk->count;
            part++;
        }
        chunk = chunk_own(list, part);
    }
    memmove(chunk->rows + at + 1, chunk->rows + at, (chunk->count - at) * sizeof chunk->rows[0]);
    chunk->rows[at] = row_ref(row);
    chunk->count++;
    move_firsts(list, part + 1, 1);
}

void list_put(struct list *list, void *row)
{
    int64_t id = ((struct row *)row)->id;
    struct list_chunk *chunk;
    size_t part, at;

    if (list->part_count == 0)
        insert_part(list, 0, chunk_create(NULL, 0), 0);
    part = list->count == 0 ? 0 : part_of(list, id);
    chunk = list->parts[part].chunk;
    at = index_in(chunk, id);
    if (at == chunk->count || id_at(chunk, at) != id) {
        insert(list, part, at, row);
        return;
    }
    chunk = chunk_own(list, part);
    row_ref(row);
    row_unref(chunk->rows[at]);
    chunk->rows[at] = row;
}

void list_drop(struct list *list, int64_t id)
{
    struct list_chunk *chunk;
    size_t part, at;

    if (!list_find(list, id))
        return;
    part = part_of(list, id);
    chunk = chunk_own(list, part);
    at = index_in(chunk, id);
    row_unref(chunk->rows[at]);
    memmove(chunk->rows + at, chunk->rows + at + 1, (chunk->count - at - 1) * sizeof chunk->rows[0]);
    chunk->count--;
    move_firsts(list, part + 1, -1);
    if (chunk->count == 0)
        remove_part(list, part);
}
