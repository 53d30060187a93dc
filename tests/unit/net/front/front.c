/* A front, a client and an application in one thread: the loop is turned by hand. What needs many clients, other
 * programs or time is in tests/e2e/front. */
#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/front/front.h"
#include "net/http/serve.h"
#include "net/loop/listen.h"
#include "net/loop/loop.h"

struct scene {
    struct rs_job *job;
    struct loop *loop;
    struct front *front;
    char path[64];
    int app;        /* the application listens here */
    uint16_t port;
    char reason[64]; /* the last word of the error log */
    char reservation[128];
    int accesses;
    int drained;
};

static void note_trouble(void *data, const struct front_trouble *trouble)
{
    struct scene *scene = data;

    snprintf(scene->reason, sizeof scene->reason, "%s", trouble->reason);
    snprintf(scene->reservation, sizeof scene->reservation, "%.*s", RS_TEXT_ARG(trouble->reservation));
}

static void note_access(void *data, const struct front_access *access)
{
    struct scene *scene = data;

    assert_true(access->request_id.size == 16);
    scene->accesses++;
}

/* Serve http://+:port/a/ from a listening socket that is handed over. */
static rs_status apply(struct scene *scene, const char *url_path, int fd)
{
    char url[128];
    struct tables_reservation row = {.id = 1, .application = RS_TEXT("app")};
    struct front_application application = {.name = RS_TEXT("APP"), .socket_path = rs_text_from(scene->path)};
    struct front_socket socket = {.port = scene->port, .fd = fd};
    RS_OWNED(tables_snapshot) tables = NULL;
    RS_OWNED(front_plan) plan = NULL;

    snprintf(url, sizeof url, "http://+:%u%s", scene->port, url_path);
    RS_TRY(tables_prefix_parse(scene->job, rs_text_from(url), &row.prefix));
    tables = tables_snapshot_create(&(struct tables_rows){.reservations = &row, .reservation_count = 1});
    plan = front_plan_create(&(struct front_plan_parts){.tables = tables, .applications = &application,
                                                        .application_count = 1, .sockets = &socket,
                                                        .socket_count = fd >= 0});
    return front_apply(scene->job, scene->front, plan);
}

static void open_scene(struct scene *scene)
{
    struct front_settings settings;
    struct front_hooks hooks = {.trouble = note_trouble, .access = note_access, .data = scene};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    memset(scene, 0, sizeof *scene);
    scene->job = rs_job_create(NULL);
    snprintf(scene->path, sizeof scene->path, "/tmp/front-unit-%d", (int)getpid());
    strcpy(address.sun_path, scene->path);
    unlink(scene->path);
    scene->app = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(scene->app, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(scene->app, 8), 0);
    front_settings_default(&settings);
    assert_ok(scene->job, loop_create(scene->job, &scene->loop));
    assert_ok(scene->job, front_create(scene->job, scene->loop, &settings, &hooks, &scene->front));
    assert_ok(scene->job, loop_listen(scene->job, RS_TEXT(""), 0, &fd));
    scene->port = loop_socket_port(fd);
    assert_ok(scene->job, apply(scene, "/a/", fd));
}

static void close_scene(struct scene *scene)
{
    front_destroy(scene->front);
    loop_destroy(scene->loop);
    close(scene->app);
    unlink(scene->path);
    rs_job_destroy(scene->job);
}

