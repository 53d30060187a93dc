/* Generated rows in place of data that is out of reach, and parts that did not compile: the report still shows. */
#include "unit.h"

#include "pieces.h"

static struct compute_run *open_samples(struct rs_job *job, const char *definition)
{
    struct compute_run *run = pieces_open(job, definition, &(struct compute_options){.sample_data = true});

    assert_ok(job, compute_start(job, run));
    return run;
}

UNIT_TEST(samples_give_values_to_parameters_without_one)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = open_samples(job, REPORT(SALES,
        TEXTBOX("X", "=Parameters!A.Value &amp; &quot; &quot; &amp; Parameters!B.Value &amp; &quot; &quot; &amp; Parameters!C.Value"),
        "<ReportParameters><ReportParameter Name='A'><DataType>String</DataType><Prompt>a</Prompt></ReportParameter>"
        "<ReportParameter Name='B'><DataType>Integer</DataType><Prompt>b</Prompt></ReportParameter>"
        "<ReportParameter Name='C'><DataType>Integer</DataType><Prompt>c</Prompt><ValidValues><ParameterValues>"
        "<ParameterValue><Value>7</Value></ParameterValue><ParameterValue><Value>8</Value></ParameterValue></ParameterValues></ValidValues>"
        "</ReportParameter></ReportParameters>"));

    assert_text(pieces_text(job, run, "X"), "Sample 1 7");
}

UNIT_TEST(samples_pass_filters_and_groups_that_expect_other_types)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = open_samples(job, REPORT(
        DATA_SET("D", "@Note", "<R Note='x'/>", PLAIN("Note"), FILTER("=Fields!Note.Value", "GreaterThan", INTEGER("5"))),
        TABLIX("T", COLUMNS1, ROW(CELL("C", "=CountRows(&quot;T&quot;)")), STATIC,
               "<TablixMember>" BY("G", "=CInt(Left(Fields!Note.Value, 1))") "</TablixMember>", ""), ""));
    rs_text shown;

    assert_ok(job, pieces_show(job, run, "T", &shown));
    assert_true(shown.size > 0);
    assert_int_equal(rs_text_find(shown, RS_TEXT("|48\n")), 0);
}

UNIT_TEST(samples_hold_what_the_expressions_expect)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = open_samples(job, REPORT(
        DATA_SET("D", "@Due,@Open,@Size,@Name", "<R/>", PLAIN("Due") PLAIN("Open") PLAIN("Size") PLAIN("Name") PLAIN("Rate"), ""),
        TABLIX("T", COLUMNS1, ROW(CELL("C", "=(FormatDateTime(Fields!Due.Value, 2) Like &quot;*/*/20##&quot;) &amp; "
               "IIf(Fields!Open.Value, &quot; yes&quot;, &quot; yes&quot;) &amp; &quot; &quot; &amp; IsNumeric(2 * Fields!Size.Value) &amp; &quot; &quot; &amp; "
               "IsNumeric(Code.Half(Fields!Rate.Value)) &amp; &quot; &quot; &amp; IsNumeric(Fields!Name.Value)")),
               STATIC, "<TablixMember>" BY("G", "=1") "</TablixMember>", ""),
        "<Code>Function Half(d As Decimal) As Decimal\nReturn d / 2\nEnd Function</Code>"));
    rs_text shown;

    assert_ok(job, pieces_show(job, run, "T", &shown));
    assert_text(shown, "|True yes True True False\n");
}

/* A group by what did not compile is one group, a filter by it lets everything pass. */
UNIT_TEST(parts_that_did_not_compile_leave_the_rest_of_the_region)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS2, ROW(CELL("C", "=Sum(Fields!Units.Value)") CELL("E", "=My.Company.Tool.Run(1)")), STATICS2,
               "<TablixMember>" BY("G", "=My.Company.Tool.Run(Fields!City.Value)") "</TablixMember>",
               FILTER("=My.Company.Tool.Run(Fields!City.Value)", "Equal", VALUE("x"))), "");
    struct compute_run *run = pieces_open(job, report, NULL);
    rs_text shown;

    assert_ok(job, compute_start(job, run));
    assert_ok(job, pieces_show(job, run, "T", &shown));
    assert_text(shown, "|36|#Error\n");
}
