/* Subreports: other reports, run with parameters that come from the place they stand in.
 *
 * Definitions are found once and stay; runs are shared by all places that give the same parameters, and the last few that
 * nobody uses any more are kept. All of it belongs to the outermost run, however deep a subreport stands, so that what is
 * remembered about a definition elsewhere stays true until the end.
 */
#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "report/compute/internal.h"

#define RUNS_KEPT 16u /* that nobody uses */

/* A report that another one names. */
struct other_report {
    const struct publish_report *report; /* NULL: not to be had */
    struct compute_options options;
    rs_text trouble;
};

struct shared_run {
    struct compute_subreport subreport; /* first */
    struct rs_link link;                /* in compute_subreports.runs: used last is last */
    struct compute_subreports *owner;
    struct rs_job *job;                 /* all of it is in here */
    rs_text key;
    unsigned users;
};

struct compute_subreports {
    struct rs_job *memory;
    struct rs_map *others;  /* by who finds it (find_report_data) and name: struct other_report */
    struct rs_link runs;
    unsigned unused;
};

static struct compute_subreports *subreports_of(struct compute_run *run)
{
    struct compute_run *outermost = run->outermost;
    struct compute_subreports *s = outermost->subreports;

    if (s)
        return s;
    s = outermost->subreports = RS_NEW(outermost->memory, struct compute_subreports);
    s->memory = outermost->memory;
    s->others = rs_map_create(s->memory, RS_MAP_EXACT);
    rs_list_init(&s->runs);
    return s;
}

static void end_shared(struct shared_run *shared)
{
    rs_list_remove(&shared->link);
    rs_job_destroy(shared->job);
}

void compute_subreports_end(struct compute_subreports *s)
{
    if (!s)
        return;
    rs_list_each (link, &s->runs)
        end_shared(rs_list_object(link, struct shared_run, link));
}

/* What stops the whole report, and is no trouble of a part of it. */
static bool stops(rs_status status)
{
    return status == RS_CANCELLED || status == RS_TIMEOUT || status == RS_OVER_LIMIT || status == RS_NO_MEMORY;
}

/* ---- definitions ------------------------------------------------------------------------------------ */

static rs_status look_for(struct rs_job *memory, const struct compute_options *from, rs_text name, struct other_report *out)
{
    rs_status status;

    out->options = *from;
    if (!from->find_report) {
        out->trouble = RS_TEXT("other reports cannot be found here");
        return RS_OK;
    }
    status = from->find_report(memory, from->find_report_data, name, &out->options, &out->report);
    if (status == RS_OK || stops(status))
        return status;
    out->report = NULL;
    out->trouble = rs_text_copy(memory, rs_job_error(memory));
    rs_job_forgive(memory);
    return RS_OK;
}

/* How runs of a report that was found are opened; the outermost one's own options for itself. */
static struct compute_options options_of(const struct compute_subreports *s, const struct compute_run *outermost,
                                         const struct publish_report *report)
{
    struct compute_options options = outermost->options;

    for (size_t i = 0; i < rs_map_count(s->others); i++) {
        const struct other_report *other = rs_map_value(s->others, i);
        if (other->report == report)
            return other->options;
    }
    options.inputs = NULL;
    options.input_count = 0;
    options.parameter_language = RS_TEXT("en-US"); /* of compute_parameter_text */
    options.globals = outermost->globals;
    return options;
}

static rs_status find_other(struct rs_job *job, struct compute_run *run, const struct publish_report *from, rs_text name,
                            struct other_report **out)
{
    struct compute_subreports *s = subreports_of(run);
    struct compute_options options = options_of(s, run->outermost, from);
    rs_text key = rs_text_format(job, "%p %.*s", options.find_report_data, RS_TEXT_ARG(name));

    *out = rs_map_find(s->others, key);
    if (*out)
        return RS_OK;
    *out = RS_NEW(s->memory, struct other_report);
    if (look_for(s->memory, &options, name, *out) != RS_OK)
        return rs_job_adopt(job, s->memory);
    rs_map_set(s->others, rs_text_copy(s->memory, key), *out);
    return RS_OK;
}

