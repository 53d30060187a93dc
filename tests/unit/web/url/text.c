#include "unit.h"

#include <stdlib.h>
#include <time.h>

#include "web/url/text.h"

UNIT_TEST(sentences_begin_large_and_end_in_a_stop)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(url_sentence(job, RS_TEXT("the item is gone")), "The item is gone.");
    assert_text(url_sentence(job, RS_TEXT("Why?")), "Why?");
    assert_text(url_sentence(job, RS_TEXT("")), "");
}

UNIT_TEST(links_escape_their_paths)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf out = rs_buf_in(job);

    url_write_link(&out, RS_TEXT("/a b/\xC3\xA4&c"), "Render");
    assert_text(rs_buf_text(&out), "?%2Fa%20b%2F%C3%A4%26c&rs:Command=Render");
}

UNIT_TEST(dates_are_written_as_listings_have_them)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf out = rs_buf_in(job);

    setenv("TZ", "UTC", 1);
    tzset();
    url_write_long_date(&out, 1795339800000); /* 2026-11-22 09:30 UTC */
    assert_text(rs_buf_text(&out), "Sunday, November 22, 2026 9:30 AM");
    rs_buf_clear(&out);
    url_write_long_date(&out, 43200000);
    assert_text(rs_buf_text(&out), "Thursday, January 1, 1970 12:00 PM");
    rs_buf_clear(&out);
    url_write_short_date(&out, 0);
    assert_text(rs_buf_text(&out), "1970-01-01 00:00");
}

UNIT_TEST(sizes_have_a_unit)
{
    static const struct {
        int64_t bytes;
        const char *text;
    } rows[] = {{0, "0 bytes"}, {1023, "1023 bytes"}, {1536, "1.5 KB"}, {20480, "20 KB"}, {5 << 20, "5.0 MB"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_buf out = rs_buf_in(job);
        url_write_size(&out, rows[i].bytes);
        assert_text(rs_buf_text(&out), rows[i].text);
    }
}
