/* The data sets of a run: fetched when first needed, fields and other expressions of a row as columns, filters. */
#include "report/compute/internal.h"

/* ---- where rows come from --------------------------------------------------------------------------- */

static const struct rdl_data_source *find_source(const struct rdl_report *report, rs_text name, size_t *index)
{
    for (*index = 0; *index < report->data_sources.count; ++*index)
        if (rs_text_equal_nocase(report->data_sources.items[*index].name, name))
            return &report->data_sources.items[*index];
    return NULL;
}

static rs_status eval_text(struct rs_job *job, struct compute_run *run, const struct rdl_expr *expr, rs_text *out)
{
    return compute_eval_text(job, run, &(struct compute_scope){0}, expr, (rs_text){NULL, 0}, out);
}

/* What was answered where the data source asks. */
static rs_status take_credentials(struct rs_job *job, struct compute_run *run, const struct rdl_data_source *definition,
                                  const struct compute_data_source *shared, struct data_source *out)
{
    const struct compute_credentials *given = compute_credentials_find(&run->options, definition->name);

    if (rs_text_is_empty(compute_prompt_of(definition, shared)))
        return RS_OK;
    if (!given && run->options.asks)
        return rs_fail(job, COMPUTE_CREDENTIALS, "the data source \"%.*s\" asks for a user and a password, and none were given",
                       RS_TEXT_ARG(definition->name));
    if (given) {
        out->user = given->user;
        out->password = given->password;
    }
    return RS_OK;
}

static rs_status describe_source(struct rs_job *job, struct compute_run *run, const struct rdl_data_source *definition,
                                 struct data_source *out)
{
    *out = (struct data_source){.name = definition->name, .provider = definition->provider,
                                .user = run->options.user, .password = run->options.password,
                                .base_folder = run->options.base_folder, .any_file = run->options.any_file,
                                .http_hosts = run->options.http_hosts, .transaction = definition->transaction};
    if (rs_text_is_empty(definition->reference)) {
        RS_TRY(eval_text(job, run, &definition->connect_string, &out->connect_string));
        return take_credentials(job, run, definition, NULL, out);
    }
    if (!run->options.resolve)
        return rs_fail(job, COMPUTE_DATA_SOURCE,
                       "the data source \"%.*s\" refers to the shared data source \"%.*s\", which is not available here",
                       RS_TEXT_ARG(definition->name), RS_TEXT_ARG(definition->reference));
    struct compute_data_source shared = {0};
    RS_TRY(run->options.resolve(job, run->options.resolve_data, definition->reference, &shared));
    out->provider = shared.provider;
    out->connect_string = shared.connect_string;
    if (!rs_text_is_empty(shared.user)) {
        out->user = shared.user;
        out->password = shared.password;
    }
    return take_credentials(job, run, definition, &shared, out);
}

bool compute_in_transaction(const struct compute_run *run, const struct compute_data *data)
{
    size_t index;
    const struct rdl_data_source *source = find_source(run->report->definition, data->published->definition->data_source_name, &index);

    return source && source->transaction;
}

/* A connection that is free. One whose rows flow is not: then there is another, as the original has one for each data set. */
static rs_status connect_source(struct rs_job *job, struct compute_run *run, rs_text name, size_t *index)
{
    const struct rdl_data_source *definition = find_source(run->report->definition, name, index);
    struct data_source source;

    if (!definition)
        return rs_fail(job, COMPUTE_DATA_SOURCE, "there is no data source \"%.*s\" in the report", RS_TEXT_ARG(name));
    if (run->connections[*index] && !data_is_busy(run->connections[*index]))
        return RS_OK;
    RS_TRY(describe_source(run->memory, run, definition, &source));
    RS_TRY(data_open(run->memory, &source, &run->connections[*index]));
    return RS_OK;
}

/* ---- the query -------------------------------------------------------------------------------------- */

