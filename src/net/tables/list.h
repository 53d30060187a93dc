/* net/tables/list.h - rows ordered by id, persistent: a change gives a new list that shares what did not change.
 *
 * A list is an array of chunks, a chunk an array of rows; chunks and rows are counted. So putting or dropping one row
 * among ten thousand copies one chunk and the array of chunks, and the old list stays as it was. For this folder only.
 */
#ifndef NET_TABLES_LIST_H
#define NET_TABLES_LIST_H

#include <stddef.h>
#include <stdint.h>

/* What every row begins with. */
struct row {
    int64_t id;
};

/* A zeroed block for a row and everything that belongs to it. One reference is the caller's. */
void *row_create(size_t size);
void *row_ref(void *row);
void row_unref(void *row); /* accepts NULL */

#define LIST_CHUNK_ROWS 64

struct list_chunk {
    unsigned references; /* atomic */
    size_t count;
    void *rows[LIST_CHUNK_ROWS];
};

struct list_part {
    struct list_chunk *chunk;
    size_t first; /* index of its first row */
};

struct list {
    struct list_part *parts;
    size_t part_count;
    size_t count; /* rows */
};

void list_copy(struct list *to, const struct list *from);
void list_finish(struct list *list);

const void *list_at(const struct list *list, size_t index); /* 0 <= index < count */
const void *list_find(const struct list *list, int64_t id); /* or NULL */
/* Where it is, or where it would be. */
size_t list_place(const struct list *list, int64_t id);

/* Every row in its order: list_each(const struct tables_binding, row, &list) { ... } */
#define list_each(type, name, list)                                                            \
    for (size_t part_ = 0; part_ < (list)->part_count; part_++)                                \
        for (size_t at_ = 0; at_ < (list)->parts[part_].chunk->count; at_++)                   \
            for (type *name = (list)->parts[part_].chunk->rows[at_]; name; name = NULL)

/* In place of the row with its id, or new; takes a reference. */
void list_put(struct list *list, void *row);
void list_drop(struct list *list, int64_t id); /* no such row: nothing */

#endif
