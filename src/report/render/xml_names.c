#include "report/render/xml.h"

#include "base/buf.h"

/* NameStartChar and NameChar of XML 1.0 without the colon. */
static bool may_stand(uint32_t c, bool first)
{
    static const struct { uint32_t from, to; } starts[] = {
        {'A', 'Z'}, {'_', '_'}, {'a', 'z'}, {0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF},
        {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFC},
        {0x10000, 0xEFFFF},
    }, others[] = {{'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (c >= starts[i].from && c <= starts[i].to)
            return true;
    for (size_t i = 0; !first && i < sizeof others / sizeof *others; i++)
        if (c >= others[i].from && c <= others[i].to)
            return true;
    return false;
}

static bool is_hex4_escape(rs_text t)
{
    if (t.size < 7 || t.bytes[0] != '_' || t.bytes[1] != 'x' || t.bytes[6] != '_')
        return false;
    for (size_t i = 2; i < 6; i++)
        if (!strchr("0123456789abcdefABCDEF", t.bytes[i]))
            return false;
    return true;
}

rs_text xml_encode_name(struct rs_job *job, rs_text name)
{
    rs_buf buf = rs_buf_in(job);

    for (size_t at = 0; at < name.size;) {
        size_t from = at;
        uint32_t c = rs_text_next(name, &at);
        if (is_hex4_escape(rs_text_from_offset(name, from)) || !may_stand(c, from == 0))
            rs_buf_printf(&buf, c > 0xFFFF ? "_x%08X_" : "_x%04X_", c);
        else
            rs_buf_add(&buf, rs_text_slice(name, from, at - from));
    }
    return rs_buf_text(&buf);
}

static const char *encoded(struct xml *x, rs_text name)
{
    return rs_text_terminated(x->job, xml_encode_name(x->job, name));
}

static rs_text first_of(rs_text a, rs_text b)
{
    return rs_text_is_empty(a) ? b : a;
}

const char *xml_section_name(const struct xml *x, const struct rdl_section *section, size_t number)
{
    rs_text unnamed = rs_text_format(x->job, "ReportSection%zu", number);

    return rs_text_terminated(x->job, xml_encode_name(x->job, first_of(section->data_element_name, unnamed)));
}

const char *xml_cell_name(const struct xml *x, const struct rdl_cell *cell)
{
    return rs_text_terminated(x->job, xml_encode_name(x->job, first_of(cell->data_element_name, RS_TEXT("Cell"))));
}

/* The first text box of a static member's header gives it its name. */
static rs_text header_name(const struct rdl_item *item)
{
    if (!item)
        return (rs_text){NULL, 0};
    if (item->kind == RDL_RECTANGLE)
        return item->rectangle->items.count ? header_name(item->rectangle->items.items[0]) : (rs_text){NULL, 0};
    return first_of(item->data_element_name, item->name);
}

static void name_item(struct xml *x, const struct rdl_item *item);

static void name_members(struct xml *x, const struct rdl_member *members, size_t count, const char *unnamed)
{
    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *m = &members[i];
        const struct rdl_group *g = m->group;
        if (g) {
            rs_text own = rs_text_format(x->job, "%.*s_Collection", RS_TEXT_ARG(g->name));
            x->at->instance_names[m->number] = encoded(x, first_of(g->data_element_name, g->name));
            x->at->collection_names[m->number] = encoded(x, first_of(m->data_element_name, first_of(g->data_collection_name, own)));
        } else {
            rs_text name = first_of(m->data_element_name, header_name(m->header ? m->header->item : NULL));
            x->at->instance_names[m->number] =
                encoded(x, first_of(name, rs_text_format(x->job, "%s%u", unnamed, m->first_leaf + 1)));
        }
        if (m->header)
            name_item(x, m->header->item);
        name_members(x, m->members.items, m->members.count, unnamed);
    }
}

static void name_tablix(struct xml *x, const struct rdl_tablix *t)
{
    for (size_t i = 0; t->corner && i < (size_t)t->corner_rows * t->corner_columns; i++)
        name_item(x, t->corner[i].item);
    name_members(x, t->row_members.items, t->row_members.count, "Row");
    name_members(x, t->column_members.items, t->column_members.count, "Column");
    for (size_t r = 0; r < t->rows.count; r++)
        for (size_t c = 0; c < t->rows.items[r].cells.count; c++)
            name_item(x, t->rows.items[r].cells.items[c].item);
}

static void name_item(struct xml *x, const struct rdl_item *item)
{
    if (!item)
        return;
    x->at->item_names[item->number] = encoded(x, first_of(item->data_element_name, item->name));
    if (item->kind == RDL_TABLIX)
        name_tablix(x, item->tablix);
    for (size_t i = 0; item->kind == RDL_RECTANGLE && i < item->rectangle->items.count; i++)
        name_item(x, item->rectangle->items.items[i]);
}

struct xml_definition *xml_definition_of(struct xml *x, const struct publish_report *published)
{
    const struct rdl_report *report = published->definition;
    struct xml_definition *around = x->at, *own;

    for (size_t i = 0; i < x->definitions.count; i++)
        if (x->definitions.items[i]->published == published)
            return x->definitions.items[i];
    own = x->at = RS_NEW(x->job, struct xml_definition);
    own->published = published;
    own->item_names = RS_NEW_ARRAY(x->job, const char *, (size_t)report->item_count + 1);
    own->instance_names = RS_NEW_ARRAY(x->job, const char *, (size_t)report->member_count + 1);
    own->collection_names = RS_NEW_ARRAY(x->job, const char *, (size_t)report->member_count + 1);
    own->seen = RS_NEW_ARRAY(x->job, uint8_t, (size_t)report->item_count + 1);
    own->has_elements = RS_NEW_ARRAY(x->job, bool, (size_t)report->member_count + 1);
    own->root_name = encoded(x, first_of(report->data_element_name, RS_TEXT("Report")));
    for (size_t s = 0; s < report->sections.count; s++)
        for (size_t i = 0; i < report->sections.items[s].items.count; i++)
            name_item(x, report->sections.items[s].items.items[i]);
    x->at = around;
    rs_vec_push(x->job, &x->definitions, own);
    return own;
}

/* ---- what is an element ----------------------------------------------------------------------------- */

bool xml_item_is_element(const struct rdl_item *item)
{
    return item->data_element_output == RDL_OUTPUT ||
           (item->data_element_output == RDL_OUTPUT_AUTO && item->kind != RDL_RECTANGLE);
}

bool xml_member_is_element(const struct rdl_member *member)
{
    if (member->group)
        return member->group->data_element_output != RDL_CONTENTS_ONLY;
    return member->data_element_output == RDL_OUTPUT || (member->data_element_output == RDL_OUTPUT_AUTO && member->header);
}

bool xml_has_collection(const struct rdl_member *member)
{
    return member->group && member->data_element_output != RDL_CONTENTS_ONLY;
}

bool xml_section_is_element(const struct rdl_report *report, const struct rdl_section *section)
{
    return section->data_element_output == RDL_OUTPUT ||
           (section->data_element_output == RDL_OUTPUT_AUTO && report->sections.count > 1);
}
