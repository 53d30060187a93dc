#include "service/ops/ops.h"
#include "store/catalog/name.h"

/* The folder of the item first, the root last. */
static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_list_items *c = call;
    struct catalog_item *folder = item;
    rs_text path, name;

    c->items = (struct catalog_items){0};
    while (folder->path.size > 1) {
        catalog_path_split(folder->path, &path, &name);
        RS_TRY(catalog_item_at(job, catalog, path, &folder));
        if (auth_permissions(caller->user.role, folder->kind) & AUTH_READ_PROPERTIES)
            rs_vec_push(job, &c->items, *folder);
    }
    return RS_OK;
}

const struct service_op service_list_parents = {
    .name = "ListParents",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_READ_PROPERTIES,
    .path_at = offsetof(struct service_list_items, path),
    .run = run,
};
