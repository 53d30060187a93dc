#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "format/escape/base64.h"
#include "service/auth/users.h"
#include "web/exchange/serve.h"

/* A face that tells what it was asked, and fails on request. */
static rs_status echo_answer(struct exchange *x)
{
    rs_buf page = rs_buf_in(x->job);

    if (exchange_pair_find(&x->query, "fail"))
        return rs_fail(x->job, CATALOG_WRONG_KIND, "told to fail");
    if (exchange_pair_find(&x->query, "late")) {
        exchange_status(x, 200);
        for (int i = 0; i < 3000; i++)
            RS_TRY(exchange_write(x, RS_TEXT("0123456789012345678901234567890123456789")));
        return rs_fail(x->job, RS_FAILED, "too late");
    }
    if (exchange_pair_find(&x->query, "greedy"))
        for (;;) {
            rs_alloc(x->job, 100000);
            RS_TRY(rs_job_checkpoint(x->job));
        }
    if (exchange_pair_find(&x->query, "endless"))
        for (;;)
            RS_TRY(rs_job_checkpoint(x->job));
    if (exchange_pair_find(&x->query, "slow"))
        for (int64_t end_ms = rs_clock_steady_ms() + 700; rs_clock_steady_ms() < end_ms;)
            usleep(10000);
    if (exchange_pair_find(&x->query, "hang"))
        for (volatile bool on = true; on;) /* as in a library that asks nobody */
            continue;
    if (exchange_pair_find(&x->query, "form")) {
        RS_TRY(exchange_read_form(x));
        RS_TRY(exchange_check_form(x));
    }
    if (exchange_is_known(x, RS_TEXT("v1")))
        return RS_OK;
    rs_buf_printf(&page, "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%d|%.*s|%.*s", RS_TEXT_ARG(x->scheme), RS_TEXT_ARG(x->host),
                  RS_TEXT_ARG(x->directory), RS_TEXT_ARG(x->path), RS_TEXT_ARG(x->caller.user.name),
                  RS_TEXT_ARG(x->caller.language), x->caller.is_local, RS_TEXT_ARG(x->caller.report_server_url),
                  RS_TEXT_ARG(exchange_form_token(x)));
    exchange_disposition(x, "attachment", RS_TEXT("\xC3\x9C \"1\".pdf"));
    return exchange_send(x, 200, "text/plain; charset=utf-8", rs_buf_text(&page));
}

static rs_status echo_fail(struct exchange *x, rs_status status)
{
    rs_text text = rs_text_format(x->job, "failed: %.*s", RS_TEXT_ARG(service_error_text(x->job, &x->caller)));

    return exchange_send(x, rs_status_http(status), "text/plain", text);
}

static const struct exchange_face echo_face = {.directory = EXCHANGE_REPORT_SERVER, .application = "ReportServerWebService",
                                               .answer = echo_answer, .fail = echo_fail};
static const struct exchange_face *const faces[] = {&echo_face};

struct world {
    char folder[64], path[96];
    struct rs_job *job;
    struct exchange_settings settings;
    struct service *service;
};

static struct world world_open(void)
{
    struct world w = {.folder = "/tmp/exchange-test-XXXXXX"};
    struct catalog *catalog;

    rs_log_level(RS_LOG_ERROR);
    assert_non_null(mkdtemp(w.folder));
    snprintf(w.path, sizeof w.path, "%s/catalog.db", w.folder);
    w.job = rs_job_create(NULL);
    exchange_settings_default(&w.settings);
    w.settings.service.catalog_path = rs_text_copy(w.job, rs_text_from(w.path));
    w.settings.memory_max = 8 * 1024 * 1024;
    w.settings.body_max = 10000;
    assert_ok(w.job, service_open(w.job, &w.settings.service, &w.service));
    assert_ok(w.job, service_catalog(w.job, w.service, &catalog));
    assert_ok(w.job, auth_user_add(w.job, catalog, RS_TEXT("ann"), RS_TEXT("12345678"), AUTH_READER));
    return w;
}

static void world_close(struct world *w)
{
    char command[128];

    service_close(w->service);
    rs_job_destroy(w->job);
    snprintf(command, sizeof command, "rm -r %s", w->folder);
    assert_int_equal(system(command), 0);
}

