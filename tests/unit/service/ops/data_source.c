#include "world.h"

#include "base/file.h"
#include "service/ops/data_source.h"
#include "service/ops/shared_sources.h"

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

/* ---- stored credentials ------------------------------------------------------------------------------ */

#define SOURCE(connect) "<DataSourceDefinition><Extension>POSTGRESQL</Extension><ConnectString>" connect "</ConnectString>%s</DataSourceDefinition>"

static void store(struct world *w, rs_text content, const char *user, const char *password)
{
    struct service_create_data_source call = {.path = RS_TEXT("/S"), .content = content, .overwrite = true, .user = rs_text_from(user), .password = rs_text_from(password)};

    assert_ok(w->job, service_run(w->job, &w->admin, &service_create_data_source, &call));
}

/* What a report that refers to /S connects with. */
static rs_status resolved(struct world *w, struct rs_job *job, struct compute_data_source *out)
{
    static const struct rdl_report nothing;
    struct catalog_item report = {.path = RS_TEXT("/R"), .name = RS_TEXT("R"), .number = -1};
    struct shared_sources sources = {.service = w->service, .report = &report, .definition = &nothing};

    RS_TRY(service_catalog(job, w->service, &sources.catalog));
    return shared_sources_resolve(job, &sources, RS_TEXT("S"), out);
}

static void connects_with(struct world *w, const char *user, const char *password)
{
    struct compute_data_source got;

    assert_ok(w->job, resolved(w, w->job, &got));
    assert_text(got.user, user);
    assert_text(got.password, password);
}

UNIT_TEST(a_stored_password_is_sealed_and_reaches_the_connection)
{
    WORLD(w);
    struct service_get_data_source get = {.path = RS_TEXT("/S")};
    rs_text content = rs_text_format(w.job, SOURCE("Host=db"), ""), bytes;
    rs_buf out = rs_buf_in(w.job);

    store(&w, content, "reader", "top secret");
    connects_with(&w, "reader", "top secret");
    assert_ok(w.job, service_run(w.job, &w.admin, &service_get_data_source_contents, &get));
    assert_int_equal(get.definition.credentials, DATA_SOURCE_STORE);
    data_source_write(&out, &get.definition);
    assert_true(rs_text_find(rs_buf_text(&out), RS_TEXT("<UserName>reader</UserName>")) > 0);
    assert_true(rs_text_find(rs_buf_text(&out), RS_TEXT("assword")) < 0);
    service_close(rs_move(w.service)); /* the log is joined to the file */
    assert_ok(w.job, rs_file_read(w.job, rs_text_format(w.job, "%s/catalog.db", w.folder), (size_t)64 << 20, &bytes));
    assert_true(rs_text_find(bytes, RS_TEXT("SealedPassword")) > 0);
    assert_true(rs_text_find(bytes, RS_TEXT("top secret")) < 0);
}

UNIT_TEST(a_stored_password_stays_while_server_and_user_do)
{
    WORLD(w);
    rs_text content = rs_text_format(w.job, SOURCE("Host=db"), ""), elsewhere = rs_text_format(w.job, SOURCE("Host=evil"), "");

    store(&w, content, "reader", "top secret");
    store(&w, content, "reader", "");
    connects_with(&w, "reader", "top secret");
    store(&w, elsewhere, "reader", "");
    connects_with(&w, "reader", "");
    store(&w, rs_text_format(w.job, SOURCE("Host=db"), "<CredentialRetrieval>Store</CredentialRetrieval><UserName>writer</UserName><Password>as sent</Password>"), "", "");
    connects_with(&w, "writer", "as sent");
    store(&w, content, "", "");
    connects_with(&w, "", "");
}

UNIT_TEST(a_password_sealed_with_a_lost_key_says_what_to_do)
{
    WORLD(w);
    struct compute_data_source got;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct service_settings settings = *service_settings(w.service);

    store(&w, rs_text_format(w.job, SOURCE("Host=db"), ""), "reader", "top secret");
    settings.catalog_path = rs_text_copy(w.job, settings.catalog_path);
    settings.data_folder = settings.data_hosts = settings.auth.realm = (rs_text){NULL, 0};
    settings.key_path = rs_text_format(w.job, "%s/other.key", w.folder);
    service_close(rs_move(w.service));
    assert_ok(w.job, service_open(w.job, &settings, &w.service));
    assert_status(resolved(&w, job, &got), SECRET_KEY);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("`bindery key restore`")) >= 0);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("secret\"")) < 0);
}
