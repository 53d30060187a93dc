/* net/tables/address.h - an address of this machine, or the wildcard that means all of them.
 *
 * The wildcard is one value for both families: a row for "0.0.0.0" and one for "::" are the same row, so the
 * two can never drift apart.
 */
#ifndef NET_TABLES_ADDRESS_H
#define NET_TABLES_ADDRESS_H

#include "base/job.h"

struct sockaddr;

enum tables_family { TABLES_ANY = 0, TABLES_IPV4 = 4, TABLES_IPV6 = 6 };

struct tables_address {
    enum tables_family family;
    uint8_t bytes[16]; /* network order; 4 used for IPv4, none for the wildcard; the rest is 0 */
};

#define TABLES_ADDRESS_WRITTEN_MAX 46 /* the longest written address, with its terminator */

static inline bool tables_address_equal(const struct tables_address *a,
                                        const struct tables_address *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* "10.0.0.5", "::1", "[::1]"; "0.0.0.0", "::", "[::]", "*" and "+" are the wildcard. An IPv6 address that
 * carries an IPv4 one (::ffff:10.0.0.5) is that IPv4 address. False where it is none of these. */
bool tables_address_parse(rs_text t, struct tables_address *out);

/* "10.0.0.5", "::1" (RFC 5952, no brackets); the wildcard is written "0.0.0.0", as the original writes it. */
void tables_address_write(const struct tables_address *address,
                          char out[TABLES_ADDRESS_WRITTEN_MAX]);

/* The address of a socket (AF_INET, AF_INET6); false for other families. `port` may be NULL. */
bool tables_address_of_socket(const struct sockaddr *from, struct tables_address *out,
                              uint16_t *port);

#endif
