#include "daemon/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "net/loop/listen.h"
#include "net/tables/snapshot.h"

#define UNIX_BACKLOG 1024

rs_status sockets_listen_unix(struct rs_job *job, rs_text path, int type, mode_t mode, int *out)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    RS_OWNED_FD fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    mode_t before;
    int bound;

    if (fd < 0)
        return rs_fail(job, RS_IO, "cannot make a socket: %s", strerror(errno));
    if (path.size >= sizeof address.sun_path)
        return rs_fail(job, RS_INVALID, "the path \"%.*s\" is too long for a socket", RS_TEXT_ARG(path));
    memcpy(address.sun_path, path.bytes, path.size);
    unlink(address.sun_path); /* the lock says that no other server runs here */
    before = umask(0777 & ~mode);
    bound = bind(fd, (struct sockaddr *)&address, sizeof address);
    umask(before);
    if (bound != 0 || listen(fd, UNIX_BACKLOG) != 0)
        return rs_fail(job, RS_IO, "cannot listen at \"%s\": %s", address.sun_path, strerror(errno));
    *out = fd;
    fd = -1;
    return RS_OK;
}

static const struct front_socket *find(const struct sockets *sockets, const struct tables_address *address,
                                       uint16_t port)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (sockets->items[i].port == port && tables_address_equal(&sockets->items[i].address, address))
            return &sockets->items[i];
    return NULL;
}

/* ---- sockets of the service manager ------------------------------------------------------------------ */

static struct front_socket inherited[SOCKETS_MAX];
static size_t inherited_count;

/* [::] and 0.0.0.0 both stand for every address. */
static bool address_of_listener(int fd, struct front_socket *out)
{
    struct sockaddr_storage own = {0};
    socklen_t size = sizeof own;
    int listens = 0;
    socklen_t listens_size = sizeof listens;
    static const unsigned char zeros[16];

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) != 0 || !listens ||
        getsockname(fd, (struct sockaddr *)&own, &size) != 0 ||
        !tables_address_of_socket((const struct sockaddr *)&own, &out->address, &out->port))
        return false;
    if (memcmp(out->address.bytes, zeros, sizeof out->address.bytes) == 0)
        out->address = (struct tables_address){.family = TABLES_ANY};
    out->fd = fd;
    return true;
}

void sockets_inherit(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (inherited_count < SOCKETS_MAX && address_of_listener(fds[i], &inherited[inherited_count])) {
            fcntl(fds[i], F_SETFL, O_NONBLOCK);
            inherited_count++;
            continue;
        }
        rs_log(RS_LOG_WARNING, "descriptor %d of the service manager is no listening TCP socket; it is closed", fds[i]);
        close(fds[i]);
    }
}

static bool take_inherited(const struct tables_listener *listener, struct front_socket *out)
{
    for (size_t i = 0; i < inherited_count; i++)
        if (inherited[i].port == listener->port && tables_address_equal(&inherited[i].address, &listener->address)) {
            *out = inherited[i];
            inherited[i] = inherited[--inherited_count];
            return true;
        }
    return false;
}

/* ---- sockets of the tables --------------------------------------------------------------------------- */

/* Beside our own sockets of the same port: a wildcard takes the place of single addresses, or the other way round, and
 * for a moment both are there. */
static rs_status open_one(struct rs_job *job, const struct tables_listener *listener, const struct sockets *have,
                          struct front_socket *out)
{
    char address[TABLES_ADDRESS_WRITTEN_MAX];
    rs_text where = RS_TEXT("");
    int *beside = RS_NEW_ARRAY(job, int, have->count);
    size_t count = 0;

    for (size_t i = 0; i < have->count; i++)
        if (have->items[i].port == listener->port)
            beside[count++] = have->items[i].fd;
    tables_address_write(&listener->address, address);
    if (listener->address.family != TABLES_ANY)
        where = rs_text_from(address);
    *out = (struct front_socket){listener->address, listener->port, -1};
    return loop_listen_beside(job, where, listener->port, beside, count, &out->fd);
}

static bool may_be_missing(const struct sockets_missing *missed, const struct tables_listener *listener)
{
    for (size_t i = 0; missed && i < missed->count; i++)
        if (missed->items[i].port == listener->port &&
            tables_address_equal(&missed->items[i].address, &listener->address))
            return true;
    return !missed;
}

rs_status sockets_for(struct rs_job *job, struct rs_job *keep, const struct tables_snapshot *tables,
                      const struct sockets *have, const struct sockets_missing *missed, struct sockets *out,
                      struct sockets_missing *missing)
{
    size_t count = tables_listener_count(tables);

    *out = (struct sockets){0};
    *missing = (struct sockets_missing){0};
    if (count > SOCKETS_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "%zu addresses and ports to listen on; at most %d are possible", count,
                       SOCKETS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct tables_listener *listener = tables_listener(tables, i);
        const struct front_socket *known = find(have, &listener->address, listener->port);
        struct front_socket socket;
        rs_status status = RS_OK;

        if (known)
            socket = *known;
        else if (!take_inherited(listener, &socket))
            status = open_one(job, listener, have, &socket);
        if (status == LOOP_ADDRESS && may_be_missing(missed, listener)) {
            rs_text reason = rs_text_copy(keep, rs_job_error(job));
            rs_job_forgive(job);
            rs_vec_push(keep, missing, (struct socket_missing){listener->address, listener->port, reason});
            continue;
        }
        if (status != RS_OK) {
            sockets_close_others(out, have);
            return status;
        }
        rs_vec_push(keep, out, socket);
    }
    return RS_OK;
}

void sockets_close_others(const struct sockets *old, const struct sockets *kept)
{
    for (size_t i = 0; i < old->count; i++)
        if (!find(kept, &old->items[i].address, old->items[i].port))
            close(old->items[i].fd);
}
