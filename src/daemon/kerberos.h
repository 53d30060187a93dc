/* daemon/kerberos.h - the parent's end of the process that has the keytab: started where it is wanted, and anew when the
 * keytab has changed.
 */
#ifndef DAEMON_KERBEROS_H
#define DAEMON_KERBEROS_H

#include "daemon/child.h"
#include "daemon/settings.h"

struct parent;
struct paths;

struct kerberos {
    struct child child;
    int socket;           /* on which it answers workers; -1: not wanted so far */
    uint64_t seen;        /* what the keytab looked like; 0: there was none */
    int64_t look_due_ms;
};

void kerberos_init(struct parent *parent);
void kerberos_close(struct parent *parent);

/* Whether tickets are taken: the settings want it, and there is a keytab. */
bool kerberos_is_on(const struct paths *paths, const struct daemon_settings *settings);

/* Start, or stop, as the settings say; where it runs already another one takes its place. Trouble is told in the log. */
void kerberos_settle(struct parent *parent);

/* From time to time: start it again where it died, look at the keytab. True where tickets were not taken before and are now,
 * or the other way round: workers have to know. */
bool kerberos_tick(struct parent *parent, int64_t now_ms);

/* The child of this process id ended: true where it was ours. */
bool kerberos_ended(struct parent *parent, pid_t pid, int wait_status);

#endif
