/* daemon/front_trusts.h - what the front was given beside certificates: who vouches for clients, and the tickets' secret.
 */
#ifndef DAEMON_FRONT_TRUSTS_H
#define DAEMON_FRONT_TRUSTS_H

#include "daemon/channel.h"

struct front_contexts;
struct front_trusts;
struct tables_binding;
struct tables_snapshot;
struct tls_trust;

struct front_trusts *front_trusts_create(void);
void front_trusts_destroy(struct front_trusts *trusts); /* accepts NULL */
RS_OWNED_BY(front_trusts, front_trusts_destroy)

/* The body of FRONT_TRUST: for rows to come, and for one that has a context, from its next handshake on. */
RS_CHECKED rs_status front_trusts_take(struct rs_job *job, struct front_trusts *trusts, struct front_contexts *contexts,
                                       struct channel_reader *reader);
/* Borrowed; NULL: none was given. */
struct tls_trust *front_trusts_find(const struct front_trusts *trusts, uint64_t generation);
/* Forget those of rows that `tables` does not have. */
void front_trusts_keep(struct front_trusts *trusts, const struct tables_snapshot *tables);

/* The body of FRONT_TICKETS. */
RS_CHECKED rs_status front_ticket_secret(struct rs_job *job, struct front_trusts *trusts, rs_text secret);
/* The seed of a row's ticket keys: from the secret and everything that a session of this row depends on (its name and port, its
 * certificates, its settings, who vouches for clients), so that every node with the same row has the same, and a change of
 * the row another one. False where no secret is shared. */
bool front_ticket_seed(const struct front_trusts *trusts, const struct tables_binding *row, unsigned char out[32]);

#endif
