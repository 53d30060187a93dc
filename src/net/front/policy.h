/* net/front/policy.h - what an administrator set for an application (net/tables/policy.def), as requests need it.
 */
#ifndef NET_FRONT_POLICY_H
#define NET_FRONT_POLICY_H

#include "net/front/reply.h"
#include "net/tables/snapshot.h"

struct front_exchange;

enum policy_plain { POLICY_SERVE, POLICY_REDIRECT, POLICY_REFUSE };

struct front_policy_field {
    rs_text name, value;
};

struct front_policy {
    struct rs_job *memory;   /* holds it all */
    enum policy_plain plain; /* what a request without TLS gets */
    uint64_t body_max;       /* bytes; 0: the service's limit */
    size_t head_max;         /* bytes; 0: the service's limit */
    int64_t response_ms;     /* 0: the service's limit */
    unsigned rate, burst;    /* requests of one client address: per second, and at once; 0: any */
    rs_text hsts;            /* the value of Strict-Transport-Security; empty: not sent */
    const struct front_policy_field *fields; /* that responses get, in place of the application's own of these names */
    size_t field_count;
};

/* `settings` may be NULL: everything has its default. The caller ends it. */
struct front_policy *front_policy_create(const struct tables_policy *settings);
void front_policy_destroy(struct front_policy *policy); /* accepts NULL */

/* Whether the request may go on to its application. False: it was answered. */
bool front_policy_admit(struct front_exchange *exchange);

/* Whether the policy says this field, so that the application's own is left out. */
bool front_policy_says(const struct front_exchange *exchange, const struct http_field *field);
/* What the policy adds to a response; borrows from the policy. */
void front_policy_add(struct front_reply *reply, const struct front_exchange *exchange);

#endif
