/* net/pki/kinds.h - the kinds of keys that are made here.
 */
#ifndef NET_PKI_KINDS_H
#define NET_PKI_KINDS_H

#include <openssl/types.h>

#include "base/job.h"

enum pki_key_kind { PKI_ECDSA_P256, PKI_ECDSA_P384, PKI_RSA_2048, PKI_RSA_3072, PKI_RSA_4096, PKI_KEY_KINDS };

/* "ecdsa-p256", "rsa-2048", ...: false where there is no such kind. */
bool pki_key_kind_parse(rs_text t, enum pki_key_kind *out);
const char *pki_key_kind_name(enum pki_key_kind kind);
bool pki_key_kind_is_rsa(enum pki_key_kind kind);

/* A new key, freed with the job: use one that ends soon. Fails with PKI_FAILED. */
RS_CHECKED rs_status pki_key_make(struct rs_job *job, enum pki_key_kind kind, EVP_PKEY **out);

#endif
