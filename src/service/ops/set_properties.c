#include "service/ops/ops.h"

#include "service/ops/mime.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_set_properties *c = call;
    struct catalog_change change = {
        .description = c->description,
        .hidden = c->hidden,
        .mime_type = c->mime_type,
        .by = caller->user.name,
    };

    if (c->mime_type) {
        if (item->kind != CATALOG_RESOURCE)
            return rs_fail(job, CATALOG_WRONG_KIND, "only a resource has a MIME type; this is a %s",
                           catalog_kind_name(item->kind));
        RS_TRY(mime_type_check(job, *c->mime_type));
    }
    return catalog_set(job, catalog, item, &change);
}

const struct service_op service_set_properties = {
    .name = "SetProperties",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_UPDATE_PROPERTIES,
    .path_at = offsetof(struct service_set_properties, path),
    .run = run,
};
