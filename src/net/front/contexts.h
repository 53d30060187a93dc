/* net/front/contexts.h - the TLS contexts of binding rows, made when a client first meets the row; counted.
 *
 * Successive plans share one of these: a row that did not change keeps its context, and with it its sessions.
 */
#ifndef NET_FRONT_CONTEXTS_H
#define NET_FRONT_CONTEXTS_H

#include "net/tables/snapshot.h"
#include "net/tls/tls.h"

struct front_contexts;

/* The context of a row; one reference is the caller's. NULL where its certificate cannot be used now: the handshake is
 * refused, and the next one asks again. */
typedef struct tls_binding *front_context_make(void *data, const struct tables_binding *row);

/* One reference is the caller's. `data` must live as long as what is made from it is asked for. */
struct front_contexts *front_contexts_create(front_context_make *make, void *data);
struct front_contexts *front_contexts_ref(struct front_contexts *contexts);
void front_contexts_unref(struct front_contexts *contexts); /* accepts NULL */
RS_OWNED_BY(front_contexts, front_contexts_unref)

/* Borrowed; NULL: none now. */
struct tls_binding *front_contexts_find(struct front_contexts *contexts, const struct tables_binding *row);

/* The one that was made already for the row of this generation, or NULL; looks at all of them. Borrowed. */
struct tls_binding *front_contexts_made(const struct front_contexts *contexts, uint64_t generation);

/* The row with this id is no more, or has another generation: connections keep what they have. */
void front_contexts_drop(struct front_contexts *contexts, int64_t id);
/* Keep only those of rows of `tables`, as they are there. */
void front_contexts_keep(struct front_contexts *contexts, const struct tables_snapshot *tables);

#endif
