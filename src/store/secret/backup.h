/* store/secret/backup.h - a secret in a file under a password: backups of the key, profiles of nodes.
 *
 * A JSON object, so that what it is can be seen:
 *
 *     format    what is inside: "bindery key", "bindery node"
 *     version   1
 *     about     whatever may be read without the password: which instance, which key, when
 *     kdf       "argon2id13"; operations, memory (bytes): what it cost to make the key of the box
 *     salt      16 bytes in base64
 *     nonce     24 bytes in base64
 *     box       XChaCha20-Poly1305 of the secret with that key, in base64; format, version, about and the cost are
 *               authenticated with it
 *
 * Source:  libsodium, crypto_pwhash (Argon2id 1.3) and crypto_aead_xchacha20poly1305_ietf.
 */
#ifndef STORE_SECRET_BACKUP_H
#define STORE_SECRET_BACKUP_H

#include "base/job.h"

#define SECRET_PASSWORD_LEAST 8u                       /* bytes of a password */
#define SECRET_PASSWORD_MOST 1024u
#define SECRET_BACKUP_MAX ((size_t)256 * 1024)         /* bytes of a file */
#define SECRET_BACKUP_MEMORY_MAX ((size_t)1024 << 20)  /* that a file may ask for when it is opened */
#define SECRET_BACKUP_OPERATIONS_MAX 20u

/* Fails with RS_INVALID where the password is too short or too long. */
RS_CHECKED rs_status secret_backup_write(struct rs_job *job, const char *format, rs_text about, rs_text password, rs_text secret,
                                         rs_text *out);

/* A file, read but not opened. */
struct secret_backup {
    const char *format;
    rs_text about;
    unsigned long long operations; /* what the key of the password costs: both within the limits above */
    size_t memory;
    rs_text salt, nonce, box; /* bytes */
};

/* Fails with RS_INVALID where it is no file of this format. */
RS_CHECKED rs_status secret_backup_parse(struct rs_job *job, const char *format, rs_text file, struct secret_backup *out);

/* Fails with RS_DENIED where the password is another one, or the file was changed. */
RS_CHECKED rs_status secret_backup_open(struct rs_job *job, const struct secret_backup *backup, rs_text password, rs_text *secret);

/* Both. `about` may be NULL. */
RS_CHECKED rs_status secret_backup_read(struct rs_job *job, const char *format, rs_text file, rs_text password, rs_text *about,
                                        rs_text *secret);

#endif
