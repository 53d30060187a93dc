/* net/tls/end_point.h - the certificate that a client was shown, also where it goes on with a session; for net/tls only.
 *
 * Source:  RFC 5929 section 4 (tls-server-end-point); OpenSSL manual, SSL_CTX_set_session_ticket_cb(3).
 */
#ifndef NET_TLS_END_POINT_H
#define NET_TLS_END_POINT_H

#include <openssl/ssl.h>

#include "net/tls/tls.h"

/* For SSL_CTX_set_session_ticket_cb. */
int tls_end_point_remember(SSL *ssl, void *unused);
SSL_TICKET_RETURN tls_end_point_restore(SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t size,
                                        SSL_TICKET_STATUS status, void *unused);

/* NULL where it cannot be told. Borrowed. */
X509 *tls_end_point_shown(SSL *ssl);

#endif
