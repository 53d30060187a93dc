#include "service/ops/ops.h"
#include "service/ops/shared_sources.h"

/* What the original would refuse is refused, with the original's code: published again, strictly, for its error. */
static rs_status refuse(struct rs_job *job, rs_text content)
{
    RS_OWNED(publish_report) report = NULL;
    rs_status status = publish_open(job, content, NULL, &report);

    return status != RS_OK ? status : rs_fail(job, RDL_INVALID, "the report definition is not valid");
}

static void add_problems(struct rs_job *job, const struct publish_report *report, struct service_warnings *out)
{
    for (size_t i = 0; i < report->problems.count; i++) {
        const struct publish_problem *problem = &report->problems.items[i];
        rs_text code = problem->severity == PUBLISH_UNSUPPORTED ? RS_TEXT("rsUnsupportedReportItem") : problem->code;
        rs_vec_push(job, out, (struct service_warning){
            .code = rs_text_copy(job, code),
            .severity = RS_TEXT("Warning"),
            .object_name = rs_text_copy(job, problem->where),
            .object_type = rs_text_copy(job, problem->property),
            .message = rs_text_copy(job, problem->message),
        });
    }
}

/* A report may come before its data source: the original warns, and so do we. */
static void add_open_references(struct rs_job *job, const struct catalog_references *references,
                                struct service_warnings *out)
{
    for (size_t i = 0; i < references->count; i++) {
        const struct catalog_reference *reference = &references->items[i];
        if (reference->target)
            continue;
        rs_vec_push(job, out, (struct service_warning){
            .code = RS_TEXT("rsDataSourceReferenceNotPublished"),
            .severity = RS_TEXT("Warning"),
            .object_name = rs_text_copy(job, reference->name),
            .object_type = RS_TEXT("DataSource"),
            .message = rs_text_format(job, "the shared data source of \"%.*s\" is not on this server yet; it was "
                                           "looked for at '%.*s'",
                                      RS_TEXT_ARG(reference->name), RS_TEXT_ARG(reference->path)),
        });
    }
}

/* The definition's own, cut to what the catalog keeps, where none was given. */
static rs_text description_of(const struct service_create_report *c, const struct rdl_report *definition)
{
    rs_text own = rs_text_trim(definition->description);
    size_t at = 0, count = 0;

    if (c->description.size > 0)
        return c->description;
    while (at < own.size && count++ < CATALOG_DESCRIPTION_MAX)
        rs_text_next(own, &at);
    return rs_text_slice(own, 0, at);
}

static rs_status create(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                        struct service_create_report *c, enum catalog_kind kind)
{
    const struct publish_options options = {.collect = true};
    RS_OWNED(publish_report) report = NULL;
    struct catalog_references before = {0}, references;
    struct catalog_item *existing;

    RS_TRY(publish_open(job, c->content, &options, &report));
    if (publish_definition(report)->is_shared_data_set != (kind == CATALOG_DATA_SET))
        return rs_fail(job, RDL_INVALID, kind == CATALOG_DATA_SET ? "this is a report and not a shared data set"
                                                                  : "this is a shared data set and not a report");
    if (report->error_count > 0)
        return refuse(job, c->content);
    RS_TRY(catalog_find(job, catalog, c->path, &existing));
    if (existing)
        RS_TRY(catalog_references(job, catalog, existing, &before));
    RS_TRY(shared_sources_bind(job, catalog, c->path, publish_definition(report), &before, &references));
    struct catalog_new wanted = {
        .path = c->path,
        .kind = kind,
        .content = c->content,
        .mime_type = RS_TEXT("text/xml"),
        .description = description_of(c, publish_definition(report)),
        .hidden = c->hidden,
        .overwrite = c->overwrite,
        .by = caller->user.name,
        .references = &references,
    };
    RS_TRY(catalog_create(job, catalog, &wanted, &c->item, &c->replaced));
    c->warnings = (struct service_warnings){0};
    add_problems(job, report, &c->warnings);
    add_open_references(job, &references, &c->warnings);
    return RS_OK;
}

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    (void)item;
    return create(job, caller, catalog, call, CATALOG_REPORT);
}

static rs_status run_data_set(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                              struct catalog_item *item, void *call)
{
    (void)item;
    return create(job, caller, catalog, call, CATALOG_DATA_SET);
}

const struct service_op service_create_data_set = {
    .name = "CreateDataSet",
    .target = SERVICE_ON_FOLDER,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_CREATE,
    .path_at = offsetof(struct service_create_report, path),
    .run = run_data_set,
};

const struct service_op service_create_report = {
    .name = "CreateReport",
    .target = SERVICE_ON_FOLDER,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_CREATE,
    .path_at = offsetof(struct service_create_report, path),
    .run = run,
};
