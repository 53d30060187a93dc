/* net/keys/decode.h - a private key from its bytes.
 *
 * OpenSSL 3 looks for a decoder anew each time, which takes longer than ten signatures: those of the two common kinds are kept.
 */
#ifndef NET_KEYS_DECODE_H
#define NET_KEYS_DECODE_H

#include <openssl/types.h>

#include "base/text.h"

struct keys_id;

/* PKCS#8 without a password, or the older form of one kind; the caller's to free. NULL: neither. Any thread may ask.
 * Source: RFC 5958, RFC 5915, RFC 8017 A.1.2. */
EVP_PKEY *keys_decode(rs_text der);

/* Whose private key this is (net/keys/scheme.h), without making it: of an elliptic curve with a name, in PKCS#8 that has the
 * public half in it, as nearly everybody writes them. False: another key, or none. Nothing tells that the halves belong together, but
 * a signature.
 * Source: RFC 5958, RFC 5915. */
bool keys_id_in(rs_text der, struct keys_id *out);

#endif
