/* Data sources that ask whoever runs the report for a user and a password. */
#include "report/compute/internal.h"

const struct compute_credentials *compute_credentials_find(const struct compute_options *options, rs_text source)
{
    for (size_t i = 0; i < options->credential_count; i++)
        if (rs_text_equal_nocase(options->credentials[i].source, source))
            return &options->credentials[i];
    return NULL;
}

rs_text compute_prompt_of(const struct rdl_data_source *definition, const struct compute_data_source *shared)
{
    if (shared)
        return shared->prompts && rs_text_is_empty(shared->prompt)
                   ? RS_TEXT("Enter a user name and password to access the data source:") : shared->prompt;
    return definition->integrated_security ? (rs_text){NULL, 0} : rs_text_trim(definition->prompt);
}

static bool is_used(const struct rdl_report *report, rs_text name)
{
    for (size_t i = 0; i < report->data_sets.count; i++)
        if (rs_text_is_empty(report->data_sets.items[i].shared_reference) &&
            rs_text_equal_nocase(report->data_sets.items[i].data_source_name, name))
            return true;
    return false;
}

/* What a shared data source stands for; one that cannot be found is told when it is connected to. */
static rs_status resolve(struct rs_job *job, const struct compute_options *options, const struct rdl_data_source *definition,
                         struct compute_data_source *out, bool *found)
{
    *found = options->resolve && options->resolve(job, options->resolve_data, definition->reference, out) == RS_OK;
    if (*found || rs_job_status(job) == RS_OK)
        return RS_OK;
    switch ((int)rs_job_status(job)) {
    case RS_CANCELLED: case RS_TIMEOUT: case RS_OVER_LIMIT: case RS_NO_MEMORY:
        return rs_job_status(job);
    default:
        rs_job_forgive(job);
        return RS_OK;
    }
}

rs_status compute_data_prompts(struct rs_job *job, const struct publish_report *report, const struct compute_options *options,
                               struct compute_data_prompts *out)
{
    const struct rdl_report *definition = publish_definition(report);

    *out = (struct compute_data_prompts){.complete = true};
    out->items = RS_NEW_ARRAY(job, struct compute_data_prompt, definition->data_sources.count + 1);
    for (size_t i = 0; i < definition->data_sources.count && !options->sample_data; i++) {
        const struct rdl_data_source *source = &definition->data_sources.items[i];
        const struct compute_credentials *given = compute_credentials_find(options, source->name);
        struct compute_data_source shared = {0};
        bool found = true, is_shared = !rs_text_is_empty(source->reference);
        if (!is_used(definition, source->name))
            continue;
        if (is_shared)
            RS_TRY(resolve(job, options, source, &shared, &found));
        rs_text text = found ? compute_prompt_of(source, is_shared ? &shared : NULL) : (rs_text){NULL, 0};
        if (rs_text_is_empty(text))
            continue;
        out->items[out->count++] = (struct compute_data_prompt){source->name, text, given ? given->user : (rs_text){NULL, 0}, given != NULL};
        out->complete &= given != NULL;
    }
    return RS_OK;
}
