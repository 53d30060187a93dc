/* Definitions that are refused, and what the message says; what is only noted. */
#include "../../unit.h"

#include "report/rdl/model.h"
#include "report/rdl/read.h"

#define NS2005 "xmlns=\"http://schemas.microsoft.com/sqlserver/reporting/2005/01/reportdefinition\""
#define NS2010 "xmlns=\"http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition\""
#define BODY2005(items) "<Report " NS2005 "><Width>6in</Width><Body><Height>1in</Height><ReportItems>" items "</ReportItems></Body></Report>"
#define BODY2010(items)                                                                        \
    "<Report " NS2010 "><ReportSections><ReportSection><Body><Height>1in</Height><ReportItems>" items                 \
    "</ReportItems></Body><Width>6in</Width><Page/></ReportSection></ReportSections></Report>"
#define CELL "<TablixCell><CellContents/></TablixCell>"
#define TABLIX(columns, rows, column_members, row_members)                                     \
    "<Tablix Name=\"T\"><TablixBody><TablixColumns>" columns "</TablixColumns><TablixRows>" rows "</TablixRows></TablixBody>"  \
    "<TablixColumnHierarchy><TablixMembers>" column_members "</TablixMembers></TablixColumnHierarchy>"                \
    "<TablixRowHierarchy><TablixMembers>" row_members "</TablixMembers></TablixRowHierarchy></Tablix>"
#define COLUMN "<TablixColumn><Width>1in</Width></TablixColumn>"
#define ROW(cells) "<TablixRow><Height>1in</Height><TablixCells>" cells "</TablixCells></TablixRow>"
#define MEMBER "<TablixMember/>"

static void refused(rs_text bytes, rs_status expected, const char *part)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = (size_t)512 << 20});
    struct rdl_report *report = NULL;

    assert_status(rdl_read(job, bytes, &report), expected);
    if (rs_text_find(rs_job_error(job), rs_text_from(part)) < 0)
        fail_msg("\"%.*s\" does not say \"%s\"", RS_TEXT_ARG(rs_job_error(job)), part);
    assert_null(report);
}

static void noted(const char *bytes, enum rdl_note_kind kind, const char *code, const char *part)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rdl_report *report;

    assert_ok(job, rdl_read(job, rs_text_from(bytes), &report));
    for (size_t i = 0; i < report->notes.count; i++) {
        const struct rdl_note *note = &report->notes.items[i];
        if (note->kind == kind && rs_text_equal(note->code, rs_text_from(code)) &&
            rs_text_find(note->message, rs_text_from(part)) >= 0 && note->line > 0)
            return;
    }
    fail_msg("no note says \"%s\" (%zu notes)", part, report->notes.count);
}

#define REFUSED(literal, part) refused(RS_TEXT(literal), RDL_INVALID, part)

UNIT_TEST(rdl_refuses_what_is_no_report)
{
    refused(RS_TEXT(""), XML_MALFORMED, "empty");
    refused(RS_TEXT("<Report"), XML_MALFORMED, "line 1");
    REFUSED("<SharedDataSet/>", "the root element is <SharedDataSet>");
    REFUSED("<Report xmlns=\"urn:x\"/>", "the namespace \"urn:x\"");
    REFUSED("<Report " NS2010 "/>", "neither <ReportSections> nor <Body>");
    REFUSED("<Report " NS2010 "><ReportSections/></Report>", "no <ReportSection>");
    REFUSED("<Report " NS2010 " MustUnderstand=\"q\" xmlns:q=\"urn:q\"/>", "\"urn:q\", which is not supported");
    REFUSED("<Report " NS2010 " MustUnderstand=\"q\"/>", "the prefix \"q\"");
}

UNIT_TEST(rdl_refuses_entity_bombs)
{
    refused(RS_TEXT("<!DOCTYPE Report [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><Report " NS2010 ">&b;</Report>"),
            XML_FORBIDDEN, "<!DOCTYPE");
}

