/* service/auth/basic.h - HTTP Basic against the local accounts.
 *
 * Source:  RFC 7617 (Basic, UTF-8).
 */
#ifndef SERVICE_AUTH_BASIC_H
#define SERVICE_AUTH_BASIC_H

#include "service/auth/attempts.h"
#include "service/auth/identify.h"
#include "service/auth/remember.h"

/* What a process knows of passwords that were tried lately. */
struct basic {
    struct remember remember;
    struct attempts *attempts;
};

/* `credentials`: what stands behind "Basic". As auth_identify. */
RS_CHECKED rs_status basic_identify(struct rs_job *job, struct basic *basic, struct catalog *catalog, rs_text credentials,
                                    rs_text client, struct auth_user *out);

/* The same with a name and a password, which is wiped. Fails with AUTH_REQUIRED, AUTH_THROTTLED. */
RS_CHECKED rs_status basic_check(struct rs_job *job, struct basic *basic, struct catalog *catalog, rs_text name, rs_text password,
                                 rs_text client, struct auth_user *out);

/* The value of WWW-Authenticate for this realm. */
rs_text basic_challenge(struct rs_job *job, rs_text realm);

#endif
