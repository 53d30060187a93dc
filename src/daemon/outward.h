/* daemon/outward.h - the parent's end of a process that talks to servers elsewhere: started when it is wanted, started again when
 * it dies, with a channel that the parent listens on.
 */
#ifndef DAEMON_OUTWARD_H
#define DAEMON_OUTWARD_H

#include "daemon/channel.h"
#include "daemon/child.h"

struct loop_watch;
struct parent;

struct outward {
    struct child child;
    int channel; /* -1: none */
    struct loop_watch *watch;
    /* A message can be read from the channel; `data` is the parent. */
    void (*ready)(void *data, int events);
};

void outward_init(struct outward *outward, const char *role, child_main *run, void (*ready)(void *data, int events),
                  struct parent *parent);
/* Start it now; where that fails it is tried again in a second. True: it runs. */
bool outward_start(struct outward *outward, struct parent *parent);
/* The next message. False: there is none any more, and the channel is closed. */
bool outward_receive(struct rs_job *job, struct outward *outward, struct channel_message *out);
/* Where it cannot be sent the channel is closed: the process ends, and is started again. */
bool outward_send(struct outward *outward, const struct channel_message *message);
/* The process has ended. */
void outward_ended(struct outward *outward, bool stopping, int wait_status);
/* At the end of the parent. */
void outward_close(struct outward *outward);

#endif