UNIT_TEST(rdl_names_line_item_and_property)
{
    REFUSED("<Report " NS2005 "><Body><ReportItems>\n<Rectangle Name=\"R\"><ReportItems><Textbox Name=\"T\">\n"
            "<Width>wide</Width></Textbox></ReportItems></Rectangle></ReportItems></Body></Report>",
            "rectangle \"R\", textbox \"T\": line 3: <Width> is \"wide\"; a size is");
    REFUSED(BODY2005("<Textbox/>"), "<Textbox> has no Name");
    REFUSED(BODY2005("<Textbox Name=\"T\"><CanGrow>perhaps</CanGrow></Textbox>"), "<CanGrow> is \"perhaps\"; it must be one of true, false");
    REFUSED(BODY2005("<Textbox Name=\"T\"><ZIndex>1.5</ZIndex></Textbox>"), "whole number");
    REFUSED(BODY2005("<Textbox Name=\"T\"><ZIndex>99999999999999999999</ZIndex></Textbox>"), "whole number");
    REFUSED(BODY2005("<Subreport Name=\"S\"/>"), "has no <ReportName>");
    REFUSED(BODY2005("<Image Name=\"I\"/>"), "has no <Source>");
}

UNIT_TEST(rdl_refuses_a_tablix_whose_parts_do_not_fit)
{
    REFUSED(BODY2010("<Tablix Name=\"T\"/>"), "no <TablixBody>");
    REFUSED(BODY2010(TABLIX("", "", "", "")), "has no columns");
    REFUSED(BODY2010(TABLIX(COLUMN COLUMN, ROW(CELL), MEMBER MEMBER, MEMBER)), "the row has 1 cells, but the tablix has 2 columns");
    REFUSED(BODY2010(TABLIX(COLUMN, ROW(CELL), MEMBER MEMBER, MEMBER)), "has 2 innermost members, but the body has 1 columns");
    REFUSED(BODY2010(TABLIX(COLUMN, ROW(CELL), MEMBER, MEMBER MEMBER)), "has 2 innermost members, but the body has 1 rows");
    REFUSED(BODY2010(TABLIX(COLUMN, ROW(CELL), MEMBER,
                            "<TablixMember><Group Name=\"D\"/><TablixMembers><TablixMember><Group Name=\"E\"><GroupExpressions>"
                            "<GroupExpression>=1</GroupExpression></GroupExpressions></Group></TablixMember></TablixMembers></TablixMember>")),
            "group \"E\" stands below a details group");
    REFUSED(BODY2010(TABLIX(COLUMN, ROW("<TablixCell><CellContents><Line Name=\"A\"/><Line Name=\"B\"/></CellContents></TablixCell>"),
                            MEMBER, MEMBER)), "two report items");
}

UNIT_TEST(rdl_refuses_old_regions_whose_parts_do_not_fit)
{
    REFUSED(BODY2005("<Table Name=\"T\"><TableColumns><TableColumn><Width>1in</Width></TableColumn></TableColumns><Header><TableRows>"
                     "<TableRow><TableCells><TableCell/><TableCell/></TableCells></TableRow></TableRows></Header></Table>"),
            "reach over 2 columns, but the table has 1");
    REFUSED(BODY2005("<Table Name=\"T\"><TableColumns><TableColumn/></TableColumns><Header><TableRows><TableRow><TableCells>"
                     "<TableCell><ColSpan>2000000000</ColSpan></TableCell></TableCells></TableRow></TableRows></Header></Table>"),
            "the table has 1");
    REFUSED(BODY2005("<Table Name=\"T\"><TableColumns><TableColumn/></TableColumns></Table>"), "has no rows");
    REFUSED(BODY2005("<Matrix Name=\"M\"/>"), "no <ColumnGroupings>");
    REFUSED(BODY2005("<Matrix Name=\"M\"><ColumnGroupings><ColumnGrouping/></ColumnGroupings></Matrix>"), "neither <DynamicColumns> nor <StaticColumns>");
}

UNIT_TEST(rdl_refuses_filters_without_parts)
{
    REFUSED("<Report " NS2005 "><DataSets><DataSet Name=\"D\"><Filters><Filter/></Filters></DataSet></DataSets></Report>",
            "data set \"D\": line 1: <Filter> has no <FilterExpression>");
    REFUSED("<Report " NS2005 "><DataSets><DataSet Name=\"D\"><Filters><Filter><FilterExpression>1</FilterExpression><Operator>Between</Operator>"
            "<FilterValues><FilterValue>1</FilterValue></FilterValues></Filter></Filters></DataSet></DataSets></Report>", "needs 2");
    REFUSED("<Report " NS2005 "><DataSets><DataSet Name=\"D\"><Fields><Field Name=\"A\"/><Field Name=\"A\"/></Fields></DataSet></DataSets></Report>",
            "\"A\" stands in its data set twice");
}

