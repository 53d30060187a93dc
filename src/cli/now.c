#include "cli/now.h"

#include <pwd.h>
#include <time.h>
#include <unistd.h>

#define TICKS_PER_SECOND INT64_C(10000000)
#define SECONDS_TO_1970 INT64_C(62135596800) /* from 0001-01-01 */

struct value cli_now(void)
{
    struct timespec now;
    struct tm local;

    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    return value_date((now.tv_sec + local.tm_gmtoff + SECONDS_TO_1970) * TICKS_PER_SECOND + now.tv_nsec / 100);
}

rs_text cli_user(struct rs_job *job)
{
    char room[4096];
    struct passwd entry, *found = NULL;

    if (getpwuid_r(getuid(), &entry, room, sizeof room, &found) != 0 || !found)
        return RS_TEXT("nobody");
    return rs_text_copy(job, rs_text_from(found->pw_name));
}
