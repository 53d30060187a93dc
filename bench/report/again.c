/* again FOLDER: what it costs to work with rows that are there, in milliseconds of CPU.
 *
 * FOLDER holds rows.db and the reports of bench/report. For each field of the 1,000,000 rows: putting them into groups and
 * sorting them, as a toggle, a click on a sort or another rendering does. Then a matrix, and six pages of a published report.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "report/compute/internal.h"
#include "report/render/run.h"

static double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void must(struct rs_job *job, rs_status status)
{
    if (status == RS_OK)
        return;
    fprintf(stderr, "again: %.*s\n", RS_TEXT_ARG(rs_job_error(job)));
    exit(1);
}

static struct publish_report *publish(struct rs_job *job, const char *folder, const char *name)
{
    struct publish_report *report;
    rs_text bytes;

    must(job, rs_file_read(job, rs_text_format(job, "%s/%s", folder, name), 1 << 20, &bytes));
    must(job, publish_open(job, bytes, NULL, &report));
    return report;
}

static struct compute_run *open_run(struct rs_job *job, const struct publish_report *report, const char *folder)
{
    struct compute_options options = {.base_folder = rs_text_format(job, "%s/", folder), .any_file = true};
    struct compute_run *run;

    must(job, compute_open(job, report, &options, &run));
    must(job, compute_start(job, run));
    must(job, compute_fetch(job, run));
    return run;
}

/* The first time (`*first`) and the least of five further ones. */
#define TIME(first, again, ...)                                                                \
    do {                                                                                       \
        again = 1e9;                                                                           \
        for (int turn = 0; turn < 6; turn++) {                                                 \
            double started = cpu_ms(), took;                                                   \
            __VA_ARGS__;                                                                       \
            took = cpu_ms() - started;                                                         \
            if (turn == 0)                                                                     \
                first = took;                                                                  \
            else                                                                               \
                again = took < again ? took : again;                                           \
        }                                                                                      \
    } while (0)

static void group_and_sort(const char *folder)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct publish_report *report = publish(job, folder, "sales.rdl");
    struct compute_run *run = open_run(job, report, folder);
    struct compute_data *data = &run->data[0];
    size_t count = data->filtered.count;

    printf("%zu rows: ms of CPU, the first time and again\n%-10s %18s %18s\n", count, "", "group", "sort");
    for (size_t i = 0; i < data->published->definition->fields.count; i++) {
        const struct data_column *column;
        double first_group = 0, group, first_sort = 0, sort;
        must(job, compute_field_column(job, run, data, (int)i, &column));
        TIME(first_group, group, {
            RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
            struct compute_groups groups;
            must(job, compute_group_rows(job, run, data, data->filtered, &column, 1, scratch, &groups));
        });
        TIME(first_sort, sort, {
            RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
            uint32_t *rows = RS_NEW_ARRAY(scratch, uint32_t, count);
            memcpy(rows, data->filtered.rows, count * sizeof *rows);
            must(job, compute_sort_column(job, run, data, column, turn % 2, rows, count));
        });
        printf("%-10.*s %8.1f %8.1f  %8.1f %8.1f\n", RS_TEXT_ARG(column->name), first_group, group, first_sort, sort);
    }
    publish_unref(report);
}

static rs_status count_bytes(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    *(size_t *)data += bytes.size;
    return RS_OK;
}

/* A published report, executed and rendered; with `keep_rows` its rows are there. */
static void render(const char *folder, const char *name, const char *format, bool keep_rows, const char *what)
{
    RS_OWNED(rs_job) outer = rs_job_create(NULL);
    struct publish_report *report = publish(outer, folder, name);
    double first = 0, again;
    size_t bytes;

    TIME(first, again, {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct render_request request = {.format = rs_text_from(format)};
        request.options.base_folder = rs_text_format(job, "%s/", folder);
        request.options.any_file = true;
        struct compute_run *run = keep_rows ? open_run(job, report, folder) : NULL;
        started = keep_rows ? cpu_ms() : started;
        bytes = 0;
        must(job, run ? render_run(job, run, &request, &(struct render_sink){&bytes, count_bytes, NULL, NULL}, NULL)
                      : render_report(job, report, &request, &(struct render_sink){&bytes, count_bytes, NULL, NULL}, NULL));
    });
    printf("%-40s %8.1f %8.1f\n", what, first, again);
    publish_unref(report);
}

int main(int count, char **arguments)
{
    const char *folder = count > 1 ? arguments[1] : ".";

    mallopt(M_TRIM_THRESHOLD, 16 << 20); /* as daemon/main.c says */
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    group_and_sort(folder);
    render(folder, "matrix.rdl", "CSV", true, "matrix of 100,000 rows that are there");
    render(folder, "matrix.rdl", "PDF", true, "the same as PDF");
    render(folder, "small.rdl", "PDF", false, "seven pages as PDF, published, with query");
    render(folder, "small.rdl", "PDF", true, "the same, rows are there");
    return 0;
}
