/* service/auth/password.h - a password as argon2id text, and whether one is right.
 *
 * Source:  RFC 9106 (argon2); parameters: libsodium's for interactive use (64 MiB, 2 passes).
 */
#ifndef SERVICE_AUTH_PASSWORD_H
#define SERVICE_AUTH_PASSWORD_H

#include "base/job.h"

#define AUTH_PASSWORD_MIN 8    /* bytes */
#define AUTH_PASSWORD_MAX 1024 /* bytes */

/* Fails with RS_INVALID (too short, too long, a 0 byte in it). */
RS_CHECKED rs_status password_hash(struct rs_job *job, rs_text password, rs_text *out);

/* `stored` empty: there is no such account; the answer is false and takes as long as any other. */
bool password_is_right(rs_text stored, rs_text password);

#endif
