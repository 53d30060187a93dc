/* RunningValue, RowNumber and Previous: what depends on the order of output.
 *
 * A running value is computed for all instances of its member inside the scope where it starts anew, in one pass, and
 * kept with them: asking for each row of a million costs a lookup, in any order.
 *
 * It runs down the rows; across the columns where it stands in no row group, or where it names the very row group it
 * stands in (in a matrix: from column to column).
 */
#include "report/compute/internal.h"

struct run_along {
    struct rs_job *job;
    struct compute_run *run;
    const struct publish_aggregate *call;
    struct compute_tablix *tablix;
    enum compute_axis axis;
    struct compute_place at;    /* the current place on the axis: group or details */
    struct compute_place cross; /* the fixed place on the other axis; its node is NULL for all */
    struct compute_node *stop;  /* where it starts anew: a node on the axis around `at` */
};

static struct compute_place dynamic_or_none(struct compute_place place)
{
    place = compute_dynamic_place(place);
    if (place.node && place.node->kind == COMPUTE_ROOT)
        place = (struct compute_place){NULL, 0};
    return place;
}

static struct compute_node *dynamic_parent(struct compute_node *node)
{
    return compute_dynamic_place((struct compute_place){node->parent, 0}).node;
}

/* The node of scope `wanted` around `at`; NULL where it is not on this axis. */
static struct compute_node *around(struct compute_place at, const struct publish_scope *wanted)
{
    for (struct compute_node *node = at.node; wanted && wanted->kind == PUBLISH_GROUP && node; node = node->parent)
        if (node->member && node->member == wanted->member)
            return node;
    return NULL;
}

/* False where nothing runs here. */
static bool choose_axis(struct run_along *r, const struct compute_scope *scope)
{
    struct compute_place row = dynamic_or_none(scope->row), column = dynamic_or_none(scope->column);
    const struct publish_place *over = &r->call->over;
    bool names_own_row = row.node && column.node && row.node == around(row, over->row) && !over->column;
    bool names_column = column.node && !rs_text_is_empty(r->call->call.scope) && over->column &&
                        rs_text_equal(over->column->name, r->call->call.scope);

    if (!row.node && !column.node)
        return false;
    r->axis = !row.node || names_own_row || (names_column && r->call->call.kind == EXPR_PREVIOUS) ? COMPUTE_COLUMNS
                                                                                                  : COMPUTE_ROWS;
    if (r->axis == COMPUTE_COLUMNS && !column.node)
        r->axis = COMPUTE_ROWS;
    r->at = r->axis == COMPUTE_ROWS ? row : column;
    r->cross = r->axis == COMPUTE_ROWS ? column : row;
    r->stop = around(r->at, r->axis == COMPUTE_ROWS ? over->row : over->column);
    if (!r->stop && r->axis == COMPUTE_COLUMNS)
        r->stop = around(r->at, over->row);
    if (!r->stop)
        r->stop = compute_root(r->tablix, r->axis);
    return true;
}

static struct compute_scope scope_at(const struct run_along *r, struct compute_place place)
{
    return r->axis == COMPUTE_ROWS ? compute_cell_scope(r->tablix, place, r->cross)
                                   : compute_cell_scope(r->tablix, r->cross, place);
}

/* ---- one pass --------------------------------------------------------------------------------------- */

struct pass {
    struct run_along *r;
    struct compute_accumulator *accumulator;
    struct rs_job *scratch;
    const struct data_column *column; /* of the argument; NULL where it must be evaluated */
};

static rs_status add_value(struct pass *p, const struct compute_scope *scope, const uint32_t *row)
{
    struct compute_context context = compute_context_at(p->r->run, scope);
    struct value v;

    if (row) {
        context.row = *row;
        context.row_state = COMPUTE_ROW_KNOWN;
    }
    if (compute_eval_program(p->scratch, &context, p->r->call->call.argument, &v) != RS_OK)
        return rs_job_adopt(p->r->job, p->scratch);
    compute_accumulate(p->accumulator, v);
    return RS_OK;
}

