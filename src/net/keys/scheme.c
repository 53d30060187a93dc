#include "net/keys/scheme.h"

#include <string.h>

#include <openssl/crypto.h>
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

/* SubjectPublicKeyInfo of a key on a curve that has a name, or -1. OpenSSL 3 looks for an encoder anew each time, which takes
 * longer than ten signatures; nothing of that is needed to put the name of a curve and a point together. */
static int ec_public_der(EVP_PKEY *key, unsigned char **der)
{
    char curve[64];
    unsigned char *point = NULL;
    size_t size = 0;
    X509_PUBKEY *info;
    int nid, length = -1;

    if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) != 1)
        return -1;
    nid = OBJ_sn2nid(curve);
    info = nid != NID_undef ? X509_PUBKEY_new() : NULL;
    size = info ? EVP_PKEY_get1_encoded_public_key(key, &point) : 0;
    if (size > 0 && X509_PUBKEY_set0_param(info, OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT, OBJ_nid2obj(nid),
                                           point, (int)size) == 1) {
        point = NULL; /* it is `info`'s */
        length = i2d_X509_PUBKEY(info, der);
    }
    OPENSSL_free(point);
    X509_PUBKEY_free(info);
    return length;
}

bool keys_id_of(EVP_PKEY *key, struct keys_id *out)
{
    unsigned char *der = NULL;
    int size = key ? ec_public_der(key, &der) : -1;
    bool done;

    if (key && size <= 0)
        size = i2d_PUBKEY(key, &der);
    done = size > 0 && EVP_Digest(der, (size_t)size, out->bytes, NULL, EVP_sha256(), NULL) == 1;

    OPENSSL_free(der);
    ERR_clear_error();
    return done;
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
