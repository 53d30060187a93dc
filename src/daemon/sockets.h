/* daemon/sockets.h - the listening sockets of the instance: opened by the parent, kept over a restart of the front.
 */
#ifndef DAEMON_SOCKETS_H
#define DAEMON_SOCKETS_H

#include <sys/types.h>

#include "base/vec.h"
#include "net/front/plan.h"

#define SOCKETS_MAX 250 /* as many descriptors as one message to the front may carry */

RS_VEC_TYPE(struct front_socket, sockets);

/* A place that cannot be listened on now, because another program has it or its address is not there. */
struct socket_missing {
    struct tables_address address;
    uint16_t port;
    rs_text reason;
};
RS_VEC_TYPE(struct socket_missing, sockets_missing);

/* A Unix socket of a type (SOCK_STREAM) that listens at `path` with `mode`; one that a killed server left there is replaced. */
RS_CHECKED rs_status sockets_listen_unix(struct rs_job *job, rs_text path, int type, mode_t mode, int *out);

/* The sockets that `tables` needs: those of `have` where they fit, new ones otherwise. `out` and `missing` live in
 * `keep`. What cannot be opened is left out and added to `missing` where it was in `missed` already (NULL: everything
 * may be missing); else it is a failure, the new ones are closed again, and the error names the address, the port and
 * what mends it. */
RS_CHECKED rs_status sockets_for(struct rs_job *job, struct rs_job *keep, const struct tables_snapshot *tables,
                                 const struct sockets *have, const struct sockets_missing *missed, struct sockets *out,
                                 struct sockets_missing *missing);

/* Sockets that listen already when the server starts, from the service manager: sockets_for takes them before it opens
 * any. The descriptors are not the caller's any more. */
void sockets_inherit(const int *fds, size_t count);

/* Close those of `old` that are not in `kept`. */
void sockets_close_others(const struct sockets *old, const struct sockets *kept);

#endif
