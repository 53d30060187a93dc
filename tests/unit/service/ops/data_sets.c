/* Shared data sets: published beside reports, run with the parameters that reports give. */
#include <sqlite3.h>

#include "world.h"

#define SHARED                                                                                 \
    "<SharedDataSet xmlns:rd='http://schemas.microsoft.com/SQLServer/reporting/reportdesigner'" \
    " xmlns='http://schemas.microsoft.com/sqlserver/reporting/2010/01/shareddatasetdefinition'>" \
    "<Description>Who lives where</Description><DataSet Name=''><Query><DataSourceReference>People</DataSourceReference><DataSetParameters>" \
    "<DataSetParameter Name='@Towns'><ReadOnly>false</ReadOnly><Nullable>false</Nullable></DataSetParameter>" \
    "<DataSetParameter Name='@Oldest'><DefaultValue>60</DefaultValue><OmitFromQuery>true</OmitFromQuery><rd:DbType>Int32</rd:DbType></DataSetParameter>" \
    "<DataSetParameter Name='@Kind'><DefaultValue>x</DefaultValue><ReadOnly>true</ReadOnly></DataSetParameter>" \
    "</DataSetParameters><CommandText>SELECT name, age, @Kind AS kind FROM person WHERE town IN (@Towns) ORDER BY name</CommandText></Query>" \
    "<Fields><Field Name='Who'><DataField>name</DataField></Field><Field Name='Age'><DataField>age</DataField></Field><Field Name='Kind'><DataField>kind</DataField></Field>" \
    "<Field Name='Label'><Value>=Fields!Who.Value &amp; \" (\" &amp; Fields!Age.Value &amp; Fields!Kind.Value &amp; \")\"</Value></Field></Fields>" \
    "<Filters><Filter><FilterExpression>=Fields!Age.Value</FilterExpression><Operator>LessThanOrEqual</Operator>" \
    "<FilterValues><FilterValue>=Parameters!Oldest.Value</FilterValue></FilterValues></Filter></Filters></DataSet></SharedDataSet>"

#define REPORT(reference, parameters)                                                          \
    "<Report xmlns='http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition'>" \
    "<DataSets><DataSet Name='D'><SharedDataSet><SharedDataSetReference>" reference "</SharedDataSetReference><QueryParameters>" parameters \
    "</QueryParameters></SharedDataSet><Fields><Field Name='Text'><DataField>Label</DataField></Field></Fields></DataSet></DataSets>" \
    "<ReportParameters><ReportParameter Name='T'><DataType>String</DataType><MultiValue>true</MultiValue><Prompt>T</Prompt>" \
    "<DefaultValue><Values><Value>Ulm</Value><Value>Bonn</Value></Values></DefaultValue></ReportParameter></ReportParameters>" \
    "<ReportSections><ReportSection><Body><ReportItems>"                                       \
    "<Tablix Name='List'><TablixBody><TablixColumns><TablixColumn><Width>2in</Width></TablixColumn></TablixColumns>" \
    "<TablixRows><TablixRow><Height>0.2in</Height><TablixCells><TablixCell><CellContents>"     \
    "<Textbox Name='A'><Paragraphs><Paragraph><TextRuns><TextRun><Value>=Fields!Text.Value</Value></TextRun></TextRuns>" \
    "</Paragraph></Paragraphs></Textbox></CellContents></TablixCell></TablixCells></TablixRow></TablixRows></TablixBody>" \
    "<TablixColumnHierarchy><TablixMembers><TablixMember/></TablixMembers></TablixColumnHierarchy>" \
    "<TablixRowHierarchy><TablixMembers><TablixMember><Group Name='Details'/></TablixMember></TablixMembers></TablixRowHierarchy>" \
    "<DataSetName>D</DataSetName></Tablix>"                                                    \
    "</ReportItems><Height>1in</Height></Body><Width>2in</Width><Page/></ReportSection></ReportSections></Report>"

#define GIVEN(name, value) "<QueryParameter Name='" name "'><Value>" value "</Value></QueryParameter>"
#define TOWNS GIVEN("@towns", "=Parameters!T.Value")

static void make_people(struct world *w)
{
    char path[128];
    sqlite3 *db = NULL;
    struct service_create_data_source source = {.path = RS_TEXT("/People"), .content = RS_TEXT(
        "<RptDataSource Name='People'><ConnectionProperties><Extension>SQLITE</Extension><ConnectString>Data Source=people.db</ConnectString></ConnectionProperties></RptDataSource>")};

    snprintf(path, sizeof path, "%s/people.db", w->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE person (name TEXT, town TEXT, age INTEGER);"
                                      "INSERT INTO person VALUES ('Ann', 'Ulm', 30), ('Bob', 'Bonn', 60), ('Eva', 'Ulm', 61), ('Jo', 'Kiel', 5)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_ok(w->job, service_run(w->job, &w->admin, &service_create_data_source, &source));
}

static struct service_create_report publish(struct world *w, const struct service_op *op, const char *path, const char *content)
{
    struct service_create_report call = {.path = rs_text_from(path), .content = rs_text_from(content), .overwrite = true};

    assert_ok(w->job, service_run(w->job, &w->admin, op, &call));
    return call;
}

static rs_status collect(struct rs_job *job, void *data, rs_text bytes)
{
    rs_buf_add(data, bytes);
    return RS_OK;
}

static rs_status run_csv(struct world *w, struct rs_job *job, const char *path, rs_buf *out)
{
    struct render_sink sink = {.data = out, .write = collect};
    struct service_render_report call = {.path = rs_text_from(path), .format = RS_TEXT("csv"), .sink = &sink};

    *out = rs_buf_in(job);
    return service_run(job, &w->reader, &service_render_report, &call);
}

static void shows(struct world *w, const char *path, const char *expected)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf out;

    assert_ok(job, run_csv(w, job, path, &out));
    if (rs_text_find(rs_buf_text(&out), rs_text_from(expected)) < 0)
        fail_msg("%.*s", RS_TEXT_ARG(rs_buf_text(&out)));
}

