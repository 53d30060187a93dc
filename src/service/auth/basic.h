/* service/auth/basic.h - HTTP Basic against the local accounts.
 *
 * Source:  RFC 7617 (Basic, UTF-8).
 */
#ifndef SERVICE_AUTH_BASIC_H
#define SERVICE_AUTH_BASIC_H

#include "service/auth/identify.h"
#include "service/auth/remember.h"
#include "service/auth/throttle.h"

/* What a process knows of passwords that were tried lately. */
struct basic {
    struct remember remember;
    struct throttle throttle;
};

/* `credentials`: what stands behind "Basic". As auth_identify. */
RS_CHECKED rs_status basic_identify(struct rs_job *job, struct basic *basic, struct catalog *catalog, rs_text credentials,
                                    rs_text client, struct auth_user *out);

/* The value of WWW-Authenticate for this realm. */
rs_text basic_challenge(struct rs_job *job, rs_text realm);

#endif
