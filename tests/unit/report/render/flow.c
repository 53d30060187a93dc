/* Rows that flow: the same bytes as from rows that are kept, in memory that does not grow with them. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../compute/pieces.h"
#include "base/buf.h"
#include "report/render/run.h"

static const char *const formats[] = {"CSV", "XML", "HTML5", "PDF"};

/* ---- a report over rows that SQLite makes up -------------------------------------------------------- */

#define DATABASE_REPORT(query, fields, body, page) DATABASE_REPORT_REST(query, fields, "", body, page)
#define DATABASE_REPORT_REST(query, fields, rest, body, page)                                                    \
    "<Report xmlns='http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition'>"                 \
    "<DataSources><DataSource Name='S'><ConnectionProperties><DataProvider>SQLITE</DataProvider>"                \
    "<ConnectString>Data Source=empty.db</ConnectString></ConnectionProperties></DataSource></DataSources>"      \
    "<DataSets><DataSet Name='D'><Query><DataSourceName>S</DataSourceName>"                                      \
    "<QueryParameters><QueryParameter Name='@rows'><Value>=Parameters!Rows.Value</Value></QueryParameter></QueryParameters>" \
    "<CommandText>" query "</CommandText></Query><Fields>" fields "</Fields>" rest "</DataSet></DataSets>"               \
    "<ReportParameters><ReportParameter Name='Rows'><DataType>Integer</DataType><Prompt>Rows</Prompt></ReportParameter></ReportParameters>" \
    "<ReportSections><ReportSection><Body><ReportItems>" body "</ReportItems><Height>20pt</Height></Body>"       \
    "<Width>200pt</Width><Page>" page "</Page></ReportSection></ReportSections></Report>"

#define QUERY                                                                                                    \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i &lt; @rows) "                        \
    "SELECT i, 'row ' || i || ' of many, to take some room &amp; more' AS name, i / 3 AS third, "                \
    "CASE WHEN i % 5 THEN i * 1.25 END AS amount, date('2024-01-01', '+' || (i % 700) || ' days') AS day FROM n WHERE i &lt;= @rows"
#define FIELDS                                                                                                   \
    PLAIN("i") PLAIN("name") PLAIN("third") FIELD("amount", "System.Decimal") FIELD("day", "System.DateTime")    \
    PLAIN("gone") CALCULATED("twice", "=Fields!i.Value * 2") CALCULATED("note", "=IIf(Fields!i.Value Mod 7 = 0, Nothing, Fields!twice.Value &amp; \"!\")")

struct bench {
    struct rs_job *job;
    char folder[64];
    struct publish_report *report;
};

