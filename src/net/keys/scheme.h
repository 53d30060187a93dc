/* net/keys/scheme.h - what a private key may be asked to sign: what a TLS server signs in a handshake, nothing else.
 *
 * Source:  RFC 8446 sections 4.2.3 (signature schemes) and 4.4.3 (CertificateVerify); RFC 8422 section 5.4 and RFC 5246
 *          section 7.4.3 (ServerKeyExchange).
 *
 * The asker sends the bytes to be signed, not their digest: so it can be seen what they are. A process that was taken
 * over can make handshakes go on with the keys it may name, for as long as it lives; it cannot sign a certificate, a
 * request, a token or anything else that is of use elsewhere.
 */
#ifndef NET_KEYS_SCHEME_H
#define NET_KEYS_SCHEME_H

#include <openssl/types.h>

#include "base/text.h"

#define KEYS_SIGNED_MAX 256     /* bytes that are signed: randoms and a point on the largest curve */
#define KEYS_SIGNATURE_MAX 2048 /* bytes of a signature: RSA of 16384 bits */
#define KEYS_ID_SIZE 32

/* A key by its public half: SHA-256 of the SubjectPublicKeyInfo. */
struct keys_id {
    unsigned char bytes[KEYS_ID_SIZE];
};

/* False where there is no such key. `key` may be a public one. */
bool keys_id_of(EVP_PKEY *key, struct keys_id *out);
/* The same of a point on a curve, by OpenSSL's name of it. False where the curve has none, or the point is compressed. */
bool keys_id_of_point(const char *curve, rs_text point, struct keys_id *out);

struct keys_scheme {
    uint16_t code;        /* of TLS */
    const char *key_type; /* as OpenSSL names it */
    const char *digest;   /* NULL: the algorithm has its own */
    bool pss;
    bool tls13; /* may sign a CertificateVerify of TLS 1.3; all may sign for TLS 1.2 */
};

/* NULL: none. */
const struct keys_scheme *keys_scheme_by_code(uint16_t code);
const struct keys_scheme *keys_scheme_for(const char *key_type, const char *digest, bool pss);

/* Are these the bytes that a server signs with this scheme? */
bool keys_scheme_may_sign(const struct keys_scheme *scheme, rs_text bytes);

/* The key, ready to sign with the scheme again and again: OpenSSL looks for its algorithms here, not for each signature. Keeps
 * a reference to the key; freed with EVP_MD_CTX_free. NULL where the key does not fit the scheme. */
EVP_MD_CTX *keys_scheme_prepare(const struct keys_scheme *scheme, EVP_PKEY *key);

/* `out` has KEYS_SIGNATURE_MAX bytes. False where the key cannot sign. */
bool keys_scheme_sign(const EVP_MD_CTX *prepared, rs_text bytes, unsigned char *out, size_t *out_size);

#endif
