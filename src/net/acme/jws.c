#include "net/acme/jws.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "format/escape/base64.h"
#include "format/json/json.h"

#define P256_BYTES 32

static rs_status jws_failed(struct rs_job *job)
{
    ERR_clear_error();
    return rs_fail(job, PKI_FAILED, "cannot sign with the account's key");
}

rs_text jws_base64url(struct rs_job *job, rs_text bytes)
{
    rs_buf out = rs_buf_in(job);

    escape_base64_write(&out, bytes);
    while (out.used > 0 && out.bytes[out.used - 1] == '=')
        out.used--;
    for (size_t i = 0; i < out.used; i++)
        out.bytes[i] = out.bytes[i] == '+' ? '-' : out.bytes[i] == '/' ? '_' : out.bytes[i];
    return rs_buf_text(&out);
}

rs_status jws_base64url_parse(struct rs_job *job, rs_text text, rs_text *out)
{
    char *copy = rs_text_terminated(job, text);

    for (size_t i = 0; i < text.size; i++)
        copy[i] = copy[i] == '-' ? '+' : copy[i] == '_' ? '/' : copy[i];
    return escape_base64_parse(job, rs_text_of(copy, text.size), out);
}

static rs_status coordinate(struct rs_job *job, EVP_PKEY *key, const char *name, rs_text *out)
{
    unsigned char bytes[P256_BYTES];
    BIGNUM *number = NULL;
    bool done = EVP_PKEY_get_bn_param(key, name, &number) == 1 && BN_bn2binpad(number, bytes, sizeof bytes) == sizeof bytes;

    BN_free(number);
    if (!done)
        return jws_failed(job);
    *out = jws_base64url(job, rs_text_of((const char *)bytes, sizeof bytes));
    return RS_OK;
}

rs_status jws_public_key(struct rs_job *job, EVP_PKEY *key, rs_text *out)
{
    rs_text x, y;

    RS_TRY(coordinate(job, key, OSSL_PKEY_PARAM_EC_PUB_X, &x));
    RS_TRY(coordinate(job, key, OSSL_PKEY_PARAM_EC_PUB_Y, &y));
    *out = rs_text_format(job, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%.*s\",\"y\":\"%.*s\"}", RS_TEXT_ARG(x), RS_TEXT_ARG(y));
    return RS_OK;
}

rs_status jws_thumbprint(struct rs_job *job, EVP_PKEY *key, rs_text *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    rs_text json;

    RS_TRY(jws_public_key(job, key, &json));
    if (EVP_Digest(json.bytes, json.size, digest, &size, EVP_sha256(), NULL) != 1)
        return jws_failed(job);
    *out = jws_base64url(job, rs_text_of((const char *)digest, size));
    return RS_OK;
}

/* ---- signatures ---------------------------------------------------------------------------- */

/* r and s behind each other, each of 32 bytes: not the DER that OpenSSL gives. */
static bool plain_signature(const unsigned char *der, size_t size, unsigned char out[2 * P256_BYTES])
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)size);
    bool done = signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, P256_BYTES) == P256_BYTES &&
                BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + P256_BYTES, P256_BYTES) == P256_BYTES;

    ECDSA_SIG_free(signature);
    return done;
}

static rs_status sign_es256(struct rs_job *job, EVP_PKEY *key, rs_text text, rs_text *out)
{
    unsigned char der[256], plain[2 * P256_BYTES];
    size_t size = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestSign(context, der, &size, (const unsigned char *)text.bytes, text.size) == 1 &&
                plain_signature(der, size, plain);

    EVP_MD_CTX_free(context);
    if (!done)
        return jws_failed(job);
    *out = jws_base64url(job, rs_text_of((const char *)plain, sizeof plain));
    return RS_OK;
}

/* {"protected":...,"payload":...,"signature":...} with everything encoded already. */
static rs_text assemble(struct rs_job *job, rs_text head, rs_text payload, rs_text signature)
{
    return rs_text_format(job, "{\"protected\":\"%.*s\",\"payload\":\"%.*s\",\"signature\":\"%.*s\"}", RS_TEXT_ARG(head),
                          RS_TEXT_ARG(payload), RS_TEXT_ARG(signature));
}

rs_status jws_sign(struct rs_job *job, EVP_PKEY *key, rs_text account, rs_text nonce, rs_text url, rs_text payload,
                   rs_text *out)
{
    json_t *head = json_keep(job, json_pack("{s:s, s:o, s:o}", "alg", "ES256", "nonce", json_from_text(nonce), "url",
                                            json_from_text(url)));
    rs_text json, encoded_head, encoded_payload, signature;

    if (account.size > 0) {
        json_object_set_new(head, "kid", json_from_text(account));
    } else {
        json_t *public_key;
        RS_TRY(jws_public_key(job, key, &json));
        RS_TRY(json_parse(job, json, 0, &public_key));
        json_object_set(head, "jwk", public_key);
    }
    encoded_head = jws_base64url(job, json_write(job, head, JSON_COMPACT_LINE));
    encoded_payload = jws_base64url(job, payload);
    RS_TRY(sign_es256(job, key, rs_text_format(job, "%.*s.%.*s", RS_TEXT_ARG(encoded_head), RS_TEXT_ARG(encoded_payload)),
                      &signature));
    *out = assemble(job, encoded_head, encoded_payload, signature);
    return RS_OK;
}

rs_status jws_external_account(struct rs_job *job, rs_text id, rs_text secret, rs_text url, EVP_PKEY *key, rs_text *out)
{
    json_t *head = json_keep(job, json_pack("{s:s, s:o, s:o}", "alg", "HS256", "kid", json_from_text(id), "url",
                                            json_from_text(url)));
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    rs_text json, encoded_head, encoded_payload, text;

    RS_TRY(jws_public_key(job, key, &json));
    encoded_head = jws_base64url(job, json_write(job, head, JSON_COMPACT_LINE));
    encoded_payload = jws_base64url(job, json);
    text = rs_text_format(job, "%.*s.%.*s", RS_TEXT_ARG(encoded_head), RS_TEXT_ARG(encoded_payload));
    if (!HMAC(EVP_sha256(), secret.bytes, (int)secret.size, (const unsigned char *)text.bytes, text.size, mac, &size))
        return jws_failed(job);
    *out = assemble(job, encoded_head, encoded_payload, jws_base64url(job, rs_text_of((const char *)mac, size)));
    return RS_OK;
}
