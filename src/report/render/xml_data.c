#include "report/render/xml.h"

/* A place of a data region: below a row, or below a column of one row leaf. */
struct branch {
    struct compute_tablix *tablix;
    struct compute_place row;
    struct compute_place column; /* its node is NULL while the row is no leaf */
};

static rs_status write_region(struct xml *x, enum xml_pass pass, struct compute_tablix *tablix);
static rs_status write_below(struct xml *x, enum xml_pass pass, const struct branch *at);

static void open(struct xml *x, const char *name)
{
    if (!x->only_types)
        xml_open(&x->writer, name);
}

static rs_status close(struct xml *x)
{
    if (x->only_types)
        return RS_OK;
    xml_close(&x->writer);
    return encoded_flush(&x->out, false);
}

/* ---- text boxes ------------------------------------------------------------------------------------- */

static uint8_t seen_as(const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL: return 0;
    case VALUE_INTEGER:
    case VALUE_LONG: return XML_SEEN_INTEGER;
    case VALUE_DECIMAL: return XML_SEEN_DECIMAL;
    case VALUE_SINGLE:
    case VALUE_DOUBLE: return XML_SEEN_DOUBLE;
    case VALUE_DATE:
    case VALUE_OFFSET: return XML_SEEN_DATE;
    case VALUE_BOOLEAN: return XML_SEEN_BOOLEAN;
    default: return XML_SEEN_TEXT;
    }
}

/* The value as XML Schema writes its type; as shown where it has none. */
static rs_text written(struct xml *x, const struct compute_text *shown)
{
    if (x->formatted || seen_as(&shown->value) == XML_SEEN_TEXT)
        return shown->text;
    if (shown->value.kind == VALUE_BOOLEAN)
        return shown->value.boolean ? RS_TEXT("true") : RS_TEXT("false");
    return compute_parameter_text(x->scratch, shown->value);
}

/* A null has neither attribute nor element. */
static rs_status write_textbox(struct xml *x, enum xml_pass pass, const struct compute_scope *scope, const struct rdl_item *item)
{
    struct compute_text shown;

    if (item->textbox->data_element_style_is_attribute != (pass == XML_ATTRIBUTES))
        return RS_OK;
    RS_TRY(compute_textbox(x->scratch, x->run, scope, item, &shown));
    x->at->seen[item->number] |= seen_as(&shown.value);
    if (shown.value.kind == VALUE_NULL || x->only_types)
        return RS_OK;
    if (pass == XML_ATTRIBUTES)
        xml_write_attribute(&x->writer, x->at->item_names[item->number], written(x, &shown));
    else
        xml_write_element(&x->writer, x->at->item_names[item->number], written(x, &shown));
    return RS_OK;
}

/* ---- items ------------------------------------------------------------------------------------------ */

static rs_status write_item(struct xml *x, enum xml_pass pass, const struct compute_scope *scope, const struct rdl_item *item);

static rs_status write_items(struct xml *x, enum xml_pass pass, const struct compute_scope *scope, const rdl_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        RS_TRY(write_item(x, pass, scope, items->items[i]));
    return RS_OK;
}

static rs_status write_rectangle(struct xml *x, enum xml_pass pass, const struct compute_scope *scope, const struct rdl_item *item)
{
    if (!xml_item_is_element(item))
        return write_items(x, pass, scope, &item->rectangle->items);
    if (pass == XML_ATTRIBUTES)
        return RS_OK;
    open(x, x->at->item_names[item->number]);
    RS_TRY(write_items(x, XML_ATTRIBUTES, scope, &item->rectangle->items));
    RS_TRY(write_items(x, XML_ELEMENTS, scope, &item->rectangle->items));
    return close(x);
}

static rs_status write_tablix(struct xml *x, enum xml_pass pass, const struct compute_scope *scope, const struct rdl_item *item)
{
    bool is_element = xml_item_is_element(item);
    struct compute_tablix *tablix;

    if (is_element && pass == XML_ATTRIBUTES)
        return RS_OK;
    RS_TRY(compute_tablix_open(x->job, x->run, scope, item, &tablix));
    if (is_element) {
        open(x, x->at->item_names[item->number]);
        RS_TRY(write_region(x, XML_ATTRIBUTES, tablix));
    }
    RS_TRY(write_region(x, pass, tablix));
    compute_tablix_close(tablix);
    return is_element ? close(x) : RS_OK;
}

static rs_status write_bodies(struct xml *x, enum xml_pass pass);

/* The other report becomes the one at work. */
static rs_status write_other(struct xml *x, struct compute_run *run)
{
    struct compute_run *around = x->run;
    struct xml_definition *definition = x->at;
    rs_status status;

    x->run = run;
    x->at = xml_definition_of(x, compute_published(run));
    open(x, x->at->root_name);
    if (!x->only_types)
        xml_write_attribute(&x->writer, "Name", compute_globals(run)->report_name);
    status = write_bodies(x, XML_ATTRIBUTES);
    if (status == RS_OK)
        status = write_bodies(x, XML_ELEMENTS);
    if (status == RS_OK)
        status = close(x);
    x->run = around;
    x->at = definition;
    return status;
}

