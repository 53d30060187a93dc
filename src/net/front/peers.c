#include "net/front/peers.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"

struct peer {
    struct peer *next;
    struct tables_address address;
    size_t connections;
};

rs_text peers_network(const struct tables_address *address)
{
    return rs_text_of((const char *)address->bytes, address->family == TABLES_IPV6 ? 8 : 4);
}

static struct peer **find(struct peers *peers, const struct tables_address *address)
{
    struct peer **at = &peers->slots[rs_hash(peers_network(address)) % PEERS_SLOTS];

    while (*at && ((*at)->address.family != address->family ||
                   !rs_text_equal(peers_network(&(*at)->address), peers_network(address))))
        at = &(*at)->next;
    return at;
}

size_t peers_enter(struct peers *peers, const struct tables_address *address)
{
    struct peer **at = find(peers, address);

    if (!*at) {
        *at = calloc(1, sizeof **at);
        if (!*at)
            rs_log_abort("no memory for a connection");
        (*at)->address = *address;
    }
    return ++(*at)->connections;
}

void peers_leave(struct peers *peers, const struct tables_address *address)
{
    struct peer **at = find(peers, address), *peer = *at;

    if (peer && --peer->connections == 0) {
        *at = peer->next;
        free(peer);
    }
}
