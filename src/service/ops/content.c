#include "service/ops/ops.h"

static const struct service_op *content_op(enum catalog_kind kind)
{
    switch (kind) {
    case CATALOG_REPORT:
    case CATALOG_DATA_SET:
        return &service_get_item_definition;
    case CATALOG_RESOURCE:
    case CATALOG_COMPONENT:
        return &service_get_resource_contents;
    default:
        return NULL;
    }
}

static rs_status read_data_source(struct rs_job *job, const struct service_caller *caller, struct service_get_content *call)
{
    struct service_get_data_source source = {.path = call->path};
    rs_buf out = rs_buf_in(job);

    RS_TRY(service_run(job, caller, &service_get_data_source_contents, &source));
    data_source_write(&out, &source.definition);
    call->content = rs_buf_text(&out);
    return RS_OK;
}

rs_status service_content(struct rs_job *job, const struct service_caller *caller, struct service_get_content *call)
{
    struct service_get_item found = {.path = call->path};

    RS_TRY(service_run(job, caller, &service_get_item, &found));
    call->item = found.item;
    if (found.item->kind == CATALOG_DATA_SOURCE)
        return read_data_source(job, caller, call);
    if (!content_op(found.item->kind))
        return rs_fail(job, CATALOG_WRONG_KIND, "'%.*s' is a %s, which has no definition", RS_TEXT_ARG(found.item->path),
                       catalog_kind_name(found.item->kind));
    return service_run(job, caller, content_op(found.item->kind), call);
}
