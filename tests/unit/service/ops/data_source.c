#include "unit.h"

#include "service/ops/data_source.h"

UNIT_TEST(a_data_source_is_read_from_an_rds_file)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_source_definition d;

    assert_ok(job, data_source_parse(job,
                                     RS_TEXT("<?xml version=\"1.0\"?><RptDataSource Name=\"S\"><ConnectionProperties>"
                                             "<Extension>SQL</Extension><ConnectString>\n a;b=c </ConnectString>"
                                             "<IntegratedSecurity>True</IntegratedSecurity></ConnectionProperties>"
                                             "</RptDataSource>"),
                                     &d));
    assert_text(d.extension, "SQL");
    assert_text(d.connect_string, "a;b=c");
    assert_int_equal(d.credentials, DATA_SOURCE_INTEGRATED);
    assert_true(d.enabled);
}

UNIT_TEST(a_definition_survives_writing_and_reading)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_source_definition a = {RS_TEXT("ODBC"), RS_TEXT("DSN=a&b;x='<1>'"), DATA_SOURCE_PROMPT, true, true,
                                       RS_TEXT("Who are you?"), false}, b;
    rs_buf out = rs_buf_in(job);

    data_source_write(&out, &a);
    assert_true(rs_text_find(rs_buf_text(&out), RS_TEXT("<Enabled>False</Enabled>")) > 0);
    assert_ok(job, data_source_parse(job, rs_buf_text(&out), &b));
    assert_text(b.extension, "ODBC");
    assert_text(b.connect_string, "DSN=a&b;x='<1>'");
    assert_int_equal(b.credentials, DATA_SOURCE_PROMPT);
    assert_true(b.windows_credentials && b.impersonate_user && !b.enabled);
    assert_text(b.prompt, "Who are you?");
}

UNIT_TEST(what_is_no_data_source_is_refused)
{
    static const struct {
        const char *content;
        rs_status status;
    } rows[] = {
        {"<Report/>", SERVICE_DATA_SOURCE_INVALID},
        {"<RptDataSource/>", SERVICE_DATA_SOURCE_INVALID},
        {"<DataSourceDefinition/>", SERVICE_DATA_SOURCE_INVALID},
        {"<DataSourceDefinition><Extension>SQL</Extension><CredentialRetrieval>Steal</CredentialRetrieval>"
         "</DataSourceDefinition>", SERVICE_DATA_SOURCE_INVALID},
        {"not xml", XML_MALFORMED},
        {"", XML_MALFORMED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_source_definition d;
        assert_int_equal(data_source_parse(job, rs_text_from(rows[i].content), &d), rows[i].status);
    }
}
