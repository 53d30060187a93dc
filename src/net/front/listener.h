/* net/front/listener.h - listening sockets, and what becomes of them when the plan changes.
 */
#ifndef NET_FRONT_LISTENER_H
#define NET_FRONT_LISTENER_H

#include "net/front/engine.h"

struct front_listener {
    struct rs_link link;
    struct front *front;
    struct tables_address address;
    uint16_t port;
    bool secure; /* TLS */
    bool wanted; /* by the plan that is being applied */
    bool opened; /* for the plan that is being applied */
    int fd;
    struct loop_watch *watch;
};

/* Listen where the plan's tables say, keep what is there, close the rest. On failure nothing has changed. */
RS_CHECKED rs_status listener_apply(struct rs_job *job, struct front *front, struct front_plan *plan);
void listener_close_all(struct front *front);
/* Accept again after descriptors had run out. */
void listener_resume_all(struct front *front);
/* The listener that takes connections to this address and port; NULL: none any more. */
const struct front_listener *listener_find(const struct front *front,
                                           const struct tables_address *address, uint16_t port);

#endif
