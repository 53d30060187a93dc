/* net/tls/socket.h - the socket under a connection, as OpenSSL wants it.
 *
 * Unlike OpenSSL's own it can leave the system to wait for more (MSG_MORE, send(2)): what does not fill a packet goes
 * with what is written next, or after 200 milliseconds.
 */
#ifndef NET_TLS_SOCKET_H
#define NET_TLS_SOCKET_H

#include <openssl/types.h>
#include <stdbool.h>

struct tls_socket {
    int fd;    /* non-blocking; the caller's */
    SSL *ssl;  /* whose it is */
    bool more; /* something is written behind what comes now, or the socket is shut */
};

/* Give it to socket->ssl. `socket` must outlive that. False: no memory. */
bool tls_socket_use(struct tls_socket *socket);

#endif
