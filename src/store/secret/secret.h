/* store/secret/secret.h - texts that are kept sealed: passwords of data sources.
 *
 * A sealed text opens only with the key of the installation and the context it was sealed for (what it is the password of):
 * whoever can change the database cannot move it to another place.
 *
 * Source:  XChaCha20-Poly1305 (libsodium, crypto_aead_xchacha20poly1305_ietf).
 */
#ifndef STORE_SECRET_SECRET_H
#define STORE_SECRET_SECRET_H

#include "base/job.h"

#define SECRET_KEY_SIZE 32u
#define SECRET_TEXT_MAX ((size_t)64 * 1024) /* bytes */

struct secret_key {
    unsigned char bytes[SECRET_KEY_SIZE];
};

#define SECRET_CHECK_SIZE 64u /* hexadecimal digits */

/* What tells one key from another and says nothing else about it. */
rs_text secret_key_check(struct rs_job *job, const struct secret_key *key);

/* The key in the file at `path` that has this check; with an empty one, whatever key is there, made with mode 0600 where the
 * file is missing. A key that was staged and has the check is settled first: whoever changed the key was stopped before that.
 * Fails with SECRET_KEY where there is no such key, the file is none, or others may read it. */
RS_CHECKED rs_status secret_key_read(struct rs_job *job, rs_text path, rs_text check, struct secret_key *out);
void secret_key_forget(struct secret_key *key);

/* A change of the key: the new one is written beside the old one; then everything is sealed anew, and what is sealed tells by
 * its check which of the two counts; then the new one takes the old one's place. Stopped anywhere, the key that counts is
 * there. */
RS_CHECKED rs_status secret_key_make(struct rs_job *job, struct secret_key *out);
RS_CHECKED rs_status secret_key_stage(struct rs_job *job, rs_text path, const struct secret_key *key);
RS_CHECKED rs_status secret_key_settle(struct rs_job *job, rs_text path);
void secret_key_unstage(struct rs_job *job, rs_text path);
RS_CHECKED rs_status secret_key_remove(struct rs_job *job, rs_text path); /* one that is not there is no error */

/* Base64, different on every call. */
RS_CHECKED rs_status secret_seal(struct rs_job *job, const struct secret_key *key, rs_text context, rs_text text, rs_text *out);

/* Fails with SECRET_SEALED where it was sealed with another key, for another context, or was changed. */
RS_CHECKED rs_status secret_open(struct rs_job *job, const struct secret_key *key, rs_text context, rs_text sealed, rs_text *out);

#endif
