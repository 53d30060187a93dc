#include "unit.h"

#include "net/http/http2_head.h"

static struct http_request request;
static struct http2_head head;

/* "name: value" pairs; the last is NULL. */
static enum http_parse read_head(bool complete, const char *const *fields)
{
    http2_head_clear(&head);
    for (; *fields; fields++) {
        const char *split = strstr(*fields + 1, ": ");
        http2_head_add(&head, rs_text_of(*fields, (size_t)(split - *fields)), rs_text_from(split + 2));
    }
    return http2_head_read(&head, &request, complete);
}

#define READ(complete, ...) read_head(complete, (const char *const[]){__VA_ARGS__, NULL})
#define GET_A ":method: GET", ":scheme: https", ":authority: h.example", ":path: /a?b"

static void assert_refused(enum http_parse end, int status, const char *reason)
{
    assert_int_equal(end, HTTP_BAD);
    assert_int_equal(request.fault.status, status);
    assert_string_equal(request.fault.reason, reason);
    http2_head_clear(&head);
}

UNIT_TEST(http2_head_gives_the_same_value_as_http1)
{
    assert_int_equal(READ(true, GET_A, "accept: x", "x-other:  y "), HTTP_DONE);
    assert_int_equal(request.method, HTTP_GET);
    assert_int_equal(request.major, 2);
    assert_true(rs_text_equal(request.path, RS_TEXT("/a")) && rs_text_equal(request.query, RS_TEXT("b")));
    assert_true(rs_text_equal(request.host, RS_TEXT("h.example")) && rs_text_equal(request.scheme, RS_TEXT("https")));
    assert_true(rs_text_equal(http_fields_find(&request.fields, HTTP_ACCEPT), RS_TEXT("x")));
    assert_true(rs_text_equal(http_fields_find_name(&request.fields, RS_TEXT("x-other")), RS_TEXT("y")));
    assert_int_equal(request.fields.count, 2);
    assert_int_equal(request.body, HTTP_BODY_NONE);
    http2_head_clear(&head);
}

UNIT_TEST(http2_head_joins_the_crumbs_of_cookies)
{
    assert_int_equal(READ(true, GET_A, "cookie: a=1", "accept: x", "cookie: b=2", "cookie: c=3"), HTTP_DONE);
    assert_int_equal(http_fields_repeated(&request.fields, HTTP_COOKIE), 1);
    assert_true(rs_text_equal(http_fields_find(&request.fields, HTTP_COOKIE), RS_TEXT("a=1; b=2; c=3")));
    http2_head_clear(&head);
}

UNIT_TEST(http2_head_tells_what_body_follows)
{
    assert_int_equal(READ(false, GET_A), HTTP_DONE);
    assert_int_equal(request.body, HTTP_BODY_CHUNKED);
    assert_int_equal(READ(false, GET_A, "content-length: 12", "expect: 100-continue"), HTTP_DONE);
    assert_int_equal(request.body, HTTP_BODY_COUNTED);
    assert_int_equal(request.content_length, 12);
    assert_true(request.expects_continue);
    assert_int_equal(READ(true, GET_A, "content-length: 0"), HTTP_DONE);
    assert_refused(READ(true, GET_A, "content-length: 12"), 400, "BadRequest");
    assert_refused(READ(false, GET_A, "content-length: 12", "content-length: 12"), 400, "BadRequest");
    assert_refused(READ(false, GET_A, "content-length: +12"), 400, "BadRequest");
    assert_refused(READ(false, GET_A, "expect: gold"), 417, "BadRequest");
}

UNIT_TEST(http2_head_refuses_what_http1_behind_it_could_misread)
{
    assert_refused(READ(false, GET_A, "transfer-encoding: chunked"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "connection: close"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "keep-alive: 1"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "proxy-connection: close"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "upgrade: h2c"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "te: gzip"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "x: a\r\nTransfer-Encoding: chunked"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "x: a\rb"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "x\r\ny: a"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "x y: a"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "X-Upper: a"), 400, "BadRequest");
    assert_refused(READ(true, ":method: GET / HTTP/1.1\r\nX:", ":scheme: https", ":authority: h", ":path: /"), 400, "Verb");
    assert_refused(READ(true, ":method: GET", ":scheme: https", ":authority: h", ":path: / HTTP/1.1"), 400, "URL");
    assert_refused(READ(true, ":method: GET", ":scheme: https", ":authority: h", ":path: http://other/"), 400, "URL");
    assert_refused(READ(true, ":method: GET", ":scheme: https", ":authority: h", ":path: x"), 400, "URL");
    assert_refused(READ(true, ":method: GET", ":scheme: ftp", ":authority: h", ":path: /"), 400, "URL");
    assert_refused(READ(true, ":method: GET", ":scheme: https", ":authority: u@h", ":path: /"), 400, "Hostname");
}

UNIT_TEST(http2_head_refuses_pseudo_headers_that_are_wrong)
{
    assert_refused(READ(true, ":method: GET", ":scheme: https", ":authority: h"), 400, "URL");
    assert_refused(READ(true, ":scheme: https", ":authority: h", ":path: /"), 400, "Verb");
    assert_refused(READ(true, ":method: GET", ":authority: h", ":path: /"), 400, "URL");
    assert_refused(READ(true, ":method: GET", ":scheme: https", ":path: /"), 400, "Hostname");
    assert_refused(READ(true, GET_A, ":path: /b"), 400, "BadRequest");
    assert_refused(READ(true, ":method: GET", "x: y", ":scheme: https", ":authority: h", ":path: /"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, ":status: 200"), 400, "BadRequest");
    assert_refused(READ(true, GET_A, "host: other.example"), 400, "Hostname");
    assert_refused(READ(true, GET_A, "host: h.example", "host: h.example"), 400, "Hostname");
    assert_refused(READ(true, ":method: CONNECT", ":scheme: https", ":authority: h", ":path: /"), 501, "Verb");
    assert_int_equal(READ(true, GET_A, "host: H.example:443"), HTTP_DONE);
    assert_int_equal(READ(true, ":method: GET", ":scheme: https", ":path: /", "host: only"), HTTP_DONE);
    assert_true(rs_text_equal(request.host, RS_TEXT("only")));
    http2_head_clear(&head);
}

UNIT_TEST(http2_head_has_the_limits_of_http1)
{
    static char big[HTTP_FIELD_VALUE_MAX + 2];
    static const char *const fields[] = {":method: GET", ":scheme: https", ":authority: h", ":path: /", NULL};

    memset(big, 'v', sizeof big - 1);
    read_head(true, fields);
    assert_true(http2_head_add(&head, RS_TEXT("x"), rs_text_from(big)));
    assert_refused(http2_head_read(&head, &request, true), 431, "BadRequest");
    read_head(true, fields);
    for (int i = 0; i < HTTP_FIELDS_MAX + 1; i++)
        assert_true(http2_head_add(&head, RS_TEXT("x"), RS_TEXT("y")));
    assert_refused(http2_head_read(&head, &request, true), 431, "BadRequest");
    read_head(true, fields);
    while (http2_head_add(&head, RS_TEXT("x"), rs_text_of(big, 1000)))
        assert_true(head.size <= HTTP_HEAD_MAX);
    assert_false(http2_head_add(&head, RS_TEXT("x"), RS_TEXT("y")));
    assert_refused(http2_head_read(&head, &request, true), 431, "BadRequest");
}
