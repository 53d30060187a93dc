#include "cli/data_source.h"

#include "base/file.h"
#include "report/compute/compute.h"
#include "service/ops/data_source.h"

rs_status cli_data_source_resolve(struct rs_job *job, void *data, rs_text reference, struct compute_data_source *out)
{
    const struct cli_data_source_folder *folder = data;
    rs_text name = reference, path, bytes;
    struct data_source_definition source;

    for (size_t i = reference.size; i > 0 && name.size == reference.size; i--)
        if (reference.bytes[i - 1] == '/')
            name = rs_text_from_offset(reference, i);
    if (rs_text_ends(name, RS_TEXT(".rds")))
        name.size -= 4;
    path = rs_text_format(job, "%.*s%.*s.rds", RS_TEXT_ARG(folder->folder), RS_TEXT_ARG(name));
    if (rs_file_read(job, path, DATA_SOURCE_FILE_MAX, &bytes) != RS_OK) {
        rs_within(job, "shared data source \"%.*s\"", RS_TEXT_ARG(reference));
        return rs_job_status(job);
    }
    if (data_source_parse(job, bytes, &source) != RS_OK) {
        rs_within(job, "\"%.*s\"", RS_TEXT_ARG(path));
        return rs_job_status(job);
    }
    *out = (struct compute_data_source){.provider = source.extension, .connect_string = source.connect_string};
    return RS_OK;
}