UNIT_TEST(rdl_notes_names_that_are_taken_or_unknown)
{
    noted(BODY2005("<Line Name=\"A\"/><Line Name=\"A\"/>"), RDL_NOTE_INVALID, "rsDuplicateReportItemName", "the name \"A\"");
    noted(BODY2005("<Line Name=\"A\"><Visibility><ToggleItem>B</ToggleItem></Visibility></Line>"), RDL_NOTE_INVALID,
          "rsInvalidToggleItem", "\"B\" is no text box");
    noted(BODY2005("<Textbox Name=\"A\"><Visibility><ToggleItem>A</ToggleItem></Visibility></Textbox>"), RDL_NOTE_INVALID,
          "rsInvalidToggleItem", "toggle itself");
    noted(BODY2005("<Textbox Name=\"A\"><HideDuplicates>X</HideDuplicates></Textbox>"), RDL_NOTE_INVALID,
          "rsInvalidHideDuplicateScope", "\"X\" is no data set");
    noted(BODY2010(TABLIX(COLUMN, ROW(CELL), MEMBER, "<TablixMember><Group Name=\"T\"/></TablixMember>")), RDL_NOTE_INVALID,
          "rsDuplicateScopeName", "the name \"T\"");
    noted(BODY2010(TABLIX(COLUMN, ROW(CELL), MEMBER, "<TablixMember><Group Name=\"G\"><Parent>=1</Parent><DomainScope>Z</DomainScope></Group></TablixMember>")),
          RDL_NOTE_INVALID, "rsInvalidGroupingDomainScope", "\"Z\"");
    noted(BODY2010(TABLIX(COLUMN, ROW(CELL), MEMBER, "<TablixMember><Group Name=\"G\"><DomainScope>T</DomainScope></Group></TablixMember>")),
          RDL_NOTE_INVALID, "rsInvalidGroupingDomainScope", "details group \"G\"");
    noted(BODY2010(TABLIX(COLUMN, ROW(CELL), MEMBER, "<TablixMember><Group Name=\"G\"><Parent>=1</Parent></Group></TablixMember>")),
          RDL_NOTE_INVALID, "rsInvalidGroupingParent", "needs one");
    noted("<Report " NS2005 "><DataSets><DataSet Name=\"D\"><Query><DataSourceName>S</DataSourceName></Query></DataSet><DataSet Name=\"D\"/></DataSets><Body/>"
          "<ReportParameters><ReportParameter Name=\"P\"><ValidValues><DataSetReference><DataSetName>X</DataSetName></DataSetReference></ValidValues></ReportParameter>"
          "<ReportParameter Name=\"p\"/></ReportParameters></Report>",
          RDL_NOTE_INVALID, "rsDataSourceReferenceNotPublished", "\"S\"");
    noted("<Report " NS2005 "><PageHeader><ReportItems><List Name=\"L\"/></ReportItems></PageHeader><Body/></Report>", RDL_NOTE_INVALID,
          "rsDataRegionInPageSection", "page header");
}

UNIT_TEST(rdl_notes_unknown_elements_and_repairs)
{
    noted(BODY2005("<Textbox Name=\"A\"><Shape/></Textbox>"), RDL_NOTE_UNKNOWN, "", "<Textbox> has no element <Shape>");
    noted(BODY2005("<Blob Name=\"A\"/>"), RDL_NOTE_UNKNOWN, "", "<Blob> is no report item");
    noted(BODY2005("<Textbox Name=\"A\"><Width>7</Width></Textbox>"), RDL_NOTE_REPAIRED, "", "\"7\" has no unit");
    noted(BODY2005("<Textbox Name=\"A\"><Top>-7pt</Top></Textbox>"), RDL_NOTE_REPAIRED, "", "below zero");
    noted(BODY2005("<GaugePanel Name=\"A\"><Anything/></GaugePanel>"), RDL_NOTE_UNSUPPORTED, "", "<GaugePanel> is not supported yet");
    noted(BODY2005("<Line Name=\"A\"/>") " tail", RDL_NOTE_REPAIRED, "", "behind the end");
}

