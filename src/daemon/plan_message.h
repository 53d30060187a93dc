/* daemon/plan_message.h - one revision of the tables, and where the applications are, on its way to the front.
 *
 * The parent reads https.db and opens sockets; the front gets what it serves from here and reads neither.
 */
#ifndef DAEMON_PLAN_MESSAGE_H
#define DAEMON_PLAN_MESSAGE_H

#include "daemon/channel.h"
#include "net/front/plan.h"

struct plan_contents {
    struct tables_snapshot *tables;
    const struct front_application *applications;
    size_t application_count;
    const struct front_socket *sockets; /* as many as the message has descriptors, in its order */
    size_t socket_count;
};

void plan_message_write(rs_buf *buf, const struct plan_contents *contents);

/* Everything lives in the job but the snapshot, of which one reference is the caller's. The sockets have the
 * descriptors of `fds`. Fails with RS_INVALID where the body is not whole. */
RS_CHECKED rs_status plan_message_read(struct rs_job *job, rs_text body, const int *fds, size_t fd_count,
                                       struct plan_contents *out);

#endif
