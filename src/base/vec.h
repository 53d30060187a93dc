/* base/vec.h - a growing array of one type, in a job's memory.
 *
 *     RS_VEC(int) numbers = {0};
 *     rs_vec_push(job, &numbers, 7);
 *     for (size_t i = 0; i < numbers.count; i++) use(numbers.items[i]);
 *
 * A vector that is a member or a parameter gets a name: RS_VEC_TYPE(struct thing, thing_vec);
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/job.h"

#define RS_VEC(type)                                                                           \
    struct {                                                                                   \
        type *items;                                                                           \
        size_t count;                                                                          \
        size_t room;                                                                           \
    }

#define RS_VEC_TYPE(type, name)                                                                \
    struct name {                                                                              \
        type *items;                                                                           \
        size_t count;                                                                          \
        size_t room;                                                                           \
    }

/* A larger array with the first `count` items copied; used by the macros below. */
void *rs_vec_grow(struct rs_job *job, const void *items, size_t count, size_t *room, size_t size);

/* Append a copy of `item`. */
#define rs_vec_push(job, vec, ...)                                                             \
    do {                                                                                       \
        if ((vec)->count == (vec)->room)                                                       \
            (vec)->items = rs_vec_grow((job), (vec)->items, (vec)->count, &(vec)->room,        \
                                       sizeof *(vec)->items);                                  \
        (vec)->items[(vec)->count++] = (__VA_ARGS__);                                          \
    } while (0)

/* Append a zeroed item; gives its address, good until the next push. */
#define rs_vec_add(job, vec)                                                                   \
    __extension__({                                                                            \
        if ((vec)->count == (vec)->room)                                                       \
            (vec)->items = rs_vec_grow((job), (vec)->items, (vec)->count, &(vec)->room,        \
                                       sizeof *(vec)->items);                                  \
        memset(&(vec)->items[(vec)->count], 0, sizeof *(vec)->items);                          \
        &(vec)->items[(vec)->count++];                                                         \
    })

/* Room for so many from the start, where their number is known: nothing is left behind by growing. Of an empty vector. */
#define rs_vec_reserve(job, vec, number)                                                       \
    do {                                                                                       \
        (vec)->room = (number);                                                                \
        (vec)->items = rs_alloc_array((job), (vec)->room, sizeof *(vec)->items);               \
    } while (0)

#define rs_vec_last(vec) ((vec)->items[(vec)->count - 1])

#endif
