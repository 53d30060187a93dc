/* daemon/identities.h - certificates for the front and private keys for the keys process, out of the store, by the parent.
 *
 * The front is given the certificates of the rows it serves, as bytes, each once; the keys process is given their
 * keys: of a few new rows at once, of the others when they are first asked for (KEYS_MISSING). Nobody but the parent
 * opens the store's files.
 */
#ifndef DAEMON_IDENTITIES_H
#define DAEMON_IDENTITIES_H

#include "daemon/parent_state.h"

/* Start the process of the keys and connect the front to it, where there is one. */
RS_CHECKED rs_status identities_start_keys(struct rs_job *job, struct parent *parent);
/* A socket pair between the front and the process of the keys. */
RS_CHECKED rs_status identities_connect(struct rs_job *job, struct parent *parent);

/* Before a plan with `tables` is sent to a front that serves `base` (NULL: nothing, or it is asked to forget): what the front and the keys process do not have yet. A row whose certificate or
 * key cannot be read is told in the log; it is refused then, and everything else served. */
RS_CHECKED rs_status identities_give(struct rs_job *job, struct parent *parent, const struct tables_snapshot *base,
                                     const struct tables_snapshot *tables);
/* The front serves `tables` now: what belongs to no row is forgotten. */
void identities_settle(struct parent *parent, const struct tables_snapshot *tables);

/* A new front has nothing yet. */
void identities_forget_front(struct parent *parent);
void identities_close(struct parent *parent);

#endif
