/* net/front/origin.h - where a request came from: what its connection says, or a proxy that is trusted.
 *
 * Of a chain of proxies the trusted ones are passed over from the right: the client is the first address that is not one of
 * theirs. Only the field that is named in the settings is read: a proxy that sets X-Forwarded-For passes on what a client
 * says in Forwarded, and the other way round.
 *
 * Source:  RFC 7239; the X-Forwarded-For, -Proto, -Host and -Port of common use.
 */
#ifndef NET_FRONT_ORIGIN_H
#define NET_FRONT_ORIGIN_H

#include "net/tables/address.h"

struct front_exchange;

struct front_origin {
    struct tables_address remote; /* the client */
    uint16_t remote_port;         /* 0: not known */
    bool secure;                  /* it spoke TLS, to us or to the proxy */
    rs_text host;                 /* that it asked for, with its port; borrowed from the request */
    uint16_t port;                /* that it asked on */
};

/* Of a request whose head is parsed. */
void origin_find(struct front_exchange *exchange);

#endif
