#include "unit.h"

#include "net/http/response.h"

static struct http_response response;

static enum http_parse parse(const char *text, enum http_method method)
{
    http_response_init(&response);
    return http_response_parse(&response, method, rs_text_from(text));
}

UNIT_TEST(response_gives_status_fields_and_framing)
{
    assert_int_equal(parse("HTTP/1.1 200 Very OK\r\nContent-Length: 12\r\nServer: x\r\n\r\n", HTTP_GET),
                     HTTP_DONE);
    assert_int_equal(response.status, 200);
    assert_text(response.reason, "Very OK");
    assert_int_equal(response.body, HTTP_BODY_COUNTED);
    assert_int_equal(response.content_length, 12);
    assert_true(response.keep_alive);
    assert_text(http_fields_find(&response.fields, HTTP_SERVER), "x");
}

UNIT_TEST(response_has_the_body_that_its_request_and_status_allow)
{
    assert_int_equal(parse("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", HTTP_HEAD), HTTP_DONE);
    assert_int_equal(response.body, HTTP_BODY_NONE);
    assert_true(response.has_content_length);
    assert_int_equal(parse("HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n", HTTP_GET), HTTP_DONE);
    assert_int_equal(response.body, HTTP_BODY_NONE);
    assert_int_equal(parse("HTTP/1.1 204\r\n\r\n", HTTP_GET), HTTP_DONE);
    assert_int_equal(response.body, HTTP_BODY_NONE);
    assert_int_equal(parse("HTTP/1.1 200 OK\r\n\r\n", HTTP_GET), HTTP_DONE);
    assert_int_equal(response.body, HTTP_BODY_TO_END);
    assert_false(response.keep_alive);
    assert_int_equal(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
                           HTTP_GET), HTTP_DONE);
    assert_int_equal(response.body, HTTP_BODY_CHUNKED);
    assert_false(response.keep_alive);
    assert_int_equal(parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", HTTP_GET), HTTP_DONE);
    assert_int_equal(response.body, HTTP_BODY_NONE);
    assert_true(response.keep_alive);
    assert_int_equal(parse("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", HTTP_GET), HTTP_DONE);
    assert_false(response.keep_alive);
    assert_int_equal(parse("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", HTTP_POST), HTTP_DONE);
    assert_int_equal(response.status, 100);
    assert_int_equal(response.head_size, 25);
}

UNIT_TEST(response_that_could_be_read_twice_is_refused_as_502)
{
    static const char *const bad[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\nA: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 99 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1 2000\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "\r\n\r\n",
        "Hello",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (parse(bad[i], HTTP_GET) != HTTP_BAD)
            fail_msg("not refused: %s", bad[i]);
        assert_int_equal(response.fault.status, 502);
    }
    assert_int_equal(parse("HTTP/1.", HTTP_GET), HTTP_MORE);
}
