/* Expressions in their places: what the compiled programs ask for is looked up here.
 */
#include "report/compute/internal.h"

#include "base/buf.h"

/* ---- contexts --------------------------------------------------------------------------------------- */

struct compute_context compute_context_at(struct compute_run *run, const struct compute_scope *scope)
{
    return (struct compute_context){.run = run, .scope = *scope, .data = scope->tablix ? scope->tablix->data : NULL};
}

struct compute_context compute_context_row(struct compute_run *run, struct compute_data *data, size_t row)
{
    return (struct compute_context){.run = run, .data = data, .row = row, .row_state = COMPUTE_ROW_KNOWN};
}

static bool same_place(struct compute_place a, struct compute_place b)
{
    return a.node == b.node && a.row == b.row;
}

/* The cells of a row, and the properties of each, ask for the same row one after another. */
static rs_status find_region_row(struct rs_job *job, struct compute_context *context, bool *found)
{
    struct compute_last_row *last = &context->run->last_row;
    struct compute_place at = compute_dynamic_place(context->scope.row), across = compute_dynamic_place(context->scope.column);

    if (last->tablix != context->scope.tablix || !same_place(last->at, at) || !same_place(last->across, across)) {
        last->tablix = NULL; /* finding it may ask for others */
        RS_TRY(compute_first_row(job, &context->scope, false, found, &context->row));
        *found = *found || compute_domain_row(&context->scope, &context->row);
        *last = (struct compute_last_row){context->scope.tablix, at, across, *found, context->row};
        return RS_OK;
    }
    *found = last->found;
    context->row = last->row;
    return RS_OK;
}

/* The current row: of details, else the first after sorting; outside regions the first of the data set. */
static rs_status find_row(struct rs_job *job, struct compute_context *context)
{
    bool found = false;

    if (context->scope.tablix && context->scope.tablix->data == context->data) {
        RS_TRY(find_region_row(job, context, &found));
    } else if (context->data) {
        RS_TRY(compute_data_ready(job, context->run, context->data));
        found = context->data->filtered.count > 0;
        if (found)
            context->row = context->data->filtered.rows[0];
    }
    context->row_state = found ? COMPUTE_ROW_KNOWN : COMPUTE_ROW_NONE;
    return RS_OK;
}

/* ---- what programs ask for -------------------------------------------------------------------------- */

static rs_status ask_field(struct rs_job *job, void *data, int slot, struct value *out)
{
    struct compute_context *context = data;

    *out = value_null();
    if (context->row_state == COMPUTE_ROW_UNKNOWN)
        RS_TRY(find_row(job, context));
    if (context->row_state == COMPUTE_ROW_NONE || !context->data)
        return RS_OK;
    return compute_field(job, context->run, context->data, slot, context->row, out);
}

/* Whether the value of an aggregate is the same everywhere in the report. */
static bool is_global(const struct publish_aggregate *call)
{
    return call->over.row && call->over.row->kind == PUBLISH_DATA_SET && !call->over.column && !call->inner;
}

static rs_status ask_aggregate(struct rs_job *job, void *data, int slot, struct value *out)
{
    struct compute_context *context = data;

    if (context->row_only && !is_global(&context->run->report->aggregates[slot])) {
        context->refused = true;
        *out = value_null();
        return RS_OK;
    }
    return compute_aggregate(job, context, (unsigned)slot, out);
}

static rs_status ask_lookup(struct rs_job *job, void *data, int slot, struct value source, struct value *out)
{
    struct compute_context *context = data;

    return compute_lookup(job, context->run, (unsigned)slot, source, out);
}

static rs_status too_deep(struct value *out)
{
    *out = value_error(RS_TEXT("expressions that depend on each other without end"));
    return RS_OK;
}

