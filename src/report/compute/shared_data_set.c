/* A data set that refers to a shared one: the definition is run as a report of its own inside this run, and its rows, after
 * its own filters, with its calculated fields, are the rows of the data set.
 */
#include "base/buf.h"
#include "report/compute/internal.h"
#include "report/value/format.h"

static const struct data_parameter *given(const struct data_query *query, rs_text name)
{
    for (size_t i = 0; i < query->parameter_count; i++)
        if (rs_text_equal_nocase(data_parameter_name(query->parameters[i].name), data_parameter_name(name)))
            return &query->parameters[i];
    return NULL;
}

/* What the data set's query gets: exactly what the report gives, whatever the type of the parameter. */
rs_status compute_shared_value(struct rs_job *job, struct compute_run *run, const struct rdl_query_parameter *parameter, struct value *out)
{
    const struct data_parameter *value = given(run->shared_call, parameter->name);

    if (value && !parameter->read_only)
        *out = value->value;
    else if (parameter->value.present || parameter->nullable)
        return compute_eval(job, run, &(struct compute_scope){0}, &parameter->value, out);
    else
        return rs_fail(job, COMPUTE_PARAMETER_MISSING, "the shared data set needs its parameter \"%.*s\", which has no default; the "
                       "data set of the report does not give it", RS_TEXT_ARG(parameter->name));
    return RS_OK;
}

/* A list as the texts of its values. */
static void give_list(struct rs_job *memory, struct value list, struct compute_input *input)
{
    rs_text *texts = RS_NEW_ARRAY(memory, rs_text, (size_t)list.size + 1);

    for (uint32_t i = 0; i < list.size; i++)
        texts[i] = compute_parameter_text(memory, list.items[i]);
    input->values = texts;
    input->count = list.size;
    input->is_list = true;
}

/* The same for its expressions, as texts of a request. */
static void give_inputs(struct rs_job *memory, const struct rdl_report *definition, const struct data_query *query,
                        struct compute_options *options)
{
    const struct rdl_data_set *set = &definition->data_sets.items[0];
    struct compute_input *inputs = RS_NEW_ARRAY(memory, struct compute_input, definition->parameters.count + 1);

    options->inputs = inputs;
    options->input_count = 0;
    for (size_t i = 0; i < definition->parameters.count; i++) {
        const struct data_parameter *parameter = given(query, definition->parameters.items[i].name);
        struct compute_input *input = &inputs[options->input_count];
        if (!parameter || set->query_parameters.items[i].read_only)
            continue;
        struct value v = parameter->value;
        rs_text *text = RS_NEW(memory, rs_text);
        *input = (struct compute_input){.name = definition->parameters.items[i].name, .values = text, .count = v.kind != VALUE_NULL,
                                        .is_null = v.kind == VALUE_NULL};
        if (v.kind == VALUE_ARRAY)
            give_list(memory, v, input);
        else if (v.kind != VALUE_NULL)
            *text = compute_parameter_text(memory, v);
        options->input_count++;
    }
    options->sorts = NULL;
    options->sort_count = 0;
    options->parameter_language = RS_TEXT("");
}

/* ---- rows ------------------------------------------------------------------------------------------- */

/* The columns as they are where no filter left a row out. */
static rs_status borrow_columns(struct rs_job *memory, struct compute_run *inner, struct compute_data *data, size_t count,
                                struct data_column *columns)
{
    for (size_t i = 0; i < count; i++) {
        const struct data_column *column;
        RS_TRY(compute_field_column(memory, inner, data, (int)i, &column));
        if (column)
            columns[i] = *column;
        columns[i].name = data->published->definition->fields.items[i].name;
    }
    return RS_OK;
}

static rs_status copy_rows(struct rs_job *memory, struct compute_data *data, const struct data_column *columns, size_t count,
                           struct data_rows **out)
{
    RS_OWNED(data_writer) writer = data_writer_create(memory, data->filtered.count);
    size_t column;

    for (size_t i = 0; i < count; i++)
        RS_TRY(data_writer_column(memory, writer, columns[i].name, VALUE_NULL, &column));
    for (size_t row = 0; row < data->filtered.count; row++) {
        for (size_t i = 0; i < count; i++)
            data_writer_add(writer, i, data_value(&columns[i], data->filtered.rows[row]));
        RS_TRY(data_writer_end_row(memory, writer));
    }
    return data_writer_finish(memory, writer, out);
}

static rs_status take_rows(struct rs_job *memory, struct compute_run *inner, const struct data_rows **out)
{
    struct compute_data *data = &inner->data[0];
    size_t count = data->published->definition->fields.count;
    struct data_column *columns = RS_NEW_ARRAY(memory, struct data_column, count + 1);
    struct data_rows *rows = RS_NEW(memory, struct data_rows);

    RS_TRY(borrow_columns(memory, inner, data, count, columns));
    *rows = (struct data_rows){data->rows->row_count, count, columns};
    if (data->filtered.count < data->rows->row_count)
        RS_TRY(copy_rows(memory, data, columns, count, &rows));
    *out = rows;
    return RS_OK;
}

/* ---- running ---------------------------------------------------------------------------------------- */

static rs_status run_shared(struct compute_run *run, const struct rdl_data_set *definition, const struct data_query *query,
                            const struct data_rows **rows, unsigned *ignores)
{
    struct rs_job *memory = run->memory; /* rows stay as long as the run */
    struct compute_options *options = RS_NEW(memory, struct compute_options);
    struct data_query *call = RS_NEW(memory, struct data_query);
    const struct publish_report *report;
    struct compute_run *inner;

    *options = run->options;
    *call = *query;
    if (!run->options.find_data_set)
        return rs_fail(memory, COMPUTE_DATA_SOURCE, "shared data sets are not available here");
    RS_TRY(run->options.find_data_set(memory, run->options.find_report_data, definition->shared_reference, options, &report));
    if (!report->definition->is_shared_data_set)
        return rs_fail(memory, COMPUTE_DATA_SOURCE, "it is a report, not a shared data set");
    give_inputs(memory, report->definition, query, options);
    RS_TRY(compute_open(memory, report, options, &inner));
    inner->shared_call = call;
    RS_TRY(compute_data_ready(memory, inner, &inner->data[0]));
    *ignores = inner->data[0].collation_flags;
    return take_rows(memory, inner, rows);
}

rs_status compute_shared_rows(struct compute_run *run, const struct rdl_data_set *definition, const struct data_query *query,
                              const struct data_rows **rows, unsigned *ignores)
{
    rs_status status = run_shared(run, definition, query, rows, ignores);

    if (status != RS_OK)
        rs_within(run->memory, "shared data set \"%.*s\"", RS_TEXT_ARG(definition->shared_reference));
    return status;
}
