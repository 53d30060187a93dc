/* A run: opened, started, ended.
 */
#include "report/compute/internal.h"

#include "report/value/date.h"

rs_status compute_adopt(struct rs_job *job, struct compute_run *run, rs_status status)
{
    if (status != RS_OK && run->memory != job) {
        rs_job_adopt(job, run->memory);
        rs_job_forgive(run->memory);
    }
    return status;
}

struct value compute_keep(struct rs_job *memory, struct value v)
{
    if (v.kind == VALUE_TEXT || v.kind == VALUE_BYTES || v.kind == VALUE_ERROR) {
        v.text = rs_text_copy(memory, value_bytes(v)).bytes;
    } else if (v.kind == VALUE_ARRAY) {
        struct value *items = RS_NEW_ARRAY(memory, struct value, v.size);
        for (uint32_t i = 0; i < v.size; i++)
            items[i] = compute_keep(memory, v.items[i]);
        v.items = items;
    }
    return v;
}

struct value *compute_unset_values(struct rs_job *memory, size_t count)
{
    struct value *values = RS_NEW_ARRAY(memory, struct value, count);

    for (size_t i = 0; i < count; i++)
        values[i] = compute_unset();
    return values;
}

static void end_run(void *object)
{
    struct compute_run *run = object;

    if (run->outermost == run)
        compute_subreports_end(run->subreports);
    while (run->open_nested)
        compute_tablix_close(run->open_nested);
    compute_domains_end(run);
    rs_job_destroy(run->memory); /* the run itself is in it */
}

static void prepare_data(struct compute_run *run)
{
    const struct rdl_report *definition = run->report->definition;

    run->data = RS_NEW_ARRAY(run->memory, struct compute_data, definition->data_sets.count + 1);
    run->connections = RS_NEW_ARRAY(run->memory, struct data_connection *, definition->data_sources.count + 1);
    for (size_t i = 0; i < definition->data_sets.count; i++)
        run->data[i].published = &run->report->data_sets[i];
}

static void set_culture(struct compute_run *run, rs_text name)
{
    run->culture = value_culture_find(name, NULL);
    run->rules = (struct value_rules){run->culture, true};
}

/* Report.Language; `late`: the one that uses parameters, once they are known. */
static rs_status apply_language(struct rs_job *job, struct compute_run *run, bool late)
{
    const struct rdl_expr *language = &run->report->definition->language;
    rs_text name;

    if (!language->present || (run->report->exprs[language->id].parameters.count > 0) != late)
        return RS_OK;
    RS_TRY(compute_eval_text(job, run, &(struct compute_scope){0}, language, (rs_text){NULL, 0}, &name));
    if (!rs_text_is_empty(name))
        set_culture(run, name);
    return RS_OK;
}

static struct compute_run *make_run(struct rs_job *job, const struct publish_report *report,
                                    const struct compute_options *options)
{
    struct rs_job *memory = rs_job_create(&(struct rs_job_options){.within = job});
    struct compute_run *run = RS_NEW(memory, struct compute_run);

    run->memory = memory;
    run->outermost = run;
    run->report = report;
    run->options = *options;
    run->globals = options->globals;
    if (run->globals.execution_time.kind != VALUE_DATE)
        run->globals.execution_time = value_date(value_date_now());
    if (rs_text_is_empty(run->globals.user_language))
        run->globals.user_language = RS_TEXT("en-US");
    set_culture(run, run->globals.user_language);
    rs_job_at_end(job, end_run, run);
    if (report->code)
        run->code = expr_code_start(memory, report->code);
    compute_exprs_prepare(run);
    compute_aggregates_prepare(run);
    run->lookups = RS_NEW_ARRAY(memory, struct compute_lookup_state, (size_t)report->lookup_count + 1);
    run->variables = compute_unset_values(memory, (size_t)report->variable_count + 1);
    run->body_regions = RS_NEW_ARRAY(memory, struct compute_tablix *, (size_t)report->definition->item_count + 1);
    run->formats = rs_map_create(memory, RS_MAP_EXACT);
    run->cultures = rs_map_create(memory, RS_MAP_EXACT);
    prepare_data(run);
    return run;
}

rs_status compute_open(struct rs_job *job, const struct publish_report *report, const struct compute_options *options,
                       struct compute_run **out)
{
    struct compute_run *run = make_run(job, report, options);

    RS_TRY(apply_language(job, run, false));
    RS_TRY(compute_user_sorts_prepare(job, run));
    RS_TRY(compute_parameters_evaluate(job, run));
    *out = run;
    return RS_OK;
}

rs_status compute_start(struct rs_job *job, struct compute_run *run)
{
    RS_TRY(compute_parameters_check(job, run));
    RS_TRY(apply_language(job, run, true));
    if (run->report->definition->defer_variable_evaluation)
        return RS_OK;
    for (unsigned i = 0; i < run->report->variable_count; i++)
        if (!run->report->variables[i].scope) {
            struct value v;
            RS_TRY(compute_report_variable(job, run, (int)i, &v));
        }
    return RS_OK;
}

rs_status compute_fetch(struct rs_job *job, struct compute_run *run)
{
    for (size_t i = 0; i < run->report->definition->data_sets.count; i++)
        if (run->data[i].published->is_used)
            RS_TRY(compute_data_ready(job, run, &run->data[i]));
    return RS_OK;
}

const struct rdl_report *compute_report(const struct compute_run *run)
{
    return run->report->definition;
}

const struct publish_report *compute_published(const struct compute_run *run)
{
    return run->report;
}

const struct expr_globals *compute_globals(const struct compute_run *run)
{
    return &run->globals;
}
