/* Aggregates, lookups, variables and report items in their scopes. */
#include "unit.h"

#include "pieces.h"

#define Q "&quot;"

static rs_text one_text(struct rs_job *job, const char *report)
{
    struct compute_run *run = pieces_open(job, report, NULL);

    assert_ok(job, compute_start(job, run));
    return pieces_text(job, run, "X");
}

/* The value of one expression in the body of a report over Sales. */
#define IN_BODY(expression) one_text(job, REPORT(SALES, TEXTBOX("X", expression), ""))

UNIT_TEST(aggregate_functions_over_a_data_set)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(IN_BODY("=Sum(Fields!Amount.Value)"), "46.15");
    assert_text(IN_BODY("=Sum(Fields!Units.Value, " Q "Sales" Q ")"), "36");
    assert_text(IN_BODY("=Avg(Fields!Amount.Value)"), "6.5928571428571428571428571429");
    assert_text(IN_BODY("=Min(Fields!Amount.Value) &amp; Max(Fields!City.Value)"), "0.30Oslo");
    assert_text(IN_BODY("=Count(Fields!Amount.Value) &amp; CountRows() &amp; CountDistinct(Fields!City.Value)"), "785");
    assert_text(IN_BODY("=First(Fields!City.Value) &amp; Last(Fields!City.Value)"), "CorkHull");
    assert_text(IN_BODY("=VarP(Fields!Units.Value)"), "5.25");
    assert_text(IN_BODY("=Var(Fields!Units.Value)"), "6");
    assert_text(IN_BODY("=Round(StDev(Fields!Units.Value) * 1000)"), "2449");
    assert_text(IN_BODY("=Sum(Fields!Units.Value * 2)"), "72");
    assert_text(IN_BODY("=CountDistinct(Fields!Units.Value Mod 3)"), "3");
}

UNIT_TEST(aggregates_refuse_to_mix_types_and_to_sum_texts)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(IN_BODY("=Sum(IIf(Fields!Units.Value &gt; 4, Fields!Amount.Value, 0))"), "#Error");
    assert_text(IN_BODY("=Sum(IIf(Fields!Units.Value &gt; 4, Fields!Amount.Value, CDec(0)))"), "9.80");
    assert_text(IN_BODY("=Sum(Fields!City.Value)"), "#Error");
    assert_text(IN_BODY("=Count(Fields!City.Value)"), "8");
}

UNIT_TEST(aggregates_of_nothing_are_null_and_counts_are_0)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(
        DATA_SET("Sales", SALES_PATH, SALES_ROWS, SALES_FIELDS, FILTER("=Fields!Units.Value", "GreaterThan", INTEGER("99"))),
        TEXTBOX("X", "=IsNothing(Sum(Fields!Units.Value)) &amp; IsNothing(Avg(Fields!Units.Value)) &amp; IsNothing(First(Fields!Units.Value))"
                     " &amp; Count(Fields!Units.Value) &amp; CountRows() &amp; CountDistinct(Fields!Units.Value) &amp; IsNothing(StDev(Fields!Units.Value))"), "");

    assert_text(one_text(job, report), "TrueTrueTrue000True");
}

#define BY_REGION(cells, columns, statics)                                                                       \
    REPORT(SALES, TABLIX("T", columns, ROW(cells), statics,                                                      \
        "<TablixMember>" BY("ByRegion", "=Fields!Region.Value")                                                  \
        MEMBERS(DETAILS) "</TablixMember>", SORT("=Fields!Units.Value")), "")

UNIT_TEST(running_values_start_anew_where_they_are_told_to)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(pieces_table(job, BY_REGION(
        CELL("A", "=RunningValue(Fields!Units.Value, Sum, " Q "ByRegion" Q ")")
        CELL("B", "=RunningValue(Fields!Units.Value, Sum, Nothing)")
        CELL("C", "=RowNumber(" Q "ByRegion" Q ") &amp; " Q "," Q " &amp; RowNumber(Nothing) &amp; " Q "," Q " &amp; RunningValue(Fields!City.Value, CountDistinct, " Q "T" Q ")"),
        COLUMNS3, STATICS3), "T"),
        "|1|1|1,1,1\n|4|4|2,2,2\n|9|9|3,3,2\n"
        "|2|11|1,4,3\n|6|15|2,5,4\n|13|22|3,6,4\n"
        "|6|28|1,7,5\n|14|36|2,8,5\n");
}

