/* daemon/channel.h - messages between the parent and the processes it started, with descriptors.
 *
 * A connected Unix stream socket. A message is a kind, a body of texts and numbers, and descriptors. Both ends are our
 * own, but a process may have died in the middle of a message: reading checks every length.
 */
#ifndef DAEMON_CHANNEL_H
#define DAEMON_CHANNEL_H

#include "base/buf.h"

#define CHANNEL_BODY_MAX ((size_t)64 * 1024 * 1024)
#define CHANNEL_FDS_MAX 250 /* of one message: SCM_MAX_FD is 253 */

struct channel_message {
    uint32_t kind;
    rs_text body;
    int fds[CHANNEL_FDS_MAX];
    size_t fd_count;
};

/* A connected pair, close-on-exec. */
RS_CHECKED rs_status channel_pair(struct rs_job *job, int out[2]);

/* Waits at most `timeout_ms`. Fails with RS_TIMEOUT, or RS_IO where the other end is gone. */
RS_CHECKED rs_status channel_send(struct rs_job *job, int fd, const struct channel_message *message,
                                  int64_t timeout_ms);

/* The next message; its descriptors are the caller's. `*closed` where the other end closed between messages. */
RS_CHECKED rs_status channel_receive(struct rs_job *job, int fd, int64_t timeout_ms,
                                     struct channel_message *out, bool *closed);

void channel_close_fds(struct channel_message *message);

/* ---- bodies: numbers and texts one after the other ---------------------------------------------- */

void channel_put_number(rs_buf *buf, uint64_t number);
void channel_put_text(rs_buf *buf, rs_text text);

/* Reading past the end gives 0 and the empty text and sets `broken`: look at it once at the end. */
struct channel_reader {
    rs_text rest;
    bool broken;
};

uint64_t channel_take_number(struct channel_reader *reader);
rs_text channel_take_text(struct channel_reader *reader); /* borrowed from the body */
/* A number of things that follow, each of at least one byte: never more than could be there. */
size_t channel_take_count(struct channel_reader *reader);

#endif
