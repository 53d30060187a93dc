/* net/pki/keys.h - the one way to a private key that lies in the certificate store.
 *
 * The parent asks, to judge a certificate before a bind and to hand its key to the process that signs (net/keys). Nothing else
 * reads a key; each time it is read anew, and nothing is kept here.
 */
#ifndef NET_PKI_KEYS_H
#define NET_PKI_KEYS_H

#include <openssl/types.h>

#include "base/job.h"

struct pki_store;

/* The key of the certificate with this SHA-256 thumbprint; one reference is the caller's.
 * Fails with RS_NOT_FOUND, PKI_KEY_REFUSED. */
RS_CHECKED rs_status pki_keys_open(struct rs_job *job, const struct pki_store *store, rs_text sha256, EVP_PKEY **out);
/* Fails as that would, for who does not need the key itself. */
RS_CHECKED rs_status pki_keys_check(struct rs_job *job, const struct pki_store *store, rs_text sha256);

/* The same key as DER, in the form that it has in its file where that is plain (PKCS#8), without a look whether it fits the
 * certificate: for who looks himself. The caller gives the bytes to pki_wipe. */
RS_CHECKED rs_status pki_keys_bytes(struct rs_job *job, const struct pki_store *store, rs_text sha256, rs_text *out);

/* Keep this process's memory out of core dumps and away from debuggers: for the process that holds keys. */
void pki_keys_protect_process(void);

#endif
