/* Structures that reports are made of: tables, groups, matrices, recursion, nesting. */
#include "unit.h"

#include <stdio.h>

#include "base/buf.h"
#include "pieces.h"

UNIT_TEST(compute_shows_a_plain_table_with_header_details_and_total)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS2,
            ROW(CELL("H1", "City") CELL("H2", "Amount"))
            ROW(CELL("D1", "=Fields!City.Value") CELL("D2", "=Fields!Amount.Value"))
            ROW(CELL("F1", "=Count(Fields!Amount.Value)") CELL("F2", "=Sum(Fields!Amount.Value)")),
            STATICS2, STATIC DETAILS STATIC, ""), "");

    assert_text(pieces_table(job, report, "T"),
        "|City|Amount\n"
        "|Cork|10.10\n|Bergen|20.20\n|Faro|5.05\n|Oslo|1.00\n|Cork|2.50\n|Hull|7.00\n|Bergen|0.30\n|Hull|\n"
        "|7|46.15\n");
}

UNIT_TEST(compute_groups_in_order_of_appearance_with_header_details_and_footer)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS2,
            ROW(CELL("H1", "=Fields!Region.Value") CELL("H2", "=CountRows()"))
            ROW(CELL("D1", "=Fields!City.Value") CELL("D2", "=Fields!Units.Value"))
            ROW(CELL("F1", "=Avg(Fields!Units.Value)") CELL("F2", "=Sum(Fields!Amount.Value) &amp; &quot; of &quot; &amp; Sum(Fields!Amount.Value, &quot;T&quot;)")),
            STATICS2,
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") MEMBERS(STATIC DETAILS STATIC) "</TablixMember>", ""), "");

    assert_text(pieces_table(job, report, "T"),
        "|South|3\n|Cork|1\n|Faro|3\n|Cork|5\n|3|17.65 of 46.15\n"
        "|North|3\n|Bergen|2\n|Oslo|4\n|Bergen|7\n|4.33333333333333|21.50 of 46.15\n"
        "|West|2\n|Hull|6\n|Hull|8\n|7|7.00 of 46.15\n");
}

UNIT_TEST(compute_sorts_groups_and_details)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("D1", "=Fields!Amount.Value")), STATIC,
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") SORT_DOWN("=Sum(Fields!Amount.Value)")
            HEADER("R", "=Fields!Region.Value &amp; First(Fields!City.Value) &amp; Last(Fields!City.Value)")
            MEMBERS("<TablixMember><Group Name='Details'/>" SORT("=Fields!Amount.Value") "</TablixMember>")
            "</TablixMember>", ""), "");

    assert_text(pieces_table(job, report, "T"),
        "[NorthBergenBergen]|0.30\n[NorthBergenBergen]|1.00\n[NorthBergenBergen]|20.20\n"
        "[SouthCorkCork]|2.50\n[SouthCorkCork]|5.05\n[SouthCorkCork]|10.10\n"
        "[WestHullHull]|\n[WestHullHull]|7.00\n");
}

#define MATRIX(rest)                                                                                             \
    TABLIX("M", COLUMNS2,                                                                                        \
        ROW(CELL("C1", "=Sum(Fields!Units.Value)") CELL("C2", "=Sum(Fields!Units.Value)"))                       \
        ROW(CELL("C3", "=Sum(Fields!Units.Value)") CELL("C4", "=Sum(Fields!Units.Value)")),                      \
        "<TablixMember>" BY("ByCity", "=Fields!City.Value") SORT("=Fields!City.Value")                           \
        HEADER("CH", "=Fields!City.Value") "</TablixMember><TablixMember>" HEADER("CT", "Total") "</TablixMember>", \
        "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") SORT("=Fields!Region.Value")                     \
        HEADER("RH", "=Fields!Region.Value") "</TablixMember><TablixMember>" HEADER("RT", "Total") "</TablixMember>", rest)

UNIT_TEST(compute_gives_cell_row_column_and_grand_total_by_scope_alone)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(pieces_table(job, REPORT(SALES, MATRIX(""), ""), "M"),
        "[Bergen][Cork][Faro][Hull][Oslo][Total]\n"
        "[North]|9||||4|13\n"
        "[South]||6|3|||9\n"
        "[West]||||14||14\n"
        "[Total]|9|6|3|14|4|36\n");
}

