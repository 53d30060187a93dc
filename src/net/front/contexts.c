#include "net/front/contexts.h"

#include <stdlib.h>

#include "base/log.h"

struct entry {
    struct entry *next;
    int64_t id;
    uint64_t generation;
    struct tls_binding *tls;
};

struct front_contexts {
    size_t refs;
    front_context_make *make;
    void *data;
    struct entry **slots; /* by id, which count up */
    size_t slot_count;    /* a power of two */
    size_t count;
};

static void *memory(size_t count, size_t size)
{
    void *out = calloc(count, size);

    if (!out)
        rs_log_abort("no memory for TLS contexts");
    return out;
}

struct front_contexts *front_contexts_create(front_context_make *make, void *data)
{
    struct front_contexts *contexts = memory(1, sizeof *contexts);

    *contexts = (struct front_contexts){.refs = 1, .make = make, .data = data, .slot_count = 64};
    contexts->slots = memory(contexts->slot_count, sizeof contexts->slots[0]);
    return contexts;
}

struct front_contexts *front_contexts_ref(struct front_contexts *contexts)
{
    contexts->refs++;
    return contexts;
}

static void entry_end(struct entry *entry)
{
    tls_binding_unref(entry->tls);
    free(entry);
}

void front_contexts_unref(struct front_contexts *contexts)
{
    if (!contexts || --contexts->refs > 0)
        return;
    for (size_t i = 0; i < contexts->slot_count; i++)
        while (contexts->slots[i]) {
            struct entry *entry = contexts->slots[i];
            contexts->slots[i] = entry->next;
            entry_end(entry);
        }
    free(contexts->slots);
    free(contexts);
}

static struct entry **slot_of(const struct front_contexts *contexts, int64_t id)
{
    struct entry **slot = &contexts->slots[(size_t)id & (contexts->slot_count - 1)];

    while (*slot && (*slot)->id != id)
        slot = &(*slot)->next;
    return slot;
}

static void grow(struct front_contexts *contexts)
{
    struct front_contexts larger = *contexts;

    larger.slot_count *= 2;
    larger.slots = memory(larger.slot_count, sizeof larger.slots[0]);
    for (size_t i = 0; i < contexts->slot_count; i++)
        while (contexts->slots[i]) {
            struct entry *entry = contexts->slots[i];
            contexts->slots[i] = entry->next;
            entry->next = NULL;
            *slot_of(&larger, entry->id) = entry;
        }
    free(contexts->slots);
    *contexts = larger;
}

void front_contexts_drop(struct front_contexts *contexts, int64_t id)
{
    struct entry **slot = slot_of(contexts, id), *entry = *slot;

    if (!entry)
        return;
    *slot = entry->next;
    entry_end(entry);
    contexts->count--;
}

struct tls_binding *front_contexts_find(struct front_contexts *contexts, const struct tables_binding *row)
{
    struct entry *entry = *slot_of(contexts, row->id);
    struct tls_binding *made;

    if (entry && entry->generation == row->generation)
        return entry->tls;
    made = contexts->make(contexts->data, row);
    if (!made)
        return NULL;
    front_contexts_drop(contexts, row->id);
    if (contexts->count >= contexts->slot_count)
        grow(contexts);
    entry = memory(1, sizeof *entry);
    *entry = (struct entry){NULL, row->id, row->generation, made};
    *slot_of(contexts, row->id) = entry;
    contexts->count++;
    return made;
}

struct tls_binding *front_contexts_made(const struct front_contexts *contexts, uint64_t generation)
{
    for (size_t i = 0; i < contexts->slot_count; i++)
        for (const struct entry *entry = contexts->slots[i]; entry; entry = entry->next)
            if (entry->generation == generation)
                return entry->tls;
    return NULL;
}

void front_contexts_keep(struct front_contexts *contexts, const struct tables_snapshot *tables)
{
    for (size_t i = 0; i < contexts->slot_count; i++)
        for (struct entry **slot = &contexts->slots[i]; *slot;) {
            struct entry *entry = *slot;
            const struct tables_binding *row = tables_binding_by_id(tables, entry->id);
            if (row && row->generation == entry->generation) {
                slot = &entry->next;
                continue;
            }
            *slot = entry->next;
            entry_end(entry);
            contexts->count--;
        }
}
