/* Interactive sorts, and the document map. */
#include "unit.h"

#include <stdio.h>

#include "base/buf.h"
#include "pieces.h"

#define CLICK(name, value, expression, rest)                                                                      \
    "<TablixCell><CellContents><Textbox Name='" name "'><Paragraphs><Paragraph><TextRuns><TextRun><Value>" value  \
    "</Value><Style/></TextRun></TextRuns><Style/></Paragraph></Paragraphs><UserSort><SortExpression>" expression  \
    "</SortExpression>" rest "</UserSort><Style/></Textbox></CellContents></TablixCell>"
#define OVER(scope) "<SortExpressionScope>" scope "</SortExpressionScope>"
#define TARGET(scope) "<SortTarget>" scope "</SortTarget>"

/* Regions with their cities; the first row sorts regions by total and cities by name, that of a region its own rows. */
static const char regions[] = REPORT(SALES,
    TABLIX("T", COLUMNS2,
        ROW(CLICK("ByTotal", "Region", "=Sum(Fields!Units.Value)", OVER("ByRegion"))
            CLICK("ByName", "City", "=Fields!City.Value", TARGET("T")))
        ROW(CLICK("OwnRows", "=Fields!Region.Value", "=Fields!Units.Value", TARGET("ByRegion")) CELL("S", "=Sum(Fields!Units.Value)"))
        ROW(CELL("C", "=Fields!City.Value") CELL("U", "=Fields!Units.Value")),
        STATICS2,
        STATIC "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") SORT("=Fields!Region.Value")
        MEMBERS(STATIC "<TablixMember><Group Name='Details'/>" SORT_DOWN("=Fields!Units.Value") "</TablixMember>") "</TablixMember>", ""), "");

static void sorted(const struct compute_sort *sorts, size_t count, const char *expected)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_options options = {.sorts = sorts, .sort_count = count};
    struct compute_run *run = pieces_open(job, regions, &options);
    rs_text text;

    assert_ok(job, compute_start(job, run));
    assert_ok(job, pieces_show(job, run, "T", &text));
    assert_text(text, expected);
}

#define SORT_BY(...) (const struct compute_sort[]){__VA_ARGS__}, sizeof((const struct compute_sort[]){__VA_ARGS__}) / sizeof(struct compute_sort)
#define UP(name) {RS_TEXT(name), false}
#define DOWN(name) {RS_TEXT(name), true}
#define HEAD "|Region|City\n"
#define NORTH "|North|13\n|Bergen|7\n|Oslo|4\n|Bergen|2\n"
#define SOUTH "|South|9\n|Cork|5\n|Faro|3\n|Cork|1\n"
#define WEST "|West|14\n|Hull|8\n|Hull|6\n"

UNIT_TEST(a_sort_of_the_reader_goes_before_those_of_the_definition)
{
    sorted(NULL, 0, HEAD NORTH SOUTH WEST);
    sorted(SORT_BY(UP("ByTotal")), HEAD SOUTH NORTH WEST);
    sorted(SORT_BY(DOWN("ByTotal")), HEAD WEST NORTH SOUTH);
}

UNIT_TEST(a_sort_without_a_scope_sorts_details_and_leaves_ties_to_the_definition)
{
    sorted(SORT_BY(DOWN("ByName")), HEAD "|North|13\n|Oslo|4\n|Bergen|7\n|Bergen|2\n|South|9\n|Faro|3\n|Cork|5\n|Cork|1\n" WEST);
    sorted(SORT_BY(UP("ByName"), UP("ByTotal")),
           HEAD "|South|9\n|Cork|5\n|Cork|1\n|Faro|3\n|North|13\n|Bergen|7\n|Bergen|2\n|Oslo|4\n" WEST);
}

/* The text boxes that sort, as a renderer asks for them: "12_1 up" in the order of the rows. */
static rs_text sort_items(struct rs_job *job, struct compute_run *run)
{
    static const char *const states[] = {[COMPUTE_UNSORTED] = "", [COMPUTE_ASCENDING] = " up", [COMPUTE_DESCENDING] = " down"};
    struct compute_tablix *t;
    struct compute_nodes nodes;
    rs_buf buf = rs_buf_in(job);

    assert_ok(job, compute_tablix_open(job, run, &(struct compute_scope){0}, pieces_item(run, "T"), &t));
    assert_ok(job, compute_children(job, t, compute_root(t, COMPUTE_ROWS), &nodes));
    for (size_t i = 0; i < nodes.count; i++) {
        struct compute_scope scope = compute_member_scope(t, compute_place_of(nodes.items[i], 0));
        const struct rdl_item *item = pieces_item(run, i ? "OwnRows" : "ByTotal");
        enum compute_sort_state state;
        rs_text id = compute_sort_item(job, run, &scope, item, &state), number = rs_text_format(job, "%u", item->number);
        assert_true(rs_text_starts(id, number));
        rs_buf_printf(&buf, "%s%.*s%s;", i ? "own" : "total", RS_TEXT_ARG(rs_text_from_offset(id, number.size)), states[state]);
    }
    return rs_buf_text(&buf);
}

