/* net/loop/listen.h - listening TCP sockets.
 */
#ifndef NET_LOOP_LISTEN_H
#define NET_LOOP_LISTEN_H

#include "base/job.h"

#define LOOP_BACKLOG 4096 /* connections that wait to be accepted; the system may cut it */

/* Listen on an IPv4 or IPv6 address, written without brackets; empty = every address of both families. Port 0 =
 * any free one. The socket is non-blocking, close-on-exec and TCP_NODELAY.
 * Fails with LOOP_ADDRESS; the message says whether the port is in use, the address is not local, or the port
 * needs a privilege. */
RS_CHECKED rs_status loop_listen(struct rs_job *job, rs_text address, uint16_t port, int *out);

/* The same while the caller still listens on the same port with `fds` (on one address, and now on all; or the
 * other way round): no moment passes in which nobody listens. The old sockets should be closed soon. */
RS_CHECKED rs_status loop_listen_beside(struct rs_job *job, rs_text address, uint16_t port,
                                        const int *fds, size_t count, int *out);

/* The port a socket is bound to; 0 where it is none. */
uint16_t loop_socket_port(int fd);

#endif
