#include "service/ops/ops.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_item_references *c = call;

    (void)caller;
    return catalog_references(job, catalog, item, &c->references);
}

const struct service_op service_get_item_references = {
    .name = "GetItemReferences",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_REPORT) | SERVICE_KIND(CATALOG_DATA_SET),
    .permission = AUTH_READ_DEFINITION,
    .path_at = offsetof(struct service_item_references, path),
    .run = run,
};
