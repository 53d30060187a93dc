#include "service/ops/ops.h"
#include "service/ops/published.h"

static const struct catalog_reference *tie_of(const struct catalog_references *references, rs_text name)
{
    for (size_t i = 0; i < references->count; i++)
        if (rs_text_equal(references->items[i].name, name))
            return &references->items[i];
    return NULL;
}

static struct data_source_definition definition_of(struct rs_job *job, const struct rdl_data_source *source)
{
    enum data_source_credentials credentials = source->integrated_security ? DATA_SOURCE_INTEGRATED
                                               : source->prompt.size > 0   ? DATA_SOURCE_PROMPT
                                                                           : DATA_SOURCE_NONE;

    return (struct data_source_definition){
        .extension = rs_text_copy(job, source->provider),
        .connect_string = rs_text_format(job, "%s%.*s", source->connect_string.is_expression ? "=" : "",
                                         RS_TEXT_ARG(rs_text_trim(source->connect_string.text))),
        .credentials = credentials,
        .prompt = rs_text_copy(job, source->prompt),
        .enabled = true,
    };
}

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_item_data_sources *c = call;
    struct catalog_references references;
    const struct publish_report *report;

    RS_TRY(published_open(job, service_published(caller->service), catalog, item, &report));
    RS_TRY(catalog_references(job, catalog, item, &references));
    c->sources = (struct service_data_sources){0};
    for (size_t i = 0; i < publish_definition(report)->data_sources.count; i++) {
        const struct rdl_data_source *source = &publish_definition(report)->data_sources.items[i];
        const struct catalog_reference *tie = tie_of(&references, source->name);
        rs_vec_push(job, &c->sources, (struct service_item_data_source){
            .name = rs_text_copy(job, source->name),
            .is_shared = source->reference.size > 0,
            .path = tie && tie->target ? tie->target->path : RS_TEXT(""),
            .definition = definition_of(job, source),
            .is_expression = source->connect_string.is_expression,
        });
    }
    return RS_OK;
}

const struct service_op service_get_item_data_sources = {
    .name = "GetItemDataSources",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_REPORT) | SERVICE_KIND(CATALOG_DATA_SET),
    .permission = AUTH_READ_DEFINITION,
    .path_at = offsetof(struct service_item_data_sources, path),
    .run = run,
};
