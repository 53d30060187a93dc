/* Aggregates: over which rows, from which cache, by which loop.
 *
 * A value over the instance of a row group, a column group, a region or a data set is computed once and kept there; one
 * over the crossing of a row and a column is computed from the rows of the crossing, which are kept (tablix.c).
 */
#include "report/compute/internal.h"

void compute_aggregates_prepare(struct compute_run *run)
{
    run->aggregates = RS_NEW_ARRAY(run->memory, struct compute_aggregate_state, (size_t)run->report->aggregate_count + 1);
    for (unsigned s = 0; s < run->report->scope_count; s++) {
        const struct publish_scope *scope = &run->report->scopes[s];
        for (size_t i = 0; i < scope->aggregates.count; i++) {
            unsigned number = scope->aggregates.items[i];
            if (run->report->aggregates[number].over.column == scope)
                run->aggregates[number].column_place = i;
            if (run->report->aggregates[number].over.row == scope)
                run->aggregates[number].row_place = i;
        }
    }
}

struct work {
    struct rs_job *job;
    struct compute_run *run;
    const struct publish_aggregate *call;
    struct compute_aggregate_state *state;
    struct compute_data *data;
    struct compute_scope scope; /* the instances it covers */
    struct compute_rows rows;
};

/* ---- which rows ------------------------------------------------------------------------------------- */

/* The scope of the instances that `place` names, seen from `scope`; false where it is in none. */
static bool compute_over(const struct compute_scope *scope, const struct publish_place *place, struct compute_scope *out)
{
    struct compute_scope region;
    struct compute_place found;

    *out = (struct compute_scope){0};
    if (!place->row || place->row->kind == PUBLISH_DATA_SET)
        return place->row != NULL;
    if (!compute_find_instance(scope, place->row, &region, &found))
        return false;
    out->tablix = region.tablix;
    if (place->row->is_column)
        out->column = found;
    else
        out->row = found;
    if (place->column) {
        if (!compute_find_instance(scope, place->column, &region, &found))
            return false;
        out->column = found;
    }
    return true;
}

static rs_status find_rows(struct work *w)
{
    struct compute_node *node = w->scope.row.node ? w->scope.row.node : w->scope.column.node;

    if (!w->scope.tablix) {
        w->data = compute_data_of(w->run, w->call->over.row->data_set);
        if (!w->data)
            return RS_OK;
        RS_TRY(compute_data_ready(w->job, w->run, w->data));
        w->rows = w->data->filtered;
        return RS_OK;
    }
    w->data = w->scope.tablix->data;
    RS_TRY(compute_scope_rows(w->job, &w->scope, &w->rows));
    if (w->call->call.recursive && node && node->kind == COMPUTE_GROUP && node->state->extra && node->state->extra->recursive_count)
        w->rows.count = node->state->extra->recursive_count; /* what is below an instance follows it */
    return RS_OK;
}

/* ---- where the value is kept ------------------------------------------------------------------------ */

static struct value *values_of(const struct work *w, struct compute_node *node, const struct publish_scope *scope, size_t place)
{
    if (node->kind == COMPUTE_DETAILS || !scope || place >= scope->aggregates.count)
        return NULL;
    if (!node->state->values)
        node->state->values = compute_unset_values(w->scope.tablix->memory, scope->aggregates.count);
    return &node->state->values[place];
}

/* NULL where it is not kept: in details and crossings. */
static struct value *kept_value(const struct work *w)
{
    const struct publish_place *over = &w->call->over;
    struct compute_node *row = w->scope.row.node, *column = w->scope.column.node;

    if (!w->scope.tablix) {
        if (!w->state->has_value)
            w->state->value = compute_unset();
        w->state->has_value = true;
        return &w->state->value;
    }
    if (row && column)
        return NULL;
    if (column)
        return over->column ? values_of(w, column, over->column, w->state->column_place)
                            : values_of(w, column, over->row, w->state->row_place);
    return values_of(w, row ? row : compute_root(w->scope.tablix, COMPUTE_ROWS), over->row, w->state->row_place);
}

/* ---- computing -------------------------------------------------------------------------------------- */

/* An argument that depends on more than its row: evaluated in the scope, row by row. */
static rs_status evaluate_rows(struct work *w, struct value *out)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = w->job});
    struct compute_accumulator *accumulator = compute_accumulator_create(scratch, w->call->call.kind, w->data->collation);
    RS_OWNED(rs_job) turn = rs_job_create(&(struct rs_job_options){.within = w->job});
    struct rs_mark mark = rs_job_mark(turn);

    for (size_t i = 0; i < w->rows.count; i++) {
        struct compute_context context = compute_context_at(w->run, &w->scope);
        struct value v;
        context.data = w->data;
        context.row = w->rows.rows[i];
        context.row_state = COMPUTE_ROW_KNOWN;
        if (compute_eval_program(turn, &context, w->call->call.argument, &v) != RS_OK)
            return rs_job_adopt(w->job, turn);
        compute_accumulate(accumulator, v);
        rs_job_reset(turn, mark);
        RS_TRY(rs_job_checkpoint(w->job));
    }
    *out = compute_keep(w->job, compute_accumulated(accumulator));
    return RS_OK;
}