#define WORLD(w) __attribute__((cleanup(world_close))) struct world w = world_open()
#define ANN "Authorization: Basic YW5uOjEyMzQ1Njc4\r\n"
#define HTTPS "X-Forwarded-Proto: https\r\nX-Forwarded-Host: h:8443\r\nX-Forwarded-For: 192.0.2.1\r\n"

/* Send the bytes on one connection, and give everything that comes back. */
static rs_text talk_sized(struct world *w, rs_text request)
{
    int fds[2];
    rs_buf answer = rs_buf_in(w->job);

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    int size = 1 << 20;
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    assert_int_equal(write(fds[0], request.bytes, request.size), request.size);
    shutdown(fds[0], SHUT_WR);
    exchange_serve_connection(fds[1], &w->settings, w->service, faces, 1);
    for (;;) {
        ssize_t got = read(fds[0], rs_buf_reserve(&answer, 65536), 65536);
        if (got <= 0)
            break;
        answer.used += (size_t)got;
    }
    close(fds[0]);
    return rs_buf_text(&answer);
}

static rs_text talk(struct world *w, const char *request)
{
    return talk_sized(w, rs_text_from(request));
}

static void assert_has(rs_text answer, const char *what)
{
    if (rs_text_find(answer, rs_text_from(what)) < 0)
        fail_msg("\"%s\" is not in \"%.*s\"", what, RS_TEXT_ARG(rs_text_slice(answer, 0, 2000)));
}

UNIT_TEST(a_request_reaches_its_face_with_its_client)
{
    WORLD(w);
    rs_text answer = talk(&w, "GET /reportserver/a%20b?x=1 HTTP/1.1\r\nHost: inner\r\nAccept-Language: de-DE,de;q=0.9\r\n"
                          HTTPS ANN "\r\n");

    assert_has(answer, "HTTP/1.1 200 OK\r\n");
    assert_has(answer, "https|h:8443|/reportserver|/a b|ann|de-DE|0|https://h:8443/reportserver|");
    assert_has(answer, "X-Content-Type-Options: nosniff\r\n");
    assert_has(answer, "filename=\"_ _1_.pdf\"; filename*=UTF-8''%C3%9C%20%221%22.pdf\r\n");
    assert_has(answer, "; HttpOnly; SameSite=Strict; Secure\r\n");
}

UNIT_TEST(the_application_decides_over_the_path)
{
    WORLD(w);

    assert_has(talk(&w, "GET /RS_TEST/x HTTP/1.1\r\nHost: h\r\nBindery-Application: reportserverwebservice\r\n"
                        "Bindery-Prefix: /RS_TEST\r\n" HTTPS ANN "\r\n"), "|/RS_TEST|/x|ann|");
    assert_has(talk(&w, "GET /ReportServer HTTP/1.1\r\nHost: h\r\nBindery-Application: Other\r\n" HTTPS ANN "\r\n"),
               "HTTP/1.1 404 ");
    assert_has(talk(&w, "GET /ReportServerX HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n"), "HTTP/1.1 404 ");
}

UNIT_TEST(who_does_not_say_who_is_asked)
{
    WORLD(w);
    rs_text answer = talk(&w, "GET /ReportServer HTTP/1.1\r\nHost: h\r\n" HTTPS "\r\n");

    assert_has(answer, "HTTP/1.1 401 ");
    assert_has(answer, "WWW-Authenticate: Basic realm=\"Bindery\", charset=\"UTF-8\"\r\n");
    assert_has(talk(&w, "GET /ReportServer HTTP/1.1\r\nHost: h\r\n" ANN "\r\n"), "HTTP/1.1 403 ");
}

UNIT_TEST(several_requests_share_a_connection)
{
    WORLD(w);
    rs_text answer = talk(&w, "GET /ReportServer/1 HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n"
                              "GET /ReportServer/2?fail HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n"
                              "GET /ReportServer/3 HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n");

    assert_has(answer, "|/1|ann|");
    assert_has(answer, "HTTP/1.1 400 ");
    assert_has(answer, "failed: told to fail");
    assert_has(answer, "|/3|ann|");
}

