#include "service/ops/ops.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_list_children *c = call;
    struct catalog_items all;

    RS_TRY(catalog_children(job, catalog, item, c->deep, &all));
    c->items = (struct catalog_items){0};
    for (size_t i = 0; i < all.count; i++)
        if (auth_permissions(caller->user.role, all.items[i].kind) & AUTH_READ_PROPERTIES)
            rs_vec_push(job, &c->items, all.items[i]);
    return RS_OK;
}

const struct service_op service_list_children = {
    .name = "ListChildren",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_FOLDER),
    .permission = AUTH_EXECUTE,
    .path_at = offsetof(struct service_list_children, path),
    .run = run,
};
