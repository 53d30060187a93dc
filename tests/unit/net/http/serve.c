#include "unit.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/http/serve.h"

/* A connection whose other end is `there`, with `text` sent on it. */
static struct http_peer *connect_peer(int *there, const char *text)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    *there = ends[1];
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    return http_peer_create(ends[0]);
}

/* What arrived at the other end, up to `room` bytes or its end. */
static size_t receive(int fd, char *out, size_t room)
{
    size_t used = 0;
    ssize_t got;

    while (used < room && (got = recv(fd, out + used, room - used, used ? MSG_DONTWAIT : 0)) > 0)
        used += (size_t)got;
    return used;
}

UNIT_TEST(peer_reads_requests_one_after_the_other_and_answers_counted)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(http_peer) peer = NULL;
    struct http_incoming *incoming;
    struct http_reply *reply;
    char out[512];
    int there;

    peer = connect_peer(&there, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                                "PUT /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "2\r\nde\r\n1\r\nf\r\n0\r\n\r\n");
    assert_ok(job, http_peer_read(job, peer, 100, &incoming));
    assert_text(incoming->body, "abc");
    reply = http_reply_create(job, peer);
    http_reply_field(reply, RS_TEXT("A"), RS_TEXT("b"));
    assert_ok(job, http_reply_write(reply, RS_TEXT("hel")));
    assert_ok(job, http_reply_write(reply, RS_TEXT("lo")));
    assert_true(http_reply_is_unsent(reply));
    assert_ok(job, http_reply_finish(reply));
    assert_text(rs_text_of(out, receive(there, out, sizeof out)),
                "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello");

    assert_ok(job, http_peer_read(job, peer, 100, &incoming));
    assert_text(incoming->request.path, "/b");
    assert_text(incoming->body, "def");
    reply = http_reply_create(job, peer);
    assert_ok(job, http_reply_finish(reply));
    receive(there, out, sizeof out);

    close(there);
    assert_ok(job, http_peer_read(job, peer, 100, &incoming));
    assert_null(incoming);
    assert_true(http_peer_is_gone(peer));
}

