#include <sqlite3.h>

#include "world.h"

#include "service/ops/published.h"
#include "store/catalog/name.h"

/* A list of names from a shared data source, for one parameter with choices from a second query. */
#define REPORT(text)                                                                           \
    "<Report xmlns='http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition'>" \
    "<Description>  People by town </Description>"                                             \
    "<DataSources><DataSource Name='Main'><DataSourceReference>People</DataSourceReference></DataSource></DataSources>" \
    "<DataSets><DataSet Name='Names'><Query><DataSourceName>Main</DataSourceName>"             \
    "<CommandText>SELECT name FROM person WHERE town = @Town</CommandText>"                    \
    "<QueryParameters><QueryParameter Name='@Town'><Value>=Parameters!Town.Value</Value></QueryParameter></QueryParameters>" \
    "</Query><Fields><Field Name='name'><DataField>name</DataField></Field></Fields></DataSet>" \
    "<DataSet Name='Towns'><Query><DataSourceName>Main</DataSourceName>"                       \
    "<CommandText>SELECT DISTINCT town FROM person ORDER BY town</CommandText></Query>"        \
    "<Fields><Field Name='town'><DataField>town</DataField></Field></Fields></DataSet></DataSets>" \
    "<ReportParameters><ReportParameter Name='Town'><DataType>String</DataType><Prompt>Which town?</Prompt>" \
    "<ValidValues><DataSetReference><DataSetName>Towns</DataSetName><ValueField>town</ValueField>" \
    "<LabelField>town</LabelField></DataSetReference></ValidValues></ReportParameter></ReportParameters>" \
    "<ReportSections><ReportSection><Body><ReportItems>"                                       \
    "<Tablix Name='List'><TablixBody><TablixColumns><TablixColumn><Width>2in</Width></TablixColumn></TablixColumns>" \
    "<TablixRows><TablixRow><Height>0.2in</Height><TablixCells><TablixCell><CellContents>"     \
    "<Textbox Name='Name'><Paragraphs><Paragraph><TextRuns><TextRun><Value>" text "</Value></TextRun></TextRuns>" \
    "</Paragraph></Paragraphs></Textbox></CellContents></TablixCell></TablixCells></TablixRow></TablixRows></TablixBody>" \
    "<TablixColumnHierarchy><TablixMembers><TablixMember/></TablixMembers></TablixColumnHierarchy>" \
    "<TablixRowHierarchy><TablixMembers><TablixMember><Group Name='Details'/></TablixMember></TablixMembers></TablixRowHierarchy>" \
    "<DataSetName>Names</DataSetName></Tablix>"                                                \
    "</ReportItems><Height>1in</Height></Body><Width>2in</Width><Page/></ReportSection></ReportSections></Report>"

#define SOURCE                                                                                 \
    "<RptDataSource Name='People'><ConnectionProperties><Extension>SQLITE</Extension>"         \
    "<ConnectString>Data Source=people.db</ConnectString></ConnectionProperties></RptDataSource>"

