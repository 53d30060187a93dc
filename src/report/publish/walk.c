/* The second walk: every expression of the definition is compiled in the rules of its place. */
#include "report/publish/publisher.h"

#include <limits.h>
#include <stddef.h>

#define EACH(type, thing, list) for (type *thing = (list).items; thing && thing < (list).items + (list).count; thing++)
#define COMPILE(p, context, expr) RS_TRY(publish_compile(p, context, expr))

static struct context context_at(struct publish_place at, enum publish_rules rules, rs_text where)
{
    return (struct context){.rules = rules, .at = at, .data_set = at.row ? at.row->data_set : NULL,
                            .parameters_below = UINT_MAX, .where = where, .item = UINT_MAX};
}

static struct context with_rules(const struct context *context, enum publish_rules rules)
{
    struct context other = *context;

    other.rules = rules;
    return other;
}

/* ---- parts ---------------------------------------------------------------------------------- */

static rs_status walk_border(struct publisher *p, const struct context *c, const struct rdl_border *b)
{
    COMPILE(p, c, &b->color);
    COMPILE(p, c, &b->style);
    COMPILE(p, c, &b->width);
    return RS_OK;
}

static rs_status walk_style(struct publisher *p, const struct context *c, const struct rdl_style *s)
{
    const struct rdl_expr *const exprs[] = {
        &s->background_color, &s->background_gradient_type, &s->background_gradient_end_color, &s->background_image.source,
        &s->background_image.value, &s->background_image.mime_type, &s->background_image.repeat, &s->background_image.position,
        &s->font_style, &s->font_family, &s->font_size, &s->font_weight, &s->text_decoration, &s->color, &s->format,
        &s->text_align, &s->vertical_align, &s->line_height, &s->direction, &s->writing_mode, &s->unicode_bidi,
        &s->padding[RDL_LEFT], &s->padding[RDL_RIGHT], &s->padding[RDL_TOP], &s->padding[RDL_BOTTOM], &s->language,
        &s->calendar, &s->numeral_language, &s->numeral_variant,
    };

    RS_TRY(walk_border(p, c, &s->border));
    for (int i = 0; i < RDL_SIDES; i++)
        RS_TRY(walk_border(p, c, &s->sides[i]));
    for (size_t i = 0; i < sizeof exprs / sizeof exprs[0]; i++)
        COMPILE(p, c, exprs[i]);
    return RS_OK;
}

static rs_status walk_action(struct publisher *p, const struct context *c, const struct rdl_action *a)
{
    COMPILE(p, c, &a->hyperlink);
    COMPILE(p, c, &a->bookmark_link);
    COMPILE(p, c, &a->drillthrough_report);
    EACH (const struct rdl_drill_parameter, parameter, a->drillthrough_parameters) {
        COMPILE(p, c, &parameter->value);
        COMPILE(p, c, &parameter->omit);
    }
    return RS_OK;
}

static rs_status walk_page_break(struct publisher *p, const struct context *c, const struct rdl_page_break *b)
{
    COMPILE(p, c, &b->disabled);
    COMPILE(p, c, &b->reset_page_number);
    return RS_OK;
}

static rs_status walk_filters(struct publisher *p, const struct context *c, rdl_filters filters)
{
    EACH (const struct rdl_filter, f, filters) {
        COMPILE(p, c, &f->expression);
        EACH (const struct rdl_expr, value, f->values)
            COMPILE(p, c, value);
    }
    return RS_OK;
}

static rs_status walk_sorts(struct publisher *p, const struct context *c, rdl_sorts sorts)
{
    EACH (const struct rdl_sort, s, sorts)
        COMPILE(p, c, &s->value);
    return RS_OK;
}

static rs_status walk_variables(struct publisher *p, const struct context *c, rdl_variables variables)
{
    EACH (const struct rdl_variable, v, variables)
        COMPILE(p, c, &v->value);
    return RS_OK;
}

/* ---- report items --------------------------------------------------------------------------- */

/* The first details group inside `scope`, in document order; NULL where there is none. */
static const struct publish_scope *details_inside(const struct publisher *p, const struct publish_scope *scope)
{
    const struct publish_scope *found = scope->is_details ? scope : NULL;

    for (unsigned i = 0; i < p->scope_children[scope->id].count && !found; i++)
        found = details_inside(p, &p->scopes[p->scope_children[scope->id].items[i]]);
    return found;
}

/* What a click on the text box sorts: what it names, or the innermost of what is around it. The expression is evaluated in
 * each instance of its scope, or for each detail row. */
