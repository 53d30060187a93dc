/* Pictures and style sheets that a report names by a place outside it. */
#include "report/compute/internal.h"
#include "report/data/document.h"
#include "report/data/http.h"

static rs_text last_name(rs_text path)
{
    for (size_t i = path.size; i > 0; i--)
        if (path.bytes[i - 1] == '/' || path.bytes[i - 1] == '\\')
            return rs_text_from_offset(path, i);
    return path;
}

rs_status compute_external(struct rs_job *job, struct compute_run *run, rs_text place, rs_text *out)
{
    const struct compute_options *options = &run->options;
    struct data_source source = {.name = RS_TEXT("external"), .base_folder = options->base_folder,
                                 .any_file = options->any_file, .http_hosts = options->http_hosts};
    const struct data_query query = {0};
    bool is_file = rs_text_starts_nocase(place, RS_TEXT("file://"));

    if (options->sample_data)
        return rs_fail(job, RS_UNSUPPORTED, "%.*s is outside the report and not fetched", RS_TEXT_ARG(place));
    if (!http_is_address(place) && !is_file && options->find_resource)
        return options->find_resource(job, options->find_resource_data, place, out);
    if (!http_is_address(place) && !is_file) /* "/Images/logo.png" of a server is logo.png beside the file */
        place = last_name(place);
    return document_read(job, job, &source, &query, place, out);
}
