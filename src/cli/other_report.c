#include "cli/other_report.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/data_source.h"
#include "report/compute/compute.h"
#include "report/publish/publish.h"
#include "report/rdl/read.h"

static void unref(void *report)
{
    publish_unref(report);
}

/* The name without folders and ending. */
static rs_text plain_name(rs_text reference)
{
    static const char *const endings[] = {".rdl", ".rdlc", ".rsd"};
    rs_text name = reference;

    for (size_t i = reference.size; i > 0 && name.size == reference.size; i--)
        if (reference.bytes[i - 1] == '/' || reference.bytes[i - 1] == '\\')
            name = rs_text_from_offset(reference, i);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (rs_text_ends(name, rs_text_from(endings[i])))
            name.size -= strlen(endings[i]);
    return name;
}

static rs_status read_definition(struct rs_job *job, rs_text folder, rs_text name, rs_text *out)
{
    rs_text rdl = rs_text_format(job, "%.*s%.*s.rdl", RS_TEXT_ARG(folder), RS_TEXT_ARG(name));
    rs_text rdlc = rs_text_format(job, "%.*sc", RS_TEXT_ARG(rdl));
    bool other = access(rdl.bytes, R_OK) != 0 && access(rdlc.bytes, R_OK) == 0; /* else an error names .rdl */

    return rs_file_read(job, other ? rdlc : rdl, RDL_SIZE_MAX, out);
}

rs_status cli_data_set_find(struct rs_job *job, void *data, rs_text reference, struct compute_options *options,
                            const struct publish_report **out)
{
    const struct cli_data_source_folder *folder = data;
    rs_text name = plain_name(reference), bytes;
    rs_text path = rs_text_format(job, "%.*s%.*s.rsd", RS_TEXT_ARG(folder->folder), RS_TEXT_ARG(name));
    struct publish_report *report;

    RS_TRY(rs_file_read(job, path, RDL_SIZE_MAX, &bytes));
    if (publish_open(job, bytes, NULL, &report) != RS_OK) {
        rs_within(job, "\"%.*s\"", RS_TEXT_ARG(path));
        return rs_job_status(job);
    }
    rs_job_at_end(job, unref, report);
    *out = report;
    return RS_OK;
}

rs_status cli_other_report_find(struct rs_job *job, void *data, rs_text name, struct compute_options *options,
                                const struct publish_report **out)
{
    const struct cli_data_source_folder *folder = data;
    const struct publish_options publish = {.collect = true};
    rs_text plain = plain_name(name), bytes;
    struct publish_report *report;
    rs_status status;

    status = read_definition(job, folder->folder, plain, &bytes);
    if (status == RS_OK)
        status = publish_open(job, bytes, &publish, &report);
    if (status != RS_OK) {
        rs_within(job, "report \"%.*s\"", RS_TEXT_ARG(name));
        return status;
    }
    rs_job_at_end(job, unref, report);
    options->globals.report_name = rs_text_copy(job, plain);
    *out = report;
    return RS_OK;
}
