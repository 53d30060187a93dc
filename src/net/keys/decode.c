#include "net/keys/decode.h"

#include <pthread.h>

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "net/keys/scheme.h"

static struct decoder {
    int kind;
    const char *name;
    OSSL_DECODER_CTX *context; /* made at first use; one thread at a time */
    EVP_PKEY *decoded;         /* where it puts the key */
} decoders[] = {{NID_X9_62_id_ecPublicKey, "EC", NULL, NULL}, {NID_rsaEncryption, "RSA", NULL, NULL}};

static pthread_mutex_t decoders_lock = PTHREAD_MUTEX_INITIALIZER;

static struct decoder *decoder_for(rs_text der)
{
    const unsigned char *at = (const unsigned char *)der.bytes;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.size);
    const ASN1_OBJECT *algorithm;
    struct decoder *found = NULL;

    if (info && PKCS8_pkey_get0(&algorithm, NULL, NULL, NULL, info))
        for (size_t i = 0; i < sizeof decoders / sizeof decoders[0]; i++)
            if (OBJ_obj2nid(algorithm) == decoders[i].kind)
                found = &decoders[i];
    PKCS8_PRIV_KEY_INFO_free(info);
    return found;
}

static EVP_PKEY *decode_with(struct decoder *decoder, rs_text der)
{
    const unsigned char *at = (const unsigned char *)der.bytes;
    size_t left = der.size;
    EVP_PKEY *key = NULL;

    pthread_mutex_lock(&decoders_lock);
    if (!decoder->context)
        decoder->context = OSSL_DECODER_CTX_new_for_pkey(&decoder->decoded, "DER", "PrivateKeyInfo", decoder->name,
                                                         OSSL_KEYMGMT_SELECT_KEYPAIR, NULL, NULL);
    if (decoder->context && OSSL_DECODER_from_data(decoder->context, &at, &left))
        key = decoder->decoded;
    decoder->decoded = NULL;
    pthread_mutex_unlock(&decoders_lock);
    return key;
}

EVP_PKEY *keys_decode(rs_text der)
{
    const unsigned char *at = (const unsigned char *)der.bytes;
    struct decoder *decoder = decoder_for(der);
    EVP_PKEY *key = decoder ? decode_with(decoder, der) : NULL;

    if (!key)
        key = d2i_AutoPrivateKey(NULL, &at, (long)der.size);
    ERR_clear_error();
    return key;
}

/* ---- whose ----------------------------------------------------------------------------------------- */

#define IN_BRACKETS 0x80 /* a tag [0] or [1] */

/* The next value, where it has this tag; `left` is what stands behind it. */
static bool take(rs_text *left, int tag, rs_text *out)
{
    const unsigned char *at = (const unsigned char *)left->bytes;
    int found, kind;
    long size;

    if (left->size == 0 || ASN1_get_object(&at, &size, &found, &kind, (long)left->size) & 0x81 || /* an error, or no length */
        found != (tag & ~IN_BRACKETS) || kind != (tag & IN_BRACKETS ? V_ASN1_CONTEXT_SPECIFIC : V_ASN1_UNIVERSAL))
        return false;
    *out = rs_text_of((const char *)at, (size_t)size);
    *left = rs_text_from_offset(*left, (size_t)((const char *)at - left->bytes) + (size_t)size);
    return true;
}

/* ECPrivateKey ::= SEQUENCE { version, privateKey, parameters [0] OPTIONAL, publicKey [1] BIT STRING } */
static bool take_point(rs_text key, rs_text *out)
{
    rs_text fields, skipped, brackets;

    if (!take(&key, V_ASN1_SEQUENCE, &fields) || !take(&fields, V_ASN1_INTEGER, &skipped) ||
        !take(&fields, V_ASN1_OCTET_STRING, &skipped))
        return false;
    (void)take(&fields, IN_BRACKETS | 0, &skipped);
    if (!take(&fields, IN_BRACKETS | 1, &brackets) || !take(&brackets, V_ASN1_BIT_STRING, out) || out->size < 2)
        return false;
    *out = rs_text_from_offset(*out, 1); /* the number of unused bits */
    return true;
}

bool keys_id_in(rs_text der, struct keys_id *out)
{
    const unsigned char *at = (const unsigned char *)der.bytes, *inner;
    PKCS8_PRIV_KEY_INFO *info = der.size > 0 ? d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.size) : NULL;
    const ASN1_OBJECT *kind;
    const X509_ALGOR *algorithm;
    const void *curve;
    int size, curve_type;
    rs_text point;
    bool found = false;

    if (info && PKCS8_pkey_get0(&kind, &inner, &size, &algorithm, info) && OBJ_obj2nid(kind) == NID_X9_62_id_ecPublicKey) {
        X509_ALGOR_get0(NULL, &curve_type, &curve, algorithm);
        found = curve_type == V_ASN1_OBJECT && take_point(rs_text_of((const char *)inner, (size_t)size), &point) &&
                keys_id_of_point(OBJ_nid2sn(OBJ_obj2nid(curve)), point, out);
    }
    PKCS8_PRIV_KEY_INFO_free(info); /* wiped by OpenSSL */
    ERR_clear_error();
    return found;
}
