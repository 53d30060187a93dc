/* Parts that many elements have: visibility, actions, page breaks, filters, sorts, variables, groups. */
#include "report/rdl/reader.h"

const struct rdl_keyword rdl_autos[] = {
    {"Auto", RDL_AUTO}, {"True", RDL_TRUE}, {"False", RDL_FALSE}, {"1", RDL_TRUE}, {"0", RDL_FALSE}, {NULL},
};

const struct rdl_keyword rdl_outputs[] = {
    {"Auto", RDL_OUTPUT_AUTO}, {"Output", RDL_OUTPUT}, {"NoOutput", RDL_NO_OUTPUT}, {"ContentsOnly", RDL_CONTENTS_ONLY}, {NULL},
};

/* ---- visibility ----------------------------------------------------------------------------- */

static const struct row visibility_rows[] = {
    EXPR_TYPED("Hidden", struct rdl_visibility, hidden, RDL_BOOLEAN),
    TEXT("ToggleItem", struct rdl_visibility, toggle_item), END,
};

rs_status read_visibility(struct reader *r, const struct xml_node *node, void *object)
{
    return reader_one(r, node, object, visibility_rows);
}

/* ---- actions -------------------------------------------------------------------------------- */

static const struct row drill_parameter_rows[] = {
    EXPR("Value", struct rdl_drill_parameter, value),
    EXPR_TYPED("Omit", struct rdl_drill_parameter, omit, RDL_BOOLEAN), END,
};

rs_status read_drill_parameter(struct reader *r, const struct xml_node *node, void *object)
{
    struct rdl_drill_parameter *parameter = object;

    parameter->name = reader_attribute(node, "Name");
    if (rs_text_is_empty(parameter->name))
        return reader_fail(r, node, "<Parameter> has no Name");
    return reader_one(r, node, parameter, drill_parameter_rows);
}

static const struct row drillthrough_rows[] = {
    EXPR("ReportName", struct rdl_action, drillthrough_report),
    LIST("Parameters", struct rdl_action, drillthrough_parameters, "Parameter", struct rdl_drill_parameter,
         read_drill_parameter),
    SKIP("BookmarkLink"), END,
};

static rs_status read_drillthrough(struct reader *r, const struct xml_node *node, void *object)
{
    struct rdl_action *action = object;

    RS_TRY(reader_one(r, node, action, drillthrough_rows));
    if (!action->drillthrough_report.present)
        return reader_fail(r, node, "<Drillthrough> has no <ReportName>");
    return RS_OK;
}

static const struct row action_rows[] = {
    EXPR("Hyperlink", struct rdl_action, hyperlink), EXPR("BookmarkLink", struct rdl_action, bookmark_link),
    CALL_ON("Drillthrough", read_drillthrough), SKIP("Label"), END,
};

rs_status read_action(struct reader *r, const struct xml_node *node, void *object)
{
    struct rdl_action *action = object;

    if (action->present) { /* several actions exist on charts and maps only */
        reader_note(r, RDL_NOTE_REPAIRED, node, "only the first action of an item is used");
        return RS_OK;
    }
    action->line = node->line;
    RS_TRY(reader_one(r, node, action, action_rows));
    action->present = action->hyperlink.present || action->bookmark_link.present || action->drillthrough_report.present;
    return RS_OK;
}

static rs_status read_actions(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {REPEAT_ON("Action", read_action), END};

    return reader_one(r, node, object, rows);
}

rs_status read_action_info(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {CALL_ON("Actions", read_actions), SKIP("LayoutDirection"), SKIP("Style"), END};

    return reader_one(r, node, object, rows);
}

/* ---- page breaks ---------------------------------------------------------------------------- */

static const struct rdl_keyword break_locations[] = {
    {"None", RDL_BREAK_NONE}, {"Start", RDL_BREAK_START}, {"End", RDL_BREAK_END},
    {"StartAndEnd", RDL_BREAK_START_AND_END}, {"Between", RDL_BREAK_BETWEEN}, {NULL},
};

static const struct row page_break_rows[] = {
    ENUM("BreakLocation", struct rdl_page_break, location, break_locations),
    EXPR_TYPED("Disabled", struct rdl_page_break, disabled, RDL_BOOLEAN),
    EXPR_TYPED("ResetPageNumber", struct rdl_page_break, reset_page_number, RDL_BOOLEAN), END,
};

rs_status read_page_break(struct reader *r, const struct xml_node *node, void *object)
{
    return reader_one(r, node, object, page_break_rows);
}

static rs_status add_break(struct reader *r, const struct xml_node *node, struct rdl_page_break *page_break,
                           enum rdl_break side, enum rdl_break other)
{
    if (rdl_keyword_parse(rdl_booleans, node->text, 0))
        page_break->location = page_break->location == other ? RDL_BREAK_START_AND_END : side;
    (void)r;
    return RS_OK;
}

rs_status read_break_at_start(struct reader *r, const struct xml_node *node, void *object)
{
    return add_break(r, node, object, RDL_BREAK_START, RDL_BREAK_END);
}

rs_status read_break_at_end(struct reader *r, const struct xml_node *node, void *object)
{
    return add_break(r, node, object, RDL_BREAK_END, RDL_BREAK_START);
}

/* ---- filters, sorts, variables, custom properties ------------------------------------------- */