static rs_status walk_user_sort(struct publisher *p, const struct context *c, const struct rdl_item *item)
{
    const struct rdl_textbox *t = item->textbox;
    struct context sort = with_rules(c, RULES_GROUP_SORT);
    const struct publish_scope *over = t->user_sort_scope.size ? rs_map_find(p->scope_names, t->user_sort_scope) : NULL;
    const struct publish_scope *target = t->user_sort_target.size ? rs_map_find(p->scope_names, t->user_sort_target)
                                         : c->at.column           ? c->at.column
                                                                  : c->at.row;
    const struct publish_scope *details;

    if (!t->user_sort.present)
        return RS_OK;
    if (over && over->kind != PUBLISH_GROUP)
        over = NULL;
    details = over ? over : target ? details_inside(p, target) : NULL;
    if (details) {
        sort.at = details->is_column ? (struct publish_place){.row = p->region_scopes[details->region->number], .column = details}
                                     : (struct publish_place){.row = details};
        sort.data_set = details->data_set;
    }
    if (target && details)
        rs_vec_push(p->job, &p->user_sorts, (struct publish_user_sort){item, target, over});
    return publish_compile(p, &sort, &t->user_sort);
}

static rs_status walk_textbox(struct publisher *p, const struct context *c, const struct rdl_item *item)
{
    const struct rdl_textbox *t = item->textbox;

    COMPILE(p, c, &t->toggle_initial_state);
    RS_TRY(walk_user_sort(p, c, item));
    EACH (const struct rdl_paragraph, paragraph, t->paragraphs) {
        RS_TRY(walk_style(p, c, &paragraph->style));
        COMPILE(p, c, &paragraph->left_indent);
        COMPILE(p, c, &paragraph->right_indent);
        COMPILE(p, c, &paragraph->hanging_indent);
        COMPILE(p, c, &paragraph->space_before);
        COMPILE(p, c, &paragraph->space_after);
        EACH (const struct rdl_text_run, run, paragraph->runs) {
            COMPILE(p, c, &run->value);
            COMPILE(p, c, &run->label);
            COMPILE(p, c, &run->markup_type);
            COMPILE(p, c, &run->tool_tip);
            RS_TRY(walk_style(p, c, &run->style));
            RS_TRY(walk_action(p, c, &run->action));
        }
    }
    return RS_OK;
}

static rs_status walk_group(struct publisher *p, const struct context *around, const struct rdl_member *member)
{
    const struct rdl_group *g = member->group;
    struct publish_place at = p->member_places[member->number];
    struct context inside, keys, filter;

    inside = context_at(at, RULES_BODY, rs_text_format(p->job, "%.*s, group \"%.*s\"", RS_TEXT_ARG(around->where), RS_TEXT_ARG(g->name)));
    keys = with_rules(&inside, RULES_GROUP);
    filter = with_rules(&inside, g->expressions.count ? RULES_GROUP_FILTER : RULES_DATA_FILTER);
    EACH (const struct rdl_expr, e, g->expressions)
        COMPILE(p, &keys, e);
    COMPILE(p, &keys, &g->parent);
    RS_TRY(walk_filters(p, &filter, g->filters));
    keys = with_rules(&inside, RULES_VARIABLE);
    RS_TRY(walk_variables(p, &keys, g->variables));
    RS_TRY(walk_page_break(p, &inside, &g->page_break));
    COMPILE(p, &inside, &g->page_name);
    COMPILE(p, &inside, &g->document_map_label);
    return RS_OK;
}

static rs_status walk_members(struct publisher *p, const struct context *region, const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *m = &members[i];
        struct context c = context_at(p->member_places[m->number], RULES_BODY, region->where), sort;
        sort = with_rules(&c, m->group && m->group->expressions.count ? RULES_GROUP_SORT : RULES_ROW_SORT);
        if (m->group)
            RS_TRY(walk_group(p, region, m));
        RS_TRY(walk_sorts(p, &sort, m->sorts));
        COMPILE(p, &c, &m->visibility.hidden);
        RS_TRY(walk_members(p, region, m->members.items, m->members.count));
    }
    return RS_OK;
}

static rs_status walk_tablix(struct publisher *p, const struct context *c, const struct rdl_item *item)
{
    const struct rdl_tablix *t = item->tablix;
    const struct publish_scope *scope = p->region_scopes[item->number];
    struct context rows = context_at((struct publish_place){.row = scope}, RULES_DATA_FILTER, c->where);

    RS_TRY(walk_filters(p, &rows, t->filters));
    rows.rules = RULES_ROW_SORT;
    RS_TRY(walk_sorts(p, &rows, t->sorts));
    RS_TRY(walk_page_break(p, c, &t->page_break));
    COMPILE(p, c, &t->page_name);
    COMPILE(p, c, &t->no_rows_message);
    RS_TRY(walk_members(p, c, t->column_members.items, t->column_members.count));
    return walk_members(p, c, t->row_members.items, t->row_members.count);
}

