#include "service/ops/ops.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_create_data_source *c = call;
    struct data_source_definition definition;
    struct catalog_new wanted = {
        .path = c->path,
        .kind = CATALOG_DATA_SOURCE,
        .content = c->content,
        .description = c->description,
        .hidden = c->hidden,
        .overwrite = c->overwrite,
        .by = caller->user.name,
    };

    (void)item;
    RS_TRY(data_source_parse(job, c->content, &definition)); /* what cannot be used is not kept */
    return catalog_create(job, catalog, &wanted, &c->item, &c->replaced);
}

const struct service_op service_create_data_source = {
    .name = "CreateDataSource",
    .target = SERVICE_ON_FOLDER,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_CREATE,
    .path_at = offsetof(struct service_create_data_source, path),
    .run = run,
};
