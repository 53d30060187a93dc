/* net/pki/describe.h - what a certificate says of itself, and what speaks against it: for this folder only.
 */
#ifndef NET_PKI_DESCRIBE_H
#define NET_PKI_DESCRIBE_H

#include <openssl/x509.h>

#include "base/vec.h"
#include "net/pki/load.h"

#define PKI_DIGEST_SIZE 32
struct pki_digest {
    unsigned char bytes[PKI_DIGEST_SIZE]; /* SHA-256 */
};

#define PKI_SHA1_SIZE 20
rs_text pki_hexadecimal(struct rs_job *job, const unsigned char *bytes, size_t size); /* in capitals */

RS_VEC_TYPE(struct pki_reason, pki_reason_vec);

/* Of the public key: equal for a certificate and the key that fits it. False: no such key. */
bool pki_digest_of_key(EVP_PKEY *key, struct pki_digest *out);
bool pki_digest_of_certificate(X509 *certificate, struct pki_digest *out);

/* Fill what the certificate itself tells: texts, names, validity. */
void pki_describe(struct rs_job *job, X509 *certificate, struct pki_entry *out);

/* From when until when; where it does not say so legibly, never. UTC. */
void pki_describe_validity(X509 *certificate, int64_t *not_before_ms, int64_t *not_after_ms);

/* Fill what a request asks for: subject and names. */
void pki_describe_request(struct rs_job *job, X509_REQ *request, struct pki_pending *out);

/* Append every reason that lies in the certificate and the time. */
void pki_judge(struct rs_job *job, const struct pki_entry *entry, int64_t now_ms, struct pki_reason_vec *out);
/* Append one; `sentence` empty: the one of the table. */
void pki_reason_add(struct rs_job *job, struct pki_reason_vec *out, enum pki_reason_code code, rs_text sentence);

/* The name of who issued it, as pki_describe writes it. */
rs_text pki_issuer_name(struct rs_job *job, X509 *certificate);

bool pki_is_authority(X509 *certificate);
bool pki_is_self_signed(X509 *certificate);

#endif
