/* daemon/parent_state.h - what the parent holds; shared by parent.c and api.c alone.
 */
#ifndef DAEMON_PARENT_STATE_H
#define DAEMON_PARENT_STATE_H

#include <signal.h>

#include "base/vec.h"
#include "daemon/channel.h"
#include "daemon/child.h"
#include "daemon/kerberos.h"
#include "daemon/renewal.h"
#include "daemon/settings.h"
#include "daemon/sockets.h"
#include "daemon/stapling.h"
#include "daemon/watch.h"
#include "net/pki/store.h"
#include "net/tables/db.h"

struct api;
struct identities;
struct trusts;
struct loop;
struct loop_signal;
struct loop_timer;
struct loop_watch;
struct paths;

struct parent {
    const struct paths *paths;
    bool single;
    int lock;
    struct rs_job *settings_job; /* replaced with the settings */
    struct daemon_settings settings;
    struct loop *loop;
    struct loop_signal *signals[4];
    struct loop_timer *tick;
    struct loop_watch *store_watch;
    struct tables_db *db;
    struct tables_snapshot *tables; /* what is to be served */
    struct tables_snapshot *front_tables; /* what the front of now said it serves; NULL: nothing yet */
    uint64_t front_serial, last_serial;   /* of its plan; of the last one that was sent */
    int64_t sweep_due_ms;                 /* when the front and the keys forget what no row names; 0: not */
    struct pki_store *store;
    struct rs_job *sockets_job;     /* replaced with the sockets */
    struct sockets sockets;
    struct sockets_missing missing; /* tried again every few seconds */
    int64_t missing_due_ms;
    int64_t rotate_due_ms;
    int worker_socket;
    int front_channel; /* -1 while there is no front */
    int keys_channel;  /* -1 while there is no process of the keys */
    struct loop_watch *keys_watch;
    struct identities *identities;
    struct trusts *trusts;
    struct child keys;
    struct child front;
    struct child workers[SETTINGS_WORKERS_MAX];
    bool offline;      /* no worker will run soon: the front refuses requests at once instead of keeping them waiting */
    volatile sig_atomic_t worker_stop; /* for the worker that is a thread */
    struct rs_job *job;       /* as long as the server; of `leaving` */
    RS_VEC(pid_t) leaving;    /* processes that SIGHUP replaced and that have not ended yet */
    struct api *api;
    struct watch watch;
    struct renewal renewal;
    struct stapling stapling;
    struct kerberos kerberos;
    int64_t expiry_due_ms;
    bool stopping;
    int64_t stop_by_ms;
    int64_t watchdog_due_ms; /* when the service manager wants to hear that the server is alive */
};

/* Serve `tables` from now on, on sockets that are opened and closed as it needs; all or nothing. `parent` is a
 * struct parent: the signature is the one that service/configure calls. */
RS_CHECKED rs_status parent_apply(struct rs_job *job, void *parent, struct tables_snapshot *tables);
/* The same for what was served before: where the front is gone meanwhile, the next one begins with it. */
RS_CHECKED rs_status parent_go_back(struct rs_job *job, void *parent, struct tables_snapshot *tables);

/* Read it, and let new processes with the new settings take over from the old ones, which finish what they have. `parent` is
 * a struct parent. */
RS_CHECKED rs_status parent_take_settings(struct rs_job *job, void *parent);

/* A question to the front; `out` is what its answer holds behind status and message. */
RS_CHECKED rs_status parent_front_ask(struct rs_job *job, struct parent *parent, const struct channel_message *question,
                                      struct channel_reader *out);
/* The numbers of FRONT_COUNTS, behind each other. */
RS_CHECKED rs_status parent_front_counts(struct rs_job *job, struct parent *parent, struct channel_reader *out);

#endif