static void bench_open(struct bench *b, const char *definition)
{
    char path[96];

    b->job = rs_job_create(NULL);
    strcpy(b->folder, "/tmp/bindery-flow-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(path, sizeof path, "%s/empty.db", b->folder);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_ok(b->job, publish_open(b->job, rs_text_from(definition), NULL, &b->report));
}

static void bench_close(struct bench *b)
{
    char path[96];

    snprintf(path, sizeof path, "%s/empty.db", b->folder);
    unlink(path);
    rmdir(b->folder);
    publish_unref(b->report);
    rs_job_destroy(b->job);
}

static rs_status gather(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    if (data)
        rs_buf_add(data, bytes);
    return RS_OK;
}

static rs_status rendered(struct rs_job *job, const struct bench *b, const char *format, int rows, bool keep_rows, rs_buf *out)
{
    rs_text count = rs_text_format(job, "%d", rows);
    struct compute_input input = {.name = RS_TEXT("Rows"), .values = &count, .count = 1};
    struct render_request request = {.format = rs_text_from(format)};

    request.options.inputs = &input;
    request.options.input_count = 1;
    request.options.base_folder = rs_text_from(b->folder);
    request.options.keep_rows = keep_rows;
    request.options.globals.report_name = RS_TEXT("Flow");
    request.options.globals.execution_time = value_date(INT64_C(638000000000000000)); /* or a PDF has the clock's */
    return render_report(job, b->report, &request, &(struct render_sink){out, gather, NULL, NULL}, NULL);
}

static void assert_same(const struct bench *b, const char *format, int rows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf flowing = rs_buf_in(job), kept = rs_buf_in(job);

    assert_ok(job, rendered(job, b, format, rows, false, &flowing));
    assert_ok(job, rendered(job, b, format, rows, true, &kept));
    if (!rs_text_equal(rs_buf_text(&flowing), rs_buf_text(&kept)))
        fail_msg("%s of %d rows differs", format, rows);
}

/* Around the ends of pieces. */
static void assert_same_everywhere(const char *definition)
{
    static const int counts[] = {0, 1, 511, 512, 513, 1100};
    struct bench b;

    bench_open(&b, definition);
    assert_non_null(b.report->data_sets[0].flows_to);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (size_t k = 0; k < sizeof formats / sizeof *formats; k++)
            assert_same(&b, formats[k], counts[i]);
    bench_close(&b);
}

/* ---- the same bytes --------------------------------------------------------------------------------- */

#define HEAD_ROW ROW(CELL("H1", "Number") CELL("H2", "Name") CELL("H3", "Amount"))
#define HEAD_MEMBER "<TablixMember><KeepWithGroup>After</KeepWithGroup><RepeatOnNewPage>true</RepeatOnNewPage></TablixMember>"
#define LIST(rows, details, rest)                                                                                \
    TABLIX("T", COLUMNS3, HEAD_ROW rows, STATICS3, HEAD_MEMBER details,                                          \
           "<NoRowsMessage>nothing</NoRowsMessage><RepeatColumnHeaders>true</RepeatColumnHeaders>" rest)
#define PLAIN_ROW ROW(CELL("N", "=Fields!i.Value") CELL("Name", "=Fields!name.Value") CELL("Amount", "=Fields!amount.Value"))
#define FOOTER(value) "<PageFooter><Height>20pt</Height><PrintOnFirstPage>true</PrintOnFirstPage><PrintOnLastPage>true</PrintOnLastPage>" \
    "<ReportItems>" TEXTBOX("Foot", value) "</ReportItems></PageFooter><PageHeight>5in</PageHeight><InteractiveHeight>5in</InteractiveHeight>"

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_for_a_list)
{
    assert_same_everywhere(DATABASE_REPORT(QUERY, FIELDS, LIST(PLAIN_ROW, DETAILS, ""), ""));
}

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_for_row_numbers_previous_rows_and_calculated_fields)
{
    assert_same_everywhere(DATABASE_REPORT(QUERY, FIELDS,
        LIST(ROW(CELL("N", "=RowNumber(Nothing) &amp; \" \" &amp; Previous(Fields!name.Value)")
                 CELL("Name", "=Fields!note.Value &amp; IsDBNull(Fields!note.Value) &amp; TypeName(Fields!twice.Value) &amp; Fields!gone.IsMissing")
                 CELL("Amount", "=ReportItems!N.Value &amp; Fields!amount.Value")),
             DETAILS, ""), ""));
}

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_for_hidden_rows_and_duplicates)
{
    assert_same_everywhere(DATABASE_REPORT(QUERY, FIELDS,
        LIST(ROW("<TablixCell><CellContents><Textbox Name='N'><HideDuplicates>D</HideDuplicates><Paragraphs><Paragraph><TextRuns><TextRun>"
                 "<Value>=Fields!third.Value</Value></TextRun></TextRuns></Paragraph></Paragraphs></Textbox></CellContents></TablixCell>"
                 CELL("Name", "=Fields!name.Value") CELL("Amount", "=Fields!day.Value")),
             "<TablixMember><Group Name='Details'/><Visibility><Hidden>=Fields!i.Value Mod 4 = 1</Hidden></Visibility></TablixMember>", ""), ""));
}

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_for_row_headers_and_rows_of_two)
{
    assert_same_everywhere(DATABASE_REPORT(QUERY, FIELDS,
        TABLIX("T", COLUMNS2, ROW(CELL("N", "=Fields!i.Value") CELL("Name", "=Fields!name.Value")) ROW(CELL("A", "=Fields!amount.Value") CELL("B", "=Fields!day.Value")),
               STATICS2, "<TablixMember><Group Name='Details'/>" HEADER("Head", "=Fields!third.Value") MEMBERS(STATICS2) "</TablixMember>", ""),
        FOOTER("=Globals!PageNumber")));
}

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_where_pages_name_what_stands_on_them)
{
    assert_same_everywhere(DATABASE_REPORT(QUERY, FIELDS, LIST(PLAIN_ROW, DETAILS, ""),
        FOOTER("=First(ReportItems!Name.Value) &amp; Last(ReportItems!Name.Value) &amp; Globals!PageNumber &amp; Globals!TotalPages")));
}

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_where_every_few_rows_a_page_ends)
{
    assert_same_everywhere(DATABASE_REPORT(QUERY, FIELDS,
        LIST(PLAIN_ROW, "<TablixMember><Group Name='Details'><PageBreak><BreakLocation>Between</BreakLocation>"
             "<Disabled>=Fields!i.Value Mod 100 &lt;&gt; 0</Disabled><ResetPageNumber>=Fields!i.Value Mod 200 = 0</ResetPageNumber></PageBreak></Group></TablixMember>",
             "<KeepTogether>true</KeepTogether>"), FOOTER("=Globals!PageNumber &amp; \"/\" &amp; Globals!OverallPageNumber")));
}

