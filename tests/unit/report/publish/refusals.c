/* What the original refuses, with its code, item, property and line. */
#include "../../unit.h"

#include "reports.h"

static void refused(const char *bytes, rs_status expected, const char *part)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct publish_report *report = NULL;

    assert_status(publish_open(job, rs_text_from(bytes), NULL, &report), expected);
    if (rs_text_find(rs_job_error(job), rs_text_from(part)) < 0)
        fail_msg("\"%.*s\" does not say \"%s\"", RS_TEXT_ARG(rs_job_error(job)), part);
    assert_null(report);
}

#define IN_BODY(value) REPORT(SALES OTHER, "", "", BOX("T", value))
#define IN_TABLE(value) REPORT(SALES OTHER, "", "", TABLE("T", BOX("H", "x"), BOX("D", value), "", "", "<DataSetName>Sales</DataSetName>"))
#define WITH_GROUP(group) REPORT(SALES, "", "", TABLE("T", BOX("H", "x"), BOX("D", "x"), group, "", ""))
#define WITH_MEMBER(member) REPORT(SALES, "", "", TABLE("T", BOX("H", "x"), BOX("D", "x"), "", member, ""))
#define WITH_REGION(region) REPORT(SALES, "", "", TABLE("T", BOX("H", "x"), BOX("D", "x"), "", "", region))
#define FILTER(expression) "<Filters><Filter><FilterExpression>" expression "</FilterExpression><Operator>Equal</Operator><FilterValues><FilterValue>1</FilterValue></FilterValues></Filter></Filters>"
#define GROUP_BY(expression) "<GroupExpressions><GroupExpression>" expression "</GroupExpression></GroupExpressions>"

UNIT_TEST(publish_refuses_names_the_report_does_not_have)
{
    refused(IN_TABLE("=Fields!Nope.Value"), PUBLISH_FIELD, "textbox \"D\": line 1: <Value>: ");
    refused(IN_TABLE("=Fields!amount.Value"), PUBLISH_FIELD, "did you mean \"Amount\"?");
    refused(IN_TABLE("=Parameters!P.Value"), PUBLISH_PARAMETER, "no such parameter");
    refused(IN_TABLE("=ReportItems!Q.Value"), PUBLISH_REPORT_ITEM, "no such text box");
    refused(IN_TABLE("=ReportItems!T.Value"), PUBLISH_REPORT_ITEM, "it is a tablix");
    refused(IN_TABLE("=Variables!V.Value"), PUBLISH_REFERENCE, "no variable");
    refused(IN_TABLE("=DataSets!Z.CommandText"), PUBLISH_DATA_SET_NAME, "no such data set");
    refused(IN_TABLE("=Lookup(1, 2, 3, \"Z\")"), EXPR_UNKNOWN_NAME, "\"Z\"");
    refused(REPORT("", "", "", TABLE("T", BOX("H", "x"), BOX("D", "x"), "", "", "<DataSetName>Z</DataSetName>")), PUBLISH_NO_DATA_SET, "no data set \"Z\"");
    refused(REPORT(SALES OTHER, "", "", TABLE("T", BOX("H", "x"), BOX("D", "x"), "", "", "")), PUBLISH_NO_DATA_SET, "the report has 2");
}

UNIT_TEST(publish_refuses_expressions_that_do_not_compile)
{
    refused(IN_TABLE("=1 +"), EXPR_SYNTAX, "textbox \"D\": line 1: <Value>: column ");
}

UNIT_TEST(publish_refuses_fields_without_rows)
{
    refused(IN_BODY("=Fields!Amount.Value"), PUBLISH_FIELD, "no data set is around");
    refused(IN_BODY("=Sum(Fields!Amount.Value)"), PUBLISH_FIELD, "no data set is around");
    refused(IN_BODY("=CountRows()"), PUBLISH_SCOPE, "it needs a scope");
    refused(REPORT(SALES, STRING_PARAMETER("P", "<DefaultValue><Values><Value>=Fields!Amount.Value</Value></Values></DefaultValue>"), "", ""), PUBLISH_AGGREGATE,
            "parameter \"P\": line 1: <Value>");
}

