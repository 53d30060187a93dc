/* net/tables/route.h - which application a request belongs to.
 *
 * Source:  Windows HTTP Server API, "UrlPrefix Strings" and "Routing Incoming Requests".
 *
 * The categories are tried in their order (strong, named, address, weak); in each the longest path that is a
 * prefix of the request's path in whole segments wins, and then no lower category is looked at. Whether the
 * application is running is the caller's question: a row whose application is down still takes the request,
 * so that nobody else can answer for it.
 */
#ifndef NET_TABLES_ROUTE_H
#define NET_TABLES_ROUTE_H

#include "net/tables/snapshot.h"

struct tables_request {
    enum tables_scheme scheme;
    uint16_t port;               /* of the local end, not of the Host header */
    rs_text host;                /* Host header or :authority, with or without port; may be empty */
    struct tables_address local; /* the local end of the connection */
    rs_text path;                /* as on the wire: percent-encoded; a query after '?' is not looked at */
};

enum tables_route_end {
    TABLES_ROUTED,         /* a row takes it */
    TABLES_NO_RESERVATION, /* nobody reserved this URL: 404 */
    TABLES_BAD_PATH,       /* not a path that can be routed: no leading '/', a %00, a bad escape, "." or
                            * ".." segments: 400 */
};

/* The row that takes the request; NULL with the reason in `end`. Allocates nothing. */
const struct tables_reservation *tables_route(const struct tables_snapshot *snapshot,
                                              const struct tables_request *request,
                                              enum tables_route_end *end);

/* The rows in the order in which they were considered, and why each won or lost. */
struct tables_considered {
    const struct tables_reservation *row;
    bool won;
    const char *why; /* a constant sentence */
};

struct tables_explanation {
    const struct tables_reservation *row; /* what tables_route gives, or NULL */
    enum tables_route_end end;
    const struct tables_considered *considered;
    size_t considered_count;
};

struct tables_explanation *tables_explain(struct rs_job *job,
                                          const struct tables_snapshot *snapshot,
                                          const struct tables_request *request);

/* "strong wildcard", "host name", ... */
const char *tables_category_name(enum tables_category category);

#endif