/* The first instance of a row group inside `node`, members in their order; *found stays NULL where there is none. */
static rs_status first_instance_below(struct rs_job *job, struct compute_tablix *tablix, struct compute_node *node,
                                      const struct publish_scope *wanted, struct compute_node **found)
{
    struct compute_nodes nodes;

    if (node->member == wanted->member) {
        *found = node;
        return RS_OK;
    }
    RS_TRY(compute_children(job, tablix, node, &nodes));
    for (size_t i = 0; i < nodes.count && !*found; i++) {
        const struct publish_scope *group = compute_group_scope(tablix->run, nodes.items[i]);
        if (!group || publish_scope_contains(group, wanted))
            RS_TRY(first_instance_below(job, tablix, nodes.items[i], wanted, found));
    }
    return RS_OK;
}

static rs_status first_instance_inside(struct rs_job *job, const struct compute_scope *at, const struct publish_scope *wanted,
                                       struct compute_scope *region, struct compute_place *place)
{
    struct compute_node *found = NULL;

    *region = *at;
    if (at->tablix && at->tablix->item == wanted->region && at->row.node)
        RS_TRY(first_instance_below(job, at->tablix, compute_dynamic_place(at->row).node, wanted, &found));
    *place = compute_place_of(found, 0);
    return RS_OK;
}

static rs_status ask_report_item(struct rs_job *job, void *data, int slot, struct value *out)
{
    struct compute_context *context = data;
    const struct rdl_item *item = context->run->report->items[slot];
    struct compute_text text;

    *out = value_null();
    if (context->row_only) {
        context->refused = true;
        return RS_OK;
    }
    if (context->scope.page)
        return compute_page_item(job, context, (unsigned)slot, out);
    if (item->kind != RDL_TEXTBOX)
        return RS_OK;
    if (context->run->depth >= COMPUTE_DEPTH_MAX)
        return too_deep(out);
    /* The scope that both share: the item's own region or one around it, its own group or one around it. */
    const struct publish_place *home = &context->run->report->item_places[slot];
    struct compute_scope scope = {0};
    struct compute_place place = {NULL, 0};
    if (home->row && home->row->kind != PUBLISH_DATA_SET) {
        if (!compute_find_instance(&context->scope, home->row, &scope, &place)) {
            RS_TRY(first_instance_inside(job, &context->scope, home->row, &scope, &place));
            if (!place.node)
                return RS_OK;
        }
        scope.row = place;
        scope.column = (struct compute_place){NULL, 0};
        struct compute_scope ignored;
        if (home->column && compute_find_instance(&context->scope, home->column, &ignored, &place))
            scope.column = place;
    }
    context->run->depth++;
    rs_status status = compute_textbox(job, context->run, &scope, item, &text);
    context->run->depth--;
    *out = text.value;
    return status;
}

static rs_status eval_variable(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                               const struct rdl_variable *variable, struct value *out)
{
    if (run->depth >= COMPUTE_DEPTH_MAX)
        return too_deep(out);
    run->depth++;
    rs_status status = compute_eval(job, run, scope, &variable->value, out);
    run->depth--;
    return status;
}

rs_status compute_report_variable(struct rs_job *job, struct compute_run *run, int slot, struct value *out)
{
    if (compute_is_unset(run->variables[slot])) {
        struct value v;
        RS_TRY(eval_variable(job, run, &(struct compute_scope){0}, run->report->variables[slot].definition, &v));
        run->variables[slot] = compute_keep(run->memory, v);
    }
    *out = run->variables[slot];
    return RS_OK;
}

/* Where in its group's list a variable stands. */
static size_t variable_index(const struct rdl_group *group, const struct rdl_variable *variable)
{
    return (size_t)(variable - group->variables.items);
}