UNIT_TEST(peer_sends_a_long_answer_chunked)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(http_peer) peer = NULL;
    struct http_incoming *incoming;
    struct http_reply *reply;
    char *piece = calloc(1, HTTP_REPLY_BUFFER), *out = calloc(1, 200000);
    size_t used;
    int there;

    peer = connect_peer(&there, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_ok(job, http_peer_read(job, peer, 0, &incoming));
    reply = http_reply_create(job, peer);
    memset(piece, 'x', HTTP_REPLY_BUFFER);
    assert_ok(job, http_reply_write(reply, rs_text_of(piece, HTTP_REPLY_BUFFER)));
    assert_true(http_reply_is_unsent(reply));
    assert_ok(job, http_reply_write(reply, RS_TEXT("more")));
    assert_false(http_reply_is_unsent(reply));
    assert_ok(job, http_reply_write(reply, RS_TEXT("end")));
    assert_ok(job, http_reply_finish(reply));
    used = receive(there, out, 200000);
    assert_true(rs_text_starts(rs_text_of(out, used), RS_TEXT(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10004\r\nxxx")));
    assert_true(rs_text_ends(rs_text_of(out, used), RS_TEXT("xmore\r\n3\r\nend\r\n0\r\n\r\n")));
    assert_true(http_peer_is_open(peer));
    free(piece);
    free(out);
    close(there);
}

UNIT_TEST(peer_answers_head_without_body_and_http_1_0_by_closing)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(http_peer) peer = NULL;
    struct http_incoming *incoming;
    struct http_reply *reply;
    char out[512];
    int there;

    peer = connect_peer(&there, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n");
    assert_ok(job, http_peer_read(job, peer, 0, &incoming));
    reply = http_reply_create(job, peer);
    assert_ok(job, http_reply_write(reply, RS_TEXT("hello")));
    assert_ok(job, http_reply_finish(reply));
    assert_text(rs_text_of(out, receive(there, out, sizeof out)),
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    assert_ok(job, http_peer_read(job, peer, 0, &incoming));
    reply = http_reply_create(job, peer);
    http_reply_status(reply, 204);
    assert_ok(job, http_reply_finish(reply));
    assert_text(rs_text_of(out, receive(there, out, sizeof out)),
                "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    assert_false(http_peer_is_open(peer));
    close(there);
}

UNIT_TEST(peer_takes_an_answer_back_that_was_not_sent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(http_peer) peer = NULL;
    struct http_incoming *incoming;
    struct http_reply *reply;
    char out[512];
    int there;

    peer = connect_peer(&there, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_ok(job, http_peer_read(job, peer, 0, &incoming));
    reply = http_reply_create(job, peer);
    http_reply_field(reply, RS_TEXT("A"), RS_TEXT("b\r\nSet-Cookie: evil"));
    assert_ok(job, http_reply_write(reply, RS_TEXT("half a page")));
    assert_status(http_reply_finish(reply), HTTP_BAD_REPLY);
    assert_true(http_reply_is_unsent(reply));
    rs_job_forgive(job);
    http_reply_restart(reply);
    http_reply_status(reply, 500);
    assert_ok(job, http_reply_write(reply, RS_TEXT("sorry")));
    assert_ok(job, http_reply_finish(reply));
    assert_text(rs_text_of(out, receive(there, out, sizeof out)),
                "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\nsorry");
    close(there);
}

UNIT_TEST(peer_refuses_what_is_wrong_too_large_or_too_late)
{
    static const struct {
        const char *text;
        rs_status status;
        bool answerable;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", HTTP_BAD_REQUEST, false},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n", RS_OVER_LIMIT, true},
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n",
         RS_OVER_LIMIT, true},
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", HTTP_BAD_REQUEST, true},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", RS_TIMEOUT, true},
        {"POST / HTTP/1.1\r\nHo", RS_TIMEOUT, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rs_job_options options = {.deadline_ms = rs_clock_steady_ms() + 30};
        RS_OWNED(rs_job) job = rs_job_create(&options);
        RS_OWNED(http_peer) peer = NULL;
        struct http_incoming *incoming;
        int there;
        peer = connect_peer(&there, cases[i].text);
        assert_status(http_peer_read(job, peer, 10, &incoming), cases[i].status);
        assert_null(incoming);
        assert_false(http_peer_is_open(peer));
        assert_int_equal(http_peer_can_answer(peer), cases[i].answerable);
        close(there);
    }
}

UNIT_TEST(peer_sees_a_connection_that_ends_too_early)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(http_peer) peer = NULL;
    struct http_incoming *incoming;
    int there;

    peer = connect_peer(&there, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    shutdown(there, SHUT_WR);
    assert_status(http_peer_read(job, peer, 10, &incoming), RS_IO);
    close(there);
}

UNIT_TEST(peer_cuts_an_abandoned_answer_off)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(http_peer) peer = NULL;
    struct http_incoming *incoming;
    struct http_reply *reply;
    char *piece = calloc(1, HTTP_REPLY_BUFFER + 1), *out = calloc(1, 100000);
    size_t used;
    int there;

    peer = connect_peer(&there, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_ok(job, http_peer_read(job, peer, 0, &incoming));
    reply = http_reply_create(job, peer);
    assert_ok(job, http_reply_write(reply, rs_text_of(piece, HTTP_REPLY_BUFFER + 1)));
    http_reply_abandon(reply);
    assert_status(http_reply_write(reply, RS_TEXT("more")), RS_IO);
    used = receive(there, out, 100000);
    assert_false(rs_text_ends(rs_text_of(out, used), RS_TEXT("0\r\n\r\n")));
    assert_int_equal(read(there, out, 1), 0);
    free(piece);
    free(out);
    close(there);
}