/* One that cannot be shown is an empty element. */
static rs_status write_subreport(struct xml *x, enum xml_pass pass, const struct compute_scope *scope, const struct rdl_item *item)
{
    const struct compute_subreport *subreport;
    bool is_element = xml_item_is_element(item);
    rs_status status = RS_OK;

    if (pass == XML_ATTRIBUTES)
        return RS_OK;
    RS_TRY(compute_subreport_open(x->scratch, x->run, scope, item, &subreport));
    if (is_element)
        open(x, x->at->item_names[item->number]);
    if (subreport->run)
        status = write_other(x, subreport->run);
    compute_subreport_close(subreport);
    return status == RS_OK && is_element ? close(x) : status;
}

static rs_status write_item(struct xml *x, enum xml_pass pass, const struct compute_scope *scope, const struct rdl_item *item)
{
    bool hidden;

    if (!data_item_is_written(x->at->published, item))
        return RS_OK;
    RS_TRY(data_is_hidden(x->scratch, x->run, scope, &item->visibility, &hidden));
    if (hidden)
        return RS_OK;
    switch (item->kind) {
    case RDL_TEXTBOX: return write_textbox(x, pass, scope, item);
    case RDL_RECTANGLE: return write_rectangle(x, pass, scope, item);
    case RDL_TABLIX: return write_tablix(x, pass, scope, item);
    case RDL_SUBREPORT: return write_subreport(x, pass, scope, item);
    default: return RS_OK;
    }
}

static rs_status write_cell(struct xml *x, enum xml_pass pass, const struct compute_scope *scope, const struct rdl_cell *cell)
{
    if (!cell || !cell->item || cell->data_element_output == RDL_NO_OUTPUT)
        return RS_OK;
    if (cell->data_element_output != RDL_OUTPUT)
        return write_item(x, pass, scope, cell->item);
    if (pass == XML_ATTRIBUTES)
        return RS_OK;
    open(x, xml_cell_name(x, cell));
    RS_TRY(write_item(x, XML_ATTRIBUTES, scope, cell->item));
    RS_TRY(write_item(x, XML_ELEMENTS, scope, cell->item));
    return close(x);
}

/* ---- data regions ----------------------------------------------------------------------------------- */

static struct branch step(const struct branch *at, struct compute_place place)
{
    struct branch inner = *at;

    if (place.node->axis == COMPUTE_ROWS)
        inner.row = place;
    else
        inner.column = place;
    return inner;
}

/* What is in a member's instance: its header, and what is below it. */
static rs_status write_inside(struct xml *x, enum xml_pass pass, const struct branch *at, struct compute_place place)
{
    struct compute_scope scope = compute_member_scope(at->tablix, place);
    struct branch inner = step(at, place);

    RS_TRY(write_cell(x, pass, &scope, place.node->member->header));
    return write_below(x, pass, &inner);
}

/* One instance of a group, or a static member that has an element. */
static rs_status write_member(struct xml *x, const struct branch *at, struct compute_place place)
{
    const struct rdl_member *member = place.node->member;
    struct rs_mark mark = rs_job_mark(x->scratch);
    bool hidden;

    RS_TRY(data_member_is_hidden(x->scratch, x->run, at->tablix, place, &hidden));
    if (hidden)
        return RS_OK;
    if (xml_member_is_element(member)) {
        open(x, x->at->instance_names[member->number]);
        RS_TRY(write_inside(x, XML_ATTRIBUTES, at, place));
        if (x->at->has_elements[member->number])
            RS_TRY(write_inside(x, XML_ELEMENTS, at, place));
        RS_TRY(close(x));
    } else {
        RS_TRY(write_inside(x, XML_ELEMENTS, at, place));
    }
    rs_job_reset(x->scratch, mark);
    return RS_OK;
}

/* A static member that is contents only: its attributes too belong to the element around it. */
static rs_status write_contents(struct xml *x, enum xml_pass pass, const struct branch *at, struct compute_place place)
{
    bool hidden;

    RS_TRY(data_member_is_hidden(x->scratch, x->run, at->tablix, place, &hidden));
    return hidden ? RS_OK : write_inside(x, pass, at, place);
}

static rs_status write_instances(struct xml *x, const struct branch *at, struct compute_node *node, size_t outer_row)
{
    bool has;

    RS_TRY(compute_has_row(x->job, at->tablix, node, 0, &has));
    for (size_t row = 0; has; row++) {
        RS_TRY(write_member(x, at, compute_place_of(node, node->kind == COMPUTE_DETAILS ? row : outer_row)));
        compute_let_go(at->tablix, node, row + 1);
        RS_TRY(compute_has_row(x->job, at->tablix, node, row + 1, &has));
    }
    return RS_OK;
}

