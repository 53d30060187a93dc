/* base/owned.h - handles that close themselves on every way out of a scope.
 *
 *     RS_OWNED(data_source) source = NULL;      declares `struct data_source *source`
 *
 * A type takes part by saying once, after its destroy function, how it ends:
 *
 *     RS_OWNED_BY(data_source, data_source_close)
 *
 * To hand the object on, move it out: *out = rs_move(source).
 */
#ifndef BASE_OWNED_H
#define BASE_OWNED_H

#define RS_OWNED_BY(tag, end)                                                                  \
    static inline void rs_owned_end_##tag(struct tag **object)                                 \
    {                                                                                          \
        end(*object);                                                                          \
    }

#define RS_OWNED(tag) __attribute__((cleanup(rs_owned_end_##tag), unused)) struct tag *

/* Gives what `variable` holds and leaves NULL in it. */
#define rs_move(variable)                                                                      \
    __extension__({                                                                            \
        __typeof__(variable) rs_moved_ = (variable);                                           \
        (variable) = NULL;                                                                     \
        rs_moved_;                                                                             \
    })

/* A file descriptor of this scope: RS_OWNED_FD fd = open(...). */
void rs_owned_end_fd(int *fd);
#define RS_OWNED_FD __attribute__((cleanup(rs_owned_end_fd), unused)) int

#endif
