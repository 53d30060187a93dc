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

/* The key in the file at `path`, which is made with mode 0600 where it is missing. Fails with SECRET_KEY where the file is
 * not one, or others may read it. */
RS_CHECKED rs_status secret_key_read(struct rs_job *job, rs_text path, struct secret_key *out);
void secret_key_forget(struct secret_key *key);

/* Base64, different on every call. */
RS_CHECKED rs_status secret_seal(struct rs_job *job, const struct secret_key *key, rs_text context, rs_text text, rs_text *out);

/* Fails with SECRET_SEALED where it was sealed with another key, for another context, or was changed. */
RS_CHECKED rs_status secret_open(struct rs_job *job, const struct secret_key *key, rs_text context, rs_text sealed, rs_text *out);

#endif
