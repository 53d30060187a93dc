#include "service/ops/ops.h"

#include "service/ops/mime.h"

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_create_resource *c = call;
    rs_text mime_type = rs_text_trim(c->mime_type);
    struct catalog_new wanted = {
        .path = c->path,
        .kind = CATALOG_RESOURCE,
        .content = c->content,
        .mime_type = mime_type.size > 0 ? mime_type : mime_type_of(c->path),
        .description = c->description,
        .hidden = c->hidden,
        .overwrite = c->overwrite,
        .by = caller->user.name,
    };

    (void)item;
    RS_TRY(mime_type_check(job, wanted.mime_type));
    return catalog_create(job, catalog, &wanted, &c->item, &c->replaced);
}

const struct service_op service_create_resource = {
    .name = "CreateResource",
    .target = SERVICE_ON_FOLDER,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_CREATE,
    .path_at = offsetof(struct service_create_resource, path),
    .run = run,
};