UNIT_TEST(publish_refuses_scopes_that_are_not_around)
{
    refused(IN_TABLE("=Sum(Fields!Amount.Value, \"Zone\")"), PUBLISH_SCOPE, "\"Zone\" is no data set");
    refused(REPORT(SALES, "", "", BOX("T", "=Sum(Fields!Amount.Value, \"T\")")), PUBLISH_SCOPE, "\"T\"");
    refused(REPORT(SALES, "", "", MATRIX("=Sum(Fields!Amount.Value, \"ByRegion\")", "x", BOX("C", "x"))), PUBLISH_SCOPE, "\"ByRegion\"");
    refused(REPORT(SALES, "", "", MATRIX("x", "=Sum(Fields!Amount.Value, \"ByCity\")", BOX("C", "x"))), PUBLISH_SCOPE, "\"ByCity\"");
    refused(IN_TABLE("=RunningValue(Fields!Id.Value, Sum, \"Other\")"), PUBLISH_SCOPE, "not around");
    refused(IN_TABLE("=InScope(\"Zone\")"), PUBLISH_SCOPE, "\"Zone\"");
    refused(IN_BODY("=Max(Sum(Fields!Amount.Value, \"Sales\"), \"Sales\")"), PUBLISH_SCOPE, "runs over the data set \"Sales\"");
    refused(IN_TABLE("=Sum(Fields!Amount.Value - Min(Fields!Amount.Value, \"Sales\"))"), PUBLISH_SCOPE, "runs over the data set \"Sales\"");
    refused(REPORT(SALES, "", "", MATRIX("x", "=ReportItems!C.Value", BOX("C", "x"))), PUBLISH_REPORT_ITEM, "does not stand in this scope");
    refused(REPORT(SALES, "", "", MATRIX("=Variables!Total.Value", "x", BOX("C", "x"))), PUBLISH_REFERENCE, "no variable");
}

UNIT_TEST(publish_refuses_aggregates_where_rows_are_not_grouped_yet)
{
    refused(WITH_GROUP(GROUP_BY("=Sum(Fields!Amount.Value)")), PUBLISH_AGGREGATE, "tablix \"T\", group \"TDetails\": line 1: <GroupExpression>");
    refused(WITH_GROUP(FILTER("=Sum(Fields!Amount.Value)")), PUBLISH_AGGREGATE, "FilterExpression");
    refused(WITH_GROUP(GROUP_BY("=Fields!City.Value") FILTER("=RowNumber(Nothing)")), PUBLISH_AGGREGATE, "RowNumber");
    refused(WITH_REGION(FILTER("=Sum(Fields!Amount.Value)")), PUBLISH_AGGREGATE, "a filter of a data set or data region");
    refused(WITH_MEMBER("<SortExpressions><SortExpression><Value>=Sum(Fields!Amount.Value)</Value></SortExpression></SortExpressions>"), PUBLISH_AGGREGATE, "the sort of rows");
    refused(REPORT("<DataSet Name=\"D\"><Fields><Field Name=\"A\"><Value>=Sum(1)</Value></Field></Fields></DataSet>", "", "", ""), PUBLISH_AGGREGATE, "a calculated field");
    refused(REPORT("<DataSet Name=\"D\"><Query><CommandText>=Fields!A.Value</CommandText></Query></DataSet>", "", "", ""), PUBLISH_AGGREGATE, "data set \"D\"");
}

