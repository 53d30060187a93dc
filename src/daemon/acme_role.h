/* daemon/acme_role.h - the process that gets certificates from ACME servers, and renews them ahead of time.
 *
 *     parent                     acme
 *       RENEWAL_WAKE        ->        what was asked for has changed: look now
 *                        <-      RENEWAL_SHOW: proofs that the front is to answer with, all of them; none: no more
 *       RENEWAL_ANSWER      ->        (status, message)
 *                        <-      RENEWAL_KEEP: a certificate with its key, for a slot
 *       RENEWAL_ANSWER      ->        (status, message)
 *
 * It waits for servers far away, so it serves nobody. What it was asked for and how that stands is in INSTANCE/acme
 * (net/acme/book.h): it can be killed at any moment and goes on where it was. It ends when the channel closes.
 */
#ifndef DAEMON_ACME_ROLE_H
#define DAEMON_ACME_ROLE_H

#include "base/job.h"

enum renewal_message {
    RENEWAL_WAKE = 1,
    RENEWAL_SHOW,   /* count; of each: token, answer, host, certificate, key */
    RENEWAL_KEEP,   /* slot, SHA-256 thumbprint, chain in PEM, key in PEM */
    RENEWAL_ANSWER, /* rs_status, text */
};

/* `folder` is INSTANCE/acme. The channel is closed at the end. */
RS_CHECKED rs_status acme_role_run(struct rs_job *job, rs_text folder, int channel);

#endif