static rs_status walk_special(struct publisher *p, const struct context *c, const struct rdl_item *item)
{
    switch (item->kind) {
    case RDL_TEXTBOX: return walk_textbox(p, c, item);
    case RDL_TABLIX: return walk_tablix(p, c, item);
    case RDL_RECTANGLE:
        RS_TRY(walk_page_break(p, c, &item->rectangle->page_break));
        return publish_compile(p, c, &item->rectangle->page_name);
    case RDL_IMAGE:
        COMPILE(p, c, &item->image->value);
        return publish_compile(p, c, &item->image->mime_type);
    case RDL_SUBREPORT:
        EACH (const struct rdl_drill_parameter, parameter, item->subreport->parameters) {
            COMPILE(p, c, &parameter->value);
            COMPILE(p, c, &parameter->omit);
        }
        return publish_compile(p, c, &item->subreport->no_rows_message);
    case RDL_CHART:
    case RDL_GAUGE_PANEL:
    case RDL_MAP:
    case RDL_CUSTOM: return publish_compile(p, c, &item->opaque->no_rows_message);
    case RDL_LINE: break;
    }
    return RS_OK;
}

static rs_status walk_item(struct publisher *p, const struct rdl_item *item)
{
    struct publish_place at = p->item_places[item->number];
    struct context c = context_at(at, at.is_page ? RULES_PAGE : RULES_BODY,
                                  rs_text_format(p->job, "%s \"%.*s\"", rdl_item_kind_name(item->kind), RS_TEXT_ARG(item->name)));
    const struct publish_scope *scope = item->kind == RDL_TABLIX && !at.row ? p->region_scopes[item->number] : NULL;

    /* What a data region says of itself outside of other data means its own data set, also where there are several. */
    if (scope && scope->parent) {
        c.at.row = scope->parent;
        c.data_set = scope->data_set;
    }
    c.item = item->number;
    RS_TRY(walk_style(p, &c, &item->style));
    COMPILE(p, &c, &item->visibility.hidden);
    RS_TRY(walk_action(p, &c, &item->action));
    COMPILE(p, &c, &item->tool_tip);
    COMPILE(p, &c, &item->document_map_label);
    COMPILE(p, &c, &item->bookmark);
    EACH (const struct rdl_custom_property, property, item->custom_properties) {
        COMPILE(p, &c, &property->name);
        COMPILE(p, &c, &property->value);
    }
    return walk_special(p, &c, item);
}

/* ---- data and parameters -------------------------------------------------------------------- */

static void use_parameters(const struct publisher *p, const struct rdl_expr *expr, bool *used)
{
    const publish_numbers *numbers = &p->exprs[expr->id].parameters;

    for (size_t i = 0; expr->present && i < numbers->count; i++)
        used[numbers->items[i]] = true;
}

/* What is marked in the scratch array, which is clean afterwards. */
static publish_numbers take_used(struct publisher *p)
{
    size_t count = p->definition->parameters.count;
    struct unsigned_vec numbers = {0};

    for (size_t i = 0; i < count; i++)
        if (p->used_parameters[i]) {
            rs_vec_push(p->job, &numbers, (unsigned)i);
            p->used_parameters[i] = false;
        }
    return (publish_numbers){numbers.items, numbers.count};
}

static rs_status walk_data_set(struct publisher *p, const struct rdl_data_set *set)
{
    rs_text where = rs_text_format(p->job, "data set \"%.*s\"", RS_TEXT_ARG(set->name));
    struct publish_place at = {.row = p->data_sets[set->number].scope};
    struct context query = context_at((struct publish_place){0}, RULES_REPORT, where);
    struct context field = context_at(at, RULES_FIELD, where), filter = context_at(at, RULES_DATA_FILTER, where);
    bool *used = p->used_parameters;

    COMPILE(p, &query, &set->command_text);
    use_parameters(p, &set->command_text, used);
    EACH (const struct rdl_query_parameter, parameter, set->query_parameters) {
        COMPILE(p, &query, &parameter->value);
        use_parameters(p, &parameter->value, used);
    }
    EACH (const struct rdl_field, f, set->fields) {
        COMPILE(p, &field, &f->value);
        use_parameters(p, &f->value, used);
    }
    RS_TRY(walk_filters(p, &filter, set->filters));
    EACH (const struct rdl_filter, f, set->filters) {
        use_parameters(p, &f->expression, used);
        EACH (const struct rdl_expr, value, f->values)
            use_parameters(p, value, used);
    }
    EACH (const struct rdl_data_source, source, p->definition->data_sources)
        if (rs_text_equal(source->name, set->data_source_name))
            use_parameters(p, &source->connect_string, used);
    p->data_sets[set->number].parameters = take_used(p);
    return RS_OK;
}