#define RED "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da63f8cfc0000003010100f70341430000000049454e44ae426082"
#define BLUE "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da636060f80f0001030100367411400000000049454e44ae426082"
#define PICTURE(rest) "<TablixCell><CellContents><Image Name='P'><Source>Database</Source><Value>=Fields!name.Value</Value><MIMEType>image/png</MIMEType>" \
    "<Sizing>FitProportional</Sizing><ToolTip>=Fields!i.Value</ToolTip>" rest "<Width>40pt</Width><Height>12pt</Height></Image></CellContents></TablixCell>"
#define BEHIND "<Style><BackgroundImage><Source>Database</Source><Value>=Fields!name.Value</Value><MIMEType>image/png</MIMEType></BackgroundImage></Style>"

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_for_pictures)
{
    assert_same_everywhere(DATABASE_REPORT(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i &lt; @rows) SELECT i, CASE WHEN i % 3 THEN x'" RED "' WHEN i % 2 THEN x'" BLUE "' END AS name FROM n WHERE i &lt;= @rows",
        PLAIN("i") PLAIN("name"),
        TABLIX("T", COLUMNS2, ROW(CELL("N", "=Fields!i.Value") PICTURE("")) ROW(
               "<TablixCell><CellContents><Textbox Name='B'><Paragraphs><Paragraph><TextRuns><TextRun><Value>=Fields!i.Value</Value></TextRun></TextRuns></Paragraph></Paragraphs>" BEHIND "</Textbox></CellContents></TablixCell>"
               CELL("C", "x")),
               STATICS2, "<TablixMember><Group Name='Details'/>" MEMBERS(STATICS2) "</TablixMember>", ""), ""));
}

/* ---- filters, running values, totals ----------------------------------------------------------------- */

#define ONE_FILTER(expression, op, value)                                                                        \
    "<Filter><FilterExpression>" expression "</FilterExpression><Operator>" op "</Operator><FilterValues><FilterValue>" value "</FilterValue></FilterValues></Filter>"
#define ODD ONE_FILTER("=Fields!i.Value Mod 2", "Equal", "=1")
#define FAR ONE_FILTER("=Fields!twice.Value", "GreaterThan", "=Fields!third.Value + 1200")
#define NAMED_LIKE ONE_FILTER("=Fields!name.Value", "Like", "row *1*")

