/* net/front/application.h - an application behind the service: its connections, and the requests that wait for one.
 */
#ifndef NET_FRONT_APPLICATION_H
#define NET_FRONT_APPLICATION_H

#include <sys/un.h>

#include "net/front/exchange.h"
#include "net/front/policy.h"

struct front_app {
    struct rs_link link; /* of front->applications */
    struct front *front;
    size_t refs;         /* the front's, and one per exchange and upstream */
    int64_t id;          /* never used again */
    char *name;
    bool present;        /* in the plan of now */
    enum front_application_state state;
    uint64_t generation; /* goes up when its address changes: older connections are not used again */
    size_t connections_max;
    struct front_policy *policy;
    char path[sizeof((struct sockaddr_un *)0)->sun_path]; /* Unix socket; empty: */
    uint16_t port;       /* on 127.0.0.1 */
    struct rs_link idle;    /* upstreams that wait for a request; the last used first */
    struct rs_link busy;    /* upstreams with an exchange */
    size_t connections;     /* in both */
    size_t tunnels;         /* connections that were switched to another protocol: not counted in `connections` */
    uint64_t requests;       /* engaged so far */
    uint64_t failures;       /* of these, answered by us with 502, 503 or 504 */
    int64_t last_answer_ms;  /* UTC; 0: never */
    int64_t last_failure_ms; /* UTC; 0: never */
    char last_failure[FRONT_FAILURE_MAX];
    struct rs_link waiting; /* exchanges */
    size_t waiting_count;
    struct loop_timer *again; /* looks at `waiting` once more, after a full backlog */
};

/* The application of that name in the plan of now; NULL: none. */
struct front_app *app_find(struct front *front, rs_text name);

struct front_app *app_ref(struct front_app *app);
void app_unref(struct front_app *app); /* accepts NULL */

/* Follow the plan: new ones, changed ones, those that are no more. */
void app_apply(struct front *front, const struct front_plan *plan);
void app_set_state(struct front_app *app, enum front_application_state state);

/* Give the exchange a connection, now or when one is free; or answer for the application. */
void app_engage(struct front_app *app, struct front_exchange *exchange);
/* A connection came free or went: engage who waits. */
void app_next(struct front_app *app);
/* No longer wait. */
void app_withdraw(struct front_exchange *exchange);

/* An answer began; none came. */
void app_answered(struct front_app *app);
void app_failed(struct front_app *app, const char *reason, const char *detail);

/* Close connections that were not used for long. */
void app_sweep(struct front_app *app, int64_t now_ms);
/* Close all connections, forget the rest. */
void app_finish_all(struct front *front);

#endif
