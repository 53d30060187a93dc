/* net/front/plan.h - what the HTTPS service serves: immutable, shared, counted.
 *
 * A plan is one revision of the tables (reservations, bindings, listeners) with what they need to be served:
 * a TLS context per binding, listening sockets, and where each application can be reached. To change anything,
 * make the next plan and apply it (front_apply); connections keep what they started with.
 */
#ifndef NET_FRONT_PLAN_H
#define NET_FRONT_PLAN_H

#include "net/front/contexts.h"

struct front_plan;

enum front_application_state {
    FRONT_ONLINE,
    FRONT_OFFLINE,  /* not running: its URLs answer 503 (AppOffline) */
    FRONT_DISABLED, /* switched off by an administrator: its URLs answer 503 (Disabled) */
};

#define FRONT_CONNECTIONS_DEFAULT 256

/* An application behind the service, by the name its reservations carry. One that has reservations but is not
 * named in the plan is offline. */
struct front_application {
    rs_text name;        /* compared without regard to case */
    rs_text socket_path; /* Unix socket; or empty, and then: */
    uint16_t port;       /* on 127.0.0.1 */
    enum front_application_state state;
    bool needs_tls;      /* whatever its settings say: requests without TLS are not served */
    /* The most connections to it at one time; further requests wait here for a free one. For worker processes that
     * serve one connection at a time: their number. 0 = FRONT_CONNECTIONS_DEFAULT. */
    size_t connections_max;
};

/* A socket that listens already (opened by the parent, who may use low ports). */
struct front_socket {
    struct tables_address address;
    uint16_t port;
    int fd;
};

struct front_plan_parts {
    struct tables_snapshot *tables; /* a reference is taken */
    struct front_contexts *contexts; /* a reference is taken; NULL: no row can be met */
    const struct front_application *applications; /* copied */
    size_t application_count;
    /* The plan takes these descriptors over, also where they turn out to be unneeded. A listener of the snapshot
     * that is not among them, and that the front does not listen on already, is opened by the front itself. */
    const struct front_socket *sockets;
    size_t socket_count;
    bool sockets_are_all; /* the front opens none: a listener without a socket is left out, the rest is served */
};

/* One reference is the caller's. */
struct front_plan *front_plan_create(const struct front_plan_parts *parts);
struct front_plan *front_plan_ref(struct front_plan *plan);
void front_plan_unref(struct front_plan *plan); /* accepts NULL */
RS_OWNED_BY(front_plan, front_plan_unref)

struct tables_snapshot *front_plan_tables(const struct front_plan *plan); /* borrowed */

/* The TLS context of a row of its tables, or NULL; borrowed. */
struct tls_binding *front_plan_context(const struct front_plan *plan, const struct tables_binding *row);

#endif
