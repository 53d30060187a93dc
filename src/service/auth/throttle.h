/* service/auth/throttle.h - who failed too often waits: 1 s, 2 s, 4 s ... up to THROTTLE_WAIT_MAX_MS.
 *
 * Counted per account and client address, so that nobody locks out somebody who comes from elsewhere, and per client
 * address, against one client that tries many names. Of an IPv6 address its network (/64) counts.
 */
#ifndef SERVICE_AUTH_THROTTLE_H
#define SERVICE_AUTH_THROTTLE_H

#include <stdint.h>

#include "base/text.h"

#define THROTTLE_SETS 256
#define THROTTLE_WAYS 4
#define THROTTLE_FREE_OF_ACCOUNT 5 /* failures before the first wait */
#define THROTTLE_FREE_OF_CLIENT 50
#define THROTTLE_WAIT_MAX_MS 60000
#define THROTTLE_FORGET_MS (15 * 60 * 1000) /* after the last failure */

struct throttle_entry {
    uint64_t key;
    unsigned failures;   /* 0: empty */
    int64_t last_ms;     /* of the last failure; steady clock */
    int64_t wait_until_ms;
};

struct throttle {
    struct throttle_entry entries[THROTTLE_SETS][THROTTLE_WAYS];
};

struct throttle_keys {
    uint64_t account, client;
};

/* `account` in its compared form. */
struct throttle_keys throttle_keys(rs_text account, rs_text client);

/* Milliseconds that this client must wait before it may try this account; 0: none. */
int64_t throttle_wait_ms(const struct throttle *throttle, struct throttle_keys keys, int64_t now_ms);
void throttle_failed(struct throttle *throttle, struct throttle_keys keys, int64_t now_ms);
/* The account's failures from this client are forgotten; the client's other failures are not. */
void throttle_passed(struct throttle *throttle, struct throttle_keys keys);

#endif