static bool is_summed(const struct compute_run *run, const struct rdl_data_set *data_set, int slot)
{
    for (unsigned i = 0; i < run->report->aggregate_count; i++) {
        const struct publish_aggregate *a = &run->report->aggregates[i];
        if (a->data_set == data_set && a->call.argument && expr_is_field(a->call.argument) == slot &&
            (a->call.kind == EXPR_SUM || a->call.kind == EXPR_AVG ||
             (a->call.kind == EXPR_RUNNING_VALUE && a->call.running == EXPR_SUM)))
            return true;
    }
    return false;
}

static rs_status describe_query(struct rs_job *job, struct compute_run *run, const struct rdl_data_set *definition,
                                struct data_query *query)
{
    struct data_field *fields = RS_NEW_ARRAY(job, struct data_field, definition->fields.count);
    struct data_parameter *parameters = RS_NEW_ARRAY(job, struct data_parameter, definition->query_parameters.count);
    static const enum data_command commands[] = {[RDL_TEXT_COMMAND] = DATA_COMMAND_TEXT,
                                                 [RDL_STORED_PROCEDURE] = DATA_COMMAND_PROCEDURE,
                                                 [RDL_TABLE_DIRECT] = DATA_COMMAND_TABLE};

    *query = (struct data_query){.data_set = definition->name, .command = commands[definition->command_type],
                                 .fields = fields, .parameters = parameters, .timeout_s = definition->timeout_s,
                                 .max_rows = run->options.max_rows};
    const uint8_t *guessed = run->options.sample_data ? compute_sample_kinds(job, run, definition) : NULL;
    for (size_t i = 0; i < definition->fields.count; i++) {
        const struct rdl_field *field = &definition->fields.items[i];
        enum value_kind kind = data_kind_of_type_name(field->type_name);
        if (field->value.present)
            continue;
        if (guessed && (kind == VALUE_NULL || kind == VALUE_TEXT) && guessed[i] != VALUE_NULL)
            kind = guessed[i];
        fields[query->field_count++] = (struct data_field){field->data_field, (uint8_t)kind, is_summed(run, definition, (int)i)};
    }
    if (run->options.sample_data)
        return RS_OK;
    RS_TRY(eval_text(job, run, &definition->command_text, &query->text));
    for (size_t i = 0; i < definition->query_parameters.count; i++) {
        const struct rdl_query_parameter *parameter = &definition->query_parameters.items[i];
        struct data_parameter *out = &parameters[query->parameter_count];
        if (parameter->omitted)
            continue;
        out->name = parameter->name;
        if (run->shared_call)
            RS_TRY(compute_shared_value(job, run, parameter, &out->value));
        else
            RS_TRY(compute_eval(job, run, &(struct compute_scope){0}, &parameter->value, &out->value));
        if (out->value.kind == VALUE_ERROR)
            return rs_fail(job, COMPUTE_DATA_SET, "the value of the query parameter \"%.*s\" is an error: %.*s",
                           RS_TEXT_ARG(parameter->name), RS_TEXT_ARG(value_bytes(out->value)));
        query->parameter_count++;
    }
    return RS_OK;
}

/* Auto asks the provider; one that cannot say gives the original's default: nothing is told apart. */
static rs_status make_collation(struct rs_job *job, struct compute_run *run, struct compute_data *data, unsigned ignores)
{
    const struct rdl_data_set *d = data->published->definition;
    const struct {
        enum rdl_auto setting;
        unsigned flag;
    } parts[] = {{d->case_sensitivity, VALUE_IGNORE_CASE}, {d->accent_sensitivity, VALUE_IGNORE_ACCENTS},
                 {d->kanatype_sensitivity, VALUE_IGNORE_KANA}, {d->width_sensitivity, VALUE_IGNORE_WIDTH}};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].setting == RDL_FALSE || (parts[i].setting == RDL_AUTO && (ignores & parts[i].flag)))
            data->collation_flags |= parts[i].flag;
    struct value_collation *collation;
    RS_TRY(value_collation_create(job, run->culture, data->collation_flags, &collation));
    data->collation = collation;
    return RS_OK;
}

