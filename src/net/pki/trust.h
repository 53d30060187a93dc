/* net/pki/trust.h - whom this machine trusts, and the way from a certificate to its authority: for this folder only.
 */
#ifndef NET_PKI_TRUST_H
#define NET_PKI_TRUST_H

#include "net/pki/store.h"

/* The system's authorities and the local one (may be NULL). The caller frees it. NULL: no memory. */
X509_STORE *pki_trust_create(X509 *local_authority);

/* What is known of the issuer of the last certificate of a chain. */
enum pki_issuer {
    PKI_ISSUER_TRUSTED, /* this machine trusts it, or the local authority issued it */
    PKI_ISSUER_KNOWN,   /* its certificate is in the pool, self-signed, not trusted */
    PKI_ISSUER_SELF,    /* the certificate issued itself */
    PKI_ISSUER_UNKNOWN,
};

/* Append to `chain` the intermediates between `leaf` and its authority, nearest first, from `pool`. The chain
 * borrows them. Names and identifiers decide; signatures are checked when the chain is verified. */
enum pki_issuer pki_chain_build(X509_STORE *trust, X509 *leaf, X509 *const *pool, size_t pool_count,
                                struct stack_st_X509 *chain);

#endif
