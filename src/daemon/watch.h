/* daemon/watch.h - folders of certificates that somebody else renews: looked at when they change, and from time to time.
 *
 * The parent's tick drives it: events of the kernel are read there, and wait a moment for the rest of what is being written.
 * Where the kernel tells nothing (a network's file system), the look once a minute finds it.
 */
#ifndef DAEMON_WATCH_H
#define DAEMON_WATCH_H

#include "base/job.h"

struct api;
struct tables_snapshot;

struct watch {
    int fd;               /* inotify; -1: not open */
    int64_t revision;     /* of the tables that it was set up for */
    int64_t due_ms;       /* rs_clock_steady_ms: the next look */
    int64_t latest_ms;    /* while events go on coming: no later than this; 0: none came */
    uint64_t told;        /* hash of the messages that were logged last */
};

void watch_init(struct watch *watch);
void watch_finish(struct watch *watch);

/* Look at the folders of `tables` where it is time to. */
void watch_tick(struct watch *watch, struct api *api, const struct tables_snapshot *tables, int64_t now_ms);

#endif
