#include "service/ops/ops.h"

#include "store/catalog/name.h"

const struct service_op *const service_ops[] = {
    &service_list_children,       &service_get_item,           &service_get_item_definition,
    &service_get_resource_contents, &service_get_data_source_contents,
    &service_create_folder,       &service_create_resource,    &service_create_data_source,
    &service_set_properties,      &service_move_item,          &service_delete_item,
    &service_create_report,       &service_create_data_set,    &service_get_item_references, &service_set_item_references,
    &service_get_parameters,      &service_render_report,      &service_set_item_definition,
    &service_find_items,          &service_list_parents,       &service_list_dependents,    &service_get_item_data_sources, &service_get_report,
};
const size_t service_op_count = sizeof service_ops / sizeof service_ops[0];

const struct service_op *service_op_find(rs_text name)
{
    for (size_t i = 0; i < service_op_count; i++)
        if (rs_text_equal_nocase(name, rs_text_from(service_ops[i]->name)))
            return service_ops[i];
    return NULL;
}

static rs_status absent(struct rs_job *job, rs_text path)
{
    return rs_fail(job, RS_NOT_FOUND, "the item '%.*s' cannot be found", RS_TEXT_ARG(path));
}

rs_status service_check(struct rs_job *job, const struct service_caller *caller, const struct catalog_item *item,
                        unsigned permission)
{
    unsigned granted = auth_permissions(caller->user.role, item->kind);

    if (!(granted & AUTH_READ_PROPERTIES))
        return absent(job, item->path);
    if ((granted & permission) != permission)
        return rs_fail(job, RS_DENIED, "the permissions granted to user '%.*s' are insufficient for '%.*s'",
                       RS_TEXT_ARG(caller->user.name), RS_TEXT_ARG(item->path));
    return RS_OK;
}

static rs_status find_target(struct rs_job *job, struct catalog *catalog, const struct service_op *op, rs_text path,
                             struct catalog_item **out)
{
    rs_text folder, name;

    if (op->target == SERVICE_ON_ITEM)
        return catalog_item_at(job, catalog, path, out);
    RS_TRY(catalog_path_check(job, path));
    catalog_path_split(path, &folder, &name);
    RS_TRY(catalog_item_at(job, catalog, folder, out));
    if ((*out)->kind != CATALOG_FOLDER)
        return rs_fail(job, CATALOG_WRONG_KIND, "'%.*s' is a %s, not a folder", RS_TEXT_ARG((*out)->path),
                       catalog_kind_name((*out)->kind));
    return RS_OK;
}

rs_status service_run(struct rs_job *job, const struct service_caller *caller, const struct service_op *op,
                      void *call)
{
    rs_text path = *(const rs_text *)((const char *)call + op->path_at);
    struct catalog *catalog;
    struct catalog_item *item;

    RS_TRY(service_catalog(job, caller->service, &catalog));
    RS_TRY(find_target(job, catalog, op, path, &item));
    RS_TRY(service_check(job, caller, item, AUTH_READ_PROPERTIES));
    if (op->target == SERVICE_ON_ITEM && op->kinds != SERVICE_ANY_KIND && !(op->kinds & SERVICE_KIND(item->kind)))
        return rs_fail(job, CATALOG_WRONG_KIND, "the operation %s does not fit '%.*s', which is a %s", op->name,
                       RS_TEXT_ARG(item->path), catalog_kind_name(item->kind));
    RS_TRY(service_check(job, caller, item, op->permission));
    return op->run(job, caller, catalog, item, call);
}