UNIT_TEST(compute_lets_a_cell_name_its_row_group_column_group_and_region)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("M", COLUMNS1,
            ROW(CELL("C", "=Sum(Fields!Units.Value) &amp; &quot;/&quot; &amp; Sum(Fields!Units.Value, &quot;ByRegion&quot;) &amp; &quot;/&quot; &amp; "
                          "Sum(Fields!Units.Value, &quot;ByOdd&quot;) &amp; &quot;/&quot; &amp; Sum(Fields!Units.Value, &quot;M&quot;) &amp; &quot;/&quot; &amp; Sum(Fields!Units.Value, &quot;Sales&quot;)")),
            "<TablixMember>" BY("ByOdd", "=Fields!Units.Value Mod 2") HEADER("CH", "=Fields!Units.Value Mod 2") "</TablixMember>",
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") HEADER("RH", "=Fields!Region.Value") "</TablixMember>",
            FILTER("=Fields!Region.Value", "NotEqual", VALUE("West"))), "");

    assert_text(pieces_table(job, report, "M"),
        "[1][0]\n"
        "[South]|9/9/16/22/36|/9/6/22/36\n"
        "[North]|7/13/16/22/36|6/13/6/22/36\n");
}

UNIT_TEST(compute_nests_row_groups_and_adjacent_column_groups)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("M", COLUMNS2,
            ROW(CELL("C1", "=Sum(Fields!Units.Value)") CELL("C2", "=CountRows()"))
            ROW(CELL("C3", "=Sum(Fields!Units.Value)") CELL("C4", "=CountRows()")),
            "<TablixMember>" BY("ByOdd", "=Fields!Units.Value Mod 2") HEADER("H1", "=Fields!Units.Value Mod 2") "</TablixMember>"
            "<TablixMember>" BY("ByBig", "=Fields!Units.Value &gt; 4") HEADER("H2", "=Fields!Units.Value &gt; 4") "</TablixMember>",
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") HEADER("RH", "=Fields!Region.Value")
            MEMBERS("<TablixMember>" BY("ByCity", "=Fields!City.Value") HEADER("CH", "=Fields!City.Value") "</TablixMember>"
                    "<TablixMember>" HEADER("SH", "Sum") "</TablixMember>") "</TablixMember>", ""), "");

    assert_text(pieces_table(job, report, "M"),
        "[1][0][False][True]\n"
        "[South][Cork]|6||1|1\n[South][Faro]|3||1|0\n[South][Sum]|9||2|1\n"
        "[North][Bergen]|7|2|1|1\n[North][Oslo]||4|1|0\n[North][Sum]|7|6|2|1\n"
        "[West][Hull]||14|0|2\n[West][Sum]||14|0|2\n");
}

#define BY_IN(name, expression, domain) "<Group Name='" name "'><GroupExpressions><GroupExpression>" expression   \
    "</GroupExpression></GroupExpressions><DomainScope>" domain "</DomainScope></Group>"

/* Every odd or even half shows all regions of the table, with the header of one that has no rows there. */
UNIT_TEST(compute_gives_a_group_the_instances_of_its_domain)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("C", "=Sum(Fields!Units.Value) &amp; &quot;/&quot; &amp; CountRows() &amp; First(Fields!City.Value)")), STATIC,
            "<TablixMember>" BY("ByCity", "=Fields!City.Value") SORT("=Fields!City.Value") HEADER("H", "=Fields!City.Value")
            MEMBERS("<TablixMember>" BY_IN("ByRegion", "=Fields!Region.Value", "T") HEADER("R", "=Fields!Region.Value") "</TablixMember>")
            "</TablixMember>", FILTER("=Fields!Units.Value", "LessThan", INTEGER("6"))), "");

    assert_text(pieces_table(job, report, "T"),
        "[Bergen][South]|/0\n[Bergen][North]|2/1Bergen\n"
        "[Cork][South]|6/2Cork\n[Cork][North]|/0\n"
        "[Faro][South]|3/1Faro\n[Faro][North]|/0\n"
        "[Oslo][South]|/0\n[Oslo][North]|4/1Oslo\n");
    static const char filtered[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("C", "=Sum(Fields!Units.Value)")), STATIC,
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") HEADER("H", "=Fields!Region.Value")
            MEMBERS("<TablixMember><Group Name='ByOdd'><GroupExpressions><GroupExpression>=Fields!Units.Value Mod 2</GroupExpression></GroupExpressions>"
                    FILTER("=CountRows()", "LessThan", INTEGER("2")) "<DomainScope>T</DomainScope></Group>"
                    SORT("=Fields!Units.Value Mod 2") HEADER("R", "=Fields!Units.Value Mod 2") "</TablixMember>")
            "</TablixMember>", ""), "");
    assert_text(pieces_table(job, filtered, "T"), "[South][0]|\n[North][1]|7\n[West][1]|\n");
}

