#include "unit.h"

#include "base/buf.h"
#include "report/publish/publish.h"
#include "report/render/html.h"
#include "report/render/run.h"
#include "report/text/font.h"

static rs_status keep(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    rs_buf_add(data, bytes);
    return RS_OK;
}

struct pages {
    int64_t number, total;
};

static struct pages told;

static void tell(void *data, int64_t number, int64_t total)
{
    (void)data;
    told = (struct pages){number, total};
}

#define RDL(page, body)                                                                        \
    "<Report xmlns=\"http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition\">" \
    "<DataSources><DataSource Name=\"S\"><ConnectionProperties><DataProvider>SQL</DataProvider>" \
    "<ConnectString>x</ConnectString></ConnectionProperties></DataSource></DataSources>"         \
    "<DataSets><DataSet Name=\"D\"><Query><DataSourceName>S</DataSourceName><CommandText>q</CommandText></Query>" \
    "<Fields><Field Name=\"A\"><DataField>A</DataField></Field></Fields></DataSet></DataSets>"  \
    "<ReportSections><ReportSection><Body><ReportItems>" body "</ReportItems><Height>5in</Height></Body>" \
    "<Width>6in</Width><Page>" page "</Page></ReportSection></ReportSections></Report>"

#define TEXTBOX(name, place, value, more)                                                      \
    "<Textbox Name=\"" name "\"><Paragraphs><Paragraph><TextRuns><TextRun><Value>" value "</Value></TextRun></TextRuns>" \
    "</Paragraph></Paragraphs>" place more "</Textbox>"

#define TABLE(members)                                                                         \
    "<Tablix Name=\"T\"><TablixBody><TablixColumns><TablixColumn><Width>2in</Width></TablixColumn></TablixColumns>" \
    "<TablixRows><TablixRow><Height>1in</Height><TablixCells><TablixCell><CellContents>"        \
    TEXTBOX("H", "", "=\"head\"", "") "</CellContents></TablixCell></TablixCells></TablixRow>"  \
    "<TablixRow><Height>1in</Height><TablixCells><TablixCell><CellContents>"                    \
    TEXTBOX("C", "", "=\"row \" &amp; RowNumber(Nothing)", "") "</CellContents></TablixCell></TablixCells></TablixRow>" \
    "</TablixRows></TablixBody><TablixColumnHierarchy><TablixMembers><TablixMember/></TablixMembers>" \
    "</TablixColumnHierarchy><TablixRowHierarchy><TablixMembers>" members "</TablixMembers></TablixRowHierarchy>" \
    "<DataSetName>D</DataSetName><Top>0in</Top><Left>0in</Left><Height>2in</Height><Width>2in</Width></Tablix>"

static rs_text render(struct rs_job *job, const char *definition, const char *section)
{
    RS_OWNED(publish_report) report = NULL;
    rs_buf out = rs_buf_in(job);
    struct render_setting setting = {RS_TEXT("Section"), rs_text_from(section)};
    struct render_request request = {.format = RS_TEXT("HTML5"), .options.sample_data = true, .info = {&setting, 1}};

    request.options.globals.report_server_url = RS_TEXT("https://h/ReportServer");
    request.options.globals.report_folder = RS_TEXT("/F");
    assert_ok(job, publish_open(job, rs_text_from(definition), NULL, &report));
    assert_ok(job, render_report(job, report, &request, &(struct render_sink){&out, keep, NULL, tell}, NULL));
    return rs_buf_text(&out);
}

static size_t count(rs_text text, const char *what)
{
    size_t found = 0;
    ptrdiff_t at;

    while ((at = rs_text_find(text, rs_text_from(what))) >= 0) {
        found++;
        text = rs_text_from_offset(text, (size_t)at + 1);
    }
    return found;
}

UNIT_TEST(html_escapes_what_a_report_says)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, RDL("", TEXTBOX("A", "<Top>0in</Top><Height>1in</Height><Width>1in</Width>",
                                               "&lt;script&gt;alert(\"x\")&lt;/script&gt;", "")), "0");

    assert_int_equal(count(html, "<script"), 0);
    assert_int_equal(count(html, "&lt;script&gt;"), 1);
}

UNIT_TEST(html_styles_are_values_or_nothing)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, RDL("", TEXTBOX("A", "<Height>1in</Height><Width>1in</Width>", "a",
                                               "<Style><BackgroundColor>=\"red;position:fixed\"</BackgroundColor>"
                                               "<Border><Style>Solid</Style><Width>2pt</Width><Color>Blue</Color></Border></Style>")
                                       TEXTBOX("B", "<Top>2in</Top><Height>1in</Height><Width>1in</Width>", "b",
                                               "<Style><BackgroundColor>=\"Lime\"</BackgroundColor></Style>")), "0");

    assert_int_equal(count(html, "position:fixed"), 0);
    assert_int_equal(count(html, "border-left:2pt solid #0000ff"), 1);
    assert_int_equal(count(html, "background-color:#00ff00;\""), 1);
}

