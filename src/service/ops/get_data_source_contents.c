#include "service/ops/ops.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_get_data_source *c = call;
    rs_text content;

    c->item = item;
    RS_TRY(catalog_content(job, catalog, item, &content));
    RS_TRY(data_source_parse(job, content, &c->definition));
    c->definition.password = c->definition.sealed = (rs_text){NULL, 0};
    return RS_OK;
}

const struct service_op service_get_data_source_contents = {
    .name = "GetDataSourceContents",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_DATA_SOURCE),
    .permission = AUTH_READ_CONTENT,
    .path_at = offsetof(struct service_get_data_source, path),
    .run = run,
};