static rs_status argument_column(struct work *w, const struct data_column **out)
{
    *out = NULL;
    if (!w->call->call.argument || w->call->call.contains_aggregate)
        return RS_OK;
    return compute_column(w->job, w->run, w->data, &w->state->argument, w->call->call.argument, out);
}

/* First and Last: the argument in the first or last row after sorting. */
static rs_status at_edge(struct work *w, struct value *out)
{
    bool last = w->call->call.kind == EXPR_LAST, found = w->rows.count > 0;
    const struct data_column *column;
    size_t row = found ? w->rows.rows[last ? w->rows.count - 1 : 0] : 0;

    *out = value_null();
    if (w->scope.tablix)
        RS_TRY(compute_first_row(w->job, &w->scope, last, &found, &row));
    if (!found)
        return RS_OK;
    RS_TRY(argument_column(w, &column));
    if (column) {
        *out = data_value(column, row);
        return RS_OK;
    }
    struct compute_context context = compute_context_at(w->run, &w->scope);
    context.data = w->data;
    context.row = row;
    context.row_state = COMPUTE_ROW_KNOWN;
    return compute_eval_program(w->job, &context, w->call->call.argument, out);
}

/* ---- aggregates of aggregates ----------------------------------------------------------------------- */

struct each {
    struct work *work;
    struct compute_accumulator *accumulator;
    struct rs_job *scratch;
};

typedef rs_status on_scope(struct rs_job *job, void *data, const struct compute_scope *scope);

static rs_status each_below(struct rs_job *job, struct compute_scope *scope, struct compute_node *node, bool in_columns,
                            const struct publish_scope *wanted, on_scope *call, void *data)
{
    struct compute_place *place = in_columns ? &scope->column : &scope->row;
    struct compute_nodes children;

    RS_TRY(compute_children(job, scope->tablix, node, &children));
    for (size_t i = 0; i < children.count; i++) {
        struct compute_node *child = children.items[i];
        if (child->member != wanted->member) {
            if (child->kind != COMPUTE_DETAILS)
                RS_TRY(each_below(job, scope, child, in_columns, wanted, call, data));
            continue;
        }
        for (size_t row = 0; row < child->count; row++) {
            *place = (struct compute_place){child, row};
            RS_TRY(call(job, data, scope));
        }
    }
    return rs_job_checkpoint(job);
}

struct nested {
    const struct publish_scope *wanted;
    struct compute_run *run;
    on_scope *call;
    void *data;
};

static rs_status each_instance(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                               const struct publish_scope *wanted, on_scope *call, void *data);

static rs_status in_nested(struct rs_job *job, void *data, const struct compute_scope *scope)
{
    struct nested *nested = data;
    struct compute_tablix *tablix;

    RS_TRY(compute_tablix_open(job, nested->run, scope, nested->wanted->region, &tablix));
    struct compute_scope inner = {.tablix = tablix};
    rs_status status = each_instance(job, nested->run, &inner, nested->wanted, nested->call, nested->data);
    compute_tablix_close(tablix);
    return status;
}

/* Every instance of `wanted` inside `scope`, through the regions between them. */
static rs_status each_instance(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                               const struct publish_scope *wanted, on_scope *call, void *data)
{
    struct compute_scope inner = *scope;

    if (scope->tablix && scope->tablix->item == wanted->region) {
        if (wanted->kind != PUBLISH_GROUP)
            return call(job, data, &inner);
        struct compute_node *from = wanted->is_column ? scope->column.node : scope->row.node;
        if (from && from->member == wanted->member)
            return call(job, data, &inner);
        if (!from)
            from = compute_root(scope->tablix, wanted->is_column ? COMPUTE_COLUMNS : COMPUTE_ROWS);
        return each_below(job, &inner, from, wanted->is_column, wanted, call, data);
    }
    const struct publish_scope *region = wanted;
    while (region && region->kind == PUBLISH_GROUP)
        region = region->parent;
    if (!region || region->kind != PUBLISH_REGION)
        return RS_OK;
    struct nested nested = {wanted, run, call, data};
    if (!region->parent || region->parent->kind == PUBLISH_DATA_SET)
        return in_nested(job, &nested, &(struct compute_scope){0});
    return each_instance(job, run, scope, region->parent, in_nested, &nested);
}

static rs_status add_instance(struct rs_job *job, void *data, const struct compute_scope *scope)
{
    struct each *each = data;
    struct compute_context context = compute_context_at(each->work->run, scope);
    struct value v;

    if (compute_eval_program(each->scratch, &context, each->work->call->call.argument, &v) != RS_OK)
        return rs_job_adopt(job, each->scratch);
    compute_accumulate(each->accumulator, v);
    return rs_job_checkpoint(job);
}

