#include "net/pki/export.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "net/pki/files.h"

#define EXPORT_ITERATIONS 100000 /* of the archive's key derivation */

static bool write_pem(BIO *bio, const struct pki_entry *entry, EVP_PKEY *key, const char *password)
{
    const EVP_CIPHER *cipher = password ? EVP_aes_256_cbc() : NULL;
    bool written = PEM_write_bio_X509(bio, entry->certificate) == 1;

    for (int i = 0; written && i < sk_X509_num(entry->chain); i++)
        written = PEM_write_bio_X509(bio, sk_X509_value(entry->chain, i)) == 1;
    if (written && key)
        written = PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, password, password ? (int)strlen(password) : 0, NULL, NULL) == 1;
    return written;
}

static bool write_archive(struct rs_job *job, BIO *bio, const struct pki_entry *entry, EVP_PKEY *key, const char *password)
{
    const char *name = rs_text_terminated(job, entry->friendly_name);
    STACK_OF(X509) *chain = sk_X509_dup(entry->chain);
    PKCS12 *archive = PKCS12_create_ex(password, name, key, entry->certificate, chain, NID_aes_256_cbc, NID_aes_256_cbc,
                                       EXPORT_ITERATIONS, EXPORT_ITERATIONS, 0, NULL, NULL);
    bool written = archive && i2d_PKCS12_bio(bio, archive) == 1;

    PKCS12_free(archive);
    sk_X509_free(chain);
    return written;
}

rs_status pki_export(struct rs_job *job, const struct pki_entry *entry, const struct pki_store *store, enum pki_format format,
                     const char *password, rs_text *out)
{
    EVP_PKEY *key = NULL;
    BIO *bio;
    char *bytes;
    long size;
    bool written;

    if (format == PKI_FORMAT_PKCS12 && (!password || !password[0]))
        return rs_fail(job, RS_INVALID, "a PKCS#12 archive needs a password");
    if (store)
        RS_TRY(pki_keys_open(job, store, entry->sha256, &key));
    bio = BIO_new(BIO_s_secmem()); /* wipes itself */
    written = bio && (format == PKI_FORMAT_PEM ? write_pem(bio, entry, key, password)
                                               : write_archive(job, bio, entry, key, password));
    EVP_PKEY_free(key);
    size = written ? BIO_get_mem_data(bio, &bytes) : 0;
    if (size > 0)
        *out = rs_text_copy(job, rs_text_of(bytes, (size_t)size));
    BIO_free(bio);
    return size > 0 ? RS_OK : pki_failed(job, "write the certificate");
}
