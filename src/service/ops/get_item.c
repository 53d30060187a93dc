#include "service/ops/ops.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_get_item *c = call;

    (void)catalog;
    (void)job;
    c->item = item;
    c->permissions = auth_permissions(caller->user.role, item->kind);
    return RS_OK;
}

const struct service_op service_get_item = {
    .name = "GetProperties",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_READ_PROPERTIES,
    .path_at = offsetof(struct service_get_item, path),
    .run = run,
};
