#include "daemon/channel.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

struct channel_head {
    uint32_t kind;
    uint32_t fd_count;
    uint64_t body_size;
};

rs_status channel_pair(struct rs_job *job, int out[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, out) != 0)
        return rs_fail(job, RS_IO, "cannot make a socket pair: %s", strerror(errno));
    return RS_OK;
}

static rs_status channel_wait(struct rs_job *job, int fd, short events, int64_t until_ms)
{
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = events};
        int64_t left = until_ms - rs_clock_steady_ms();
        int ready = left > 0 ? poll(&wait, 1, left > INT32_MAX ? INT32_MAX : (int)left) : 0;

        if (ready > 0)
            return RS_OK;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready < 0)
            return rs_fail(job, RS_IO, "cannot wait for another process: %s", strerror(errno));
        return rs_fail(job, RS_TIMEOUT, "another process of the server did not answer in time");
    }
}

/* Descriptors go with the first byte of the head. */
static ssize_t channel_send_some(int fd, struct iovec *parts, size_t count, const int *fds, size_t fd_count)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * CHANNEL_FDS_MAX)];
        struct cmsghdr aligned;
    } control = {.bytes = {0}};
    struct msghdr header = {.msg_iov = parts, .msg_iovlen = count};

    if (fd_count > 0) {
        struct cmsghdr *rights;
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        memcpy(CMSG_DATA(rights), fds, sizeof(int) * fd_count);
    }
    return sendmsg(fd, &header, MSG_NOSIGNAL);
}

rs_status channel_send(struct rs_job *job, int fd, const struct channel_message *message, int64_t timeout_ms)
{
    struct channel_head head = {message->kind, (uint32_t)message->fd_count, message->body.size};
    size_t total = sizeof head + message->body.size;
    size_t sent = 0;
    int64_t until_ms = rs_clock_steady_ms() + timeout_ms;

    if (message->body.size > CHANNEL_BODY_MAX || message->fd_count > CHANNEL_FDS_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "a message of %zu bytes and %zu descriptors is too large",
                       message->body.size, message->fd_count);
    while (sent < total) {
        struct iovec parts[2] = {
            {(char *)&head + (sent < sizeof head ? sent : sizeof head), sent < sizeof head ? sizeof head - sent : 0},
            {(void *)rs_text_from_offset(message->body, sent < sizeof head ? 0 : sent - sizeof head).bytes,
             sent < sizeof head ? message->body.size : total - sent},
        };
        ssize_t put = channel_send_some(fd, parts, 2, message->fds, sent == 0 ? message->fd_count : 0);
        if (put > 0)
            sent += (size_t)put;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            RS_TRY(channel_wait(job, fd, POLLOUT, until_ms));
        else if (errno != EINTR)
            return rs_fail(job, RS_IO, "another process of the server is gone: %s", strerror(errno));
    }
    return RS_OK;
}

static void channel_keep_fds(struct msghdr *header, struct channel_message *message)
{
    for (struct cmsghdr *each = CMSG_FIRSTHDR(header); each; each = CMSG_NXTHDR(header, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(each) + i * sizeof fd, sizeof fd);
            if (message->fd_count < CHANNEL_FDS_MAX)
                message->fds[message->fd_count++] = fd;
            else
                close(fd);
        }
    }
}

/* Fill `room`; `*closed` where the end came before the first byte. */
static rs_status channel_read_all(struct rs_job *job, int fd, char *room, size_t size, int64_t until_ms,
                                  struct channel_message *message, bool *closed)
{
    size_t have = 0;

    while (have < size) {
        union {
            char bytes[CMSG_SPACE(sizeof(int) * CHANNEL_FDS_MAX)];
            struct cmsghdr aligned;
        } control;
        struct iovec part = {room + have, size - have};
        struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
                                .msg_controllen = sizeof control.bytes};
        ssize_t got = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);

        if (got > 0) {
            channel_keep_fds(&header, message);
            have += (size_t)got;
        } else if (got == 0 && have == 0 && closed) {
            *closed = true;
            return RS_OK;
        } else if (got == 0) {
            return rs_fail(job, RS_IO, "another process of the server ended in the middle of a message");
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            RS_TRY(channel_wait(job, fd, POLLIN, until_ms));
        } else if (errno != EINTR) {
            return rs_fail(job, RS_IO, "another process of the server is gone: %s", strerror(errno));
        }
    }
    return RS_OK;
}

rs_status channel_receive(struct rs_job *job, int fd, int64_t timeout_ms, struct channel_message *out,
                          bool *closed)
{
    struct channel_head head;
    int64_t until_ms = rs_clock_steady_ms() + timeout_ms;
    rs_status status;
    void *body = NULL;

    *out = (struct channel_message){0};
    *closed = false;
    status = channel_read_all(job, fd, (char *)&head, sizeof head, until_ms, out, closed);
    if (status == RS_OK && !*closed && head.body_size > CHANNEL_BODY_MAX)
        status = rs_fail(job, RS_OVER_LIMIT, "a message of %llu bytes is too large",
                         (unsigned long long)head.body_size);
    if (status == RS_OK && !*closed)
        status = rs_try_alloc(job, head.body_size + 1, 1, &body);
    if (status == RS_OK && !*closed)
        status = channel_read_all(job, fd, body, head.body_size, until_ms, out, NULL);
    if (status == RS_OK && !*closed && out->fd_count != head.fd_count)
        status = rs_fail(job, RS_IO, "%u descriptors were sent and %zu arrived", head.fd_count, out->fd_count);
    if (status != RS_OK) {
        channel_close_fds(out);
        return status;
    }
    if (!*closed) {
        out->kind = head.kind;
        out->body = rs_text_of(body, head.body_size);
    }
    return RS_OK;
}

void channel_close_fds(struct channel_message *message)
{
    while (message->fd_count > 0)
        close(message->fds[--message->fd_count]);
}

void channel_put_number(rs_buf *buf, uint64_t number)
{
    rs_buf_add(buf, rs_text_of((const char *)&number, sizeof number));
}

void channel_put_text(rs_buf *buf, rs_text text)
{
    channel_put_number(buf, text.size);
    rs_buf_add(buf, text);
}

uint64_t channel_take_number(struct channel_reader *reader)
{
    uint64_t number = 0;

    if (reader->rest.size < sizeof number) {
        reader->broken = true;
        return 0;
    }
    memcpy(&number, reader->rest.bytes, sizeof number);
    reader->rest = rs_text_from_offset(reader->rest, sizeof number);
    return number;
}

rs_text channel_take_text(struct channel_reader *reader)
{
    uint64_t size = channel_take_number(reader);
    rs_text text;

    if (size > reader->rest.size) {
        reader->broken = true;
        size = 0;
    }
    text = rs_text_slice(reader->rest, 0, size);
    reader->rest = rs_text_from_offset(reader->rest, size);
    return text;
}

size_t channel_take_count(struct channel_reader *reader)
{
    uint64_t count = channel_take_number(reader);

    if (count > reader->rest.size) {
        reader->broken = true;
        return 0;
    }
    return count;
}
