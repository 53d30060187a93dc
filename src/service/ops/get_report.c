#include "service/ops/ops.h"
#include "service/ops/published.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_get_report *c = call;

    return published_open(job, service_published(caller->service), catalog, item, &c->report);
}

/* What anybody who may run a report sees of it anyway. */
const struct service_op service_get_report = {
    .name = "GetItemParameterDefinitions",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_REPORT),
    .permission = AUTH_EXECUTE,
    .path_at = offsetof(struct service_get_report, path),
    .run = run,
};
