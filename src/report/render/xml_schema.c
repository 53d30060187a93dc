#include "report/render/xml.h"

#include "base/vec.h"

/* The element whose contents are being declared. */
struct declared {
    RS_VEC(const char *) names; /* taken in it */
    size_t elements;            /* how many of them are elements */
};

/* The members that cross where a cell stands. */
struct crossing {
    const struct rdl_tablix *tablix;
    const struct rdl_member *row; /* a leaf, once columns are declared */
};

static const char *type_of(uint8_t seen)
{
    switch (seen) {
    case XML_SEEN_INTEGER: return "xsd:integer";
    case XML_SEEN_DECIMAL:
    case XML_SEEN_DECIMAL | XML_SEEN_INTEGER: return "xsd:decimal";
    case XML_SEEN_DOUBLE:
    case XML_SEEN_DOUBLE | XML_SEEN_INTEGER:
    case XML_SEEN_DOUBLE | XML_SEEN_DECIMAL:
    case XML_SEEN_DOUBLE | XML_SEEN_DECIMAL | XML_SEEN_INTEGER: return "xsd:double";
    case XML_SEEN_DATE: return "xsd:dateTime";
    case XML_SEEN_BOOLEAN: return "xsd:boolean";
    default: return "xsd:string";
    }
}

/* A name may stand once in an element; a copied item, of a subtotal of an old definition, may not stand a second time. */
static rs_status claim(struct xml *x, struct declared *d, const char *name, bool is_copy, bool *is_new)
{
    *is_new = true;
    for (size_t i = 0; i < d->names.count; i++)
        if (strcmp(d->names.items[i], name) == 0) {
            *is_new = false;
            return is_copy ? RS_OK
                           : rs_fail(x->job, RENDER_FAILED,
                                     "two data elements of one element are named \"%s\"; give one of them a DataElementName", name);
        }
    rs_vec_push(x->job, &d->names, name);
    return RS_OK;
}

/* What stands in an element: one of these. */
struct contents {
    const rdl_items *items;
    const struct rdl_item *item;
    const struct rdl_tablix *region;
    const struct rdl_member *instance; /* the element of an instance, inside its collection */
    const struct rdl_member *inside;   /* what is in that element */
    struct xml_definition *other;      /* the root element of a subreport's report */
    struct xml_definition *report;     /* what is in it */
    const struct crossing *at;         /* of the two */
};

static rs_status declare_contents(struct xml *x, enum xml_pass pass, struct declared *d, const struct contents *contents);

/* `elements` may be NULL; it gets how many elements stand in it. */
static rs_status declare_element(struct xml *x, struct declared *outer, const char *name, bool is_many,
                                 const struct contents *contents, size_t *elements)
{
    struct declared inner = {0};

    outer->elements++;
    xml_open(&x->writer, "xsd:element");
    xml_write_attribute(&x->writer, "name", rs_text_from(name));
    xml_write_attribute(&x->writer, "minOccurs", RS_TEXT("0"));
    if (is_many)
        xml_write_attribute(&x->writer, "maxOccurs", RS_TEXT("unbounded"));
    xml_open(&x->writer, "xsd:complexType");
    xml_open(&x->writer, "xsd:sequence");
    RS_TRY(declare_contents(x, XML_ELEMENTS, &inner, contents));
    xml_close(&x->writer);
    RS_TRY(declare_contents(x, XML_ATTRIBUTES, &inner, contents));
    xml_close(&x->writer);
    xml_close(&x->writer);
    if (elements)
        *elements = inner.elements;
    return RS_OK;
}

static rs_status declare_members(struct xml *x, enum xml_pass pass, struct declared *d, const struct crossing *at,
                                 const struct rdl_member *members, size_t count);
static rs_status declare_item(struct xml *x, enum xml_pass pass, struct declared *d, const struct rdl_item *item);

static rs_status declare_textbox(struct xml *x, enum xml_pass pass, struct declared *d, const struct rdl_item *item)
{
    const char *name = x->at->item_names[item->number];
    bool is_new;

    if (item->textbox->data_element_style_is_attribute != (pass == XML_ATTRIBUTES))
        return RS_OK;
    RS_TRY(claim(x, d, name, !rs_text_is_empty(item->copied_from), &is_new));
    if (!is_new)
        return RS_OK;
    xml_open(&x->writer, pass == XML_ATTRIBUTES ? "xsd:attribute" : "xsd:element");
    xml_write_attribute(&x->writer, "name", rs_text_from(name));
    xml_write_attribute(&x->writer, "type", rs_text_from(x->formatted ? "xsd:string" : type_of(x->at->seen[item->number])));
    if (pass == XML_ELEMENTS) {
        xml_write_attribute(&x->writer, "minOccurs", RS_TEXT("0"));
        d->elements++;
    }
    xml_close(&x->writer);
    return RS_OK;
}

static rs_status declare_items(struct xml *x, enum xml_pass pass, struct declared *d, const rdl_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        RS_TRY(declare_item(x, pass, d, items->items[i]));
    return RS_OK;
}

