/* net/acme/jws.h - signed JSON as ACME takes it: ES256 with the account's key, HS256 for an external account.
 *
 * Source:  RFC 7515 (JWS), 7517 (JWK), 7638 (thumbprint), 8555 section 6.2 and 7.3.4.
 */
#ifndef NET_ACME_JWS_H
#define NET_ACME_JWS_H

#include <jansson.h>
#include <openssl/types.h>

#include "base/job.h"

/* Without padding. */
rs_text jws_base64url(struct rs_job *job, rs_text bytes);
/* And back; fails with RS_INVALID. */
RS_CHECKED rs_status jws_base64url_parse(struct rs_job *job, rs_text text, rs_text *out);

/* The public half of a P-256 key as JSON, members in the order of the thumbprint. */
RS_CHECKED rs_status jws_public_key(struct rs_job *job, EVP_PKEY *key, rs_text *out);
/* SHA-256 of that, in base64url: what challenges are answered with. */
RS_CHECKED rs_status jws_thumbprint(struct rs_job *job, EVP_PKEY *key, rs_text *out);

/* `payload` empty: POST-as-GET. `account` is the account's address; empty: the public key itself is sent along. */
RS_CHECKED rs_status jws_sign(struct rs_job *job, EVP_PKEY *key, rs_text account, rs_text nonce, rs_text url, rs_text payload,
                              rs_text *out);

/* The binding to an account that exists at the authority already; `secret` are its bytes. */
RS_CHECKED rs_status jws_external_account(struct rs_job *job, rs_text id, rs_text secret, rs_text url, EVP_PKEY *key,
                                          rs_text *out);

#endif