/* All around a chart stands where it would with the chart. */
UNIT_TEST(html_keeps_the_place_of_what_it_cannot_show)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, RDL("", "<Chart Name=\"C\"><Top>0in</Top><Left>0in</Left><Height>3in</Height><Width>2in</Width></Chart>"), "0");

    assert_int_equal(count(html, "<div class=\"note x\" style=\"height:216pt;\">Chart \"C\" is not shown"), 1);
}

UNIT_TEST(html_links_have_safe_schemes)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, RDL("",
        TEXTBOX("A", "<Height>1in</Height><Width>1in</Width>", "a",
                "<ActionInfo><Actions><Action><Hyperlink>javascript:alert(1)</Hyperlink></Action></Actions></ActionInfo>")
        TEXTBOX("B", "<Top>2in</Top><Height>1in</Height><Width>1in</Width>", "b",
                "<ActionInfo><Actions><Action><Drillthrough><ReportName>Other</ReportName><Parameters><Parameter Name=\"P\">"
                "<Value>=\"x &amp; y\"</Value></Parameter></Parameters></Drillthrough></Action></Actions></ActionInfo>")), "0");

    assert_int_equal(count(html, "javascript"), 0);
    assert_int_equal(count(html, "https://h/ReportServer?%2FF%2FOther&amp;rs:Command=Render&amp;P=x%20%26%20y"), 1);
}

UNIT_TEST(html_writes_markup_anew)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, RDL("",
        "<Textbox Name=\"A\"><Paragraphs><Paragraph><TextRuns><TextRun><Value>&lt;b onclick=\"x()\"&gt;bold&lt;/b&gt; and "
        "&lt;script&gt;alert(1)&lt;/script&gt;&lt;a href=\"javascript:x\"&gt;link&lt;/a&gt;</Value><MarkupType>HTML</MarkupType>"
        "</TextRun></TextRuns></Paragraph></Paragraphs><Height>1in</Height><Width>2in</Width></Textbox>"), "0");

    assert_int_equal(count(html, "font-weight:700;\">bold<"), 1);
    assert_int_equal(count(html, "onclick") + count(html, "<script") + count(html, "javascript"), 0);
}

#define HEAD_REPEATS "<TablixMember><KeepWithGroup>After</KeepWithGroup><RepeatOnNewPage>true</RepeatOnNewPage></TablixMember>"
#define DETAILS "<TablixMember><Group Name=\"G\"/></TablixMember>"

UNIT_TEST(html_pages_repeat_the_header_and_lose_no_row)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const char *definition = RDL("<InteractiveHeight>4in</InteractiveHeight>", TABLE(HEAD_REPEATS DETAILS));
    rs_text whole = render(job, definition, "0");
    size_t rows = count(whole, ">row ");
    int64_t total = told.total;
    size_t seen = 0;

    assert_true(rows > 3);
    assert_int_equal(total, (int64_t)(rows + 2) / 3); /* three rows of an inch below the header of an inch */
    assert_int_equal(count(whole, ">head<"), (size_t)total);
    for (int64_t page = 1; page <= total; page++) {
        rs_text html = render(job, definition, rs_text_format(job, "%lld", (long long)page).bytes);
        assert_int_equal(told.number, page);
        assert_int_equal(told.total, total);
        assert_int_equal(count(html, ">head<"), 1);
        seen += count(html, ">row ");
    }
    assert_int_equal(seen, rows);
}

UNIT_TEST(html_past_the_last_page_is_the_last_page)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_int_equal(count(render(job, RDL("", TABLE(HEAD_REPEATS DETAILS)), "99"), ">head<"), 1);
}

UNIT_TEST(html_toggles_are_check_boxes_with_rules)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, RDL("<InteractiveHeight>0in</InteractiveHeight>",
        TABLE("<TablixMember><Group Name=\"G\"><GroupExpressions><GroupExpression>=Fields!A.Value</GroupExpression>"
              "</GroupExpressions></Group><TablixMembers><TablixMember/><TablixMember><Group Name=\"X\"/><Visibility>"
              "<Hidden>true</Hidden><ToggleItem>H</ToggleItem></Visibility></TablixMember></TablixMembers></TablixMember>")), "0");
    size_t controls = count(html, "<input type=\"checkbox\"");

    assert_true(controls > 0);
    assert_int_equal(count(html, "{display:none}.rs:has("), controls);
    assert_true(count(html, "<tr class=\"h") >= controls);
}