UNIT_TEST(running_values_of_groups_reach_the_end_of_the_instance)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS2,
            ROW(CELL("A", "=RunningValue(Fields!Units.Value, Sum, " Q "T" Q ")") CELL("B", "=RowNumber(Nothing)")), STATICS2,
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") SORT("=Fields!Region.Value") "</TablixMember>", ""), "");

    assert_text(pieces_table(job, report, "T"), "|13|3\n|22|6\n|36|8\n");
}

UNIT_TEST(running_values_in_a_matrix_run_down_and_across)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("M", COLUMNS1,
            ROW(CELL("C", "=RunningValue(Fields!Units.Value, Sum, " Q "ByOdd" Q ") &amp; " Q "/" Q " &amp; RunningValue(Fields!Units.Value, Sum, " Q "ByRegion" Q ")")),
            "<TablixMember>" BY("ByOdd", "=Fields!Units.Value Mod 2") HEADER("CH", "=Fields!Units.Value Mod 2") "</TablixMember>",
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") HEADER("RH", "=Fields!Region.Value") "</TablixMember>", ""), "");

    assert_text(pieces_table(job, report, "M"), "[1][0]\n[South]|9/9|/9\n[North]|16/7|6/13\n[West]|16/|20/14\n");
}

UNIT_TEST(previous_gives_the_row_and_the_instance_before)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(pieces_table(job, BY_REGION(
        CELL("A", "=Fields!Units.Value") CELL("B", "=Previous(Fields!Units.Value)") CELL("C", "=Previous(Fields!Units.Value, " Q "T" Q ")"),
        COLUMNS3, STATICS3), "T"),
        "|1||\n|3|1|1\n|5|3|3\n|2||5\n|4|2|2\n|7|4|4\n|6||7\n|8|6|6\n");
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=Sum(Fields!Units.Value) &amp; " Q "/" Q " &amp; Previous(Sum(Fields!Units.Value))")), STATIC,
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") "</TablixMember>", ""), "");
    assert_text(pieces_table(job, report, "T"), "|9/\n|13/9\n|14/13\n");
}

UNIT_TEST(aggregates_of_aggregates_go_over_the_instances_inside)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=Sum(Fields!Units.Value)"))
            ROW(CELL("B", "=Max(Sum(Fields!Units.Value, " Q "ByCity" Q ")) &amp; " Q "/" Q " &amp; Avg(Sum(Fields!Units.Value, " Q "ByCity" Q "))"))
            ROW(CELL("C", "=Max(Sum(Fields!Units.Value, " Q "ByCity" Q ")) &amp; " Q "/" Q " &amp; Count(Sum(Fields!Units.Value, " Q "ByRegion" Q "))")),
            STATIC,
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value")
            MEMBERS("<TablixMember>" BY("ByCity", "=Fields!City.Value") "</TablixMember>" STATIC) "</TablixMember>" STATIC, ""), "");

    assert_text(pieces_table(job, report, "T"), "|6\n|3\n|6/4.5\n|9\n|4\n|9/6.5\n|14\n|14/14\n|14/3\n");
}

UNIT_TEST(group_filters_hold_inside_the_group_and_not_for_the_region)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=Fields!Region.Value &amp; Sum(Fields!Units.Value)")) ROW(CELL("B", "=Sum(Fields!Units.Value)")), STATIC,
            "<TablixMember><Group Name='ByRegion'><GroupExpressions><GroupExpression>=Fields!Region.Value</GroupExpression></GroupExpressions>"
            FILTER("=Sum(Fields!Units.Value)", "TopN", INTEGER("2")) "</Group></TablixMember>" STATIC, ""), "");

    assert_text(pieces_table(job, report, "T"), "|North13\n|West14\n|36\n");
}

#define FILTERED(filter)                                                                                         \
    pieces_table(job, REPORT(SALES, TABLIX("T", COLUMNS1, ROW(CELL("A", "=Fields!Units.Value")), STATIC, DETAILS, filter), ""), "T")