static rs_status group_variable(struct rs_job *job, struct compute_context *context, int slot, struct value *out)
{
    const struct publish_variable *variable = &context->run->report->variables[slot];
    const struct rdl_group *group = variable->scope->member->group;
    struct compute_scope region;
    struct compute_place place;

    *out = value_null();
    if (context->row_only) {
        context->refused = true;
        return RS_OK;
    }
    if (!compute_find_instance(&context->scope, variable->scope, &region, &place))
        return RS_OK;
    struct compute_scope scope = compute_member_scope(region.tablix, place);
    if (place.node->kind == COMPUTE_DETAILS)
        return eval_variable(job, context->run, &scope, variable->definition, out);
    struct compute_node_extra *extra = compute_extra(region.tablix, place.node);
    if (!extra->variables)
        extra->variables = compute_unset_values(region.tablix->memory, group->variables.count);
    struct value *kept = &extra->variables[variable_index(group, variable->definition)];
    if (compute_is_unset(*kept)) {
        RS_TRY(eval_variable(job, context->run, &scope, variable->definition, out));
        *kept = compute_keep(region.tablix->memory, *out);
    }
    *out = *kept;
    return RS_OK;
}

static rs_status ask_variable(struct rs_job *job, void *data, int slot, struct value *out)
{
    struct compute_context *context = data;

    return context->run->report->variables[slot].scope ? group_variable(job, context, slot, out)
                                                       : compute_report_variable(job, context->run, slot, out);
}

static rs_status set_variable(struct rs_job *job, void *data, int slot, struct value value, struct value *out)
{
    struct compute_context *context = data;
    struct compute_run *run = context->run;
    const struct publish_variable *variable = &run->report->variables[slot];

    (void)job;
    *out = value_boolean(true);
    if (context->row_only)
        context->refused = true;
    else if (variable->scope || !variable->definition->writable)
        *out = value_error(RS_TEXT("only a report variable with Writable can be set"));
    else if (value.kind == VALUE_ERROR)
        *out = value;
    else
        run->variables[slot] = compute_keep(run->memory, value);
    return RS_OK;
}

static rs_status ask_source_property(struct rs_job *job, void *data, enum expr_collection collection, int slot,
                                     rs_text property, struct value *out)
{
    struct compute_context *context = data;
    struct compute_run *run = context->run;
    const struct rdl_report *report = run->report->definition;

    *out = value_null();
    if (collection == EXPR_DATA_SOURCES && (size_t)slot < report->data_sources.count) {
        const struct rdl_data_source *source = &report->data_sources.items[slot];
        if (rs_text_equal_nocase(property, RS_TEXT("Type")))
            *out = value_text(source->provider);
        else if (rs_text_equal_nocase(property, RS_TEXT("DataSourceReference")))
            *out = value_text(source->reference);
    } else if (collection == EXPR_DATA_SETS && (size_t)slot < report->data_sets.count) {
        const struct rdl_data_set *data_set = &report->data_sets.items[slot];
        if (rs_text_equal_nocase(property, RS_TEXT("CommandText")) ||
            rs_text_equal_nocase(property, RS_TEXT("RewrittenCommandText")))
            return compute_eval(job, run, &(struct compute_scope){0}, &data_set->command_text, out);
    }
    return RS_OK;
}

/* ---- evaluating ------------------------------------------------------------------------------------- */

rs_status compute_eval_program(struct rs_job *job, struct compute_context *context, const struct expr_program *program,
                               struct value *out)
{
    struct compute_run *run = context->run;
    struct expr_env env = {
        .parameters = run->parameter_values,
        .globals = context->scope.page ? &context->scope.page->globals : &run->globals,
        .culture = run->culture,
        .data = context,
        .aggregate = ask_aggregate,
        .lookup = ask_lookup,
        .report_item = ask_report_item,
        .variable = ask_variable,
        .set_variable = set_variable,
        .field = ask_field,
        .source_property = ask_source_property,
        .code = run->code,
    };

    return expr_eval(job, program, &env, out);
}

