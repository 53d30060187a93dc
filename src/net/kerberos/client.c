#include "net/kerberos/client.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

rs_status kerberos_client_create(struct rs_job *job, struct kerberos_client **out)
{
    struct kerberos_client *client = calloc(1, sizeof *client);

    if (!client)
        return rs_fail(job, RS_NO_MEMORY, "no memory for logons");
    client->fd = -1;
    *out = client;
    return RS_OK;
}

static void disconnect(struct kerberos_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

void kerberos_client_destroy(struct kerberos_client *client)
{
    if (!client)
        return;
    disconnect(client);
    free(client);
}

static bool connect_to(struct kerberos_client *client, rs_text path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval wait = {KERBEROS_WAIT_MS / 1000, 0};

    if (path.size >= sizeof address.sun_path)
        return false;
    memcpy(address.sun_path, path.bytes, path.size);
    client->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (client->fd < 0)
        return false;
    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    return connect(client->fd, (struct sockaddr *)&address, sizeof address) == 0;
}

/* The size of the answer; <= 0: the connection is of no use. */
static ssize_t exchange(struct kerberos_client *client, rs_text question)
{
    ssize_t got;

    if (send(client->fd, question.bytes, question.size, MSG_NOSIGNAL) != (ssize_t)question.size)
        return -1;
    do
        got = recv(client->fd, client->message, sizeof client->message, MSG_TRUNC);
    while (got < 0 && errno == EINTR);
    return (size_t)got > sizeof client->message ? -1 : got;
}

rs_status kerberos_ask(struct rs_job *job, struct kerberos_client *client, rs_text socket_path,
                       const struct kerberos_question *question, struct kerberos_answer *out)
{
    rs_buf written = rs_buf_in(job);
    ssize_t got = -1;

    kerberos_question_write(&written, question);
    for (int tries = client->fd >= 0 ? 2 : 1; got <= 0 && tries > 0; tries--) {
        if (client->fd >= 0 || connect_to(client, socket_path))
            got = exchange(client, rs_buf_text(&written));
        if (got <= 0)
            disconnect(client);
    }
    if (got > 0 && kerberos_answer_read(rs_text_copy(job, rs_text_of(client->message, (size_t)got)), out))
        return RS_OK;
    disconnect(client);
    return rs_fail(job, KERBEROS_UNAVAILABLE, "tickets cannot be checked now; the server's log says why");
}
