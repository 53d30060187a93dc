/* net/tls/binding.h - what a binding does in a handshake; for net/tls only.
 */
#ifndef NET_TLS_BINDING_H
#define NET_TLS_BINDING_H

#include <openssl/types.h>

#include "net/tls/tls.h"

/* Give this connection the certificates (which are read at the first call) and the rules of the binding, and bind its sessions to
 * this binding and generation. False where none of the certificates can be used. */
bool tls_binding_enter(struct tls_binding *binding, SSL *ssl);

/* The answer to OpenSSL's status callback: what the authority says of the certificate that this client is shown. Whatever is
 * missing, the handshake goes on without. */
int tls_binding_staple(const struct tls_binding *binding, SSL *ssl);

bool tls_binding_is_proof(const struct tls_binding *binding);
bool tls_binding_asks_clients(const struct tls_binding *binding);

/* The answer to OpenSSL's ticket key callback: seal with the newest key, open with any that is young enough. */
int tls_binding_ticket_key(struct tls_binding *binding, unsigned char *name, unsigned char *iv,
                           EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt);

#endif
