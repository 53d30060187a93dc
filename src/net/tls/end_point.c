/* What a connection is bound to: a digest of the server's certificate, by the algorithm that it is signed with, and SHA-256
 * in place of MD5 and SHA-1 (RFC 5929 section 4.1). */
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "net/tls/end_point.h"

size_t tls_end_point(X509 *certificate, unsigned char out[TLS_END_POINT_MAX])
{
    int digest = NID_undef;
    unsigned int size = 0;
    const EVP_MD *algorithm;

    if (!X509_get_signature_info(certificate, &digest, NULL, NULL, NULL) || digest == NID_undef || digest == NID_md5 ||
        digest == NID_sha1 || digest == NID_md5_sha1)
        digest = NID_sha256; /* EdDSA names none */
    algorithm = EVP_get_digestbynid(digest);
    return algorithm && X509_digest(certificate, algorithm, out, &size) ? size : 0;
}

X509 *tls_end_point_shown(SSL *ssl)
{
    X509 *certificate = SSL_get_certificate(ssl);
    void *kind;
    size_t size;

    if (!SSL_session_reused(ssl))
        return certificate;
    if (!SSL_SESSION_get0_ticket_appdata(SSL_get0_session(ssl), &kind, &size) || size != sizeof(int))
        return NULL;
    for (long each = SSL_CERT_SET_FIRST; SSL_set_current_cert(ssl, each) == 1; each = SSL_CERT_SET_NEXT) {
        certificate = SSL_get_certificate(ssl);
        if (certificate && EVP_PKEY_get_id(X509_get0_pubkey(certificate)) == *(int *)kind)
            return certificate;
    }
    return NULL;
}

/* A row may have certificates of several kinds of keys; which one a client was shown is known in the handshake that showed
 * it, and has to be remembered for those that go on with its session: in the ticket itself. */
int tls_end_point_remember(SSL *ssl, void *unused)
{
    X509 *certificate = tls_end_point_shown(ssl);
    int kind = certificate ? EVP_PKEY_get_id(X509_get0_pubkey(certificate)) : NID_undef;

    (void)unused;
    return SSL_SESSION_set1_ticket_appdata(SSL_get0_session(ssl), &kind, sizeof kind);
}

SSL_TICKET_RETURN tls_end_point_restore(SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t size,
                                        SSL_TICKET_STATUS status, void *unused)
{
    (void)ssl, (void)session, (void)name, (void)size, (void)unused;
    switch (status) {
    case SSL_TICKET_SUCCESS:
        return SSL_TICKET_RETURN_USE;
    case SSL_TICKET_SUCCESS_RENEW:
        return SSL_TICKET_RETURN_USE_RENEW;
    case SSL_TICKET_EMPTY:
    case SSL_TICKET_NO_DECRYPT:
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    default:
        return SSL_TICKET_RETURN_ABORT;
    }
}
