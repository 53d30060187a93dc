#include "service/ops/ops.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_get_content *c = call;

    c->item = item;
    return catalog_content(job, catalog, item, &c->content);
}

const struct service_op service_get_resource_contents = {
    .name = "GetResourceContents",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_RESOURCE) | SERVICE_KIND(CATALOG_COMPONENT),
    .permission = AUTH_READ_CONTENT,
    .path_at = offsetof(struct service_get_content, path),
    .run = run,
};