UNIT_TEST(a_shared_data_set_runs_with_the_parameters_of_the_report)
{
    WORLD(w);

    make_people(&w);
    struct service_create_report created = publish(&w, &service_create_data_set, "/Who", SHARED);
    assert_int_equal(created.item->kind, CATALOG_DATA_SET);
    assert_text(created.item->description, "Who lives where");
    assert_int_equal(created.warnings.count, 0);
    publish(&w, &service_create_report, "/R", REPORT("Who", TOWNS));
    shows(&w, "/R", "A\r\nAnn (30x)\r\nBob (60x)\r\n"); /* its own default, filter, calculated field */
    publish(&w, &service_create_report, "/R", REPORT("/Who", TOWNS GIVEN("Oldest", "=30 + 31") GIVEN("@Kind", "y")));
    shows(&w, "/R", "A\r\nAnn (30x)\r\nBob (60x)\r\nEva (61x)\r\n"); /* Kind is read-only */
    publish(&w, &service_create_report, "/R", REPORT("Who", GIVEN("@Towns", "Kiel")));
    shows(&w, "/R", "A\r\nJo (5x)\r\n");
}

UNIT_TEST(the_expressions_of_a_shared_data_set_see_a_list_as_an_array)
{
    WORLD(w);
    static const char shared[] =
        "<SharedDataSet xmlns='http://schemas.microsoft.com/sqlserver/reporting/2010/01/shareddatasetdefinition'>"
        "<DataSet Name=''><Query><DataSourceReference>People</DataSourceReference><DataSetParameters><DataSetParameter Name='@Towns'/>"
        "</DataSetParameters><CommandText>SELECT name, town FROM person ORDER BY name</CommandText></Query>"
        "<Fields><Field Name='Who'><DataField>name</DataField></Field><Field Name='Town'><DataField>town</DataField></Field>"
        "<Field Name='Label'><Value>=Fields!Who.Value &amp; \" \" &amp; Join(Parameters!Towns.Value, \"+\") &amp; Parameters!Towns.Count</Value></Field></Fields>"
        "<Filters><Filter><FilterExpression>=Fields!Town.Value</FilterExpression><Operator>In</Operator>"
        "<FilterValues><FilterValue>=Parameters!Towns.Value</FilterValue></FilterValues></Filter></Filters></DataSet></SharedDataSet>";

    make_people(&w);
    publish(&w, &service_create_data_set, "/Who", shared);
    publish(&w, &service_create_report, "/R", REPORT("Who", TOWNS));
    shows(&w, "/R", "A\r\nAnn Ulm+Bonn2\r\nBob Ulm+Bonn2\r\nEva Ulm+Bonn2\r\n");
}

UNIT_TEST(a_shared_data_set_is_found_in_the_usual_folder)
{
    WORLD(w);
    struct service_create_folder folder = {.path = RS_TEXT("/Datasets")}, deep = {.path = RS_TEXT("/Deep")};
    struct service_create_folder sources = {.path = RS_TEXT("/Data Sources")};
    struct service_move_item move = {.path = RS_TEXT("/People"), .new_path = RS_TEXT("/Data Sources/People")};

    make_people(&w);
    assert_ok(w.job, service_run(w.job, &w.admin, &service_create_folder, &folder));
    assert_ok(w.job, service_run(w.job, &w.admin, &service_create_folder, &deep));
    assert_ok(w.job, service_run(w.job, &w.admin, &service_create_folder, &sources));
    assert_ok(w.job, service_run(w.job, &w.admin, &service_move_item, &move));
    publish(&w, &service_create_data_set, "/Datasets/Who", SHARED);
    publish(&w, &service_create_report, "/Deep/R", REPORT("Who", TOWNS));
    shows(&w, "/Deep/R", "A\r\nAnn (30x)\r\nBob (60x)\r\n");
}

UNIT_TEST(what_is_wrong_with_a_shared_data_set_is_said)
{
    WORLD(w);
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct service_create_report wrong = {.path = RS_TEXT("/X"), .content = RS_TEXT(SHARED)};
    rs_buf out;

    make_people(&w);
    assert_status(try_run(&w.admin, &service_create_report, &wrong), RDL_INVALID);
    wrong.content = RS_TEXT(REPORT("Who", ""));
    assert_status(try_run(&w.admin, &service_create_data_set, &wrong), RDL_INVALID);
    publish(&w, &service_create_report, "/R", REPORT("Who", ""));
    assert_status(run_csv(&w, job, "/R", &out), SERVICE_REFERENCE_INVALID);
    rs_job_forgive(job);
    publish(&w, &service_create_data_set, "/Who", SHARED);
    assert_status(run_csv(&w, job, "/R", &out), COMPUTE_PARAMETER_MISSING);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("@Towns")) >= 0);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("shared data set \"Who\"")) >= 0);
}

UNIT_TEST(running_a_shared_data_set_may_stop_at_every_checkpoint)
{
    WORLD(w);
    rs_status status = RS_CANCELLED;

    make_people(&w);
    publish(&w, &service_create_data_set, "/Who", SHARED);
    publish(&w, &service_create_report, "/R", REPORT("Who", TOWNS));
    for (uint64_t stop = 1; status != RS_OK; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_buf out;
        rs_job_stop_at(job, stop);
        status = run_csv(&w, job, "/R", &out);
        if (status != RS_OK)
            assert_status(status, RS_CANCELLED);
        assert_true(stop < 10000);
    }
}