/* The rows of one instance join. An argument with an aggregate in it gives one value for the instance. */
static rs_status add_place(struct pass *p, struct compute_place place)
{
    struct compute_scope scope = scope_at(p->r, place);
    struct compute_rows rows;

    if (p->r->call->call.contains_aggregate)
        return add_value(p, &scope, NULL);
    RS_TRY(compute_scope_rows(p->r->job, &scope, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        if (!p->r->call->call.argument)
            compute_accumulate(p->accumulator, value_null());
        else if (p->column)
            compute_accumulate(p->accumulator, data_value(p->column, rows.rows[i]));
        else
            RS_TRY(add_value(p, &scope, &rows.rows[i]));
    }
    return rs_job_checkpoint(p->r->job);
}

static rs_text cell_key(struct rs_job *job, const struct run_along *r, const struct compute_node *node)
{
    return rs_text_format(job, "%u %p %p %zu", r->call->number, (const void *)node, (const void *)r->cross.node, r->cross.row);
}

static const struct value *find_kept(struct run_along *r, struct compute_node *node)
{
    if (r->cross.node)
        return r->tablix->cell_running ? rs_map_find(r->tablix->cell_running, cell_key(r->job, r, node)) : NULL;
    const struct compute_node_extra *extra = node->state->extra;
    for (size_t i = 0; extra && i < extra->running.count; i++)
        if (extra->running.items[i].aggregate == r->call->number)
            return extra->running.items[i].values;
    return NULL;
}

static void keep_values(struct run_along *r, struct compute_node *node, const struct value *values)
{
    if (!r->cross.node) {
        struct compute_running one = {r->call->number, values};
        rs_vec_push(r->tablix->memory, &compute_extra(r->tablix, node)->running, one);
        return;
    }
    if (!r->tablix->cell_running)
        r->tablix->cell_running = rs_map_create(r->tablix->memory, RS_MAP_EXACT);
    rs_map_set(r->tablix->cell_running, cell_key(r->tablix->memory, r, node), (void *)values);
}

static bool is_below(const struct rdl_member *member, const struct rdl_member *outer)
{
    for (; member; member = member->parent)
        if (member == outer)
            return true;
    return false;
}

static rs_status pass_instances(struct pass *p, struct compute_node *node);

static rs_status pass_node(struct pass *p, struct compute_node *node)
{
    struct run_along *r = p->r;

    if (node->member != r->at.node->member)
        return is_below(r->at.node->member, node->member) ? pass_instances(p, node) : RS_OK;
    struct value *values = RS_NEW_ARRAY(r->tablix->memory, struct value, node->count);
    for (size_t i = 0; i < node->count; i++) {
        RS_TRY(add_place(p, compute_place_of(node, i)));
        values[i] = compute_keep(r->tablix->memory, compute_accumulated(p->accumulator));
    }
    keep_values(r, node, values);
    return RS_OK;
}

static rs_status pass_instances(struct pass *p, struct compute_node *node)
{
    struct compute_nodes children;

    RS_TRY(compute_children(p->r->job, p->r->tablix, node, &children));
    for (size_t i = 0; i < children.count; i++)
        RS_TRY(pass_node(p, children.items[i]));
    return RS_OK;
}

static rs_status make_pass(struct run_along *r)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = r->job});
    enum expr_aggregate_kind kind = r->call->call.kind == EXPR_ROW_NUMBER ? EXPR_COUNT_ROWS : r->call->call.running;
    struct compute_data *data = r->tablix->data;
    struct pass p = {r, compute_accumulator_create(scratch, kind, data->collation), scratch, NULL};

    if (r->call->call.argument && !r->call->call.contains_aggregate)
        RS_TRY(compute_column(r->job, r->run, data, &r->run->aggregates[r->call->number].argument, r->call->call.argument,
                              &p.column));
    return r->stop == r->at.node ? pass_node(&p, r->at.node) : pass_instances(&p, r->stop);
}

/* RowNumber in a group expression ("a new group every 30 rows"): the place of the row among those that are grouped, or in
 * the region where it counts from further out. */
static rs_status row_number_in_key(struct rs_job *job, struct compute_context *context, const struct publish_aggregate *call,
                                   struct value *out)
{
    struct compute_tablix *t = context->scope.tablix;
    struct compute_place place = compute_dynamic_place(context->scope.row.node ? context->scope.row : context->scope.column);
    bool from_region = !call->over.row || call->over.row->kind != PUBLISH_GROUP;
    size_t number = context->key_place;

