#include "service/ops/ops.h"

/* Each kind is checked and kept as when it is created; who may change it was asked for the item itself. */
static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_set_item_definition *c = call;
    struct service_create_report report = {.path = item->path, .content = c->content, .overwrite = true};
    struct service_create_data_source source = {.path = item->path, .content = c->content, .overwrite = true, .user = c->user,
                                                .password = c->password};
    struct service_create_resource resource = {.path = item->path, .content = c->content, .overwrite = true,
                                               .mime_type = item->mime_type};
    rs_status status;

    switch (item->kind) {
    case CATALOG_DATA_SOURCE:
        return service_create_data_source.run(job, caller, catalog, NULL, &source);
    case CATALOG_RESOURCE:
        return service_create_resource.run(job, caller, catalog, NULL, &resource);
    case CATALOG_DATA_SET:
        status = service_create_data_set.run(job, caller, catalog, NULL, &report);
        break;
    default:
        status = service_create_report.run(job, caller, catalog, NULL, &report);
    }
    c->warnings = report.warnings;
    return status;
}

const struct service_op service_set_item_definition = {
    .name = "SetItemDefinition",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_REPORT) | SERVICE_KIND(CATALOG_DATA_SET) | SERVICE_KIND(CATALOG_DATA_SOURCE) |
             SERVICE_KIND(CATALOG_RESOURCE),
    .permission = AUTH_UPDATE_CONTENT,
    .path_at = offsetof(struct service_set_item_definition, path),
    .run = run,
};
