#include "net/tables/index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static void *memory(size_t size)
{
    void *out = calloc(1, size);

    if (!out)
        rs_log_abort("no memory for the tables");
    return out;
}

static size_t page_count(const struct index *index)
{
    return ((size_t)index->mask + 1) / INDEX_PAGE;
}

static struct index_page *page_create(void)
{
    struct index_page *page = memory(sizeof *page);

    page->references = 1;
    return page;
}

static void page_unref(struct index_page *page)
{
    if (__atomic_sub_fetch(&page->references, 1, __ATOMIC_ACQ_REL) == 0)
        free(page);
}

static void make_pages(struct index *index, size_t slots)
{
    index->mask = (uint32_t)(slots - 1);
    index->pages = memory(page_count(index) * sizeof index->pages[0]);
    for (size_t i = 0; i < page_count(index); i++)
        index->pages[i] = page_create();
}

void index_init(struct index *index, uint64_t (*hash)(const void *row))
{
    *index = (struct index){.hash = hash};
    make_pages(index, INDEX_PAGE);
}

void index_copy(struct index *to, const struct index *from)
{
    *to = *from;
    to->pages = memory(page_count(from) * sizeof to->pages[0]);
    for (size_t i = 0; i < page_count(from); i++) {
        to->pages[i] = from->pages[i];
        __atomic_add_fetch(&to->pages[i]->references, 1, __ATOMIC_RELAXED);
    }
}

void index_finish(struct index *index)
{
    for (size_t i = 0; index->pages && i < page_count(index); i++)
        page_unref(index->pages[i]);
    free(index->pages);
    index->pages = NULL;
}

/* The slot, in a page that is ours alone. */
static const void **slot_own(struct index *index, uint32_t slot)
{
    struct index_page **page = &index->pages[slot / INDEX_PAGE];

    if (__atomic_load_n(&(*page)->references, __ATOMIC_ACQUIRE) > 1) {
        struct index_page *own = page_create();
        memcpy(own->rows, (*page)->rows, sizeof own->rows);
        page_unref(*page);
        *page = own;
    }
    return &(*page)->rows[slot % INDEX_PAGE];
}

static void add(struct index *index, const void *row)
{
    uint32_t slot = index_first(index, index->hash(row));

    while (index_at(index, slot))
        slot = index_next(index, slot);
    *slot_own(index, slot) = row;
}

static void grow(struct index *index)
{
    struct index larger = *index;

    make_pages(&larger, 2 * ((size_t)index->mask + 1));
    for (uint32_t slot = 0; slot <= index->mask; slot++)
        if (index_at(index, slot))
            add(&larger, index_at(index, slot));
    index_finish(index);
    *index = larger;
}

void index_add(struct index *index, const void *row)
{
    if (2 * (index->count + 1) > (size_t)index->mask + 1)
        grow(index);
    add(index, row);
    index->count++;
}

static uint32_t slot_of(const struct index *index, const void *row)
{
    uint32_t slot = index_first(index, index->hash(row));

    while (index_at(index, slot) != row) {
        assert(index_at(index, slot)); /* it was added */
        slot = index_next(index, slot);
    }
    return slot;
}

/* Rows behind the hole move up where the hole lies between their first slot and the one they have: a look-up ends at the
 * first free slot. */
void index_remove(struct index *index, const void *row)
{
    uint32_t hole = slot_of(index, row);

    for (uint32_t slot = index_next(index, hole); index_at(index, slot); slot = index_next(index, slot)) {
        uint32_t first = index_first(index, index->hash(index_at(index, slot)));
        if (((slot - first) & index->mask) < ((slot - hole) & index->mask))
            continue;
        *slot_own(index, hole) = index_at(index, slot);
        hole = slot;
    }
    *slot_own(index, hole) = NULL;
    index->count--;
}