/* The header cell of a group is written after it is known which of its rows are hidden, and spans those too. */
UNIT_TEST(html_toggles_stand_in_header_cells_that_span_hidden_rows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, RDL("<InteractiveHeight>0in</InteractiveHeight>",
        TABLE("<TablixMember><Group Name=\"G\"><GroupExpressions><GroupExpression>=Fields!A.Value</GroupExpression>"
              "</GroupExpressions></Group><TablixHeader><Size>1in</Size><CellContents>" TEXTBOX("Key", "", "=Fields!A.Value", "")
              "</CellContents></TablixHeader><TablixMembers><TablixMember/><TablixMember><Group Name=\"X\"/><Visibility>"
              "<Hidden>true</Hidden><ToggleItem>Key</ToggleItem></Visibility></TablixMember></TablixMembers></TablixMember>")), "0");
    size_t controls = count(html, "<input type=\"checkbox\"");

    assert_true(controls > 0);
    assert_int_equal(count(html, " rowspan=\""), controls);
    assert_int_equal(count(html, "{display:none}.rs:has("), controls);
    assert_int_equal(count(html, "{display:revert;visibility:collapse}"), controls);
}

/* A matrix drilled into: each outer group has a row of totals while it is closed, and its header stands in a row of its
 * own, which no toggle hides. */
UNIT_TEST(html_shows_closed_groups_with_their_totals)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, RDL("<InteractiveHeight>0in</InteractiveHeight>",
        "<Tablix Name=\"T\"><TablixBody><TablixColumns><TablixColumn><Width>2in</Width></TablixColumn></TablixColumns>"
        "<TablixRows><TablixRow><Height>1in</Height><TablixCells><TablixCell><CellContents>" TEXTBOX("C", "", "=\"rows \" &amp; CountRows()", "")
        "</CellContents></TablixCell></TablixCells></TablixRow></TablixRows></TablixBody><TablixColumnHierarchy><TablixMembers>"
        "<TablixMember/></TablixMembers></TablixColumnHierarchy><TablixRowHierarchy><TablixMembers><TablixMember>"
        "<Group Name=\"G\"><GroupExpressions><GroupExpression>=Left(Fields!A.Value, 1)</GroupExpression></GroupExpressions></Group>"
        "<TablixHeader><Size>1in</Size><CellContents>" TEXTBOX("Key", "", "=\"key\"", "") "</CellContents></TablixHeader><TablixMembers>"
        "<TablixMember><Group Name=\"X\"><GroupExpressions><GroupExpression>=Fields!A.Value</GroupExpression></GroupExpressions></Group>"
        "<TablixHeader><Size>1in</Size><CellContents>" TEXTBOX("Sub", "", "=\"sub\"", "") "</CellContents></TablixHeader>"
        "<Visibility><Hidden>true</Hidden><ToggleItem>Key</ToggleItem></Visibility></TablixMember></TablixMembers></TablixMember>"
        "</TablixMembers></TablixRowHierarchy><DataSetName>D</DataSetName></Tablix>"), "0");
    size_t controls = count(html, "<input type=\"checkbox\"");

    assert_true(controls > 0);
    assert_int_equal(count(html, "<tr class=\"a\"><td rowspan=\""), controls);
    assert_int_equal(count(html, "{white-space:pre}"), controls); /* a closed key reaches over the blank header beside it */
    assert_int_equal(count(html, "<tr class=\"v"), controls);
    assert_int_equal(count(html, ">sub<"), count(html, "<tr class=\"h"));
    assert_int_equal(count(html, ">rows "), count(html, ">sub<") + controls);
}

UNIT_TEST(html_backgrounds_are_pictures_and_gradients)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
#define BEHIND(name, style) TEXTBOX(name, "", "x", "<Height>1in</Height><Width>1in</Width><Style>" style "</Style>")
    rs_text html = render(job, "<Report xmlns=\"http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition\">"
        "<EmbeddedImages><EmbeddedImage Name=\"dot\"><MIMEType>image/gif</MIMEType><ImageData>R0lG\nAA==\"</ImageData></EmbeddedImage></EmbeddedImages>"
        "<ReportSections><ReportSection><Body><ReportItems>"
        BEHIND("A", "<BackgroundImage><Source>Embedded</Source><Value>dot</Value><BackgroundRepeat>RepeatX</BackgroundRepeat></BackgroundImage>")
        BEHIND("B", "<BackgroundImage><Source>External</Source><Value>=\"https://h/a.png?\" &amp; \"'x\"</Value></BackgroundImage>")
        BEHIND("C", "<BackgroundImage><Source>Embedded</Source><Value>none</Value></BackgroundImage>")
        BEHIND("D", "<BackgroundColor>Red</BackgroundColor><BackgroundGradientType>LeftRight</BackgroundGradientType>"
                    "<BackgroundGradientEndColor>Blue</BackgroundGradientEndColor>")
        "</ReportItems><Height>5in</Height></Body><Width>6in</Width><Page/></ReportSection></ReportSections></Report>", "0");

    assert_int_equal(count(html, "{background-image:url(data:image/gif;base64,R0lGAA==);background-repeat:repeat-x;}"), 1);
    assert_int_equal(count(html, "background-image:url(&quot;https://h/a.png?&#39;x&quot;);background-repeat:repeat;"), 1);
    assert_int_equal(count(html, "background-image:"), 3);
    assert_int_equal(count(html, "background-image:linear-gradient(to right,#ff0000,#0000ff);"), 1);
}

