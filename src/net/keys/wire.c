#include "net/keys/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

rs_status keys_socket_pair(struct rs_job *job, int out[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, out) != 0)
        return rs_fail(job, RS_IO, "cannot make a socket pair: %s", strerror(errno));
    return RS_OK;
}

enum keys_outcome keys_request_judge(const struct keys_request *request, size_t size,
                                     const struct keys_scheme **scheme)
{
    if (size < KEYS_REQUEST_HEAD || size > sizeof *request || size - KEYS_REQUEST_HEAD != request->size)
        return KEYS_REFUSED;
    *scheme = keys_scheme_by_code(request->scheme);
    if (!*scheme || !keys_scheme_may_sign(*scheme, rs_text_of((const char *)request->bytes, request->size)))
        return KEYS_REFUSED;
    return KEYS_SIGNED;
}
