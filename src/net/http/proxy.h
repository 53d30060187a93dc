/* net/http/proxy.h - the PROXY protocol: what a proxy writes in front of a connection about its client.
 *
 * Source:  The PROXY protocol, versions 1 and 2 (haproxy), sections 2.1 and 2.2.
 */
#ifndef NET_HTTP_PROXY_H
#define NET_HTTP_PROXY_H

#include "net/tables/address.h"

#define PROXY_HEADER_MAX ((size_t)4096) /* bytes; one with more in its TLVs is refused */

enum proxy_end {
    PROXY_DONE,      /* `size` bytes are the header */
    PROXY_MORE,      /* it is not all here */
    PROXY_NONE,      /* what is here is no such header */
    PROXY_WRONG,     /* it began as one and is none */
};

struct proxy_header {
    size_t size;
    bool has_client; /* false: the proxy speaks for itself (LOCAL, UNKNOWN) */
    bool secure;     /* version 2, PP2_TYPE_SSL: its client spoke TLS */
    struct tables_address client, server;
    uint16_t client_port, server_port;
};

enum proxy_end proxy_read(rs_text bytes, struct proxy_header *out);

#endif
