/* net/keys/remote.h - an EVP_PKEY that has a public half and knows whom to ask for signatures.
 *
 * A small OpenSSL provider ("keys-of-bindery") with key managers and signatures for RSA, EC, Ed25519 and Ed448. Such a key
 * can be given to an SSL_CTX like any other; it has no private numbers to be read, exported or leaked.
 *
 * Source:  OpenSSL 3 manual, provider(7), provider-keymgmt(7), provider-signature(7).
 */
#ifndef NET_KEYS_REMOTE_H
#define NET_KEYS_REMOTE_H

#include "base/job.h"
#include "net/keys/scheme.h"

/* Who signs. `sign` puts the signature into `out` (KEYS_SIGNATURE_MAX bytes); false: it could not. It may pause the
 * OpenSSL job that it runs in (ASYNC_pause_job). */
struct keys_signer {
    bool (*sign)(void *data, const struct keys_id *key, const struct keys_scheme *scheme, rs_text bytes,
                 unsigned char *out, size_t *out_size);
    void *data;
};

/* A key with the public half of `public_key`, one reference of which is the caller's; `signer` must outlive it. Fails
 * with TLS_IDENTITY for kinds of keys that are not known. */
RS_CHECKED rs_status keys_remote_create(struct rs_job *job, EVP_PKEY *public_key, const struct keys_signer *signer,
                                        EVP_PKEY **out);

#endif
