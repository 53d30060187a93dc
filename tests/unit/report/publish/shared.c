/* Published reports outlive the job that opened them, and stop where they must. */
#include "../../unit.h"

#include "report/rdl/read.h"
#include "reports.h"

static const char whole[] = REPORT(SALES OTHER, STRING_PARAMETER("P", "<DefaultValue><Values><Value>x</Value></Values></DefaultValue>"), "",
                                   MATRIX("=Max(Sum(Fields!Amount.Value, \"ByRegion\"))", "=Sum(Fields!Amount.Value)",
                                          TABLE("Inner", BOX("H", "=Lookup(1, Fields!Id.Value, Fields!Name.Value, \"Other\")"), BOX("D", "=Fields!City.Value"), "", "", "")));

UNIT_TEST(publish_report_outlives_the_job_that_opened_it)
{
    struct publish_report *report, *second;
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_ok(job, publish_open(job, rs_text_from(whole), NULL, &report));
    }
    second = publish_ref(report);
    publish_unref(report);
    assert_text(second->scopes[0].name, "Sales");
    assert_true(second->definition->expr_count > 5);
    for (unsigned i = 0; i < second->definition->expr_count; i++)
        assert_non_null(second->exprs[i].program);
    publish_unref(second);
    publish_unref(NULL);
}

UNIT_TEST(publish_open_reports_a_memory_limit_of_its_own)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct publish_options small = {.memory_limit = 64 * 1024};
    struct publish_report *report = NULL;

    assert_status(publish_open(job, rs_text_from(whole), &small, &report), RS_OVER_LIMIT);
    assert_null(report);
}

static rs_status publish_whole(struct rs_job *job)
{
    struct rdl_report *definition;
    struct publish_report *report;

    RS_TRY(rdl_read(job, rs_text_from(whole), &definition));
    return publish_report(job, definition, &(struct publish_options){.collect = true}, &report);
}

UNIT_TEST(publish_stops_at_every_checkpoint)
{
    uint64_t stops;
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_ok(job, publish_whole(job));
        stops = rs_job_checkpoints(job);
    }
    assert_true(stops > 20);
    for (uint64_t i = 1; i <= stops; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_job_stop_at(job, i);
        assert_status(publish_whole(job), RS_CANCELLED);
    }
}
