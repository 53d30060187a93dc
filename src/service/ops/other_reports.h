/* service/ops/other_reports.h - which items the subreports and external pictures of a report are.
 *
 * A definition names them by a path, absolute or relative to the report's folder. Whoever runs the report needs the
 * permission to run the subreport, or to read the picture, too.
 */
#ifndef SERVICE_OPS_OTHER_REPORTS_H
#define SERVICE_OPS_OTHER_REPORTS_H

#include "report/compute/compute.h"
#include "service/ops/service.h"
#include "store/catalog/catalog.h"

struct other_reports {
    const struct service_caller *caller;
    struct catalog *catalog;
    rs_text folder; /* of the report whose subreports are asked for */
};

/* For compute_options.find_report: `data` is a struct other_reports. */
rs_status other_reports_find(struct rs_job *job, void *data, rs_text name, struct compute_options *options,
                             const struct publish_report **out);

/* For compute_options.find_resource: the same. */
rs_status other_reports_resource(struct rs_job *job, void *data, rs_text path, rs_text *out);

/* For compute_options.find_data_set: a shared data set by its path, absolute or relative to the report's folder, else its name in
 * /Datasets. */
rs_status other_reports_find_data_set(struct rs_job *job, void *data, rs_text reference, struct compute_options *options,
                                      const struct publish_report **out);

#endif
