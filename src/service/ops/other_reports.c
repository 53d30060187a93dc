#include "service/ops/other_reports.h"

#include "service/ops/op.h"
#include "service/ops/published.h"
#include "service/ops/shared_sources.h"
#include "store/catalog/name.h"

/* Relative names may begin with "./" and go up with "../". */
static rs_text absolute(struct rs_job *job, rs_text folder, rs_text name)
{
    rs_text ignored;

    if (rs_text_starts(name, RS_TEXT("/")))
        return name;
    for (;;) {
        if (rs_text_starts(name, RS_TEXT("./")))
            name = rs_text_from_offset(name, 2);
        else if (rs_text_starts(name, RS_TEXT("../"))) {
            name = rs_text_from_offset(name, 3);
            catalog_path_split(folder, &folder, &ignored);
        } else
            return catalog_path_join(job, folder, name);
    }
}

static rs_status find_data_set_item(struct rs_job *job, struct catalog *catalog, rs_text path, struct catalog_item **out)
{
    RS_TRY(catalog_find(job, catalog, path, out));
    if (*out && (*out)->kind != CATALOG_DATA_SET)
        *out = NULL;
    return RS_OK;
}

/* Where projects of the usual tools put their shared data sets. */
#define USUAL_FOLDER RS_TEXT("/Datasets")

rs_status other_reports_find_data_set(struct rs_job *job, void *data, rs_text reference, struct compute_options *options,
                                      const struct publish_report **out)
{
    const struct other_reports *own = data;
    struct other_reports *others = RS_NEW(job, struct other_reports);
    struct shared_sources *sources = RS_NEW(job, struct shared_sources);
    struct catalog_item *item;
    rs_text folder, name;

    RS_TRY(find_data_set_item(job, own->catalog, absolute(job, own->folder, reference), &item));
    catalog_path_split(reference, &folder, &name);
    if (!item && !rs_text_starts(reference, RS_TEXT("/")))
        RS_TRY(find_data_set_item(job, own->catalog, catalog_path_join(job, USUAL_FOLDER, name), &item));
    if (!item)
        return rs_fail(job, SERVICE_REFERENCE_INVALID, "the shared data set \"%.*s\" of the report is not on this server; publish it "
                       "beside the report or into /Datasets", RS_TEXT_ARG(reference));
    /* As with data sources, who may run the report may read its data. */
    RS_TRY(published_open(job, service_published(own->caller->service), own->catalog, item, out));
    *sources = (struct shared_sources){own->caller->service, own->catalog, item, publish_definition(*out)};
    *others = *own;
    catalog_path_split(item->path, &others->folder, &name);
    options->resolve_data = sources;
    options->find_report_data = others;
    return RS_OK;
}

rs_status other_reports_find(struct rs_job *job, void *data, rs_text name, struct compute_options *options,
                             const struct publish_report **out)
{
    const struct other_reports *own = data;
    rs_text path = absolute(job, own->folder, name), ignored;
    struct other_reports *others = RS_NEW(job, struct other_reports);
    struct shared_sources *sources = RS_NEW(job, struct shared_sources);
    struct catalog_item *item;

    RS_TRY(catalog_item_at(job, own->catalog, path, &item));
    if (item->kind != CATALOG_REPORT)
        return rs_fail(job, CATALOG_WRONG_KIND, "\"%.*s\" is not a report", RS_TEXT_ARG(item->path));
    RS_TRY(service_check(job, own->caller, item, AUTH_EXECUTE));
    RS_TRY(published_open(job, service_published(own->caller->service), own->catalog, item, out));
    *sources = (struct shared_sources){own->caller->service, own->catalog, item, publish_definition(*out)};
    *others = (struct other_reports){.caller = own->caller, .catalog = own->catalog};
    catalog_path_split(item->path, &others->folder, &ignored);
    options->globals.report_name = item->name;
    options->globals.report_folder = others->folder;
    options->resolve_data = sources;
    options->find_report_data = others;
    options->find_resource_data = others;
    return RS_OK;
}

rs_status other_reports_resource(struct rs_job *job, void *data, rs_text path, rs_text *out)
{
    const struct other_reports *own = data;
    struct catalog_item *item;

    RS_TRY(catalog_item_at(job, own->catalog, absolute(job, own->folder, path), &item));
    if (item->kind != CATALOG_RESOURCE)
        return rs_fail(job, CATALOG_WRONG_KIND, "\"%.*s\" is not a file", RS_TEXT_ARG(item->path));
    RS_TRY(service_check(job, own->caller, item, AUTH_READ_CONTENT));
    return catalog_content(job, own->catalog, item, out);
}
