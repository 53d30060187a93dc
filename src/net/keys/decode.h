/* net/keys/decode.h - a private key from its bytes.
 *
 * OpenSSL 3 looks for a decoder anew each time, which takes longer than ten signatures: those of the two common kinds are kept.
 */
#ifndef NET_KEYS_DECODE_H
#define NET_KEYS_DECODE_H

#include <openssl/types.h>

#include "base/text.h"

/* PKCS#8 without a password, or the older form of one kind; the caller's to free. NULL: neither. Any thread may ask.
 * Source: RFC 5958, RFC 5915, RFC 8017 A.1.2. */
EVP_PKEY *keys_decode(rs_text der);

#endif
