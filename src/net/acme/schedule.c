#include "net/acme/schedule.h"

#include "net/fetch/again.h"

#define DAY_MS INT64_C(86400000)
#define RETRY_FIRST_MS INT64_C(60000)
#define RETRY_MOST_MS INT64_C(21600000)

/* A moment of its window, but not too soon after the last that was followed. */
static int64_t suggested_at(const struct acme_suggestion *suggestion, int64_t otherwise_ms, uint64_t random)
{
    int64_t width = suggestion->end_ms - suggestion->start_ms, at, earliest;

    if (!suggestion->offered || width < 0)
        return otherwise_ms;
    at = suggestion->start_ms + (int64_t)(random % (uint64_t)(width + 1));
    earliest = suggestion->early_ms ? suggestion->early_ms + ACME_EARLY_AGAIN_MS : INT64_MIN;
    if (at >= earliest)
        return at;
    return earliest < otherwise_ms ? earliest : otherwise_ms; /* its own time comes first */
}

int64_t acme_renew_at(int64_t not_before_ms, int64_t not_after_ms, const struct acme_suggestion *suggestion, uint64_t random)
{
    int64_t life = not_after_ms - not_before_ms, spread, at, latest;

    if (life <= 0)
        return not_before_ms;
    spread = life / 20; /* of the two thirds: they become 0.617 to 0.667 */
    at = not_before_ms + life / 3 * 2 - (int64_t)(random % (uint64_t)(spread + 1));
    latest = not_after_ms - (life / 10 < DAY_MS ? life / 10 : DAY_MS);
    at = suggested_at(suggestion, at, random);
    return at < latest ? at : latest;
}

int64_t acme_retry_in_ms(unsigned failures, int64_t retry_after_ms, uint64_t random)
{
    return fetch_again_in_ms(failures, RETRY_FIRST_MS, RETRY_MOST_MS, retry_after_ms, random);
}