rs_status compute_subreport_find(struct rs_job *job, struct compute_run *run, const struct publish_report *from,
                                 const struct rdl_item *item, const struct publish_report **out)
{
    struct other_report *other;

    RS_TRY(find_other(job, run, from, item->subreport->report_name, &other));
    *out = other->report;
    return RS_OK;
}

/* ---- parameters ------------------------------------------------------------------------------------- */

static void add_text(rs_buf *key, rs_text text)
{
    rs_buf_printf(key, "%zu:", text.size);
    rs_buf_add(key, text);
}

/* The parameters as inputs of the other run, and as a text that is the same for equal ones. */
static rs_status read_inputs(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                             const struct rdl_subreport *subreport, struct compute_input **out, size_t *count, rs_buf *key)
{
    *out = RS_NEW_ARRAY(job, struct compute_input, subreport->parameters.count);
    *count = 0;
    for (size_t i = 0; i < subreport->parameters.count; i++) {
        const struct rdl_drill_parameter *parameter = &subreport->parameters.items[i];
        struct compute_input *input = &(*out)[*count];
        struct value value;
        rs_text *texts;
        bool omit;

        RS_TRY(compute_eval_bool(job, run, scope, &parameter->omit, false, &omit));
        if (omit)
            continue;
        RS_TRY(compute_eval(job, run, scope, &parameter->value, &value));
        ++*count;
        *input = (struct compute_input){.name = parameter->name, .is_null = value_is_null(value)};
        add_text(key, parameter->name);
        if (input->is_null) {
            rs_buf_add_byte(key, 'n');
            continue;
        }
        input->count = value.kind == VALUE_ARRAY ? value.size : 1;
        texts = RS_NEW_ARRAY(job, rs_text, input->count);
        rs_buf_printf(key, "%zu", input->count);
        for (size_t k = 0; k < input->count; k++) {
            texts[k] = compute_parameter_text(job, value.kind == VALUE_ARRAY ? value.items[k] : value);
            add_text(key, texts[k]);
        }
        input->values = texts;
    }
    return RS_OK;
}

/* Copies: a run reads its inputs as long as it lives. */
static const struct compute_input *keep_inputs(struct rs_job *memory, const struct compute_input *inputs, size_t count)
{
    struct compute_input *kept = RS_NEW_ARRAY(memory, struct compute_input, count);

    for (size_t i = 0; i < count; i++) {
        rs_text *values = RS_NEW_ARRAY(memory, rs_text, inputs[i].count);
        for (size_t k = 0; k < inputs[i].count; k++)
            values[k] = rs_text_copy(memory, inputs[i].values[k]);
        kept[i] = inputs[i];
        kept[i].values = values;
    }
    return kept;
}

/* ---- runs ------------------------------------------------------------------------------------------- */

static bool has_rows(const struct compute_run *run)
{
    bool any = false;

    for (size_t i = 0; i < run->report->definition->data_sets.count; i++) {
        const struct compute_data *data = &run->data[i];
        if (data->state != COMPUTE_READY)
            continue;
        if (data->filtered.count)
            return true;
        any = true;
    }
    return !any; /* a report without data always has something to show */
}

static rs_status execute(struct rs_job *job, struct compute_run *outer, const struct other_report *other,
                         const struct compute_input *inputs, size_t input_count, struct compute_run **out)
{
    struct compute_options options = other->options;

    options.sorts = NULL; /* they name text boxes of the outermost report */
    options.sort_count = 0;
    options.inputs = keep_inputs(job, inputs, input_count);
    options.input_count = input_count;
    RS_TRY(compute_open(job, other->report, &options, out));
    (*out)->outermost = outer->outermost;
    (*out)->nesting = outer->nesting + 1;
    RS_TRY(compute_start(job, *out));
    return compute_fetch(job, *out);
}

