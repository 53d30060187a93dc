/* What an expression may name, by the rules of its place; where aggregates and lookups run. */
#include "report/publish/publisher.h"

#include <limits.h>

/* Leaves the reason where the compiler finds it. Always -1. */
static int refuse(struct publisher *p, rs_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int refuse(struct publisher *p, rs_status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    p->compiling->names->refused = rs_text_vformat(p->job, format, arguments);
    va_end(arguments);
    p->compiling->refused = status;
    return -1;
}

static int not_here(struct publisher *p, const char *what)
{
    return refuse(p, PUBLISH_AGGREGATE, "%s cannot be used in %s", what, publish_rules_name(p->compiling->context->rules));
}

/* ---- scopes --------------------------------------------------------------------------------- */

static bool publish_scope_is_called(const struct publish_scope *scope, rs_text name)
{
    return rs_text_equal(scope->name, name) ||
           (scope->kind == PUBLISH_REGION && scope->region->copied_from.size && rs_text_equal(scope->region->copied_from, name));
}

const struct publish_scope *publish_scope_around(const struct publisher *p, const struct publish_place *at, rs_text name,
                                                 bool *is_column)
{
    (void)p;
    for (const struct publish_scope *c = at->column; c && c->kind == PUBLISH_GROUP; c = c->parent)
        if (publish_scope_is_called(c, name)) {
            *is_column = true;
            return c;
        }
    for (const struct publish_scope *s = at->row; s; s = s->parent) {
        *is_column = false;
        if (publish_scope_is_called(s, name))
            return s;
        for (const struct publish_scope *c = s->column_parent; c && c->kind == PUBLISH_GROUP; c = c->parent)
            if (publish_scope_is_called(c, name)) {
                *is_column = true;
                return c;
            }
    }
    return NULL;
}

static const struct publish_scope *region_of(const struct publish_scope *group)
{
    while (group->kind == PUBLISH_GROUP)
        group = group->parent;
    return group;
}

static struct publish_place place_of(const struct publish_scope *scope)
{
    if (scope->kind == PUBLISH_GROUP && scope->is_column)
        return (struct publish_place){.row = region_of(scope), .column = scope};
    return (struct publish_place){.row = scope};
}

/* ---- names ---------------------------------------------------------------------------------- */

static const struct rdl_data_set *current_data_set(const struct compiling *c)
{
    return c->data_set_depth ? c->data_sets[c->data_set_depth - 1] : c->context->data_set;
}

/* A name that differs in case only, for the message. */
static rs_text similar(const struct rs_map *names, rs_text name)
{
    for (size_t i = 0; i < rs_map_count(names); i++)
        if (rs_text_equal_nocase(rs_map_key(names, i), name))
            return rs_map_key(names, i);
    return RS_TEXT("");
}

static int refuse_name(struct publisher *p, rs_status status, const struct rs_map *names, rs_text name, const char *what)
{
    rs_text near = p->suggestions++ < SUGGESTIONS_MAX ? similar(names, name) : RS_TEXT("");

    if (near.size)
        return refuse(p, status, "%s; names compare with case: did you mean \"%.*s\"?", what, RS_TEXT_ARG(near));
    return refuse(p, status, "%s", what);
}

static int find_field(struct publisher *p, rs_text name)
{
    struct compiling *c = p->compiling;
    const struct rdl_data_set *set = current_data_set(c);
    const struct rdl_field *field;

    if (!set && c->data_set_depth == 0 && !publish_allows(c->context->rules, ALLOW_FIELDS))
        return not_here(p, "a field");
    if (!set)
        return refuse(p, PUBLISH_FIELD, "no data set is around this place; name one in an aggregate, as in First(Fields!%.*s.Value, \"%s\")",
                      RS_TEXT_ARG(name), "DataSet");
    field = rs_map_find(p->field_names[set->number], name);
    if (!field)
        return refuse_name(p, PUBLISH_FIELD, p->field_names[set->number], name,
                           rs_text_format(p->job, "the data set \"%.*s\" has no such field", RS_TEXT_ARG(set->name)).bytes);
    return (int)(field - set->fields.items);
}

static int find_parameter(struct publisher *p, rs_text name)
{
    struct compiling *c = p->compiling;
    const struct rdl_parameter *parameter = rs_map_find(p->parameter_names, name);
    unsigned index;

    if (!parameter)
        return refuse_name(p, PUBLISH_PARAMETER, p->parameter_names, name, "the report has no such parameter");
    index = (unsigned)(parameter - p->definition->parameters.items);
    if (index >= c->context->parameters_below)
        return refuse(p, PUBLISH_PARAMETER, "a parameter can use only those before it");
    rs_vec_push(p->job, &c->parameters, index);
    return (int)index;
}

static bool place_contains(const struct publish_place *outer, const struct publish_place *inner)
{
    if (outer->row && !(inner->row && publish_scope_contains(outer->row, inner->row)))
        return false;
    return !outer->column || (inner->column && publish_scope_contains(outer->column, inner->column)) ||
           (inner->row && publish_scope_contains(outer->column, inner->row));
}

/* A text box in a group inside that of the expression: its first instance is read. Documents exclude it, but reports that
 * run on the original do it. */
static bool item_in_inner_group(const struct publish_place *item, const struct publish_place *at)
{
    return at->row && at->row->kind == PUBLISH_GROUP && item->row && item->row->region == at->row->region &&
           item->column == at->column && publish_scope_contains(at->row, item->row);
}

/* Whether the expression may read the text box: on a page any; in the body those at or around its place. */
static bool item_in_reach(const struct publisher *p, const struct rdl_item *item)
{
    const struct context *context = p->compiling->context;
    const struct publish_place *at = &p->item_places[item->number];

    return context->at.is_page ||
           (!at->is_page && (place_contains(at, &context->at) || item_in_inner_group(at, &context->at)));
}

static int find_report_item(struct publisher *p, rs_text name)
{
    const struct context *context = p->compiling->context;
    const struct rdl_item *item = rs_map_find(p->item_names, name);

    if (!publish_allows(context->rules, ALLOW_ITEMS))
        return not_here(p, "a report item");
    if (!item)
        return refuse_name(p, PUBLISH_REPORT_ITEM, p->item_names, name, "the report has no such text box");
    for (const struct item_copy *copy = rs_map_find(p->copies, name); copy && !item_in_reach(p, item); copy = copy->next)
        if (item_in_reach(p, copy->item))
            item = copy->item; /* in the copy of a cell: the copies beside it */
    if (item->kind != RDL_TEXTBOX)
        return refuse(p, PUBLISH_REPORT_ITEM, "it is a %s; only text boxes have a value", rdl_item_kind_name(item->kind));
    if (!item_in_reach(p, item))
        return refuse(p, PUBLISH_REPORT_ITEM, "the text box does not stand in this scope or around it");
    p->item_uses[item->number] |= context->at.is_page ? PUBLISH_ITEM_ON_PAGE : PUBLISH_ITEM_IN_BODY;
    return (int)item->number;
}

static int find_variable(struct publisher *p, rs_text name)
{
    const struct context *context = p->compiling->context;
    unsigned i = (unsigned)(uintptr_t)rs_map_find(p->variable_names, name);
    int found = -1;

    if (!publish_allows(context->rules, ALLOW_VARIABLES))
        return not_here(p, "a variable");
    for (; i > 0; i = p->previous_variable.items[i - 1]) {
        const struct publish_variable *v = &p->variables.items[i - 1];
        struct publish_place place = v->scope ? place_of(v->scope) : (struct publish_place){0};
        if (!place_contains(&place, &context->at))
            continue;
        if (found < 0 || !p->variables.items[found].scope || (v->scope && v->scope->depth > p->variables.items[found].scope->depth))
            found = (int)i - 1; /* the innermost */
    }
    return found >= 0 ? found : refuse(p, PUBLISH_REFERENCE, "no variable of that name is visible in this place");
}

static int find_data_set(struct publisher *p, rs_text name)
{
    const struct publish_scope *scope = rs_map_find(p->scope_names, name);

    if (!publish_allows(p->compiling->context->rules, ALLOW_DATA_SETS))
        return not_here(p, "a data set");
    if (!scope || scope->kind != PUBLISH_DATA_SET)
        return refuse(p, PUBLISH_DATA_SET_NAME, "the report has no such data set");
    return (int)scope->data_set->number;
}

static int find_data_source(struct publisher *p, rs_text name)
{
    const struct rdl_data_source *source = rs_map_find(p->data_source_names, name);

    if (!publish_allows(p->compiling->context->rules, ALLOW_DATA_SETS))
        return not_here(p, "a data source");
    return source ? (int)(source - p->definition->data_sources.items) : refuse(p, PUBLISH_REFERENCE, "the report has no such data source");
}

/* Me.Value in the style of a text box. */
static int find_self(struct publisher *p)
{
    unsigned number = p->compiling->context->item;

    if (number == UINT_MAX || p->items[number]->kind != RDL_TEXTBOX)
        return refuse(p, PUBLISH_REPORT_ITEM, "the value of the report item itself exists in text boxes only");
    return (int)number;
}

static int find(void *data, enum expr_collection collection, rs_text name)
{
    struct publisher *p = data;

    switch (collection) {
    case EXPR_FIELDS: return find_field(p, name);
    case EXPR_PARAMETERS: return find_parameter(p, name);
    case EXPR_REPORT_ITEMS: return find_report_item(p, name);
    case EXPR_VARIABLES: return find_variable(p, name);
    case EXPR_DATA_SETS: return find_data_set(p, name);
    case EXPR_DATA_SOURCES: return find_data_source(p, name);
    case EXPR_SELF: return find_self(p);
    }
    return -1;
}

/* Entries of a collection, for names that are computed at run time: what is not in reach is left out. */
static bool list(void *data, enum expr_collection collection, size_t index, rs_text *name)
{
    struct publisher *p = data;
    const struct rdl_data_set *set = current_data_set(p->compiling);

    if (collection == EXPR_FIELDS && set && index < set->fields.count)
        *name = set->fields.items[index].name;
    else if (collection == EXPR_PARAMETERS && index < p->definition->parameters.count &&
             index < p->compiling->context->parameters_below) {
        rs_vec_push(p->job, &p->compiling->parameters, (unsigned)index);
        *name = p->definition->parameters.items[index].name;
    } else if (collection == EXPR_DATA_SETS && index < p->definition->data_sets.count)
        *name = p->definition->data_sets.items[index].name;
    else
        return false;
    return true;
}

/* ---- data sets ------------------------------------------------------------------------------ */

static bool enter_data_set(void *data, rs_text name)
{
    struct publisher *p = data;
    struct compiling *c = p->compiling;
    const struct publish_scope *scope;
    bool is_column;

    if (rs_text_is_empty(name)) {
        c->data_set_depth -= c->data_set_depth > 0;
        return true;
    }
    scope = publish_scope_around(p, &c->context->at, name, &is_column);
    if (!scope)
        scope = rs_map_find(p->scope_names, name);
    if (!scope || !scope->data_set || c->data_set_depth == DATA_SET_DEPTH_MAX)
        return false;
    c->data_sets[c->data_set_depth++] = scope->data_set;
    return true;
}

/* ---- aggregates ----------------------------------------------------------------------------- */

static const char *const kind_names[] = {
    [EXPR_SUM] = "Sum", [EXPR_AVG] = "Avg", [EXPR_MIN] = "Min", [EXPR_MAX] = "Max", [EXPR_COUNT] = "Count",
    [EXPR_COUNT_DISTINCT] = "CountDistinct", [EXPR_COUNT_ROWS] = "CountRows", [EXPR_STDEV] = "StDev",
    [EXPR_STDEVP] = "StDevP", [EXPR_VAR] = "Var", [EXPR_VARP] = "VarP", [EXPR_FIRST] = "First", [EXPR_LAST] = "Last",
    [EXPR_PREVIOUS] = "Previous", [EXPR_RUNNING_VALUE] = "RunningValue", [EXPR_ROW_NUMBER] = "RowNumber",
    [EXPR_AGGREGATE] = "Aggregate", [EXPR_LEVEL] = "Level", [EXPR_IN_SCOPE] = "InScope",
};

static bool is_running(enum expr_aggregate_kind kind)
{
    return kind == EXPR_RUNNING_VALUE || kind == EXPR_ROW_NUMBER || kind == EXPR_PREVIOUS;
}

/* InScope is known now: a copy of a cell stands in a place of its own. */
static int resolve_in_scope(struct publisher *p, struct publish_aggregate *a)
{
    bool is_column = false;
    const struct publish_scope *scope = publish_scope_around(p, &a->at, a->call.scope, &is_column);

    if (!scope && !rs_map_has(p->scope_names, a->call.scope))
        return refuse(p, PUBLISH_SCOPE, "\"%.*s\" is no data set, data region or group", RS_TEXT_ARG(a->call.scope));
    if (is_column)
        a->over.column = scope;
    else
        a->over.row = scope;
    return 0;
}

static int resolve_level(struct publisher *p, struct publish_aggregate *a)
{
    bool is_column = false;
    const struct publish_scope *scope = a->call.scope.size ? publish_scope_around(p, &a->at, a->call.scope, &is_column) : a->at.row;

    if (!scope || (!a->call.scope.size && scope->kind != PUBLISH_GROUP && a->at.column))
        scope = a->at.column;
    if (!scope || scope->kind != PUBLISH_GROUP)
        return refuse(p, PUBLISH_SCOPE, "it needs the name of a group around this place");
    a->over = place_of(scope);
    return 0;
}

/* Nothing as the scope means the outermost one: the data region, after its filters. */
static const struct publish_scope *outermost(const struct publish_scope *scope)
{
    while (scope && scope->parent && scope->parent->kind != PUBLISH_DATA_SET)
        scope = scope->parent;
    return scope;
}

static int resolve_default(struct publisher *p, struct publish_aggregate *a)
{
    if (a->call.scope_is_nothing) {
        a->over.row = outermost(a->at.row);
    } else if (a->at.is_page && a->call.argument && expr_uses_report_items(a->call.argument)) {
        a->over.is_page = true;
        return 0;
    } else {
        a->over = a->at;
        a->over.is_page = false;
    }
    if (!a->over.row)
        return refuse(p, PUBLISH_SCOPE, "it needs a scope: outside of data regions it must name a data set");
    return 0;
}

static int resolve_named(struct publisher *p, struct publish_aggregate *a)
{
    bool is_column = false;
    const struct publish_scope *scope = publish_scope_around(p, &a->at, a->call.scope, &is_column);

    if (scope) {
        a->over = is_column ? place_of(scope) : (struct publish_place){.row = scope};
        return 0;
    }
    scope = rs_map_find(p->scope_names, a->call.scope);
    if (!scope)
        return refuse(p, PUBLISH_SCOPE, "\"%.*s\" is no data set, data region or group", RS_TEXT_ARG(a->call.scope));
    a->over = place_of(scope);
    if (scope->kind == PUBLISH_DATA_SET && is_running(a->call.kind))
        return refuse(p, PUBLISH_SCOPE, "the data set \"%.*s\" is not around this place", RS_TEXT_ARG(a->call.scope));
    if (scope->kind != PUBLISH_DATA_SET)
        rs_vec_push(p->job, &p->compiling->pending, (struct pending){a->number, a->call.scope});
    return 0;
}

/* The innermost group that comes first below `scope`; `scope` itself where it has none. */
static const struct publish_scope *first_innermost(const struct publisher *p, const struct publish_scope *scope)
{
    const struct publish_scope *inner = scope;

    for (unsigned i = 0; i < p->scope_children[scope->id].count; i++) {
        const struct publish_scope *child = &p->scopes[p->scope_children[scope->id].items[i]];
        if ((child->kind == PUBLISH_GROUP && !child->is_column) || scope->kind == PUBLISH_DATA_SET) {
            inner = first_innermost(p, child);
            break;
        }
    }
    return inner;
}

static void drop_pending(struct compiling *c, unsigned number)
{
    for (size_t i = 0; i < c->pending.count; i++)
        if (c->pending.items[i].number == number)
            c->pending.items[i--] = c->pending.items[--c->pending.count];
}

/* The aggregates in the argument of `a` run over instances inside it: the innermost of the scopes they name, or the
 * innermost group there is where they name none. They were met before, and stand behind its column. */
static int take_inner(struct publisher *p, struct publish_aggregate *a)
{
    struct compiling *c = p->compiling;
    const struct publish_scope *inner = NULL;

    for (size_t i = c->first_aggregate; i < p->aggregates.count; i++) {
        struct publish_aggregate *b = &p->aggregates.items[i];
        const struct publish_scope *scope = b->over.column ? b->over.column : b->over.row;
        if (b->is_inner || b->call.column <= a->call.column || b->call.kind == EXPR_IN_SCOPE || b->call.kind == EXPR_LEVEL)
            continue;
        if (rs_text_is_empty(b->call.scope))
            scope = first_innermost(p, a->over.column ? a->over.column : a->over.row);
        if (scope && scope->kind == PUBLISH_DATA_SET && !is_running(a->call.kind))
            return refuse(p, PUBLISH_SCOPE, "the aggregate inside it runs over the data set \"%.*s\"; it must name a group, whose instances are gone through",
                          RS_TEXT_ARG(scope->name));
        if (scope && scope->kind != PUBLISH_DATA_SET &&
            !publish_scope_contains(a->over.column ? a->over.column : a->over.row, scope))
            return refuse(p, PUBLISH_SCOPE, "the aggregate inside it runs over \"%.*s\", which is not inside \"%.*s\"",
                          RS_TEXT_ARG(scope->name), RS_TEXT_ARG(a->over.row->name));
        if (scope && (!inner || scope->depth > inner->depth))
            inner = scope;
        b->is_inner = true;
        drop_pending(c, b->number);
    }
    a->inner = inner;
    for (size_t i = c->first_aggregate; inner && i < p->aggregates.count; i++) {
        struct publish_aggregate *b = &p->aggregates.items[i];
        if (!b->is_inner || b->call.column <= a->call.column || b->inner)
            continue;
        b->at = place_of(inner);
        if (rs_text_is_empty(b->call.scope))
            b->over = b->at;
    }
    return 0;
}

static int resolve(struct publisher *p, struct publish_aggregate *a)
{
    if (a->call.kind == EXPR_IN_SCOPE)
        return resolve_in_scope(p, a);
    if (a->call.kind == EXPR_LEVEL)
        return resolve_level(p, a);
    if (a->call.kind == EXPR_ROW_NUMBER && publish_allows(p->compiling->context->rules, ALLOW_ROW_NUMBER))
        return a->call.scope.size ? resolve_named(p, a) : resolve_default(p, a);
    if (!publish_allows(p->compiling->context->rules, ALLOW_AGGREGATES))
        return not_here(p, kind_names[a->call.kind]);
    if (is_running(a->call.kind) && !publish_allows(p->compiling->context->rules, ALLOW_RUNNING))
        return not_here(p, kind_names[a->call.kind]);
    return a->call.scope.size ? resolve_named(p, a) : resolve_default(p, a);
}

static int aggregate(void *data, const struct expr_aggregate *call)
{
    struct publisher *p = data;
    struct compiling *c = p->compiling;
    struct publish_aggregate a = {.call = *call, .number = (unsigned)p->aggregates.count, .expr_id = c->expr_id, .item = c->context->item, .at = c->context->at};

    if (p->aggregates.count >= INT_MAX)
        return refuse(p, PUBLISH_AGGREGATE, "the report has too many aggregates");
    a.call.scope = rs_text_copy(p->job, call->scope);
    if (resolve(p, &a) < 0)
        return -1;
    if (a.over.row)
        a.data_set = a.over.row->data_set;
    if (call->contains_aggregate && call->argument && a.over.row && take_inner(p, &a) < 0)
        return -1;
    if (a.data_set)
        p->data_sets[a.data_set->number].is_used = true;
    rs_vec_push(p->job, &p->aggregates, a);
    return (int)a.number;
}

rs_status publish_check_pending(struct publisher *p, rs_text *message)
{
    if (p->compiling->pending.count == 0)
        return RS_OK;
    *message = rs_text_format(p->job, "the scope \"%.*s\" of an aggregate is neither a data set nor around this place",
                              RS_TEXT_ARG(p->compiling->pending.items[0].scope));
    return PUBLISH_SCOPE;
}

/* ---- lookups -------------------------------------------------------------------------------- */

static int lookup(void *data, const struct expr_lookup *call)
{
    struct publisher *p = data;
    struct compiling *c = p->compiling;
    const struct publish_scope *scope = rs_map_find(p->scope_names, call->data_set);
    struct publish_lookup l = {.call = *call, .number = (unsigned)p->lookups.count, .expr_id = c->expr_id, .at = c->context->at};

    if (!publish_allows(c->context->rules, ALLOW_LOOKUPS))
        return not_here(p, "a lookup");
    if (!scope || scope->kind != PUBLISH_DATA_SET)
        return refuse(p, PUBLISH_DATA_SET_NAME, "\"%.*s\" is no data set of this report", RS_TEXT_ARG(call->data_set));
    if (p->lookups.count >= INT_MAX)
        return refuse(p, PUBLISH_AGGREGATE, "the report has too many lookups");
    l.call.data_set = rs_text_copy(p->job, call->data_set);
    l.data_set = scope->data_set;
    p->data_sets[l.data_set->number].is_used = true;
    rs_vec_push(p->job, &p->lookups, l);
    return (int)l.number;
}

struct expr_names publish_names(struct publisher *p)
{
    return (struct expr_names){.data = p, .find = find, .aggregate = aggregate, .lookup = lookup,
                               .enter_data_set = enter_data_set, .list = list};
}
