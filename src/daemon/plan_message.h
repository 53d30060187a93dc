/* daemon/plan_message.h - one revision of the tables, and where the applications are, on its way to the front.
 *
 * The parent reads https.db and opens sockets; the front gets what it serves from here and reads neither. Of a row it gets what
 * decides how requests and handshakes are answered.
 */
#ifndef DAEMON_PLAN_MESSAGE_H
#define DAEMON_PLAN_MESSAGE_H

#include "daemon/channel.h"
#include "net/front/plan.h"

struct plan_contents {
    struct tables_snapshot *tables;
    uint64_t serial;      /* of this plan; never 0 */
    /* What the other end serves: only what differs from it is sent. NULL and 0: everything is. */
    struct tables_snapshot *base;
    uint64_t base_serial;
    struct tables_difference difference; /* read: what was sent */
    const struct front_application *applications;
    size_t application_count;
    const struct front_socket *sockets; /* as many as the message has descriptors, in its order */
    size_t socket_count;
};

void plan_message_write(rs_buf *buf, const struct plan_contents *contents);

/* `out->base` and `out->base_serial` are set: what is served here, NULL and 0 where nothing is. Everything lives in the job
 * but the new snapshot, of which one reference is the caller's. The sockets have the descriptors of `fds`; `out->base` is
 * NULL where everything was sent. Fails with RS_INVALID where the body is not whole, or is the difference from something
 * else. */
RS_CHECKED rs_status plan_message_read(struct rs_job *job, rs_text body, const int *fds, size_t fd_count,
                                       struct plan_contents *out);

#endif
