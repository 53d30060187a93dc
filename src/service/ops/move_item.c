#include "service/ops/ops.h"

#include "store/catalog/name.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_move_item *c = call;
    struct catalog_item *folder;
    rs_text folder_path, name;

    RS_TRY(catalog_path_check(job, c->new_path));
    catalog_path_split(c->new_path, &folder_path, &name);
    RS_TRY(catalog_item_at(job, catalog, folder_path, &folder));
    RS_TRY(service_check(job, caller, folder, AUTH_CREATE));
    return catalog_move(job, catalog, item, c->new_path, caller->user.name);
}

const struct service_op service_move_item = {
    .name = "MoveItem",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_UPDATE_PROPERTIES | AUTH_DELETE,
    .path_at = offsetof(struct service_move_item, path),
    .run = run,
};
