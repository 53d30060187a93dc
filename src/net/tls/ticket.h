/* net/tls/ticket.h - the keys that seal session tickets; for net/tls only.
 *
 * Of one binding: random, or, where other nodes must be able to open them, from a seed and the time (HKDF, RFC 5869). A
 * key seals for an hour and opens what it sealed for two more.
 */
#ifndef NET_TLS_TICKET_H
#define NET_TLS_TICKET_H

#include <openssl/types.h>

#include "net/tls/tls.h"

#define TICKET_KEY_NAME_SIZE 16
#define TICKET_KEYS 4 /* enough for what may still be opened, and the newest */

struct ticket_key {
    int64_t made_ms; /* steady clock; of a derived key the number of its hour */
    unsigned char name[TICKET_KEY_NAME_SIZE];
    unsigned char cipher[32];
    unsigned char mac[32];
};

struct ticket_keys {
    bool derived;
    unsigned char seed[TLS_SECRET_SIZE];
    size_t count;
    struct ticket_key keys[TICKET_KEYS]; /* the newest first; never stored */
};

/* `policy` says where they come from. */
void ticket_keys_init(struct ticket_keys *keys, const struct tls_policy *policy);
/* 32 bytes that mark sessions as those of this binding, on every node with the seed. */
bool ticket_keys_session_context(const struct ticket_keys *keys, unsigned char out[32]);
/* Nothing that was sealed can be opened any more. Not of derived keys: a new seed does that. */
void ticket_keys_forget(struct ticket_keys *keys);

/* The answer to OpenSSL's ticket key callback: seal with the newest key, open with any that is young enough. */
int ticket_keys_use(struct ticket_keys *keys, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                    EVP_MAC_CTX *mac, int encrypt);

/* HKDF with SHA-256: `size` bytes of `out` from a secret and what they are for. */
bool ticket_derive(const unsigned char *secret, size_t secret_size, rs_text purpose, unsigned char *out, size_t size);

#endif
