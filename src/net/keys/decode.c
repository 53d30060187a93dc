#include "net/keys/decode.h"

#include <pthread.h>

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

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
