#include "net/front/preface.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "net/http/proxy.h"

/* Bytes that are surely of the header, taken off the socket. */
struct preface {
    size_t used;
    char bytes[PROXY_HEADER_MAX];
};

void preface_free(struct front_client *client)
{
    free(client->preface);
    client->preface = NULL;
}

static enum preface_end peek(struct front_client *client, size_t *size)
{
    struct preface *preface = client->preface;
    ssize_t got;

    do
        got = recv(client->fd, preface->bytes + preface->used, sizeof preface->bytes - preface->used, MSG_PEEK | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return PREFACE_MORE;
    *size = got > 0 ? (size_t)got : 0;
    return got > 0 ? PREFACE_READ : PREFACE_GONE;
}

/* Take what was looked at; it is there. */
static bool take(struct front_client *client, size_t size)
{
    struct preface *preface = client->preface;

    if (size > 0 && recv(client->fd, preface->bytes + preface->used, size, MSG_DONTWAIT) != (ssize_t)size)
        return false;
    preface->used += size;
    return true;
}

static void believe(struct front_client *client, const struct proxy_header *header)
{
    if (!header->has_client)
        return;
    client->remote = header->client;
    client->remote_port = header->client_port;
    client->proxy_secure = header->secure;
}

enum preface_end preface_read(struct front_client *client)
{
    struct proxy_header header;
    enum preface_end end;
    enum proxy_end found;
    size_t size;

    if (!client->preface && !(client->preface = calloc(1, sizeof *client->preface)))
        rs_log_abort("no memory for a connection");
    end = peek(client, &size);
    if (end != PREFACE_READ)
        return end;
    found = proxy_read(rs_text_of(client->preface->bytes, client->preface->used + size), &header);
    if (found == PROXY_WRONG || (found == PROXY_NONE && client->preface->used > 0))
        return PREFACE_WRONG;
    if (found == PROXY_MORE)
        return client->preface->used + size < sizeof client->preface->bytes && take(client, size) ? PREFACE_MORE : PREFACE_WRONG;
    if (found == PROXY_DONE && !take(client, header.size - client->preface->used))
        return PREFACE_WRONG;
    if (found == PROXY_DONE)
        believe(client, &header);
    preface_free(client);
    return PREFACE_READ;
}