UNIT_TEST(compute_gives_the_columns_of_a_nested_region_the_instances_of_the_one_around_it)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("L", COLUMNS1,
            ROW(CELL_OF(TABLIX("M", COLUMNS1, ROW(CELL("C", "=Sum(Fields!Units.Value)")),
                "<TablixMember>" BY_IN("ByCity", "=Fields!City.Value", "L") SORT("=Fields!City.Value") HEADER("CH", "=Fields!City.Value") "</TablixMember>",
                STATIC, ""))), STATIC,
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") "</TablixMember>", FILTER("=Fields!City.Value", "NotEqual", VALUE("Faro"))), "");
    static const char *const expected[] = {"|6||\n", "9|||4\n", "||14|\n"};
    struct compute_run *run = pieces_open(job, report, NULL);
    struct compute_tablix *outer;
    struct compute_nodes rows;

    assert_ok(job, compute_start(job, run));
    assert_ok(job, compute_tablix_open(job, run, &(struct compute_scope){0}, pieces_item(run, "L"), &outer));
    assert_ok(job, compute_children(job, outer, compute_root(outer, COMPUTE_ROWS), &rows));
    assert_int_equal(rows.count, 3);
    for (size_t i = 0; i < rows.count; i++) {
        struct compute_scope at = compute_member_scope(outer, compute_place_of(rows.items[i], 0));
        struct compute_tablix *inner;
        struct compute_nodes columns, lines;
        struct compute_text text;
        rs_buf shown = rs_buf_in(job), headers = rs_buf_in(job);
        assert_ok(job, compute_tablix_open(job, run, &at, pieces_item(run, "M"), &inner));
        assert_ok(job, compute_children(job, inner, compute_root(inner, COMPUTE_COLUMNS), &columns));
        assert_ok(job, compute_children(job, inner, compute_root(inner, COMPUTE_ROWS), &lines));
        for (size_t c = 0; c < columns.count; c++) {
            struct compute_scope header = compute_member_scope(inner, compute_place_of(columns.items[c], 0));
            struct compute_scope cell = compute_cell_scope(inner, compute_place_of(lines.items[0], 0), compute_place_of(columns.items[c], 0));
            assert_ok(job, compute_textbox(job, run, &header, pieces_item(run, "CH"), &text));
            rs_buf_printf(&headers, "[%.*s]", RS_TEXT_ARG(text.text));
            assert_ok(job, compute_textbox(job, run, &cell, pieces_item(run, "C"), &text));
            rs_buf_printf(&shown, "%s%.*s", c ? "|" : "", RS_TEXT_ARG(text.text));
        }
        rs_buf_add_byte(&shown, '\n');
        assert_text(rs_buf_text(&headers), "[Bergen][Cork][Hull][Oslo]");
        assert_text(rs_buf_text(&shown), expected[i]);
        compute_tablix_close(inner);
    }
}

#define PERSON(id, boss, name, pay) "<R Id='" id "' Boss='" boss "' Name='" name "' Pay='" pay "'/>"

