#include "service/ops/ops.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_create_folder *c = call;
    struct catalog_new wanted = {
        .path = c->path,
        .kind = CATALOG_FOLDER,
        .description = c->description,
        .hidden = c->hidden,
        .by = caller->user.name,
    };

    (void)item;
    return catalog_create(job, catalog, &wanted, &c->item, NULL);
}

const struct service_op service_create_folder = {
    .name = "CreateFolder",
    .target = SERVICE_ON_FOLDER,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_CREATE,
    .path_at = offsetof(struct service_create_folder, path),
    .run = run,
};
