/* service/auth/stamp.h - a logon as text: whose account, until when, and what that account was at the time.
 *
 * A stamp says nothing by itself; sealed (store/secret) it lets somebody in. It ends with its time, with the account, and
 * with the account's password.
 */
#ifndef SERVICE_AUTH_STAMP_H
#define SERVICE_AUTH_STAMP_H

#include "service/auth/identify.h"

/* Fails with CATALOG_ACCOUNT_NOT_FOUND. */
RS_CHECKED rs_status stamp_make(struct rs_job *job, struct catalog *catalog, rs_text name, int64_t until_ms, rs_text *out);

/* *good: it holds now; `out` is the account as it is now. */
RS_CHECKED rs_status stamp_read(struct rs_job *job, struct catalog *catalog, rs_text stamp, int64_t now_ms,
                                struct auth_user *out, int64_t *until_ms, bool *good);

#endif