bool compute_quick_field(struct compute_run *run, const struct compute_scope *scope, const struct rdl_expr *expr, struct value *out)
{
    const struct compute_last_row *last = &run->last_row;
    const struct compute_data *data;
    const struct compute_lazy_column *field;
    int slot;

    if (!expr->present || !scope->tablix || last->tablix != scope->tablix || !last->found ||
        !same_place(last->at, compute_dynamic_place(scope->row)) || !same_place(last->across, compute_dynamic_place(scope->column)))
        return false;
    slot = run->exprs[expr->id].field;
    data = scope->tablix->data;
    if (slot < 0 || run->report->exprs[expr->id].data_set != data->published->definition)
        return false;
    field = &data->fields[slot];
    if (field->state != COMPUTE_READY)
        return data->flow && data->state == COMPUTE_NOT_FETCHED && compute_flow_quick(data, slot, last->row, out);
    *out = data_value(field->column, last->row);
    return true;
}

void compute_exprs_prepare(struct compute_run *run)
{
    unsigned count = run->report->definition->expr_count;

    run->exprs = RS_NEW_ARRAY(run->memory, struct compute_expr_state, (size_t)count + 1);
    for (unsigned i = 0; i < count; i++) {
        const struct expr_program *program = run->report->exprs[i].program;
        run->exprs[i].is_constant = expr_is_constant(program, &run->exprs[i].constant);
        run->exprs[i].field = expr_is_field(program);
    }
}

rs_status compute_eval_at(struct rs_job *job, struct compute_context *context, const struct rdl_expr *expr, struct value *out)
{
    const struct compute_expr_state *state = &context->run->exprs[expr->id];
    const struct publish_expr *published = &context->run->report->exprs[expr->id];

    if (!expr->present) {
        *out = value_null();
        return RS_OK;
    }
    if (state->is_constant) {
        *out = state->constant;
        return RS_OK;
    }
    if (context->row_state == COMPUTE_ROW_UNKNOWN && published->data_set)
        context->data = compute_data_of(context->run, published->data_set);
    if (state->field >= 0)
        return ask_field(job, context, state->field, out);
    return compute_eval_program(job, context, published->program, out);
}

rs_status compute_eval(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                       const struct rdl_expr *expr, struct value *out)
{
    struct compute_context context = compute_context_at(run, scope);

    if (!expr->present) {
        *out = value_null();
        return RS_OK;
    }
    return compute_eval_at(job, &context, expr, out);
}

rs_status compute_eval_text(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                            const struct rdl_expr *expr, rs_text otherwise, rs_text *out)
{
    struct value v;

    *out = otherwise;
    if (!expr->present)
        return RS_OK;
    RS_TRY(compute_eval(job, run, scope, expr, &v));
    if (v.kind == VALUE_TEXT)
        *out = compute_repaired(job, value_bytes(v));
    else if (v.kind != VALUE_NULL && v.kind != VALUE_ERROR && v.kind != VALUE_ARRAY)
        *out = value_to_text(job, run->culture, v);
    return RS_OK;
}

rs_status compute_eval_bool(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                            const struct rdl_expr *expr, bool otherwise, bool *out)
{
    struct value v;

    *out = otherwise;
    if (!expr->present)
        return RS_OK;
    RS_TRY(compute_eval(job, run, scope, expr, &v));
    if (v.kind == VALUE_NULL)
        return RS_OK;
    if (v.kind != VALUE_BOOLEAN)
        v = value_to_boolean(job, v, run->culture);
    if (v.kind == VALUE_BOOLEAN)
        *out = v.boolean;
    return RS_OK;
}

rs_status compute_hidden(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                         const struct rdl_visibility *visibility, bool *hidden)
{
    return compute_eval_bool(job, run, scope, &visibility->hidden, false, hidden);
}

rs_status compute_page_break(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                             const struct rdl_page_break *page_break, enum rdl_break *location, bool *reset_page_number)
{
    bool disabled;

    *location = RDL_BREAK_NONE;
    *reset_page_number = false;
    if (page_break->location == RDL_BREAK_NONE)
        return RS_OK;
    RS_TRY(compute_eval_bool(job, run, scope, &page_break->disabled, false, &disabled));
    if (disabled)
        return RS_OK;
    *location = page_break->location;
    return compute_eval_bool(job, run, scope, &page_break->reset_page_number, false, reset_page_number);
}
