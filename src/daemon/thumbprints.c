#include "daemon/thumbprints.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"
#include "format/escape/hex.h"

#define THUMBPRINTS_FIRST 16

struct thumbprint thumbprint_of(rs_text sha256)
{
    struct thumbprint name = {{0}};

    if (sha256.size != 2 * sizeof name.bytes || !escape_hex_read(sha256, name.bytes))
        return (struct thumbprint){{0}};
    return name;
}

static rs_text bytes_of(const struct thumbprint *name)
{
    return rs_text_of((const char *)name->bytes, sizeof name->bytes);
}

rs_text thumbprint_text(struct rs_job *job, const struct thumbprint *name)
{
    rs_buf digits = rs_buf_in(job);

    escape_hex_write(&digits, bytes_of(name), ESCAPE_HEX_UPPER);
    return rs_buf_text(&digits);
}

static uint64_t hash_of(const void *all, uint32_t number)
{
    return rs_hash(bytes_of(thumbprints_at(all, number)));
}

void thumbprints_finish(struct thumbprints *all)
{
    rs_lookup_finish(&all->by_name);
    free(all->items);
    all->items = NULL;
    all->count = all->room = 0;
}

static void make_room(struct thumbprints *all, size_t room)
{
    all->items = reallocarray(all->items, room, all->item_size);
    if (!all->items)
        rs_log_abort("no memory for a table of %zu certificates", room);
    all->room = room;
}

void *thumbprints_find(const struct thumbprints *all, const struct thumbprint *name)
{
    for (struct rs_lookup_at at = rs_lookup_first(&all->by_name, rs_hash(bytes_of(name))); rs_lookup_next(&all->by_name, &at);)
        if (memcmp(thumbprints_at(all, at.number), name, sizeof *name) == 0)
            return thumbprints_at(all, at.number);
    return NULL;
}

void *thumbprints_add(struct thumbprints *all, const struct thumbprint *name)
{
    void *item;

    if (all->count == all->room)
        make_room(all, THUMBPRINTS_FIRST + all->count + all->count / 4);
    item = memset(thumbprints_at(all, all->count), 0, all->item_size);
    memcpy(item, name, sizeof *name);
    if (!all->by_name.hash)
        all->by_name = rs_lookup_of(hash_of, all);
    rs_lookup_add(&all->by_name, (uint32_t)all->count++);
    return item;
}

void thumbprints_keep(struct thumbprints *all, bool (*stays)(const void *data, const void *item), const void *data)
{
    size_t kept = 0;

    for (size_t i = 0; i < all->count; i++)
        if (stays(data, thumbprints_at(all, i)))
            memmove(thumbprints_at(all, kept++), thumbprints_at(all, i), all->item_size);
    if (kept == all->count)
        return;
    all->count = kept;
    make_room(all, kept + THUMBPRINTS_FIRST);
    rs_lookup_finish(&all->by_name);
    rs_lookup_reserve(&all->by_name, kept);
    for (size_t i = 0; i < kept; i++)
        rs_lookup_add(&all->by_name, (uint32_t)i);
}
