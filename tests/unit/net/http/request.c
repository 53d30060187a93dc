#include "unit.h"

#include <stdlib.h>

#include "net/http/request.h"

static struct http_request request;

/* Parse from an exact copy, whole. */
static enum http_parse parse(const char *text)
{
    static char *copy;
    size_t size = strlen(text);

    free(copy);
    copy = malloc(size);
    memcpy(copy, text, size);
    http_request_init(&request);
    return http_request_parse(&request, rs_text_of(copy, size));
}

static void good(const char *text)
{
    if (parse(text) != HTTP_DONE)
        fail_msg("not taken: %s (%s)", text, request.fault.sentence ? request.fault.sentence : "more");
}

static void refused(const char *text, int status, const char *reason)
{
    if (parse(text) != HTTP_BAD)
        fail_msg("not refused: %s", text);
    if (request.fault.status != status || strcmp(request.fault.reason, reason) != 0)
        fail_msg("%s: %d %s (%s), not %d %s", text, request.fault.status, request.fault.reason,
                 request.fault.sentence, status, reason);
}

UNIT_TEST(request_gives_method_path_query_host_and_fields)
{
    good("GET /ReportServer?%2fSales&rs:Command=Render HTTP/1.1\r\nHost: reports.example:8443\r\n"
         "Accept:text/html  \r\nX-Other: \t a b \r\naccept: second\r\n\r\nrest");
    assert_int_equal(request.method, HTTP_GET);
    assert_text(request.path, "/ReportServer");
    assert_text(request.query, "%2fSales&rs:Command=Render");
    assert_text(request.host, "reports.example:8443");
    assert_text(http_fields_find(&request.fields, HTTP_ACCEPT), "text/html");
    assert_text(http_fields_find_name(&request.fields, RS_TEXT("x-OTHER")), "a b");
    assert_int_equal(http_fields_repeated(&request.fields, HTTP_ACCEPT), 2);
    assert_int_equal(request.fields.count, 4);
    assert_int_equal(request.body, HTTP_BODY_NONE);
    assert_true(request.keep_alive);
    assert_int_equal(request.minor, 1);
}

UNIT_TEST(request_arrives_in_single_bytes)
{
    const char *text = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    size_t head = strlen(text) - 5;

    http_request_init(&request);
    for (size_t size = 0; size < head; size++)
        assert_int_equal(http_request_parse(&request, rs_text_of(text, size)), HTTP_MORE);
    assert_int_equal(http_request_parse(&request, rs_text_of(text, head)), HTTP_DONE);
    assert_int_equal(request.head_size, head);
    assert_int_equal(request.body, HTTP_BODY_COUNTED);
    assert_int_equal(request.content_length, 5);
}