static rs_status fetch(struct compute_run *run, struct compute_data *data)
{
    struct rs_job *memory = run->memory; /* rows stay as long as the run */
    const struct rdl_data_set *definition = data->published->definition;
    struct data_query query;
    struct data_rows *rows;
    size_t source = 0;
    unsigned ignores = DATA_IGNORES_ALL;

    RS_TRY(describe_query(memory, run, definition, &query));
    if (run->options.sample_data) {
        RS_TRY(data_sample(memory, &query, &rows));
        data->rows = rows;
    } else if (!rs_text_is_empty(definition->shared_reference)) {
        RS_TRY(compute_shared_rows(run, definition, &query, &data->rows, &ignores));
    } else {
        RS_TRY(connect_source(memory, run, definition->data_source_name, &source));
        RS_TRY(data_execute(memory, run->connections[source], &query, &rows));
        ignores = data_ignores(run->connections[source]);
        data->rows = rows;
    }
    return make_collation(memory, run, data, ignores);
}

rs_status compute_data_begin(struct compute_run *run, struct compute_data *data, struct data_flow **out)
{
    struct rs_job *memory = run->memory;
    const struct rdl_data_set *definition = data->published->definition;
    struct data_query query;
    struct data_rows *rows;
    size_t source = 0;

    if (run->options.sample_data) {
        RS_TRY(describe_query(memory, run, definition, &query));
        RS_TRY(data_sample(memory, &query, &rows));
        *out = data_flow_of(memory, rows);
        return make_collation(memory, run, data, DATA_IGNORES_ALL);
    }
    if (!rs_text_is_empty(definition->shared_reference))
        return RS_OK;
    RS_TRY(connect_source(memory, run, definition->data_source_name, &source));
    if (!data_can_flow(run->connections[source]))
        return RS_OK;
    RS_TRY(describe_query(memory, run, definition, &query));
    RS_TRY(data_flow_open(memory, run->connections[source], &query, out));
    return make_collation(memory, run, data, data_ignores(run->connections[source]));
}

static void bind_fields(struct compute_run *run, struct compute_data *data)
{
    const struct rdl_data_set *definition = data->published->definition;

    data->fields = RS_NEW_ARRAY(run->memory, struct compute_lazy_column, definition->fields.count + 1);
    data->columns = RS_NEW_ARRAY(run->memory, ptrdiff_t, definition->fields.count + 1);
    for (size_t i = 0; i < definition->fields.count; i++) {
        const struct rdl_field *field = &definition->fields.items[i];
        data->columns[i] = field->value.present ? -1 : data_column_find(data->rows, field->data_field);
        if (data->columns[i] >= 0) {
            data->fields[i].column = &data->rows->columns[data->columns[i]];
            data->fields[i].state = COMPUTE_READY;
        }
    }
}

static rs_status compute_identity(struct rs_job *job, struct rs_job *memory, size_t count, struct compute_rows *out)
{
    void *rows;

    if (rs_try_alloc(memory, count, sizeof(uint32_t), &rows) != RS_OK)
        return job == memory ? rs_job_status(job) : rs_job_adopt(job, memory);
    for (size_t i = 0; i < count; i++)
        ((uint32_t *)rows)[i] = (uint32_t)i;
    *out = (struct compute_rows){rows, count};
    return RS_OK;
}

static rs_status make_ready(struct rs_job *job, struct compute_run *run, struct compute_data *data)
{
    RS_TRY(compute_adopt(job, run, fetch(run, data)));
    bind_fields(run, data);
    RS_TRY(compute_identity(job, run->memory, data->rows->row_count, &data->filtered));
    data->state = COMPUTE_READY; /* fields may be asked for by its filters */
    return compute_filter_rows(job, run, data, &(struct compute_scope){0}, &data->published->definition->filters,
                               run->memory, &data->filtered);
}