UNIT_TEST(html_keeps_a_fixed_head_in_sight)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
#define FIXED(fixed) "<TablixMember>" fixed "<KeepWithGroup>After</KeepWithGroup><RepeatOnNewPage>true</RepeatOnNewPage></TablixMember>" \
                     "<TablixMember><Group Name=\"G\"/></TablixMember>"

    assert_int_equal(count(render(job, RDL("<InteractiveHeight>0in</InteractiveHeight>", TABLE(FIXED("<FixedData>true</FixedData>"))), "0"), "<thead class=\"fx\">"), 1);
    assert_int_equal(count(render(job, RDL("<InteractiveHeight>0in</InteractiveHeight>", TABLE(FIXED(""))), "0"), "<thead class"), 0);
}

/* A matrix with a row header, two columns of a group and a static one behind them. */
#define MATRIX(more, fixed)                                                                          \
    RDL("<InteractiveHeight>0in</InteractiveHeight>",                                                \
        "<Tablix Name=\"T\">" more "<TablixCorner><TablixCornerRows><TablixCornerRow><TablixCornerCell><CellContents>" TEXTBOX("Corner", "", "corner", "") \
        "</CellContents></TablixCornerCell></TablixCornerRow></TablixCornerRows></TablixCorner>"    \
        "<TablixBody><TablixColumns><TablixColumn><Width>2in</Width></TablixColumn><TablixColumn><Width>1in</Width></TablixColumn></TablixColumns>" \
        "<TablixRows><TablixRow><Height>1in</Height><TablixCells><TablixCell><CellContents>" TEXTBOX("C", "", "cell", "") \
        "</CellContents></TablixCell><TablixCell><CellContents>" TEXTBOX("S", "", "sum", "") "</CellContents></TablixCell></TablixCells></TablixRow></TablixRows></TablixBody>" \
        "<TablixColumnHierarchy><TablixMembers><TablixMember>" fixed "<Group Name=\"X\"><GroupExpressions><GroupExpression>=Len(Fields!A.Value) Mod 2 = 7</GroupExpression>" \
        "</GroupExpressions></Group><TablixHeader><Size>0.5in</Size><CellContents>" TEXTBOX("XH", "", "x", "") "</CellContents></TablixHeader></TablixMember>" \
        "<TablixMember><TablixHeader><Size>0.5in</Size><CellContents>" TEXTBOX("SH", "", "sums", "") "</CellContents></TablixHeader></TablixMember>" \
        "</TablixMembers></TablixColumnHierarchy><TablixRowHierarchy><TablixMembers><TablixMember><Group Name=\"Y\"><GroupExpressions>" \
        "<GroupExpression>=1</GroupExpression></GroupExpressions></Group><TablixHeader><Size>1in</Size><CellContents>" TEXTBOX("YH", "", "y", "") \
        "</CellContents></TablixHeader></TablixMember></TablixMembers></TablixRowHierarchy><DataSetName>D</DataSetName></Tablix>")

static void assert_order(rs_text html, const char *first, const char *second)
{
    ptrdiff_t a = rs_text_find(html, rs_text_from(first)), b = rs_text_find(html, rs_text_from(second));

    assert_true(a >= 0 && b >= 0);
    assert_true(a < b);
}

UNIT_TEST(html_keeps_fixed_row_headers_in_sight)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, MATRIX("<FixedRowHeaders>true</FixedRowHeaders>", "<FixedData>true</FixedData>"), "0");

    assert_int_equal(count(html, "_0{left:0pt}"), 1);
    assert_int_equal(count(html, "_1{left:72pt}"), 1); /* the group's column, behind the header's inch */
    assert_int_equal(count(html, " fc f"), 4); /* corner, header, and the group's header and cell */
    assert_int_equal(count(render(job, MATRIX("", "<FixedData>true</FixedData>"), "0"), " fc f"), 0);
}

UNIT_TEST(html_groups_may_stand_before_row_headers)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, MATRIX("<GroupsBeforeRowHeaders>1</GroupsBeforeRowHeaders>", ""), "0");

    assert_order(html, ">x<", ">corner<");
    assert_order(html, ">corner<", ">sums<");
    assert_order(html, ">cell<", ">y<");
    assert_order(html, ">y<", ">sum<");
    assert_order(html, "<col style=\"width:144pt\">", "<col style=\"width:72pt\"><col style=\"width:72pt\">");
    html = render(job, MATRIX("", ""), "0");
    assert_order(html, ">corner<", ">x<");
    assert_order(html, ">y<", ">cell<");
}

UNIT_TEST(html_right_to_left_regions_run_the_other_way)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, MATRIX("<LayoutDirection>RTL</LayoutDirection><FixedRowHeaders>true</FixedRowHeaders>", ""), "0");

    assert_int_equal(count(html, "<table class=\"b0 rtl\"") + count(html, "<table class=\"b1 rtl\""), 1);
    assert_int_equal(count(html, "_0{right:0pt}"), 1);
    assert_order(html, ">corner<", ">x<");
}

