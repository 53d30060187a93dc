/* net/tls/binding.h - what a binding does in a handshake; for net/tls only.
 */
#ifndef NET_TLS_BINDING_H
#define NET_TLS_BINDING_H

#include <openssl/types.h>

#include "net/tls/tls.h"

/* Made at the first call; NULL where the certificate or its key cannot be used. */
SSL_CTX *tls_binding_context(struct tls_binding *binding);

/* Bind the sessions of this connection to this binding and generation. */
bool tls_binding_enter(const struct tls_binding *binding, SSL *ssl);

bool tls_binding_asks_clients(const struct tls_binding *binding);

/* The answer to OpenSSL's ticket key callback: seal with the newest key, open with any that is young enough. */
int tls_binding_ticket_key(struct tls_binding *binding, unsigned char *name, unsigned char *iv,
                           EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt);

#endif
