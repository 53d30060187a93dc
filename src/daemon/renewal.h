/* daemon/renewal.h - the parent's end of the process that talks to ACME servers (acme_role.h).
 *
 * It is started when somebody has asked for an account, and started again when it dies. Its proofs go to the front, to a new
 * front too; its certificates go into the store and their slots, as a change like any other.
 */
#ifndef DAEMON_RENEWAL_H
#define DAEMON_RENEWAL_H

#include "daemon/outward.h"

struct renewal {
    struct outward process;
    struct rs_job *shown_job; /* of `shown` */
    rs_text shown;            /* the proofs that the front answers with, as a message's body; empty: none */
};

void renewal_init(struct parent *parent);
/* From the parent's tick: start it where it is wanted and due. */
void renewal_tick(struct parent *parent, int64_t now_ms);
/* What was asked for has changed. */
void renewal_wake(void *parent);
/* A new front knows nothing of the proofs yet. */
void renewal_tell_front(struct parent *parent);
void renewal_close(struct parent *parent);

#endif
