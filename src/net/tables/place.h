/* net/tables/place.h - where a certificate answers: an address, a port, and the host name a client asks for (SNI).
 *
 *     443                        every address, any name
 *     0.0.0.0:443  *:443         the same
 *     10.0.0.5:443  [::1]:443    one address, any name
 *     reports.example:443        every address, this name
 *     *.example:443              every address, names of one label before ".example"
 *     reports.example@10.0.0.5:443
 */
#ifndef NET_TABLES_PLACE_H
#define NET_TABLES_PLACE_H

#include "net/tables/address.h"

struct tables_place {
    struct tables_address address; /* TABLES_ANY: every address of both families */
    uint16_t port;
    rs_text host;                  /* lower case; "*.example" for one label; empty: any name */
};

/* Fails with RS_INVALID. */
RS_CHECKED rs_status tables_place_parse(struct rs_job *job, rs_text text, struct tables_place *out);
rs_text tables_place_write(struct rs_job *job, const struct tables_place *place);

/* A host name of SNI, or a wildcard name; lower case in `out`, empty for the empty text. Fails with RS_INVALID. */
RS_CHECKED rs_status tables_place_host(struct rs_job *job, rs_text text, rs_text *out);

#endif