UNIT_TEST(filters_know_every_operator)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(FILTERED(FILTER("=Fields!Units.Value", "Equal", INTEGER("3"))), "|3\n");
    assert_text(FILTERED(FILTER("=Fields!Units.Value", "LessThanOrEqual", INTEGER("2"))), "|1\n|2\n");
    assert_text(FILTERED(FILTER("=Fields!Units.Value", "GreaterThanOrEqual", INTEGER("7"))), "|7\n|8\n");
    assert_text(FILTERED(FILTER("=Fields!Units.Value", "Between", INTEGER("3") INTEGER("5"))), "|3\n|4\n|5\n");
    assert_text(FILTERED(FILTER("=Fields!Units.Value", "In", INTEGER("8") INTEGER("1") INTEGER("99"))), "|1\n|8\n");
    assert_text(FILTERED(FILTER("=Fields!City.Value", "Like", VALUE("*o*"))), "|1\n|3\n|4\n|5\n");
    assert_text(FILTERED(FILTER("=Fields!City.Value", "Equal", VALUE("HULL"))), "|6\n|8\n");
    assert_text(FILTERED(FILTER("=Fields!Units.Value", "TopN", INTEGER("2"))), "|7\n|8\n");
    assert_text(FILTERED(FILTER("=Fields!Region.Value", "BottomN", INTEGER("1"))), "|2\n|4\n|7\n");
    assert_text(FILTERED(FILTER("=Fields!Units.Value", "TopPercent", INTEGER("25"))), "|7\n|8\n");
    assert_text(FILTERED(FILTER("=Fields!Units.Value", "BottomPercent", INTEGER("13"))), "|1\n|2\n");
    assert_text(FILTERED(FILTER("=Fields!Amount.Value", "Equal", VALUE("=Nothing"))), "|8\n");
}

UNIT_TEST(filters_do_not_compare_what_has_different_types)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = pieces_open(job,
        REPORT(SALES, TABLIX("T", COLUMNS1, ROW(CELL("A", "x")), STATIC, DETAILS, FILTER("=Fields!City.Value", "Equal", INTEGER("3"))), ""), NULL);
    rs_text text;

    assert_status(pieces_show(job, run, "T", &text), COMPUTE_FILTER_FAILED);
}

UNIT_TEST(lookups_find_the_first_all_and_many)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
#define CODES DATA_SET("Codes", "@Name,@Code", "<R Name='NORTH' Code='N1'/><R Name='South' Code='S1'/><R Name='north' Code='N2'/>",         \
                       PLAIN("Name") PLAIN("Code"), "")
#define LOOKING(expression)                                                                                      \
    pieces_table(job, REPORT(SALES CODES, TABLIX("T", COLUMNS1, ROW(CELL("A", expression)), STATIC,              \
        "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") "</TablixMember>", "<DataSetName>Sales</DataSetName>"), ""), "T")

    assert_text(LOOKING("=Lookup(Fields!Region.Value, Fields!Name.Value, Fields!Code.Value, " Q "Codes" Q ")"), "|S1\n|N1\n|\n");
    assert_text(LOOKING("=Join(LookupSet(Fields!Region.Value, Fields!Name.Value, Fields!Code.Value, " Q "Codes" Q "), " Q "+" Q ")"),
                "|S1\n|N1+N2\n|\n");
    assert_text(LOOKING("=Join(MultiLookup(Split(" Q "South,north" Q ", " Q "," Q "), Fields!Name.Value, Fields!Code.Value, " Q "Codes" Q "), " Q "+" Q ")"),
                "|S1+N1\n|S1+N1\n|S1+N1\n");
}

UNIT_TEST(variables_are_evaluated_in_their_group_and_once_for_the_report)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=Variables!Share.Value &amp; " Q "/" Q " &amp; Variables!All.Value")), STATIC,
            "<TablixMember><Group Name='ByRegion'><GroupExpressions><GroupExpression>=Fields!Region.Value</GroupExpression></GroupExpressions>"
            "<Variables><Variable Name='Share'><Value>=Sum(Fields!Units.Value) * 10</Value></Variable></Variables></Group></TablixMember>", ""),
        "<Variables><Variable Name='All'><Value>=Sum(Fields!Units.Value, " Q "Sales" Q ")</Value></Variable></Variables>");

    assert_text(pieces_table(job, report, "T"), "|90/36\n|130/36\n|140/36\n");
}

