/* net/keys/client.h - asking the process that has the private keys for signatures, without standing still.
 *
 *     handshake, in an OpenSSL job -> sign: the request is sent, the job pauses     (SSL_ERROR_WANT_ASYNC)
 *     the loop goes on with other connections
 *     the reply is here -> keys_wait.wake(data): the handshake is called again and ends
 *
 * Outside an OpenSSL job it waits for the reply. While there is no connection (the other process was ended and is being
 * started again) jobs wait for the next one, and are sent again over it; who cannot pause fails at once.
 */
#ifndef NET_KEYS_CLIENT_H
#define NET_KEYS_CLIENT_H

#include "net/keys/remote.h"

struct loop;
struct keys_client;

/* What a paused handshake shares with its owner, who gives it to OpenSSL:
 *     SSL_set_async_callback(ssl, keys_wake); SSL_set_async_callback_arg(ssl, &wait); */
struct keys_wait {
    void (*wake)(void *data); /* the handshake can go on */
    void *data;
    bool abandoned; /* set by the owner before the last call: the signature is not wanted any more */
};
int keys_wake(SSL *ssl, void *wait);

RS_CHECKED rs_status keys_client_create(struct rs_job *job, struct loop *loop, struct keys_client **out);
void keys_client_destroy(struct keys_client *client); /* accepts NULL; nobody may be waiting */
RS_OWNED_BY(keys_client, keys_client_destroy)

/* Ask over this socket from now on; the descriptor is the client's. */
void keys_client_connect(struct keys_client *client, int fd);

/* Borrowed; lives as long as the client. */
const struct keys_signer *keys_client_signer(const struct keys_client *client);

size_t keys_client_waiting(const struct keys_client *client); /* requests without a reply */

#endif
