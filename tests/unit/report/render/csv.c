/* What the CSV renderer writes: golden texts. */
#include "unit.h"

#include "../compute/pieces.h"
#include "rendering.h"

#define Q "&quot;"

static rs_text csv(struct rs_job *job, const char *definition, const char *settings)
{
    rs_text out;

    assert_ok(job, rendering(job, "csv", definition, settings, &out));
    assert_true(rs_text_starts(out, RS_TEXT("\xEF\xBB\xBF")));
    return rs_text_from_offset(out, 3);
}

#define TABLE                                                                                                    \
    TABLIX("T", COLUMNS2,                                                                                        \
        ROW(CELL("H1", "City") CELL("H2", "Amount"))                                                             \
        ROW(CELL("G", "=Fields!Region.Value") CELL("GS", "=Sum(Fields!Units.Value)"))                            \
        ROW(CELL("City", "=Fields!City.Value") CELL("Amount", "=Fields!Amount.Value"))                           \
        ROW(CELL("F1", "Total") CELL("Total", "=Sum(Fields!Amount.Value)")),                                     \
        STATICS2, STATIC "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") MEMBERS(STATIC DETAILS) "</TablixMember>" STATIC, \
        FILTER("=Fields!Units.Value", "LessThan", INTEGER("5")))

UNIT_TEST(csv_repeats_group_values_and_totals_on_every_detail)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(csv(job, REPORT(SALES, TABLE, ""), ""),
        "G,GS,City,Amount,Total\r\n"
        "South,4,Cork,10.10,36.35\r\n"
        "South,4,Faro,5.05,36.35\r\n"
        "North,6,Bergen,20.20,36.35\r\n"
        "North,6,Oslo,1.00,36.35\r\n");
}

UNIT_TEST(csv_writes_text_boxes_and_regions_as_blocks)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("Second", COLUMNS1, ROW(CELL("U", "=Fields!Units.Value")), STATIC, DETAILS_CALLED("D2"),
               "<Top>50pt</Top>" FILTER("=Fields!Units.Value", "Equal", INTEGER("8")))
        TABLIX("First", COLUMNS1, ROW(CELL("Units", "=Fields!Units.Value")), STATIC, DETAILS,
               "<Top>20pt</Top>" FILTER("=Fields!Units.Value", "LessThan", INTEGER("3")))
        "<Textbox Name='Heading'><Paragraphs><Paragraph><TextRuns><TextRun><Value>=" Q "All, " Q " &amp; CountRows(" Q "Sales" Q ")</Value></TextRun></TextRuns></Paragraph></Paragraphs></Textbox>"
        "<Textbox Name='Label'><Paragraphs><Paragraph><TextRuns><TextRun><Value>constant</Value></TextRun></TextRuns></Paragraph></Paragraphs></Textbox>", "");

    assert_text(csv(job, report, ""), "Heading\r\n\"All, 8\"\r\n\r\nUnits\r\n1\r\n2\r\n\r\nU\r\n8\r\n");
    assert_text(csv(job, report, "ExcelMode=false"), "Heading,Units,U\r\n\"All, 8\",1,\r\n\"All, 8\",2,\r\n\"All, 8\",,8\r\n");
}

UNIT_TEST(csv_flattens_a_matrix_into_a_record_per_cell)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("M", COLUMNS2, ROW(CELL("Units", "=Sum(Fields!Units.Value)") CELL("RowTotal", "=Sum(Fields!Units.Value)"))
                              ROW(CELL("ColumnTotal", "=Sum(Fields!Units.Value)") CELL("GrandTotal", "=Sum(Fields!Units.Value)")),
            "<TablixMember>" BY("ByOdd", "=Fields!Units.Value Mod 2") HEADER("Odd", "=Fields!Units.Value Mod 2") "</TablixMember>"
            "<TablixMember>" HEADER("OT", "Total") "</TablixMember>",
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") HEADER("Region", "=Fields!Region.Value") "</TablixMember>"
            "<TablixMember>" HEADER("RT", "Total") "</TablixMember>", ""), "");

    assert_text(csv(job, report, ""),
        "Region,Odd,Units,RowTotal,ColumnTotal,GrandTotal\r\n"
        "South,1,9,9,,36\r\nSouth,0,,9,,36\r\n"
        "North,1,7,13,,36\r\nNorth,0,6,13,,36\r\n"
        "West,1,,14,,36\r\nWest,0,14,14,,36\r\n"
        ",1,,,16,36\r\n,0,,,20,36\r\n");
}

