#include "service/ops/ops.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    (void)caller;
    return catalog_delete(job, catalog, item);
}

const struct service_op service_delete_item = {
    .name = "DeleteItem",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_DELETE,
    .path_at = offsetof(struct service_delete_item, path),
    .run = run,
};
