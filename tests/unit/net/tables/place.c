#include "unit.h"

#include "net/tables/place.h"

UNIT_TEST(place_is_read_in_every_form_and_written_in_one)
{
    static const struct {
        const char *typed, *written;
    } cases[] = {
        {"443", "0.0.0.0:443"},           {"*:443", "0.0.0.0:443"},
        {"[::]:443", "0.0.0.0:443"},      {"10.0.0.5:8443", "10.0.0.5:8443"},
        {"[::1]:443", "[::1]:443"},       {"Reports.Example:443", "reports.example:443"},
        {"reports.example.:443", "reports.example:443"},
        {"*.example:443", "*.example:443"}, {"a.example@10.0.0.5:443", "a.example@10.0.0.5:443"},
        {"*.example@[::1]:443", "*.example@[::1]:443"},
        {"a.example@*:443", "a.example:443"},
    };
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tables_place place, again;
        assert_ok(job, tables_place_parse(job, rs_text_from(cases[i].typed), &place));
        assert_text(tables_place_write(job, &place), cases[i].written);
        assert_ok(job, tables_place_parse(job, tables_place_write(job, &place), &again));
        assert_true(tables_address_equal(&place.address, &again.address));
        assert_true(rs_text_equal(place.host, again.host));
    }
}

UNIT_TEST(place_that_is_none_is_refused_with_the_reason)
{
    static const struct {
        const char *typed, *why;
    } cases[] = {
        {"", "is no row"},           {"0", "is no row"},
        {"65536", "is no row"},      {"host", "is no row"},
        {":443", "stands before the port"}, {"a@b:443", "HOST@ADDRESS"},
        {"@10.0.0.5:443", "HOST@ADDRESS"},  {"*.*.example:443", "wildcard inside its host"},
        {"a.*.example:443", "wildcard inside its host"},
        {"*.10.0.0.5:443", "is an address"}, {"caf\xc3\xa9.example:443", "xn--"},
        {"-a.example:443", "hyphen"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct tables_place place;
        rs_status status = tables_place_parse(job, rs_text_from(cases[i].typed), &place);
        if (status != RS_INVALID || rs_text_find(rs_job_message(job), rs_text_from(cases[i].why)) < 0)
            fail_msg("\"%s\": %.*s", cases[i].typed, RS_TEXT_ARG(rs_job_message(job)));
    }
}