UNIT_TEST(compute_arranges_a_recursive_group_with_levels_and_totals_below)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(
        DATA_SET("Staff", "@Id(Integer),@Boss(Integer),@Name,@Pay(Integer)",
            PERSON("3", "2", "Cleo", "10") PERSON("1", "", "Ada", "100") PERSON("2", "1", "Ben", "50")
            PERSON("4", "1", "Dan", "40") PERSON("5", "99", "Eva", "7") PERSON("6", "7", "Finn", "1") PERSON("7", "6", "Gwen", "2"),
            PLAIN("Id") PLAIN("Boss") PLAIN("Name") PLAIN("Pay"), ""),
        TABLIX("T", COLUMNS3,
            ROW(CELL("A", "=Fields!Name.Value") CELL("B", "=Level()") CELL("C", "=Sum(Fields!Pay.Value, &quot;G&quot;, Recursive) &amp; &quot; &quot; &amp; Sum(Fields!Pay.Value)")),
            STATICS3,
            "<TablixMember><Group Name='G'><GroupExpressions><GroupExpression>=Fields!Id.Value</GroupExpression></GroupExpressions>"
            "<Parent>=Fields!Boss.Value</Parent></Group>" SORT("=Fields!Name.Value") "</TablixMember>", ""), "");

    assert_text(pieces_table(job, report, "T"),
        "|Ada|0|200 100\n|Ben|1|60 50\n|Cleo|2|10 10\n|Dan|1|40 40\n|Eva|0|7 7\n|Finn|0|3 1\n|Gwen|1|2 2\n");
}

UNIT_TEST(compute_nests_a_table_in_a_list)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("L", COLUMNS1,
            ROW(CELL_OF(TABLIX("Inner", COLUMNS2,
                ROW(CELL("A", "=Fields!City.Value") CELL("B", "=Sum(Fields!Units.Value) &amp; &quot;/&quot; &amp; Sum(Fields!Units.Value, &quot;ByRegion&quot;)"))
                ROW(CELL("X", "all") CELL("Y", "=Sum(Fields!Units.Value)")),
                STATICS2, "<TablixMember>" BY("ByCity", "=Fields!City.Value") "</TablixMember>" STATIC, ""))),
            STATIC, "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") "</TablixMember>", ""), "");

    assert_text(pieces_table(job, report, "L"),
        "|{|Cork|6/9\n|Faro|3/9\n|all|9\n}\n|{|Bergen|9/13\n|Oslo|4/13\n|all|13\n}\n|{|Hull|14/14\n|all|14\n}\n");
}

UNIT_TEST(compute_keeps_statics_and_drops_groups_without_rows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS1,
            ROW(CELL("H", "Header")) ROW(CELL("D", "=Fields!City.Value"))
            ROW(CELL("F", "=&quot;&lt;&quot; &amp; Sum(Fields!Units.Value) &amp; &quot;&gt;&quot; &amp; Count(Fields!Units.Value) &amp; IsNothing(Sum(Fields!Units.Value))"))
            ROW(CELL("G", "only with rows")),
            STATIC, STATIC DETAILS STATIC "<TablixMember><HideIfNoRows>true</HideIfNoRows></TablixMember>",
            FILTER("=Fields!Units.Value", "GreaterThan", INTEGER("100")) "<NoRowsMessage>Nothing sold</NoRowsMessage>"), "");
    struct compute_run *run = pieces_open(job, report, NULL);
    struct compute_tablix *tablix;
    rs_text text;
    bool shown;

    assert_ok(job, pieces_show(job, run, "T", &text));
    assert_text(text, "|Header\n|<>0True\n");
    assert_ok(job, compute_tablix_open(job, run, &(struct compute_scope){0}, pieces_item(run, "T"), &tablix));
    assert_int_equal(compute_tablix_row_count(tablix), 0);
    assert_ok(job, compute_no_rows_message(job, run, tablix, &shown, &text));
    assert_true(shown);
    assert_text(text, "Nothing sold");
}

UNIT_TEST(compute_repeats_a_details_member_for_every_static_row_below_it)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=Fields!City.Value")) ROW(CELL("B", "=Fields!Units.Value")), STATIC,
            "<TablixMember><Group Name='D'/>" MEMBERS(STATICS2) "</TablixMember>",
            FILTER("=Fields!Region.Value", "Equal", VALUE("West"))), "");

    assert_text(pieces_table(job, report, "T"), "|Hull\n|6\n|Hull\n|8\n");
}

UNIT_TEST(compute_turns_details_into_columns)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=Fields!City.Value")) ROW(CELL("B", "=Sum(Fields!Units.Value)")), DETAILS,
            STATIC "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") "</TablixMember>",
            FILTER("=Fields!Units.Value", "LessThan", INTEGER("4"))), "");

    assert_text(pieces_table(job, report, "T"), "|Cork|Bergen|Faro\n|1||3\n||2|\n");
}