rs_status compute_data_ready(struct rs_job *job, struct compute_run *run, struct compute_data *data)
{
    if (data->state == COMPUTE_READY)
        return RS_OK;
    rs_text name = data->published->definition->name;
    if (data->state == COMPUTE_BUSY)
        return rs_fail(job, COMPUTE_DATA_SET, "the data set \"%.*s\" needs itself: its query or filters use an aggregate or "
                       "parameter that comes from it", RS_TEXT_ARG(name));
    data->state = COMPUTE_BUSY;
    rs_status status = make_ready(job, run, data);
    if (status != RS_OK) {
        data->state = COMPUTE_NOT_FETCHED;
        if (rs_text_find(rs_job_where(job), RS_TEXT("data set")) < 0)
            rs_within(job, "data set \"%.*s\"", RS_TEXT_ARG(name));
    }
    return status;
}

struct compute_data *compute_data_of(struct compute_run *run, const struct rdl_data_set *definition)
{
    return definition ? &run->data[definition->number] : NULL;
}

/* ---- columns ---------------------------------------------------------------------------------------- */

static rs_status evaluate_rows(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                               struct compute_lazy_column *lazy, const struct expr_program *program,
                               struct data_writer *writer)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct rs_mark mark = rs_job_mark(scratch);

    for (size_t row = 0; row < data->rows->row_count; row++) {
        struct compute_context context = compute_context_row(run, data, row);
        struct value v;
        context.row_only = true;
        if (compute_eval_program(scratch, &context, program, &v) != RS_OK)
            return rs_job_adopt(job, scratch);
        if (context.refused) {
            lazy->refused = true;
            return RS_OK;
        }
        data_writer_add(writer, 0, v);
        rs_job_reset(scratch, mark);
        RS_TRY(data_writer_end_row(job, writer));
    }
    return RS_OK;
}

static rs_status evaluate_column(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                 struct compute_lazy_column *lazy, const struct expr_program *program)
{
    RS_OWNED(data_writer) writer = data_writer_create(run->memory, data->rows->row_count);
    struct data_rows *rows;
    size_t column;

    RS_TRY(data_writer_column(job, writer, RS_TEXT(""), VALUE_NULL, &column));
    RS_TRY(evaluate_rows(job, run, data, lazy, program, writer));
    if (lazy->refused)
        return RS_OK;
    RS_TRY(compute_adopt(job, run, data_writer_finish(run->memory, writer, &rows)));
    lazy->column = &rows->columns[0];
    return RS_OK;
}

rs_status compute_column(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                         struct compute_lazy_column *lazy, const struct expr_program *program,
                         const struct data_column **out)
{
    int slot = expr_is_field(program);

    *out = NULL;
    if (slot >= 0)
        return compute_field_column(job, run, data, slot, out);
    if (lazy->state == COMPUTE_NOT_FETCHED && !lazy->refused) {
        lazy->state = COMPUTE_BUSY;
        rs_status status = evaluate_column(job, run, data, lazy, program);
        lazy->state = status == RS_OK && !lazy->refused ? COMPUTE_READY : COMPUTE_NOT_FETCHED;
        RS_TRY(status);
    }
    *out = lazy->state == COMPUTE_READY ? lazy->column : NULL;
    return RS_OK;
}

rs_status compute_field_column(struct rs_job *job, struct compute_run *run, struct compute_data *data, int slot,
                               const struct data_column **out)
{
    const struct rdl_field *field = &data->published->definition->fields.items[slot];
    struct compute_lazy_column *lazy = &data->fields[slot];

    if (lazy->state == COMPUTE_NOT_FETCHED && field->value.present && !lazy->refused) {
        lazy->state = COMPUTE_BUSY;
        rs_status status = evaluate_column(job, run, data, lazy, publish_program(run->report, &field->value));
        lazy->state = status == RS_OK && !lazy->refused ? COMPUTE_READY : COMPUTE_NOT_FETCHED;
        RS_TRY(status);
    }
    *out = lazy->state == COMPUTE_READY ? lazy->column : NULL;
    return RS_OK;
}

