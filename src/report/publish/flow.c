/* Which data sets may flow: each row is needed once, in the order in which the query gives it, so that none has to be kept.
 *
 * That is so where one data region of the body lists the rows as details and nothing else wants to see them:
 *
 *   in the way                                      because
 *   another region, a group, a parameter, Lookup    the rows are needed twice
 *   sorts, TopN and its relatives                   the order is another one; what passes depends on all rows
 *   aggregates before or in the rows                they look over all rows (RowNumber, Previous and RunningValue in a row
 *                                                   need only those before it)
 *   fields outside the details                      they are those of the first row, which may be long gone
 *   toggles, document map, page names of details    kept or asked for again behind the row
 *   regions, subreports in the region               they hold on to the row, or walk it anew
 *
 * Totals over the data set or the region that stand in rows behind the details are added up while rows pass, and filters
 * that look at a row alone let it pass or not.
 *
 * Whether the rows do flow is decided when the report runs: the renderer must walk the region only once, and the provider
 * must be able to give rows piece by piece (report/compute/flow.c).
 */
#include <limits.h>

#include "report/publish/publisher.h"

struct flowing {
    const struct publish_report *report;
    const struct rdl_data_set *data_set;
    const struct publish_scope *region, *details;
    bool *behind;       /* by item: it stands in a row behind the details, once */
    bool totals_follow;
};

/* The only region of the data set, in the body, and its only group, details down the rows. */
static bool find_scopes(struct flowing *f)
{
    for (unsigned i = 0; i < f->report->scope_count; i++) {
        const struct publish_scope *scope = &f->report->scopes[i];
        if (scope->data_set != f->data_set || scope->kind == PUBLISH_DATA_SET)
            continue;
        if (scope->kind == PUBLISH_REGION && !f->region && scope->parent && scope->parent->kind == PUBLISH_DATA_SET)
            f->region = scope;
        else if (scope->is_details && !scope->is_column && !f->details && scope->parent == f->region && f->region)
            f->details = scope;
        else
            return false;
    }
    return f->details != NULL;
}

/* ---- what the region is made of --------------------------------------------------------------------- */

static bool items_flow(const rdl_items *items);

static bool item_flows(const struct rdl_item *item)
{
    if (!item)
        return true;
    if (item->document_map_label.present || item->visibility.toggle_item.size)
        return false;
    switch (item->kind) {
    case RDL_LINE: case RDL_TEXTBOX: case RDL_IMAGE:
        return true;
    case RDL_RECTANGLE:
        return item->rectangle->page_break.location == RDL_BREAK_NONE && !item->rectangle->page_name.present &&
               items_flow(&item->rectangle->items);
    default:
        return false;
    }
}

static bool items_flow(const rdl_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (!item_flows(items->items[i]))
            return false;
    return true;
}

static bool members_flow(const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *m = &members[i];
        const struct rdl_group *g = m->group;
        if (m->sorts.count || m->visibility.toggle_item.size || (m->header && !item_flows(m->header->item)))
            return false;
        if (g && (g->filters.count || g->parent.present || g->page_name.present || g->document_map_label.present))
            return false;
        if (!members_flow(m->members.items, m->members.count))
            return false;
    }
    return true;
}

static bool region_flows(const struct rdl_item *item)
{
    const struct rdl_tablix *t = item->tablix;

    if (t->sorts.count || !members_flow(t->row_members.items, t->row_members.count) ||
        !members_flow(t->column_members.items, t->column_members.count))
        return false;
    for (size_t i = 0; t->corner && i < (size_t)t->corner_rows * t->corner_columns; i++)
        if (!item_flows(t->corner[i].item))
            return false;
    for (size_t r = 0; r < t->rows.count; r++)
        for (size_t c = 0; c < t->rows.items[r].cells.count; c++)
            if (!item_flows(t->rows.items[r].cells.items[c].item))
                return false;
    return true;
}

/* ---- what stands behind the details -------------------------------------------------------------------- */

static void mark_items(struct flowing *f, struct rdl_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!items[i])
            continue;
        f->behind[items[i]->number] = true;
        if (items[i]->kind == RDL_RECTANGLE)
            mark_items(f, items[i]->rectangle->items.items, items[i]->rectangle->items.count);
    }
}

/* Rows that are repeated on each page stand before rows, too. */
static void mark_behind(struct flowing *f, const struct rdl_member *members, size_t count, bool *passed)
{
    const struct rdl_tablix *t = f->region->region->tablix;

    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *m = &members[i];
        if (m == f->details->member) {
            *passed = true;
            continue;
        }
        if (*passed && m->repeat_on_new_page)
            continue;
        if (*passed && m->header)
            mark_items(f, &m->header->item, 1);
        mark_behind(f, m->members.items, m->members.count, passed);
        for (size_t c = 0; *passed && !m->members.count && c < t->rows.items[m->first_leaf].cells.count; c++)
            mark_items(f, &t->rows.items[m->first_leaf].cells.items[c].item, 1);
    }
}

/* ---- who else looks at the rows --------------------------------------------------------------------- */

static bool is_in_details(const struct flowing *f, const struct publish_place *at)
{
    return at->row == f->details && !at->column;
}

static bool argument_flows(const struct publish_aggregate *a)
{
    return !a->is_inner && !a->inner && !a->call.contains_aggregate && !a->call.recursive &&
           (!a->call.argument || expr_is_of_row(a->call.argument));
}

/* In a row: what the rows before it decide. */
static bool runs_along(const struct flowing *f, const struct publish_aggregate *a)
{
    if (!is_in_details(f, &a->at) || a->is_inner)
        return false;
    return a->call.kind == EXPR_ROW_NUMBER || (a->call.kind == EXPR_PREVIOUS && !a->call.contains_aggregate) ||
           (a->call.kind == EXPR_RUNNING_VALUE && argument_flows(a));
}

