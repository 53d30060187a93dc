/* What the XML renderer writes: golden texts. */
#include "unit.h"

#include "../compute/pieces.h"
#include "rendering.h"

static rs_text xml(struct rs_job *job, const char *definition, const char *settings)
{
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
    rs_text out;

    assert_ok(job, rendering(job, "XML", definition, settings, &out));
    assert_true(rs_text_starts(out, rs_text_from(declaration)));
    return rs_text_from_offset(out, sizeof declaration - 1);
}

#define BARE "OmitNamespace=true"

UNIT_TEST(xml_nests_groups_in_collections)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS2,
            ROW(CELL("H1", "City") CELL("H2", "Amount"))
            ROW(CELL("G", "=Fields!Region.Value") CELL("GS", "=Sum(Fields!Units.Value)"))
            ROW(CELL("City", "=Fields!City.Value") CELL("Amount", "=Fields!Amount.Value"))
            ROW(CELL("F1", "Total") CELL("Total", "=Sum(Fields!Amount.Value)")),
            STATICS2, STATIC "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") MEMBERS(STATIC DETAILS) "</TablixMember>" STATIC,
            FILTER("=Fields!Units.Value", "LessThan", INTEGER("5"))), "");

    assert_text(xml(job, report, BARE),
        "<Report Name=\"Test Report\"><T Total=\"36.35\"><ByRegion_Collection>"
        "<ByRegion G=\"South\" GS=\"4\"><Details_Collection>"
        "<Details City=\"Cork\" Amount=\"10.10\"/><Details City=\"Faro\" Amount=\"5.05\"/></Details_Collection></ByRegion>"
        "<ByRegion G=\"North\" GS=\"6\"><Details_Collection>"
        "<Details City=\"Bergen\" Amount=\"20.20\"/><Details City=\"Oslo\" Amount=\"1.00\"/></Details_Collection></ByRegion>"
        "</ByRegion_Collection></T></Report>");
    assert_true(rs_text_starts(xml(job, report, ""), RS_TEXT("<Report xmlns=\"Test_x0020_Report\" Name=\"Test Report\"><T ")));
}

UNIT_TEST(xml_puts_columns_of_a_matrix_inside_its_rows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("M", COLUMNS2, ROW(CELL("Units", "=Sum(Fields!Units.Value)") CELL("RowTotal", "=Sum(Fields!Units.Value)")),
            "<TablixMember>" BY("ByOdd", "=Fields!Units.Value Mod 2") HEADER("Odd", "=Fields!Units.Value Mod 2") "</TablixMember>"
            "<TablixMember>" HEADER("OT", "Total") "</TablixMember>",
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") HEADER("Region", "=Fields!Region.Value") "</TablixMember>",
            FILTER("=Fields!Region.Value", "Equal", VALUE("South"))), "");

    assert_text(xml(job, report, BARE),
        "<Report Name=\"Test Report\"><M><ByRegion_Collection><ByRegion Region=\"South\"><ByOdd_Collection>"
        "<ByOdd Odd=\"1\" Units=\"9\"/></ByOdd_Collection><OT RowTotal=\"9\"/></ByRegion></ByRegion_Collection></M></Report>");
}

#define BOX(name, value, rest)                                                                                            \
    "<Textbox Name='" name "'><Paragraphs><Paragraph><TextRuns><TextRun><Value>" value "</Value></TextRun></TextRuns>"   \
    "</Paragraph></Paragraphs>" rest "</Textbox>"

UNIT_TEST(xml_obeys_names_styles_and_output)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT("",
        BOX("A", "=1 &amp; &quot;&lt;&quot;", "<DataElementName>first one</DataElementName>")
        BOX("B", "=True", "<DataElementStyle>Element</DataElementStyle>")
        BOX("C", "label", "") BOX("D", "kept label", "<DataElementOutput>Output</DataElementOutput>")
        BOX("E", "=2", "<DataElementOutput>NoOutput</DataElementOutput>") BOX("F", "=Nothing", "")
        "<Rectangle Name='Plain'><ReportItems>" BOX("G", "=#2025-03-04 05:06#", "") "</ReportItems></Rectangle>"
        "<Rectangle Name='Own'><DataElementOutput>Output</DataElementOutput><ReportItems>" BOX("H", "=CDec(2.50)", "") "</ReportItems></Rectangle>", "");

    assert_text(xml(job, report, BARE),
        "<Report Name=\"Test Report\" first_x0020_one=\"1&lt;\" D=\"kept label\" G=\"2025-03-04T05:06:00\"><B>true</B><Own H=\"2.5\"/></Report>");
    assert_text(xml(job, report, BARE "&Indented=true"),
        "\n<Report Name=\"Test Report\" first_x0020_one=\"1&lt;\" D=\"kept label\" G=\"2025-03-04T05:06:00\">\n"
        "  <B>true</B>\n  <Own H=\"2.5\"/>\n</Report>");
}

UNIT_TEST(xml_writes_the_schema_with_the_types_it_saw)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS2, ROW(CELL("City", "=Fields!City.Value") CELL("Amount", "=Fields!Amount.Value")), STATICS2, DETAILS, ""), "");

    assert_text(xml(job, report, "Schema=true"),
        "<xsd:schema xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"Test_x0020_Report\" elementFormDefault=\"qualified\">"
        "<xsd:element name=\"Report\"><xsd:complexType><xsd:sequence>"
        "<xsd:element name=\"T\" minOccurs=\"0\"><xsd:complexType><xsd:sequence>"
        "<xsd:element name=\"Details_Collection\" minOccurs=\"0\"><xsd:complexType><xsd:sequence>"
        "<xsd:element name=\"Details\" minOccurs=\"0\" maxOccurs=\"unbounded\"><xsd:complexType><xsd:sequence/>"
        "<xsd:attribute name=\"City\" type=\"xsd:string\"/><xsd:attribute name=\"Amount\" type=\"xsd:decimal\"/>"
        "</xsd:complexType></xsd:element></xsd:sequence></xsd:complexType></xsd:element>"
        "</xsd:sequence></xsd:complexType></xsd:element></xsd:sequence>"
        "<xsd:attribute name=\"Name\" type=\"xsd:string\"/></xsd:complexType></xsd:element></xsd:schema>");
}

UNIT_TEST(xml_refuses_two_things_of_one_name)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT("",
        BOX("A", "=1", "<DataElementName>Same</DataElementName>") BOX("B", "=2", "<DataElementName>Same</DataElementName>"), "");
    rs_text out;

    assert_int_equal(rendering(job, "XML", report, "", &out), RENDER_FAILED);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("\"Same\"")) >= 0);
}
