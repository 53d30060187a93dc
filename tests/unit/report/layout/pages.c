#include "unit.h"

#include "base/buf.h"
#include "report/draw/trace.h"
#include "report/layout/layout.h"
#include "report/publish/publish.h"

static rs_status gather(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    rs_buf_add(data, bytes);
    return RS_OK;
}

/* Text boxes at the given tops (inches), on a page of 5 by 2 inches with a footer that names the page. */
static rs_text make_report(struct rs_job *job, const char *tops, const char *page)
{
    rs_buf buf = rs_buf_in(job);
    rs_text rest = rs_text_from(tops), top;
    bool more = true;

    rs_buf_add_literal(&buf, "<Report xmlns='http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition'>"
                             "<ReportSections><ReportSection><Body><ReportItems>");
    for (int i = 1; more; i++) {
        more = rs_text_cut(rest, ' ', &top, &rest);
        rs_buf_printf(&buf, "<Textbox Name='T%d'><Paragraphs><Paragraph><TextRuns><TextRun><Value>Text %d</Value></TextRun>"
                            "</TextRuns></Paragraph></Paragraphs><Top>%.*sin</Top><Height>0.5in</Height><Width>1in</Width></Textbox>",
                      i, i, RS_TEXT_ARG(top));
    }
    rs_buf_printf(&buf, "</ReportItems><Height>1in</Height></Body><Width>4in</Width><Page><PageFooter><Height>0.25in</Height>"
                        "<PrintOnFirstPage>true</PrintOnFirstPage><PrintOnLastPage>true</PrintOnLastPage><ReportItems>"
                        "<Textbox Name='F'><Paragraphs><Paragraph><TextRuns><TextRun><Value>=Globals!PageNumber</Value></TextRun>"
                        "</TextRuns></Paragraph></Paragraphs><Height>0.25in</Height><Width>1in</Width></Textbox></ReportItems>"
                        "</PageFooter><PageHeight>2in</PageHeight><PageWidth>5in</PageWidth>%s</Page></ReportSection>"
                        "</ReportSections></Report>",
                  page);
    return rs_buf_text(&buf);
}

static rs_status lay_out(struct rs_job *job, rs_text definition, const struct layout_options *options, size_t *pages,
                         rs_text *trace)
{
    struct compute_options compute = {.globals = {.report_name = RS_TEXT("Unit")}};
    rs_buf *drawn = RS_NEW(job, rs_buf);
    struct draw_sink sink = {drawn, gather};
    struct publish_report *report;
    struct draw_device *device;
    struct compute_run *run;

    *drawn = rs_buf_in(job);
    assert_ok(job, publish_open(job, definition, NULL, &report));
    rs_job_at_end(job, (void (*)(void *))publish_unref, report);
    assert_ok(job, compute_open(job, report, &compute, &run));
    assert_ok(job, compute_start(job, run));
    assert_ok(job, trace_create(job, &sink, &device));
    RS_TRY(layout_report(job, run, options, device, pages));
    *trace = rs_buf_text(drawn);
    return RS_OK;
}

UNIT_TEST(layout_only_the_pages_asked_for_are_drawn)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct layout_options options = layout_defaults();
    size_t pages;
    rs_text trace;

    options.first_page = options.last_page = 2;
    assert_ok(job, lay_out(job, make_report(job, "0 1.5 3 5", ""), &options, &pages, &trace));
    assert_true(rs_text_find(trace, RS_TEXT("\"Text 1\"")) < 0);
    assert_true(rs_text_find(trace, RS_TEXT("\"Text 2\"")) >= 0);
    assert_true(rs_text_find(trace, RS_TEXT("\"Text 3\"")) >= 0 || pages >= 2);
    assert_true(rs_text_find(trace, RS_TEXT("page 2 ")) < 0); /* one page on the device */
    assert_true(rs_text_find(trace, RS_TEXT("\"2\"")) >= 0);  /* and it knows that it is the second */
}

UNIT_TEST(layout_margins_that_swallow_the_page_are_none)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct layout_options options = layout_defaults();
    size_t pages;
    rs_text trace;

    options.margin_left_pt = options.margin_right_pt = 400;
    assert_ok(job, lay_out(job, make_report(job, "0", ""), &options, &pages, &trace));
    assert_int_equal(pages, 1);
    assert_true(rs_text_find(trace, RS_TEXT("text 0 9.05")) >= 0);
}

UNIT_TEST(layout_page_without_room_is_refused)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct layout_options options = layout_defaults();
    size_t pages;
    rs_text trace;

    options.page_height_pt = 18; /* no higher than the footer */
    assert_status(lay_out(job, make_report(job, "0", ""), &options, &pages, &trace), RS_INVALID);
}

UNIT_TEST(layout_item_that_does_not_fit_moves_and_pushes)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct layout_options options = layout_defaults();
    size_t pages;
    rs_text trace;

    /* the second is cut by the end of the page: it moves to the next, and the third stands 0.25 in below it */
    assert_ok(job, lay_out(job, make_report(job, "0 1.5 2.25", ""), &options, &pages, &trace));
    assert_int_equal(pages, 2);
    assert_true(rs_text_find(trace, RS_TEXT("text 0 9.05 Liberation Sans 10 #000000 \"Text 2\"")) >= 0);
    assert_true(rs_text_find(trace, RS_TEXT("text 0 63.05 Liberation Sans 10 #000000 \"Text 3\"")) >= 0);
}