#define FILTERED(filters, body, page) DATABASE_REPORT_REST(QUERY, FIELDS, "<Filters>" filters "</Filters>", body, page)

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_for_filters)
{
    assert_same_everywhere(FILTERED(ODD NAMED_LIKE, LIST(PLAIN_ROW, DETAILS, "<Filters>" FAR "</Filters>"), ""));
    assert_same_everywhere(FILTERED(FAR, LIST(PLAIN_ROW, DETAILS, ""), FOOTER("=Globals!PageNumber")));
    assert_same_everywhere(DATABASE_REPORT(QUERY, FIELDS,
        LIST(ROW(CELL("N", "=RowNumber(Nothing) &amp; \" \" &amp; Previous(Fields!name.Value)") CELL("Name", "=Fields!i.Value") CELL("Amount", "=Fields!amount.Value")),
             DETAILS, "<Filters>" ODD "</Filters>"), ""));
}

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_where_a_filter_leaves_nothing)
{
    assert_same_everywhere(FILTERED(ONE_FILTER("=Fields!i.Value", "LessThan", "=0"), LIST(PLAIN_ROW, DETAILS, ""), ""));
}

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_for_running_values)
{
    assert_same_everywhere(DATABASE_REPORT(QUERY, FIELDS,
        LIST(ROW(CELL("N", "=RunningValue(Fields!i.Value, Sum, Nothing) &amp; \" \" &amp; RunningValue(Fields!amount.Value, Avg, \"T\")")
                 CELL("Name", "=RunningValue(Fields!name.Value, Max, \"D\") &amp; RunningValue(Fields!name.Value, CountDistinct, Nothing)")
                 CELL("Amount", "=RunningValue(Fields!amount.Value * 2, Sum, Nothing)")),
             DETAILS, "<Filters>" ODD "</Filters>"), ""));
}

#define EVERY_TOTAL(argument, scope)                                                                             \
    "=Sum(" argument scope ") &amp; \" \" &amp; Avg(" argument scope ") &amp; \" \" &amp; Min(" argument scope ") &amp; \" \" &amp; Max(" argument scope ") " \
    "&amp; \" \" &amp; Count(" argument scope ") &amp; \" \" &amp; CountDistinct(" argument scope ") &amp; \" \" &amp; StDev(" argument scope ") " \
    "&amp; \" \" &amp; VarP(" argument scope ") &amp; \" \" &amp; First(" argument scope ") &amp; \" \" &amp; Last(" argument scope ") &amp; TypeName(Sum(" argument scope "))"
#define TEXT_TOTAL(argument, scope)                                                                              \
    "=Min(" argument scope ") &amp; \" \" &amp; Max(" argument scope ") &amp; \" \" &amp; Count(" argument scope ") &amp; \" \" &amp; CountDistinct(" argument scope ") " \
    "&amp; \" \" &amp; First(" argument scope ") &amp; \" \" &amp; Last(" argument scope ") &amp; \" \" &amp; CountRows()"
#define TOTAL_ROWS                                                                                               \
    ROW(CELL("T1", EVERY_TOTAL("Fields!i.Value", "")) CELL("T2", TEXT_TOTAL("Fields!name.Value", "")) CELL("T3", EVERY_TOTAL("Fields!amount.Value", ""))) \
    ROW(CELL("U1", EVERY_TOTAL("Fields!i.Value * 0.1", ", \"D\"")) CELL("U2", TEXT_TOTAL("Fields!day.Value", ", \"D\"") " &amp; CountRows(\"D\")")              \
        CELL("U3", EVERY_TOTAL("Fields!twice.Value", ", \"T\"") " &amp; Count(Fields!gone.Value) &amp; CountDistinct(Fields!note.Value)"))
#define TOTAL_MEMBERS "<TablixMember><KeepWithGroup>Before</KeepWithGroup></TablixMember><TablixMember/>"