static int connect_client(struct scene *scene)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(scene->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* Turn the loop until `fd` has something; what it is, as a string. */
static const char *receive(struct scene *scene, int fd)
{
    static char bytes[65536];
    struct pollfd one = {.fd = fd, .events = POLLIN};
    ssize_t got;

    for (int turn = 0; turn < 1000 && poll(&one, 1, 2) == 0; turn++)
        loop_turn(scene->loop);
    got = recv(fd, bytes, sizeof bytes - 1, MSG_DONTWAIT);
    assert_true(got >= 0);
    bytes[got] = '\0';
    return bytes;
}

static int accept_upstream(struct scene *scene)
{
    struct pollfd one = {.fd = scene->app, .events = POLLIN};

    for (int turn = 0; turn < 1000 && poll(&one, 1, 2) == 0; turn++)
        loop_turn(scene->loop);
    return accept(scene->app, NULL, NULL);
}

static void count_drained(void *data)
{
    ((struct scene *)data)->drained++;
}

UNIT_TEST(front_carries_a_request_to_its_application_and_the_answer_back)
{
    struct scene scene;
    int client, upstream;

    open_scene(&scene);
    client = connect_client(&scene);
    send_text(client, "GET /A/b?c HTTP/1.1\r\nHost: h\r\n\r\n");
    upstream = accept_upstream(&scene);
    assert_non_null(strstr(receive(&scene, upstream), "GET /A/b?c HTTP/1.1\r\nHost: h\r\n"));
    send_text(upstream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    assert_non_null(strstr(receive(&scene, client), "\r\n\r\nhello"));
    assert_int_equal(scene.accesses, 1);
    assert_int_equal(front_statistics(scene.front)->responses[2], 1);
    send_text(client, "GET /a/again HTTP/1.1\r\nHost: h\r\n\r\n"); /* over the same connections */
    assert_non_null(strstr(receive(&scene, upstream), "GET /a/again"));
    assert_int_equal(front_statistics(scene.front)->upstream_reused, 1);
    close(client);
    close(upstream);
    close_scene(&scene); /* with a request in flight */
}

UNIT_TEST(front_answers_for_an_application_that_is_not_there)
{
    struct scene scene;
    int client;

    open_scene(&scene);
    unlink(scene.path);
    client = connect_client(&scene);
    send_text(client, "GET /a/ HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(receive(&scene, client), "HTTP/1.1 503 "));
    assert_string_equal(scene.reason, "AppOffline");
    assert_non_null(strstr(scene.reservation, "/a/"));
    send_text(client, "GET /b/ HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(receive(&scene, client), "HTTP/1.1 400 "));
    assert_string_equal(scene.reason, "N/A");
    assert_false(front_application_state(scene.front, RS_TEXT("other"), FRONT_OFFLINE));
    assert_true(front_application_state(scene.front, RS_TEXT("app"), FRONT_DISABLED));
    send_text(client, "GET /a/ HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(receive(&scene, client), "HTTP/1.1 503 "));
    assert_string_equal(scene.reason, "Disabled");
    close(client);
    close_scene(&scene);
}

UNIT_TEST(front_follows_a_new_plan_on_an_open_connection)
{
    struct scene scene;
    int client;

    open_scene(&scene);
    client = connect_client(&scene);
    send_text(client, "GET /b/ HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(receive(&scene, client), "HTTP/1.1 400 "));
    assert_ok(scene.job, apply(&scene, "/b/", -1)); /* the listener stays */
    send_text(client, "GET /b/ HTTP/1.1\r\nHost: h\r\n\r\n");
    int upstream = accept_upstream(&scene);
    assert_non_null(strstr(receive(&scene, upstream), "GET /b/"));
    close(upstream); /* the worker dies */
    assert_non_null(strstr(receive(&scene, client), "HTTP/1.1 502 "));
    assert_string_equal(scene.reason, "AppDropped");
    close(client);
    close_scene(&scene);
}

UNIT_TEST(front_drains_when_its_last_client_is_gone)
{
    struct scene scene;
    int client;

    open_scene(&scene);
    client = connect_client(&scene);
    send_text(client, "GET /b/ HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(receive(&scene, client), "HTTP/1.1 400 "));
    front_drain(scene.front, count_drained, &scene);
    assert_string_equal(receive(&scene, client), ""); /* idle: closed soon */
    for (int turn = 0; turn < 10; turn++)
        loop_turn(scene.loop);
    assert_int_equal(scene.drained, 1);
    close(client);
    close_scene(&scene);
}

/* Everything until the end of the chunked body. */
static size_t receive_chunked(struct scene *scene, int fd, char *out, size_t room)
{
    size_t used = 0;

    while (used < room - 1) {
        const char *more = receive(scene, fd);
        size_t size = strlen(more);
        assert_true(size > 0 && used + size < room);
        memcpy(out + used, more, size + 1);
        used += size;
        if (used > 5 && strcmp(out + used - 5, "0\r\n\r\n") == 0)
            break;
    }
    return used;
}

UNIT_TEST(front_and_a_worker_understand_each_other)
{
    struct scene scene;
    RS_OWNED(http_peer) worker = NULL;
    char *page = malloc(150000), *out = malloc(200000);

    open_scene(&scene);
    int client = connect_client(&scene);
    send_text(client, "POST /a/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
                      "GET /a/y HTTP/1.1\r\nHost: h\r\n\r\n");
    worker = http_peer_create(accept_upstream(&scene));
    for (int turn = 0; turn < 2; turn++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct http_incoming *incoming;
        struct http_reply *reply;
        assert_ok(job, http_peer_read(job, worker, 1000, &incoming));
        assert_text(incoming->body, turn == 0 ? "hello" : "");
        assert_text(http_fields_find(&incoming->request.fields, HTTP_BINDERY_PREFIX), "/a");
        reply = http_reply_create(job, worker);
        http_reply_field(reply, RS_TEXT("Content-Type"), RS_TEXT("text/plain"));
        memset(page, 'x', 150000);
        assert_ok(job, http_reply_write(reply, turn == 0 ? incoming->body : rs_text_of(page, 1000)));
        if (turn == 1) /* too much for its buffer: chunked */
            assert_ok(job, http_reply_write(reply, rs_text_of(page, 149000)));
        assert_ok(job, http_reply_finish(reply));
        assert_true(http_peer_is_open(worker));
        if (turn == 0) {
            assert_non_null(strstr(receive(&scene, client), "Content-Length: 5\r\n"));
        } else {
            size_t size = receive_chunked(&scene, client, out, 200000);
            assert_true(size > 150000);
            assert_non_null(strstr(out, "Transfer-Encoding: chunked\r\n"));
        }
    }
    assert_int_equal(front_statistics(scene.front)->upstream_connections, 1);
    assert_int_equal(scene.accesses, 2);
    free(page);
    free(out);
    close(client);
    close_scene(&scene);
}
