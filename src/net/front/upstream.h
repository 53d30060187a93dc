/* net/front/upstream.h - one connection to an application.
 */
#ifndef NET_FRONT_UPSTREAM_H
#define NET_FRONT_UPSTREAM_H

#include "net/front/application.h"

struct front_upstream {
    struct rs_link link; /* of its application's idle or busy ones, or its grave */
    struct front *front;
    struct front_app *app; /* a reference */
    uint64_t generation;   /* of the application's address */
    int fd;
    struct loop_watch *watch;
    struct front_exchange *exchange; /* NULL: idle */
    bool connecting;
    bool reused;     /* has served a request before this one */
    bool sending;    /* the request is not out yet */
    bool sent_any;   /* the application took a byte of it */
    bool got_any;    /* ... and gave one of the response */
    bool head_done;  /* of the response */
    bool keep_alive; /* it will take another request */
    bool tunnel;     /* ... never: it is not counted in app->connections any more */
    bool ended;      /* tunnel: the application sends no more */
    bool closed;     /* buried */
    int64_t idle_since_ms;
    struct spool out;             /* what is left of the request's head */
    struct block *in;             /* the response's head, as far as it is here */
    struct http_response response;
    struct http_chunked chunked;  /* of its body */
    struct http_trailers trailers; /* behind it, as far as they are here */
    uint64_t left;                /* of a counted one */
};

enum upstream_open {
    UPSTREAM_OPEN,    /* connected, or connecting */
    UPSTREAM_FULL,    /* its backlog is: try again soon */
    UPSTREAM_REFUSED, /* nobody is there; errno says why */
};

/* A new connection, among the busy ones of the application. */
enum upstream_open upstream_connect(struct front_app *app, struct front_upstream **out);
/* Send the request of the exchange, which is the upstream's until it is done. */
void upstream_serve(struct front_upstream *upstream, struct front_exchange *exchange);
/* Wait for the events that are of interest now: the exchange is throttled, or is not any more. */
void upstream_rewatch(struct front_upstream *upstream);
/* It becomes a tunnel, and no more counts among the connections that requests wait for. False: there are too many. */
bool upstream_leave_places(struct front_upstream *upstream);
/* Close; its exchange, if any, is not told. */
void upstream_close(struct front_upstream *upstream);

void upstream_free(struct rs_link *link);

#endif