static void make_people(struct world *w)
{
    char path[128];
    sqlite3 *db = NULL;

    snprintf(path, sizeof path, "%s/people.db", w->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE person (name TEXT, town TEXT);"
                                      "INSERT INTO person VALUES ('Ann', 'Ulm'), ('Bob', 'Bonn'), ('Eva', 'Ulm')",
                                  NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void make_source(struct world *w, const char *path)
{
    struct service_create_data_source call = {.path = rs_text_from(path), .content = RS_TEXT(SOURCE)};
    assert_ok(w->job, service_run(w->job, &w->admin, &service_create_data_source, &call));
}

static struct service_create_report make_report(struct world *w, const char *path, const char *content)
{
    struct service_create_report call = {.path = rs_text_from(path), .content = rs_text_from(content)};
    assert_ok(w->job, service_run(w->job, &w->admin, &service_create_report, &call));
    return call;
}

static rs_status collect(struct rs_job *job, void *data, rs_text bytes)
{
    rs_buf_add(data, bytes);
    return RS_OK;
}

/* Run /R as CSV for a town (NULL: none given). */
static rs_status run_csv(struct world *w, struct rs_job *job, const struct service_caller *caller, const char *town,
                         bool prompts, struct service_render_report *call, rs_buf *out)
{
    rs_text *value = RS_NEW(job, rs_text);
    struct compute_input *input = RS_NEW(job, struct compute_input);
    struct render_sink *sink = RS_NEW(job, struct render_sink);

    *value = rs_text_from(town);
    *input = (struct compute_input){RS_TEXT("Town"), value, 1, false};
    *out = rs_buf_in(job);
    *sink = (struct render_sink){.data = out, .write = collect};
    *call = (struct service_render_report){.path = RS_TEXT("/R"), .format = RS_TEXT("csv"), .prompts = prompts, .sink = sink};
    call->given = (struct service_parameters){town ? input : NULL, town ? 1 : 0, RS_TEXT("")};
    return service_run(job, caller, &service_render_report, call);
}

UNIT_TEST(a_report_is_published_and_run_by_a_reader)
{
    WORLD(w);
    struct service_render_report call;
    rs_buf out;

    make_people(&w);
    make_source(&w, "/People");
    struct service_create_report created = make_report(&w, "/R", REPORT("=Fields!name.Value"));
    assert_int_equal(created.warnings.count, 0);
    assert_text(created.item->description, "People by town");
    assert_ok(w.job, run_csv(&w, w.job, &w.reader, "Ulm", false, &call, &out));
    assert_true(call.rendered);
    assert_true(rs_text_find(rs_buf_text(&out), RS_TEXT("Ann\r\nEva")) >= 0);
    assert_int_equal(rs_text_find(rs_buf_text(&out), RS_TEXT("Bob")), -1);
}

UNIT_TEST(missing_values_are_an_error_or_a_prompt)
{
    WORLD(w);
    struct service_render_report call;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf out;

    make_people(&w);
    make_source(&w, "/People");
    make_report(&w, "/R", REPORT("=Fields!name.Value"));
    assert_status(run_csv(&w, job, &w.reader, NULL, false, &call, &out), COMPUTE_PARAMETER_MISSING);
    assert_ok(w.job, run_csv(&w, w.job, &w.reader, NULL, true, &call, &out));
    assert_false(call.rendered);
    assert_int_equal(call.parameters.count, 1);
    assert_text(call.parameters.items[0]->prompt, "Which town?");
    assert_int_equal(call.parameters.items[0]->choice_count, 2);
    assert_int_equal(out.used, 0);

    struct service_get_parameters get = {.path = RS_TEXT("/R")};
    assert_ok(w.job, service_run(w.job, &w.reader, &service_get_parameters, &get));
    assert_false(get.parameters.complete);
    assert_int_equal(get.parameters.items[0]->state, COMPUTE_MISSING_VALUE);
}

UNIT_TEST(an_unknown_format_and_an_unknown_parameter_are_refused)
{
    WORLD(w);
    rs_text value = RS_TEXT("1");
    struct compute_input input = {RS_TEXT("Nobody"), &value, 1, false};
    struct service_render_report call = {.path = RS_TEXT("/R"), .format = RS_TEXT("PAPYRUS")};

    make_people(&w);
    make_source(&w, "/People");
    make_report(&w, "/R", REPORT("=Fields!name.Value"));
    assert_status(try_run(&w.reader, &service_render_report, &call), RENDER_FORMAT_UNKNOWN);
    call.format = RS_TEXT("CSV");
    call.given = (struct service_parameters){&input, 1, RS_TEXT("")};
    assert_status(try_run(&w.reader, &service_render_report, &call), COMPUTE_PARAMETER_UNKNOWN);
}

UNIT_TEST(what_the_original_refuses_is_refused_with_its_code)
{
    WORLD(w);
    struct service_create_report call = {.path = RS_TEXT("/R"), .content = RS_TEXT(REPORT("=Fields!nobody.Value"))};
    struct service_get_item get = {.path = RS_TEXT("/R")};

    make_source(&w, "/People");
    assert_status(try_run(&w.admin, &service_create_report, &call), PUBLISH_FIELD);
    assert_status(try_run(&w.admin, &service_get_item, &get), RS_NOT_FOUND);
    call.content = RS_TEXT("<html/>");
    assert_status(try_run(&w.admin, &service_create_report, &call), RDL_INVALID);
}

UNIT_TEST(a_report_may_come_before_its_data_source)
{
    WORLD(w);
    struct service_render_report call;
    struct service_item_references references = {.path = RS_TEXT("/R")};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf out;

    make_people(&w);
    struct service_create_report created = make_report(&w, "/R", REPORT("=Fields!name.Value"));
    assert_int_equal(created.warnings.count, 1);
    assert_text(created.warnings.items[0].code, "rsDataSourceReferenceNotPublished");
    assert_text(created.warnings.items[0].object_name, "Main");
    assert_status(run_csv(&w, job, &w.reader, "Ulm", false, &call, &out), SERVICE_REFERENCE_INVALID);
    make_source(&w, "/People");
    assert_ok(w.job, run_csv(&w, w.job, &w.reader, "Ulm", false, &call, &out));
    assert_ok(w.job, service_run(w.job, &w.admin, &service_get_item_references, &references));
    assert_text(references.references.items[0].target->path, "/People");
}

UNIT_TEST(the_tie_to_a_data_source_survives_moves_and_overwriting)
{
    WORLD(w);
    struct service_move_item move = {RS_TEXT("/People"), RS_TEXT("/Elsewhere")};
    struct service_create_report again = {.path = RS_TEXT("/R"), .content = RS_TEXT(REPORT("=UCase(Fields!name.Value)")),
                                          .overwrite = true};
    struct service_render_report call;
    rs_buf out;

    make_people(&w);
    make_source(&w, "/People");
    make_report(&w, "/R", REPORT("=Fields!name.Value"));
    assert_ok(w.job, service_run(w.job, &w.admin, &service_move_item, &move));
    assert_ok(w.job, run_csv(&w, w.job, &w.reader, "Ulm", false, &call, &out));
    assert_ok(w.job, service_run(w.job, &w.admin, &service_create_report, &again));
    assert_int_equal(again.warnings.count, 0);
    assert_ok(w.job, run_csv(&w, w.job, &w.reader, "Ulm", false, &call, &out));
    assert_true(rs_text_find(rs_buf_text(&out), RS_TEXT("ANN")) >= 0); /* the new definition, not a kept one */
}

UNIT_TEST(a_report_is_tied_to_another_data_source)
{
    WORLD(w);
    struct catalog_reference tie = {.name = RS_TEXT("Main"), .path = RS_TEXT("/Other")};
    struct service_item_references set = {RS_TEXT("/R"), {&tie, 1, 1}};
    struct service_get_item get = {.path = RS_TEXT("/R")};
    struct service_item_references references = {.path = RS_TEXT("/R")};

    make_source(&w, "/People");
    make_source(&w, "/Other");
    make_report(&w, "/R", REPORT("=Fields!name.Value"));
    assert_status(try_run(&w.reader, &service_set_item_references, &set), RS_DENIED);
    assert_ok(w.job, service_run(w.job, &w.admin, &service_set_item_references, &set));
    assert_ok(w.job, service_run(w.job, &w.admin, &service_get_item_references, &references));
    assert_text(references.references.items[0].target->path, "/Other");
    tie.name = RS_TEXT("Nobody");
    assert_status(try_run(&w.admin, &service_set_item_references, &set), RS_NOT_FOUND);
    tie = (struct catalog_reference){.name = RS_TEXT("Main"), .path = RS_TEXT("/R")};
    assert_status(try_run(&w.admin, &service_set_item_references, &set), CATALOG_WRONG_KIND);
    assert_ok(w.job, service_run(w.job, &w.admin, &service_get_item, &get));
}

UNIT_TEST(a_disabled_data_source_says_so)
{
    WORLD(w);
    struct service_create_data_source source = {
        .path = RS_TEXT("/People"),
        .content = RS_TEXT("<DataSourceDefinition><Extension>SQLITE</Extension><ConnectString>Data Source=people.db"
                           "</ConnectString><Enabled>False</Enabled></DataSourceDefinition>")};
    struct service_render_report call;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf out;

    assert_ok(w.job, service_run(w.job, &w.admin, &service_create_data_source, &source));
    make_report(&w, "/R", REPORT("=Fields!name.Value"));
    assert_status(run_csv(&w, job, &w.reader, "Ulm", false, &call, &out), SERVICE_DATA_SOURCE_DISABLED);
}

UNIT_TEST(what_a_data_source_says_stays_on_the_server)
{
    WORLD(w);
    struct service_caller local = w.reader;
    struct service_render_report call;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf out;

    make_source(&w, "/People"); /* but no people.db */
    make_report(&w, "/R", REPORT("=Fields!name.Value"));
    assert_true(run_csv(&w, job, &w.reader, "Ulm", false, &call, &out) != RS_OK);
    local.is_local = true;
    assert_int_equal(rs_text_find(service_error_text(job, &w.reader), RS_TEXT("people")), -1);
    assert_true(rs_text_find(service_error_text(job, &local), RS_TEXT("people")) >= 0);
}

UNIT_TEST(published_reports_are_kept_within_bounds)
{
    WORLD(w);
    struct catalog *catalog;
    struct published *cache = published_create(2 * sizeof REPORT("=Fields!name.Value"));
    const struct publish_report *first, *again;

    make_source(&w, "/People");
    assert_ok(w.job, service_catalog(w.job, w.service, &catalog));
    struct catalog_item *a = make_report(&w, "/A", REPORT("=Fields!name.Value")).item;
    struct catalog_item *b = make_report(&w, "/B", REPORT("=Fields!name.Value")).item;
    struct catalog_item *c = make_report(&w, "/C", REPORT("=Fields!name.Value")).item;
    assert_ok(w.job, published_open(w.job, cache, catalog, a, &first));
    assert_ok(w.job, published_open(w.job, cache, catalog, a, &again));
    assert_ptr_equal(first, again);
    assert_ok(w.job, published_open(w.job, cache, catalog, b, &again));
    assert_ok(w.job, published_open(w.job, cache, catalog, a, &again));
    assert_ok(w.job, published_open(w.job, cache, catalog, c, &again)); /* b goes: it was used longest ago */
    assert_int_equal(published_count(cache), 2);
    assert_ok(w.job, published_open(w.job, cache, catalog, a, &again));
    assert_ptr_equal(first, again);
    a->content_revision++;
    assert_ok(w.job, published_open(w.job, cache, catalog, a, &again));
    assert_ptr_not_equal(first, again);
    published_destroy(cache); /* runs may go on with what they hold */
    assert_int_equal(again->error_count, 0);
}

/* Publishing, binding, running: every place where a job may be stopped. */
UNIT_TEST(running_a_report_may_stop_at_every_checkpoint)
{
    WORLD(w);
    bool done = false;

    make_people(&w);
    make_source(&w, "/People");
    make_report(&w, "/R", REPORT("=Fields!name.Value"));
    for (uint64_t stop = 1; !done; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct service_render_report call;
        rs_buf out;

        rs_job_stop_at(job, stop);
        rs_status status = run_csv(&w, job, &w.reader, "Ulm", false, &call, &out);
        done = status == RS_OK;
        if (!done)
            assert_status(status, RS_CANCELLED);
        assert_true(stop < 10000);
    }
}
