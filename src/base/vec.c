#include "base/vec.h"

#define VEC_FIRST 8

void *rs_vec_grow(struct rs_job *job, const void *items, size_t count, size_t *room, size_t size)
{
    size_t larger = *room ? *room * 2 : VEC_FIRST;
    void *copy = rs_alloc_array(job, larger, size);

    if (count)
        memcpy(copy, items, count * size);
    *room = larger;
    return copy;
}