UNIT_TEST(a_sort_of_an_instance_sorts_only_what_is_in_it)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = pieces_open(job, regions, NULL);
    rs_text id = rs_text_format(job, "%u_0", pieces_item(run, "OwnRows")->number);

    assert_ok(job, compute_start(job, run));
    assert_text(sort_items(job, run), "total;own_1;own_0;own_2;");
    sorted(&(struct compute_sort){id, false}, 1, HEAD NORTH "|South|9\n|Cork|1\n|Faro|3\n|Cork|5\n" WEST);
}

UNIT_TEST(text_boxes_tell_how_they_sort)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = pieces_open(job, regions, NULL);
    enum compute_sort_state how;
    struct compute_sort sorts[] = {{rs_text_format(job, "%u_0", pieces_item(run, "OwnRows")->number), true},
                                   {rs_text_format(job, "%u", pieces_item(run, "ByTotal")->number), false}};
    struct compute_options options = {.sorts = sorts, .sort_count = 2};

    run = pieces_open(job, regions, &options);
    assert_ok(job, compute_start(job, run));
    assert_text(sort_items(job, run), "total up;own_0 down;own_1;own_2;");
    assert_text(compute_sort_item(job, run, &(struct compute_scope){0}, pieces_item(run, "C"), &how), "");
}

UNIT_TEST(a_sort_by_what_does_not_sort_is_refused)
{
    static const char *const wrong[] = {"Nobody", "C", "999", "", "_1", "0"};
    RS_OWNED(rs_job) outer = rs_job_create(NULL);
    struct publish_report *report;

    assert_ok(outer, publish_open(outer, rs_text_from(regions), NULL, &report));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct compute_sort sort = {rs_text_from(wrong[i]), false};
        struct compute_run *run;
        assert_status(compute_open(job, report, &(struct compute_options){.sorts = &sort, .sort_count = 1}, &run), COMPUTE_SORT_ITEM);
    }
    publish_unref(report);
}

UNIT_TEST(a_sort_can_target_a_group_of_columns_and_regions_inside)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("M", COLUMNS1, ROW(CELL("C", "=Sum(Fields!Units.Value)")),
            "<TablixMember>" BY("ByCity", "=Fields!City.Value") HEADER("CH", "=Fields!City.Value") "</TablixMember>",
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") HEADER("RH", "=Fields!Region.Value") "</TablixMember>", "")
        "<Textbox Name='Sorter'><Paragraphs><Paragraph><TextRuns><TextRun><Value>x</Value></TextRun></TextRuns></Paragraph></Paragraphs>"
        "<UserSort><SortExpression>=Sum(Fields!Units.Value)</SortExpression>" OVER("ByCity") TARGET("M") "</UserSort></Textbox>", "");
    struct compute_options options = {.sorts = &(struct compute_sort){RS_TEXT("Sorter"), true}, .sort_count = 1};
    struct compute_run *run = pieces_open(job, report, &options);
    rs_text text;

    assert_ok(job, compute_start(job, run));
    assert_ok(job, pieces_show(job, run, "M", &text));
    assert_text(text, "[Hull][Bergen][Cork][Oslo][Faro]\n[South]|||6||3\n[North]||9||4|\n[West]|14||||\n");
}

/* ---- document map ----------------------------------------------------------------------------------- */

#define LABELLED(name, value, label)                                                                              \
    "<TablixCell><CellContents><Textbox Name='" name "'><DocumentMapLabel>" label "</DocumentMapLabel><Paragraphs><Paragraph><TextRuns>" \
    "<TextRun><Value>" value "</Value></TextRun></TextRuns></Paragraph></Paragraphs></Textbox></CellContents></TablixCell>"

static rs_text show_map(struct rs_job *job, const char *definition)
{
    struct compute_run *run = pieces_open(job, definition, NULL);
    struct compute_map map;
    rs_buf buf = rs_buf_in(job);

    assert_ok(job, compute_start(job, run));
    assert_ok(job, compute_document_map(job, run, &map));
    for (size_t i = 0; i < map.count; i++)
        rs_buf_printf(&buf, "%*s%.*s=%.*s\n", (int)map.entries[i].depth, "", RS_TEXT_ARG(map.entries[i].label),
                      RS_TEXT_ARG(map.entries[i].id));
    return rs_buf_text(&buf);
}

UNIT_TEST(the_document_map_has_items_and_groups_nested_as_they_stand)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        "<Rectangle Name='R'><ReportItems><Textbox Name='A'><DocumentMapLabel>First</DocumentMapLabel><Paragraphs/></Textbox></ReportItems>"
        "<DocumentMapLabel>Part</DocumentMapLabel></Rectangle>"
        TABLIX("T", COLUMNS1, ROW(LABELLED("D", "x", "=IIf(Fields!Units.Value &gt; 5, Fields!City.Value, Nothing)")), STATIC,
            "<TablixMember><Group Name='ByRegion'><DocumentMapLabel>=Fields!Region.Value</DocumentMapLabel><GroupExpressions>"
            "<GroupExpression>=Fields!Region.Value</GroupExpression></GroupExpressions></Group>" MEMBERS(DETAILS) "</TablixMember>", ""), "");

    assert_text(show_map(job, report),
                "Part=0\n First=1\nSouth=g1_0\nNorth=g1_1\n Bergen=3_1_6\nWest=g1_2\n Hull=3_2_5\n Hull=3_2_7\n");
    assert_text(show_map(job, regions), "");
}
