#include "unit.h"

#include "net/fetch/again.h"
#include "net/fetch/fetch.h"

UNIT_TEST(fetch_takes_addresses_of_http_and_https_without_users_and_control_characters)
{
    static const char *const good[] = {"http://ocsp.example/", "https://ocsp.example", "HTTP://ocsp.example:8080/a?b@c", "http://[::1]/"};
    static const char *const bad[] = {"", "http://", "http:///path", "ftp://ocsp.example/", "file:///etc/passwd", "http://user@ocsp.example/",
                                      "http://ocsp.example/a b", "http://ocsp.example/\r\nHost: x", "ocsp.example", "//ocsp.example/"};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    char *lengthy = rs_alloc(job, FETCH_URL_MAX + 2);

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(fetch_url_is_good(rs_text_from(good[i]), false));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(fetch_url_is_good(rs_text_from(bad[i]), false));
    assert_false(fetch_url_is_good(RS_TEXT("http://ocsp.example/"), true));
    assert_true(fetch_url_is_good(RS_TEXT("https://ocsp.example/"), true));
    memset(lengthy, 'a', FETCH_URL_MAX + 1);
    memcpy(lengthy, "http://", 7);
    assert_true(fetch_url_is_good(rs_text_of(lengthy, FETCH_URL_MAX), false));
    assert_false(fetch_url_is_good(rs_text_of(lengthy, FETCH_URL_MAX + 1), false));
}

UNIT_TEST(fetch_reads_retry_after_as_seconds_or_a_date)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_true(fetch_retry_after_ms(job, RS_TEXT("120")) == 120000);
    assert_true(fetch_retry_after_ms(job, RS_TEXT("99999999999999")) == INT64_C(31536000) * 1000);
    assert_true(fetch_retry_after_ms(job, RS_TEXT("Sun, 06 Nov 1994 08:49:37 GMT")) == 0);
    assert_true(fetch_retry_after_ms(job, RS_TEXT("Thu, 31 Dec 2099 23:59:59 GMT")) == INT64_C(31536000) * 1000);
    assert_true(fetch_retry_after_ms(job, RS_TEXT("soon")) == -1);
}

UNIT_TEST(fetch_waits_longer_after_each_failure_up_to_the_most)
{
    assert_true(fetch_again_in_ms(1, 10000, 60000, -1, 0) == 10000);
    assert_true(fetch_again_in_ms(3, 10000, 60000, -1, 0) == 40000);
    assert_true(fetch_again_in_ms(4, 10000, 60000, -1, 0) == 60000);
    assert_true(fetch_again_in_ms(4000000000U, 10000, 60000, -1, 0) == 60000);
    assert_true(fetch_again_in_ms(1, 10000, 60000, -1, 999999) < 12000);
    assert_true(fetch_again_in_ms(1, 10000, 60000, 3600000, 5) == 3600000);
}
