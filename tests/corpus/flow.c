/* Reports whose rows flow, over the public corpus (walk.h): with made-up rows each is written twice, once with its rows flowing
 * and once with them kept, and must be the same bytes in every format.
 *
 *     flow [--list] [FOLDER]
 *
 * Prints how many reports have such rows. Fails where outputs differ, and where no report has any. */
#include <stdio.h>

#include "base/buf.h"
#include "base/file.h"
#include "report/publish/publish.h"
#include "report/rdl/read.h"
#include "report/render/run.h"
#include "walk.h"

static struct {
    struct corpus corpus;
    unsigned reports, flowing, different;
} survey;

static rs_status gather(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    rs_buf_add(data, bytes);
    return RS_OK;
}

/* What a report comes out as, or why it does not. */
static rs_text rendered(struct rs_job *memory, const struct publish_report *report, const char *format, bool keep_rows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct render_request request = {.format = rs_text_from(format)};
    rs_buf out = rs_buf_in(memory);

    request.options.sample_data = true;
    request.options.keep_rows = keep_rows;
    request.options.globals.report_name = RS_TEXT("Flow");
    request.options.globals.execution_time = value_date(INT64_C(638000000000000000)); /* or a PDF has the clock's */
    if (render_report(job, report, &request, &(struct render_sink){&out, gather, NULL, NULL}, NULL) != RS_OK)
        return rs_text_copy(memory, rs_job_error(job));
    return rs_buf_text(&out);
}

static bool may_flow(const struct publish_report *report)
{
    for (size_t i = 0; i < report->definition->data_sets.count; i++)
        if (report->data_sets[i].flows_to)
            return true;
    return false;
}

static void compare(rs_text path, const struct publish_report *report)
{
    static const char *const formats[] = {"CSV", "XML", "HTML5", "PDF"};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        if (rs_text_equal(rendered(job, report, formats[i], false), rendered(job, report, formats[i], true)))
            continue;
        survey.different++;
        printf("DIFFERS as %s: %.*s\n", formats[i], RS_TEXT_ARG(path));
    }
}

static void try_file(rs_text path)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct publish_options options = {.collect = true};
    struct publish_report *report;
    rs_text bytes;

    if (rs_file_read(job, path, RDL_SIZE_MAX, &bytes) != RS_OK || publish_open(job, bytes, &options, &report) != RS_OK)
        return;
    survey.reports++;
    if (may_flow(report)) {
        survey.flowing++;
        if (survey.corpus.list)
            printf("%.*s\n", RS_TEXT_ARG(path));
        compare(path, report);
    }
    publish_unref(report);
}

int main(int count, char **arguments)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (!corpus_walk(job, count, arguments, &survey.corpus))
        return CORPUS_SKIPPED;
    for (size_t i = 0; i < survey.corpus.paths.count; i++)
        try_file(survey.corpus.paths.items[i]);
    printf("%u reports, rows flow in %u, differ in %u outputs\n", survey.reports, survey.flowing, survey.different);
    return survey.different || !survey.flowing;
}
