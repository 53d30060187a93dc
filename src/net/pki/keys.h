/* net/pki/keys.h - the one way to a private key that lies in the certificate store.
 *
 * Whoever needs a key asks through `struct pki_keys`: the parent, to judge a certificate before a bind and to hand its key
 * to the process that signs (net/keys). Nothing else reads a key.
 */
#ifndef NET_PKI_KEYS_H
#define NET_PKI_KEYS_H

#include <openssl/types.h>

#include "base/job.h"

struct pki_store;

struct pki_keys {
    /* The key of the certificate with this SHA-256 thumbprint; one reference is the caller's.
     * Fails with RS_NOT_FOUND, PKI_KEY_REFUSED. */
    rs_status (*open)(struct rs_job *job, void *data, rs_text sha256, EVP_PKEY **out);
    void *data;
};

RS_CHECKED rs_status pki_keys_open(struct rs_job *job, const struct pki_keys *keys, rs_text sha256,
                                   EVP_PKEY **out);

/* Keys that are read from the store's files in this process, each time anew: nothing is kept here. The
 * store must outlive it. */
struct pki_keys pki_keys_in_process(struct pki_store *store);

/* The same key as DER, in the form that it has in its file where that is plain (PKCS#8), without a look whether it fits the
 * certificate: for who looks himself. The caller gives the bytes to pki_wipe. */
RS_CHECKED rs_status pki_keys_bytes(struct rs_job *job, struct pki_store *store, rs_text sha256, rs_text *out);

/* Keep this process's memory out of core dumps and away from debuggers: for the process that holds keys. */
void pki_keys_protect_process(void);

#endif
