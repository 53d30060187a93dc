#include "unit.h"

#include "format/escape/base64.h"
#include "format/escape/hex.h"
#include "format/escape/markup.h"
#include "format/escape/percent.h"

UNIT_TEST(base64_writes_the_vectors_of_rfc_4648)
{
    static const char *const rows[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xFF\xFE\xFD", "//79"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_buf out = rs_buf_in(job);
        rs_text back;

        escape_base64_write(&out, rs_text_from(rows[i][0]));
        assert_text(rs_buf_text(&out), rows[i][1]);
        assert_ok(job, escape_base64_parse(job, rs_text_from(rows[i][1]), &back));
        assert_text(back, rows[i][0]);
    }
}

UNIT_TEST(base64_reads_wrapped_and_unpadded_text)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text out;

    assert_ok(job, escape_base64_parse(job, RS_TEXT(" Zm9v\r\n\tYg "), &out));
    assert_text(out, "foob");
    assert_ok(job, escape_base64_parse(job, RS_TEXT("Zm9vYg=\n="), &out));
    assert_text(out, "foob");
}

UNIT_TEST(base64_refuses_what_does_not_belong)
{
    static const char *const bad[] = {"Z", "Zg=", "Zg===", "Zg==Zg==", "Zm9-", "=", "Zm9v=", "Zm\xFFv"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_text out;
        assert_status(escape_base64_parse(job, rs_text_from(bad[i]), &out), RS_INVALID);
    }
}

UNIT_TEST(hex_goes_there_and_back)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf out = rs_buf_in(job);
    rs_text back;

    escape_hex_write(&out, RS_TEXT("\x01\xABz"), ESCAPE_HEX_LOWER);
    assert_text(rs_buf_text(&out), "01ab7a");
    assert_ok(job, escape_hex_parse(job, RS_TEXT("01aB7A"), &back));
    assert_text(back, "\x01\xABz");
    assert_status(escape_hex_parse(job, RS_TEXT("0"), &back), RS_INVALID);
    assert_status(escape_hex_parse(job, RS_TEXT("0g"), &back), RS_INVALID);
}

/* Each byte in each place of the eight. */
UNIT_TEST(hex_of_eight_digits_is_read_as_its_digits_are)
{
    for (int place = 0; place < 8; place++)
        for (int c = 0; c < 256; c++) {
            char text[8] = {'0', '9', 'a', 'f', 'A', 'F', '7', 'c'};
            unsigned char out[4];
            int value = escape_hex_digit((char)c);
            text[place] = (char)c;
            assert_int_equal(escape_hex_read(rs_text_of(text, 8), out), value >= 0);
            for (int i = 0; i < 4 && value >= 0; i++)
                assert_int_equal(out[i], escape_hex_digit(text[2 * i]) << 4 | escape_hex_digit(text[2 * i + 1]));
        }
    assert_false(escape_hex_read(RS_TEXT("0123456"), (unsigned char[4]){0}));
    assert_true(escape_hex_read(RS_TEXT(""), NULL));
}

UNIT_TEST(percent_keeps_what_is_unreserved)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf out = rs_buf_in(job);

    escape_percent_write(&out, RS_TEXT("aZ09-._~ /&\xC3\xA4"));
    assert_text(rs_buf_text(&out), "aZ09-._~%20%2F%26%C3%A4");
    rs_buf_clear(&out);
    escape_percent_write_path(&out, RS_TEXT("/a b"));
    assert_text(rs_buf_text(&out), "/a%20b");
}

UNIT_TEST(percent_reads_escapes_and_leaves_broken_ones)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(escape_percent_parse(job, RS_TEXT("%2fa+b%20c"), ESCAPE_PLUS_IS_BLANK), "/a b c");
    assert_text(escape_percent_parse(job, RS_TEXT("a+b"), ESCAPE_PLUS_IS_PLUS), "a+b");
    assert_text(escape_percent_parse(job, RS_TEXT("100%"), ESCAPE_PLUS_IS_BLANK), "100%");
    assert_text(escape_percent_parse(job, RS_TEXT("%4"), ESCAPE_PLUS_IS_BLANK), "%4");
    assert_text(escape_percent_parse(job, RS_TEXT("%zz%41"), ESCAPE_PLUS_IS_BLANK), "%zzA");
}

UNIT_TEST(html_text_cannot_become_markup)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf out = rs_buf_in(job);

    escape_html(&out, RS_TEXT("<b a='1' c=\"2\">&\0x"));
    assert_text(rs_buf_text(&out), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;\xEF\xBF\xBDx");
}