UNIT_TEST(flow_gives_the_bytes_of_kept_rows_for_totals_behind_them)
{
    assert_same_everywhere(DATABASE_REPORT(QUERY, FIELDS, LIST(PLAIN_ROW TOTAL_ROWS, DETAILS TOTAL_MEMBERS, ""), ""));
    assert_same_everywhere(FILTERED(ODD, LIST(PLAIN_ROW TOTAL_ROWS, DETAILS TOTAL_MEMBERS, "<Filters>" FAR "</Filters>"), FOOTER("=Globals!PageNumber")));
    assert_same_everywhere(FILTERED(ONE_FILTER("=Fields!i.Value", "LessThan", "=0"), LIST(PLAIN_ROW TOTAL_ROWS, DETAILS TOTAL_MEMBERS, ""), ""));
}

/* Sums of doubles depend on the order of adding, and a decimal has the digits of the longest. */
UNIT_TEST(flow_adds_in_the_order_of_kept_rows)
{
    assert_same_everywhere(DATABASE_REPORT(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i &lt; @rows) SELECT i, 1.0 / i AS name, "
        "CASE WHEN i % 7 THEN printf('%.*f', i % 4, i * 1.0 / 8) END AS amount FROM n WHERE i &lt;= @rows",
        PLAIN("i") PLAIN("name") FIELD("amount", "System.Decimal"),
        LIST(PLAIN_ROW ROW(CELL("T1", EVERY_TOTAL("Fields!name.Value", "")) CELL("T2", EVERY_TOTAL("Fields!amount.Value", "")) CELL("T3", "=Sum(Fields!name.Value * 3) &amp; Sum(IIf(Fields!i.Value > 3, 1, 2.5))")),
             DETAILS "<TablixMember/>", ""), ""));
}

UNIT_TEST(flow_tells_what_a_total_of_mixed_types_fails_with_as_kept_rows_do)
{
    assert_same_everywhere(DATABASE_REPORT(QUERY, FIELDS,
        LIST(PLAIN_ROW ROW(CELL("T1", "=Sum(IIf(Fields!i.Value > 600, Fields!amount.Value, 1))") CELL("T2", "=Sum(Fields!name.Value)") CELL("T3", "=Max(Fields!gone.Value)")),
             DETAILS "<TablixMember/>", ""), ""));
}

static const struct rdl_item *named_item(const struct publish_report *report, const char *name)
{
    for (unsigned i = 0; i < report->definition->item_count; i++)
        if (rs_text_equal(report->items[i]->name, rs_text_from(name)))
            return report->items[i];
    fail_msg("there is no %s", name);
    return NULL;
}

/* No renderer does, but the value must not depend on that. */
UNIT_TEST(flow_reads_on_where_a_total_is_asked_for_early)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_options options = {0};
    struct compute_input input;
    struct compute_run *run;
    struct compute_tablix *tablix;
    struct compute_nodes rows;
    struct compute_text text;
    struct bench b;
    bool has;

    bench_open(&b, DATABASE_REPORT(QUERY, FIELDS, LIST(PLAIN_ROW ROW(CELL("T1", "=Sum(Fields!i.Value)") CELL("T2", "x") CELL("T3", "y")), DETAILS "<TablixMember/>", ""), ""));
    input = (struct compute_input){.name = RS_TEXT("Rows"), .values = &RS_TEXT("2000"), .count = 1};
    options.inputs = &input;
    options.input_count = 1;
    options.base_folder = rs_text_from(b.folder);
    assert_ok(job, compute_open(job, b.report, &options, &run));
    assert_ok(job, compute_start(job, run));
    assert_ok(job, compute_begin(job, run, COMPUTE_WALKS_DOWN));
    assert_ok(job, compute_tablix_open(job, run, &(struct compute_scope){0}, b.report->data_sets[0].flows_to, &tablix));
    assert_ok(job, compute_children(job, tablix, compute_root(tablix, COMPUTE_ROWS), &rows));
    assert_int_equal(rows.count, 3);
    assert_true(rows.items[1]->flows && rows.items[1]->count < 2000);
    for (int turn = 0; turn < 2; turn++) {
        struct compute_scope behind = compute_member_scope(tablix, compute_place_of(rows.items[2], 0));
        assert_ok(job, compute_textbox(job, run, &behind, named_item(b.report, "T1"), &text));
        assert_text(text.text, "2001000");
        for (size_t row = 0; row < 2000; row++) {
            struct compute_scope scope = compute_member_scope(tablix, compute_place_of(rows.items[1], row));
            assert_ok(job, compute_has_row(job, tablix, rows.items[1], row, &has));
            assert_true(has);
            assert_ok(job, compute_textbox(job, run, &scope, named_item(b.report, "N"), &text));
            assert_int_equal(text.value.integer, row + 1);
        }
        assert_ok(job, compute_has_row(job, tablix, rows.items[1], 2000, &has));
        assert_false(has);
    }
    bench_close(&b);
}

