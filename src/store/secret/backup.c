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

struct cost {
    unsigned long long operations;
    size_t memory;
};

static rs_text base64(struct rs_job *job, const unsigned char *bytes, size_t size)
{
    rs_buf out = rs_buf_in(job);

    escape_base64_write(&out, rs_text_of((const char *)bytes, size));
    return rs_buf_text(&out);
}

/* What may be read and must not be changed. */
static rs_text authenticated(struct rs_job *job, const char *format, rs_text about, struct cost cost)
{
    return rs_text_format(job, "%s\n%d\n%s\n%llu\n%zu\n%.*s", format, VERSION, KDF, cost.operations, cost.memory,
                          RS_TEXT_ARG(about));
}

static rs_status key_of(struct rs_job *job, rs_text password, const unsigned char *salt, struct cost cost,
                        unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES])
{
    if (sodium_init() < 0)
        return rs_fail(job, RS_FAILED, "libsodium does not start");
    if (password.size < SECRET_PASSWORD_LEAST || password.size > SECRET_PASSWORD_MOST)
        return rs_fail(job, RS_INVALID, "the password of a backup has %u to %u bytes", SECRET_PASSWORD_LEAST, SECRET_PASSWORD_MOST);
    if (crypto_pwhash(key, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, password.bytes, password.size, salt, cost.operations,
                      cost.memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return rs_fail(job, RS_NO_MEMORY, "there is not enough memory to work out the key of a password: %zu MiB", cost.memory >> 20);
    return RS_OK;
}

rs_status secret_backup_write(struct rs_job *job, const char *format, rs_text about, rs_text password, rs_text secret,
                              rs_text *out)
{
    const struct cost cost = {OPERATIONS, MEMORY};
    unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES], salt[crypto_pwhash_SALTBYTES],
        nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    unsigned char *box = rs_alloc(job, secret.size + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    unsigned long long size;
    rs_text head = authenticated(job, format, about, cost);

    randombytes_buf(salt, sizeof salt);
    randombytes_buf(nonce, sizeof nonce);
    RS_TRY(key_of(job, password, salt, cost, key));
    crypto_aead_xchacha20poly1305_ietf_encrypt(box, &size, (const unsigned char *)secret.bytes, secret.size,
                                               (const unsigned char *)head.bytes, head.size, NULL, nonce, key);
    sodium_memzero(key, sizeof key);
    *out = json_write(job, json_keep(job, json_pack("{s:s, s:i, s:o, s:s, s:I, s:I, s:o, s:o, s:o}", "format", format, "version",
                                                    VERSION, "about", json_from_text(about), "kdf", KDF, "operations",
                                                    (json_int_t)cost.operations, "memory", (json_int_t)cost.memory, "salt",
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

static rs_status cost_of(struct rs_job *job, const json_t *file, struct cost *out)
{
    json_int_t operations = json_integer_value(json_object_get(file, "operations"));
    json_int_t memory = json_integer_value(json_object_get(file, "memory"));

    if (operations < (json_int_t)crypto_pwhash_OPSLIMIT_MIN || operations > (json_int_t)SECRET_BACKUP_OPERATIONS_MAX ||
        memory < (json_int_t)crypto_pwhash_MEMLIMIT_MIN || memory > (json_int_t)SECRET_BACKUP_MEMORY_MAX)
        return rs_fail(job, RS_INVALID, "the backup asks for more work than a backup does: it is damaged, or made to stop this "
                       "program");
    *out = (struct cost){(unsigned long long)operations, (size_t)memory};
    return RS_OK;
}

rs_status secret_backup_read(struct rs_job *job, const char *format, rs_text file, rs_text password, rs_text *about,
                             rs_text *secret)
{
    unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    rs_text salt, nonce, box, head, told;
    unsigned long long size = 0;
    struct cost cost;
    json_t *read;
    int failed;

    if (json_parse(job, file, SECRET_BACKUP_MAX, &read) != RS_OK || !json_is_object(read) ||
        !rs_text_equal(json_to_text(json_object_get(read, "format")), rs_text_from(format))) {
        rs_job_forgive(job);
        return rs_fail(job, RS_INVALID, "this is not a file that holds a %s", format);
    }
    if (json_integer_value(json_object_get(read, "version")) != VERSION ||
        !rs_text_equal(json_to_text(json_object_get(read, "kdf")), RS_TEXT(KDF)))
        return rs_fail(job, RS_INVALID, "the backup was written by another version of this program");
    RS_TRY(cost_of(job, read, &cost));
    RS_TRY(part(job, read, "salt", crypto_pwhash_SALTBYTES, &salt));
    RS_TRY(part(job, read, "nonce", crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, &nonce));
    RS_TRY(part(job, read, "box", crypto_aead_xchacha20poly1305_ietf_ABYTES, &box));
    told = rs_text_copy(job, json_to_text(json_object_get(read, "about")));
    head = authenticated(job, format, told, cost);
    RS_TRY(key_of(job, password, (const unsigned char *)salt.bytes, cost, key));
    unsigned char *bytes = rs_alloc(job, box.size);
    failed = crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, &size, NULL, (const unsigned char *)box.bytes, box.size,
                                                        (const unsigned char *)head.bytes, head.size,
                                                        (const unsigned char *)nonce.bytes, key);
    sodium_memzero(key, sizeof key);
    if (failed)
        return rs_fail(job, RS_DENIED, "the password does not open the backup, or the file was changed");
    if (about)
        *about = told;
    *secret = rs_text_of((const char *)bytes, (size_t)size);
    return RS_OK;
}