UNIT_TEST(html_repeats_what_says_repeat_with)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const char *definition = RDL("<InteractiveHeight>4in</InteractiveHeight>",
        TEXTBOX("Title", "<Height>0.5in</Height><Width>1in</Width>", "title", "<RepeatWith>T</RepeatWith>")
        TEXTBOX("Once", "<Height>0.5in</Height><Width>1in</Width><Left>2in</Left>", "once", "")
        TEXTBOX("Lower", "<Top>2.2in</Top><Height>0.1in</Height><Width>1in</Width>", "lower", "<RepeatWith>T</RepeatWith>")
        TEXTBOX("Left", "<Top>1.5in</Top><Height>0.2in</Height><Width>1in</Width>", "left", "<RepeatWith>T</RepeatWith>")
        TEXTBOX("Right", "<Top>1in</Top><Left>4in</Left><Height>0.2in</Height><Width>1in</Width>", "right", "<RepeatWith>T</RepeatWith>")
        TEXTBOX("Never", "<Top>1in</Top><Left>5in</Left><Height>0.2in</Height><Width>1in</Width>", "never again", "")
        "<Tablix Name=\"T\"><TablixBody><TablixColumns><TablixColumn><Width>2in</Width></TablixColumn></TablixColumns><TablixRows><TablixRow>"
        "<Height>1in</Height><TablixCells><TablixCell><CellContents>" TEXTBOX("C", "", "=\"row \" &amp; RowNumber(Nothing)", "")
        "</CellContents></TablixCell></TablixCells></TablixRow></TablixRows></TablixBody><TablixColumnHierarchy><TablixMembers><TablixMember/>"
        "</TablixMembers></TablixColumnHierarchy><TablixRowHierarchy><TablixMembers>" DETAILS "</TablixMembers></TablixRowHierarchy>"
        "<DataSetName>D</DataSetName><Top>1in</Top><Left>1.5in</Left></Tablix>");
    rs_text html = render(job, definition, "0"), second = render(job, definition, "2");

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(count(html, (const char *[]){">title<", ">lower<", ">left<", ">right<"}[i]), (size_t)told.total);
    assert_int_equal(count(html, ">once<") + count(html, ">never again<"), 2);
    assert_int_equal(count(second, ">row "), 2); /* an inch above it and a third below count: four inches hold two rows */
    assert_order(second, ">title<", ">left<");
    assert_order(second, ">left<", ">row ");
    assert_order(second, ">row ", ">right<");
    assert_order(second, ">right<", ">lower<");
    assert_int_equal(count(html, "<div"), count(html, "</div>"));
}

UNIT_TEST(html_opens_no_font_for_what_every_font_has)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const char *const families[] = {"Arial", "Calibri", "Cambria", "Courier New", "Georgia", "Segoe UI", "Tahoma", "Times New Roman",
                                    "Trebuchet MS", "Verdana"};
    unsigned advance;

    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        const struct text_font *font;
        assert_true(html_knows_height(rs_text_from(families[i])));
        assert_ok(job, text_font_find(job, rs_text_from(families[i]), 400, false, &font));
        for (uint32_t c = 0xA0; c < 0x3000; c++)
            if (html_every_font_has(c) && !text_font_glyph(font, c, &advance))
                fail_msg("%s has no U+%04X", families[i], c);
    }
    assert_true(html_every_font_has(0xFC) && html_every_font_has(0x20AC) && !html_every_font_has(0x3042) && !html_every_font_has(0x1F600));
}

UNIT_TEST(html_gradients_may_have_colours_that_are_expressions)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render(job, RDL("", TEXTBOX("A", "<Height>1in</Height><Width>1in</Width>", "a",
        "<Style><BackgroundColor>=\"Lime\"</BackgroundColor><BackgroundGradientType>TopBottom</BackgroundGradientType>"
        "<BackgroundGradientEndColor>=\"Blue\"</BackgroundGradientEndColor></Style>")), "0");

    assert_int_equal(count(html, "background-image:linear-gradient(#00ff00,#0000ff);\""), 1);
}

static struct found {
    int64_t matches, current;
} found;

static void tell_found(void *data, int64_t matches, int64_t current)
{
    (void)data;
    found = (struct found){matches, current};
}

/* "Section=1&FindString=x" */
static rs_text render_with(struct rs_job *job, const char *definition, const char *settings)
{
    RS_OWNED(publish_report) report = NULL;
    rs_buf out = rs_buf_in(job);
    struct render_setting items[8];
    struct render_request request = {.format = RS_TEXT("HTML5"), .options.sample_data = true, .info = {items, 0}};
    rs_text rest = rs_text_from(settings), one;

    while (rest.size > 0) {
        rs_text_cut(rest, '&', &one, &rest);
        rs_text_cut(one, '=', &items[request.info.count].name, &items[request.info.count].value);
        request.info.count++;
    }
    found = (struct found){-1, -1};
    assert_ok(job, publish_open(job, rs_text_from(definition), NULL, &report));
    assert_ok(job, render_report(job, report, &request, &(struct render_sink){&out, keep, NULL, tell, tell_found}, NULL));
    return rs_buf_text(&out);
}

