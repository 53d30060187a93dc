#include "unit.h"

#include "web/url/request.h"

/* The request of a GET with this query. */
static rs_status read_query(struct rs_job *job, const char *query, struct url_request *out)
{
    struct exchange *x = RS_NEW(job, struct exchange);

    x->job = job;
    x->method = HTTP_GET;
    assert_ok(job, exchange_pairs_parse(job, rs_text_from(query), &x->query));
    return url_request_read(x, (rs_text){0}, out);
}

UNIT_TEST(the_first_element_is_the_path_whole)
{
    static const char *const rows[][2] = {
        {"/Sales/Q1&a=1", "/Sales/Q1"},          {"%2fSales%2fQ1", "/Sales/Q1"}, {"/Sales+Reports/Q%201/", "/Sales Reports/Q 1"},
        {"rs:Command=Render&/Sales", "/Sales"},  {"", "/"},                      {"/", "/"},
        {"%2FSales=&Region=x", "/Sales"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct url_request request;
        assert_ok(job, read_query(job, rows[i][0], &request));
        assert_text(request.path, rows[i][1]);
    }
}

UNIT_TEST(server_names_ignore_case_and_report_names_do_not)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct url_request request;

    assert_ok(job, read_query(job, "/r&RS:command=render&Rs%3aFORMAT=pdf&rC:toolbar=FALSE&RC:section=3&Region=a&region=b",
                              &request));
    assert_text(request.command, "render");
    assert_text(request.format, "pdf");
    assert_false(request.wants_toolbar);
    assert_true(request.has_section);
    assert_int_equal(request.section, 3);
    assert_int_equal(request.given.count, 2);
    assert_text(request.given.items[0].name, "Region");
    assert_text(request.given.items[1].name, "region");
}

UNIT_TEST(repeated_parameters_are_values_in_order)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct url_request request;

    assert_ok(job, read_query(job, "/r&A=1&B=x&A=&rp:A=3", &request));
    assert_int_equal(request.given.count, 2);
    assert_int_equal(request.given.items[0].count, 3);
    assert_text(request.given.items[0].values[0], "1");
    assert_text(request.given.items[0].values[1], "");
    assert_text(request.given.items[0].values[2], "3");
}

UNIT_TEST(null_lines_and_choices_have_their_suffixes)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct url_request request;

    assert_ok(job, read_query(job, "/r&A:isnull=true&A=x&B:IsNull=False&C:lines=a%0D%0A%0D%0Ab+c%0D%0A&D:lines=", &request));
    assert_int_equal(request.given.count, 2);
    assert_text(request.given.items[0].name, "A");
    assert_true(request.given.items[0].is_null);
    assert_int_equal(request.given.items[0].count, 0);
    assert_text(request.given.items[1].name, "C");
    assert_int_equal(request.given.items[1].count, 2);
    assert_text(request.given.items[1].values[1], "b c");
    assert_ok(job, read_query(job, "/r&A:choice=null&B:choice==x", &request));
    assert_true(request.given.items[0].is_null);
    assert_text(request.given.items[1].values[0], "x");
    assert_status(read_query(job, "/r&A:isnull=perhaps", &request), RS_INVALID);
}

UNIT_TEST(device_information_reaches_the_renderer_in_order)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct url_request request;

    assert_ok(job, read_query(job, "/r&rc:FieldDelimiter=%09&rc:Parameters=Collapsed&rv:Any=1&rs:SessionID=x", &request));
    assert_int_equal(request.info.count, 2);
    assert_text(request.info.items[0].name, "FieldDelimiter");
    assert_text(request.info.items[0].value, "\t");
    assert_int_equal(request.parameter_area, URL_PARAMETERS_COLLAPSED);
    assert_int_equal(request.given.count, 0);
}

UNIT_TEST(links_keep_parameters_but_not_the_page)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct url_request request;

    assert_ok(job, read_query(job, "/r&A=1&rc:Section=4&rs:Format=HTML5&rs:Command=Render&rc:Zoom=50&rs:ParameterLanguage=de-DE",
                              &request));
    assert_int_equal(request.kept.count, 3);
    assert_text(request.kept.items[0].name, "A");
    assert_text(request.kept.items[1].name, "rc:Zoom");
    assert_text(request.kept.items[2].name, "rs:ParameterLanguage");
    assert_text(request.given.language, "de-DE");
}

UNIT_TEST(what_is_not_there_yet_is_named)
{
    static const struct {
        const char *query;
        rs_status status;
    } rows[] = {
        {"/r&rs:Snapshot=2024-01-01T00:00:00", URL_NO_HISTORY},
        {"/r&rs:ImageID=x", URL_NO_STREAM},
        {"/r&rs:GetNextStream=true", URL_NO_STREAM},
        {"/r&dsu:Main=sa&dsp:Main=x", URL_CREDENTIALS},
        {"/r&rc:Section=two", RS_INVALID},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct url_request request;
        assert_int_equal(read_query(job, rows[i].query, &request), rows[i].status);
    }
}
