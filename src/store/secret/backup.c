#include "store/secret/backup.h"

#include <sodium.h>

#include "base/buf.h"
#include "format/escape/base64.h"
#include "format/json/json.h"

#define VERSION 1
#define KDF "argon2id13"

/* What it costs whoever tries passwords, with this file in hand: 256 MiB and three passes for each of them. */
#define OPERATIONS crypto_pwhash_OPSLIMIT_MODERATE
#define MEMORY crypto_pwhash_MEMLIMIT_MODERATE

_Static_assert(crypto_pwhash_argon2id_ALG_ARGON2ID13 == crypto_pwhash_ALG_DEFAULT, "the file names the algorithm");

static rs_text base64(struct rs_job *job, const unsigned char *bytes, size_t size)
{
    rs_buf out = rs_buf_in(job);

    escape_base64_write(&out, rs_text_of((const char *)bytes, size));
    return rs_buf_text(&out);
}

/* What may be read and must not be changed. */
static rs_text authenticated(struct rs_job *job, const struct secret_backup *backup)
{
    return rs_text_format(job, "%s\n%d\n%s\n%llu\n%zu\n%.*s", backup->format, VERSION, KDF, backup->operations, backup->memory,
                          RS_TEXT_ARG(backup->about));
}

static rs_status key_of(struct rs_job *job, rs_text password, const struct secret_backup *backup,
                        unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES])
{
    if (sodium_init() < 0)
        return rs_fail(job, RS_FAILED, "libsodium does not start");
    if (password.size < SECRET_PASSWORD_LEAST || password.size > SECRET_PASSWORD_MOST)
        return rs_fail(job, RS_INVALID, "the password of a backup has %u to %u bytes", SECRET_PASSWORD_LEAST, SECRET_PASSWORD_MOST);
    if (crypto_pwhash(key, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, password.bytes, password.size,
                      (const unsigned char *)backup->salt.bytes, backup->operations, backup->memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return rs_fail(job, RS_NO_MEMORY, "there is not enough memory to work out the key of a password: %zu MiB", backup->memory >> 20);
    return RS_OK;
}

rs_status secret_backup_write(struct rs_job *job, const char *format, rs_text about, rs_text password, rs_text secret,
                              rs_text *out)
{
    unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES], salt[crypto_pwhash_SALTBYTES],
        nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    unsigned char *box = rs_alloc(job, secret.size + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    const struct secret_backup backup = {format, about, OPERATIONS, MEMORY, .salt = rs_text_of((const char *)salt, sizeof salt)};
    unsigned long long size;
    rs_text head = authenticated(job, &backup);

    randombytes_buf(salt, sizeof salt);
    randombytes_buf(nonce, sizeof nonce);
    RS_TRY(key_of(job, password, &backup, key));
    crypto_aead_xchacha20poly1305_ietf_encrypt(box, &size, (const unsigned char *)secret.bytes, secret.size,
                                               (const unsigned char *)head.bytes, head.size, NULL, nonce, key);
    sodium_memzero(key, sizeof key);
    *out = json_write(job, json_keep(job, json_pack("{s:s, s:i, s:o, s:s, s:I, s:I, s:o, s:o, s:o}", "format", format, "version",
                                                    VERSION, "about", json_from_text(about), "kdf", KDF, "operations",
                                                    (json_int_t)OPERATIONS, "memory", (json_int_t)MEMORY, "salt",
                                                    json_from_text(base64(job, salt, sizeof salt)), "nonce",
                                                    json_from_text(base64(job, nonce, sizeof nonce)), "box",
                                                    json_from_text(base64(job, box, (size_t)size)))), JSON_INDENTED);
    return RS_OK;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static rs_status part(struct rs_job *job, const json_t *file, const char *name, size_t least, rs_text *out)
{
    if (escape_base64_parse(job, json_to_text(json_object_get(file, name)), out) != RS_OK || out->size < least) {
        rs_job_forgive(job);
        return rs_fail(job, RS_INVALID, "the backup is damaged: its %s cannot be read", name);
    }
    return RS_OK;
}

static rs_status cost_of(struct rs_job *job, const json_t *file, struct secret_backup *out)
{
    json_int_t operations = json_integer_value(json_object_get(file, "operations"));
    json_int_t memory = json_integer_value(json_object_get(file, "memory"));

    if (operations < (json_int_t)crypto_pwhash_OPSLIMIT_MIN || operations > (json_int_t)SECRET_BACKUP_OPERATIONS_MAX ||
        memory < (json_int_t)crypto_pwhash_MEMLIMIT_MIN || memory > (json_int_t)SECRET_BACKUP_MEMORY_MAX)
        return rs_fail(job, RS_INVALID, "the backup asks for more work than a backup does: it is damaged, or made to stop this "
                       "program");
    out->operations = (unsigned long long)operations;
    out->memory = (size_t)memory;
    return RS_OK;
}

rs_status secret_backup_parse(struct rs_job *job, const char *format, rs_text file, struct secret_backup *out)
{
    json_t *read;

    if (json_parse(job, file, SECRET_BACKUP_MAX, &read) != RS_OK || !json_is_object(read) ||
        !rs_text_equal(json_to_text(json_object_get(read, "format")), rs_text_from(format))) {
        rs_job_forgive(job);
        return rs_fail(job, RS_INVALID, "this is not a file that holds a %s", format);
    }
    if (json_integer_value(json_object_get(read, "version")) != VERSION ||
        !rs_text_equal(json_to_text(json_object_get(read, "kdf")), RS_TEXT(KDF)))
        return rs_fail(job, RS_INVALID, "the backup was written by another version of this program");
    out->format = format;
    RS_TRY(cost_of(job, read, out));
    RS_TRY(part(job, read, "salt", crypto_pwhash_SALTBYTES, &out->salt));
    RS_TRY(part(job, read, "nonce", crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, &out->nonce));
    RS_TRY(part(job, read, "box", crypto_aead_xchacha20poly1305_ietf_ABYTES, &out->box));
    out->about = rs_text_copy(job, json_to_text(json_object_get(read, "about")));
    return RS_OK;
}

rs_status secret_backup_open(struct rs_job *job, const struct secret_backup *backup, rs_text password, rs_text *secret)
{
    unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES], *bytes = rs_alloc(job, backup->box.size);
    rs_text head = authenticated(job, backup);
    unsigned long long size = 0;
    int failed;

    RS_TRY(key_of(job, password, backup, key));
    failed = crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, &size, NULL, (const unsigned char *)backup->box.bytes, backup->box.size,
                                                        (const unsigned char *)head.bytes, head.size,
                                                        (const unsigned char *)backup->nonce.bytes, key);
    sodium_memzero(key, sizeof key);
    if (failed)
        return rs_fail(job, RS_DENIED, "the password does not open the backup, or the file was changed");
    *secret = rs_text_of((const char *)bytes, (size_t)size);
    return RS_OK;
}

rs_status secret_backup_read(struct rs_job *job, const char *format, rs_text file, rs_text password, rs_text *about,
                             rs_text *secret)
{
    struct secret_backup backup;

    RS_TRY(secret_backup_parse(job, format, file, &backup));
    RS_TRY(secret_backup_open(job, &backup, password, secret));
    if (about)
        *about = backup.about;
    return RS_OK;
}