/* What is read twice would leave things behind that nobody owns. */
UNIT_TEST(rdl_reads_an_element_that_stands_twice_once)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rdl_report *report;
    static const char twice[] = "<Report " NS2005 "><DataSets><DataSet Name=\"A\"/></DataSets><DataSets><DataSet Name=\"B\"/><DataSet Name=\"C\"/></DataSets>"
                                "<Body><ReportItems><Line Name=\"L\"/></ReportItems><ReportItems><Line Name=\"M\"/></ReportItems></Body></Report>";

    noted(twice, RDL_NOTE_REPAIRED, "", "<Report> has a second <DataSets>");
    noted(twice, RDL_NOTE_REPAIRED, "", "<Body> has a second <ReportItems>");
    assert_ok(job, rdl_read(job, rs_text_from(twice), &report));
    assert_int_equal(report->data_sets.count, 1);
    assert_int_equal(report->item_count, 1);
}

UNIT_TEST(rdl_cuts_spans_that_reach_outside)
{
    noted(BODY2010(TABLIX(COLUMN, ROW("<TablixCell><CellContents><ColSpan>2147483647</ColSpan><RowSpan>7</RowSpan></CellContents></TablixCell>"), MEMBER, MEMBER)),
          RDL_NOTE_REPAIRED, "", "reaches outside");
}

/* ---- limits --------------------------------------------------------------------------------- */

static void repeat(rs_buf *buf, const char *part, size_t times)
{
    for (size_t i = 0; i < times; i++)
        rs_buf_add(buf, rs_text_from(part));
}

UNIT_TEST(rdl_refuses_sizes_above_160_inches)
{
    refused(RS_TEXT(BODY2005("<Textbox Name=\"T\"><Width>160.1in</Width></Textbox>")), RDL_OVER_LIMIT, "160in");
    refused(RS_TEXT(BODY2005("<Line Name=\"T\"><Width>-1e9in</Width></Line>")), RDL_INVALID, "a size is");
    refused(RS_TEXT(BODY2005("<Line Name=\"T\"><Width>-99999999999in</Width></Line>")), RDL_OVER_LIMIT, "160in");
}

UNIT_TEST(rdl_refuses_a_million_columns)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf buf = rs_buf_in(job);

    rs_buf_add_literal(&buf, "<Report " NS2005 "><Body><ReportItems><Table Name=\"T\"><TableColumns>");
    repeat(&buf, "<TableColumn/>", 1000000);
    rs_buf_add_literal(&buf, "</TableColumns><Header><TableRows><TableRow/></TableRows></Header></Table></ReportItems></Body></Report>");
    refused(rs_buf_text(&buf), RDL_OVER_LIMIT, "1000000 columns; at most 2000");
}

UNIT_TEST(rdl_refuses_more_parameters_and_header_levels_than_anyone_needs)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf buf = rs_buf_in(job);

    rs_buf_add_literal(&buf, "<Report " NS2005 "><Body/><ReportParameters>");
    repeat(&buf, "<ReportParameter/>", 2001);
    rs_buf_add_literal(&buf, "</ReportParameters></Report>");
    refused(rs_buf_text(&buf), RDL_OVER_LIMIT, "<ReportParameters> has 2001 elements");
    rs_buf_clear(&buf);
    rs_buf_add_literal(&buf, "<Report " NS2010 "><Body><ReportItems><Tablix Name=\"T\"><TablixBody><TablixColumns>");
    repeat(&buf, COLUMN, 300);
    rs_buf_add_literal(&buf, "</TablixColumns><TablixRows><TablixRow><TablixCells>");
    repeat(&buf, CELL, 300);
    rs_buf_add_literal(&buf, "</TablixCells></TablixRow></TablixRows></TablixBody><TablixColumnHierarchy><TablixMembers>");
    for (int i = 0; i < 300; i++)
        rs_buf_printf(&buf, "<TablixMember><TablixHeader><Size>%dpt</Size></TablixHeader></TablixMember>", i + 1);
    rs_buf_add_literal(&buf, "</TablixMembers></TablixColumnHierarchy><TablixRowHierarchy><TablixMembers>" MEMBER
                             "</TablixMembers></TablixRowHierarchy></Tablix></ReportItems></Body></Report>");
    refused(rs_buf_text(&buf), RDL_OVER_LIMIT, "levels of headers");
}

