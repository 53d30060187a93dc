#include "service/ops/ops.h"

/* Those that are given replace what the item has under the same name; the others stay. */
static rs_status merge(struct rs_job *job, const struct catalog_references *given, struct catalog_references *all)
{
    for (size_t i = 0; i < given->count; i++) {
        struct catalog_reference *found = NULL;
        for (size_t k = 0; k < all->count; k++)
            if (rs_text_equal(all->items[k].name, given->items[i].name))
                found = &all->items[k];
        if (!found)
            return rs_fail(job, RS_NOT_FOUND, "the item has no reference \"%.*s\"",
                           RS_TEXT_ARG(given->items[i].name));
        found->path = given->items[i].path;
    }
    return RS_OK;
}

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_item_references *c = call;
    struct catalog_references all;

    RS_TRY(catalog_references(job, catalog, item, &all));
    for (size_t i = 0; i < all.count; i++)
        if (all.items[i].target)
            all.items[i].path = all.items[i].target->path; /* where it is now */
    for (size_t i = 0; i < c->references.count; i++) {
        struct catalog_item *target;
        RS_TRY(catalog_item_at(job, catalog, c->references.items[i].path, &target));
        RS_TRY(service_check(job, caller, target, AUTH_READ_CONTENT));
        if (target->kind != CATALOG_DATA_SOURCE)
            return rs_fail(job, CATALOG_WRONG_KIND, "'%.*s' is a %s, not a data source",
                           RS_TEXT_ARG(target->path), catalog_kind_name(target->kind));
    }
    RS_TRY(merge(job, &c->references, &all));
    return catalog_set_references(job, catalog, item, &all);
}

const struct service_op service_set_item_references = {
    .name = "SetItemReferences",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_REPORT) | SERVICE_KIND(CATALOG_DATA_SET),
    .permission = AUTH_UPDATE_CONTENT,
    .path_at = offsetof(struct service_item_references, path),
    .run = run,
};