UNIT_TEST(compute_groups_by_several_keys_without_regard_to_case)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(
        DATA_SET("D", "@A,@B(Integer)",
            "<R A='x' B='1'/><R A='X' B='1'/><R A='x' B='2'/><R B='1'/><R A='y'/><R B='1'/><R A='Y'/>", PLAIN("A") PLAIN("B"), ""),
        TABLIX("T", COLUMNS2, ROW(CELL("P", "=Fields!A.Value &amp; Fields!B.Value") CELL("Q", "=CountRows()")), STATICS2,
            "<TablixMember><Group Name='G'><GroupExpressions><GroupExpression>=Fields!A.Value</GroupExpression>"
            "<GroupExpression>=Fields!B.Value</GroupExpression></GroupExpressions></Group></TablixMember>", ""), "");

    assert_text(pieces_table(job, report, "T"), "|x1|2\n|x2|1\n|1|2\n|y|2\n");
}

UNIT_TEST(compute_starts_a_new_group_every_so_many_rows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=CountRows()")) ROW(CELL("B", "=Fields!Units.Value")), STATIC,
            "<TablixMember>" BY("Page", "=Ceiling(RowNumber(Nothing) / 3)") MEMBERS(STATIC DETAILS) "</TablixMember>", ""), "");

    assert_text(pieces_table(job, report, "T"), "|3\n|1\n|2\n|3\n|3\n|4\n|5\n|6\n|2\n|7\n|8\n");
    static const char nested[] = REPORT(SALES,
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=Fields!Region.Value &amp; CountRows()")), STATIC,
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value")
            MEMBERS("<TablixMember>" BY("Page", "=(RowNumber(&quot;ByRegion&quot;) - 1) \\ 2") "</TablixMember>") "</TablixMember>", ""), "");
    assert_text(pieces_table(job, nested, "T"), "|South2\n|South1\n|North2\n|North1\n|West2\n");
}

/* ChrW makes halves of pairs, as .NET's texts hold them; what is shown is UTF-8. */
UNIT_TEST(compute_shows_halves_of_surrogate_pairs_as_characters)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES, TEXTBOX("X", "=ChrW(55357) &amp; ChrW(56832) &amp; Len(ChrW(55357) &amp; ChrW(56832)) &amp; ChrW(55357)"), "");
    struct compute_run *run = pieces_open(job, report, NULL);

    assert_ok(job, compute_start(job, run));
    assert_text(pieces_text(job, run, "X"), "\xF0\x9F\x98\x80" "2" "\xEF\xBF\xBD");
}

#define HIDDEN_BY(toggle) "<Visibility><Hidden>true</Hidden><ToggleItem>" toggle "</ToggleItem></Visibility>"

/* A matrix that is drilled into: what a toggle hides has nothing beside it, and one node stands for all of it. */
UNIT_TEST(compute_shows_a_collapsed_group_with_the_values_of_the_one_around_it)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = pieces_open(job, REPORT(SALES,
        TABLIX("M", COLUMNS1, ROW(CELL("C", "=Sum(Fields!Units.Value)")),
            "<TablixMember>" BY("ByOdd", "=Fields!Units.Value Mod 2") HEADER("Odd", "=Fields!Units.Value Mod 2")
            MEMBERS("<TablixMember>" BY("ByUnits", "=Fields!Units.Value") HEADER("U", "=Fields!Units.Value") HIDDEN_BY("Odd") "</TablixMember>") "</TablixMember>",
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value") HEADER("R", "=Fields!Region.Value")
            MEMBERS("<TablixMember>" BY("ByCity", "=Fields!City.Value") HEADER("H", "=Fields!City.Value") HIDDEN_BY("R") "</TablixMember>") "</TablixMember>", ""), ""),
        NULL);
    struct compute_tablix *t;
    struct compute_nodes groups, columns, rows, below;
    struct compute_text text;
    bool hidden;

    assert_ok(job, compute_start(job, run));
    assert_ok(job, compute_tablix_open(job, run, &(struct compute_scope){0}, pieces_item(run, "M"), &t));
    assert_ok(job, compute_shown(job, t, compute_root(t, COMPUTE_ROWS), &groups));
    assert_int_equal(groups.count, 3);
    assert_ok(job, compute_shown(job, t, groups.items[0], &rows)); /* South: Cork, Faro */
    assert_int_equal(rows.count, 3);
    assert_true(rows.items[0]->is_collapsed);
    assert_false(rows.items[1]->is_collapsed);
    assert_ok(job, compute_member_hidden(job, run, t, compute_place_of(rows.items[0], 0), &hidden));
    assert_false(hidden);
    assert_ok(job, compute_member_hidden(job, run, t, compute_place_of(rows.items[1], 0), &hidden));
    assert_true(hidden);
    assert_ok(job, compute_shown(job, t, rows.items[0], &below));
    assert_int_equal(below.count, 0);
    assert_ok(job, compute_children(job, t, compute_root(t, COMPUTE_COLUMNS), &groups));
    assert_ok(job, compute_shown(job, t, groups.items[0], &columns)); /* odd units: 1, 3, 5, 7 */
    assert_int_equal(columns.count, 5);
    struct compute_scope scope = compute_cell_scope(t, compute_place_of(rows.items[0], 0), compute_place_of(columns.items[0], 0));
    assert_ok(job, compute_textbox(job, run, &scope, pieces_item(run, "C"), &text));
    assert_text(text.text, "9"); /* all of South with odd units: 1 + 3 + 5 */
    scope.column = compute_place_of(columns.items[2], 0);
    assert_ok(job, compute_textbox(job, run, &scope, pieces_item(run, "C"), &text));
    assert_text(text.text, "3");
    scope.row = compute_place_of(rows.items[2], 0);
    assert_ok(job, compute_textbox(job, run, &scope, pieces_item(run, "C"), &text));
    assert_text(text.text, "3"); /* Faro */
    assert_ok(job, compute_children(job, t, groups.items[0], &columns)); /* what counts and exports sees instances only */
    assert_int_equal(columns.count, 4);
}

