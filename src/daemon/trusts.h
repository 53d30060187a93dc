/* daemon/trusts.h - authorities of clients and lists of revoked certificates: read by the parent, handed to the front.
 *
 * Of rows with client-certificates=optional or required. The files are looked at every few seconds; a new list of revoked
 * certificates holds from the next handshake on. One that is damaged is told in the log and the one before stays.
 */
#ifndef DAEMON_TRUSTS_H
#define DAEMON_TRUSTS_H

#include "daemon/parent_state.h"

/* Can every new row of `tables` ask its clients? Fails with DAEMON_SETTINGS; the message names row and file. */
RS_CHECKED rs_status trusts_check(struct rs_job *job, struct parent *parent, const struct tables_snapshot *tables);

/* Before a plan with `tables` is sent to a front that serves `base` (NULL: nothing yet). What cannot be read is told in the
 * log; the front refuses handshakes of that row. */
RS_CHECKED rs_status trusts_give(struct rs_job *job, struct parent *parent, const struct tables_snapshot *base,
                                 const struct tables_snapshot *tables);
/* Files that changed, from time to time. */
void trusts_look(struct parent *parent, int64_t now_ms);

/* The secret from which all nodes derive the keys of session tickets, where Bindery/TicketKeyFile names one. */
RS_CHECKED rs_status trusts_share_tickets(struct rs_job *job, struct parent *parent);

/* A new front has nothing yet; accepts that there is none. */
void trusts_forget(struct parent *parent);

#endif