/* The members below a node. Instances of one group stand side by side: one collection holds them. */
static rs_status write_children(struct xml *x, enum xml_pass pass, const struct branch *at, struct compute_node *parent)
{
    size_t outer_row = parent->axis == COMPUTE_ROWS ? at->row.row : at->column.row;
    const struct rdl_member *collection = NULL;
    struct compute_nodes nodes;

    RS_TRY(compute_children(x->job, at->tablix, parent, &nodes));
    for (size_t i = 0; i < nodes.count; i++) {
        struct compute_node *node = nodes.items[i];
        const struct rdl_member *member = node->member;
        if (collection && collection != member) {
            RS_TRY(close(x));
            collection = NULL;
        }
        if (!data_member_is_written(x->at->published, member))
            continue;
        if (!member->group && !xml_member_is_element(member)) {
            RS_TRY(write_contents(x, pass, at, compute_place_of(node, outer_row)));
            continue;
        }
        if (pass == XML_ATTRIBUTES)
            continue;
        if (!collection && xml_has_collection(member)) {
            open(x, x->at->collection_names[member->number]);
            collection = member;
        }
        if (!member->group)
            RS_TRY(write_member(x, at, compute_place_of(node, outer_row)));
        else
            RS_TRY(write_instances(x, at, node, outer_row));
    }
    return collection ? close(x) : RS_OK;
}

/* Rows down to a leaf, then its columns down to a leaf, then the cell. */
static rs_status write_below(struct xml *x, enum xml_pass pass, const struct branch *at)
{
    struct branch inner = *at;

    if (!data_is_leaf(at->row.node))
        return write_children(x, pass, at, at->row.node);
    if (!at->column.node)
        inner.column = compute_place_of(compute_root(at->tablix, COMPUTE_COLUMNS), 0);
    if (!data_is_leaf(inner.column.node))
        return write_children(x, pass, &inner, inner.column.node);
    struct compute_scope scope = compute_cell_scope(at->tablix, at->row, at->column);
    return write_cell(x, pass, &scope, compute_cell(at->tablix, at->row.node, at->column.node));
}

static rs_status write_region(struct xml *x, enum xml_pass pass, struct compute_tablix *tablix)
{
    const struct rdl_tablix *t = compute_tablix_item(tablix)->tablix;
    struct branch at = {tablix, {compute_root(tablix, COMPUTE_ROWS), 0}, {NULL, 0}};
    struct compute_scope scope = {.tablix = tablix};

    for (size_t i = 0; t->corner && i < (size_t)t->corner_rows * t->corner_columns; i++)
        RS_TRY(write_cell(x, pass, &scope, &t->corner[i]));
    return write_below(x, pass, &at);
}

/* ---- the report ------------------------------------------------------------------------------------- */

static rs_status write_section(struct xml *x, enum xml_pass pass, const struct rdl_section *section)
{
    const struct rdl_report *report = x->at->published->definition;
    struct compute_scope scope = {0};
    size_t number = (size_t)(section - report->sections.items) + 1;

    if (section->data_element_output == RDL_NO_OUTPUT)
        return RS_OK;
    if (!xml_section_is_element(report, section))
        return write_items(x, pass, &scope, &section->items);
    if (pass == XML_ATTRIBUTES)
        return RS_OK;
    open(x, xml_section_name(x, section, number));
    RS_TRY(write_items(x, XML_ATTRIBUTES, &scope, &section->items));
    RS_TRY(write_items(x, XML_ELEMENTS, &scope, &section->items));
    return close(x);
}

static void write_root_attributes(struct xml *x)
{
    const struct expr_globals *globals = compute_globals(x->run);
    rs_text location = xml_schema_location(x);

    if (!rs_text_is_empty(location)) {
        xml_write_attribute(&x->writer, "xmlns:xsi", RS_TEXT("http://www.w3.org/2001/XMLSchema-instance"));
        xml_write_attribute(&x->writer, "xsi:schemaLocation", location);
    }
    if (!x->omit_namespace)
        xml_write_attribute(&x->writer, "xmlns", rs_text_from(x->name_space));
    xml_write_attribute(&x->writer, "Name", globals->report_name);
}

static rs_status write_bodies(struct xml *x, enum xml_pass pass)
{
    const struct rdl_report *report = x->at->published->definition;

    for (size_t s = 0; s < report->sections.count; s++)
        RS_TRY(write_section(x, pass, &report->sections.items[s]));
    return RS_OK;
}

rs_status xml_write_data(struct xml *x)
{
    open(x, x->at->root_name);
    if (!x->only_types)
        write_root_attributes(x);
    RS_TRY(write_bodies(x, XML_ATTRIBUTES));
    RS_TRY(write_bodies(x, XML_ELEMENTS));
    return close(x);
}
