#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/ops/ops.h"
#include "web/portal/portal.h"

/* The portal asked directly, as exchange_serve would ask it, with a user that is known already. */
struct world {
    char folder[64];
    struct rs_job *job;
    struct exchange_settings settings;
    struct service *service;
};

static struct world world_open(void)
{
    struct world w = {.folder = "/tmp/portal-test-XXXXXX"};

    assert_non_null(mkdtemp(w.folder));
    w.job = rs_job_create(NULL);
    exchange_settings_default(&w.settings);
    w.settings.service.catalog_path = rs_text_format(w.job, "%s/catalog.db", w.folder);
    assert_ok(w.job, service_open(w.job, &w.settings.service, &w.service));
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

struct asked {
    rs_status status;
    rs_text answer; /* as it went over the wire; in the world's job */
};

/* One request; its job stops at checkpoint `stop_at` (0: never). A failure is answered by the face's error page. */
static struct asked ask_stopping(struct world *w, enum auth_role role, const char *request, uint64_t stop_at)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(http_peer) peer = NULL;
    rs_buf received = rs_buf_in(w->job);
    struct http_incoming *incoming = NULL;
    struct asked asked;
    int fds[2], size = 1 << 20;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    peer = http_peer_create(fds[1]);
    assert_int_equal(write(fds[0], request, strlen(request)), strlen(request));
    shutdown(fds[0], SHUT_WR);
    assert_ok(job, http_peer_read(job, peer, 100000, &incoming));
    struct exchange x = {
        .job = job,
        .settings = &w->settings,
        .incoming = incoming,
        .method = incoming->request.method,
        .scheme = RS_TEXT("https"),
        .host = RS_TEXT("h"),
        .face = EXCHANGE_PORTAL,
        .directory = RS_TEXT("/Reports"),
        .path = exchange_decode(job, rs_text_from_offset(incoming->request.path, 8), false),
        .caller = {w->service, {RS_TEXT("ann <b>"), role}, RS_TEXT("en-US"), RS_TEXT("https://h/ReportServer"), false},
        .reply = http_reply_create(job, peer),
    };
    assert_ok(job, exchange_pairs_parse(job, incoming->request.query, &x.query));
    if (stop_at)
        rs_job_stop_at(job, stop_at);
    asked.status = portal_face.answer(&x);
    if (asked.status != RS_OK && stop_at == 0) {
        http_reply_restart(x.reply);
        assert_int_equal((portal_face.fail)(&x, asked.status), RS_OK);
    }
    if (stop_at == 0)
        (void)!http_reply_finish(x.reply);
    http_peer_destroy(rs_move(peer));
    for (;;) {
        ssize_t got = read(fds[0], rs_buf_reserve(&received, 65536), 65536);
        if (got <= 0)
            break;
        received.used += (size_t)got;
    }
    close(fds[0]);
    asked.answer = rs_buf_text(&received);
    return asked;
}

static rs_text ask(struct world *w, enum auth_role role, const char *target)
{
    return ask_stopping(w, role, rs_text_format(w->job, "GET /Reports%s HTTP/1.1\r\nHost: h\r\n\r\n", target).bytes, 0).answer;
}

static rs_text post(struct world *w, const char *action, const char *body)
{
    return ask_stopping(w, AUTH_ADMINISTRATOR,
                        rs_text_format(w->job,
                                       "POST /Reports/do/%s HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                                       "Cookie: BinderyToken=0123456789abcdef0123456789abcdef\r\nContent-Length: %zu\r\n\r\n"
                                       "%s&token=0123456789abcdef0123456789abcdef",
                                       action, strlen(body) + 39, body).bytes, 0).answer;
}

static void assert_has(rs_text text, const char *what)
{
    if (rs_text_find(text, rs_text_from(what)) < 0)
        fail_msg("\"%s\" is not in \"%.*s\"", what, RS_TEXT_ARG(text));
}

static void assert_has_not(rs_text text, const char *what)
{
    if (rs_text_find(text, rs_text_from(what)) >= 0)
        fail_msg("\"%s\" is in \"%.*s\"", what, RS_TEXT_ARG(text));
}

UNIT_TEST(the_portal_leads_home)
{
    WORLD(w);
    rs_text answer = ask(&w, AUTH_READER, "");

    assert_has(answer, "HTTP/1.1 303 ");
    assert_has(answer, "Location: /Reports/browse/\r\n");
}

UNIT_TEST(pages_escape_names_and_forbid_foreign_scripts)
{
    WORLD(w);
    rs_text page = ask(&w, AUTH_ADMINISTRATOR, "/browse/");

    assert_has(page, "ann &lt;b&gt;");
    assert_has_not(page, "ann <b>");
    assert_has(page, "default-src 'none'; script-src 'self'; style-src 'self'");
    assert_has(page, "Cache-Control: private, no-store\r\n");
    assert_has(page, "Set-Cookie: BinderyToken=");
}

