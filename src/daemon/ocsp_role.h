/* daemon/ocsp_role.h - the process that asks authorities what they say of the certificates that are served (OCSP).
 *
 *     parent                     ocsp
 *       OCSP_WATCH       ->        ask for this certificate, and go on asking
 *       OCSP_DROP        ->        no more
 *                        <-      OCSP_TOLD: an answer that was checked, or why there is none
 *
 * It waits for servers far away and reads what anybody may have sent, so it has nothing worth taking: no keys, no files of the
 * instance, no other process. What it learns the parent remembers. It ends when the channel closes.
 */
#ifndef DAEMON_OCSP_ROLE_H
#define DAEMON_OCSP_ROLE_H

#include "base/job.h"

enum ocsp_message {
    OCSP_WATCH = 1, /* SHA-256 thumbprint, certificate and issuer in DER, when to ask (UTC ms), failures so far */
    OCSP_DROP,      /* SHA-256 thumbprint */
    OCSP_TOLD,      /* SHA-256 thumbprint, and a record: ocsp_told.h */
};

/* The channel is closed at the end. */
RS_CHECKED rs_status ocsp_role_run(struct rs_job *job, int channel);

#endif