UNIT_TEST(publish_allows_aggregates_where_groups_are_known)
{
    static const char *const fine[] = {
        WITH_GROUP(GROUP_BY("=Ceiling(RowNumber(Nothing) / 25)")),
        WITH_GROUP(GROUP_BY("=Fields!City.Value") FILTER("=Sum(Fields!Amount.Value)")),
        REPORT(SALES, "", "", BOX("T", "=Sum(Fields!Amount.Value) &amp; Fields!City.Value")),
        REPORT(SALES OTHER, "", "", BOX("T", "=Sum(Fields!Amount.Value, \"Sales\") &amp; First(Fields!Name.Value, \"Other\")")),
    };

    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        RS_OWNED(publish_report) report = NULL;
        assert_ok(job, publish_open(job, rs_text_from(fine[i]), NULL, &report));
    }
}

UNIT_TEST(publish_refuses_page_numbers_in_the_body)
{
    refused(IN_TABLE("=\"Page \" &amp; Globals!PageNumber"), PUBLISH_PAGE_GLOBAL, "textbox \"D\"");
    refused(IN_BODY("=Globals!TotalPages"), PUBLISH_PAGE_GLOBAL, "textbox \"T\"");
}

UNIT_TEST(publish_refuses_parameters_that_look_ahead)
{
    refused(REPORT("", STRING_PARAMETER("A", "<DefaultValue><Values><Value>=Parameters!B.Value</Value></Values></DefaultValue>") STRING_PARAMETER("B", ""), "", ""),
            PUBLISH_PARAMETER, "only those before it");
    refused(REPORT("<DataSet Name=\"D\"><Fields><Field Name=\"F\"><DataField>f</DataField></Field></Fields><Query><CommandText>=Parameters!A.Value</CommandText></Query></DataSet>",
                   STRING_PARAMETER("A", "<DefaultValue><DataSetReference><DataSetName>D</DataSetName><ValueField>F</ValueField></DataSetReference></DefaultValue>"), "", ""),
            PUBLISH_PARAMETER, "which uses the parameter \"A\"");
}

UNIT_TEST(publish_refuses_constants_of_the_wrong_type)
{
    refused(WITH_MEMBER("<Visibility><Hidden>perhaps</Hidden></Visibility>"), PUBLISH_EXPRESSION, "\"perhaps\"");
}

UNIT_TEST(publish_refuses_what_the_reader_noted_as_invalid)
{
    refused(REPORT(SALES, "", "", BOX("T", "x") BOX("T", "x")), PUBLISH_REFERENCE, "textbox \"T\"");
}

/* ---- the collecting mode -------------------------------------------------------------------- */

UNIT_TEST(publish_lists_all_problems_and_gives_error_values)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = NULL;
    struct publish_options collect = {.collect = true};
    const struct rdl_item *box;
    struct value value;

    assert_ok(job, publish_open(job, RS_TEXT(REPORT(SALES, "", "", BOX("A", "=1 +") "<Chart Name=\"C\"/>" BOX("B", "=Fields!Z.Value") BOX("C2", "=1"))), &collect, &report));
    assert_int_equal(report->error_count, 2);
    box = report->items[0];
    assert_text(box->name, "A");
    assert_true(report->exprs[box->textbox->paragraphs.items[0].runs.items[0].value.id].failed);
    assert_true(expr_is_constant(publish_program(report, &box->textbox->paragraphs.items[0].runs.items[0].value), &value));
    assert_true(value_is_error(value));
    box = report->items[3];
    assert_false(report->exprs[box->textbox->paragraphs.items[0].runs.items[0].value.id].failed);
}

/* Regions without data hold others, in a report that goes on. */
UNIT_TEST(publish_goes_on_with_regions_that_have_no_data_set)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = NULL;
    struct publish_options collect = {.collect = true};

    assert_ok(job, publish_open(job, RS_TEXT(REPORT(SALES OTHER, "", "",
                                                    TABLE("T", BOX("H", "=Sum(Fields!Amount.Value)"),
                                                          TABLE("U", BOX("I", "=CountRows()"), BOX("E", "=Fields!Id.Value"), "", "", "<DataSetName>Other</DataSetName>"), "", "", ""))),
                                &collect, &report));
    assert_null(publish_scope_find(report, RS_TEXT("T"))->data_set);
    assert_null(publish_scope_find(report, RS_TEXT("U"))->data_set);
    assert_true(report->error_count >= 3);
}

