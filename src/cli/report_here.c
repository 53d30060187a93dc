/* Items of an instance of this machine. */
#include "cli/report_place.h"

#include "base/clock.h"
#include "cli/now.h"
#include "store/catalog/name.h"

/* Who works on an instance from its command line is its administrator: the files are his to change anyway. */
struct here {
    struct service *service;
    struct service_caller caller;
};

static rs_status run(struct report_place *place, const struct service_op *op, void *call)
{
    const struct here *here = place->data;

    return service_run(place->cli->job, &here->caller, op, call);
}

static rs_status list(struct report_place *place, rs_text path, bool deep, struct report_entries *out)
{
    struct rs_job *job = place->cli->job;
    struct service_list_children call = {.path = path, .deep = deep};

    RS_TRY(run(place, &service_list_children, &call));
    for (size_t i = 0; i < call.items.count; i++) {
        const struct catalog_item *item = &call.items.items[i];
        char modified[RS_CLOCK_STAMP_SIZE];
        rs_clock_stamp(item->modified_ms, modified);
        rs_vec_push(job, out, (struct report_entry){
            .path = item->path,
            .kind = rs_text_from(catalog_kind_name(item->kind)),
            .size = item->size,
            .modified = rs_text_copy(job, rs_text_from(modified)),
            .modified_by = item->modified_by,
        });
    }
    return RS_OK;
}

static rs_status read_item(struct report_place *place, rs_text path, rs_text *out)
{
    const struct here *here = place->data;
    struct service_get_content call = {.path = path};

    RS_TRY(service_content(place->cli->job, &here->caller, &call));
    *out = call.content;
    return RS_OK;
}

static rs_status exists(struct report_place *place, rs_text path, bool *out)
{
    struct service_get_item call = {.path = path};

    *out = run(place, &service_get_item, &call) == RS_OK;
    if (!*out && rs_status_http(rs_job_status(place->cli->job)) != 404)
        return rs_job_status(place->cli->job);
    rs_job_forgive(place->cli->job);
    return RS_OK;
}

static rs_status make_folder(struct report_place *place, rs_text folder, rs_text name)
{
    struct service_create_folder call = {.path = catalog_path_join(place->cli->job, folder, name)};

    return run(place, &service_create_folder, &call);
}

static rs_status publish(struct report_place *place, const struct report_file *file, bool *replaced, struct service_warnings *warnings)
{
    struct service_create_report report = {.path = file->path, .content = file->content, .overwrite = file->overwrite};
    struct service_create_data_source source = {.path = file->path, .content = file->content, .overwrite = file->overwrite,
                                                .user = file->user, .password = file->password};
    struct service_create_resource resource = {.path = file->path, .content = file->content, .overwrite = file->overwrite};

    switch (file->kind) {
    case CATALOG_DATA_SOURCE:
        RS_TRY(run(place, &service_create_data_source, &source));
        *replaced = source.replaced;
        return RS_OK;
    case CATALOG_RESOURCE:
        RS_TRY(run(place, &service_create_resource, &resource));
        *replaced = resource.replaced;
        return RS_OK;
    default:
        RS_TRY(run(place, file->kind == CATALOG_DATA_SET ? &service_create_data_set : &service_create_report, &report));
        *replaced = report.replaced;
        *warnings = report.warnings;
        return RS_OK;
    }
}

static rs_status remove_item(struct report_place *place, rs_text path)
{
    struct service_delete_item call = {.path = path};

    return run(place, &service_delete_item, &call);
}

static void close_service(void *service)
{
    service_close(service);
}

rs_status report_place_here(struct cli *cli, struct report_place *out)
{
    struct here *here = RS_NEW(cli->job, struct here);

    RS_TRY(cli->host->service(cli->job, cli->instance, &here->service));
    rs_job_at_end(cli->job, close_service, here->service);
    here->caller = (struct service_caller){
        .service = here->service,
        .user = {cli_user(cli->job), AUTH_ADMINISTRATOR},
        .is_local = true,
    };
    *out = (struct report_place){cli, here, list, read_item, exists, make_folder, publish, remove_item};
    return RS_OK;
}
