/* net/tls/context.h - the rules every TLS context here follows.
 */
#ifndef NET_TLS_CONTEXT_H
#define NET_TLS_CONTEXT_H

#include <openssl/types.h>

#include "base/job.h"

/* A context for servers with our versions, ciphers, groups, options and ALPN, without certificate. NULL where
 * OpenSSL refuses; its error queue says why. */
SSL_CTX *tls_context_create(void);

/* rs_fail with OpenSSL's reason behind `what`; empties its error queue. */
rs_status tls_context_fail(struct rs_job *job, rs_status status, const char *what);

#endif
