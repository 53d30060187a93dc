#include "daemon/alone.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define ALONE_WAIT_MS 60000
#define ALONE_LOOK_MS 5

/* The folder itself is locked: it is there, whoever made it, and nothing is left behind. */
rs_status alone_take(struct rs_job *job, rs_text folder, int *out)
{
    const struct timespec pause = {.tv_nsec = ALONE_LOOK_MS * 1000000L};
    int64_t until_ms = rs_clock_steady_ms() + ALONE_WAIT_MS;
    RS_OWNED_FD fd = open(rs_text_terminated(job, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    *out = -1;
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return RS_OK;
        if (rs_clock_steady_ms() > until_ms)
            return rs_fail(job, RS_CONFLICT, "another command works on the instance \"%.*s\" and does not end: wait for it, or "
                           "stop it", RS_TEXT_ARG(folder));
        nanosleep(&pause, NULL);
    }
    *out = fd;
    fd = -1;
    return RS_OK;
}