static const struct rdl_keyword operators[] = {
    {"Equal", RDL_EQUAL}, {"Like", RDL_LIKE}, {"NotEqual", RDL_NOT_EQUAL}, {"GreaterThan", RDL_GREATER},
    {"GreaterThanOrEqual", RDL_GREATER_EQUAL}, {"LessThan", RDL_LESS}, {"LessThanOrEqual", RDL_LESS_EQUAL},
    {"TopN", RDL_TOP_N}, {"BottomN", RDL_BOTTOM_N}, {"TopPercent", RDL_TOP_PERCENT},
    {"BottomPercent", RDL_BOTTOM_PERCENT}, {"In", RDL_IN}, {"Between", RDL_BETWEEN}, {NULL},
};

static const struct row filter_rows[] = {
    EXPR("FilterExpression", struct rdl_filter, expression), ENUM("Operator", struct rdl_filter, op, operators),
    LIST("FilterValues", struct rdl_filter, values, "FilterValue", struct rdl_expr, reader_expr), END,
};

rs_status read_filter(struct reader *r, const struct xml_node *node, void *object)
{
    struct rdl_filter *filter = object;

    RS_TRY(reader_one(r, node, filter, filter_rows));
    if (!filter->expression.present || !reader_child(r, node, "Operator"))
        return reader_fail(r, node, "<Filter> has no <%s>", filter->expression.present ? "Operator" : "FilterExpression");
    if (filter->values.count == 0 || (filter->op == RDL_BETWEEN && filter->values.count != 2))
        return reader_fail(r, node, "<Filter> has %zu <FilterValue>; its operator needs %s", filter->values.count,
                           filter->op == RDL_BETWEEN ? "2" : "one");
    return RS_OK;
}

static const struct rdl_keyword sort_directions[] = {{"Ascending", 0}, {"Descending", 1}, {NULL}};

static rs_status read_sort_as(struct reader *r, const struct xml_node *node, struct rdl_sort *sort,
                              const struct row *rows, const char *value)
{
    RS_TRY(reader_one(r, node, sort, rows));
    return sort->value.present ? RS_OK : reader_fail(r, node, "<%.*s> has no <%s>", RS_TEXT_ARG(node->name), value);
}

rs_status read_sort(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        EXPR("Value", struct rdl_sort, value), FLAG("Direction", struct rdl_sort, descending, sort_directions), END,
    };
    return read_sort_as(r, node, object, rows, "Value");
}

rs_status read_old_sort(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        EXPR("SortExpression", struct rdl_sort, value), FLAG("Direction", struct rdl_sort, descending, sort_directions), END,
    };
    return read_sort_as(r, node, object, rows, "SortExpression");
}

rs_status read_variable(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        EXPR("Value", struct rdl_variable, value), BOOL("Writable", struct rdl_variable, writable), END,
    };
    struct rdl_variable *variable = object;

    variable->name = reader_attribute(node, "Name");
    if (rs_text_is_empty(variable->name))
        return reader_fail(r, node, "<Variable> has no Name");
    return reader_one(r, node, variable, rows);
}

rs_status read_custom_property(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        EXPR("Name", struct rdl_custom_property, name), EXPR("Value", struct rdl_custom_property, value), END,
    };
    return reader_one(r, node, object, rows);
}

/* ---- groups --------------------------------------------------------------------------------- */

static const struct row group_rows[] = {
    LIST("GroupExpressions", struct rdl_group, expressions, "GroupExpression", struct rdl_expr, reader_expr),
    LIST("Filters", struct rdl_group, filters, "Filter", struct rdl_filter, read_filter),
    EXPR("Parent", struct rdl_group, parent),
    LIST("Variables", struct rdl_group, variables, "Variable", struct rdl_variable, read_variable),
    CALL("PageBreak", struct rdl_group, page_break, read_page_break),
    CALL("PageBreakAtStart", struct rdl_group, page_break, read_break_at_start),
    CALL("PageBreakAtEnd", struct rdl_group, page_break, read_break_at_end),
    EXPR("PageName", struct rdl_group, page_name),
    EXPR("DocumentMapLabel", struct rdl_group, document_map_label),
    EXPR("Label", struct rdl_group, document_map_label),
    TEXT("DomainScope", struct rdl_group, domain_scope),
    TEXT("DataElementName", struct rdl_group, data_element_name),
    ENUM("DataElementOutput", struct rdl_group, data_element_output, rdl_outputs),
    TEXT("DataCollectionName", struct rdl_group, data_collection_name),
    SKIP("ReGroupExpressions"), SKIP("CustomProperties"), SKIP("Custom"), END,
};

rs_status read_group_into(struct reader *r, const struct xml_node *node, void *object)
{
    return reader_one(r, node, object, group_rows);
}

/* A group without name (2005 allows it for lists and details) gets one in the end, see settle.c. */
struct rdl_group *group_create(struct reader *r, const struct xml_node *node)
{
    struct rdl_group *group = RS_NEW(r->job, struct rdl_group);

    group->line = node->line;
    group->is_copy = r->copying > 0;
    rs_vec_push(r->job, &r->groups, group);
    return group;
}

rs_status read_group(struct reader *r, const struct xml_node *node, struct rdl_group **out)
{
    *out = group_create(r, node);
    (*out)->name = reader_attribute(node, "Name");
    if (read_group_into(r, node, *out) != RS_OK) {
        rs_within(r->job, "group \"%.*s\"", RS_TEXT_ARG((*out)->name));
        return rs_job_status(r->job);
    }
    return RS_OK;
}
