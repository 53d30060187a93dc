/* service/auth/negotiate.h - tickets of Kerberos, and the accounts that they are for.
 *
 * Source:  RFC 4559 (Negotiate in HTTP).
 *
 *     client                                  worker                                        process with the keytab
 *       request                       ->
 *                                     <-        401 Negotiate
 *       Negotiate token               ->        token                                ->
 *                                               alice@EXAMPLE.ORG, a token back      <-
 *                                     <-        200 Negotiate token: proves the server to the client
 *
 * Where a logon takes more tokens the answer is 401 with a token, and the name of that logon is kept with the connection.
 */
#ifndef SERVICE_AUTH_NEGOTIATE_H
#define SERVICE_AUTH_NEGOTIATE_H

#include "service/auth/identify.h"

struct kerberos_client;

/* `credentials`: what stands behind "Negotiate". As auth_identify. */
RS_CHECKED rs_status negotiate_identify(struct rs_job *job, const struct auth_settings *settings,
                                        struct kerberos_client *client, struct catalog *catalog,
                                        const struct auth_attempt *attempt, rs_text credentials, struct auth_user *out,
                                        struct auth_reply *reply);

/* Whose account is the principal's? The one named like it in full, "alice@EXAMPLE.ORG"; else, where it is of `realm` and has
 * one part, the one named "alice". Fails with AUTH_NO_ACCOUNT. */
RS_CHECKED rs_status negotiate_account(struct rs_job *job, struct catalog *catalog, rs_text principal, rs_text realm,
                                       struct auth_user *out);

#endif
