#include "net/tls/trust.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/log.h"
#include "net/tls/context.h"

#define TRUST_DEPTH 8 /* certificates between a client's and one that is trusted */

struct tls_trust {
    size_t refs;
    X509_STORE *store;
    STACK_OF(X509_NAME) *names; /* told to clients, so that they can choose */
};

static rs_status add_authorities(struct rs_job *job, struct tls_trust *trust, BIO *bio)
{
    X509 *each;
    size_t count = 0;

    while ((each = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        X509_NAME *name = X509_NAME_dup(X509_get_subject_name(each));
        bool added = name && X509_STORE_add_cert(trust->store, each) == 1 && sk_X509_NAME_push(trust->names, name) > 0;
        X509_free(each);
        if (!added)
            return tls_context_fail(job, TLS_IDENTITY, "a certificate of the authorities of clients cannot be used");
        count++;
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return tls_context_fail(job, TLS_IDENTITY, "a certificate of the authorities of clients is damaged");
    ERR_clear_error();
    return count > 0 ? RS_OK : rs_fail(job, TLS_IDENTITY, "there is no certificate of an authority of clients");
}

static rs_status add_revoked(struct rs_job *job, struct tls_trust *trust, BIO *bio)
{
    X509_CRL *each;
    size_t count = 0;

    while ((each = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL))) {
        bool added = X509_STORE_add_crl(trust->store, each) == 1;
        X509_CRL_free(each);
        if (!added)
            return tls_context_fail(job, TLS_IDENTITY, "a list of revoked certificates cannot be used");
        count++;
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return tls_context_fail(job, TLS_IDENTITY, "a list of revoked certificates is damaged");
    ERR_clear_error();
    return count > 0 ? RS_OK : rs_fail(job, TLS_IDENTITY, "there is no list of revoked certificates");
}

static BIO *reader(rs_text bytes)
{
    BIO *bio = BIO_new_mem_buf(bytes.size > 0 ? bytes.bytes : "", (int)bytes.size);

    if (!bio)
        rs_log_abort("no memory for certificates");
    return bio;
}

rs_status tls_trust_create(struct rs_job *job, rs_text authorities, rs_text revoked, struct tls_trust **out)
{
    RS_OWNED(tls_trust) trust = calloc(1, sizeof *trust);
    BIO *bio = reader(authorities);
    rs_status status;

    if (!trust || !(trust->store = X509_STORE_new()) || !(trust->names = sk_X509_NAME_new_null()))
        rs_log_abort("no memory for certificates");
    trust->refs = 1;
    status = add_authorities(job, trust, bio);
    BIO_free(bio);
    RS_TRY(status);
    X509_STORE_set_depth(trust->store, TRUST_DEPTH);
    X509_STORE_set_purpose(trust->store, X509_PURPOSE_SSL_CLIENT);
    if (revoked.size > 0) {
        bio = reader(revoked);
        status = add_revoked(job, trust, bio);
        BIO_free(bio);
        RS_TRY(status);
        X509_STORE_set_flags(trust->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    *out = rs_move(trust);
    return RS_OK;
}

struct tls_trust *tls_trust_ref(struct tls_trust *trust)
{
    trust->refs++;
    return trust;
}

void tls_trust_unref(struct tls_trust *trust)
{
    if (!trust || --trust->refs > 0)
        return;
    X509_STORE_free(trust->store);
    sk_X509_NAME_pop_free(trust->names, X509_NAME_free);
    free(trust);
}

bool tls_trust_enter(const struct tls_trust *trust, bool required, SSL *ssl)
{
    STACK_OF(X509_NAME) *names = SSL_dup_CA_list(trust->names);

    if (!names || SSL_set1_verify_cert_store(ssl, trust->store) != 1)
        return false;
    SSL_set0_CA_list(ssl, names);
    SSL_set_verify(ssl, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
    return true;
}