/* Behind the rows: over all of them, of the data set or of the region. */
static bool is_total_behind(const struct flowing *f, const struct publish_aggregate *a)
{
    switch (a->call.kind) {
    case EXPR_SUM: case EXPR_AVG: case EXPR_MIN: case EXPR_MAX: case EXPR_COUNT: case EXPR_COUNT_DISTINCT:
    case EXPR_COUNT_ROWS: case EXPR_STDEV: case EXPR_STDEVP: case EXPR_VAR: case EXPR_VARP: case EXPR_FIRST: case EXPR_LAST:
        break;
    default:
        return false;
    }
    return a->item != UINT_MAX && f->behind[a->item] && argument_flows(a) && !a->over.column && a->over.row &&
           a->over.row->data_set == f->data_set && (a->over.row == f->region || a->over.row->kind == PUBLISH_DATA_SET);
}

static bool aggregates_flow(struct flowing *f)
{
    for (unsigned i = 0; i < f->report->aggregate_count; i++) {
        const struct publish_aggregate *a = &f->report->aggregates[i];
        bool concerned = a->data_set == f->data_set || (a->over.row && a->over.row->data_set == f->data_set);
        if (!concerned || runs_along(f, a))
            continue;
        if (!is_total_behind(f, a))
            return false;
        f->totals_follow = true;
    }
    for (unsigned i = 0; i < f->report->lookup_count; i++)
        if (f->report->lookups[i].data_set == f->data_set)
            return false;
    return true;
}

static bool filters_flow(const struct flowing *f, const rdl_filters *filters)
{
    for (size_t i = 0; i < filters->count; i++) {
        const struct rdl_filter *filter = &filters->items[i];
        if (filter->op == RDL_TOP_N || filter->op == RDL_BOTTOM_N || filter->op == RDL_TOP_PERCENT || filter->op == RDL_BOTTOM_PERCENT ||
            !expr_is_of_row(publish_program(f->report, &filter->expression)))
            return false;
        for (size_t k = 0; k < filter->values.count; k++)
            if (!expr_is_of_row(publish_program(f->report, &filter->values.items[k])))
                return false;
    }
    return true;
}

static bool is_of_filters(const rdl_filters *filters, const struct rdl_expr *expr)
{
    for (size_t i = 0; i < filters->count; i++) {
        const struct rdl_filter *filter = &filters->items[i];
        if (&filter->expression == expr || (expr >= filter->values.items && expr < filter->values.items + filter->values.count))
            return true;
    }
    return false;
}

static bool is_calculated_field(const struct flowing *f, const struct rdl_expr *expr)
{
    for (size_t i = 0; i < f->data_set->fields.count; i++)
        if (&f->data_set->fields.items[i].value == expr)
            return true;
    return false;
}

/* What is evaluated in a row, one after the other, though it does not stand in the details. */
static bool looks_at_rows(const struct flowing *f, const struct rdl_expr *expr)
{
    return is_calculated_field(f, expr) || is_of_filters(&f->data_set->filters, expr) ||
           is_of_filters(&f->region->region->tablix->filters, expr);
}

/* A reader's sort is evaluated where a reader sorts: then rows do not flow. */
static bool is_user_sort(const struct flowing *f, const struct rdl_expr *expr)
{
    for (unsigned i = 0; i < f->report->user_sort_count; i++)
        if (&f->report->user_sorts[i].item->textbox->user_sort == expr)
            return true;
    return false;
}

/* Report items of the region are seen from their own row, and by page sections, which keep what they need. */
static bool names_items_of_region(const struct flowing *f)
{
    for (unsigned i = 0; i < f->report->definition->item_count; i++)
        if (f->report->item_places[i].row && f->report->item_places[i].row->data_set == f->data_set &&
            f->report->item_uses[i] & PUBLISH_ITEM_IN_BODY)
            return true;
    return false;
}

static bool expressions_flow(const struct flowing *f)
{
    bool names_items = names_items_of_region(f);

    for (unsigned i = 0; i < f->report->definition->expr_count; i++) {
        const struct publish_expr *expr = &f->report->exprs[i];
        if (!expr->source || is_in_details(f, &expr->at))
            continue;
        if (expr->data_set == f->data_set && expr_uses_fields(expr->program) && !looks_at_rows(f, expr->source) &&
            !is_user_sort(f, expr->source))
            return false;
        if (names_items && !expr->at.is_page && expr_uses_report_items(expr->program))
            return false;
    }
    return true;
}

static bool parameters_flow(const struct flowing *f)
{
    const struct rdl_report *report = f->report->definition;

    for (size_t i = 0; i < report->parameters.count; i++)
        if (rs_text_equal_nocase(report->parameters.items[i].default_reference.data_set_name, f->data_set->name) ||
            rs_text_equal_nocase(report->parameters.items[i].valid_reference.data_set_name, f->data_set->name))
            return false;
    return true;
}

void publish_find_flow(struct rs_job *job, const struct publish_report *report, struct publish_data_set *data_set)
{
    struct flowing f = {.report = report, .data_set = data_set->definition};
    bool passed = false;

    if (!find_scopes(&f) || !region_flows(f.region->region))
        return;
    f.behind = RS_NEW_ARRAY(job, bool, report->definition->item_count);
    mark_behind(&f, f.region->region->tablix->row_members.items, f.region->region->tablix->row_members.count, &passed);
    if (aggregates_flow(&f) && filters_flow(&f, &f.data_set->filters) && filters_flow(&f, &f.region->region->tablix->filters) &&
        expressions_flow(&f) && parameters_flow(&f)) {
        data_set->flows_to = f.region->region;
        data_set->totals_follow = f.totals_follow;
    }
}