static rs_status run_other(struct compute_run *outer, const struct other_report *other, const struct compute_input *inputs,
                           size_t input_count, rs_text name, struct shared_run *shared)
{
    struct compute_subreport *out = &shared->subreport;
    rs_status status = RS_OK;

    if (outer->nesting >= COMPUTE_SUBREPORTS_MAX)
        out->trouble = rs_text_format(shared->job, "subreports stand inside each other more than %u deep", COMPUTE_SUBREPORTS_MAX);
    else if (!other->report)
        out->trouble = other->trouble;
    else
        status = execute(shared->job, outer, other, inputs, input_count, &out->run);
    if (stops(status))
        return status;
    if (status != RS_OK) {
        out->trouble = rs_text_copy(shared->job, rs_job_error(shared->job));
        out->run = NULL;
        rs_job_forgive(shared->job);
    }
    if (out->trouble.size)
        rs_log(RS_LOG_WARNING, "the subreport \"%.*s\" cannot be shown: %.*s", RS_TEXT_ARG(name), RS_TEXT_ARG(out->trouble));
    return RS_OK;
}

static struct shared_run *find_run(struct compute_subreports *s, rs_text key)
{
    rs_list_each (link, &s->runs) {
        struct shared_run *shared = rs_list_object(link, struct shared_run, link);
        if (rs_text_equal(shared->key, key))
            return shared;
    }
    return NULL;
}

static struct shared_run *add_run(struct compute_subreports *s, rs_text key)
{
    struct rs_job *job = rs_job_create(&(struct rs_job_options){.within = s->memory});
    struct shared_run *shared = RS_NEW(job, struct shared_run);

    shared->job = job;
    shared->owner = s;
    shared->key = rs_text_copy(job, key);
    rs_list_append(&s->runs, &shared->link);
    return shared;
}

rs_status compute_subreport_open(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                                 const struct rdl_item *item, const struct compute_subreport **out)
{
    const struct rdl_subreport *subreport = item->subreport;
    struct compute_subreports *s = subreports_of(run);
    struct other_report *other;
    struct compute_input *inputs;
    struct shared_run *shared;
    rs_buf key = rs_buf_in(job);
    size_t input_count;

    RS_TRY(find_other(job, run, run->report, subreport->report_name, &other));
    /* how deep it stands is part of it: what ends at the limit is not what began above it */
    rs_buf_printf(&key, "%p %u ", (const void *)other, run->nesting);
    RS_TRY(read_inputs(job, run, scope, subreport, &inputs, &input_count, &key));
    shared = find_run(s, rs_buf_text(&key));
    if (!shared) {
        shared = add_run(s, rs_buf_text(&key));
        if (run_other(run, other, inputs, input_count, subreport->report_name, shared) != RS_OK) {
            rs_job_adopt(job, shared->job);
            end_shared(shared);
            return rs_job_status(job);
        }
    } else if (shared->users == 0) {
        s->unused--;
    }
    shared->users++;
    shared->subreport.message = RS_TEXT("");
    if (shared->subreport.run && subreport->no_rows_message.present && !has_rows(shared->subreport.run)) {
        RS_TRY(compute_eval_text(job, run, scope, &subreport->no_rows_message, RS_TEXT(""), &shared->subreport.message));
        shared->subreport.message = rs_text_copy(shared->job, shared->subreport.message);
    }
    *out = &shared->subreport;
    return RS_OK;
}

void compute_subreport_close(const struct compute_subreport *subreport)
{
    struct shared_run *shared = (struct shared_run *)subreport;
    struct compute_subreports *s;

    if (!shared || --shared->users > 0)
        return;
    s = shared->owner;
    rs_list_remove(&shared->link);
    rs_list_append(&s->runs, &shared->link);
    if (++s->unused <= RUNS_KEPT)
        return;
    rs_list_each (link, &s->runs) { /* the one that was used longest ago */
        struct shared_run *oldest = rs_list_object(link, struct shared_run, link);
        if (oldest->users > 0)
            continue;
        s->unused--;
        end_shared(oldest);
        return;
    }
}
