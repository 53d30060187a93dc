/* tests/unit/net/ocsp/world.h - authorities, certificates and answers made for a test, in memory.
 */
#ifndef UNIT_NET_OCSP_WORLD_H
#define UNIT_NET_OCSP_WORLD_H

#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include "base/job.h"

#define WORLD_RESPONDER "http://ocsp.example/"

/* Freed with the job. */
struct world {
    EVP_PKEY *key, *other_key;     /* of everybody; of the stranger */
    X509 *issuer, *stranger;       /* authorities */
    X509 *leaf, *sibling;          /* of the issuer; the leaf has a responder and must be stapled */
    X509 *delegate, *no_delegate;  /* of the issuer, the first for signing answers */
};

void world_make(struct rs_job *job, struct world *out);

/* An answer of `signer`, in DER: `state` is V_OCSP_CERTSTATUS_GOOD ...; times in seconds from now, `to` 0: without an end. */
rs_text world_answer(struct rs_job *job, const struct world *world, X509 *certificate, X509 *signer, EVP_PKEY *key, int state,
                     long from, long to);

#endif
