/* cli/data_source.h - shared data sources of a report that is rendered from a file: .rds files beside it.
 */
#ifndef CLI_DATA_SOURCE_H
#define CLI_DATA_SOURCE_H

#include "base/job.h"

struct compute_data_source;

struct cli_data_source_folder {
    rs_text folder; /* ends in '/' */
};

/* compute_options.resolve; `data` is a struct cli_data_source_folder. "Sales", "/Data Sources/Sales" and "Sales.rds" all mean
 * Sales.rds in the folder. */
RS_CHECKED rs_status cli_data_source_resolve(struct rs_job *job, void *data, rs_text reference,
                                         struct compute_data_source *out);

#endif