static rs_status declare_cell(struct xml *x, enum xml_pass pass, struct declared *d, const struct rdl_cell *cell)
{
    bool is_new;

    if (!cell || !cell->item || cell->data_element_output == RDL_NO_OUTPUT)
        return RS_OK;
    if (cell->data_element_output != RDL_OUTPUT)
        return declare_item(x, pass, d, cell->item);
    if (pass == XML_ATTRIBUTES)
        return RS_OK;
    RS_TRY(claim(x, d, xml_cell_name(x, cell), true, &is_new));
    if (is_new)
        RS_TRY(declare_element(x, d, xml_cell_name(x, cell), true, &(struct contents){.item = cell->item}, NULL));
    return RS_OK;
}

static rs_status declare_region(struct xml *x, enum xml_pass pass, struct declared *d, const struct rdl_tablix *t)
{
    struct crossing at = {t, NULL};

    for (size_t i = 0; t->corner && i < (size_t)t->corner_rows * t->corner_columns; i++)
        RS_TRY(declare_cell(x, pass, d, &t->corner[i]));
    return declare_members(x, pass, d, &at, t->row_members.items, t->row_members.count);
}

/* A report inside itself has no end: what is in it is any element then, as where the other report cannot be had. */
static rs_status declare_subreport(struct xml *x, enum xml_pass pass, struct declared *d, const struct rdl_item *item)
{
    struct contents contents = {0};
    const struct publish_report *found;
    bool is_new;

    if (pass == XML_ATTRIBUTES)
        return RS_OK;
    RS_TRY(compute_subreport_find(x->job, x->run, x->at->published, item, &found));
    if (found)
        contents.other = xml_definition_of(x, found);
    if (!xml_item_is_element(item))
        return declare_contents(x, pass, d, &contents);
    RS_TRY(claim(x, d, x->at->item_names[item->number], !rs_text_is_empty(item->copied_from), &is_new));
    return is_new ? declare_element(x, d, x->at->item_names[item->number], false, &contents, NULL) : RS_OK;
}

static rs_status declare_item(struct xml *x, enum xml_pass pass, struct declared *d, const struct rdl_item *item)
{
    bool is_copy = item && !rs_text_is_empty(item->copied_from), is_new = true;

    if (!data_item_is_written(x->at->published, item))
        return RS_OK;
    if (item->kind == RDL_TEXTBOX)
        return declare_textbox(x, pass, d, item);
    if (item->kind == RDL_SUBREPORT)
        return declare_subreport(x, pass, d, item);
    if (item->kind != RDL_RECTANGLE && item->kind != RDL_TABLIX)
        return RS_OK;
    if (!xml_item_is_element(item))
        return item->kind == RDL_TABLIX ? declare_region(x, pass, d, item->tablix)
                                        : declare_items(x, pass, d, &item->rectangle->items);
    if (pass == XML_ATTRIBUTES)
        return RS_OK;
    RS_TRY(claim(x, d, x->at->item_names[item->number], is_copy, &is_new));
    if (!is_new)
        return RS_OK;
    struct contents contents = {0};
    if (item->kind == RDL_TABLIX)
        contents.region = item->tablix;
    else
        contents.items = &item->rectangle->items;
    return declare_element(x, d, x->at->item_names[item->number], false, &contents, NULL);
}

/* ---- members ---------------------------------------------------------------------------------------- */

static rs_status declare_inside(struct xml *x, enum xml_pass pass, struct declared *d, const struct crossing *at,
                                const struct rdl_member *member)
{
    const struct rdl_tablix *t = at->tablix;
    struct crossing inner = *at;

    RS_TRY(declare_cell(x, pass, d, member->header));
    if (member->members.count)
        return declare_members(x, pass, d, at, member->members.items, member->members.count);
    if (at->row)
        return declare_cell(x, pass, d, &t->rows.items[at->row->first_leaf].cells.items[member->first_leaf]);
    inner.row = member;
    return declare_members(x, pass, d, &inner, t->column_members.items, t->column_members.count);
}

/* An instance's element, or a static member's. A column stands below each row: it has elements where any has. */
static rs_status declare_instance(struct xml *x, struct declared *d, const struct crossing *at, const struct rdl_member *member)
{
    const char *name = x->at->instance_names[member->number];
    bool is_new;

    if (!xml_member_is_element(member)) {
        x->at->has_elements[member->number] = true;
        return declare_inside(x, XML_ELEMENTS, d, at, member);
    }
    RS_TRY(claim(x, d, name, member->group && member->group->is_copy, &is_new));
    if (!is_new)
        return RS_OK;
    size_t elements;
    RS_TRY(declare_element(x, d, name, member->group, &(struct contents){.inside = member, .at = at}, &elements));
    x->at->has_elements[member->number] |= elements > 0;
    return RS_OK;
}