#define ROWS_IN_PAGES RDL("<InteractiveHeight>4in</InteractiveHeight>", TABLE(HEAD_REPEATS DETAILS))

UNIT_TEST(html_find_shows_the_page_that_has_it)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render_with(job, ROWS_IN_PAGES, "Section=1&FindString=ROW 5");

    assert_int_equal(told.number, 2); /* three rows on each */
    assert_int_equal(count(html, "<mark class=\"fi now\" id=\"fi1\" tabindex=\"-1\" autofocus>row 5</mark>"), 1);
    assert_int_equal(found.matches, 1);
    html = render_with(job, ROWS_IN_PAGES, "Section=2&FindString=row&BinderyFindAt=3");
    assert_int_equal(told.number, 2);
    assert_int_equal(found.matches, 3);
    assert_int_equal(found.current, 3);
    assert_int_equal(count(html, "<mark class=\"fi now\" id=\"fi3\""), 1);
    assert_int_equal(count(html, "<mark class=\"fi\" id=\"fi1\">row</mark> 4"), 1);
}

UNIT_TEST(html_find_keeps_to_its_pages_and_falls_back)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    render_with(job, ROWS_IN_PAGES, "Section=1&FindString=row 5&StartFind=3&EndFind=4&FallbackPage=6");
    assert_int_equal(told.number, 6);
    assert_int_equal(found.matches, 0);
    render_with(job, ROWS_IN_PAGES, "Section=3&FindString=row 5&StartFind=3&EndFind=2"); /* around the end */
    assert_int_equal(told.number, 2);
    assert_int_equal(found.matches, 1);
    assert_int_equal(count(render_with(job, ROWS_IN_PAGES, "Section=0&FindString=head"), "<mark"), (size_t)told.total);
}

/* Escaped characters are found as they are read, in paragraphs of several runs too; tags and styles are not text. */
UNIT_TEST(html_find_reads_what_a_reader_sees)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const char *definition = RDL("",
        "<Textbox Name=\"A\"><Paragraphs><Paragraph><TextRuns><TextRun><Value>Stra\xc3\x9f" "e &lt;A&gt; &amp;amp; </Value></TextRun>"
        "<TextRun><Value>\xc3\x9c" "ber</Value><Style><FontWeight>Bold</FontWeight></Style></TextRun></TextRuns></Paragraph><Paragraph>"
        "<TextRuns><TextRun><Value>font</Value></TextRun></TextRuns></Paragraph></Paragraphs><Height>1in</Height><Width>2in</Width></Textbox>");

    assert_int_equal(count(render_with(job, definition, "FindString=stra\xc3\x9f" "e <a>"), ">Stra\xc3\x9f" "e &lt;A&gt;</mark> &amp;"), 1);
    assert_int_equal(count(render_with(job, definition, "FindString=amp; \xc3\xbc"), "amp; </mark></span>"), 1);
    assert_int_equal(found.matches, 1);
    render_with(job, definition, "FindString=font");
    assert_int_equal(found.matches, 1);
    render_with(job, definition, "FindString=berfont");
    assert_int_equal(found.matches, 0);
}

/* A line is as high as the fonts in it, the one that has what the run's own lacks too; where the report says how high lines
 * are, they are. */
UNIT_TEST(html_lines_are_as_high_as_all_their_fonts)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct text_font *own, *other;
    rs_text html;

    assert_ok(job, text_font_find(job, RS_TEXT("Arial"), 400, false, &own));
    other = text_font_fallback(own, 0x548c);
    if (text_font_line_height(other) <= text_font_line_height(own))
        UNIT_SKIP("no font here has Japanese");
    html = render_with(job, RDL("", TEXTBOX("A", "<Height>1in</Height><Width>2in</Width>", "no. \xe5\x92\x8c\xe7\xb6\xb4 1 \xc3\xa9", "")), "Section=0");
    assert_int_equal(count(html, "no. <span style=\"line-height:"), 1);
    assert_int_equal(count(html, "\">\xe5\x92\x8c\xe7\xb6\xb4</span> 1 \xc3\xa9<"), 1);
    html = render_with(job, RDL("", "<Textbox Name=\"A\"><Paragraphs><Paragraph><TextRuns><TextRun><Value>no. \xe5\x92\x8c</Value>"
        "</TextRun></TextRuns><Style><LineHeight>20pt</LineHeight></Style></Paragraph></Paragraphs></Textbox>"), "Section=0");
    assert_int_equal(count(html, ">no. \xe5\x92\x8c<"), 1);
}

