/* net/keys/server.h - the private keys, and the only place where they sign.
 *
 * Keys come as bytes and are known by their public half from then on. Whoever is attached may ask for signatures with
 * any of them, but only for what a TLS server signs (scheme.h). Nothing gives a key back.
 */
#ifndef NET_KEYS_SERVER_H
#define NET_KEYS_SERVER_H

#include "base/job.h"
#include "net/keys/scheme.h"

#define KEYS_MAX 100000 /* keys at one time */

struct loop;
struct keys_server;

/* `missing` (may be NULL) is told once of a key that was asked for and is not here: who asks then waits for keys_server_load or
 * keys_server_refuse. Without it such a request is answered at once: there is no such key. */
struct keys_server_hooks {
    void (*missing)(void *data, const struct keys_id *key);
    void *data;
};

RS_CHECKED rs_status keys_server_create(struct rs_job *job, struct loop *loop, const struct keys_server_hooks *hooks,
                                        struct keys_server **out);
void keys_server_destroy(struct keys_server *server); /* accepts NULL; wipes the keys */
RS_OWNED_BY(keys_server, keys_server_destroy)

/* The private key of this id as DER (PKCS#8 or the older forms), which the caller wipes. One that is here already is not changed.
 * Where there is no room for it all others are forgotten. Fails with PKI_KEY_REFUSED where the bytes are no key, or another
 * one; who waits for it is told that there is none. */
RS_CHECKED rs_status keys_server_load(struct rs_job *job, struct keys_server *server, const struct keys_id *expected, rs_text der);
/* There is no such key anywhere. */
void keys_server_refuse(struct keys_server *server, const struct keys_id *key);
/* Forget, and wipe, all keys but these. Requests that are here already are answered before. */
void keys_server_retain(struct keys_server *server, const struct keys_id *keys, size_t count);

/* Answer whoever is at the other end of this socket; the descriptor is the server's. */
void keys_server_attach(struct keys_server *server, int fd);

size_t keys_server_count(const struct keys_server *server);
uint64_t keys_server_signatures(const struct keys_server *server); /* made so far */

#endif
