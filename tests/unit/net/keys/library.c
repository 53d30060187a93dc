#include "unit.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "net/keys/library.h"

/* A certificate that `key` signed for itself, in DER; the caller's to OPENSSL_free. */
static rs_text self_signed(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    unsigned char *der = NULL;
    int size;

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448") ? NULL : EVP_sha256()) > 0);
    size = i2d_X509(certificate, &der);
    assert_true(size > 0);
    X509_free(certificate);
    return rs_text_of((char *)der, (size_t)size);
}

static EVP_PKEY *pss_key(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    EVP_PKEY *key = NULL;

    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_generate(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* As OpenSSL reads it by itself. */
static X509 *read_plainly(rs_text der)
{
    const unsigned char *at = (const unsigned char *)der.bytes;

    return d2i_X509(NULL, &at, (long)der.size);
}

UNIT_TEST(library_reads_certificates_with_every_kind_of_key)
{
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_EC_gen("P-521"), EVP_RSA_gen(2048),
                        EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), EVP_PKEY_Q_keygen(NULL, NULL, "ED448"),
                        pss_key()}; /* the last as OpenSSL reads it */

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        rs_text der = self_signed(keys[i]);
        X509 *read = keys_read_certificate(der), *plain = read_plainly(der);
        EVP_PKEY *key = read ? X509_get0_pubkey(read) : NULL;
        unsigned char *one = NULL, *other = NULL;
        int size = key ? i2d_PUBKEY(key, &one) : -1;

        assert_non_null(key);
        assert_int_equal(EVP_PKEY_eq(key, keys[i]), 1);
        assert_int_equal(EVP_PKEY_get_id(key), EVP_PKEY_get_id(X509_get0_pubkey(plain)));
        assert_int_equal(EVP_PKEY_get_bits(key), EVP_PKEY_get_bits(keys[i]));
        assert_int_equal(size, i2d_PUBKEY(keys[i], &other));
        assert_memory_equal(one, other, (size_t)size);
        assert_int_equal(X509_verify(read, key), 1);
        assert_int_equal(X509_verify(plain, key), 1);
        assert_int_equal(X509_check_private_key(read, keys[i]), 1);
        OPENSSL_free(one);
        OPENSSL_free(other);
        OPENSSL_free((char *)(uintptr_t)der.bytes);
        X509_free(read);
        X509_free(plain);
        EVP_PKEY_free(keys[i]);
    }
}

UNIT_TEST(library_reads_whole_certificates_only)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    rs_text der = self_signed(key);
    char longer[4096];

    assert_null(keys_read_certificate(rs_text_of(der.bytes, der.size - 1)));
    assert_null(keys_read_certificate(RS_TEXT("")));
    memcpy(longer, der.bytes, der.size);
    longer[der.size] = 0;
    assert_null(keys_read_certificate(rs_text_of(longer, der.size + 1)));
    OPENSSL_free((char *)(uintptr_t)der.bytes);
    EVP_PKEY_free(key);
}

static void carry(SSL *from, SSL *to)
{
    char bytes[16384];
    int size;

    while ((size = BIO_read(SSL_get_wbio(from), bytes, sizeof bytes)) > 0)
        assert_int_equal(BIO_write(SSL_get_rbio(to), bytes, size), size);
}

static SSL *end_of(SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);

    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    return ssl;
}

static bool shake(SSL_CTX *client_context, SSL_CTX *server_context)
{
    SSL *client = end_of(client_context), *server = end_of(server_context);
    bool done = false;

    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    for (int turn = 0; turn < 10 && !done; turn++) {
        bool one = SSL_do_handshake(client) == 1;
        carry(client, server);
        done = SSL_do_handshake(server) == 1 && one;
        carry(server, client);
    }
    SSL_free(client);
    SSL_free(server);
    return done;
}

UNIT_TEST(library_makes_clients_that_know_every_kind_of_key_and_group)
{
    static const char *const groups[] = {"X25519", "P-256", "P-384", "P-521", "X448"};
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_RSA_gen(2048), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
                        EVP_PKEY_Q_keygen(NULL, NULL, "ED448")};
    SSL_CTX *client = SSL_CTX_new_ex(keys_library(), NULL, TLS_client_method());

    assert_non_null(keys_library());
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        rs_text der = self_signed(keys[i]);
        for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++)
            for (size_t k = 0; k < sizeof groups / sizeof groups[0]; k++) {
                SSL_CTX *server = SSL_CTX_new(TLS_server_method());
                SSL_CTX_set_max_proto_version(server, version);
                SSL_CTX_set1_groups_list(server, groups[k]);
                assert_int_equal(SSL_CTX_use_certificate_ASN1(server, (int)der.size, (const unsigned char *)der.bytes), 1);
                assert_int_equal(SSL_CTX_use_PrivateKey(server, keys[i]), 1);
                if (!shake(client, server))
                    fail_msg("key %zu, version %x, group %s", i, version, groups[k]);
                SSL_CTX_free(server);
            }
        OPENSSL_free((char *)(uintptr_t)der.bytes);
        EVP_PKEY_free(keys[i]);
    }
    SSL_CTX_free(client);
}