/* A toggle that the reader opened before begins open, and what it shows counts for the height of pages. */
UNIT_TEST(html_toggles_begin_as_the_reader_left_them)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const char *definition = RDL("<InteractiveHeight>6in</InteractiveHeight>",
        TABLE("<TablixMember><Group Name=\"G\"><GroupExpressions><GroupExpression>=RowNumber(Nothing) Mod 2</GroupExpression>"
              "</GroupExpressions></Group><TablixMembers><TablixMember/><TablixMember><Group Name=\"X\"/><Visibility>"
              "<Hidden>true</Hidden><ToggleItem>H</ToggleItem></Visibility></TablixMember></TablixMembers></TablixMember>"));
    rs_text html = render_with(job, definition, "Section=0"), first;
    size_t closed = count(html, "<input type=\"checkbox\"");
    int64_t pages = told.total;

    assert_int_equal(closed, 2);
    first = rs_text_slice(rs_text_from_offset(html, (size_t)rs_text_find(html, RS_TEXT(" id=\"k")) + 5), 0, 17);
    rs_text_cut(first, '"', &first, &(rs_text){0});
    assert_int_equal(rs_text_find(render_with(job, definition, "Section=0"), first) >= 0, true); /* in every run */
    html = render_with(job, definition, rs_text_format(job, "Section=0&BinderyToggles=%.*s", RS_TEXT_ARG(first)).bytes);
    assert_int_equal(count(html, " aria-label=\"Show details\" checked>"), 1);
    assert_true(told.total > pages);
    html = render_with(job, definition, rs_text_format(job, "BinderyToggles=%.*s,%.*s,x,k", RS_TEXT_ARG(first), RS_TEXT_ARG(first)).bytes);
    assert_int_equal(count(html, " checked>"), 0); /* opened and closed again */
}

UNIT_TEST(html_find_passes_over_what_toggles_hide)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
#define TOGGLED(hidden)                                                                              \
    RDL("<InteractiveHeight>0in</InteractiveHeight>", TEXTBOX("B", "<Top>3in</Top><Height>1in</Height><Width>1in</Width>", "click", "") \
        "<Rectangle Name=\"R\"><ReportItems>" TEXTBOX("In", "<Height>1in</Height><Width>1in</Width>", "secret", "") "</ReportItems>" \
        "<Visibility><Hidden>" hidden "</Hidden><ToggleItem>B</ToggleItem></Visibility><Height>1in</Height><Width>1in</Width></Rectangle>")

    render_with(job, TOGGLED("true"), "FindString=secret");
    assert_int_equal(found.matches, 0);
    render_with(job, TOGGLED("true"), "FindString=click");
    assert_int_equal(found.matches, 1);
    render_with(job, TOGGLED("false"), "FindString=secret");
    assert_int_equal(found.matches, 1);
}

/* Cells of the second row stand beside a header that began in the first; one over both columns is seen. */
UNIT_TEST(html_find_passes_over_columns_that_are_closed)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
#define MATRIX_CELL(name, text, more) "<TablixCell><CellContents>" TEXTBOX(name, "", text, "") more "</CellContents></TablixCell>"
#define MATRIX_ROW(cells) "<TablixRow><Height>1in</Height><TablixCells>" cells "</TablixCells></TablixRow>"
#define TWO_COLUMNS(hidden)                                                                                                       \
    RDL("<InteractiveHeight>0in</InteractiveHeight>", TEXTBOX("B", "<Top>3in</Top><Height>1in</Height><Width>1in</Width>", "click", "") \
        "<Tablix Name=\"T\"><TablixBody><TablixColumns><TablixColumn><Width>1in</Width></TablixColumn><TablixColumn><Width>1in</Width>" \
        "</TablixColumn></TablixColumns><TablixRows>" MATRIX_ROW(MATRIX_CELL("C1", "first", "") MATRIX_CELL("C2", "secret", ""))   \
        MATRIX_ROW(MATRIX_CELL("C3", "second", "") MATRIX_CELL("C4", "hushed", ""))                                                \
        MATRIX_ROW(MATRIX_CELL("C5", "wide", "<ColSpan>2</ColSpan>") "<TablixCell/>") "</TablixRows></TablixBody>"                  \
        "<TablixColumnHierarchy><TablixMembers><TablixMember/><TablixMember><Visibility><Hidden>" hidden "</Hidden>"               \
        "<ToggleItem>B</ToggleItem></Visibility></TablixMember></TablixMembers></TablixColumnHierarchy><TablixRowHierarchy>"       \
        "<TablixMembers><TablixMember><TablixHeader><Size>1in</Size><CellContents>" TEXTBOX("H", "", "header", "")                \
        "</CellContents></TablixHeader><TablixMembers><TablixMember/><TablixMember/><TablixMember/></TablixMembers></TablixMember>" \
        "</TablixMembers></TablixRowHierarchy><DataSetName>D</DataSetName><Height>3in</Height><Width>3in</Width></Tablix>")
    static const char *const seen[] = {"click", "header", "first", "second", "wide"}, *const hidden[] = {"secret", "hushed"};

    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        render_with(job, TWO_COLUMNS("true"), rs_text_format(job, "FindString=%s", seen[i]).bytes);
        assert_int_equal(found.matches, 1);
    }
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        render_with(job, TWO_COLUMNS("true"), rs_text_format(job, "FindString=%s", hidden[i]).bytes);
        assert_int_equal(found.matches, 0);
        render_with(job, TWO_COLUMNS("false"), rs_text_format(job, "FindString=%s", hidden[i]).bytes);
        assert_int_equal(found.matches, 1);
    }
}

