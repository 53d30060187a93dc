/* net/front/pace.h - does a client take what it is sent at the least speed allowed?
 */
#ifndef NET_FRONT_PACE_H
#define NET_FRONT_PACE_H

#include "net/front/front.h"

/* Zeroed: not measured now. */
struct pace {
    int64_t since_ms; /* begin of the stretch over which it is measured; 0: none */
    uint64_t taken;   /* what had been taken then */
};

/* Call it now and then. `waits`: there is something to be taken. `taken`: bytes so far. True once a stretch of
 * settings->min_send_window_ms has passed in which it was too little. */
bool pace_is_too_slow(struct pace *pace, const struct front_settings *settings, int64_t now_ms, bool waits,
                      uint64_t taken);

#endif
