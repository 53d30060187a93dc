/* net/tls/trust.h - what a handshake needs of a struct tls_trust; for net/tls only.
 */
#ifndef NET_TLS_TRUST_H
#define NET_TLS_TRUST_H

#include "net/tls/tls.h"

/* Ask the client of `ssl` for a certificate, and judge it. */
bool tls_trust_enter(const struct tls_trust *trust, bool required, SSL *ssl);

#endif
