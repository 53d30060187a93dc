#include "net/tls/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

/* A ticket of TLS 1.3: the settings of HTTP/2 follow it, or the response to the first request. One of TLS 1.2 is a part
 * of the handshake. */
static bool is_followed_ticket(const SSL *ssl)
{
    return SSL_get_state(ssl) == TLS_ST_SW_SESSION_TICKET && SSL_version(ssl) == TLS1_3_VERSION;
}

/* The client's system may keep the request back until it knows that the end of the handshake has arrived (Nagle), and
 * ours would tell it with the ticket. */
static void acknowledge(int fd)
{
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int)); /* other kinds of sockets do without */
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
    bool is_followed = is_followed_ticket(socket->ssl);
    int more = socket->more || is_followed ? MSG_MORE : 0;
    ssize_t sent = send(socket->fd, bytes, size, MSG_NOSIGNAL | more);
    int is_done = outcome(bio, BIO_FLAGS_WRITE, sent, written);

    if (is_followed && !SSL_has_pending(socket->ssl))
        acknowledge(socket->fd);
    return is_done;
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
