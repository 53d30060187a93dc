/* Aggregates over rows that flow: each row is added as it passes. Running values are then known for the rows of a piece, totals
 * when the last row has passed.
 *
 * Which calls there may be was found when the report was published: totals over the data set or the region that stand behind
 * the rows, running values in the rows, arguments that look at a row alone. They are what they are over rows that are kept:
 * values are added in the same order.
 */
#include "report/compute/internal.h"

struct flow_call {
    const struct publish_aggregate *call;
    struct compute_accumulator *accumulator;
    ptrdiff_t column;            /* of the rows: the argument is this alone; -1: it has to be evaluated */
    bool is_running, of_data_set; /* of_data_set: over the rows before the region's filters */
};

struct compute_flow_calls {
    struct compute_run *run;
    struct compute_data *data;
    struct rs_job *turn; /* values of one row */
    RS_VEC(struct flow_call) items;
    size_t running_count;
};

static void calls_end(void *object)
{
    struct compute_flow_calls *calls = object;

    rs_job_destroy(calls->turn);
}

static bool is_accumulated(const struct publish_aggregate *call, const struct rdl_data_set *data_set)
{
    return call->over.row && call->over.row->data_set == data_set && call->call.kind != EXPR_ROW_NUMBER &&
           call->call.kind != EXPR_PREVIOUS;
}

static ptrdiff_t column_of(const struct compute_data *data, const struct publish_aggregate *call)
{
    int slot = call->call.argument ? expr_is_field(call->call.argument) : -1;

    return slot >= 0 ? data->columns[slot] : -1;
}

struct compute_flow_calls *compute_flow_calls_create(struct compute_run *run, struct compute_data *data)
{
    struct compute_flow_calls *calls = RS_NEW(run->memory, struct compute_flow_calls);

    calls->run = run;
    calls->data = data;
    for (unsigned i = 0; i < run->report->aggregate_count; i++) {
        const struct publish_aggregate *call = &run->report->aggregates[i];
        bool is_running = call->call.kind == EXPR_RUNNING_VALUE;
        if (!is_accumulated(call, data->published->definition))
            continue;
        struct compute_accumulator *accumulator =
            compute_accumulator_create(run->memory, is_running ? call->call.running : call->call.kind, data->collation);
        rs_vec_push(run->memory, &calls->items,
                    ((struct flow_call){call, accumulator, column_of(data, call), is_running, call->over.row->kind == PUBLISH_DATA_SET && !is_running}));
        calls->running_count += is_running;
    }
    if (calls->items.count == 0)
        return NULL;
    calls->turn = rs_job_create(&(struct rs_job_options){.within = run->memory});
    rs_job_at_end(run->memory, calls_end, calls);
    return calls;
}

size_t compute_flow_running_count(const struct compute_flow_calls *calls)
{
    return calls ? calls->running_count : 0;
}

static rs_status argument_value(struct compute_flow_calls *calls, const struct publish_aggregate *call, size_t row, struct value *out)
{
    const struct expr_program *argument = call->call.argument;
    struct compute_context context = compute_context_row(calls->run, calls->data, row);

    *out = value_null();
    if (!argument)
        return RS_OK;
    context.row_only = true;
    RS_TRY(compute_eval_program(calls->turn, &context, argument, out));
    *out = compute_flow_as_kept(calls->turn, *out);
    return RS_OK;
}

rs_status compute_flow_calls_add(struct rs_job *job, struct compute_flow_calls *calls, size_t row, const struct value *cells,
                                 bool in_region, struct rs_job *memory, struct value *running)
{
    struct rs_mark mark;

    if (!calls)
        return RS_OK;
    mark = rs_job_mark(calls->turn);
    for (size_t i = 0; i < calls->items.count; i++) {
        const struct flow_call *c = &calls->items.items[i];
        struct value v;
        if (c->of_data_set == in_region)
            continue;
        if (c->column >= 0)
            v = cells[c->column];
        else if (argument_value(calls, c->call, row, &v) != RS_OK)
            return rs_job_adopt(job, calls->turn);
        compute_accumulate(c->accumulator, v);
        if (c->is_running)
            *running++ = compute_keep(memory, compute_accumulated(c->accumulator));
    }
    rs_job_reset(calls->turn, mark);
    return RS_OK;
}

size_t compute_flow_running_place(const struct compute_flow_calls *calls, const struct publish_aggregate *call)
{
    size_t place = 0;

    for (size_t i = 0; calls->items.items[i].call != call; i++)
        place += calls->items.items[i].is_running;
    return place;
}

struct value compute_flow_call_total(const struct compute_flow_calls *calls, const struct publish_aggregate *call)
{
    for (size_t i = 0; calls && i < calls->items.count; i++)
        if (calls->items.items[i].call == call)
            return compute_accumulated(calls->items.items[i].accumulator);
    return value_error(RS_TEXT("an aggregate over rows that were not kept"));
}