static const struct publish_problem *problem_of(const struct publish_check_result *result, const char *where)
{
    for (size_t i = 0; i < result->problems.count; i++)
        if (rs_text_equal(result->problems.items[i].where, rs_text_from(where)))
            return &result->problems.items[i];
    fail_msg("nothing is said of %s", where);
    return NULL;
}

UNIT_TEST(publish_check_names_line_item_property_and_code)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct publish_check_result result;
    const struct publish_problem *problem;

    assert_ok(job, publish_check(job, RS_TEXT(REPORT(SALES, "", "", "\n" BOX("A", "=Fields!Z.Value") "\n<Chart Name=\"C\"><Bogus/></Chart>" BOX("B", "=Globals!PageNumber"))), &result));
    assert_false(result.ok);
    assert_int_equal(result.error_count, 2);
    assert_int_equal(result.unsupported_count, 1);
    problem = problem_of(&result, "textbox \"A\"");
    assert_int_equal(problem->line, 2);
    assert_text(problem->property, "Value");
    assert_text(problem->code, "rsFieldReference");
    assert_text(problem_of(&result, "textbox \"B\"")->code, "rsPageNumberInBody");
    assert_int_equal(problem_of(&result, "chart \"C\"")->severity, PUBLISH_UNSUPPORTED);
}

/* The original runs it: the report is published, the problem is told with its line, and what calls the member shows
 * #Error. */
UNIT_TEST(publish_notes_members_of_code_and_refuses_nothing)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = NULL;
    struct publish_check_result result;
    rs_text text = RS_TEXT(REPORT(SALES, "", "", BOX("A", "=Code.F() + Code.G()")));
    rs_text with = RS_TEXT("<Code>\nFunction F()\n  Dim c As System.Net.WebClient\nEnd Function\n"
                           "Function G()\n  Return 1\nEnd Function\n</Code></Report>");
    ptrdiff_t end = rs_text_find(text, RS_TEXT("</Report>"));

    text = rs_text_format(job, "%.*s%.*s", (int)end, text.bytes, RS_TEXT_ARG(with));
    assert_ok(job, publish_open(job, text, NULL, &report));
    assert_false(report->exprs[report->items[0]->textbox->paragraphs.items[0].runs.items[0].value.id].failed);
    assert_ok(job, publish_check(job, text, &result));
    assert_true(result.ok);
    assert_int_equal(problem_of(&result, "Code.F")->severity, PUBLISH_UNSUPPORTED);
    assert_int_equal(problem_of(&result, "Code.F")->line, 3);
}

/* What needs a desktop breaks the statement that runs it, not the member; the call in Finally, compiled twice, is told once. */
UNIT_TEST(publish_warns_of_code_that_wants_a_desktop)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct publish_check_result result;
    rs_text text = RS_TEXT(REPORT(SALES, "", "", BOX("A", "=Code.F(1)")));
    rs_text with = RS_TEXT("<Code>\nFunction F(x)\n  Try\n    If x = 1 Then Return 1\n  Finally\n    If x = 2 Then MsgBox(x)\n"
                           "  End Try\n  Return 2\nEnd Function\n</Code></Report>");
    ptrdiff_t end = rs_text_find(text, RS_TEXT("</Report>"));

    text = rs_text_format(job, "%.*s%.*s", (int)end, text.bytes, RS_TEXT_ARG(with));
    assert_ok(job, publish_check(job, text, &result));
    assert_true(result.ok);
    assert_int_equal(result.warning_count, 1);
    assert_int_equal(result.unsupported_count, 0);
    assert_int_equal(problem_of(&result, "Code.F")->severity, PUBLISH_WARNING);
    assert_int_equal(problem_of(&result, "Code.F")->line, 6);
}

