#include "daemon/api_serve.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/list.h"
#include "net/http/chunked.h"
#include "net/http/write.h"
#include "net/loop/loop.h"

#define READ_STEP ((size_t)8 * 1024)
#define ANSWER_HEAD_MAX 512
#define REFUSED_MS 250

struct client {
    struct rs_link link;
    struct rs_link turn;     /* of those that wait for it */
    struct api_server *server;
    struct rs_job *job; /* everything of this request */
    int fd;
    struct loop_watch *watch;
    struct loop_timer *timer;
    rs_text who;
    bool refused;            /* told so; nothing it says counts */
    rs_buf in;               /* what was read: the head, then the body as it comes */
    struct http_request request;
    bool head_read;
    rs_buf body;             /* of a chunked request */
    struct http_chunked chunked;
    size_t taken;            /* of `in`, by the chunked body */
    bool waits;              /* for its turn, with: */
    rs_text content;
    rs_text out;             /* what is still to be written */
};

struct api_server {
    struct loop *loop;
    struct loop_watch *watch;
    int fd;
    size_t body_max;
    struct api_hooks hooks;
    struct rs_link clients;
    struct rs_link turns;
    struct loop_timer *next_turn;
    size_t count;
};

static void client_close(struct client *client)
{
    struct api_server *server = client->server;

    rs_list_remove(&client->link);
    rs_list_remove(&client->turn);
    loop_watch_close(client->watch);
    loop_timer_close(client->timer);
    close(client->fd);
    rs_job_destroy(client->job);
    free(client);
    if (server->count-- == API_SERVE_CLIENTS_MAX)
        loop_watch_for(server->watch, LOOP_READ);
}

/* ---- writing ------------------------------------------------------------------------------------- */

/* True: the client is gone, or has everything. */
static bool client_write(struct client *client)
{
    while (client->out.size > 0) {
        ssize_t put = send(client->fd, client->out.bytes, client->out.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            loop_watch_for(client->watch, LOOP_WRITE);
            loop_timer_start(client->timer, API_SERVE_WRITE_MS, 0);
            return false;
        }
        if (put < 0)
            return true;
        client->out = rs_text_from_offset(client->out, (size_t)put);
    }
    return true;
}

/* True: all of it is out. */
static bool client_answer(struct client *client, const struct api_answer *answer)
{
    char head[ANSWER_HEAD_MAX];
    struct http_writer writer = http_writer_on(head, sizeof head);
    rs_buf out = rs_buf_in(client->job);

    http_write_status_line(&writer, answer->status);
    http_write_date(&writer);
    http_write_known(&writer, HTTP_CONTENT_TYPE, answer->content_type);
    http_write_number(&writer, HTTP_CONTENT_LENGTH, answer->body.size);
    http_write_known(&writer, HTTP_CONNECTION, RS_TEXT("close"));
    http_write_end(&writer);
    rs_buf_add(&out, http_writer_text(&writer));
    if (client->request.method != HTTP_HEAD)
        rs_buf_add(&out, answer->body);
    client->out = rs_buf_text(&out);
    return client_write(client);
}

static bool client_fault(struct client *client, int status, const char *sentence)
{
    struct api_answer answer = {0};

    client->server->hooks.fault(client->job, client->server->hooks.data, status, rs_text_from(sentence), &answer);
    return client_answer(client, &answer);
}

/* ---- reading ------------------------------------------------------------------------------------- */

/* It is answered with what others ask meanwhile. Nothing is read before that. */
static bool client_request(struct client *client, rs_text body)
{
    client->content = body;
    client->waits = true;
    loop_watch_for(client->watch, 0);
    loop_timer_stop(client->timer);
    rs_list_append(&client->server->turns, &client->turn);
    loop_timer_start(client->server->next_turn, 0, 0);
    return false;
}

static bool client_chunks(struct client *client)
{
    rs_text bytes = rs_text_from_offset(rs_buf_text(&client->in), client->taken), data;
    enum http_parse end;
    size_t taken;

    do {
        end = http_chunked_decode(&client->chunked, bytes, &taken, &data);
        rs_buf_add(&client->body, data);
        bytes = rs_text_from_offset(bytes, taken);
        client->taken += taken;
        if (client->body.used > client->server->body_max)
            return client_fault(client, 413, "the request is larger than is allowed");
    } while (end == HTTP_MORE && taken > 0);
    if (end == HTTP_BAD)
        return client_fault(client, 400, "the chunks of the request are not valid");
    return end == HTTP_DONE && client_request(client, rs_buf_text(&client->body));
}

