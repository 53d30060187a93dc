/* Each cases/<name>.rdl reads as cases/<name>.txt says. RS_UPDATE=1 rewrites the texts: look at the difference. */
#include "../../unit.h"

#include <stdlib.h>

#include "base/file.h"
#include "report/rdl/model.h"
#include "report/rdl/read.h"

static rs_text case_path(struct rs_job *job, const char *name, const char *ending)
{
    const char *source = getenv("BINDERY_SOURCE");

    return rs_text_format(job, "%s/tests/unit/report/rdl/cases/%s%s", source ? source : ".", name, ending);
}

static void check_case(const char *name)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rdl_report *report;
    rs_text bytes, expected;
    rs_buf dump = rs_buf_in(job);

    assert_ok(job, rs_file_read(job, case_path(job, name, ".rdl"), RDL_SIZE_MAX, &bytes));
    assert_ok(job, rdl_read(job, bytes, &report));
    rdl_dump(report, &dump);
    if (getenv("RS_UPDATE"))
        assert_ok(job, rs_file_replace(job, case_path(job, name, ".txt"), rs_buf_text(&dump), 0644));
    assert_ok(job, rs_file_read(job, case_path(job, name, ".txt"), RDL_SIZE_MAX, &expected));
    if (!rs_text_equal(rs_buf_text(&dump), expected))
        fail_msg("%s.rdl gives\n%.*s", name, RS_TEXT_ARG(rs_buf_text(&dump)));
}

UNIT_TEST(rdl_reads_a_table_of_2005_as_a_tablix) { check_case("table-2005"); }
UNIT_TEST(rdl_reads_a_matrix_of_2005_with_subtotals_as_a_tablix) { check_case("matrix-2005"); }
UNIT_TEST(rdl_reads_a_matrix_of_2000_whose_outer_rows_are_static) { check_case("matrix-static-first-2003"); }
UNIT_TEST(rdl_reads_lists_of_2000_as_tablixes) { check_case("list-2003"); }
UNIT_TEST(rdl_reads_everything_a_definition_of_2010_has) { check_case("tablix-2010"); }
UNIT_TEST(rdl_reads_page_settings_of_2008) { check_case("page-2008"); }
UNIT_TEST(rdl_reads_prompt_grid_and_default_font_of_2016) { check_case("grid-2016"); }
UNIT_TEST(rdl_reads_a_definition_without_namespace) { check_case("bare"); }

/* Every name of a namespace that products wrote. */
UNIT_TEST(rdl_knows_all_schema_versions)
{
    static const struct {
        const char *date;
        enum rdl_version version;
    } rows[] = {
        {"2003/10", RDL_2003}, {"2005/01", RDL_2005}, {"2007/01", RDL_2008}, {"2008/01", RDL_2008}, {"2009/01", RDL_2010},
        {"2010/01", RDL_2010}, {"2016/01", RDL_2016},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct rdl_report *report;
        rs_text bytes = rs_text_format(job, "<Report xmlns=\"http://schemas.microsoft.com/sqlserver/reporting/%s/reportdefinition\">"
                                            "<Body><Height>1in</Height></Body></Report>", rows[i].date);
        assert_ok(job, rdl_read(job, bytes, &report));
        assert_int_equal(report->version, rows[i].version);
    }
}

UNIT_TEST(rdl_numbers_items_members_and_expressions_without_gaps)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rdl_report *report;
    const struct rdl_item *tablix;
    rs_text bytes;

    assert_ok(job, rs_file_read(job, case_path(job, "table-2005", ".rdl"), RDL_SIZE_MAX, &bytes));
    assert_ok(job, rdl_read(job, bytes, &report));
    tablix = report->sections.items[0].items.items[0];
    assert_int_equal(report->item_count, 7);
    assert_int_equal(tablix->number, 1);
    assert_int_equal(report->member_count, 10);
    assert_ptr_equal(tablix->tablix->row_members.items[1].members.items[1].parent, &tablix->tablix->row_members.items[1]);
    assert_int_equal(tablix->tablix->row_members.items[1].members.items[1].depth, 1);
    assert_true(report->expr_count > 20);
    assert_true(tablix->tablix->no_rows_message.id < report->expr_count);
    assert_string_equal(tablix->tablix->no_rows_message.property, "NoRows");
    assert_int_equal(tablix->tablix->no_rows_message.line, 37);
}