UNIT_TEST(html_jumps_to_a_bookmark)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const char *definition = RDL("<InteractiveHeight>4in</InteractiveHeight>",
        TABLE(HEAD_REPEATS DETAILS) TEXTBOX("B", "<Top>3in</Top><Height>1in</Height><Width>1in</Width>", "end", "<Bookmark>The &quot;end&quot;</Bookmark>"));
    rs_text html = render_with(job, definition, "Section=1&BookmarkID=The \"end\"");

    assert_int_equal(told.number, told.total);
    assert_int_equal(count(html, "<a tabindex=\"-1\" autofocus id=\"bm_The%20%22end%22\">"), 1);
    render_with(job, definition, "Section=1&BookmarkID=nowhere");
    assert_int_equal(told.number, 1);
}

UNIT_TEST(html_prefix_keeps_two_reports_in_one_page_apart)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text html = render_with(job, TOGGLED("true"), "HTMLFragment=1&PrefixId=left");

    assert_int_equal(count(html, "<div class=\"rs left\">"), 1);
    assert_int_equal(count(html, " id=\"leftk"), 1);
    assert_int_equal(count(html, ".rs.left:has(#leftk"), 5);
    RS_OWNED(publish_report) report = NULL;
    rs_buf out = rs_buf_in(job);
    struct render_setting bad = {RS_TEXT("PrefixId"), RS_TEXT("a{}")};
    assert_ok(job, publish_open(job, rs_text_from(TOGGLED("true")), NULL, &report));
    assert_int_equal(render_report(job, report, &(struct render_request){.format = RS_TEXT("HTML5"), .options.sample_data = true, .info = {&bad, 1}},
                                   &(struct render_sink){&out, keep, NULL, NULL}, NULL), RENDER_DEVICE_INFO);
}

UNIT_TEST(html_link_target_and_roles_of_header_cells)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const char *link = RDL("", TEXTBOX("A", "<Height>1in</Height><Width>1in</Width>", "a",
        "<ActionInfo><Actions><Action><Hyperlink>https://h/</Hyperlink></Action></Actions></ActionInfo>"));

    assert_int_equal(count(render_with(job, link, "LinkTarget=\"x"), "<a target=\"&quot;x\" href=\"https://h/\">"), 1);
    assert_int_equal(count(render_with(job, link, ""), "<a target=\"_top\""), 1);
    assert_int_equal(count(render_with(job, ROWS_IN_PAGES, "AccessibleTablix=true&Section=1"), "role=\"columnheader\""), 1);
    assert_int_equal(count(render_with(job, ROWS_IN_PAGES, "Section=1"), "role=\"columnheader\""), 0);
}

UNIT_TEST(html_fragment_is_no_document)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = NULL;
    rs_buf out = rs_buf_in(job);
    struct render_setting setting = {RS_TEXT("HTMLFragment"), RS_TEXT("true")};
    struct render_request request = {.format = RS_TEXT("html4.0"), .options.sample_data = true, .info = {&setting, 1}};

    assert_ok(job, publish_open(job, rs_text_from(RDL("", TABLE(HEAD_REPEATS DETAILS))), NULL, &report));
    assert_ok(job, render_report(job, report, &request, &(struct render_sink){&out, keep, NULL, NULL}, NULL));
    assert_int_equal(count(rs_buf_text(&out), "<html"), 0);
    assert_int_equal(count(rs_buf_text(&out), "<div class=\"rs\">"), 1);
}

UNIT_TEST(html_stopped_at_every_checkpoint_releases_everything)
{
    RS_OWNED(rs_job) publishing = rs_job_create(NULL);
    RS_OWNED(publish_report) report = NULL;
    struct render_request request = {.format = RS_TEXT("HTML5"), .options.sample_data = true};
    uint64_t checkpoints;

    assert_ok(publishing, publish_open(publishing, rs_text_from(RDL("", TABLE(HEAD_REPEATS DETAILS))), NULL, &report));
    for (uint64_t stop = 0, last = 1; stop <= last; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_buf out = rs_buf_in(job);
        if (stop > 0)
            rs_job_stop_at(job, stop);
        rs_status status = render_report(job, report, &request, &(struct render_sink){&out, keep, NULL, NULL}, NULL);
        checkpoints = rs_job_checkpoints(job);
        if (stop == 0) {
            assert_int_equal(status, RS_OK);
            last = checkpoints;
        }
    }
}
