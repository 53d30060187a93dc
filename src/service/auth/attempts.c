#include "service/auth/attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

struct attempts {
    struct throttle *table; /* mapped, or `own` */
    struct throttle own;
    int fd; /* -1: nobody else counts here */
};

static void map_file(struct attempts *attempts, const char *path)
{
    void *table;

    attempts->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (attempts->fd < 0 || ftruncate(attempts->fd, sizeof(struct throttle)) != 0)
        return;
    table = mmap(NULL, sizeof(struct throttle), PROT_READ | PROT_WRITE, MAP_SHARED, attempts->fd, 0);
    if (table != MAP_FAILED)
        attempts->table = table;
}

rs_status attempts_open(struct rs_job *job, rs_text path, struct attempts **out)
{
    struct attempts *attempts = calloc(1, sizeof *attempts);

    if (!attempts)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the table of failed logons");
    attempts->table = &attempts->own;
    attempts->fd = -1;
    if (path.size > 0)
        map_file(attempts, rs_text_terminated(job, path));
    if (path.size > 0 && attempts->table == &attempts->own)
        rs_log(RS_LOG_WARNING, "failed logons are counted by each worker for itself: \"%.*s\" cannot be used: %s",
               RS_TEXT_ARG(path), strerror(errno));
    *out = attempts;
    return RS_OK;
}

void attempts_close(struct attempts *attempts)
{
    if (!attempts)
        return;
    if (attempts->table != &attempts->own)
        munmap(attempts->table, sizeof *attempts->table);
    if (attempts->fd >= 0)
        close(attempts->fd);
    free(attempts);
}

/* Given back by the kernel where the process ends in between. */
static void lock(struct attempts *attempts, int how)
{
    while (attempts->fd >= 0 && flock(attempts->fd, how) != 0 && errno == EINTR)
        continue;
}

int64_t attempts_wait_ms(struct attempts *attempts, struct throttle_keys keys)
{
    int64_t wait_ms;

    lock(attempts, LOCK_SH);
    wait_ms = throttle_wait_ms(attempts->table, keys, rs_clock_steady_ms());
    lock(attempts, LOCK_UN);
    return wait_ms;
}

void attempts_failed(struct attempts *attempts, struct throttle_keys keys)
{
    lock(attempts, LOCK_EX);
    throttle_failed(attempts->table, keys, rs_clock_steady_ms());
    lock(attempts, LOCK_UN);
}

void attempts_passed(struct attempts *attempts, struct throttle_keys keys)
{
    lock(attempts, LOCK_EX);
    throttle_passed(attempts->table, keys);
    lock(attempts, LOCK_UN);
}
