/* net/keys/library.h - OpenSSL with the algorithms of TLS certificates alone.
 *
 * OpenSSL 3 asks every decoder that it knows about every public key that it reads, and a certificate holds one: that is nine
 * tenths of what reading a certificate costs. Here are library contexts with OpenSSL's own algorithms, whose decoders are those of
 * public keys that certificates for TLS have. Keys that come out of them may be used wherever others may.
 *
 * Source:  OpenSSL 3 manual, OSSL_LIB_CTX(3), provider(7), provider-decoder(7).
 */
#ifndef NET_KEYS_LIBRARY_H
#define NET_KEYS_LIBRARY_H

#include <openssl/types.h>

#include "base/job.h"

/* For clients of our own service that look what they are shown: forward secrecy and authenticated encryption alone. Made at
 * first use; it ends with the process. NULL where OpenSSL cannot make it: that is the ordinary one. Any thread may ask. */
OSSL_LIB_CTX *keys_library(void);

/* A certificate out of DER, all of it; the caller's to free. Where its key is of another kind than these, it is read as OpenSSL
 * would. NULL: it is none. */
X509 *keys_read_certificate(rs_text der);

/* As DER. */
rs_text keys_certificate_bytes(struct rs_job *job, const X509 *certificate);

#endif
