#include "service/auth/throttle.h"

#include <arpa/inet.h>

#include "base/map.h"

#define CLIENT_NETWORK_MAX 8 /* bytes: an IPv6 /64 */

/* Who has one IPv6 address has the 2^64 beside it: they count as one client (RFC 6177: a site gets at least a /64). */
static rs_text network_of(rs_text client, char room[CLIENT_NETWORK_MAX])
{
    char written[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (client.size == 0 || client.size >= sizeof written || rs_text_find_byte(client, ':') < 0)
        return client;
    memcpy(written, client.bytes, client.size);
    written[client.size] = '\0';
    if (inet_pton(AF_INET6, written, &address) != 1 || IN6_IS_ADDR_V4MAPPED(&address))
        return client;
    memcpy(room, &address, CLIENT_NETWORK_MAX);
    return rs_text_of(room, CLIENT_NETWORK_MAX);
}

struct throttle_keys throttle_keys(rs_text account, rs_text client)
{
    char room[CLIENT_NETWORK_MAX];
    uint64_t of_client = rs_hash(network_of(client, room));

    return (struct throttle_keys){.account = rs_hash(account) * 31 + of_client, .client = of_client};
}

static const struct throttle_entry *find(const struct throttle *throttle, uint64_t key, int64_t now_ms)
{
    const struct throttle_entry *set = throttle->entries[key % THROTTLE_SETS];

    for (int i = 0; i < THROTTLE_WAYS; i++)
        if (set[i].failures > 0 && set[i].key == key && now_ms - set[i].last_ms < THROTTLE_FORGET_MS &&
            set[i].last_ms <= now_ms) /* later: by a clock of before the machine was started again */
            return &set[i];
    return NULL;
}

static int64_t wait_of(const struct throttle *throttle, uint64_t key, int64_t now_ms)
{
    const struct throttle_entry *entry = find(throttle, key, now_ms);

    return entry && entry->wait_until_ms > now_ms ? entry->wait_until_ms - now_ms : 0;
}

int64_t throttle_wait_ms(const struct throttle *throttle, struct throttle_keys keys, int64_t now_ms)
{
    int64_t of_account = wait_of(throttle, keys.account, now_ms);
    int64_t of_client = wait_of(throttle, keys.client, now_ms);

    return of_account > of_client ? of_account : of_client;
}

static void count_failure(struct throttle *throttle, uint64_t key, unsigned free_failures, int64_t now_ms)
{
    struct throttle_entry *set = throttle->entries[key % THROTTLE_SETS];
    struct throttle_entry *entry = (struct throttle_entry *)find(throttle, key, now_ms);

    if (!entry) {
        entry = &set[0];
        for (int i = 1; i < THROTTLE_WAYS; i++) /* an empty one, or the one that failed longest ago */
            if (set[i].failures == 0 || set[i].last_ms > now_ms || (entry->failures > 0 && set[i].last_ms < entry->last_ms))
                entry = &set[i];
        *entry = (struct throttle_entry){.key = key};
    }
    entry->failures++;
    entry->last_ms = now_ms;
    if (entry->failures >= free_failures) {
        unsigned doublings = entry->failures - free_failures;
        int64_t wait_ms = doublings < 6 ? (int64_t)1000 << doublings : THROTTLE_WAIT_MAX_MS;
        entry->wait_until_ms = now_ms + wait_ms;
    }
}

void throttle_failed(struct throttle *throttle, struct throttle_keys keys, int64_t now_ms)
{
    count_failure(throttle, keys.account, THROTTLE_FREE_OF_ACCOUNT, now_ms);
    count_failure(throttle, keys.client, THROTTLE_FREE_OF_CLIENT, now_ms);
}

void throttle_passed(struct throttle *throttle, struct throttle_keys keys)
{
    struct throttle_entry *set = throttle->entries[keys.account % THROTTLE_SETS];

    for (int i = 0; i < THROTTLE_WAYS; i++)
        if (set[i].key == keys.account)
            set[i] = (struct throttle_entry){0};
}
