#include "net/loop/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* False where `address` is neither an IPv4 nor an IPv6 address. */
static bool make_address(rs_text address, uint16_t port, union any_address *out, socklen_t *size)
{
    char text[INET6_ADDRSTRLEN];

    memset(out, 0, sizeof *out);
    out->v6.sin6_family = AF_INET6; /* an empty address: `::`, which takes both families */
    out->v6.sin6_port = htons(port);
    *size = sizeof out->v6;
    if (address.size == 0)
        return true;
    if (address.size >= sizeof text)
        return false;
    memcpy(text, address.bytes, address.size);
    text[address.size] = '\0';
    if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1)
        return true;
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(port);
    *size = sizeof out->v4;
    return inet_pton(AF_INET, text, &out->v4.sin_addr) == 1;
}

static rs_status refused(struct rs_job *job, rs_text address, uint16_t port)
{
    static const struct {
        int error;
        const char *why;
    } reasons[] = {
        {EADDRINUSE, "another program listens there already"},
        {EADDRNOTAVAIL, "this machine does not have that address"},
        {EACCES, "ports below 1024 need a privilege (CAP_NET_BIND_SERVICE)"},
    };
    const char *why = strerror(errno);
    bool wildcard = address.size == 0;

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].error == errno)
            why = reasons[i].why;
    return rs_fail(job, LOOP_ADDRESS, "cannot listen on %.*s port %u: %s",
                   RS_TEXT_ARG(wildcard ? RS_TEXT("any address,") : address), port, why);
}

static int try_listen(const union any_address *address, socklen_t size, bool both_families,
                      bool share)
{
    int family = address->any.sa_family, on = 1, off = 0, kept;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (share)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, both_families ? &off : &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted sockets inherit it */
    if (bind(fd, &address->any, size) == 0 && listen(fd, LOOP_BACKLOG) == 0)
        return fd;
    kept = errno;
    close(fd);
    errno = kept;
    return -1;
}

static rs_status listen_on(struct rs_job *job, rs_text address, uint16_t port, bool share, int *out)
{
    union any_address where;
    socklen_t size;
    int fd;

    if (!make_address(address, port, &where, &size))
        return rs_fail(job, LOOP_ADDRESS, "\"%.*s\" is not an IP address", RS_TEXT_ARG(address));
    fd = try_listen(&where, size, address.size == 0, share);
    if (fd < 0 && address.size == 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
        /* a machine without IPv6 */
        if (make_address(RS_TEXT("0.0.0.0"), port, &where, &size))
            fd = try_listen(&where, size, false, share);
    }
    if (fd < 0)
        return refused(job, address, port);
    *out = fd;
    return RS_OK;
}

rs_status loop_listen(struct rs_job *job, rs_text address, uint16_t port, int *out)
{
    return listen_on(job, address, port, false, out);
}

rs_status loop_listen_beside(struct rs_job *job, rs_text address, uint16_t port, const int *fds,
                             size_t count, int *out)
{
    int on = 1;

    /* Set late, on sockets that are bound already, it still lets the new one in. A socket of another program
     * does not have it, so that its port is still found in use. */
    for (size_t i = 0; i < count; i++)
        setsockopt(fds[i], SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    return listen_on(job, address, port, count > 0, out);
}

uint16_t loop_socket_port(int fd)
{
    union any_address where = {0};
    socklen_t size = sizeof where;

    if (getsockname(fd, &where.any, &size) != 0)
        return 0;
    if (where.any.sa_family == AF_INET6)
        return ntohs(where.v6.sin6_port);
    return where.any.sa_family == AF_INET ? ntohs(where.v4.sin_port) : 0;
}