/* ---- memory ----------------------------------------------------------------------------------------- */

/* Kept, the rows alone would need more. */
#define LIMIT ((size_t)6 * 1024 * 1024)
#define MANY 60000

static void needs_no_memory(const char *definition, size_t first)
{
    struct bench b;

    bench_open(&b, definition);
    for (size_t k = first; k < sizeof formats / sizeof *formats; k++) {
        RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = strcmp(formats[k], "PDF") ? LIMIT : 2 * LIMIT});
        assert_ok(job, rendered(job, &b, formats[k], MANY, false, NULL));
    }
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = LIMIT});
    assert_status(rendered(job, &b, "CSV", MANY, true, NULL), RS_OVER_LIMIT);
    bench_close(&b);
}

UNIT_TEST(flow_needs_no_memory_for_rows_that_are_written)
{
    needs_no_memory(DATABASE_REPORT(QUERY, FIELDS, LIST(PLAIN_ROW, DETAILS, ""), ""), 0);
}

UNIT_TEST(flow_needs_no_memory_for_rows_that_are_filtered_and_added_up)
{
    needs_no_memory(FILTERED(ONE_FILTER("=Fields!i.Value Mod 50", "NotEqual", "=1"),
        LIST(ROW(CELL("N", "=RunningValue(Fields!name.Value, Max, Nothing)") CELL("Name", "=Fields!name.Value") CELL("Amount", "=Fields!amount.Value"))
             ROW(CELL("T1", "=Sum(Fields!i.Value)") CELL("T2", "=Max(Fields!name.Value) &amp; Last(Fields!name.Value)") CELL("T3", "=Avg(Fields!amount.Value)")),
             DETAILS "<TablixMember/>", ""), ""), 2); /* data formats write the totals first */
}

/* In data formats totals come first, unless they are not written. */
#define UNWRITTEN_TOTAL                                                                                          \
    DATABASE_REPORT(QUERY, FIELDS, LIST(PLAIN_ROW ROW(                                                           \
        CELL_OF("<Textbox Name='T1'><DataElementOutput>NoOutput</DataElementOutput><Paragraphs><Paragraph><TextRuns><TextRun><Value>=Sum(Fields!i.Value)</Value>" \
                "</TextRun></TextRuns></Paragraph></Paragraphs></Textbox>") CELL("T2", "x") CELL("T3", "y")), DETAILS "<TablixMember/>", ""), "")

UNIT_TEST(flow_needs_no_memory_in_data_where_totals_are_not_written)
{
    assert_same_everywhere(UNWRITTEN_TOTAL);
    needs_no_memory(UNWRITTEN_TOTAL, 0);
}

/* ---- stopping --------------------------------------------------------------------------------------- */

