/* service/auth/identify.h - who sends this request: HTTP Basic against the local accounts.
 *
 * Source:  RFC 9110 section 11; RFC 7617 (Basic, UTF-8).
 */
#ifndef SERVICE_AUTH_IDENTIFY_H
#define SERVICE_AUTH_IDENTIFY_H

#include "base/job.h"
#include "service/auth/permissions.h"

struct auth; /* one per process: what was tried lately, and what was right */

struct auth_settings {
    rs_text realm;           /* shown by browsers; empty: "Bindery" */
    bool allow_plain_http;   /* passwords over http too */
    int64_t remember_ms;     /* how long right credentials are not checked again; 0: always check */
};

#define AUTH_REMEMBER_MS (5 * 60 * 1000)

/* `catalog` is used until auth_destroy. */
RS_CHECKED rs_status auth_create(struct rs_job *job, const struct auth_settings *settings,
                                 struct catalog *catalog, struct auth **out);
void auth_destroy(struct auth *auth); /* accepts NULL */
RS_OWNED_BY(auth, auth_destroy)

struct auth_attempt {
    rs_text authorization; /* the header's value; empty where there is none */
    rs_text client;        /* its address */
    bool secure;           /* it came over https */
};

struct auth_user {
    rs_text name; /* as the account spells it */
    enum auth_role role;
};

/* Fails with AUTH_INSECURE, AUTH_REQUIRED (answer with auth_challenge) or AUTH_THROTTLED. */
RS_CHECKED rs_status auth_identify(struct rs_job *job, struct auth *auth, const struct auth_attempt *attempt,
                                   struct auth_user *out);

/* The value of WWW-Authenticate for this realm. */
rs_text auth_challenge(struct rs_job *job, rs_text realm);

#endif
