#include "unit.h"

#include "net/http/write.h"

UNIT_TEST(writer_makes_a_head)
{
    char bytes[256];
    struct http_writer writer = http_writer_on(bytes, sizeof bytes);

    http_write_status_line(&writer, 404);
    http_write_known(&writer, HTTP_CONTENT_TYPE, RS_TEXT("text/plain"));
    http_write_number(&writer, HTTP_CONTENT_LENGTH, 1234567890123u);
    http_write_end(&writer);
    assert_true(http_writer_is_good(&writer));
    assert_text(http_writer_text(&writer), "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n"
                                           "Content-Length: 1234567890123\r\n\r\n");
}

UNIT_TEST(writer_remembers_what_did_not_fit_and_what_would_break_out)
{
    char bytes[32];
    struct http_writer writer = http_writer_on(bytes, sizeof bytes);

    http_write_field(&writer, RS_TEXT("Name"), RS_TEXT("a value that is longer than there is room"));
    assert_true(writer.full);
    writer = http_writer_on(bytes, sizeof bytes);
    http_write_field(&writer, RS_TEXT("A"), RS_TEXT("b\r\nC: d"));
    assert_true(writer.broken);
    assert_int_equal(writer.used, 0);
    writer = http_writer_on(bytes, sizeof bytes);
    http_write_field(&writer, RS_TEXT("A: b"), RS_TEXT("c"));
    assert_true(writer.broken);
    writer = http_writer_on(bytes, sizeof bytes);
    http_write_request_line(&writer, RS_TEXT("GET"), RS_TEXT("/a b"));
    assert_true(writer.broken);
}

UNIT_TEST(dates_are_written_and_read_back)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } dates[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
        {4107542399, "Sun, 28 Feb 2100 23:59:59 GMT"},
        {-1, "Wed, 31 Dec 1969 23:59:59 GMT"},
    };
    char out[HTTP_DATE_SIZE];

    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        http_date_write(dates[i].seconds * 1000, out);
        assert_string_equal(out, dates[i].text);
    }
}