UNIT_TEST(compute_gives_every_place_an_id_of_its_own)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = pieces_open(job, REPORT(SALES, MATRIX(""), ""), NULL);
    struct compute_tablix *tablix;
    struct compute_nodes rows, columns;
    const struct rdl_item *item = pieces_item(run, "C1");

    assert_ok(job, compute_tablix_open(job, run, &(struct compute_scope){0}, pieces_item(run, "M"), &tablix));
    assert_ok(job, compute_children(job, tablix, compute_root(tablix, COMPUTE_ROWS), &rows));
    assert_ok(job, compute_children(job, tablix, compute_root(tablix, COMPUTE_COLUMNS), &columns));
    struct compute_scope a = compute_cell_scope(tablix, compute_place_of(rows.items[1], 0), compute_place_of(columns.items[2], 0));
    struct compute_scope b = compute_cell_scope(tablix, compute_place_of(rows.items[2], 0), compute_place_of(columns.items[2], 0));
    char expected[32];
    snprintf(expected, sizeof expected, "%u_0_c_2", item->number);
    assert_text(compute_instance_id(job, &a, item), expected);
    assert_false(rs_text_equal(compute_instance_id(job, &a, item), compute_instance_id(job, &b, item)));
    assert_true(compute_instance(run, &a, RS_TEXT("ByRegion")) != compute_instance(run, &b, RS_TEXT("ByRegion")));
    assert_true(compute_instance(run, &a, RS_TEXT("ByCity")) == compute_instance(run, &b, RS_TEXT("ByCity")));
    assert_true(compute_instance(run, &a, RS_TEXT("Elsewhere")) == 0);
}

UNIT_TEST(compute_reads_the_first_instance_of_a_text_box_in_an_inner_group)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT(SALES,
        TABLIX("T", COLUMNS2,
            ROW(CELL("H1", "=ReportItems!D1.Value") CELL("H2", "=ReportItems!S1.Value"))
            ROW(CELL("S1", "=Sum(Fields!Units.Value)") CELL("S2", "=Fields!City.Value"))
            ROW(CELL("D1", "=Fields!Units.Value") CELL("D2", "=ReportItems!S1.Value")),
            STATICS2,
            "<TablixMember>" BY("ByRegion", "=Fields!Region.Value")
            MEMBERS(STATIC "<TablixMember>" BY("ByCity", "=Fields!City.Value") SORT("=Fields!City.Value") MEMBERS(STATIC DETAILS) "</TablixMember>")
            "</TablixMember>", FILTER("=Fields!Region.Value", "Equal", VALUE("South"))), "");

    assert_text(pieces_table(job, report, "T"), "|1|6\n|6|Cork\n|1|6\n|5|6\n|3|Faro\n|3|3\n");
}
