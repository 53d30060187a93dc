#include "unit.h"

#include "net/front/page.h"
#include "net/http/response.h"
#include "net/http/write.h"

static struct front_reply reply;
static char room[PAGE_BODY_MAX];

UNIT_TEST(page_is_a_whole_response_for_every_status)
{
    static const int statuses[] = {400, 408, 413, 414, 417, 431, 500, 501, 502, 503, 504, 505, 507};

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct page page = {.status = statuses[i], .id = "0123456789abcdef"};
        rs_text body = page_make(&reply, &page, room);
        assert_int_equal(reply.status, statuses[i]);
        assert_int_equal(reply.body, HTTP_BODY_COUNTED);
        assert_true(reply.has_length && !reply.full);
        assert_int_equal(reply.length, body.size);
        assert_true(rs_text_equal(http_fields_find(&reply.fields, HTTP_X_REQUEST_ID), rs_text_from(page.id)));
        assert_true(http_fields_has(&reply.fields, HTTP_DATE) && http_fields_has(&reply.fields, HTTP_CONTENT_TYPE));
        assert_true(rs_text_find(body, RS_TEXT("Request 0123456789abcdef")) > 0);
        assert_true(rs_text_ends(body, RS_TEXT("</html>\n")));
        assert_true(rs_text_find(body, RS_TEXT("Unknown")) < 0);
    }
}

UNIT_TEST(page_for_soap_is_a_fault_of_its_version)
{
    static const struct {
        enum page_form form;
        const char *type, *begins, *code;
    } rows[] = {
        {PAGE_FAULT_11, "text/xml; charset=utf-8", "<faultcode>soap:Client</faultcode><faultstring>No. (rsNo)</faultstring><detail>",
         "<ErrorCode xmlns=\"http://www.microsoft.com/sql/reportingservices\">rsNo</ErrorCode>"},
        {PAGE_FAULT_12, "application/soap+xml; charset=utf-8", "<soap:Text xml:lang=\"en\">No. (rsNo)</soap:Text>", ">403</HttpStatus>"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct page page = {.status = 403, .sentence = "No.", .form = rows[i].form, .code = "rsNo"};
        rs_text body = page_make(&reply, &page, room);
        assert_int_equal(reply.status, 500);
        assert_int_equal(reply.length, body.size);
        assert_true(rs_text_equal(http_fields_find(&reply.fields, HTTP_CONTENT_TYPE), rs_text_from(rows[i].type)));
        assert_true(rs_text_find(body, rs_text_from(rows[i].begins)) > 0);
        assert_true(rs_text_find(body, rs_text_from(rows[i].code)) > 0);
        assert_true(rs_text_ends(body, RS_TEXT("</soap:Fault></soap:Body></soap:Envelope>")));
    }
}

UNIT_TEST(page_for_head_has_no_body_but_tells_its_length)
{
    struct page page = {.status = 503, .head_only = true, .sentence = "The application is away."};

    assert_int_equal(page_make(&reply, &page, room).size, 0);
    assert_int_equal(reply.body, HTTP_BODY_NONE);
    assert_true(reply.has_length && reply.length > 100);
}

UNIT_TEST(page_for_http_at_a_tls_port_is_whole)
{
    struct http_response response;

    http_response_init(&response);
    assert_int_equal(http_response_parse(&response, HTTP_GET, page_plain_on_tls()), HTTP_DONE);
    assert_int_equal(response.status, 400);
    assert_int_equal(response.head_size + response.content_length, page_plain_on_tls().size);
}
