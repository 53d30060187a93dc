/* Lays every report of a folder out on the trace device and compares what is drawn with the file beside it:
 * <name>.rdl and <name>.trace. RS_UPDATE=1 rewrites the traces. Each report is also stopped at its checkpoints, one after
 * another; whatever a stop leaves behind, the sanitizers tell. Subreports are in the folder "subreports". TAP.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "report/compute/compute.h"
#include "report/draw/trace.h"
#include "report/layout/layout.h"
#include "report/publish/publish.h"

#define FILE_LIMIT ((size_t)4 * 1024 * 1024)
#define REPORTS_MAX 200
#define STOPS_PER_REPORT 60

static rs_status gather(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    rs_buf_add(data, bytes);
    return RS_OK;
}

static void unref(void *report)
{
    publish_unref(report);
}

/* compute_options.find_report; `data` is the folder. */
static rs_status find_report(struct rs_job *job, void *data, rs_text name, struct compute_options *options,
                             const struct publish_report **out)
{
    rs_text path = rs_text_format(job, "%s/subreports/%.*s.rdl", (const char *)data, RS_TEXT_ARG(name)), bytes;
    struct publish_report *report;

    RS_TRY(rs_file_read(job, path, FILE_LIMIT, &bytes));
    RS_TRY(publish_open(job, bytes, NULL, &report));
    rs_job_at_end(job, unref, report);
    options->globals.report_name = name;
    *out = report;
    return RS_OK;
}

/* `stop`: the checkpoint to stop at, 0: none. */
static rs_status lay_out(struct rs_job *keep, const char *folder, struct publish_report *report, uint64_t stop,
                         rs_text *trace, uint64_t *checkpoints)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf drawn = rs_buf_in(keep);
    struct draw_sink sink = {&drawn, gather};
    struct compute_options options = {
        .globals = {.execution_time = value_date(638000000000000000), /* 2022-10-03 22:13:20 */
                    .report_name = RS_TEXT("Golden"), .render_format_name = RS_TEXT("PDF"), .user_language = RS_TEXT("en-US")},
        .find_report = find_report,
        .find_report_data = (void *)folder,
    };
    struct layout_options pages = layout_defaults();
    struct draw_device *device;
    struct compute_run *run;
    rs_status status;

    if (stop)
        rs_job_stop_at(job, stop);
    status = compute_open(job, report, &options, &run);
    if (status == RS_OK)
        status = compute_start(job, run);
    if (status == RS_OK)
        status = trace_create(job, &sink, &device);
    if (status == RS_OK)
        status = layout_report(job, run, &pages, device, NULL);
    if (status != RS_OK && !stop)
        printf("# %.*s\n", RS_TEXT_ARG(rs_job_error(job)));
    *checkpoints = rs_job_checkpoints(job);
    *trace = rs_buf_text(&drawn);
    return status;
}

/* The first line that differs. */
static void show_difference(rs_text expected, rs_text trace)
{
    rs_text want, got;
    int number = 0;

    do {
        bool more_wanted = rs_text_cut(expected, '\n', &want, &expected);
        bool more = rs_text_cut(trace, '\n', &got, &trace) && more_wanted;
        number++;
        if (!more)
            break;
    } while (rs_text_equal(want, got));
    printf("# line %d\n#   expected: %.*s\n#   drawn:    %.*s\n", number, RS_TEXT_ARG(want), RS_TEXT_ARG(got));
}

static bool compare(struct rs_job *job, rs_text path, rs_text trace)
{
    rs_text expected;

    if (getenv("RS_UPDATE"))
        return rs_file_replace(job, path, trace, 0644) == RS_OK;
    if (rs_file_read(job, path, FILE_LIMIT, &expected) != RS_OK) {
        printf("# %.*s\n", RS_TEXT_ARG(rs_job_error(job)));
        return false;
    }
    if (rs_text_equal(expected, trace))
        return true;
    show_difference(expected, trace);
    return false;
}

static bool stops_everywhere(struct rs_job *job, const char *folder, struct publish_report *report, uint64_t checkpoints)
{
    uint64_t step = checkpoints / STOPS_PER_REPORT + 1, passed;
    rs_text trace;

    for (uint64_t stop = 1; stop <= checkpoints; stop += step) {
        rs_status status = lay_out(job, folder, report, stop, &trace, &passed);
        if (status == RS_CANCELLED)
            continue;
        printf("# stopped at checkpoint %llu of %llu it gave %s\n", (unsigned long long)stop,
               (unsigned long long)checkpoints, rs_status_name(status));
        return false;
    }
    return true;
}

static void run_report(const char *folder, const char *name, int number)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = NULL;
    rs_text bytes, trace, base = rs_text_format(job, "%s/%.*s", folder, (int)(strlen(name) - 4), name);
    uint64_t checkpoints = 0;
    bool ok = rs_file_read(job, rs_text_format(job, "%.*s.rdl", RS_TEXT_ARG(base)), FILE_LIMIT, &bytes) == RS_OK &&
              publish_open(job, bytes, NULL, &report) == RS_OK;

    if (!ok)
        printf("# %.*s\n", RS_TEXT_ARG(rs_job_error(job)));
    ok = ok && lay_out(job, folder, report, 0, &trace, &checkpoints) == RS_OK &&
         compare(job, rs_text_format(job, "%.*s.trace", RS_TEXT_ARG(base)), trace) &&
         stops_everywhere(job, folder, report, checkpoints);
    printf("%s %d - %s\n", ok ? "ok" : "not ok", number, name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
    static char *names[REPORTS_MAX];
    int count = 0;
    struct dirent *entry;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    while ((entry = readdir(folder)) != NULL && count < REPORTS_MAX)
        if (rs_text_ends(rs_text_from(entry->d_name), RS_TEXT(".rdl")))
            names[count++] = strdup(entry->d_name);
    closedir(folder);
    rs_log_level(RS_LOG_ERROR); /* subreports that cannot be shown are among what is tested */
    qsort(names, (size_t)count, sizeof names[0], by_name);
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        run_report(argv[1], names[i], i + 1);
        free(names[i]);
    }
    return count > 0 ? 0 : 1;
}
