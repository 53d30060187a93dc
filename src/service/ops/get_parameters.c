#include "service/ops/report_run.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_get_parameters *c = call;
    struct render_request *request;
    struct compute_run *opened;

    c->item = item;
    RS_TRY(report_run_open(job, caller, catalog, item, &c->given, RS_TEXT(""), &(struct render_device_info){0}, &c->parameters, &request, &opened));
    if (opened)
        report_run_parameters(job, opened, &c->parameters);
    return RS_OK;
}

const struct service_op service_get_parameters = {
    .name = "GetItemParameters",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_REPORT),
    .permission = AUTH_EXECUTE,
    .path_at = offsetof(struct service_get_parameters, path),
    .run = run,
};