UNIT_TEST(writable_variables_keep_what_is_set_until_the_run_ends)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TEXTBOX("Fixed", "=Variables!Fixed.SetValue(2)") TEXTBOX("Plain", "=Variables!Seen.SetValue(7) &amp; Variables!Seen.Value"),
        "<Variables><Variable Name='Seen'><Value>-</Value><Writable>true</Writable></Variable><Variable Name='Fixed'><Value>1</Value></Variable></Variables>");
    struct compute_run *run = pieces_open(job, report, NULL);

    assert_ok(job, compute_start(job, run));
    assert_text(pieces_text(job, run, "Plain"), "True7");
    assert_text(pieces_text(job, run, "Fixed"), "#Error");
}

UNIT_TEST(report_items_are_found_in_the_current_and_containing_scopes)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TEXTBOX("Title", "=" Q "T" Q " &amp; CountRows(" Q "Sales" Q ")")
        TABLIX("T", COLUMNS2,
            ROW(CELL("H", "=Sum(Fields!Units.Value)") CELL("H2", "=ReportItems!Title.Value"))
            ROW(CELL("D", "=Fields!Units.Value") CELL("D2", "=ReportItems!D.Value / ReportItems!H.Value")),
            STATICS2, "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") MEMBERS(STATIC DETAILS) "</TablixMember>",
            FILTER("=Fields!Region.Value", "Equal", VALUE("South"))), "");

    assert_text(pieces_table(job, report, "T"), "|9|T8\n|1|0.111111111111111\n|3|0.333333333333333\n|5|0.555555555555556\n");
}

UNIT_TEST(page_sections_see_the_items_of_their_page)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] =
        "<Report xmlns='http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition'>"
        "<ReportSections><ReportSection><Body><ReportItems>" TEXTBOX("Name", "=1") "</ReportItems><Height>1in</Height></Body><Width>5in</Width>"
        "<Page><PageHeader><Height>1in</Height><ReportItems>"
        TEXTBOX("P", "=First(ReportItems!Name.Value) &amp; " Q "-" Q " &amp; Last(ReportItems!Name.Value) &amp; " Q " " Q " &amp; Globals!PageNumber &amp; " Q "/" Q " &amp; Globals!TotalPages")
        "</ReportItems></PageHeader></Page></ReportSection></ReportSections></Report>";
    struct compute_run *run = pieces_open(job, report, NULL);
    struct compute_page *page = compute_page_create(run);
    const struct rdl_item *name = pieces_item(run, "Name");
    struct compute_scope scope = {.page = page};
    struct compute_text text;

    assert_true(compute_page_wants(run, name));
    assert_false(compute_page_wants(run, pieces_item(run, "P")));
    compute_page_record(run, page, name, value_text(RS_TEXT("Ada")));
    compute_page_record(run, page, name, value_text(RS_TEXT("Ben")));
    compute_page_record(run, page, name, value_text(RS_TEXT("Cleo")));
    compute_page_set_numbers(run, page, &(struct compute_page_numbers){2, 5, 2, 5, RS_TEXT("")});
    assert_ok(job, compute_textbox(job, run, &scope, pieces_item(run, "P"), &text));
    assert_text(text.text, "Ada-Cleo 2/5");
}

UNIT_TEST(calculated_and_missing_fields_are_told_apart)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(
        DATA_SET("D", "@A(Integer)", "<R A='1'/><R A='2'/><R A='3'/>",
            PLAIN("A") PLAIN("Gone") CALCULATED("Twice", "=Fields!A.Value * 2") CALCULATED("More", "=Fields!Twice.Value + 1")
            CALCULATED("Circle", "=Fields!Circle.Value"), ""),
        TABLIX("T", COLUMNS3, ROW(CELL("P", "=Fields!More.Value") CELL("Q1", "=Fields!Gone.IsMissing &amp; Fields!A.IsMissing") CELL("R1", "=Fields!Circle.Value"))
                              ROW(CELL("S", "=Sum(Fields!More.Value)") CELL("S2", "=Max(Fields!Twice.Value)") CELL("S3", "=Fields!Gone.Value")),
            STATICS3, DETAILS STATIC, ""), "");

    assert_text(pieces_table(job, report, "T"), "|3|TrueFalse|#Error\n|5|TrueFalse|#Error\n|7|TrueFalse|#Error\n|15|6|#Error\n");
}
