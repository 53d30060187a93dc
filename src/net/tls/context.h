/* net/tls/context.h - the rules every TLS context here follows.
 */
#ifndef NET_TLS_CONTEXT_H
#define NET_TLS_CONTEXT_H

#include <openssl/types.h>

#include "base/job.h"

/* What is spoken by default, the cheapest first: forward secrecy and authenticated encryption only. */
#define TLS_CIPHERS_12                                           \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define TLS_CIPHERS_13 "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

/* A context for servers with our versions, ciphers, groups, options and ALPN, without certificate. NULL where
 * OpenSSL refuses; its error queue says why. */
SSL_CTX *tls_context_create(void);

/* The callback of its ALPN: HTTP/2 or HTTP/1.1, or nothing that the client offered. */
int tls_context_choose(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *offered,
                       unsigned int offered_size, void *data);

/* rs_fail with OpenSSL's reason behind `what`; empties its error queue. */
rs_status tls_context_fail(struct rs_job *job, rs_status status, const char *what);

#endif