UNIT_TEST(publish_refuses_code_that_is_wrong)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = NULL;
    rs_text text = RS_TEXT("<Report xmlns=\"http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition\">"
                           "<ReportSections><ReportSection><Body><Height>1in</Height></Body><Width>6in</Width><Page/>"
                           "</ReportSection></ReportSections><Code>Function F()\nReturn Nope(1)\nEnd Function</Code></Report>");

    assert_int_equal(publish_open(job, text, NULL, &report), EXPR_UNKNOWN_NAME);
    assert_text(rs_job_message(job), "line 2: <Code>: column 8: there is no function \"Nope\"");
}

UNIT_TEST(publish_check_is_content_with_a_good_report)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct publish_check_result result;

    assert_ok(job, publish_check(job, RS_TEXT(IN_TABLE("=Sum(Fields!Amount.Value)")), &result));
    assert_true(result.ok);
    assert_int_equal(result.problems.count, 0);
}

UNIT_TEST(publish_check_says_why_a_file_cannot_be_read)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct publish_check_result result;

    assert_ok(job, publish_check(job, RS_TEXT("<Report>\n<Body></Report>"), &result));
    assert_false(result.ok);
    assert_int_equal(result.problems.count, 1);
    assert_int_equal(result.problems.items[0].line, 2);
    assert_ok(job, publish_check(job, RS_TEXT(REPORT("", "", "", "\n\n<Textbox Name=\"T\"><Width>x</Width></Textbox>")), &result));
    assert_int_equal(result.problems.items[0].line, 3);
    assert_text(result.problems.items[0].where, "textbox \"T\"");
    assert_text(result.problems.items[0].code, "rsInvalidReportDefinition");
    assert_int_equal(rs_job_status(job), RS_OK);
}

#define OLD(namespace, value)                                                                  \
    "<Report" namespace "><DataSets>" SALES "</DataSets><Body><Height>1in</Height><ReportItems><Table Name=\"T\"><DataSetName>Sales</DataSetName>" \
    "<TableColumns><TableColumn><Width>1in</Width></TableColumn></TableColumns><Details><TableRows><TableRow><Height>1in</Height><TableCells>" \
    "<TableCell><ReportItems><Textbox Name=\"D\"><Value>" value "</Value></Textbox></ReportItems></TableCell></TableCells></TableRow>" \
    "</TableRows></Details></Table></ReportItems></Body><Width>6in</Width></Report>"
#define NAMESPACE(date) " xmlns=\"http://schemas.microsoft.com/sqlserver/reporting/" date "/reportdefinition\""

static void read_with_warning(const char *bytes, const char *part)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct publish_check_result result;
    bool found = false;

    assert_ok(job, publish_check(job, rs_text_from(bytes), &result));
    assert_true(result.ok);
    for (size_t i = 0; i < result.problems.count; i++)
        found |= rs_text_find(result.problems.items[i].message, rs_text_from(part)) >= 0;
    assert_true(found);
}

UNIT_TEST(publish_reads_the_expressions_of_another_designer_in_old_definitions_only)
{
    read_with_warning(OLD("", "='a' + {City}"), "it is read as =\"a\" & Fields!City.Value");
    read_with_warning(OLD(NAMESPACE("2005/01"), "={Amount} % 2"), "it is read as =Fields!Amount.Value Mod 2");
    read_with_warning(OLD("", "=&quot;a&quot; + Fields!Amount.Value"), "it is read as =\"a\" & Fields!Amount.Value");
    refused(OLD("", "='a' + {Town}"), EXPR_SYNTAX, "textbox \"D\": line 1: <Value>: column ");
    refused(IN_TABLE("='a' + {City}"), EXPR_SYNTAX, "textbox \"D\": line 1: <Value>: column ");
}
