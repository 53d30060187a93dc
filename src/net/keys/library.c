/* Providers whose algorithms are those of OpenSSL's default provider, with fewer decoders, encoders and kinds of keys. That one
 * lives in a library context of its own, so that what the system's configuration loads stays as it is. */
#include "net/keys/library.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include "base/log.h"

#define PROVIDER "library-of-bindery"
#define ALGORITHMS_MAX 64

static const char *const certificate_keys[] = {"RSA", "EC", "ED25519", "ED448"};
static const char *const handshake_keys[] = {"RSA-PSS", "X25519", "X448"}; /* without the first, no RSA in TLS 1.3 */
static const char *const handshake_ciphers[] = {"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"};
static const char *const handshake_digests[] = {"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"}; /* the first names certificates */

static pthread_once_t begun = PTHREAD_ONCE_INIT;
static OSSL_PROVIDER *all; /* OpenSSL's default provider */
static OSSL_LIB_CTX *certificates, *tls;

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool is_named(const OSSL_ALGORITHM *algorithm, const char *const *names, size_t count)
{
    size_t size = strcspn(algorithm->algorithm_names, ":");

    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == size && memcmp(names[i], algorithm->algorithm_names, size) == 0)
            return true;
    return false;
}

static bool has(const OSSL_ALGORITHM *algorithm, const char *property)
{
    return strstr(algorithm->property_definition, property) != NULL;
}

static bool is_decoder(const OSSL_ALGORITHM *algorithm)
{
    return is_named(algorithm, certificate_keys, COUNT(certificate_keys)) && has(algorithm, "input=der") &&
           has(algorithm, "structure=SubjectPublicKeyInfo");
}

static bool is_encoder(const OSSL_ALGORITHM *algorithm)
{
    return is_named(algorithm, certificate_keys, COUNT(certificate_keys)) && has(algorithm, "output=der") &&
           has(algorithm, "structure=SubjectPublicKeyInfo");
}

static bool is_certificate_key(const OSSL_ALGORITHM *algorithm)
{
    return is_named(algorithm, certificate_keys, COUNT(certificate_keys));
}

static bool is_tls_key(const OSSL_ALGORITHM *algorithm)
{
    return is_certificate_key(algorithm) || is_named(algorithm, handshake_keys, COUNT(handshake_keys));
}

static bool is_tls_cipher(const OSSL_ALGORITHM *algorithm)
{
    return is_named(algorithm, handshake_ciphers, COUNT(handshake_ciphers));
}

static bool is_tls_digest(const OSSL_ALGORITHM *algorithm)
{
    return is_named(algorithm, handshake_digests, COUNT(handshake_digests));
}

static const OSSL_ALGORITHM *chosen(const OSSL_ALGORITHM *from, bool (*is_chosen)(const OSSL_ALGORITHM *algorithm),
                                    OSSL_ALGORITHM out[ALGORITHMS_MAX])
{
    size_t count = 0;

    for (; from && from->algorithm_names && count + 1 < ALGORITHMS_MAX; from++)
        if (is_chosen(from))
            out[count++] = *from;
    out[count] = (OSSL_ALGORITHM){NULL, NULL, NULL, NULL};
    return out;
}

/* What nothing is chosen from. */
static const OSSL_ALGORITHM none[] = {{NULL, NULL, NULL, NULL}};

/* What reading a certificate needs, and no more: OpenSSL walks over all that was ever fetched in a context. */
static const OSSL_ALGORITHM *certificates_query(void *provider, int operation, int *no_cache)
{
    static OSSL_ALGORITHM decoders[ALGORITHMS_MAX], encoders[ALGORITHMS_MAX], kinds[ALGORITHMS_MAX];
    const OSSL_ALGORITHM *found = OSSL_PROVIDER_query_operation(all, operation, no_cache);

    (void)provider;
    return operation == OSSL_OP_DECODER     ? chosen(found, is_decoder, decoders)
           : operation == OSSL_OP_ENCODER   ? chosen(found, is_encoder, encoders)
           : operation == OSSL_OP_KEYMGMT   ? chosen(found, is_certificate_key, kinds)
           : operation == OSSL_OP_SIGNATURE ? found /* or keys would say that nothing can be done with them */
                                            : none;
}

/* The algorithms of a handshake with our own service too: SSL_CTX_new fetches every cipher and digest that it can get, and each of
 * them is walked over whenever a certificate is read. */
