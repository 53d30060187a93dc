/* The model as text, for tests: one thing per line, indented by what it belongs to, defaults left out. */
#include "report/rdl/model.h"
#include "report/rdl/read.h"
#include "report/rdl/values.h"

struct dump {
    rs_buf *out;
    unsigned depth;
};

#define EACH(type, thing, list) for (type *thing = (list).items; thing && thing < (list).items + (list).count; thing++)

static void line(struct dump *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(struct dump *d, const char *format, ...)
{
    va_list arguments;

    for (unsigned i = 0; i < d->depth; i++)
        rs_buf_add_literal(d->out, "  ");
    va_start(arguments, format);
    rs_buf_vprintf(d->out, format, arguments);
    va_end(arguments);
    rs_buf_add_byte(d->out, '\n');
}

static void text(struct dump *d, const char *label, rs_text t)
{
    if (t.size)
        line(d, "%s %.*s", label, RS_TEXT_ARG(t));
}

static void expr(struct dump *d, const char *label, const struct rdl_expr *e)
{
    static const char *const types[] = {"", " boolean", " date", " integer", " float", " string"};

    if (!e->present)
        return;
    if (e->is_nil)
        line(d, "%s nil", label);
    else if (e->is_expression)
        line(d, "%s =%.*s", label, RS_TEXT_ARG(e->text));
    else
        line(d, "%s \"%.*s\"%s", label, RS_TEXT_ARG(e->text), types[e->data_type]);
}

static void flag(struct dump *d, const char *label, bool set)
{
    if (set)
        line(d, "%s", label);
}

static void output(struct dump *d, rs_text name, enum rdl_output output)
{
    static const char *const names[] = {"", "Output", "NoOutput", "ContentsOnly"};

    text(d, "data-name", name);
    if (output)
        line(d, "data-output %s", names[output]);
}

/* ---- style ---------------------------------------------------------------------------------- */

static void border(struct dump *d, const char *name, const struct rdl_border *b)
{
    if (!b->color.present && !b->style.present && !b->width.present)
        return;
    line(d, "%s", name);
    d->depth++;
    expr(d, "color", &b->color);
    expr(d, "style", &b->style);
    expr(d, "width", &b->width);
    d->depth--;
}

#define STYLE(name, member) {name, offsetof(struct rdl_style, member)}

static void style(struct dump *d, const struct rdl_style *s)
{
    static const char *const sides[] = {"border-left", "border-right", "border-top", "border-bottom"};
    static const struct {
        const char *name;
        size_t offset;
    } rows[] = {
        STYLE("background", background_color), STYLE("gradient", background_gradient_type),
        STYLE("gradient-end", background_gradient_end_color), STYLE("background-image", background_image.value),
        STYLE("background-source", background_image.source), STYLE("background-repeat", background_image.repeat),
        STYLE("background-mime", background_image.mime_type), STYLE("background-position", background_image.position),
        STYLE("font-style", font_style), STYLE("font-family", font_family), STYLE("font-size", font_size),
        STYLE("font-weight", font_weight), STYLE("decoration", text_decoration), STYLE("color", color),
        STYLE("format", format), STYLE("text-align", text_align), STYLE("vertical-align", vertical_align),
        STYLE("line-height", line_height), STYLE("direction", direction), STYLE("writing-mode", writing_mode),
        STYLE("bidi", unicode_bidi), STYLE("padding-left", padding[RDL_LEFT]), STYLE("padding-right", padding[RDL_RIGHT]),
        STYLE("padding-top", padding[RDL_TOP]), STYLE("padding-bottom", padding[RDL_BOTTOM]), STYLE("language", language),
        STYLE("calendar", calendar), STYLE("numeral-language", numeral_language), STYLE("numeral-variant", numeral_variant),
    };

    border(d, "border", &s->border);
    for (int i = 0; i < RDL_SIDES; i++)
        border(d, sides[i], &s->sides[i]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expr(d, rows[i].name, (const struct rdl_expr *)(const void *)((const char *)s + rows[i].offset));
}

/* ---- shared parts --------------------------------------------------------------------------- */

static void visibility(struct dump *d, const struct rdl_visibility *v)
{
    expr(d, "hidden", &v->hidden);
    text(d, "toggle", v->toggle_item);
}

static void action(struct dump *d, const struct rdl_action *a)
{
    expr(d, "hyperlink", &a->hyperlink);
    expr(d, "bookmark-link", &a->bookmark_link);
    expr(d, "drillthrough", &a->drillthrough_report);
    d->depth++;
    EACH (struct rdl_drill_parameter, p, a->drillthrough_parameters) {
        line(d, "parameter %.*s", RS_TEXT_ARG(p->name));
        d->depth++;
        expr(d, "value", &p->value);
        expr(d, "omit", &p->omit);
        d->depth--;
    }
    d->depth--;
}

static void page_break(struct dump *d, const struct rdl_page_break *b)
{
    static const char *const names[] = {"None", "Start", "End", "StartAndEnd", "Between"};

    if (b->location)
        line(d, "page-break %s", names[b->location]);
    expr(d, "page-break-disabled", &b->disabled);
    expr(d, "reset-page-number", &b->reset_page_number);
}

static void filters(struct dump *d, rdl_filters list)
{
    static const char *const operators[] = {
        "Equal", "Like", "NotEqual", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual", "TopN", "BottomN",
        "TopPercent", "BottomPercent", "In", "Between",
    };

    EACH (struct rdl_filter, f, list) {
        line(d, "filter %s", operators[f->op]);
        d->depth++;
        expr(d, "of", &f->expression);
        EACH (struct rdl_expr, value, f->values)
            expr(d, "value", value);
        d->depth--;
    }
}

static void sorts(struct dump *d, rdl_sorts list)
{
    EACH (struct rdl_sort, s, list)
        expr(d, s->descending ? "sort-descending" : "sort", &s->value);
}

static void variables(struct dump *d, rdl_variables list)
{
    EACH (struct rdl_variable, v, list) {
        line(d, "variable %.*s%s", RS_TEXT_ARG(v->name), v->writable ? " writable" : "");
        d->depth++;
        expr(d, "value", &v->value);
        d->depth--;
    }
}

static void group(struct dump *d, const struct rdl_group *g)
{
    line(d, "group %.*s", RS_TEXT_ARG(g->name));
    d->depth++;
    EACH (struct rdl_expr, e, g->expressions)
        expr(d, "by", e);
    filters(d, g->filters);
    expr(d, "parent", &g->parent);
    variables(d, g->variables);
    page_break(d, &g->page_break);
    expr(d, "page-name", &g->page_name);
    expr(d, "label", &g->document_map_label);
    text(d, "domain-scope", g->domain_scope);
    output(d, g->data_element_name, g->data_element_output);
    text(d, "data-collection-name", g->data_collection_name);
    d->depth--;
}

/* ---- items ---------------------------------------------------------------------------------- */

static void item(struct dump *d, const struct rdl_item *i);

static void items(struct dump *d, rdl_items list)
{
    EACH (struct rdl_item *, i, list)
        item(d, *i);
}

static void textbox(struct dump *d, const struct rdl_textbox *t)
{
    flag(d, "can-grow", t->can_grow);
    flag(d, "can-shrink", t->can_shrink);
    flag(d, "keep-together", t->keep_together);
    text(d, "hide-duplicates", t->hide_duplicates);
    expr(d, "toggle-state", &t->toggle_initial_state);
    expr(d, "user-sort", &t->user_sort);
    text(d, "user-sort-scope", t->user_sort_scope);
    text(d, "user-sort-target", t->user_sort_target);
    flag(d, "data-element", !t->data_element_style_is_attribute);
    EACH (struct rdl_paragraph, p, t->paragraphs) {
        line(d, "paragraph");
        d->depth++;
        style(d, &p->style);
        expr(d, "left-indent", &p->left_indent);
        expr(d, "right-indent", &p->right_indent);
        expr(d, "hanging-indent", &p->hanging_indent);
        expr(d, "space-before", &p->space_before);
        expr(d, "space-after", &p->space_after);
        if (p->list_style)
            line(d, "list %s %u", p->list_style == RDL_LIST_BULLETED ? "Bulleted" : "Numbered", p->list_level);
        EACH (struct rdl_text_run, run, p->runs) {
            line(d, "run");
            d->depth++;
            expr(d, "value", &run->value);
            expr(d, "label", &run->label);
            expr(d, "markup", &run->markup_type);
            expr(d, "tool-tip", &run->tool_tip);
            style(d, &run->style);
            action(d, &run->action);
            d->depth--;
        }
        d->depth--;
    }
}

static void cell(struct dump *d, const char *label, const struct rdl_cell *c)
{
    if (c->covered) {
        line(d, "%s covered", label);
        return;
    }
    if (c->column_span > 1 || c->row_span > 1)
        line(d, "%s span %ux%u", label, c->column_span, c->row_span);
    else
        line(d, "%s", label);
    d->depth++;
    output(d, c->data_element_name, c->data_element_output);
    if (c->item)
        item(d, c->item);
    d->depth--;
}

static void members(struct dump *d, const struct rdl_member *list, size_t count)
{
    for (const struct rdl_member *m = list; m && m < list + count; m++) {
        line(d, "member %u leaves %u+%u%s", m->number, m->first_leaf, m->leaf_count, m->group ? "" : " static");
        d->depth++;
        if (m->group)
            group(d, m->group);
        sorts(d, m->sorts);
        visibility(d, &m->visibility);
        flag(d, "fixed", m->fixed_data);
        flag(d, "hide-if-no-rows", m->hide_if_no_rows);
        flag(d, "repeat", m->repeat_on_new_page);
        flag(d, "keep-together", m->keep_together);
        if (m->keep_with_group)
            line(d, "keep %s", m->keep_with_group == RDL_KEEP_BEFORE ? "before" : "after");
        output(d, m->data_element_name, m->data_element_output);
        if (m->header) {
            line(d, "header %.4gpt", m->header_size_pt);
            d->depth++;
            cell(d, "cell", m->header);
            d->depth--;
        }
        members(d, m->members.items, m->members.count);
        d->depth--;
    }
}

static void sizes(struct dump *d, const char *label, const double *list, size_t count)
{
    if (count == 0)
        return;
    for (unsigned i = 0; i < d->depth; i++)
        rs_buf_add_literal(d->out, "  ");
    rs_buf_add(d->out, rs_text_from(label));
    for (size_t i = 0; i < count; i++)
        rs_buf_printf(d->out, " %.4g", list[i]);
    rs_buf_add_byte(d->out, '\n');
}

static void tablix(struct dump *d, const struct rdl_tablix *t)
{
    text(d, "data-set", t->data_set_name);
    filters(d, t->filters);
    sorts(d, t->sorts);
    page_break(d, &t->page_break);
    expr(d, "page-name", &t->page_name);
    expr(d, "no-rows", &t->no_rows_message);
    if (t->groups_before_row_headers)
        line(d, "groups-before-row-headers %u", t->groups_before_row_headers);
    flag(d, "right-to-left", t->right_to_left);
    flag(d, "repeat-column-headers", t->repeat_column_headers);
    flag(d, "repeat-row-headers", t->repeat_row_headers);
    flag(d, "fixed-column-headers", t->fixed_column_headers);
    flag(d, "fixed-row-headers", t->fixed_row_headers);
    flag(d, "keep-together", t->keep_together);
    flag(d, "omit-border-on-page-break", t->omit_border_on_page_break);
    sizes(d, "row-header-widths", t->row_header_widths_pt.items, t->row_header_widths_pt.count);
    sizes(d, "column-header-heights", t->column_header_heights_pt.items, t->column_header_heights_pt.count);
    if (t->corner) {
        line(d, "corner %ux%u", t->corner_columns, t->corner_rows);
        d->depth++;
        for (unsigned i = 0; i < t->corner_rows * t->corner_columns; i++)
            cell(d, "cell", &t->corner[i]);
        d->depth--;
    }
    line(d, "columns");
    d->depth++;
    members(d, t->column_members.items, t->column_members.count);
    d->depth--;
    line(d, "rows");
    d->depth++;
    members(d, t->row_members.items, t->row_members.count);
    d->depth--;
    sizes(d, "widths", t->column_widths_pt.items, t->column_widths_pt.count);
    EACH (struct rdl_tablix_row, r, t->rows) {
        line(d, "row %.4gpt", r->height_pt);
        d->depth++;
        EACH (struct rdl_cell, c, r->cells)
            cell(d, "cell", c);
        d->depth--;
    }
}

static void image(struct dump *d, const struct rdl_image *i)
{
    static const char *const sizings[] = {"AutoSize", "Fit", "FitProportional", "Clip"};

    line(d, "source %s %s", rdl_keyword_name(rdl_image_sources, (int)i->source), sizings[i->sizing]);
    expr(d, "value", &i->value);
    expr(d, "mime", &i->mime_type);
}

static void special(struct dump *d, const struct rdl_item *i)
{
    switch (i->kind) {
    case RDL_TEXTBOX: textbox(d, i->textbox); break;
    case RDL_TABLIX: tablix(d, i->tablix); break;
    case RDL_IMAGE: image(d, i->image); break;
    case RDL_RECTANGLE:
        page_break(d, &i->rectangle->page_break);
        expr(d, "page-name", &i->rectangle->page_name);
        flag(d, "keep-together", i->rectangle->keep_together);
        flag(d, "omit-border-on-page-break", i->rectangle->omit_border_on_page_break);
        text(d, "link-to-child", i->rectangle->link_to_child);
        items(d, i->rectangle->items);
        break;
    case RDL_SUBREPORT:
        text(d, "report", i->subreport->report_name);
        EACH (struct rdl_drill_parameter, p, i->subreport->parameters) {
            line(d, "parameter %.*s", RS_TEXT_ARG(p->name));
            expr(d, "  value", &p->value);
        }
        expr(d, "no-rows", &i->subreport->no_rows_message);
        flag(d, "keep-together", i->subreport->keep_together);
        break;
    case RDL_LINE: break;
    case RDL_CHART:
    case RDL_GAUGE_PANEL:
    case RDL_MAP:
    case RDL_CUSTOM:
        text(d, "element", i->opaque->element);
        text(d, "data-set", i->opaque->data_set_name);
        expr(d, "no-rows", &i->opaque->no_rows_message);
        items(d, i->opaque->alternative);
        break;
    }
}

static void item(struct dump *d, const struct rdl_item *i)
{
    line(d, "%s %.*s at %.4g,%.4g size %.4gx%.4g", rdl_item_kind_name(i->kind), RS_TEXT_ARG(i->name), i->left_pt, i->top_pt,
         i->width_pt, i->height_pt);
    d->depth++;
    if (i->z_index)
        line(d, "z-index %d", i->z_index);
    style(d, &i->style);
    visibility(d, &i->visibility);
    action(d, &i->action);
    expr(d, "tool-tip", &i->tool_tip);
    expr(d, "label", &i->document_map_label);
    expr(d, "bookmark", &i->bookmark);
    text(d, "repeat-with", i->repeat_with);
    output(d, i->data_element_name, i->data_element_output);
    EACH (struct rdl_custom_property, p, i->custom_properties) {
        expr(d, "property", &p->name);
        expr(d, "property-value", &p->value);
    }
    special(d, i);
    d->depth--;
}

/* ---- data ----------------------------------------------------------------------------------- */

static void data_source(struct dump *d, const struct rdl_data_source *s)
{
    line(d, "data source %.*s", RS_TEXT_ARG(s->name));
    d->depth++;
    text(d, "reference", s->reference);
    text(d, "provider", s->provider);
    expr(d, "connect", &s->connect_string);
    flag(d, "integrated-security", s->integrated_security);
    flag(d, "transaction", s->transaction);
    text(d, "prompt", s->prompt);
    d->depth--;
}

static void data_set(struct dump *d, const struct rdl_data_set *s)
{
    static const char *const commands[] = {"Text", "StoredProcedure", "TableDirect"};
    static const char *const autos[] = {"Auto", "True", "False"};

    line(d, "data set %.*s", RS_TEXT_ARG(s->name));
    d->depth++;
    text(d, "source", s->data_source_name);
    text(d, "shared", s->shared_reference);
    if (s->command_type)
        line(d, "command-type %s", commands[s->command_type]);
    expr(d, "command", &s->command_text);
    if (s->timeout_s)
        line(d, "timeout %us", s->timeout_s);
    EACH (struct rdl_query_parameter, p, s->query_parameters) {
        line(d, "query parameter %.*s", RS_TEXT_ARG(p->name));
        expr(d, "  value", &p->value);
    }
    EACH (struct rdl_field, f, s->fields) {
        line(d, "field %.*s%s%.*s%s%.*s", RS_TEXT_ARG(f->name), f->data_field.size ? " from " : "", RS_TEXT_ARG(f->data_field),
             f->type_name.size ? " type " : "", RS_TEXT_ARG(f->type_name));
        expr(d, "  value", &f->value);
    }
    filters(d, s->filters);
    text(d, "collation", s->collation);
    if (s->case_sensitivity || s->accent_sensitivity || s->kanatype_sensitivity || s->width_sensitivity)
        line(d, "sensitivity case %s accent %s kanatype %s width %s", autos[s->case_sensitivity], autos[s->accent_sensitivity],
             autos[s->kanatype_sensitivity], autos[s->width_sensitivity]);
    d->depth--;
}

static void data_set_reference(struct dump *d, const char *label, const struct rdl_data_set_reference *r)
{
    if (r->data_set_name.size)
        line(d, "%s %.*s.%.*s label %.*s", label, RS_TEXT_ARG(r->data_set_name), RS_TEXT_ARG(r->value_field),
             RS_TEXT_ARG(r->label_field));
}

static void parameter(struct dump *d, const struct rdl_parameter *p)
{
    line(d, "parameter %.*s %s%s%s%s%s", RS_TEXT_ARG(p->name), rdl_keyword_name(rdl_data_types, p->type),
         p->nullable ? " nullable" : "", p->allow_blank ? " blank" : "", p->multi_value ? " multi" : "", p->hidden ? " hidden" : "");
    d->depth++;
    expr(d, "prompt", &p->prompt);
    data_set_reference(d, "default from", &p->default_reference);
    EACH (struct rdl_expr, value, p->default_values)
        expr(d, "default", value);
    data_set_reference(d, "valid from", &p->valid_reference);
    EACH (struct rdl_valid_value, v, p->valid_values) {
        expr(d, "valid", &v->value);
        expr(d, "valid-label", &v->label);
    }
    if (p->used_in_query)
        line(d, "used-in-query %s", p->used_in_query == RDL_TRUE ? "True" : "False");
    if (p->grid_row >= 0)
        line(d, "grid %d,%d", p->grid_column, p->grid_row);
    d->depth--;
}

/* ---- report --------------------------------------------------------------------------------- */

static void page_section(struct dump *d, const char *label, const struct rdl_page_section *s)
{
    if (!s->present)
        return;
    line(d, "%s %.4gpt%s%s%s", label, s->height_pt, s->print_on_first_page ? " first" : "", s->print_on_last_page ? " last" : "",
         s->print_between_sections ? " between" : "");
    d->depth++;
    style(d, &s->style);
    items(d, s->items);
    d->depth--;
}

static void section(struct dump *d, const struct rdl_section *s)
{
    const struct rdl_page *p = &s->page;

    line(d, "section %.4gx%.4g", s->width_pt, s->body_height_pt);
    d->depth++;
    output(d, s->data_element_name, s->data_element_output);
    line(d, "page %.4gx%.4g margins %.4g %.4g %.4g %.4g", p->width_pt, p->height_pt, p->margin_left_pt, p->margin_right_pt,
         p->margin_top_pt, p->margin_bottom_pt);
    d->depth++;
    if (p->interactive_width_pt != p->width_pt || p->interactive_height_pt != p->height_pt)
        line(d, "interactive %.4gx%.4g", p->interactive_width_pt, p->interactive_height_pt);
    if (p->columns != 1)
        line(d, "columns %u spacing %.4g", p->columns, p->column_spacing_pt);
    style(d, &p->style);
    page_section(d, "header", &p->header);
    page_section(d, "footer", &p->footer);
    d->depth--;
    line(d, "body");
    d->depth++;
    style(d, &s->body_style);
    items(d, s->items);
    d->depth -= 2;
}

static void notes(struct dump *d, const struct rdl_report *report)
{
    static const char *const kinds[] = {"invalid", "unknown", "unsupported", "repaired"};

    EACH (struct rdl_note, n, report->notes)
        line(d, "note %s line %u %.*s%s<%.*s>: %.*s", kinds[n->kind], n->line, RS_TEXT_ARG(n->item), n->item.size ? " " : "",
             RS_TEXT_ARG(n->element), RS_TEXT_ARG(n->message));
}

void rdl_dump(const struct rdl_report *report, rs_buf *out)
{
    static const char *const versions[] = {"2003", "2005", "2008", "2010", "2016", "without namespace"};
    struct dump dump = {out, 1}, *d = &dump;

    rs_buf_printf(out, "report %s\n", versions[report->version]);
    text(d, "description", report->description);
    text(d, "author", report->author);
    expr(d, "language", &report->language);
    expr(d, "auto-refresh", &report->auto_refresh);
    expr(d, "initial-page-name", &report->initial_page_name);
    if (!rs_text_equal(report->default_font_family, RS_TEXT("Arial")))
        text(d, "default-font", report->default_font_family);
    flag(d, "consume-container-whitespace", report->consume_container_whitespace);
    flag(d, "defer-variables", report->defer_variable_evaluation);
    flag(d, "data-style-element", report->data_element_style_is_element);
    text(d, "data-name", report->data_element_name);
    text(d, "data-transform", report->data_transform);
    text(d, "data-schema", report->data_schema);
    EACH (struct rdl_data_source, s, report->data_sources)
        data_source(d, s);
    EACH (struct rdl_data_set, s, report->data_sets)
        data_set(d, s);
    EACH (struct rdl_parameter, p, report->parameters)
        parameter(d, p);
    if (report->parameter_grid_columns || report->parameter_grid_rows)
        line(d, "parameter grid %dx%d", report->parameter_grid_columns, report->parameter_grid_rows);
    EACH (struct rdl_embedded_image, i, report->embedded_images)
        line(d, "embedded image %.*s %.*s %zu bytes", RS_TEXT_ARG(i->name), RS_TEXT_ARG(i->mime_type), i->base64.size);
    variables(d, report->variables);
    if (report->code.size)
        line(d, "code line %u %zu bytes", report->code_line, report->code.size);
    EACH (rs_text, module, report->code_modules)
        line(d, "code module %.*s", RS_TEXT_ARG(*module));
    EACH (struct rdl_class, c, report->classes)
        line(d, "class %.*s as %.*s", RS_TEXT_ARG(c->class_name), RS_TEXT_ARG(c->instance_name));
    EACH (struct rdl_section, s, report->sections)
        section(d, s);
    notes(d, report);
}