UNIT_TEST(flow_ends_at_every_checkpoint_in_its_rows)
{
    struct bench b;

    bench_open(&b, DATABASE_REPORT(QUERY, FIELDS, LIST(PLAIN_ROW, DETAILS, ""), ""));
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        RS_OWNED(rs_job) whole = rs_job_create(NULL);
        assert_ok(whole, rendered(whole, &b, formats[k], 1100, false, NULL));
        uint64_t checkpoints = rs_job_checkpoints(whole);
        for (uint64_t stop = 1; stop < checkpoints; stop += 1 + checkpoints / 50) {
            RS_OWNED(rs_job) job = rs_job_create(NULL);
            rs_job_stop_at(job, stop);
            assert_status(rendered(job, &b, formats[k], 1100, false, NULL), RS_CANCELLED);
        }
    }
    bench_close(&b);
}

UNIT_TEST(flow_tells_what_the_query_fails_with_behind_the_first_piece)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct bench b;

    bench_open(&b, DATABASE_REPORT("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i &lt; @rows) "
                                   "SELECT abs(CASE WHEN i = 1000 THEN -9223372036854775807 - 1 ELSE i END) AS i FROM n",
                                   PLAIN("i"), TABLIX("T", COLUMNS1, ROW(CELL("N", "=Fields!i.Value")), STATIC, DETAILS, ""), ""));
    assert_non_null(b.report->data_sets[0].flows_to);
    assert_ok(job, rendered(job, &b, "CSV", 999, false, NULL));
    assert_status(rendered(job, &b, "CSV", 1001, false, NULL), DATA_QUERY);
    assert_text(rs_job_error(job), "data set \"D\": integer overflow");
    bench_close(&b);
}

/* The 1000th row has another type. */
UNIT_TEST(flow_tells_what_a_filter_fails_with_behind_the_first_piece)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct bench b;

    bench_open(&b, DATABASE_REPORT_REST("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i &lt; @rows) SELECT CASE WHEN i = 1000 THEN 'text' ELSE i END AS i FROM n",
                                        PLAIN("i"), "<Filters>" ONE_FILTER("=Fields!i.Value", "GreaterThan", "=3") "</Filters>",
                                        TABLIX("T", COLUMNS1, ROW(CELL("N", "=Fields!i.Value")), STATIC, DETAILS, ""), ""));
    assert_non_null(b.report->data_sets[0].flows_to);
    assert_ok(job, rendered(job, &b, "CSV", 999, false, NULL));
    assert_status(rendered(job, &b, "CSV", 1001, false, NULL), COMPUTE_FILTER_FAILED);
    assert_true(rs_text_starts(rs_job_error(job), RS_TEXT("data set \"D\": a filter cannot compare String and Integer")));
    bench_close(&b);
}

/* ---- which shapes ----------------------------------------------------------------------------------- */

static bool flows(const char *definition)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = NULL;

    assert_ok(job, publish_open(job, rs_text_from(definition), NULL, &report));
    return report->data_sets[0].flows_to != NULL;
}

#define SHAPE(row, details, rest) REPORT(SALES, TABLIX("T", COLUMNS1, ROW(row), STATIC, details, rest), "")
#define SHAPE_OF_TWO(first, second, members) REPORT(SALES, TABLIX("T", COLUMNS1, ROW(first) ROW(second), STATIC, members, ""), "")
#define TWICE "<Code>Function Twice(n)\nReturn n * 2\nEnd Function</Code>"
#define CITY CELL("C", "=Fields!City.Value")
#define BESIDE(item) REPORT(SALES, TABLIX("T", COLUMNS1, ROW(CITY), STATIC, DETAILS, "") item, "")

