#include "daemon/rotate.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/job.h"
#include "base/log.h"

static void rotate(struct rs_job *job, rs_text path)
{
    for (int i = ROTATE_KEEP; i > 0; i--) {
        rs_text from = i > 1 ? rs_text_format(job, "%.*s.%d", RS_TEXT_ARG(path), i - 1) : path;
        rs_text to = rs_text_format(job, "%.*s.%d", RS_TEXT_ARG(path), i);
        if (rename(from.bytes, to.bytes) != 0 && errno != ENOENT) {
            rs_log(RS_LOG_WARNING, "cannot move \"%s\" away: %s", from.bytes, strerror(errno));
            return;
        }
    }
}

void rotate_logs(rs_text folder, uint64_t max_bytes)
{
    static const char *const names[] = {"access.log", "error.log"};
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    for (size_t i = 0; max_bytes > 0 && i < sizeof names / sizeof names[0]; i++) {
        rs_text path = rs_text_format(job, "%.*s/%s", RS_TEXT_ARG(folder), names[i]);
        struct stat info;
        if (stat(path.bytes, &info) == 0 && (uint64_t)info.st_size >= max_bytes)
            rotate(job, path);
    }
}
