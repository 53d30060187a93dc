#include "unit.h"

#include "net/front/page.h"
#include "net/http/response.h"

static struct http_response response;
static char bytes[8192];

static rs_text write_page(const struct page *page, enum http_method method, size_t *body_size)
{
    struct http_writer writer = http_writer_on(bytes, sizeof bytes);

    *body_size = page_write(&writer, page);
    assert_true(http_writer_is_good(&writer));
    http_response_init(&response);
    assert_int_equal(http_response_parse(&response, method, http_writer_text(&writer)), HTTP_DONE);
    return rs_text_from_offset(http_writer_text(&writer), response.head_size);
}

UNIT_TEST(page_is_a_whole_response_for_every_status)
{
    static const int statuses[] = {400, 408, 413, 414, 417, 431, 500, 501, 502, 503, 504, 505, 507};

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct page page = {.status = statuses[i], .id = "0123456789abcdef", .minor = 1};
        size_t size;
        rs_text body = write_page(&page, HTTP_GET, &size);
        assert_int_equal(response.status, statuses[i]);
        assert_int_equal(response.content_length, body.size);
        assert_int_equal(size, body.size);
        assert_false(response.keep_alive);
        assert_true(rs_text_find(body, RS_TEXT("Request 0123456789abcdef")) > 0);
        assert_true(rs_text_ends(body, RS_TEXT("</html>\n")));
        assert_true(rs_text_find(body, RS_TEXT("Unknown")) < 0);
    }
}

UNIT_TEST(page_for_head_has_the_head_only)
{
    struct page page = {.status = 503, .head_only = true, .keep_alive = true, .minor = 1,
                        .sentence = "The application is away."};
    size_t size;

    assert_int_equal(write_page(&page, HTTP_HEAD, &size).size, 0);
    assert_int_equal(size, 0);
    assert_true(response.content_length > 100);
    assert_true(response.keep_alive);
}

UNIT_TEST(page_for_http_at_a_tls_port_is_whole)
{
    http_response_init(&response);
    assert_int_equal(http_response_parse(&response, HTTP_GET, page_plain_on_tls()), HTTP_DONE);
    assert_int_equal(response.status, 400);
    assert_int_equal(response.head_size + response.content_length, page_plain_on_tls().size);
}