UNIT_TEST(flow_is_for_details_that_nothing_else_looks_at)
{
    static const char *const yes[] = {
        SHAPE(CITY, DETAILS, ""),
        SHAPE(CELL("C", "=Previous(Fields!City.Value) &amp; RowNumber(Nothing)"), DETAILS, ""),
        SHAPE(CELL("C", "=RunningValue(Fields!Units.Value, Sum, Nothing)"), DETAILS, ""),
        SHAPE(CITY, DETAILS, FILTER("=Fields!Units.Value", "GreaterThan", INTEGER("3"))),
        SHAPE_OF_TWO(CITY, CELL("S", "=Sum(Fields!Units.Value) + Count(Fields!City.Value, \"Sales\")"), DETAILS "<TablixMember/>"),
        SHAPE_OF_TWO(CITY, CELL_OF("<Rectangle Name='R'><ReportItems>" TEXTBOX("S", "=Sum(Fields!Units.Value)") "</ReportItems></Rectangle>"), DETAILS "<TablixMember/>"),
        BESIDE(TEXTBOX("Title", "=Globals!ReportName")),
        BESIDE("<Line Name='L'><Style/></Line>"),
    };
    static const char *const no[] = {
        SHAPE(CITY, "<TablixMember><Group Name='Details'/>" SORT("=Fields!City.Value") "</TablixMember>", ""),
        SHAPE(CITY, DETAILS, SORT("=Fields!City.Value")),
        SHAPE(CITY, DETAILS, FILTER("=Fields!Units.Value", "TopN", INTEGER("3"))),
        SHAPE(CITY, "<TablixMember>" BY("G", "=Fields!City.Value") "</TablixMember>", ""),
        SHAPE(CELL("C", "=RunningValue(Sum(Fields!Units.Value), Sum, Nothing)"), DETAILS, ""),
        REPORT(SALES, TABLIX("T", COLUMNS1, ROW(CELL("C", "=RunningValue(Code.Twice(Fields!Units.Value), Sum, Nothing)")), STATIC, DETAILS, ""),
               TWICE),
        REPORT(SALES, TABLIX("T", COLUMNS1, ROW(CITY), STATIC, DETAILS, FILTER("=Code.Twice(Fields!Units.Value)", "GreaterThan", INTEGER("3"))), TWICE),
        SHAPE_OF_TWO(CELL("S", "=Sum(Fields!Units.Value)"), CITY, "<TablixMember/>" DETAILS),
        SHAPE_OF_TWO(CITY, CELL("S", "=Sum(Fields!Units.Value)"), DETAILS "<TablixMember><KeepWithGroup>Before</KeepWithGroup><RepeatOnNewPage>true</RepeatOnNewPage></TablixMember>"),
        SHAPE_OF_TWO(CITY, CELL("S", "=Fields!Units.Value"), DETAILS "<TablixMember/>"),
        SHAPE_OF_TWO(CITY, CELL("S", "=Sum(Fields!Units.Value + Sum(Fields!Units.Value))"), DETAILS "<TablixMember/>"),
        SHAPE_OF_TWO(CITY, CELL("S", "x"), DETAILS "<TablixMember><Visibility><Hidden>=Sum(Fields!Units.Value) &gt; 3</Hidden></Visibility></TablixMember>"),
        SHAPE(CELL("C", "=Fields!Units.Value / Sum(Fields!Units.Value, \"Sales\")"), DETAILS, ""),
        SHAPE(CELL_OF("<Rectangle Name='R'><ReportItems>" TABLIX("In", COLUMNS1, ROW(CITY), STATIC, DETAILS_CALLED("D2"), "")
                      "</ReportItems></Rectangle>"), DETAILS, ""),
        SHAPE(CITY, "<TablixMember><Group Name='Details'><DocumentMapLabel>=Fields!City.Value</DocumentMapLabel></Group></TablixMember>", ""),
        SHAPE(CITY, "<TablixMember><Group Name='Details'><PageName>=Fields!City.Value</PageName></Group></TablixMember>", ""),
        BESIDE(TEXTBOX("First", "=Fields!City.Value")),
        BESIDE(TEXTBOX("Count", "=CountRows(\"Sales\")")),
        BESIDE(TEXTBOX("Seek", "=Lookup(1, Fields!Units.Value, Fields!City.Value, \"Sales\")")),
        BESIDE(TABLIX("Again", COLUMNS1, ROW(CELL("C2", "=Fields!City.Value")), STATIC, DETAILS_CALLED("D2"), "")),
    };

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!flows(yes[i]))
            fail_msg("rows do not flow in %s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (flows(no[i]))
            fail_msg("rows flow in %s", no[i]);
}
