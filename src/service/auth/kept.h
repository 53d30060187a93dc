/* service/auth/kept.h - who a connection belongs to, once its client has logged on with a ticket (EnableAuthPersistence).
 *
 * The HTTPS service keeps a text with the connection and hands it back with each of its requests; this makes that text and
 * reads it. It is sealed for its connection and its account: moved to another connection it opens nothing, nor after
 * KEPT_MS, nor once the account is another one. Whether a connection is one user's alone is the HTTPS service's word.
 */
#ifndef SERVICE_AUTH_KEPT_H
#define SERVICE_AUTH_KEPT_H

#include "service/auth/identify.h"

#define KEPT_MS (60 * 60 * 1000) /* then the client is asked for a ticket again */

/* Keep `user` with the attempt's connection; does nothing where that may not be. */
void kept_store(struct rs_job *job, const struct auth_settings *settings, struct catalog *catalog,
                const struct auth_attempt *attempt, const struct auth_user *user, struct auth_reply *reply);

/* *found: it is somebody's. */
RS_CHECKED rs_status kept_identify(struct rs_job *job, const struct auth_settings *settings, struct catalog *catalog,
                                   const struct auth_attempt *attempt, struct auth_user *out, bool *found);

#endif
