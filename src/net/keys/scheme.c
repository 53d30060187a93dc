#include "net/keys/scheme.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static const struct keys_scheme schemes[] = {
    {0x0403, "EC", "SHA256", false, true},   {0x0503, "EC", "SHA384", false, true},
    {0x0603, "EC", "SHA512", false, true},   {0x0804, "RSA", "SHA256", true, true},
    {0x0805, "RSA", "SHA384", true, true},   {0x0806, "RSA", "SHA512", true, true},
    {0x0401, "RSA", "SHA256", false, false}, {0x0501, "RSA", "SHA384", false, false},
    {0x0601, "RSA", "SHA512", false, false}, {0x0807, "ED25519", NULL, false, true},
    {0x0808, "ED448", NULL, false, true},
};

static bool digest_of(unsigned char *der, int size, struct keys_id *out)
{
    bool done = size > 0 && EVP_Digest(der, (size_t)size, out->bytes, NULL, EVP_sha256(), NULL) == 1;

    OPENSSL_free(der);
    ERR_clear_error();
    return done;
}

/* OpenSSL 3 looks for an encoder anew each time, which takes longer than ten signatures; nothing of that is needed to put the name of
 * a curve and a point together. */
bool keys_id_of_point(const char *curve, rs_text point, struct keys_id *out)
{
    int nid = OBJ_sn2nid(curve), length = -1;
    X509_PUBKEY *info = nid != NID_undef && point.size > 0 && point.bytes[0] == POINT_CONVERSION_UNCOMPRESSED ? X509_PUBKEY_new() : NULL;
    unsigned char *copy = info ? OPENSSL_memdup(point.bytes, point.size) : NULL, *der = NULL;

    if (copy && X509_PUBKEY_set0_param(info, OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT, OBJ_nid2obj(nid), copy,
                                       (int)point.size) == 1) {
        copy = NULL; /* it is `info`'s */
        length = i2d_X509_PUBKEY(info, &der);
    }
    OPENSSL_free(copy);
    X509_PUBKEY_free(info);
    return digest_of(der, length, out);
}

static bool id_of_ec(EVP_PKEY *key, struct keys_id *out)
{
    char curve[64];
    unsigned char *point = NULL;
    size_t size;
    bool done;

    if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) != 1)
        return false;
    size = EVP_PKEY_get1_encoded_public_key(key, &point);
    done = keys_id_of_point(curve, rs_text_of((const char *)point, size), out);
    OPENSSL_free(point);
    return done;
}

bool keys_id_of(EVP_PKEY *key, struct keys_id *out)
{
    unsigned char *der = NULL;
    int size;

    if (!key || id_of_ec(key, out))
        return key != NULL;
    size = i2d_PUBKEY(key, &der);
    return digest_of(der, size, out);
}

const struct keys_scheme *keys_scheme_by_code(uint16_t code)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (schemes[i].code == code)
            return &schemes[i];
    return NULL;
}

static bool same_digest(const char *one, const char *other)
{
    return one && other ? OPENSSL_strcasecmp(one, other) == 0 : one == other;
}

const struct keys_scheme *keys_scheme_for(const char *key_type, const char *digest, bool pss)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strcmp(schemes[i].key_type, key_type) == 0 && schemes[i].pss == pss &&
            same_digest(schemes[i].digest, digest))
            return &schemes[i];
    return NULL;
}

/* ---- what is signed -------------------------------------------------------------------------------- */

#define VERIFY_BLANKS 64
static const char verify_context[] = "TLS 1.3, server CertificateVerify"; /* with its 0 */

/* 64 blanks, the name of what is signed, a 0, and a digest of 32 or 48 bytes. */
static bool is_certificate_verify(rs_text bytes)
{
    size_t head = VERIFY_BLANKS + sizeof verify_context;

    if (bytes.size != head + 32 && bytes.size != head + 48)
        return false;
    for (size_t i = 0; i < VERIFY_BLANKS; i++)
        if (bytes.bytes[i] != ' ')
            return false;
    return memcmp(bytes.bytes + VERIFY_BLANKS, verify_context, sizeof verify_context) == 0;
}

#define EXCHANGE_RANDOMS 64
#define EXCHANGE_NAMED_CURVE 3

static const struct {
    uint16_t group; /* of TLS */
    size_t point;   /* bytes */
} exchange_groups[] = {{23, 65}, {24, 97}, {25, 133}, {29, 32}, {30, 56}};

/* Both randoms, the word "named curve", which one, and a point of its size. */
static bool is_server_key_exchange(rs_text bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.bytes + EXCHANGE_RANDOMS;
    size_t size;

    if (bytes.size < EXCHANGE_RANDOMS + 4 || at[0] != EXCHANGE_NAMED_CURVE)
        return false;
    size = bytes.size - EXCHANGE_RANDOMS - 4;
    for (size_t i = 0; i < sizeof exchange_groups / sizeof exchange_groups[0]; i++)
        if (exchange_groups[i].group == (at[1] << 8 | at[2]))
            return exchange_groups[i].point == at[3] && size == at[3];
    return false;
}

bool keys_scheme_may_sign(const struct keys_scheme *scheme, rs_text bytes)
{
    return is_server_key_exchange(bytes) || (scheme->tls13 && is_certificate_verify(bytes));
}

/* ---- signing --------------------------------------------------------------------------------------- */

EVP_MD_CTX *keys_scheme_prepare(const struct keys_scheme *scheme, EVP_PKEY *key)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    bool done = context && EVP_PKEY_is_a(key, scheme->key_type) == 1 &&
                EVP_DigestSignInit_ex(context, &parameters, scheme->digest, NULL, NULL, key, NULL) == 1;

    if (done && scheme->pss)
        done = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
    ERR_clear_error();
    if (done)
        return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

bool keys_scheme_sign(const EVP_MD_CTX *prepared, rs_text bytes, unsigned char *out, size_t *out_size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done;

    *out_size = KEYS_SIGNATURE_MAX;
    done = context && EVP_MD_CTX_copy_ex(context, prepared) == 1 &&
           EVP_DigestSign(context, out, out_size, (const unsigned char *)bytes.bytes, bytes.size) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return done;
}