    if (call->call.kind != EXPR_ROW_NUMBER) {
        *out = value_error(RS_TEXT("RunningValue is not allowed in a group expression"));
        return RS_OK;
    }
    if (from_region && place.node->kind == COMPUTE_GROUP) {
        RS_TRY(compute_positions_ready(job, t));
        number = t->identity ? context->row : t->data->positions[context->row];
    }
    *out = value_long((int64_t)number + 1);
    return RS_OK;
}

rs_status compute_running(struct rs_job *job, struct compute_context *context, const struct publish_aggregate *call,
                          struct value *out)
{
    struct run_along r = {.job = job, .run = context->run, .call = call, .tablix = context->scope.tablix};
    const struct value *values;

    *out = value_null();
    if (context->in_key)
        return row_number_in_key(job, context, call, out);
    if (r.tablix && r.tablix->flows) {
        size_t row = compute_dynamic_place(context->scope.row).row;
        if (call->call.kind == EXPR_RUNNING_VALUE)
            return compute_flow_running(job, r.tablix->data, call, row, out);
        *out = value_integer((int32_t)row + 1);
        return RS_OK;
    }
    if (!r.tablix || !r.tablix->data || !choose_axis(&r, &context->scope))
        return RS_OK;
    values = find_kept(&r, r.at.node);
    if (!values) {
        RS_TRY(make_pass(&r));
        values = find_kept(&r, r.at.node);
    }
    if (values)
        *out = values[r.at.node->kind == COMPUTE_DETAILS ? r.at.row : 0];
    return RS_OK;
}

/* ---- Previous --------------------------------------------------------------------------------------- */

/* The last instance of `member` below `node`; NULL where there is none. */
static rs_status last_below(struct run_along *r, struct compute_node *node, const struct rdl_member *member,
                            struct compute_node **out)
{
    struct compute_nodes children;

    RS_TRY(compute_children(r->job, r->tablix, node, &children));
    for (size_t i = children.count; i-- > 0 && !*out;) {
        struct compute_node *child = children.items[i];
        if (child->member == member)
            *out = child;
        else if (is_below(member, child->member) && child->kind != COMPUTE_DETAILS)
            RS_TRY(last_below(r, child, member, out));
    }
    return RS_OK;
}

/* The instance before `place` in the order of output, inside `stop`; its node is NULL where there is none. */
static rs_status place_before(struct run_along *r, struct compute_place place, struct compute_place *out)
{
    struct compute_node *node = place.node, *outer, *before = NULL;
    struct compute_place outer_before;

    *out = (struct compute_place){NULL, 0};
    if (node->kind == COMPUTE_DETAILS && place.row > 0) {
        *out = compute_place_of(node, place.row - 1);
        return RS_OK;
    }
    if (node->kind == COMPUTE_GROUP && node->index > 0) {
        *out = compute_place_of(node->parent->state->children[node->state->place - 1], 0);
        return RS_OK;
    }
    outer = dynamic_parent(node);
    while (outer && outer != r->stop && outer->kind == COMPUTE_GROUP) {
        RS_TRY(place_before(r, compute_place_of(outer, 0), &outer_before));
        if (!outer_before.node)
            return RS_OK;
        before = NULL;
        RS_TRY(last_below(r, outer_before.node, node->member, &before));
        if (before) {
            *out = compute_place_of(before, before->count - 1);
            return RS_OK;
        }
        outer = outer_before.node; /* an instance without any: look before it */
    }
    return RS_OK;
}

rs_status compute_previous(struct rs_job *job, struct compute_context *context, const struct publish_aggregate *call,
                           struct value *out)
{
    struct run_along r = {.job = job, .run = context->run, .call = call, .tablix = context->scope.tablix};
    struct compute_place before;

    *out = value_null();
    if (!r.tablix || !call->call.argument || !choose_axis(&r, &context->scope))
        return RS_OK;
    if (r.stop == r.at.node || rs_text_is_empty(call->call.scope)) /* within the instance around the current one */
        r.stop = dynamic_parent(r.at.node);
    RS_TRY(place_before(&r, r.at, &before));
    if (!before.node)
        return RS_OK;
    struct compute_scope scope = scope_at(&r, before);
    struct compute_context there = compute_context_at(r.run, &scope);
    return compute_eval_program(job, &there, call->call.argument, out);
}
