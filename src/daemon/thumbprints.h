/* daemon/thumbprints.h - thousands of certificates by their SHA-256 thumbprints, with what is known of each.
 *
 *     struct given {
 *         struct thumbprint name;     // first
 *         ...
 *     };
 *     struct thumbprints given = {.item_size = sizeof(struct given)};
 */
#ifndef DAEMON_THUMBPRINTS_H
#define DAEMON_THUMBPRINTS_H

#include "base/job.h"
#include "base/lookup.h"

struct thumbprint {
    unsigned char bytes[32];
};

/* Of 64 hexadecimal digits, as rows have it; all 0 where it is something else: no certificate has that. */
struct thumbprint thumbprint_of(rs_text sha256);
/* The digits, in capitals. */
rs_text thumbprint_text(struct rs_job *job, const struct thumbprint *name);

struct thumbprints {
    size_t item_size;
    char *items; /* behind each other */
    size_t count, room;
    struct rs_lookup by_name;
};

void thumbprints_finish(struct thumbprints *all); /* empty again */

/* Items are borrowed until one is added or dropped. */
static inline void *thumbprints_at(const struct thumbprints *all, size_t index)
{
    return all->items + index * all->item_size;
}
void *thumbprints_find(const struct thumbprints *all, const struct thumbprint *name); /* or NULL */
void *thumbprints_add(struct thumbprints *all, const struct thumbprint *name); /* it was not there; the rest is zeroed */

/* Only those that `stays` says; the memory of others is given back. */
void thumbprints_keep(struct thumbprints *all, bool (*stays)(const void *data, const void *item), const void *data);

#endif
