/* Renders every report of a folder in every format, in several processes, and compares the bytes: the same report, data and
 * clock give the same document, whatever the memory holds and wherever it lies.
 *
 *     reproduce FOLDER            starts itself a few times (each time the system places it elsewhere) and compares
 *     reproduce --sums FOLDER     one of these: a line for each document, with a sum of its bytes
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "report/publish/publish.h"
#include "report/rdl/read.h"
#include "report/render/renderers.h"
#include "report/render/run.h"

/* What fresh memory holds, and which blocks have pages of their own (mallopt(3)). */
static const char *const surroundings[] = {
    "", "MALLOC_PERTURB_=85", "MALLOC_PERTURB_=170 MALLOC_MMAP_THRESHOLD_=4096", "MALLOC_MMAP_THRESHOLD_=33554432",
};

struct sum {
    size_t size;
    uint64_t hash;
};

static rs_status add_up(struct rs_job *job, void *data, rs_text bytes)
{
    struct sum *sum = data;

    (void)job;
    for (size_t i = 0; i < bytes.size; i++) /* FNV-1a: pieces may be cut otherwise */
        sum->hash = (sum->hash ^ (uint8_t)bytes.bytes[i]) * UINT64_C(0x100000001b3);
    sum->size += bytes.size;
    return RS_OK;
}

static void print_sums(const char *folder, const char *name)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = NULL;
    rs_text bytes;

    if (rs_file_read(job, rs_text_format(job, "%s/%s", folder, name), RDL_SIZE_MAX, &bytes) != RS_OK ||
        publish_open(job, bytes, NULL, &report) != RS_OK)
        return;
    for (size_t i = 0; i < render_format_count; i++) {
        RS_OWNED(rs_job) work = rs_job_create(NULL);
        struct render_request request = {.format = rs_text_from(render_formats[i]->name)};
        struct sum sum = {0, UINT64_C(0xcbf29ce484222325)};
        request.options.globals.execution_time = value_date(INT64_C(638000000000000000)); /* 2022-10-03 22:13:20 */
        request.options.globals.report_name = RS_TEXT("Again");
        rs_status status = render_report(work, report, &request, &(struct render_sink){&sum, add_up, NULL, NULL}, NULL);
        printf("%s as %s: %s, %zu bytes, %016llx\n", name, render_formats[i]->name, rs_status_name(status), sum.size, (unsigned long long)sum.hash);
    }
}

static int sums(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);

    rs_log_level(RS_LOG_ERROR);
    for (int i = 0; i < count; i++) {
        if (rs_text_ends(rs_text_from(entries[i]->d_name), RS_TEXT(".rdl")))
            print_sums(path, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return count > 0 ? 0 : 1;
}

/* The lines of one process. */
static rs_text sums_in(struct rs_job *job, const char *program, const char *surrounding, const char *folder)
{
    FILE *pipe = popen(rs_text_format(job, "%s '%s' --sums '%s'", surrounding, program, folder).bytes, "r");
    rs_buf lines = rs_buf_in(job);
    char piece[4096];
    size_t size;

    while (pipe && (size = fread(piece, 1, sizeof piece, pipe)) > 0)
        rs_buf_add(&lines, rs_text_of(piece, size));
    if (!pipe || pclose(pipe) != 0)
        rs_buf_clear(&lines);
    return rs_buf_text(&lines);
}

static bool same(rs_text wanted, rs_text got)
{
    rs_text want, line;
    bool all = wanted.size > 0 && wanted.size == got.size;

    for (;;) {
        bool more = rs_text_cut(wanted, '\n', &want, &wanted), others = rs_text_cut(got, '\n', &line, &got);
        if (!more && !others)
            return all;
        if (!rs_text_equal(want, line)) {
            all = false;
            printf("# first: %.*s\n# now:   %.*s\n", RS_TEXT_ARG(want), RS_TEXT_ARG(line));
        }
    }
}

int main(int argc, char **argv)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    size_t count = sizeof surroundings / sizeof *surroundings;
    rs_text first;

    if (argc == 3 && strcmp(argv[1], "--sums") == 0)
        return sums(argv[2]);
    if (argc != 2) {
        fprintf(stderr, "usage: %s [--sums] FOLDER\n", argv[0]);
        return 2;
    }
    first = sums_in(job, argv[0], surroundings[0], argv[1]);
    printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++)
        printf("%s %zu - the same bytes again, %s\n", same(first, sums_in(job, argv[0], surroundings[i], argv[1])) ? "ok" : "not ok", i + 1,
               *surroundings[i] ? surroundings[i] : "elsewhere");
    return 0;
}
