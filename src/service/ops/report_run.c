#include "service/ops/report_run.h"

#include "report/value/date.h"
#include "service/ops/other_reports.h"
#include "service/ops/published.h"
#include "service/ops/shared_sources.h"
#include "store/catalog/name.h"

static struct expr_globals globals_of(const struct service_caller *caller, const struct catalog_item *item)
{
    rs_text folder, name;

    catalog_path_split(item->path, &folder, &name);
    return (struct expr_globals){
        .execution_time = value_date(value_date_now()),
        .report_name = item->name,
        .report_folder = folder,
        .report_server_url = caller->report_server_url,
        .user_id = caller->user.name,
        .user_language = caller->language.size > 0 ? caller->language : RS_TEXT("en-US"),
    };
}

rs_status report_run_open(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                          const struct catalog_item *item, const struct service_parameters *given, rs_text format,
                          const struct render_device_info *info,
                          struct service_parameter_states *states, struct render_request **request,
                          struct compute_run **run)
{
    struct shared_sources *sources = RS_NEW(job, struct shared_sources);
    struct other_reports *others = RS_NEW(job, struct other_reports);
    const struct publish_report *report;
    rs_text ignored;

    RS_TRY(published_open(job, service_published(caller->service), catalog, item, &report));
    *sources = (struct shared_sources){caller->service, catalog, item, publish_definition(report)};
    *others = (struct other_reports){.caller = caller, .catalog = catalog};
    catalog_path_split(item->path, &others->folder, &ignored);
    *request = RS_NEW(job, struct render_request);
    (*request)->format = format;
    (*request)->info = *info;
    (*request)->options = (struct compute_options){
        .inputs = given->items,
        .input_count = given->count,
        .sorts = given->sorts,
        .sort_count = given->sort_count,
        .credentials = given->credentials,
        .credential_count = given->credential_count,
        .asks = true,
        .asks_first = true,
        .parameter_language = given->language,
        .globals = globals_of(caller, item),
        .base_folder = service_settings(caller->service)->data_folder,
        .http_hosts = service_settings(caller->service)->data_hosts,
        .resolve = shared_sources_resolve,
        .resolve_data = sources,
        .find_report = other_reports_find,
        .find_report_data = others,
        .find_data_set = other_reports_find_data_set,
        .find_resource = other_reports_resource,
        .find_resource_data = others,
    };
    render_share(*request, &(*request)->options.globals);
    *run = NULL;
    *states = (struct service_parameter_states){0};
    RS_TRY(compute_data_prompts(job, report, &(*request)->options, &states->sources));
    return states->sources.complete ? compute_open(job, report, &(*request)->options, run) : RS_OK;
}

void report_run_parameters(struct rs_job *job, const struct compute_run *run, struct service_parameter_states *out)
{
    size_t count = compute_parameter_count(run);

    out->items = RS_NEW_ARRAY(job, const struct compute_parameter *, count);
    out->count = count;
    out->complete = true;
    for (size_t i = 0; i < count; i++) {
        out->items[i] = compute_parameter(run, i);
        out->complete &= out->items[i]->state == COMPUTE_HAS_VALID_VALUE;
    }
}
