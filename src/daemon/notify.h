/* daemon/notify.h - telling the service manager what the server does, and that it is alive; sockets it opened for us.
 *
 * Source:  sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3). Without a manager all of it does nothing.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include "base/job.h"

/* Read and clear NOTIFY_SOCKET, WATCHDOG_USEC and LISTEN_FDS of the environment, so that no child takes them for its own. */
void notify_begin(void);

/* "READY=1", "RELOADING=1", "STOPPING=1", "STATUS=..." */
void notify_tell(const char *state);

/* How often notify_tell("WATCHDOG=1") is due, in milliseconds: half of what the manager allows; 0: never. */
int64_t notify_watchdog_ms(void);

/* Sockets that listen already: descriptors from `*first` on, close-on-exec; how many. */
size_t notify_listening(int *first);

#endif