static const OSSL_ALGORITHM *tls_query(void *provider, int operation, int *no_cache)
{
    static OSSL_ALGORITHM decoders[ALGORITHMS_MAX], kinds[ALGORITHMS_MAX], ciphers[ALGORITHMS_MAX], digests[ALGORITHMS_MAX];
    const OSSL_ALGORITHM *found = OSSL_PROVIDER_query_operation(all, operation, no_cache);

    (void)provider;
    return operation == OSSL_OP_DECODER                                    ? chosen(found, is_decoder, decoders)
           : operation == OSSL_OP_KEYMGMT                                  ? chosen(found, is_tls_key, kinds)
           : operation == OSSL_OP_CIPHER                                   ? chosen(found, is_tls_cipher, ciphers)
           : operation == OSSL_OP_DIGEST                                   ? chosen(found, is_tls_digest, digests)
           : operation == OSSL_OP_ENCODER || operation == OSSL_OP_STORE    ? none
                                                                           : found;
}

/* The groups that TLS may use. */
static int tls_capabilities(void *provider, const char *capability, OSSL_CALLBACK *give, void *data)
{
    (void)provider;
    return OSSL_PROVIDER_get_capabilities(all, capability, give, data);
}

#define LIBRARY_FUNCTION(id, function) {id, (void (*)(void))(function)}

static int certificates_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *from_core, const OSSL_DISPATCH **out,
                             void **provider)
{
    static const OSSL_DISPATCH functions[] = {
        LIBRARY_FUNCTION(OSSL_FUNC_PROVIDER_QUERY_OPERATION, certificates_query),
        {0, NULL},
    };

    (void)core, (void)from_core;
    *out = functions;
    *provider = OSSL_PROVIDER_get0_provider_ctx(all); /* its algorithms expect it */
    return 1;
}

static int tls_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *from_core, const OSSL_DISPATCH **out, void **provider)
{
    static const OSSL_DISPATCH functions[] = {
        LIBRARY_FUNCTION(OSSL_FUNC_PROVIDER_QUERY_OPERATION, tls_query),
        LIBRARY_FUNCTION(OSSL_FUNC_PROVIDER_GET_CAPABILITIES, tls_capabilities),
        {0, NULL},
    };

    (void)core, (void)from_core;
    *out = functions;
    *provider = OSSL_PROVIDER_get0_provider_ctx(all);
    return 1;
}

static OSSL_LIB_CTX *make(OSSL_provider_init_fn *init)
{
    OSSL_LIB_CTX *made = all ? OSSL_LIB_CTX_new() : NULL;

    if (made && OSSL_PROVIDER_add_builtin(made, PROVIDER, init) == 1 && OSSL_PROVIDER_load(made, PROVIDER))
        return made;
    OSSL_LIB_CTX_free(made);
    ERR_clear_error();
    return NULL;
}

static void library_begin(void)
{
    OSSL_LIB_CTX *base = OSSL_LIB_CTX_new();

    all = base ? OSSL_PROVIDER_load(base, "default") : NULL;
}

static void library_make_certificates(void)
{
    pthread_once(&begun, library_begin);
    certificates = make(certificates_init);
}

static void library_make_tls(void)
{
    pthread_once(&begun, library_begin);
    tls = make(tls_init);
}

static OSSL_LIB_CTX *for_certificates(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, library_make_certificates);
    return certificates;
}

OSSL_LIB_CTX *keys_library(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, library_make_tls);
    return tls;
}

static X509 *read_in(OSSL_LIB_CTX *context, rs_text der)
{
    const unsigned char *at = (const unsigned char *)der.bytes;
    X509 *certificate = (X509 *)ASN1_item_d2i_ex(NULL, &at, (long)der.size, ASN1_ITEM_rptr(X509), context, NULL);

    if (certificate && at == (const unsigned char *)der.bytes + der.size)
        return certificate;
    X509_free(certificate);
    return NULL;
}

X509 *keys_read_certificate(rs_text der)
{
    X509 *certificate = read_in(for_certificates(), der);

    if (!certificate || X509_get0_pubkey(certificate))
        return certificate;
    X509_free(certificate);
    ERR_clear_error();
    return read_in(NULL, der);
}

rs_text keys_certificate_bytes(struct rs_job *job, const X509 *certificate)
{
    unsigned char *der = NULL;
    int size = i2d_X509(certificate, &der);
    rs_text text;

    if (size < 0)
        rs_log_abort("no memory for a certificate");
    text = rs_text_copy(job, rs_text_of((const char *)der, (size_t)size));
    OPENSSL_free(der);
    return text;
}