rs_status compute_field(struct rs_job *job, struct compute_run *run, struct compute_data *data, int slot, size_t row,
                        struct value *out)
{
    struct compute_lazy_column *lazy = &data->fields[slot];
    const struct rdl_field *field = &data->published->definition->fields.items[slot];
    const struct data_column *column;

    if (lazy->state == COMPUTE_READY) {
        *out = data_value(lazy->column, row);
        return RS_OK;
    }
    if (data->flow && data->state == COMPUTE_NOT_FETCHED)
        return compute_flow_field(job, run, data, slot, row, out);
    if (lazy->state == COMPUTE_BUSY) {
        *out = value_error(RS_TEXT("a calculated field that depends on itself"));
        return RS_OK;
    }
    RS_TRY(compute_field_column(job, run, data, slot, &column));
    if (column)
        *out = data_value(column, row);
    else
        *out = value_error(field->value.present ? RS_TEXT("a calculated field may depend on its row only")
                                                : RS_TEXT("the field is missing from the result of the query"));
    if (!column && !field->value.present)
        out->flags |= VALUE_IS_MISSING;
    return RS_OK;
}

/* ---- texts ------------------------------------------------------------------------------------------ */

static struct compute_texts *texts_of(struct compute_run *run, struct compute_data *data, const struct data_column *column)
{
    for (size_t i = 0; i < data->texts.count; i++)
        if (data->texts.items[i].column == column)
            return &data->texts.items[i];
    struct compute_texts *texts = rs_vec_add(run->memory, &data->texts);
    texts->column = column;
    return texts;
}

static void make_canon(struct compute_run *run, struct compute_data *data, struct compute_texts *texts)
{
    const struct data_column *column = texts->column;
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = run->memory});
    uint32_t *canon = RS_NEW_ARRAY(run->memory, uint32_t, column->dictionary_count + 1);
    size_t slots = 16;
    uint32_t *table;

    while (slots < (size_t)column->dictionary_count * 2)
        slots *= 2;
    table = RS_NEW_ARRAY(scratch, uint32_t, slots);
    texts->all_differ = true;
    for (uint32_t code = 0; code < column->dictionary_count; code++) {
        struct value v = value_text(column->dictionary[code]);
        size_t at = compute_hash(data->collation, v) & (slots - 1);
        while (table[at] && !value_group_equal(data->collation, value_text(column->dictionary[table[at] - 1]), v))
            at = (at + 1) & (slots - 1);
        canon[code] = table[at] ? table[at] - 1 : code;
        texts->all_differ &= canon[code] == code;
        if (!table[at])
            table[at] = code + 1;
    }
    texts->canon = canon;
}

const struct compute_texts *compute_texts_canon(struct compute_run *run, struct compute_data *data,
                                                const struct data_column *column)
{
    struct compute_texts *texts = texts_of(run, data, column);

    if (!texts->canon)
        make_canon(run, data, texts);
    return texts;
}

rs_status compute_texts_ranks(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                              const struct data_column *column, const uint32_t **out)
{
    struct compute_texts *texts = texts_of(run, data, column);
    size_t count = column->dictionary_count;

    if (!texts->ranks) {
        RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
        struct value *keys = RS_NEW_ARRAY(scratch, struct value, count + 1);
        uint32_t *order = RS_NEW_ARRAY(scratch, uint32_t, count + 1);
        uint32_t *ranks = RS_NEW_ARRAY(run->memory, uint32_t, count + 1);
        for (size_t i = 0; i < count; i++)
            keys[i] = value_text(column->dictionary[i]);
        if (compute_sort_values(scratch, data->collation, keys, 1, &(bool){false}, count, order) != RS_OK)
            return rs_job_adopt(job, scratch);
        for (size_t i = 0, rank = 0; i < count; i++) {
            if (i && !value_group_equal(data->collation, keys[order[i - 1]], keys[order[i]]))
                rank = i;
            ranks[order[i]] = (uint32_t)rank;
        }
        texts->ranks = ranks;
    }
    *out = texts->ranks;
    return RS_OK;
}
