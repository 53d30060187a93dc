#include "daemon/error_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/front/front.h"

#define LINE_MAX_BYTES 4096
#define TARGET_MAX 1024

struct error_log {
    int folder;
    int fd;
    ino_t inode;
    int64_t second; /* of the lines that are being counted */
    unsigned lines;
};

static const char header[] = "#Software: Bindery " BINDERY_VERSION "\n#Version: 1.0\n"
                             "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason "
                             "x-detail\n";

/* A full disk must not stop the service. */
static void put(struct error_log *log, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(log->fd, bytes, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return;
        bytes += done;
        size -= (size_t)done;
    }
}

static bool open_file(struct error_log *log)
{
    struct stat info;

    if (log->fd >= 0)
        close(log->fd);
    log->fd = openat(log->folder, "error.log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (log->fd < 0 || fstat(log->fd, &info) != 0)
        return false;
    log->inode = info.st_ino;
    if (info.st_size == 0)
        put(log, header, sizeof header - 1);
    return true;
}

struct line {
    char bytes[LINE_MAX_BYTES];
    size_t used;
};

/* '-' where it is empty; blanks as '+', control characters as '?': a line keeps its columns. */
static void field(struct line *line, rs_text text, size_t most)
{
    text = rs_text_slice(text, 0, most);
    if (line->used > 0)
        line->bytes[line->used++] = ' ';
    if (text.size == 0)
        line->bytes[line->used++] = '-';
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        line->bytes[line->used++] = c == ' ' ? '+' : c < 0x20 || c == 0x7F ? '?' : (char)c;
    }
}

static void number(struct line *line, long long value)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%lld", value);

    field(line, value > 0 ? rs_text_of(digits, (size_t)size) : RS_TEXT(""), sizeof digits);
}

/* True: this second has had its lines. */
static bool is_flood(struct error_log *log, int64_t now_ms)
{
    if (now_ms / 1000 != log->second) {
        log->second = now_ms / 1000;
        log->lines = 0;
    }
    return ++log->lines > ERROR_LOG_PER_SECOND;
}

void error_log_trouble(struct error_log *log, const struct front_trouble *trouble)
{
    int64_t now_ms = rs_clock_utc_ms();
    char stamp[RS_CLOCK_STAMP_SIZE];
    struct line line = {.used = 0};
    struct stat info;

    if (is_flood(log, now_ms))
        return;
    if ((fstatat(log->folder, "error.log", &info, 0) != 0 || info.st_ino != log->inode) && !open_file(log)) {
        rs_log(RS_LOG_WARNING, "cannot open error.log: %s", strerror(errno));
        return;
    }
    rs_clock_stamp(now_ms, stamp);
    field(&line, rs_text_of(stamp, 10), 10);
    field(&line, rs_text_of(stamp + 11, 8), 8);
    field(&line, trouble->client, 64);
    number(&line, trouble->client_port);
    field(&line, trouble->server, 64);
    number(&line, trouble->server_port);
    field(&line, trouble->version, 16);
    field(&line, trouble->method, 32);
    field(&line, trouble->target, TARGET_MAX);
    number(&line, trouble->status);
    field(&line, trouble->reservation, TARGET_MAX);
    field(&line, rs_text_from(trouble->reason), 64);
    field(&line, trouble->detail, TARGET_MAX);
    line.bytes[line.used++] = '\n';
    put(log, line.bytes, line.used);
}

rs_status error_log_open(struct rs_job *job, rs_text folder, struct error_log **out)
{
    struct error_log *log = calloc(1, sizeof *log);

    if (!log)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the error log");
    log->fd = -1;
    log->folder = open(rs_text_terminated(job, folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (log->folder < 0 || !open_file(log)) {
        rs_status status = rs_fail(job, RS_IO, "cannot open \"%.*s/error.log\": %s", RS_TEXT_ARG(folder), strerror(errno));
        error_log_close(log);
        return status;
    }
    *out = log;
    return RS_OK;
}

void error_log_close(struct error_log *log)
{
    if (!log)
        return;
    if (log->folder >= 0)
        close(log->folder);
    if (log->fd >= 0)
        close(log->fd);
    free(log);
}
