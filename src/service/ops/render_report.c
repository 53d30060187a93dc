#include "service/ops/report_run.h"

static rs_status no_credentials(struct rs_job *job, const struct compute_data_prompts *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        if (!sources->items[i].is_given)
            return rs_fail(job, COMPUTE_CREDENTIALS,
                           "the data source \"%.*s\" asks for a user and a password; send them by POST as dsu:%.*s and dsp:%.*s",
                           RS_TEXT_ARG(sources->items[i].source), RS_TEXT_ARG(sources->items[i].source),
                           RS_TEXT_ARG(sources->items[i].source));
    return rs_fail(job, COMPUTE_CREDENTIALS, "a data source asks for a user and a password");
}

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_render_report *c = call;
    struct render_request *request;
    struct compute_run *opened;

    c->item = item;
    c->rendered = false;
    if (!render_format_find(c->format))
        return rs_fail(job, RENDER_FORMAT_UNKNOWN, "there is no rendering extension \"%.*s\" on this server",
                       RS_TEXT_ARG(rs_text_slice(c->format, 0, 40)));
    RS_TRY(report_run_open(job, caller, catalog, item, &c->given, c->format, &c->info, &c->parameters, &request, &opened));
    if (!opened)
        return c->prompts ? RS_OK : no_credentials(job, &c->parameters.sources);
    report_run_parameters(job, opened, &c->parameters);
    if (c->prompts && !c->parameters.complete)
        return RS_OK;
    RS_TRY(compute_start(job, opened));
    RS_TRY(render_run(job, opened, request, c->sink, c->output));
    c->rendered = true;
    return RS_OK;
}

const struct service_op service_render_report = {
    .name = "Render",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_REPORT),
    .permission = AUTH_EXECUTE,
    .path_at = offsetof(struct service_render_report, path),
    .run = run,
};