UNIT_TEST(request_may_follow_one_empty_line)
{
    good("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(request.head_size, strlen("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    refused("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BadRequest");
}

UNIT_TEST(request_keeps_alive_by_version_and_connection)
{
    good("GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\n");
    assert_false(request.keep_alive);
    good("GET / HTTP/1.0\r\n\r\n");
    assert_false(request.keep_alive);
    good("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_true(request.keep_alive);
    assert_int_equal(request.host.size, 0);
}

UNIT_TEST(request_framing_that_could_be_read_twice_is_refused)
{
#define HEAD "POST /x HTTP/1.1\r\nHost: a\r\n"
    refused(HEAD "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length: 5, 5\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length: +5\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length: -1\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length: 0x5\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length: 5 5\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length:\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length: 99999999999999999999\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Transfer-Encoding: chunked, identity\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Transfer-Encoding: xchunked\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Transfer-Encoding: \"chunked\"\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Transfer-Encoding:\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Transfer-Encoding:\vchunked\r\n\r\n", 400, "BadRequest");
    refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "BadRequest");
    good(HEAD "Transfer-Encoding: Chunked\r\n\r\n");
    assert_int_equal(request.body, HTTP_BODY_CHUNKED);
    good(HEAD "Content-Length: 0\r\n\r\n");
    assert_int_equal(request.body, HTTP_BODY_NONE);
}

UNIT_TEST(request_lines_that_could_be_read_twice_are_refused)
{
    refused(HEAD "A: b\r\n c\r\n\r\n", 400, "BadRequest");
    refused(HEAD "A: b\r\n\tc\r\n\r\n", 400, "BadRequest");
    refused("POST /x HTTP/1.1\r\n Host: a\r\n\r\n", 400, "BadRequest");
    refused("POST /x HTTP/1.1\nHost: a\r\n\r\n", 400, "BadRequest");
    refused(HEAD "A: b\n\r\n", 400, "BadRequest");
    refused(HEAD "A: b\nContent-Length: 5\r\n\r\n", 400, "BadRequest");
    refused(HEAD "A: b\r\n\n", 400, "BadRequest");
    refused(HEAD "A: b\rC: d\r\n\r\n", 400, "BadRequest");
    refused(HEAD "A: b\r\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length : 5\r\n\r\n", 400, "BadRequest");
    refused(HEAD "Content-Length\t: 5\r\n\r\n", 400, "BadRequest");
    refused(HEAD "no colon\r\n\r\n", 400, "BadRequest");
    refused(HEAD ": no name\r\n\r\n", 400, "BadRequest");
    refused(HEAD "A\x01: b\r\n\r\n", 400, "BadRequest");
    refused(HEAD "A: b\x7F\r\n\r\n", 400, "BadRequest");
    refused(HEAD "A(B): b\r\n\r\n", 400, "BadRequest");
}

UNIT_TEST(request_with_a_nul_is_refused)
{
    char text[] = "GET / HTTP/1.1\r\nHost: a\r\nA: b?c\r\n\r\n";

    *strchr(text, '?') = '\0';
    http_request_init(&request);
    assert_int_equal(http_request_parse(&request, rs_text_of(text, sizeof text - 1)), HTTP_BAD);
    assert_int_equal(request.fault.status, 400);
}

UNIT_TEST(request_line_is_exact)
{
    refused("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BadRequest");
    refused("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BadRequest");
    refused("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "BadRequest");
    refused(" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Verb");
    refused("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Verb");
    refused("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Verb");
    refused("GET /\r\nHost: a\r\n\r\n", 400, "BadRequest");
    refused("GET / http/1.1\r\nHost: a\r\n\r\n", 400, "BadRequest");
    refused("GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, "BadRequest");
    refused("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "Version_N/S");
    refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "Version_N/S");
    refused("GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "URL");
    refused("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "URL");
    refused("GET /a\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "URL");
    refused("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "URL");
    refused("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "URL");
    refused("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501, "Verb");
    good("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    good("REPORT /x HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(request.method, HTTP_METHOD_OTHER);
    assert_text(request.method_name, "REPORT");
}

UNIT_TEST(request_host_is_one_and_agrees_with_the_target)
{
    refused("GET / HTTP/1.1\r\n\r\n", 400, "Hostname");
    refused("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "Hostname");
    refused("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400, "Hostname");
    refused("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "Hostname");
    refused("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "Hostname");
    refused("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "Hostname");
    refused("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "Hostname");
    refused("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, "Hostname");
    refused("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400, "Hostname");
    refused("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "Hostname");
    refused("GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", 400, "Hostname");
    refused("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Hostname");
    refused("GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Hostname");
    refused("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Hostname");
    refused("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Hostname");
    good("GET https://A:443/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_text(request.path, "/x");
    assert_text(request.query, "y");
    assert_text(request.scheme, "https");
    good("GET http://a?y HTTP/1.1\r\nHost: a:80\r\n\r\n");
    assert_text(request.path, "/");
    good("GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n");
    assert_text(request.host, "[::1]:8443");
}

UNIT_TEST(request_expects_continue_only_with_a_body)
{
    good(HEAD "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n");
    assert_true(request.expects_continue);
    good(HEAD "Expect: 100-continue\r\n\r\n");
    assert_false(request.expects_continue);
    refused(HEAD "Expect: miracles\r\n\r\n", 417, "BadRequest");
}

/* `before`, then `fill` repeated `count` times, then `after`. */
static char *long_text(const char *before, const char *fill, size_t count, const char *after)
{
    size_t size = strlen(before) + strlen(fill) * count + strlen(after) + 1;
    char *text = malloc(size), *at = text;

    at = stpcpy(at, before);
    while (count-- > 0)
        at = stpcpy(at, fill);
    strcpy(at, after);
    return text;
}

static void refused_long(const char *before, const char *fill, size_t count, const char *after,
                         int status)
{
    char *text = long_text(before, fill, count, after);

    if (parse(text) != HTTP_BAD)
        fail_msg("%zu times %s is not refused", count, fill);
    assert_int_equal(request.fault.status, status);
    free(text);
}

UNIT_TEST(request_parts_have_limits)
{
    char *text;

    refused_long("GET /", "a", HTTP_TARGET_MAX, " HTTP/1.1\r\nHost: a\r\n\r\n", 414);
    refused_long("GET /", "a", HTTP_TARGET_MAX + 100, "", 414); /* no line end in sight */
    refused_long("", "A", HTTP_METHOD_MAX + 1, " / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    refused_long("", "A", HTTP_METHOD_MAX + 1, "", 400);
    refused_long(HEAD, "A: b\r\n", HTTP_FIELDS_MAX, "\r\n", 431);
    refused_long(HEAD "A: ", "b", HTTP_FIELD_VALUE_MAX + 1, "\r\n\r\n", 431);
    refused_long(HEAD, "b", HTTP_FIELD_NAME_MAX + 1, ": c\r\n\r\n", 431);
    refused_long(HEAD "A: ", "b", HTTP_HEAD_MAX, "", 431);

    text = long_text("GET /", "a", HTTP_TARGET_MAX - 1, " HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(parse(text), HTTP_DONE);
    free(text);
    text = long_text(HEAD, "A: b\r\n", HTTP_FIELDS_MAX - 1, "\r\n");
    assert_int_equal(parse(text), HTTP_DONE);
    free(text);
    text = long_text(HEAD "A: ", "b", HTTP_FIELD_VALUE_MAX, "\r\n\r\n");
    assert_int_equal(parse(text), HTTP_DONE);
    free(text);
}

UNIT_TEST(request_that_is_something_else_is_seen_at_once)
{
    assert_int_equal(parse("\x16\x03\x01\x02"), HTTP_BAD); /* a TLS handshake */
    assert_int_equal(parse("{\"a\":1}"), HTTP_BAD);
    assert_int_equal(parse("GE"), HTTP_MORE);
    assert_int_equal(parse(""), HTTP_MORE);
}

UNIT_TEST(fields_of_the_table_are_all_found_in_any_case)
{
    for (int id = 1; id < HTTP_FIELD_IDS; id++) {
        const char *name = http_field_name((enum http_field_id)id);
        char upper[64], lower[64];
        size_t size = strlen(name);
        for (size_t i = 0; i <= size; i++) {
            upper[i] = rs_upper(name[i]);
            lower[i] = rs_lower(name[i]);
        }
        assert_int_equal(http_field_id(rs_text_from(name)), id);
        assert_int_equal(http_field_id(rs_text_from(upper)), id);
        assert_int_equal(http_field_id(rs_text_from(lower)), id);
        upper[0] = '!';
        assert_int_equal(http_field_id(rs_text_from(upper)), HTTP_OTHER);
    }
}

UNIT_TEST(fields_of_one_hop_are_those_of_the_standard_and_those_connection_names)
{
    good("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Mine, host\r\nX-Mine: 1\r\nX-Other: 2\r\n"
         "Upgrade: h2c\r\nTE: trailers\r\nKeep-Alive: 5\r\n\r\n");
    bool expected[] = {false, true, true, false, true, true, true};
    for (size_t i = 0; i < request.fields.count; i++)
        assert_int_equal(http_field_is_hop_by_hop(&request.fields, &request.fields.items[i]),
                         expected[i]);
}