static rs_status over_instances(struct work *w, struct value *out)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = w->job});
    struct each each = {w, compute_accumulator_create(scratch, w->call->call.kind, w->data->collation), scratch};

    RS_TRY(each_instance(w->job, w->run, &w->scope, w->call->inner, add_instance, &each));
    *out = compute_keep(w->job, compute_accumulated(each.accumulator));
    return RS_OK;
}

/* ---- report items on a page ------------------------------------------------------------------------- */

static rs_status over_page(struct rs_job *job, struct compute_context *context, const struct publish_aggregate *call,
                           struct value *out)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct value_collation *collation;
    struct compute_context one = *context;
    struct value v;

    RS_TRY(value_collation_create(scratch, context->run->culture, 0, &collation) == RS_OK ? RS_OK
                                                                                        : rs_job_adopt(job, scratch));
    struct compute_accumulator *accumulator = compute_accumulator_create(scratch, call->call.kind, collation);
    one.on_records = true;
    for (one.record = 0; call->call.argument; one.record++) {
        if (compute_eval_program(scratch, &one, call->call.argument, &v) != RS_OK)
            return rs_job_adopt(job, scratch);
        if (one.records_end)
            break;
        compute_accumulate(accumulator, v);
        RS_TRY(rs_job_checkpoint(job));
    }
    *out = compute_keep(job, compute_accumulated(accumulator));
    return RS_OK;
}

/* ---- one call --------------------------------------------------------------------------------------- */

static rs_status scope_function(struct compute_context *context, const struct publish_aggregate *call, struct value *out)
{
    const struct publish_scope *wanted = call->over.column ? call->over.column : call->over.row;
    struct compute_scope region;
    struct compute_place place = {NULL, 0};
    bool found = wanted && (wanted->kind == PUBLISH_DATA_SET ||
                            compute_find_instance(&context->scope, wanted, &region, &place));

    if (call->call.kind == EXPR_IN_SCOPE)
        *out = value_boolean(found);
    else
        *out = value_integer(found && place.node ? (int32_t)place.node->level : 0);
    return RS_OK;
}

static rs_status compute(struct work *w, struct value *out)
{
    const struct data_column *column;

    *out = value_null();
    if (w->call->call.kind == EXPR_COUNT_ROWS) {
        *out = w->rows.count <= INT32_MAX ? value_integer((int32_t)w->rows.count) : value_long((int64_t)w->rows.count);
        return RS_OK;
    }
    if (!w->data || !w->call->call.argument)
        return RS_OK;
    if (w->call->inner)
        return over_instances(w, out);
    if (w->call->call.kind == EXPR_FIRST || w->call->call.kind == EXPR_LAST)
        return at_edge(w, out);
    RS_TRY(argument_column(w, &column));
    return column ? compute_accumulate_column(w->job, w->call->call.kind, w->run, w->data, column, w->rows, out)
                  : evaluate_rows(w, out);
}

static rs_status over_rows(struct rs_job *job, struct compute_context *context, const struct publish_aggregate *call,
                           struct value *out)
{
    struct work w = {.job = job, .run = context->run, .call = call, .state = &context->run->aggregates[call->number]};
    struct value *kept;

    *out = value_null();
    w.data = call->over.row ? compute_data_of(context->run, call->over.row->data_set) : NULL;
    if (w.data && w.data->flow && w.data->state == COMPUTE_NOT_FETCHED)
        return compute_flow_total(job, context->run, w.data, call, out);
    if (!compute_over(&context->scope, &call->over, &w.scope))
        return RS_OK;
    kept = kept_value(&w);
    if (kept && !compute_is_unset(*kept)) {
        *out = *kept;
        return RS_OK;
    }
    RS_TRY(find_rows(&w));
    RS_TRY(compute(&w, out));
    if (kept)
        *kept = *out = compute_keep(w.scope.tablix ? w.scope.tablix->memory : w.run->memory, *out);
    return RS_OK;
}

rs_status compute_aggregate(struct rs_job *job, struct compute_context *context, unsigned number, struct value *out)
{
    const struct publish_aggregate *call = &context->run->report->aggregates[number];

    switch (call->call.kind) {
    case EXPR_LEVEL: case EXPR_IN_SCOPE:
        return scope_function(context, call, out);
    case EXPR_RUNNING_VALUE: case EXPR_ROW_NUMBER:
        return compute_running(job, context, call, out);
    case EXPR_PREVIOUS:
        return compute_previous(job, context, call, out);
    case EXPR_AGGREGATE: /* no provider here computes aggregates itself */
        *out = value_null();
        return RS_OK;
    default:
        if (call->over.is_page && !call->over.row)
            return over_page(job, context, call, out);
        return over_rows(job, context, call, out);
    }
}
