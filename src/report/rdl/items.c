/* Report items: what all have, and what each kind has. */
#include "report/rdl/reader.h"

#include <math.h>

const struct row item_rows[] = {
    CALL("Style", struct rdl_item, style, read_style),
    CALL("ActionInfo", struct rdl_item, action, read_action_info),
    CALL("Action", struct rdl_item, action, read_action),
    SIZE("Top", struct rdl_item, top_pt), SIZE("Left", struct rdl_item, left_pt),
    VALUE(ROW_SIGNED_SIZE, "Height", struct rdl_item, height_pt),
    VALUE(ROW_SIGNED_SIZE, "Width", struct rdl_item, width_pt),
    VALUE(ROW_INT, "ZIndex", struct rdl_item, z_index),
    CALL("Visibility", struct rdl_item, visibility, read_visibility),
    EXPR("ToolTip", struct rdl_item, tool_tip),
    EXPR("DocumentMapLabel", struct rdl_item, document_map_label),
    EXPR("Label", struct rdl_item, document_map_label),
    EXPR("Bookmark", struct rdl_item, bookmark),
    TEXT("RepeatWith", struct rdl_item, repeat_with),
    LIST("CustomProperties", struct rdl_item, custom_properties, "CustomProperty", struct rdl_custom_property,
         read_custom_property),
    TEXT("DataElementName", struct rdl_item, data_element_name),
    ENUM("DataElementOutput", struct rdl_item, data_element_output, rdl_outputs),
    SKIP("LinkToChild"), SKIP("Custom"), SKIP("ComponentMetadata"), END,
};

rs_status read_item_rows(struct reader *r, const struct xml_node *node, struct rdl_item *item, void *special,
                         const struct row *rows)
{
    const struct xml_node *overlay[2] = {r->overlay[0], r->overlay[1]};

    r->overlay[0] = r->overlay[1] = NULL; /* for this item, not for those inside */
    /* The kind's own meaning of an element goes first: <LinkToChild>, <DataElementOutput>. */
    if (rows)
        RS_TRY(reader_rows(r, node, special, rows, item, item_rows));
    else
        RS_TRY(reader_one(r, node, item, item_rows));
    for (int i = 0; i < 2; i++)
        if (overlay[i])
            RS_TRY(read_style(r, overlay[i], &item->style));
    return RS_OK;
}

/* ---- line, rectangle ------------------------------------------------------------------------ */

static rs_status read_line(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    item->width_pt = item->height_pt = 0;
    return read_item_rows(r, node, item, NULL, NULL);
}

static const struct row rectangle_rows[] = {
    CALL("ReportItems", struct rdl_rectangle, items, read_items),
    CALL("PageBreak", struct rdl_rectangle, page_break, read_page_break),
    CALL("PageBreakAtStart", struct rdl_rectangle, page_break, read_break_at_start),
    CALL("PageBreakAtEnd", struct rdl_rectangle, page_break, read_break_at_end),
    EXPR("PageName", struct rdl_rectangle, page_name),
    BOOL("KeepTogether", struct rdl_rectangle, keep_together),
    BOOL("OmitBorderOnPageBreak", struct rdl_rectangle, omit_border_on_page_break),
    TEXT("LinkToChild", struct rdl_rectangle, link_to_child), END,
};

static rs_status read_rectangle(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    item->rectangle = RS_NEW(r->job, struct rdl_rectangle);
    return read_item_rows(r, node, item, item->rectangle, rectangle_rows);
}

/* ---- text box ------------------------------------------------------------------------------- */

/* While a text box is read: what must be known before it is complete. */
struct textbox_parts {
    struct rdl_textbox box;
    struct rdl_expr value; /* of 2005: the whole content */
    int style_of_element;  /* DataElementStyle: 0 Auto, 1 Attribute, 2 Element */
};

static const struct row text_run_rows[] = {
    EXPR("Value", struct rdl_text_run, value), EXPR("Label", struct rdl_text_run, label),
    EXPR("MarkupType", struct rdl_text_run, markup_type), EXPR("ToolTip", struct rdl_text_run, tool_tip),
    CALL("Style", struct rdl_text_run, style, read_style),
    CALL("ActionInfo", struct rdl_text_run, action, read_action_info), END,
};

static rs_status read_text_run(struct reader *r, const struct xml_node *node, void *object)
{
    return reader_one(r, node, object, text_run_rows);
}

