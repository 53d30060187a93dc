#include "service/ops/ops.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_list_items *c = call;
    struct catalog_items all;

    RS_TRY(catalog_dependents(job, catalog, item, &all));
    c->items = (struct catalog_items){0};
    for (size_t i = 0; i < all.count; i++)
        if (auth_permissions(caller->user.role, all.items[i].kind) & AUTH_READ_PROPERTIES)
            rs_vec_push(job, &c->items, all.items[i]);
    return RS_OK;
}

const struct service_op service_list_dependents = {
    .name = "ListDependentItems",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_READ_PROPERTIES,
    .path_at = offsetof(struct service_list_items, path),
    .run = run,
};
