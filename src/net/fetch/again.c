#include "net/fetch/again.h"

int64_t fetch_again_in_ms(unsigned failures, int64_t first_ms, int64_t most_ms, int64_t retry_after_ms, uint64_t random)
{
    int64_t wait = first_ms;

    for (unsigned i = 1; i < failures && wait < most_ms; i++)
        wait *= 2;
    if (wait > most_ms)
        wait = most_ms;
    wait += (int64_t)(random % (uint64_t)(wait / 5));
    return wait > retry_after_ms ? wait : retry_after_ms;
}
