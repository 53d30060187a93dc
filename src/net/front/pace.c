#include "net/front/pace.h"

bool pace_is_too_slow(struct pace *pace, const struct front_settings *settings, int64_t now_ms, bool waits,
                      uint64_t taken)
{
    int64_t elapsed_ms = now_ms - pace->since_ms;
    bool slow;

    if (!waits || settings->min_send_rate == 0) {
        pace->since_ms = 0;
        return false;
    }
    if (pace->since_ms != 0 && elapsed_ms < settings->min_send_window_ms)
        return false;
    slow = pace->since_ms != 0 && (taken - pace->taken) * 1000 < settings->min_send_rate * (uint64_t)elapsed_ms;
    pace->since_ms = now_ms;
    pace->taken = taken;
    return slow;
}