static rs_status declare_members(struct xml *x, enum xml_pass pass, struct declared *d, const struct crossing *at,
                                 const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *member = &members[i];
        bool is_new;
        if (!data_member_is_written(x->at->published, member))
            continue;
        if (!member->group && !xml_member_is_element(member)) {
            RS_TRY(declare_inside(x, pass, d, at, member));
            continue;
        }
        if (pass == XML_ATTRIBUTES)
            continue;
        if (!xml_has_collection(member)) {
            RS_TRY(declare_instance(x, d, at, member));
            continue;
        }
        RS_TRY(claim(x, d, x->at->collection_names[member->number], member->group->is_copy, &is_new));
        if (is_new)
            RS_TRY(declare_element(x, d, x->at->collection_names[member->number], false,
                                   &(struct contents){.instance = member, .at = at}, NULL));
    }
    return RS_OK;
}

static rs_status declare_report(struct xml *x, enum xml_pass pass, struct declared *d);

/* The root element of another report, and what is in it. */
static rs_status declare_other(struct xml *x, enum xml_pass pass, struct declared *d, struct xml_definition *other)
{
    bool is_new;

    if (pass == XML_ATTRIBUTES)
        return RS_OK;
    if (other->declaring) {
        xml_open(&x->writer, "xsd:any");
        xml_write_attribute(&x->writer, "minOccurs", RS_TEXT("0"));
        xml_write_attribute(&x->writer, "processContents", RS_TEXT("lax"));
        xml_close(&x->writer);
        d->elements++;
        return RS_OK;
    }
    RS_TRY(claim(x, d, other->root_name, false, &is_new));
    return declare_element(x, d, other->root_name, false, &(struct contents){.report = other}, NULL);
}

static void declare_name(struct xml *x, struct declared *d)
{
    xml_open(&x->writer, "xsd:attribute");
    xml_write_attribute(&x->writer, "name", RS_TEXT("Name"));
    xml_write_attribute(&x->writer, "type", RS_TEXT("xsd:string"));
    xml_close(&x->writer);
    rs_vec_push(x->job, &d->names, "Name");
}

static rs_status declare_inside_other(struct xml *x, enum xml_pass pass, struct declared *d, struct xml_definition *other)
{
    struct xml_definition *around = x->at;
    rs_status status;

    if (pass == XML_ATTRIBUTES)
        declare_name(x, d);
    x->at = other;
    other->declaring = true;
    status = declare_report(x, pass, d);
    other->declaring = false;
    x->at = around;
    return status;
}

static rs_status declare_contents(struct xml *x, enum xml_pass pass, struct declared *d, const struct contents *contents)
{
    if (contents->other)
        return declare_other(x, pass, d, contents->other);
    if (contents->report)
        return declare_inside_other(x, pass, d, contents->report);
    if (contents->items)
        return declare_items(x, pass, d, contents->items);
    if (contents->item)
        return declare_item(x, pass, d, contents->item);
    if (contents->region)
        return declare_region(x, pass, d, contents->region);
    if (contents->inside)
        return declare_inside(x, pass, d, contents->at, contents->inside);
    return contents->instance && pass == XML_ELEMENTS ? declare_instance(x, d, contents->at, contents->instance) : RS_OK;
}

/* ---- the report ------------------------------------------------------------------------------------- */

static rs_status declare_report(struct xml *x, enum xml_pass pass, struct declared *d)
{
    const struct rdl_report *report = x->at->published->definition;

    for (size_t s = 0; s < report->sections.count; s++) {
        const struct rdl_section *section = &report->sections.items[s];
        if (section->data_element_output == RDL_NO_OUTPUT)
            continue;
        if (!xml_section_is_element(report, section))
            RS_TRY(declare_items(x, pass, d, &section->items));
        else if (pass == XML_ELEMENTS)
            RS_TRY(declare_element(x, d, xml_section_name(x, section, s + 1), false,
                                   &(struct contents){.items = &section->items}, NULL));
    }
    return RS_OK;
}

rs_status xml_write_schema(struct xml *x)
{
    struct declared root = {0};

    xml_open(&x->writer, "xsd:schema");
    xml_write_attribute(&x->writer, "xmlns:xsd", RS_TEXT("http://www.w3.org/2001/XMLSchema"));
    xml_write_attribute(&x->writer, "targetNamespace", rs_text_from(x->name_space));
    xml_write_attribute(&x->writer, "elementFormDefault", RS_TEXT("qualified"));
    xml_open(&x->writer, "xsd:element");
    xml_write_attribute(&x->writer, "name", rs_text_from(x->at->root_name));
    xml_open(&x->writer, "xsd:complexType");
    xml_open(&x->writer, "xsd:sequence");
    x->at->declaring = true;
    RS_TRY(declare_report(x, XML_ELEMENTS, &root));
    x->at->declaring = false;
    xml_close(&x->writer);
    declare_name(x, &root);
    RS_TRY(declare_report(x, XML_ATTRIBUTES, &root));
    for (int open = 0; open < 3; open++)
        xml_close(&x->writer);
    return RS_OK;
}
