#include "net/acme/challenge.h"

#include <arpa/inet.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "net/acme/jws.h"
#include "net/pki/kinds.h"

#define PROOF_SECONDS 86400
#define ACME_IDENTIFIER_OID "1.3.6.1.5.5.7.1.31"

static const char *const kind_names[ACME_KINDS] = {"http-01", "tls-alpn-01"};

const char *acme_kind_name(enum acme_kind kind)
{
    return kind_names[kind];
}

bool acme_kind_parse(rs_text text, enum acme_kind *out)
{
    for (enum acme_kind kind = 0; kind < ACME_KINDS; kind++)
        if (rs_text_equal_nocase(text, rs_text_from(kind_names[kind]))) {
            *out = kind;
            return true;
        }
    return false;
}

static rs_status proof_failed(struct rs_job *job)
{
    ERR_clear_error();
    return rs_fail(job, PKI_FAILED, "cannot make the certificate of a tls-alpn-01 challenge");
}

static void end_certificate(void *certificate)
{
    X509_free(certificate);
}

static bool add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    bool done = extension && X509_add_ext(certificate, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return done;
}

/* id-pe-acmeIdentifier, critical: an OCTET STRING of the digest, inside the extension's own. */
static bool add_identifier(X509 *certificate, const unsigned char digest[32])
{
    ASN1_OBJECT *object = OBJ_txt2obj(ACME_IDENTIFIER_OID, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    unsigned char der[34] = {V_ASN1_OCTET_STRING, 32};
    X509_EXTENSION *extension = NULL;
    bool done;

    memcpy(der + 2, digest, 32);
    done = object && value && ASN1_OCTET_STRING_set(value, der, sizeof der) == 1 &&
           (extension = X509_EXTENSION_create_by_OBJ(NULL, object, 1, value)) != NULL &&
           X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(object);
    return done;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *names, const unsigned char digest[32])
{
    time_t now = time(NULL);
    X509_NAME *subject = X509_get_subject_name(certificate);

    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)"ACME challenge", -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 &&
           ASN1_TIME_set(X509_getm_notBefore(certificate), now - PROOF_SECONDS) &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), now + PROOF_SECONDS) && X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_subject_alt_name, names) && add_identifier(certificate, digest) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

static rs_status to_pem(struct rs_job *job, X509 *certificate, EVP_PKEY *key, struct acme_proof *out)
{
    BIO *shown = BIO_new(BIO_s_mem()), *kept = BIO_new(BIO_s_secmem());
    bool done = shown && kept && PEM_write_bio_X509(shown, certificate) == 1 &&
                PEM_write_bio_PKCS8PrivateKey(kept, key, NULL, NULL, 0, NULL, NULL) == 1;
    char *bytes;
    long size;

    if (done) {
        size = BIO_get_mem_data(shown, &bytes);
        out->certificate_pem = rs_text_copy(job, rs_text_of(bytes, (size_t)size));
        size = BIO_get_mem_data(kept, &bytes);
        out->key_pem = rs_text_copy(job, rs_text_of(bytes, (size_t)size));
    }
    BIO_free(shown);
    BIO_free(kept);
    return done ? RS_OK : proof_failed(job);
}

static rs_status make_certificate(struct rs_job *job, struct acme_proof *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    X509 *certificate = X509_new();
    EVP_PKEY *key;

    rs_job_at_end(job, end_certificate, certificate);
    RS_TRY(pki_key_make(job, PKI_ECDSA_P256, &key));
    if (!certificate || EVP_Digest(out->key_authorization.bytes, out->key_authorization.size, digest, NULL, EVP_sha256(), NULL) != 1 ||
        !fill(certificate, key, rs_text_format(job, "DNS:%.*s", RS_TEXT_ARG(out->host)).bytes, digest))
        return proof_failed(job);
    return to_pem(job, certificate, key, out);
}

rs_status acme_proof_make(struct rs_job *job, enum acme_kind kind, rs_text host, rs_text token, EVP_PKEY *account_key,
                          struct acme_proof *out)
{
    unsigned char address[16];
    rs_text thumbprint;

    RS_TRY(jws_thumbprint(job, account_key, &thumbprint));
    *out = (struct acme_proof){.kind = kind, .host = rs_text_copy(job, host), .token = rs_text_copy(job, token)};
    out->key_authorization = rs_text_format(job, "%.*s.%.*s", RS_TEXT_ARG(token), RS_TEXT_ARG(thumbprint));
    if (kind == ACME_HTTP_01)
        return RS_OK;
    if (inet_pton(AF_INET, out->host.bytes, address) == 1 || inet_pton(AF_INET6, out->host.bytes, address) == 1)
        return rs_fail(job, RS_UNSUPPORTED, "an address cannot be proved with tls-alpn-01 here: use --challenge http-01");
    return make_certificate(job, out);
}
