#include "net/pki/keys.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "net/keys/decode.h"
#include "net/keys/scheme.h"
#include "net/pki/describe.h"

/* The key of `contents` that belongs to the certificate, or NULL. */
static EVP_PKEY *keys_pick(const struct pki_outline *certificate, const struct pki_contents *contents)
{
    struct pki_digest found;

    for (size_t i = 0; i < contents->key_count; i++)
        if (pki_digest_of_key(contents->keys[i], &found) && memcmp(certificate->key, &found, sizeof found) == 0)
            return contents->keys[i];
    return NULL;
}

static rs_status keys_load(struct rs_job *reading, const struct pki_outline *entry, EVP_PKEY **out)
{
    struct pki_file file = {0};
    struct pki_contents contents = {0};
    rs_text problem, exposed;
    char *password;
    EVP_PKEY *key;
    rs_status status = pki_file_read(reading, entry->key_file, PKI_FILE_MAX, &file);

    if (status == RS_OK) {
        password = pki_password_read(reading, entry->key_file, &problem);
        status = pki_load_keys(reading, file.bytes, password, &contents);
        if (password)
            pki_wipe(rs_text_from(password));
    }
    pki_wipe(file.bytes);
    RS_TRY(status);
    exposed = pki_file_exposed(reading, entry->key_file, &file);
    if (exposed.size > 0 && !contents.sealed)
        return rs_fail(reading, PKI_KEY_REFUSED, "%.*s", RS_TEXT_ARG(exposed));
    key = keys_pick(entry, &contents);
    if (!key)
        return rs_fail(reading, PKI_KEY_REFUSED, "\"%.*s\" does not hold the key of this certificate any more",
                       RS_TEXT_ARG(entry->key_file));
    EVP_PKEY_up_ref(key);
    *out = key;
    return RS_OK;
}

static rs_status key_outline(struct rs_job *job, const struct pki_store *store, rs_text sha256, struct pki_outline *out)
{
    if (!pki_store_outline(store, sha256, out))
        return rs_fail(job, RS_NOT_FOUND, "there is no certificate %.*s in the store", RS_TEXT_ARG(sha256));
    if (out->key_file.size == 0)
        return rs_fail(job, PKI_KEY_REFUSED, "there is no private key for the certificate %.*s",
                       RS_TEXT_ARG(pki_hexadecimal(job, out->sha1, PKI_SHA1_SIZE)));
    return RS_OK;
}

/* The file was read before; it is read again now, and judged again: it may have been changed since. */
rs_status pki_keys_open(struct rs_job *job, const struct pki_store *store, rs_text sha256, EVP_PKEY **out)
{
    RS_OWNED(rs_job) reading = rs_job_create(NULL);
    struct pki_outline entry;

    RS_TRY(key_outline(job, store, sha256, &entry));
    if (keys_load(reading, &entry, out) == RS_OK)
        return RS_OK;
    return rs_fail(job, PKI_KEY_REFUSED, "the private key of the certificate %.*s cannot be used: %.*s",
                   RS_TEXT_ARG(pki_hexadecimal(job, entry.sha1, PKI_SHA1_SIZE)), RS_TEXT_ARG(rs_job_message(reading)));
}

/* ---- as bytes ------------------------------------------------------------------------------ */

/* The only key of a PEM file that keeps it in plain PKCS#8: what nearly everybody writes. Empty: it is another file. */
static rs_text plain_key(struct rs_job *job, rs_text bytes)
{
    BIO *bio = BIO_new_mem_buf(bytes.bytes, (int)bytes.size);
    rs_text found = rs_text_of(NULL, 0);
    bool other = false;
    char *name, *header;
    unsigned char *der;
    long size;

    while (bio && PEM_read_bio(bio, &name, &header, &der, &size)) {
        rs_text kind = rs_text_from(name);
        if (rs_text_equal(kind, RS_TEXT("PRIVATE KEY")) && header[0] == '\0' && found.size == 0)
            found = rs_text_copy(job, rs_text_of((const char *)der, (size_t)size));
        else
            other = other || rs_text_find(kind, RS_TEXT("PRIVATE KEY")) >= 0;
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)size);
    }
    ERR_clear_error();
    BIO_free(bio);
    if (!other)
        return found;
    pki_wipe(found);
    return rs_text_of(NULL, 0);
}

static rs_text written_key(struct rs_job *job, EVP_PKEY *key)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    unsigned char *der = NULL;
    int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
    rs_text out = size > 0 ? rs_text_copy(job, rs_text_of((const char *)der, (size_t)size)) : rs_text_of(NULL, 0);

    PKCS8_PRIV_KEY_INFO_free(info); /* wiped by OpenSSL */
    OPENSSL_clear_free(der, size > 0 ? (size_t)size : 0);
    ERR_clear_error();
    return out;
}

/* What stands in a file that may hold a key. */
static rs_text key_in_file(struct rs_job *job, rs_text path)
{
    RS_OWNED(rs_job) reading = rs_job_create(NULL);
    struct pki_file file = {0};
    rs_text found = rs_text_of(NULL, 0);

    if (pki_file_read(reading, path, PKI_FILE_MAX, &file) == RS_OK && pki_file_exposed(reading, path, &file).size == 0)
        found = plain_key(job, file.bytes);
    pki_wipe(file.bytes);
    return found;
}

rs_status pki_keys_check(struct rs_job *job, const struct pki_store *store, rs_text sha256)
{
    struct pki_outline entry;
    struct keys_id whose;
    EVP_PKEY *key = NULL;
    bool fits;
    rs_text der;

    RS_TRY(key_outline(job, store, sha256, &entry));
    der = key_in_file(job, entry.key_file);
    fits = keys_id_in(der, &whose) && memcmp(whose.bytes, entry.key, sizeof whose.bytes) == 0;
    pki_wipe(der);
    if (fits)
        return RS_OK;
    RS_TRY(pki_keys_open(job, store, sha256, &key)); /* as it may still be one, or to be told why not */
    EVP_PKEY_free(key);
    return RS_OK;
}

rs_status pki_keys_bytes(struct rs_job *job, const struct pki_store *store, rs_text sha256, rs_text *out)
{
    struct pki_outline entry;
    EVP_PKEY *key = NULL;

    RS_TRY(key_outline(job, store, sha256, &entry));
    *out = key_in_file(job, entry.key_file);
    if (out->size > 0)
        return RS_OK;
    RS_TRY(pki_keys_open(job, store, sha256, &key));
    *out = written_key(job, key);
    EVP_PKEY_free(key);
    return out->size > 0 ? RS_OK : rs_fail(job, PKI_KEY_REFUSED, "the key of certificate %.*s cannot be written as bytes",
                                           RS_TEXT_ARG(sha256));
}

void pki_keys_protect_process(void)
{
    struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* also keeps ptrace of the same account away */
}
