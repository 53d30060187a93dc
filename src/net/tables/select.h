/* net/tables/select.h - which binding row answers a handshake.
 *
 * Places are tried in this order, and the first that has a row answers:
 *
 *     1  the name at the address the connection arrived at       reports.example@10.0.0.5:443
 *     2  its wildcard name at that address                       *.example@10.0.0.5:443
 *     3  that address, any name                                  10.0.0.5:443
 *     4  the name at every address                               reports.example:443
 *     5  its wildcard name at every address                      *.example:443
 *     6  every address, any name                                 0.0.0.0:443
 *
 * So an exact address comes before names (1 to 3 before 4 to 6), a name before its wildcard, and the wildcard address
 * last. A wildcard name stands for exactly one label. Without a name in the client's hello only 3 and 6 are tried.
 */
#ifndef NET_TABLES_SELECT_H
#define NET_TABLES_SELECT_H

#include "net/tables/snapshot.h"

/* The row, or NULL: no certificate here. `address` is the local end of the connection; `sni` may be empty, in any case,
 * with or without a last dot. Allocates nothing. */
const struct tables_binding *tables_binding_select(const struct tables_snapshot *snapshot,
                                                   const struct tables_address *address,
                                                   uint16_t port, rs_text sni);

/* The places in the order in which they are tried. */
struct tables_tried {
    struct tables_place place;
    const struct tables_binding *row; /* there; NULL: none */
    bool won;                         /* the first with a row */
};

/* All that apply, also those behind the one that won; in the job's memory. */
const struct tables_tried *tables_binding_explain(struct rs_job *job, const struct tables_snapshot *snapshot,
                                                  const struct tables_address *address, uint16_t port, rs_text sni,
                                                  size_t *count);

#endif
