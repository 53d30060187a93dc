#include "daemon/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/front/front.h"

#define ACCESS_BUFFER ((size_t)64 * 1024)
#define ACCESS_FIELD_MAX ((size_t)2 * 1024) /* longer ones are cut */
#define ACCESS_LINE_MAX (20 * (ACCESS_FIELD_MAX + 1))

struct access_log {
    int64_t stamp_second; /* of `stamp`, which is written once a second */
    char stamp[RS_CLOCK_STAMP_SIZE];
    struct front_hooks hooks;
    char *path; /* for messages */
    int folder; /* a descriptor: the path may be closed to this process by now */
    int fd;
    ino_t inode;
    size_t used;
    char buffer[ACCESS_BUFFER];
    bool json;
};

static const char access_header[] =
    "#Software: Bindery " BINDERY_VERSION "\n#Version: 1.0\n"
    "#Fields: date time c-ip c-port s-ip s-port cs-method cs-uri cs-host cs-version sc-status sc-bytes cs-bytes "
    "time-taken cs(User-Agent) cs(Referer) x-application x-request-id\n";

static void access_write(struct access_log *log, rs_text text)
{
    while (text.size > 0) {
        ssize_t put = write(log->fd, text.bytes, text.size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return; /* a full disk must not stop the service */
        text = rs_text_from_offset(text, (size_t)put);
    }
}

static bool access_open(struct access_log *log)
{
    struct stat info;

    log->fd = openat(log->folder, "access.log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (log->fd < 0 || fstat(log->fd, &info) != 0)
        return false;
    log->inode = info.st_ino;
    if (info.st_size == 0 && !log->json)
        access_write(log, rs_text_from(access_header));
    return true;
}

void access_log_flush(struct access_log *log)
{
    struct stat info;

    if (log->used == 0)
        return;
    if (fstatat(log->folder, "access.log", &info, 0) != 0 || info.st_ino != log->inode) {
        if (log->fd >= 0)
            close(log->fd);
        if (!access_open(log))
            rs_log(RS_LOG_WARNING, "cannot open \"%s\": %s", log->path, strerror(errno));
    }
    if (log->fd >= 0)
        access_write(log, rs_text_of(log->buffer, log->used));
    log->used = 0;
}

/* A field: '-' where empty; blanks and control characters as '+' and '?', so that the line keeps its columns. */
static void access_field(struct access_log *log, rs_text field)
{
    field = rs_text_slice(field, 0, ACCESS_FIELD_MAX);
    log->buffer[log->used++] = ' ';
    if (field.size == 0)
        log->buffer[log->used++] = '-';
    for (size_t i = 0; i < field.size; i++) {
        unsigned char c = (unsigned char)field.bytes[i];
        log->buffer[log->used++] = c == ' ' ? '+' : c < 0x20 || c == 0x7F ? '?' : (char)c;
    }
}

static void access_number(struct access_log *log, uint64_t number)
{
    char digits[RS_DIGITS_MAX];

    access_field(log, rs_text_of(digits, rs_digits(number, digits)));
}

static void access_request(void *data, const struct front_access *access)
{
    struct access_log *log = data;
    int64_t now_ms = rs_clock_utc_ms();

    if (ACCESS_BUFFER - log->used < ACCESS_LINE_MAX)
        access_log_flush(log);
    if (now_ms / 1000 != log->stamp_second) {
        log->stamp_second = now_ms / 1000;
        rs_clock_stamp(now_ms, log->stamp);
    }
    memcpy(log->buffer + log->used, log->stamp, 10);
    log->used += 10;
    access_field(log, rs_text_of(log->stamp + 11, 8));
    access_field(log, access->client);
    access_number(log, access->client_port);
    access_field(log, access->server);
    access_number(log, access->server_port);
    access_field(log, access->method);
    access_field(log, access->target);
    access_field(log, access->host);
    access_field(log, access->version);
    access_number(log, (uint64_t)access->status);
    access_number(log, access->body_bytes);
    access_number(log, access->request_bytes);
    access_number(log, (uint64_t)access->duration_ms);
    access_field(log, access->user_agent);
    access_field(log, access->referer);
    access_field(log, access->application);
    access_field(log, access->request_id);
    log->buffer[log->used++] = '\n';
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

/* A member with a text, cut to ACCESS_FIELD_MAX bytes as written. Bytes that are not UTF-8 become U+FFFD. */
static void json_text(struct access_log *log, const char *name, rs_text value)
{
    size_t end = log->used + ACCESS_FIELD_MAX;

    log->used += (size_t)sprintf(log->buffer + log->used, ",\"%s\":\"", name);
    for (size_t at = 0; at < value.size && log->used + 6 < end;) {
        uint32_t c = rs_text_next(value, &at);
        if (c < 0x20 || c == 0x7F)
            log->used += (size_t)sprintf(log->buffer + log->used, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            log->used += (size_t)sprintf(log->buffer + log->used, "\\%c", (char)c);
        else
            log->used += rs_utf8_encode(c, log->buffer + log->used);
    }
    log->buffer[log->used++] = '"';
}

static void json_number(struct access_log *log, const char *name, uint64_t value)
{
    log->used += (size_t)sprintf(log->buffer + log->used, ",\"%s\":%llu", name, (unsigned long long)value);
}

static void access_json(void *data, const struct front_access *access)
{
    struct access_log *log = data;
    char stamp[RS_CLOCK_STAMP_SIZE];

    if (ACCESS_BUFFER - log->used < ACCESS_LINE_MAX)
        access_log_flush(log);
    rs_clock_stamp(rs_clock_utc_ms(), stamp);
    log->used += (size_t)sprintf(log->buffer + log->used, "{\"time\":\"%s\"", stamp);
    json_text(log, "client", access->client);
    json_number(log, "client_port", access->client_port);
    json_text(log, "server", access->server);
    json_number(log, "server_port", access->server_port);
    json_text(log, "scheme", access->tls ? RS_TEXT("https") : RS_TEXT("http"));
    json_text(log, "method", access->method);
    json_text(log, "uri", access->target);
    json_text(log, "host", access->host);
    json_text(log, "version", access->version);
    json_number(log, "status", (uint64_t)access->status);
    log->used += (size_t)sprintf(log->buffer + log->used, ",\"complete\":%s", access->complete ? "true" : "false");
    json_number(log, "sent", access->body_bytes);
    json_number(log, "received", access->request_bytes);
    json_number(log, "ms", (uint64_t)access->duration_ms);
    json_text(log, "user_agent", access->user_agent);
    json_text(log, "referer", access->referer);
    json_text(log, "application", access->application);
    json_text(log, "reservation", access->reservation);
    json_text(log, "request", access->request_id);
    log->buffer[log->used++] = '}';
    log->buffer[log->used++] = '\n';
}

rs_status access_log_open(struct rs_job *job, rs_text folder, bool json, struct access_log **out)
{
    struct access_log *log = calloc(1, sizeof *log);

    if (!log)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the access log");
    log->fd = -1;
    log->folder = open(rs_text_terminated(job, folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
    log->path = strdup(rs_text_format(job, "%.*s/access.log", RS_TEXT_ARG(folder)).bytes);
    log->json = json;
    log->hooks = (struct front_hooks){.access = json ? access_json : access_request, .data = log};
    if (!log->path || !access_open(log)) {
        rs_status status = rs_fail(job, RS_IO, "cannot open \"%s\": %s", log->path ? log->path : "access.log",
                                   strerror(errno));
        access_log_close(log);
        return status;
    }
    *out = log;
    return RS_OK;
}

void access_log_close(struct access_log *log)
{
    if (!log)
        return;
    access_log_flush(log);
    if (log->fd >= 0)
        close(log->fd);
    if (log->folder >= 0)
        close(log->folder);
    free(log->path);
    free(log);
}

const struct front_hooks *access_log_hooks(const struct access_log *log)
{
    return &log->hooks;
}