UNIT_TEST(rdl_refuses_deep_nesting)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf buf = rs_buf_in(job);

    rs_buf_add_literal(&buf, "<Report " NS2005 "><Body><ReportItems>");
    repeat(&buf, "<Rectangle Name=\"R\"><ReportItems>", 50000);
    refused(rs_buf_text(&buf), XML_OVER_LIMIT, "elements inside each other");
}

UNIT_TEST(rdl_refuses_deep_members)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf buf = rs_buf_in(job);

    rs_buf_add_literal(&buf, "<Report " NS2010 "><Body><ReportItems><Tablix Name=\"T\"><TablixBody><TablixColumns>" COLUMN
                             "</TablixColumns><TablixRows>" ROW(CELL) "</TablixRows></TablixBody><TablixColumnHierarchy><TablixMembers>");
    repeat(&buf, "<TablixMember><TablixMembers>", 70);
    rs_buf_add_literal(&buf, MEMBER);
    repeat(&buf, "</TablixMembers></TablixMember>", 70);
    rs_buf_add_literal(&buf, "</TablixMembers></TablixColumnHierarchy></Tablix></ReportItems></Body></Report>");
    refused(rs_buf_text(&buf), RDL_OVER_LIMIT, "members inside each other");
}

/* Forty subtotals of forty static rows each would be copied without end; the number of cells is limited. */
UNIT_TEST(rdl_refuses_subtotals_that_multiply_cells)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf buf = rs_buf_in(job);
    static const char grouping[] =
        "<%sGrouping><Dynamic%ss><Grouping/><Subtotal/></Dynamic%ss></%sGrouping>";

    rs_buf_add_literal(&buf, "<Report " NS2005 "><Body><ReportItems><Matrix Name=\"M\">");
    for (int axis = 0; axis < 2; axis++) {
        const char *name = axis ? "Row" : "Column";
        rs_buf_printf(&buf, "<%sGroupings>", name);
        for (int i = 0; i < 50; i++)
            rs_buf_printf(&buf, grouping, name, name, name, name);
        rs_buf_printf(&buf, "<%sGrouping><Static%ss>", name, name);
        for (int i = 0; i < 90; i++)
            rs_buf_printf(&buf, "<Static%s/>", name);
        rs_buf_printf(&buf, "</Static%ss></%sGrouping></%sGroupings>", name, name, name);
    }
    rs_buf_add_literal(&buf, "<MatrixColumns>");
    repeat(&buf, "<MatrixColumn/>", 90);
    rs_buf_add_literal(&buf, "</MatrixColumns><MatrixRows>");
    for (int i = 0; i < 90; i++) {
        rs_buf_add_literal(&buf, "<MatrixRow><MatrixCells>");
        repeat(&buf, "<MatrixCell/>", 90);
        rs_buf_add_literal(&buf, "</MatrixCells></MatrixRow>");
    }
    rs_buf_add_literal(&buf, "</MatrixRows></Matrix></ReportItems></Body></Report>");
    refused(rs_buf_text(&buf), RDL_OVER_LIMIT, "columns; at most");
}

static rs_status read_small(struct rs_job *job)
{
    struct rdl_report *report;

    return rdl_read(job, RS_TEXT(BODY2010(TABLIX(COLUMN, ROW("<TablixCell><CellContents><Line Name=\"A\"/></CellContents></TablixCell>"), MEMBER, MEMBER))), &report);
}

UNIT_TEST(rdl_read_stops_at_every_checkpoint)
{
    uint64_t stops;
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_ok(job, read_small(job));
        stops = rs_job_checkpoints(job);
    }
    assert_true(stops > 10);
    for (uint64_t i = 1; i <= stops; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_job_stop_at(job, i);
        assert_status(read_small(job), RS_CANCELLED);
    }
}