UNIT_TEST(a_failure_after_the_first_byte_cuts_the_answer_off)
{
    WORLD(w);
    rs_text answer = talk(&w, "GET /ReportServer?late HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n"
                              "GET /ReportServer/3 HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n");

    assert_has(answer, "HTTP/1.1 200 OK\r\n");
    assert_int_equal(rs_text_find(answer, RS_TEXT("\r\n0\r\n\r\n")), -1);
    assert_int_equal(rs_text_find(answer, RS_TEXT("too late")), -1);
    assert_int_equal(rs_text_find(answer, RS_TEXT("|/3|")), -1);
}

UNIT_TEST(a_request_over_its_limit_gets_an_error_page_and_the_next_one_is_served)
{
    WORLD(w);
    rs_text answer = talk(&w, "GET /ReportServer?greedy HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n"
                              "GET /ReportServer/2 HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n");

    assert_has(answer, "HTTP/1.1 413 ");
    assert_has(answer, "|/2|ann|");
}

UNIT_TEST(a_body_over_the_limit_is_refused)
{
    WORLD(w);

    assert_has(talk(&w, "POST /ReportServer HTTP/1.1\r\nHost: h\r\nContent-Length: 20000\r\n" HTTPS ANN "\r\n"),
               "HTTP/1.1 413 ");
}

UNIT_TEST(what_the_client_has_is_not_sent_again)
{
    WORLD(w);
    rs_text answer = talk(&w, "GET /ReportServer HTTP/1.1\r\nHost: h\r\nIf-None-Match: \"x\", W/\"v1\"\r\n" HTTPS ANN
                              "\r\n");

    assert_has(answer, "HTTP/1.1 304 ");
    assert_has(answer, "ETag: \"v1\"\r\n");
}

#define TOKEN "0123456789abcdef0123456789abcdef"

static rs_text post(struct world *w, const char *headers, const char *body)
{
    return talk_sized(w, rs_text_format(w->job,
                                        "POST /ReportServer?form HTTP/1.1\r\nHost: h\r\n" HTTPS ANN
                                        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n%s\r\n%s",
                                        strlen(body), headers, body));
}

UNIT_TEST(forged_forms_are_refused)
{
    WORLD(w);

    assert_has(post(&w, "Cookie: a=b; BinderyToken=" TOKEN "\r\nOrigin: https://h:8443\r\n", "token=" TOKEN),
               "HTTP/1.1 200 ");
    assert_has(post(&w, "Cookie: BinderyToken=" TOKEN "\r\n", "token=" TOKEN), "HTTP/1.1 200 ");
    assert_has(post(&w, "Cookie: BinderyToken=" TOKEN "\r\nOrigin: https://evil\r\n", "token=" TOKEN),
               "HTTP/1.1 403 ");
    assert_has(post(&w, "Cookie: BinderyToken=" TOKEN "\r\n", "token=1123456789abcdef0123456789abcdef"),
               "HTTP/1.1 403 ");
    assert_has(post(&w, "", "token="), "HTTP/1.1 403 ");
    assert_has(post(&w, "", ""), "HTTP/1.1 403 ");
}

UNIT_TEST(a_missing_database_is_an_answer_not_the_end)
{
    WORLD(w);
    RS_OWNED(service) service = NULL;
    struct exchange_settings settings = w.settings;
    struct service *kept = w.service;

    settings.service.catalog_path = RS_TEXT("/nonexistent/catalog.db");
    assert_ok(w.job, service_open(w.job, &settings.service, &service));
    w.service = service;
    rs_text answer = talk(&w, "GET /ReportServer HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n");
    w.service = kept;
    assert_has(answer, "HTTP/1.1 503 ");
}

/* ---- the loop -------------------------------------------------------------------------------------- */

static volatile sig_atomic_t stop;

static void on_stop(int number)
{
    stop = 1;
}

static pid_t start_worker(struct world *w, int listen_fd)
{
    pid_t child = fork();

    if (child == 0) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        signal(SIGTERM, on_stop);
        signal(SIGPIPE, SIG_IGN);
        _exit(exchange_serve(job, listen_fd, &w->settings, faces, 1, &stop) == RS_OK ? 0 : 1);
    }
    return child;
}

