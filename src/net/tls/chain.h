/* net/tls/chain.h - certificates out of their bytes; for net/tls only.
 */
#ifndef NET_TLS_CHAIN_H
#define NET_TLS_CHAIN_H

#include <openssl/x509.h>

#include "net/tls/tls.h"

/* Both are the caller's to free, also where it fails with TLS_IDENTITY. `*chain` may be empty. */
RS_CHECKED rs_status tls_chain_read(struct rs_job *job, const struct tls_chain *chain, X509 **certificate,
                                    STACK_OF(X509) **issuers);

/* What was stapled to it, where that may be shown now; empty: nothing. Borrowed until the next tls_chain_staple. */
rs_text tls_chain_stapled(const struct tls_chain *chain);

#endif
