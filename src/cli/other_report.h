/* cli/other_report.h - subreports of a report that is rendered from a file: definitions beside it.
 */
#ifndef CLI_OTHER_REPORT_H
#define CLI_OTHER_REPORT_H

#include "base/job.h"

struct compute_options;
struct publish_report;

/* compute_options.find_report; `data` is a struct cli_data_source_folder. "Details", "/Sales/Details" and "Details.rdl" all
 * mean Details.rdl, or else Details.rdlc, in the folder. */
RS_CHECKED rs_status cli_other_report_find(struct rs_job *job, void *data, rs_text name, struct compute_options *options,
                                           const struct publish_report **out);

/* compute_options.find_data_set: the same for shared data sets, in .rsd files. */
RS_CHECKED rs_status cli_data_set_find(struct rs_job *job, void *data, rs_text reference, struct compute_options *options,
                                       const struct publish_report **out);

#endif
