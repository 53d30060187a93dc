#include "unit.h"

#include "world.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

static void end_certificate(void *certificate)
{
    X509_free(certificate);
}

static void end_key(void *key)
{
    EVP_PKEY_free(key);
}

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* `issuer` NULL: it issues itself. */
static X509 *make(struct rs_job *job, const char *name, long serial, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
                  const char *purpose)
{
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);

    rs_job_at_end(job, end_certificate, certificate);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer) : subject);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    extend(certificate, issuer ? issuer : certificate, NID_basic_constraints, issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
    if (purpose)
        extend(certificate, issuer, NID_ext_key_usage, purpose);
    if (strcmp(name, "leaf") == 0) {
        extend(certificate, issuer, NID_info_access, "OCSP;URI:ldap://x,OCSP;URI:" WORLD_RESPONDER);
        extend(certificate, issuer, NID_tlsfeature, "status_request");
    }
    assert_true(X509_sign(certificate, issuer_key, EVP_sha256()) > 0);
    return certificate;
}

void world_make(struct rs_job *job, struct world *out)
{
    out->key = EVP_EC_gen("P-256");
    out->other_key = EVP_EC_gen("P-256");
    rs_job_at_end(job, end_key, out->key);
    rs_job_at_end(job, end_key, out->other_key);
    out->issuer = make(job, "issuer", 1, out->key, NULL, out->key, NULL);
    out->stranger = make(job, "issuer", 1, out->other_key, NULL, out->other_key, NULL); /* by name the same */
    out->leaf = make(job, "leaf", 2, out->key, out->issuer, out->key, "serverAuth");
    out->sibling = make(job, "sibling", 3, out->key, out->issuer, out->key, "serverAuth");
    out->delegate = make(job, "delegate", 4, out->key, out->issuer, out->key, "OCSPSigning");
    out->no_delegate = make(job, "no delegate", 5, out->key, out->issuer, out->key, "serverAuth");
}

rs_text world_answer(struct rs_job *job, const struct world *world, X509 *certificate, X509 *signer, EVP_PKEY *key, int state,
                     long from, long to)
{
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, certificate, world->issuer);
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    ASN1_TIME *begins = X509_gmtime_adj(NULL, from), *ends = to ? X509_gmtime_adj(NULL, to) : NULL;
    ASN1_TIME *revoked = state == V_OCSP_CERTSTATUS_REVOKED ? X509_gmtime_adj(NULL, -60) : NULL;
    unsigned char *der = NULL;
    OCSP_RESPONSE *response;
    rs_text out;
    int size;

    assert_non_null(OCSP_basic_add1_status(basic, id, state, OCSP_REVOKED_STATUS_KEYCOMPROMISE, revoked, begins, ends));
    assert_int_equal(OCSP_basic_sign(basic, signer, key, EVP_sha256(), NULL, 0), 1);
    response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    size = i2d_OCSP_RESPONSE(response, &der);
    assert_true(size > 0);
    out = rs_text_copy(job, rs_text_of((char *)der, (size_t)size));
    OPENSSL_free(der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(begins);
    ASN1_TIME_free(ends);
    ASN1_TIME_free(revoked);
    return out;
}