static const struct rdl_keyword list_styles[] = {
    {"None", RDL_LIST_NONE}, {"Bulleted", RDL_LIST_BULLETED}, {"Numbered", RDL_LIST_NUMBERED}, {NULL},
};

static const struct row paragraph_rows[] = {
    LIST("TextRuns", struct rdl_paragraph, runs, "TextRun", struct rdl_text_run, read_text_run),
    CALL("Style", struct rdl_paragraph, style, read_style),
    EXPR("LeftIndent", struct rdl_paragraph, left_indent), EXPR("RightIndent", struct rdl_paragraph, right_indent),
    EXPR("HangingIndent", struct rdl_paragraph, hanging_indent),
    EXPR("SpaceBefore", struct rdl_paragraph, space_before), EXPR("SpaceAfter", struct rdl_paragraph, space_after),
    ENUM("ListStyle", struct rdl_paragraph, list_style, list_styles),
    VALUE(ROW_UINT, "ListLevel", struct rdl_paragraph, list_level), END,
};

static rs_status read_paragraph(struct reader *r, const struct xml_node *node, void *object)
{
    struct rdl_paragraph *paragraph = object;

    RS_TRY(reader_one(r, node, paragraph, paragraph_rows));
    if (paragraph->list_level > 9) {
        reader_note(r, RDL_NOTE_REPAIRED, node, "the list level %u is above 9; read as 9", paragraph->list_level);
        paragraph->list_level = 9;
    }
    return RS_OK;
}

static rs_status read_toggle_image(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        EXPR_TYPED("InitialState", struct rdl_textbox, toggle_initial_state, RDL_BOOLEAN), END,
    };
    return reader_one(r, node, object, rows);
}

static rs_status read_user_sort(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        EXPR("SortExpression", struct rdl_textbox, user_sort), TEXT("SortExpressionScope", struct rdl_textbox, user_sort_scope),
        TEXT("SortTarget", struct rdl_textbox, user_sort_target), END,
    };
    return reader_one(r, node, object, rows);
}

static const struct rdl_keyword element_styles[] = {
    {"Auto", 0}, {"Attribute", 1}, {"Element", 2}, {"AttributeNormal", 1}, {"ElementNormal", 2}, {NULL},
};

static const struct row textbox_rows[] = {
    LIST("Paragraphs", struct textbox_parts, box.paragraphs, "Paragraph", struct rdl_paragraph, read_paragraph),
    EXPR("Value", struct textbox_parts, value),
    BOOL("CanGrow", struct textbox_parts, box.can_grow), BOOL("CanShrink", struct textbox_parts, box.can_shrink),
    BOOL("KeepTogether", struct textbox_parts, box.keep_together),
    TEXT("HideDuplicates", struct textbox_parts, box.hide_duplicates),
    CALL("ToggleImage", struct textbox_parts, box, read_toggle_image),
    CALL("UserSort", struct textbox_parts, box, read_user_sort),
    ENUM("DataElementStyle", struct textbox_parts, style_of_element, element_styles), END,
};

static void one_paragraph(struct reader *r, struct rdl_item *item, struct textbox_parts *parts)
{
    struct rdl_paragraph *paragraph = RS_NEW(r->job, struct rdl_paragraph);

    paragraph->runs.items = RS_NEW(r->job, struct rdl_text_run);
    paragraph->runs.count = 1;
    paragraph->runs.items[0].value = parts->value;
    style_split_text(&item->style, &paragraph->style, &paragraph->runs.items[0].style);
    parts->box.paragraphs.items = paragraph;
    parts->box.paragraphs.count = 1;
}

static rs_status read_textbox(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    struct textbox_parts parts = {0};

    RS_TRY(read_item_rows(r, node, item, &parts, textbox_rows));
    if (parts.box.paragraphs.count == 0)
        one_paragraph(r, item, &parts);
    parts.box.data_element_style_is_attribute =
        parts.style_of_element == 0 ? r->styles_are_attributes : parts.style_of_element == 1;
    item->textbox = RS_NEW(r->job, struct rdl_textbox);
    *item->textbox = parts.box;
    return RS_OK;
}

/* ---- image, subreport ----------------------------------------------------------------------- */

static const struct rdl_keyword sizings[] = {
    {"AutoSize", RDL_SIZE_AUTO}, {"Fit", RDL_SIZE_FIT}, {"FitProportional", RDL_SIZE_FIT_PROPORTIONAL},
    {"Clip", RDL_SIZE_CLIP}, {NULL},
};

