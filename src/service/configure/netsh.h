/* service/configure/netsh.h - what Windows says about its HTTP service: netsh http show sslcert, show urlacl, show iplisten,
 * and httpcfg query of the versions before it.
 *
 * These listings are written for people, in the language of the machine, with labels, columns and fields that differ from
 * version to version. Nothing here reads a label. A line is `label : value`, and the value tells by its shape what it is:
 * a URL begins a reservation, "address:port" a binding; 40 hexadecimal digits are a thumbprint, a GUID in braces is the
 * application, what follows it the certificate store; D:(...) is a security descriptor; an address alone is one of the
 * listen list. What comes behind the store is told by its place. Listings may stand one after the other in one file.
 *
 * Source:  netsh http commands (Windows Server); Httpcfg Syntax (Windows Server 2003); listings of several versions.
 */
#ifndef SERVICE_CONFIGURE_NETSH_H
#define SERVICE_CONFIGURE_NETSH_H

#include "base/vec.h"

#define NETSH_ROWS_MAX 100000
#define NETSH_FLAGS_MAX 32

struct netsh_binding {
    unsigned line;
    rs_text endpoint; /* "0.0.0.0:443", "[::]:443", "reports.example:443"; of certificates by file name: "443" */
    rs_text hash;     /* 40 upper-case hexadecimal digits; empty: certificates by file name */
    rs_text guid;     /* of the owner, lower case, with braces; empty: not told */
    rs_text store;    /* "MY"; empty: not told */
    bool asks_clients;        /* for certificates */
    bool asks_clients_is_told; /* the listing tells, in words that can be told apart */
    rs_text odd[NETSH_FLAGS_MAX]; /* "label : value" of newer switches that are not as the others */
    size_t odd_count;
};

struct netsh_url {
    unsigned line;
    rs_text url;
    rs_text user; /* the first one that is named */
    rs_text sddl; /* empty: not told */
};

struct netsh_address {
    unsigned line;
    rs_text text;
};

struct netsh {
    RS_VEC(struct netsh_binding) bindings;
    RS_VEC(struct netsh_url) urls;
    RS_VEC(struct netsh_address) addresses;
};

/* `text` is UTF-8 (windows_text). Texts are borrowed from it or live as long as the job. Anything can be read; what
 * is no listing gives no rows. Fails with RS_OVER_LIMIT. */
RS_CHECKED rs_status netsh_read(struct rs_job *job, rs_text text, struct netsh *out);

#endif
