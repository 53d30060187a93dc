/* net/front/peers.h - how many connections each client address has now.
 */
#ifndef NET_FRONT_PEERS_H
#define NET_FRONT_PEERS_H

#include "net/tables/address.h"

#define PEERS_SLOTS 1024

struct peers {
    struct peer *slots[PEERS_SLOTS]; /* addresses that have connections, by their hash */
};

/* One more, or one less; gives how many there are now. An IPv6 client is its network of 64 bits. */
size_t peers_enter(struct peers *peers, const struct tables_address *address);
void peers_leave(struct peers *peers, const struct tables_address *address);

/* What of an address tells clients apart. */
rs_text peers_network(const struct tables_address *address);

#endif