/* A data set that gives values to parameter `index` may use only parameters before it. */
static rs_status use_data_set(struct publisher *p, unsigned index, const struct rdl_data_set_reference *reference,
                              const char *property, bool *used)
{
    const struct rdl_parameter *parameter = &p->definition->parameters.items[index];
    const struct publish_scope *scope = reference->data_set_name.size ? rs_map_find(p->scope_names, reference->data_set_name) : NULL;
    publish_numbers needs;

    if (!scope || scope->kind != PUBLISH_DATA_SET)
        return RS_OK;
    p->data_sets[scope->data_set->number].is_used = true;
    needs = p->data_sets[scope->data_set->number].parameters;
    for (size_t i = 0; i < needs.count; i++) {
        if (needs.items[i] < index) {
            used[needs.items[i]] = true;
            continue;
        }
        RS_TRY(publish_problem(p, PUBLISH_PARAMETER, parameter->line,
                               rs_text_format(p->job, "parameter \"%.*s\"", RS_TEXT_ARG(parameter->name)), property,
                               "rsInvalidReportParameterDependency",
                               "its values come from the data set \"%.*s\", which uses the parameter \"%.*s\"; only parameters before it can be used",
                               RS_TEXT_ARG(reference->data_set_name),
                               RS_TEXT_ARG(p->definition->parameters.items[needs.items[i]].name)));
    }
    return RS_OK;
}

static rs_status walk_parameter(struct publisher *p, unsigned index)
{
    const struct rdl_parameter *parameter = &p->definition->parameters.items[index];
    struct context c = context_at((struct publish_place){0}, RULES_PARAMETER,
                                  rs_text_format(p->job, "parameter \"%.*s\"", RS_TEXT_ARG(parameter->name)));
    bool *used = p->used_parameters;

    c.parameters_below = index;
    COMPILE(p, &c, &parameter->prompt);
    use_parameters(p, &parameter->prompt, used);
    EACH (const struct rdl_expr, value, parameter->default_values) {
        COMPILE(p, &c, value);
        use_parameters(p, value, used);
    }
    EACH (const struct rdl_valid_value, value, parameter->valid_values) {
        COMPILE(p, &c, &value->value);
        COMPILE(p, &c, &value->label);
        use_parameters(p, &value->value, used);
        use_parameters(p, &value->label, used);
    }
    RS_TRY(use_data_set(p, index, &parameter->default_reference, "DefaultValue", used));
    RS_TRY(use_data_set(p, index, &parameter->valid_reference, "ValidValues", used));
    p->parameters[index].definition = parameter;
    p->parameters[index].depends_on = take_used(p);
    return RS_OK;
}

/* ---- report --------------------------------------------------------------------------------- */

static rs_status walk_report(struct publisher *p)
{
    const struct rdl_report *d = p->definition;
    struct publish_place body = {.row = d->data_sets.count == 1 ? &p->scopes[0] : NULL}, page = body;
    struct context report = context_at((struct publish_place){0}, RULES_REPORT, RS_TEXT("report"));
    struct context in_body = context_at(body, RULES_BODY, RS_TEXT("body"));
    struct context variable = context_at(body, RULES_VARIABLE, RS_TEXT("report"));

    page.is_page = true;
    COMPILE(p, &report, &d->language);
    COMPILE(p, &report, &d->auto_refresh);
    COMPILE(p, &in_body, &d->initial_page_name);
    RS_TRY(walk_variables(p, &variable, d->variables));
    EACH (const struct rdl_section, s, d->sections) {
        struct context on_page = context_at(page, RULES_PAGE, RS_TEXT("page"));
        RS_TRY(walk_style(p, &in_body, &s->body_style));
        RS_TRY(walk_style(p, &on_page, &s->page.style));
        RS_TRY(walk_style(p, &on_page, &s->page.header.style));
        RS_TRY(walk_style(p, &on_page, &s->page.footer.style));
    }
    return RS_OK;
}

rs_status publish_walk(struct publisher *p)
{
    const struct rdl_report *d = p->definition;

    EACH (const struct rdl_data_source, source, d->data_sources) {
        struct context c = context_at((struct publish_place){0}, RULES_REPORT,
                                      rs_text_format(p->job, "data source \"%.*s\"", RS_TEXT_ARG(source->name)));
        COMPILE(p, &c, &source->connect_string);
    }
    EACH (const struct rdl_data_set, set, d->data_sets)
        RS_TRY(walk_data_set(p, set));
    for (size_t i = 0; i < d->parameters.count; i++)
        RS_TRY(walk_parameter(p, (unsigned)i));
    RS_TRY(walk_report(p));
    for (unsigned i = 0; i < d->item_count; i++)
        if (p->items[i])
            RS_TRY(walk_item(p, p->items[i]));
    return RS_OK;
}
