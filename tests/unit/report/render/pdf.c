/* What the device information of PDF changes. The pages themselves are golden files of report/layout. */
#include "unit.h"

#include "base/buf.h"
#include "base/vec.h"
#include "report/publish/publish.h"
#include "report/render/run.h"

/* Three text boxes on three pages of 8.5 by 11 inches. */
static const char three_pages[] =
    "<Report xmlns='http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition'><ReportSections><ReportSection>"
    "<Body><ReportItems>"
    "<Textbox Name='A'><Paragraphs><Paragraph><TextRuns><TextRun><Value>First</Value></TextRun></TextRuns></Paragraph>"
    "</Paragraphs><Top>0in</Top><Height>1in</Height><Width>2in</Width></Textbox>"
    "<Textbox Name='B'><Paragraphs><Paragraph><TextRuns><TextRun><Value>Second</Value></TextRun></TextRuns></Paragraph>"
    "</Paragraphs><Top>12in</Top><Height>1in</Height><Width>2in</Width></Textbox>"
    "<Textbox Name='C'><Paragraphs><Paragraph><TextRuns><TextRun><Value>Third</Value></TextRun></TextRuns></Paragraph>"
    "</Paragraphs><Top>24in</Top><Height>1in</Height><Width>2in</Width></Textbox>"
    "</ReportItems><Height>25in</Height></Body><Width>6.5in</Width><Page><PageHeight>11in</PageHeight>"
    "<PageWidth>8.5in</PageWidth></Page></ReportSection></ReportSections></Report>";

static rs_status keep(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    rs_buf_add(data, bytes);
    return RS_OK;
}

/* `settings`: "Name=Value&Name=Value"; operators are always readable. */
static rs_status pdf_of(struct rs_job *job, const char *settings, rs_text *out)
{
    struct publish_report *report;
    rs_buf *buf = RS_NEW(job, rs_buf);
    RS_VEC(struct render_setting) info = {0};
    rs_text rest = rs_text_from(settings), one, name, value;

    *buf = rs_buf_in(job);
    rs_vec_push(job, &info, (struct render_setting){RS_TEXT("HumanReadablePDF"), RS_TEXT("true")});
    for (bool more = rest.size > 0; more;) {
        more = rs_text_cut(rest, '&', &one, &rest);
        rs_text_cut(one, '=', &name, &value);
        rs_vec_push(job, &info, (struct render_setting){name, value});
    }
    struct render_request request = {.format = RS_TEXT("pdf"), .info = {info.items, info.count}};
    RS_TRY(publish_open(job, rs_text_from(three_pages), NULL, &report));
    rs_job_at_end(job, (void (*)(void *))publish_unref, report);
    RS_TRY(render_report(job, report, &request, &(struct render_sink){buf, keep, NULL}, NULL));
    *out = rs_buf_text(buf);
    return RS_OK;
}

static rs_text pdf(struct rs_job *job, const char *settings)
{
    rs_text out;

    assert_ok(job, pdf_of(job, settings, &out));
    assert_true(rs_text_starts(out, RS_TEXT("%PDF-1.7\n")));
    assert_true(rs_text_ends(out, RS_TEXT("%%EOF\n")));
    return out;
}

static bool has(rs_text pdf, const char *what)
{
    return rs_text_find(pdf, rs_text_from(what)) >= 0;
}

UNIT_TEST(pdf_has_every_page_unless_told_otherwise)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text all = pdf(job, ""), zero = pdf(job, "StartPage=0");

    assert_true(has(all, "(First)Tj") && has(all, "(Second)Tj") && has(all, "(Third)Tj"));
    assert_true(has(all, "/Count 3/"));
    assert_true(has(zero, "/Count 3/"));
}

UNIT_TEST(pdf_start_page_alone_is_one_page)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text second = pdf(job, "StartPage=2"), last = pdf(job, "startpage=2&ENDPAGE=3");

    assert_true(!has(second, "(First)Tj") && has(second, "(Second)Tj") && !has(second, "(Third)Tj"));
    assert_true(has(second, "/Count 1/"));
    assert_true(has(last, "/Count 2/"));
}

UNIT_TEST(pdf_page_size_and_margins_can_be_given)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text a4 = pdf(job, "PageWidth=21cm&PageHeight=29.7cm&MarginLeft=1in&MarginTop=1in");

    assert_true(has(a4, "/MediaBox[0 0 595.28 841.89]"));
    assert_true(has(a4, "72 760.84 Td")); /* 841.89 - 72 - ascent of 10 pt */
}

UNIT_TEST(pdf_wrong_device_information_is_refused)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char *const wrong[] = {"StartPage=3&EndPage=2", "PageWidth=wide", "StartPage=-1", "Columns=0"};
    rs_text out;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_status(pdf_of(job, wrong[i], &out), RENDER_DEVICE_INFO);
        rs_job_forgive(job);
    }
    assert_status(pdf_of(job, "StartPage=9", &out), RS_INVALID); /* there is no page 9 */
}

UNIT_TEST(pdf_stops_at_every_checkpoint_of_a_report)
{
    uint64_t checkpoints = 1;

    for (uint64_t stop = 0; stop <= checkpoints; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_text out;

        if (stop)
            rs_job_stop_at(job, stop);
        assert_status(pdf_of(job, "", &out), stop ? RS_CANCELLED : RS_OK);
        if (!stop)
            checkpoints = rs_job_checkpoints(job);
    }
    assert_true(checkpoints > 2);
}