static const struct row image_rows[] = {
    ENUM("Source", struct rdl_image, source, rdl_image_sources), EXPR("Value", struct rdl_image, value),
    EXPR("MIMEType", struct rdl_image, mime_type), ENUM("Sizing", struct rdl_image, sizing, sizings), END,
};

static rs_status read_image(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    item->image = RS_NEW(r->job, struct rdl_image);
    RS_TRY(read_item_rows(r, node, item, item->image, image_rows));
    if (!reader_child(r, node, "Source"))
        return reader_fail(r, node, "<Image> has no <Source>");
    return RS_OK;
}

static const struct row subreport_rows[] = {
    TEXT("ReportName", struct rdl_subreport, report_name),
    LIST("Parameters", struct rdl_subreport, parameters, "Parameter", struct rdl_drill_parameter, read_drill_parameter),
    EXPR("NoRowsMessage", struct rdl_subreport, no_rows_message), EXPR("NoRows", struct rdl_subreport, no_rows_message),
    BOOL("KeepTogether", struct rdl_subreport, keep_together), SKIP("MergeTransactions"), SKIP("OmitBorderOnPageBreak"), END,
};

static rs_status read_subreport(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    item->subreport = RS_NEW(r->job, struct rdl_subreport);
    RS_TRY(read_item_rows(r, node, item, item->subreport, subreport_rows));
    if (rs_text_is_empty(item->subreport->report_name))
        return reader_fail(r, node, "<Subreport> has no <ReportName>");
    return RS_OK;
}

/* ---- chart, gauge panel, map, custom report item -------------------------------------------- */

static const struct row opaque_rows[] = {
    TEXT("DataSetName", struct rdl_opaque, data_set_name),
    EXPR("NoRowsMessage", struct rdl_opaque, no_rows_message), EXPR("NoRows", struct rdl_opaque, no_rows_message), END,
};

static const struct row custom_rows[] = {
    TEXT("Type", struct rdl_opaque, element),
    CALL("AltReportItem", struct rdl_opaque, alternative, read_items), SKIP("CustomData"), END,
};

/* Reads the rows it knows; everything else these items have is left alone. */
static rs_status read_known(struct reader *r, const struct xml_node *node, void *object, const struct row *rows)
{
    struct xml_node known = *node;
    struct xml_node *last = NULL;

    known.first_child = NULL;
    xml_each_child (child, node) {
        const struct row *row = rows;
        while (row->element && !reader_same(child->name, row->element))
            row++;
        if (!row->element || !reader_is_rdl(r, child))
            continue;
        struct xml_node *copy = RS_NEW(r->job, struct xml_node);
        *copy = *child;
        copy->next = NULL;
        if (last)
            last->next = copy;
        else
            known.first_child = copy;
        last = copy;
    }
    return reader_one(r, &known, object, rows);
}

static rs_status read_opaque(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    item->opaque = RS_NEW(r->job, struct rdl_opaque);
    item->opaque->element = node->name;
    RS_TRY(read_known(r, node, item, item_rows));
    RS_TRY(read_known(r, node, item->opaque, opaque_rows));
    reader_note(r, RDL_NOTE_UNSUPPORTED, node, "<%.*s> is not supported yet; a note stands in its place", RS_TEXT_ARG(node->name));
    return RS_OK;
}

static rs_status read_custom(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    const struct xml_node *data = reader_child(r, node, "CustomData");

    item->opaque = RS_NEW(r->job, struct rdl_opaque);
    RS_TRY(read_item_rows(r, node, item, item->opaque, custom_rows));
    if (data && reader_child(r, data, "DataSetName"))
        item->opaque->data_set_name = reader_keep(r, reader_child(r, data, "DataSetName")->text);
    reader_note(r, RDL_NOTE_UNSUPPORTED, node, "custom report items are not supported; \"%.*s\" is %s",
                RS_TEXT_ARG(item->opaque->element),
                item->opaque->alternative.count ? "replaced by its alternative" : "not shown");
    return RS_OK;
}

/* ---- all kinds ------------------------------------------------------------------------------ */

