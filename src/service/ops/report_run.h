/* service/ops/report_run.h - from a report item and what was given for its parameters to an open run.
 */
#ifndef SERVICE_OPS_REPORT_RUN_H
#define SERVICE_OPS_REPORT_RUN_H

#include "report/render/run.h"
#include "service/ops/op.h"
#include "service/ops/ops.h"

/* `request` and the run live in the job; the format may be empty (parameters only). Where a data source asks for credentials
 * that are not given, *run is NULL; states->sources tells. */
RS_CHECKED rs_status report_run_open(struct rs_job *job, const struct service_caller *caller,
                                     struct catalog *catalog, const struct catalog_item *item,
                                     const struct service_parameters *given, rs_text format,
                                     const struct render_device_info *info,
                                     struct service_parameter_states *states, struct render_request **request,
                                     struct compute_run **run);

/* The states of all parameters, and whether the report could run with them. */
void report_run_parameters(struct rs_job *job, const struct compute_run *run, struct service_parameter_states *out);

#endif
