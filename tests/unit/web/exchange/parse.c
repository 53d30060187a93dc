#include "unit.h"

#include "base/buf.h"

#include "web/exchange/multipart.h"
#include "web/exchange/pairs.h"

UNIT_TEST(pairs_keep_their_order_and_repeated_names)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct exchange_pairs pairs = {0};

    assert_ok(job, exchange_pairs_parse(job, RS_TEXT("/Sales+Reports/Q1&a=1&&a=%322&amp;b&c==x"), &pairs));
    assert_int_equal(pairs.count, 5);
    assert_text(pairs.items[0].name, "/Sales Reports/Q1");
    assert_false(pairs.items[0].has_value);
    assert_text(pairs.items[1].value, "1");
    assert_text(pairs.items[2].value, "22");
    assert_text(pairs.items[3].name, "b");
    assert_text(pairs.items[4].value, "=x");
    assert_text(exchange_pair_value(&pairs, "A"), "1");
    assert_null(exchange_pair_find(&pairs, "z"));
}

UNIT_TEST(bytes_that_are_not_utf8_are_windows_1252)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(exchange_decode(job, RS_TEXT("%C3%A4"), true), "\xC3\xA4");
    assert_text(exchange_decode(job, RS_TEXT("%E4%80"), true), "\xC3\xA4\xE2\x82\xAC");
    assert_text(exchange_decode(job, RS_TEXT("a+b"), false), "a+b");
}

UNIT_TEST(too_many_pairs_are_refused)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct exchange_pairs pairs = {0};
    rs_buf text = rs_buf_in(job);

    for (int i = 0; i <= EXCHANGE_PAIRS_MAX; i++)
        rs_buf_add_literal(&text, "a&");
    assert_status(exchange_pairs_parse(job, rs_buf_text(&text), &pairs), RS_OVER_LIMIT);
}

#define TYPE RS_TEXT("multipart/form-data; charset=utf-8; boundary=\"-x y\"")

static rs_status parse(struct rs_job *job, const char *body, struct exchange_pairs *pairs,
                       struct exchange_files *files)
{
    *pairs = (struct exchange_pairs){0};
    *files = (struct exchange_files){0};
    return exchange_multipart_parse(job, TYPE, rs_text_from(body), pairs, files);
}

UNIT_TEST(a_form_with_a_file_gives_fields_and_files)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct exchange_pairs pairs;
    struct exchange_files files;

    assert_ok(job, parse(job,
                         "preamble\r\n---x y\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nabc\r\n"
                         "---x y  \r\ncontent-disposition: form-data; name=\"f\"; filename=\"C:\\a\\b %22c.rdl\"\r\n"
                         "Content-Type: text/xml\r\n\r\n<a>\r\n--\r\n</a>\r\n---x y--\r\nrest",
                         &pairs, &files));
    assert_int_equal(pairs.count, 1);
    assert_text(pairs.items[0].name, "token");
    assert_text(pairs.items[0].value, "abc");
    assert_int_equal(files.count, 1);
    assert_text(files.items[0].file_name, "b \"c.rdl");
    assert_text(files.items[0].mime_type, "text/xml");
    assert_text(files.items[0].content, "<a>\r\n--\r\n</a>");
}

UNIT_TEST(an_empty_part_and_an_empty_file_are_fine)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct exchange_pairs pairs;
    struct exchange_files files;

    assert_ok(job, parse(job, "---x y\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n---x y--", &pairs, &files));
    assert_text(pairs.items[0].value, "");
    assert_ok(job, parse(job, "---x y\r\nContent-Disposition: form-data; name=\"a\"; filename=\"\"\r\n\r\n\r\n---x y--",
                         &pairs, &files));
    assert_int_equal(files.count, 1);
    assert_int_equal(files.items[0].content.size, 0);
}

UNIT_TEST(damaged_forms_are_refused)
{
    static const char *const bad[] = {
        "",
        "---x y",
        "---x y\r\n",
        "---x y\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nabc",
        "---x y\r\nContent-Disposition: form-data; name=\"a\r\n\r\nabc\r\n---x y--",
        "---x y\r\n\r\nno name\r\n---x y--",
        "---x yz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n---x y--",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct exchange_pairs pairs;
        struct exchange_files files;
        assert_status(parse(job, bad[i], &pairs, &files), RS_INVALID);
    }
}
