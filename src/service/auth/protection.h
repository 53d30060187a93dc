/* service/auth/protection.h - extended protection: a ticket counts for the channel it came over, and for the name it was
 * asked for.
 *
 * Source:  "Extended Protection for Authentication with Reporting Services"; RFC 5929 section 4 (tls-server-end-point).
 *
 *     scenario   channel                                                          name of the service
 *     Direct     that of the client's own TLS connection to us                    any
 *     Proxy      the same; through a trusted proxy that of the proxy's            one of the application's URLs
 *                certificate, where the settings name it
 *     Any        the client's own TLS connection, where the token names one;      one of the application's URLs
 *                never asked for
 *
 * With Allow a ticket may name no channel; with Require it must, but for Any. With Off nothing is looked at.
 */
#ifndef SERVICE_AUTH_PROTECTION_H
#define SERVICE_AUTH_PROTECTION_H

#include "service/auth/identify.h"

/* What a token must be bound to if it is bound at all, as GSSAPI wants it; empty: it may name any channel. Fails with AUTH_REQUIRED where
 * it would have to be bound, and nothing is known that it could be bound to; `why` is for the log. */
bool protection_channel(struct rs_job *job, const struct auth_protection *protection, const struct auth_attempt *attempt,
                        rs_text *channel, rs_text *why);

/* Whether a ticket for `service` ("HTTP/host@REALM"), bound or not, is enough. False: `why`, for the log. */
bool protection_permits(struct rs_job *job, const struct auth_protection *protection, const struct auth_attempt *attempt,
                        rs_text service, bool bound, rs_text *why);

#endif