static int connect_to(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (const struct sockaddr *)address, sizeof *address), 0);
    return fd;
}

static void ask(int fd)
{
    static const char request[] = "GET /ReportServer HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n";
    char answer[2000];

    assert_int_equal(write(fd, request, sizeof request - 1), sizeof request - 1);
    ssize_t got = read(fd, answer, sizeof answer);
    assert_true(got > 15);
    assert_memory_equal(answer, "HTTP/1.1 200 OK", 15);
}

/* A worker in a process of its own, and the address it listens on. */
struct running {
    struct sockaddr_un address;
    int listen_fd;
    pid_t child;
};

static struct running run_worker(struct world *w)
{
    struct running r = {.address = {.sun_family = AF_UNIX}, .listen_fd = socket(AF_UNIX, SOCK_STREAM, 0)};

    snprintf(r.address.sun_path, sizeof r.address.sun_path, "%s/socket", w->folder);
    assert_int_equal(bind(r.listen_fd, (struct sockaddr *)&r.address, sizeof r.address), 0);
    assert_int_equal(listen(r.listen_fd, 10), 0);
    service_close(w->service); /* not carried over the fork */
    w->service = NULL;
    r.child = start_worker(w, r.listen_fd);
    return r;
}

static void stop_worker(struct running *r)
{
    int64_t start_ms = rs_clock_steady_ms();
    int status;

    kill(r->child, SIGTERM);
    assert_int_equal(waitpid(r->child, &status, 0), r->child);
    assert_true(rs_clock_steady_ms() - start_ms < 3000);
    assert_int_equal(status, 0);
    close(r->listen_fd);
}

UNIT_TEST(a_client_that_goes_away_frees_the_worker)
{
    WORLD(w);
    static const char request[] = "GET /ReportServer?endless HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n";
    struct running r = run_worker(&w);
    int gone = connect_to(&r.address), next;

    assert_int_equal(write(gone, request, sizeof request - 1), sizeof request - 1);
    usleep(300000); /* it is at work */
    next = connect_to(&r.address);
    int64_t start_ms = rs_clock_steady_ms();
    close(gone);
    ask(next);
    assert_true(rs_clock_steady_ms() - start_ms < 5000); /* the request has 1800 s */
    close(next);
    stop_worker(&r);
}

UNIT_TEST(a_worker_that_hangs_ends_by_its_alarm)
{
    WORLD(w);
    static const char request[] = "GET /ReportServer?hang HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n";
    int status, fd;

    w.settings.hang_s = 1;
    struct running r = run_worker(&w);
    fd = connect_to(&r.address);
    ask(fd); /* a request that ends takes its alarm with it */
    usleep(1300000);
    ask(fd);
    assert_int_equal(write(fd, request, sizeof request - 1), sizeof request - 1);
    assert_int_equal(waitpid(r.child, &status, 0), r.child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
    close(fd);
    close(r.listen_fd);
}

UNIT_TEST(what_is_on_its_way_when_a_worker_is_told_to_stop_is_answered)
{
    WORLD(w);
    static const char slow[] = "GET /ReportServer?slow HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n";
    static const char request[] = "GET /ReportServer HTTP/1.1\r\nHost: h\r\n" HTTPS ANN "\r\n";
    struct running r = run_worker(&w);
    int busy = connect_to(&r.address), other = connect_to(&r.address);
    char answer[2000];

    ask(busy); /* both connections are the worker's */
    ask(other);
    assert_int_equal(write(busy, slow, sizeof slow - 1), sizeof slow - 1);
    usleep(200000); /* it is at work */
    assert_int_equal(write(other, request, sizeof request - 1), sizeof request - 1);
    stop_worker(&r);
    assert_true(read(busy, answer, sizeof answer) > 0);
    assert_true(read(other, answer, sizeof answer) > 0);
    close(busy);
    close(other);
}

UNIT_TEST(a_worker_serves_many_connections_and_stops_when_told)
{
    WORLD(w);
    struct running r = run_worker(&w);
    int first = connect_to(&r.address), second = connect_to(&r.address);

    ask(first);
    ask(second); /* while the first one stays open */
    ask(first);
    close(first);
    ask(second);
    stop_worker(&r);
    close(second);
}
