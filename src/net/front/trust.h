/* net/front/trust.h - the proxies whose word is taken for who their clients are: networks, as an administrator lists them.
 */
#ifndef NET_FRONT_TRUST_H
#define NET_FRONT_TRUST_H

#include "net/tables/address.h"

struct trust_network {
    struct tables_address address;
    unsigned bits; /* of it that count */
};

struct trust {
    struct trust_network *networks;
    size_t count;
};

/* "10.0.0.0/8, 192.0.2.7 ::1": separated by commas or blanks. In the job's memory. Fails with RS_INVALID. */
RS_CHECKED rs_status trust_parse(struct rs_job *job, rs_text list, struct trust *out);

bool trust_has(const struct trust *trust, const struct tables_address *address);

#endif