/* True: the client is done with. */
static bool client_take(struct client *client)
{
    struct http_request *request = &client->request;
    rs_text bytes = rs_buf_text(&client->in);

    if (!client->head_read) {
        enum http_parse end = http_request_parse(request, bytes);
        if (end == HTTP_BAD)
            return client_fault(client, request->fault.status, request->fault.sentence);
        if (end == HTTP_MORE)
            return bytes.size > HTTP_HEAD_MAX && client_fault(client, 431, "the head of the request is too large");
        client->head_read = true;
        client->taken = request->head_size;
        if (request->body == HTTP_BODY_COUNTED && request->content_length > client->server->body_max)
            return client_fault(client, 413, "the request is larger than is allowed");
        if (request->expects_continue && request->body != HTTP_BODY_NONE)
            (void)!send(client->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    switch (request->body) {
    case HTTP_BODY_CHUNKED:
        return client_chunks(client);
    case HTTP_BODY_COUNTED:
        if (bytes.size - request->head_size < request->content_length)
            return false;
        /* the texts of the head borrow bytes that may have moved since */
        http_request_init(request);
        (void)http_request_parse(request, bytes);
        return client_request(client, rs_text_slice(bytes, request->head_size, (size_t)request->content_length));
    default:
        return client_request(client, RS_TEXT(""));
    }
}

/* True: the client is done with. */
static bool client_read(struct client *client)
{
    ssize_t got;

    rs_buf_reserve(&client->in, READ_STEP);
    got = recv(client->fd, client->in.bytes + client->in.used, READ_STEP, MSG_DONTWAIT);
    if (got < 0)
        return errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK;
    if (got == 0)
        return true;
    client->in.used += (size_t)got;
    return client_take(client);
}

/* What does not fit into the socket at once is not waited for. What the client has still to say is read away for a moment, or
 * it would meet a closed connection before it reads why. */
static void client_refuse(struct client *client, const struct api_answer *refusal)
{
    if (!client_answer(client, refusal) || shutdown(client->fd, SHUT_WR) != 0) {
        client_close(client);
        return;
    }
    client->refused = true;
    loop_timer_start(client->timer, REFUSED_MS, 0);
}

/* True: it has nothing more to say. */
static bool client_ignore(struct client *client)
{
    char away[READ_STEP];
    ssize_t got = recv(client->fd, away, sizeof away, MSG_DONTWAIT);

    return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK);
}

static void on_client(void *data, int events)
{
    struct client *client = data;
    bool done = client->refused        ? client_ignore(client)
                : client->out.size > 0 ? client_write(client)
                                       : client_read(client);

    (void)events;
    if (done)
        client_close(client);
}

static void on_late(void *data)
{
    client_close(data);
}

/* ---- accepting ----------------------------------------------------------------------------------- */

static struct client *client_create(struct api_server *server, int fd)
{
    struct client *client = calloc(1, sizeof *client);

    if (!client)
        return NULL;
    client->server = server;
    client->fd = fd;
    client->job = rs_job_create(NULL);
    client->in = rs_buf_in(client->job);
    client->body = rs_buf_in(client->job);
    http_request_init(&client->request);
    client->watch = loop_watch_open(server->loop, fd, LOOP_READ, on_client, client);
    client->timer = loop_timer_open(server->loop, on_late, client);
    rs_list_append(&server->clients, &client->link);
    rs_list_init(&client->turn);
    if (++server->count == API_SERVE_CLIENTS_MAX)
        loop_watch_for(server->watch, 0); /* the others wait in the socket's queue */
    return client;
}

static void admit(struct api_server *server, int fd)
{
    struct api_answer refusal = {0};
    struct client *client = client_create(server, fd);

    if (!client || !client->watch) {
        if (client)
            client_close(client);
        else
            close(fd);
        return;
    }
    client->who = server->hooks.admit(client->job, server->hooks.data, fd, &refusal);
    if (client->who.size == 0) {
        client_refuse(client, &refusal);
        return;
    }
    loop_timer_start(client->timer, API_SERVE_READ_MS, 0);
}

static void on_accept(void *data, int events)
{
    struct api_server *server = data;
    int fd;

    (void)events;
    while (server->count < API_SERVE_CLIENTS_MAX && (fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
        admit(server, fd);
}

/* ---- turns --------------------------------------------------------------------------------------- */

/* Whatever has come while others were answered: it may go together with what waits. */
static void gather(struct api_server *server)
{
    on_accept(server, LOOP_READ);
    rs_list_each(link, &server->clients) {
        struct client *client = rs_list_object(link, struct client, link);
        if (!client->refused && !client->waits && client->out.size == 0 && client_read(client))
            client_close(client);
    }
}

static void on_turn(void *data)
{
    struct api_server *server = data;
    struct api_request requests[API_SERVE_CLIENTS_MAX];
    struct client *clients[API_SERVE_CLIENTS_MAX];
    size_t count = 0, answered;

    gather(server);
    rs_list_each(link, &server->turns) {
        struct client *client = rs_list_object(link, struct client, turn);
        clients[count] = client;
        requests[count++] = (struct api_request){.job = client->job, .who = client->who, .head = &client->request,
                                                 .body = client->content};
    }
    if (count == 0)
        return;
    answered = server->hooks.answer(server->hooks.data, requests, count);
    for (size_t i = 0; i < answered; i++) {
        rs_list_remove(&clients[i]->turn);
        clients[i]->waits = false;
        if (client_answer(clients[i], &requests[i].answer))
            client_close(clients[i]);
    }
    if (answered < count)
        loop_timer_start(server->next_turn, 0, 0);
}

struct api_server *api_server_open(struct loop *loop, int fd, size_t body_max, const struct api_hooks *hooks)
{
    struct api_server *server = calloc(1, sizeof *server);

    if (!server)
        return NULL;
    *server = (struct api_server){.loop = loop, .fd = fd, .body_max = body_max, .hooks = *hooks};
    rs_list_init(&server->clients);
    rs_list_init(&server->turns);
    server->next_turn = loop_timer_open(loop, on_turn, server);
    server->watch = loop_watch_open(loop, fd, LOOP_READ, on_accept, server);
    if (!server->watch) {
        loop_timer_close(server->next_turn);
        free(server);
        return NULL;
    }
    return server;
}

void api_server_close(struct api_server *server)
{
    if (!server)
        return;
    rs_list_each(link, &server->clients)
        client_close(rs_list_object(link, struct client, link));
    loop_watch_close(server->watch);
    loop_timer_close(server->next_turn);
    free(server);
}