static const struct {
    const char *element;
    enum rdl_item_kind kind;
    item_call *read;
} kinds[] = {
    {"Textbox", RDL_TEXTBOX, read_textbox},
    {"Tablix", RDL_TABLIX, read_tablix},
    {"Rectangle", RDL_RECTANGLE, read_rectangle},
    {"Line", RDL_LINE, read_line},
    {"Image", RDL_IMAGE, read_image},
    {"Table", RDL_TABLIX, read_old_table},
    {"Matrix", RDL_TABLIX, read_old_matrix},
    {"List", RDL_TABLIX, read_old_list},
    {"Subreport", RDL_SUBREPORT, read_subreport},
    {"Chart", RDL_CHART, read_opaque},
    {"GaugePanel", RDL_GAUGE_PANEL, read_opaque},
    {"Map", RDL_MAP, read_opaque},
    {"CustomReportItem", RDL_CUSTOM, read_custom},
};

struct rdl_item *item_create(struct reader *r, const struct xml_node *node, enum rdl_item_kind kind)
{
    struct rdl_item *item = RS_NEW(r->job, struct rdl_item);

    item->kind = kind;
    item->line = node->line;
    item->number = (unsigned)r->items.count;
    item->width_pt = item->height_pt = NAN; /* until settled */
    rs_vec_push(r->job, &r->items, item);
    if (r->copying)
        rs_vec_push(r->job, &r->copies, item);
    return item;
}

static rs_status read_known_item(struct reader *r, const struct xml_node *node, size_t kind, struct rdl_item *item)
{
    item->name = reader_attribute(node, "Name");
    if (rs_text_is_empty(item->name))
        return reader_fail(r, node, "<%.*s> has no Name", RS_TEXT_ARG(node->name));
    RS_TRY(kinds[kind].read(r, node, item));
    if (item->kind != RDL_LINE && (item->width_pt < 0 || item->height_pt < 0)) {
        reader_note(r, RDL_NOTE_REPAIRED, node, "the width or height is below zero; read as zero");
        item->width_pt = item->width_pt < 0 ? 0 : item->width_pt;
        item->height_pt = item->height_pt < 0 ? 0 : item->height_pt;
    }
    return RS_OK;
}

rs_status read_item(struct reader *r, const struct xml_node *node, struct rdl_item **out)
{
    const struct rdl_item *around = r->item;
    size_t kind = 0;
    struct rdl_item *item;

    *out = NULL;
    while (kind < sizeof kinds / sizeof kinds[0] && !reader_same(node->name, kinds[kind].element))
        kind++;
    if (kind == sizeof kinds / sizeof kinds[0] || !reader_is_rdl(r, node))
        return RS_OK;
    if (r->items.count >= RDL_ITEMS_MAX)
        return reader_over(r, node, "report items before it", r->items.count, RDL_ITEMS_MAX);
    item = item_create(r, node, kinds[kind].kind);
    r->item = item;
    if (read_known_item(r, node, kind, item) != RS_OK) {
        rs_within(r->job, "%s \"%.*s\"", rdl_item_kind_name(item->kind), RS_TEXT_ARG(item->name));
        return rs_job_status(r->job);
    }
    r->item = around;
    *out = item;
    return RS_OK;
}

rs_status read_items(struct reader *r, const struct xml_node *node, void *object)
{
    rdl_items *items = object;
    size_t room = 0;
    void *memory;

    xml_each_child (child, node)
        room++;
    if (room == 0)
        return RS_OK;
    RS_TRY(rs_try_alloc(r->job, room, sizeof *items->items, &memory));
    items->items = memory;
    items->count = 0;
    xml_each_child (child, node) {
        struct rdl_item *item;
        RS_TRY(read_item(r, child, &item));
        if (item)
            items->items[items->count++] = item;
        else if (reader_is_rdl(r, child))
            reader_note(r, RDL_NOTE_UNKNOWN, child, "<%.*s> is no report item; it is ignored", RS_TEXT_ARG(child->name));
    }
    return RS_OK;
}

rs_status read_only_item(struct reader *r, const struct xml_node *parent, struct rdl_item **out)
{
    const struct xml_node *holder = reader_child(r, parent, "ReportItems");
    rdl_items items = {0};

    *out = NULL;
    if (!holder)
        return RS_OK;
    RS_TRY(read_items(r, holder, &items));
    if (items.count > 1)
        return reader_fail(r, holder, "<%.*s> holds %zu report items; at most one is allowed", RS_TEXT_ARG(parent->name),
                           items.count);
    *out = items.count ? items.items[0] : NULL;
    return RS_OK;
}
