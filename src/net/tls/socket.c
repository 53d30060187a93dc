#include "net/tls/socket.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

/* A ticket of TLS 1.3 that something follows at once: the settings of HTTP/2, or the response to a request that came with
 * the end of the handshake. Any other goes by itself: it also tells the client's system that the handshake has arrived, and
 * until then that may keep the request back (Nagle). One of TLS 1.2 is a part of the handshake. */
static bool is_followed_ticket(const SSL *ssl)
{
    const unsigned char *protocol;
    unsigned int size;

    if (SSL_get_state(ssl) != TLS_ST_SW_SESSION_TICKET || SSL_version(ssl) != TLS1_3_VERSION)
        return false;
    SSL_get0_alpn_selected(ssl, &protocol, &size);
    return (size == 2 && memcmp(protocol, "h2", 2) == 0) || SSL_has_pending(ssl) == 1;
}

/* What OpenSSL is told of a system call that gave `result`; `direction`: BIO_FLAGS_READ or BIO_FLAGS_WRITE. */
static int outcome(BIO *bio, int direction, ssize_t result, size_t *done)
{
    BIO_clear_retry_flags(bio);
    if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY);
    *done = result > 0 ? (size_t)result : 0;
    return result > 0;
}

static int socket_write(BIO *bio, const char *bytes, size_t size, size_t *written)
{
    const struct tls_socket *socket = BIO_get_data(bio);
    int more = socket->more || is_followed_ticket(socket->ssl) ? MSG_MORE : 0;

    return outcome(bio, BIO_FLAGS_WRITE, send(socket->fd, bytes, size, MSG_NOSIGNAL | more), written);
}

static int socket_read(BIO *bio, char *bytes, size_t room, size_t *got)
{
    const struct tls_socket *socket = BIO_get_data(bio);
    ssize_t result = recv(socket->fd, bytes, room, 0);

    if (result == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return outcome(bio, BIO_FLAGS_READ, result, got);
}

static long socket_control(BIO *bio, int command, long number, void *data)
{
    (void)number, (void)data;
    switch (command) {
    case BIO_CTRL_FLUSH: /* nothing waits here */
        return 1;
    case BIO_CTRL_EOF:
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    default:
        return 0;
    }
}

/* One for all, as long as the process lives; NULL: no memory. */
static const BIO_METHOD *socket_method(void)
{
    static BIO_METHOD *method;

    if (method)
        return method;
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket of a TLS connection");
    if (method && BIO_meth_set_write_ex(method, socket_write) == 1 && BIO_meth_set_read_ex(method, socket_read) == 1 &&
        BIO_meth_set_ctrl(method, socket_control) == 1)
        return method;
    BIO_meth_free(method);
    return method = NULL;
}

bool tls_socket_use(struct tls_socket *socket)
{
    const BIO_METHOD *method = socket_method();
    BIO *bio = method ? BIO_new(method) : NULL;

    if (!bio)
        return false;
    BIO_set_data(bio, socket);
    BIO_set_init(bio, 1);
    SSL_set_bio(socket->ssl, bio, bio);
    return true;
}