UNIT_TEST(csv_writes_nested_regions_diagonally)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
#define INNER(name, box, expression) TABLIX(name, COLUMNS1, ROW(CELL(box, expression)), STATIC, DETAILS_CALLED("In" name), "")
    static const char report[] = REPORT(SALES,
        TABLIX("L", COLUMNS1, ROW(CELL_OF("<Rectangle Name='Rect'><ReportItems>"
            TEXTBOX("Name", "=Fields!Region.Value") INNER("A", "City", "=Fields!City.Value") INNER("B", "Units", "=Fields!Units.Value") "</ReportItems></Rectangle>")),
            STATIC, "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") "</TablixMember>",
            FILTER("=Fields!Region.Value", "Equal", VALUE("West"))), "");

    assert_text(csv(job, report, ""), "Name,City,Units\r\nWest,Hull,\r\nWest,Hull,\r\nWest,,6\r\nWest,,8\r\n");
}

UNIT_TEST(csv_obeys_device_information)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(
        DATA_SET("D", "@A,@B(Decimal)", "<R A='x;y' B='1234.50'/><R A='two&#10;lines' B='2'/>", PLAIN("A") PLAIN("B"), ""),
        TABLIX("T", COLUMNS2, ROW(CELL("A", "=Fields!A.Value")
            "<TablixCell><CellContents><Textbox Name='B'><Paragraphs><Paragraph><TextRuns><TextRun><Value>=Fields!B.Value</Value><Style><Format>C2</Format></Style></TextRun></TextRuns></Paragraph></Paragraphs>"
            "<DataElementName>Price</DataElementName></Textbox></CellContents></TablixCell>"), STATICS2, DETAILS, ""), "");

    assert_text(csv(job, report, ""), "A,Price\r\nx;y,\"$1,234.50\"\r\n\"two\nlines\",$2.00\r\n");
    assert_text(csv(job, report, "FieldDelimiter=;&NoHeader=true&UseFormattedValues=false&RecordDelimiter=\n&SuppressLineBreaks=TRUE&Qualifier='&Unknown=1"),
                "'x;y';1234.50\ntwolines;2\n");
}

UNIT_TEST(csv_writes_other_encodings)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(DATA_SET("D", "@A", "<R A='\xC3\xA9'/>", PLAIN("A"), ""),
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=Fields!A.Value")), STATIC, DETAILS, ""), "");
    rs_text out;

    assert_ok(job, rendering(job, "csv", report, "Encoding=Unicode&NoHeader=true", &out));
    assert_true(rs_text_equal(out, rs_text_of("\xFF\xFE\xE9\x00\r\x00\n\x00", 8)));
    assert_ok(job, rendering(job, "csv", report, "Encoding=iso-8859-1&NoHeader=true", &out));
    assert_text(out, "\xE9\r\n");
    assert_status(rendering(job, "csv", report, "Encoding=nonsense", &out), RENDER_DEVICE_INFO);
}

UNIT_TEST(csv_refuses_settings_that_make_no_sense)
{
    static const char *const wrong[] = {"NoHeader=maybe", "FieldDelimiter=", "Qualifier=,", "FieldDelimiter=12345678901234567"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_text out;
        assert_status(rendering(job, "csv", REPORT(SALES, TABLE, ""), wrong[i], &out), RENDER_DEVICE_INFO);
    }
}

UNIT_TEST(csv_leaves_out_what_the_report_hides_for_good_or_marks)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS3,
            ROW("<TablixCell><CellContents><Textbox Name='No'><Paragraphs><Paragraph><TextRuns><TextRun><Value>=1</Value></TextRun></TextRuns></Paragraph></Paragraphs>"
                "<DataElementOutput>NoOutput</DataElementOutput></Textbox></CellContents></TablixCell>"
                "<TablixCell><CellContents><Textbox Name='Sometimes'><Paragraphs><Paragraph><TextRuns><TextRun><Value>=Fields!Units.Value</Value></TextRun></TextRuns></Paragraph></Paragraphs>"
                "<Visibility><Hidden>=Fields!Units.Value &gt; 1</Hidden></Visibility></Textbox></CellContents></TablixCell>"
                "<TablixCell><CellContents><Textbox Name='Constant'><Paragraphs><Paragraph><TextRuns><TextRun><Value>k</Value></TextRun></TextRuns></Paragraph></Paragraphs>"
                "<DataElementOutput>Output</DataElementOutput></Textbox></CellContents></TablixCell>"),
            STATICS3, DETAILS, FILTER("=Fields!Units.Value", "LessThan", INTEGER("3"))), "");

    assert_text(csv(job, report, ""), "Sometimes,Constant\r\n1,k\r\n,k\r\n");
}

UNIT_TEST(csv_survives_a_stop_at_every_checkpoint)
{
    static const char report[] = REPORT(SALES, TABLE, "");
    uint64_t total;
    rs_text out;
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_ok(job, rendering(job, "csv", report, "", &out));
        total = rs_job_checkpoints(job);
    }
    for (uint64_t stop = 1; stop <= total; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_job_stop_at(job, stop);
        assert_status(rendering(job, "csv", report, "", &out), RS_CANCELLED);
    }
}