UNIT_TEST(readers_are_offered_nothing_to_change)
{
    WORLD(w);
    assert_has(post(&w, "new-folder", "path=/&name=Sales"), "Location: /Reports/browse/?done=created\r\n");
    rs_text admin = ask(&w, AUTH_ADMINISTRATOR, "/browse/"), reader = ask(&w, AUTH_READER, "/browse/");

    assert_has(admin, "/do/upload");
    assert_has(admin, "/do/delete");
    assert_has(reader, ">Sales</span>");
    assert_has_not(reader, "/do/");
    assert_has_not(ask(&w, AUTH_READER, "/manage/Sales"), "/do/");
}

UNIT_TEST(an_item_is_managed_and_moves)
{
    WORLD(w);
    post(&w, "new-folder", "path=/&name=A");
    post(&w, "new-folder", "path=/&name=B");
    post(&w, "new-source", "path=/A&name=Main&extension=SQLITE&connection=Data+Source%3Dx.db&enabled=true");
    assert_has(ask(&w, AUTH_ADMINISTRATOR, "/manage/A/Main"), "Data Source=x.db");
    assert_has(post(&w, "connect", "path=/A/Main&extension=SQLITE&connection=Data+Source%3Dy.db"), "HTTP/1.1 303 ");
    assert_has(ask(&w, AUTH_ADMINISTRATOR, "/manage/catalogitem/properties/A/Main"), "Data Source=y.db");
    assert_has(post(&w, "move", "path=/A/Main&folder=/B&name=Other"), "Location: /Reports/browse/B?done=moved\r\n");
    assert_has(ask(&w, AUTH_ADMINISTRATOR, "/download/B/Other"), "<ConnectString>Data Source=y.db</ConnectString>");
    assert_has(post(&w, "save", "path=/B&description=x+%3Cy%3E&hidden=true"), "HTTP/1.1 303 ");
    assert_has(ask(&w, AUTH_ADMINISTRATOR, "/browse/"), "x &lt;y&gt;");
    assert_has_not(ask(&w, AUTH_READER, "/browse/"), ">B</span>");
    assert_has(post(&w, "delete", "path=/B"), "?done=deleted\r\n");
    assert_has(ask(&w, AUTH_ADMINISTRATOR, "/browse/B"), "HTTP/1.1 404 ");
}

UNIT_TEST(failures_have_a_page_with_code_and_hint)
{
    WORLD(w);
    rs_text page = ask(&w, AUTH_READER, "/report/None");

    assert_has(page, "HTTP/1.1 404 ");
    assert_has(page, "(rsItemNotFound)");
    assert_has(page, "search for its name");
    assert_has(ask(&w, AUTH_READER, "/nowhere"), "HTTP/1.1 404 ");
    assert_has(ask(&w, AUTH_READER, "/do/delete"), "HTTP/1.1 405 ");
    assert_has(post(&w, "dance", "path=/"), "HTTP/1.1 404 ");
    assert_has(post(&w, "new-folder", "path=/&name=a/b"), "(rsInvalidItemName)");
}

UNIT_TEST(search_finds_names_in_any_case)
{
    WORLD(w);
    post(&w, "new-folder", "path=/&name=%C3%9Cbersicht");
    assert_has(ask(&w, AUTH_READER, "/search?q=%C3%BCBER"), ">\xC3\x9C" "bersicht</span>");
    assert_has(ask(&w, AUTH_READER, "/search?q=none%3C"), "none&lt;");
    assert_has(ask(&w, AUTH_READER, "/search?q="), "HTTP/1.1 303 ");
}

/* Nothing of a page goes out before it is whole, so that a stopped one can become an error page. */
UNIT_TEST(a_page_may_stop_at_every_checkpoint)
{
    static const char *const targets[] = {"/browse/", "/manage/A", "/search?q=a"};
    WORLD(w);

    post(&w, "new-folder", "path=/&name=A");
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        rs_text request = rs_text_format(w.job, "GET /Reports%s HTTP/1.1\r\nHost: h\r\n\r\n", targets[i]);
        struct asked asked = {.status = RS_CANCELLED};
        for (uint64_t stop = 1; asked.status != RS_OK; stop++) {
            asked = ask_stopping(&w, AUTH_ADMINISTRATOR, request.bytes, stop);
            if (asked.status != RS_OK) {
                assert_status(asked.status, RS_CANCELLED);
                assert_int_equal(asked.answer.size, 0);
            }
            assert_true(stop < 1000);
        }
    }
}
