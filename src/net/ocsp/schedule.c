#include "net/ocsp/schedule.h"

#include "net/fetch/again.h"

#define ASK_LEAST_MS INT64_C(3000)
#define ASK_MOST_MS INT64_C(86400000)
#define RETRY_FIRST_MS INT64_C(10000)
#define RETRY_MOST_MS INT64_C(3600000)

int64_t ocsp_ask_at(int64_t this_ms, int64_t next_ms, int64_t now_ms, uint64_t random)
{
    int64_t life = next_ms - this_ms, spread = life / 5, at;

    if (life <= 0)
        return now_ms + ASK_LEAST_MS;
    at = this_ms + life / 2 - spread / 2 + (int64_t)(random % (uint64_t)(spread + 1));
    if (at > now_ms + ASK_MOST_MS) /* many that were asked together go apart here too */
        at = now_ms + ASK_MOST_MS - (int64_t)(random % (uint64_t)(ASK_MOST_MS / 5));
    return at < now_ms + ASK_LEAST_MS ? now_ms + ASK_LEAST_MS : at;
}

int64_t ocsp_retry_in_ms(unsigned failures, int64_t retry_after_ms, uint64_t random)
{
    return fetch_again_in_ms(failures, RETRY_FIRST_MS, RETRY_MOST_MS, retry_after_ms, random);
}
