/* <Table> of 2000 and 2005: a tablix without headers. Table header, groups from the outside in with header and footer
 * rows, details, table footer become row members in this shape:
 *
 *     static header rows (keep after)
 *     group 1
 *         static header rows (keep after)
 *         group 2 ... details
 *         static footer rows (keep before)
 *     static footer rows (keep before)
 */
#include "report/rdl/reader.h"

RS_VEC_TYPE(struct rdl_member, member_vec);
RS_VEC_TYPE(const struct xml_node *, node_vec);

struct table {
    struct rdl_tablix *tablix;
    const struct xml_node *node;
    struct node_vec rows;   /* <TableRow>, in the order of the leaves */
};

/* ---- members -------------------------------------------------------------------------------- */

/* The members of <TableRows> in `holder` (Header, Footer, Details), one per row. */
static rs_status add_rows(struct reader *r, struct table *t, const struct xml_node *holder, enum rdl_keep_with keep,
                          struct member_vec *members)
{
    const struct xml_node *rows = holder ? reader_child(r, holder, "TableRows") : NULL, *flag, *visibility;
    bool repeat = false, fixed = false;

    if (!rows)
        return RS_OK;
    if ((flag = reader_child(r, holder, "RepeatOnNewPage")))
        repeat = rdl_keyword_parse(rdl_booleans, flag->text, 0);
    if ((flag = reader_child(r, holder, "FixedHeader")))
        fixed = rdl_keyword_parse(rdl_booleans, flag->text, 0);
    reader_each (r, row, rows, "TableRow") {
        struct rdl_member *member = rs_vec_add(r->job, members);
        member->line = row->line;
        member->keep_with_group = keep;
        member->repeat_on_new_page = repeat;
        member->fixed_data = fixed;
        if ((visibility = reader_child(r, row, "Visibility")))
            RS_TRY(read_visibility(r, visibility, &member->visibility));
        rs_vec_push(r->job, &t->rows, row);
    }
    return RS_OK;
}

static rs_status read_group_parts(struct reader *r, const struct xml_node *node, struct rdl_member *member)
{
    static const struct row rows[] = {
        LIST("Sorting", struct rdl_member, sorts, "SortBy", struct rdl_sort, read_old_sort),
        CALL("Visibility", struct rdl_member, visibility, read_visibility),
        SKIP("Grouping"), SKIP("Header"), SKIP("Footer"), SKIP("TableRows"), END,
    };
    const struct xml_node *grouping = reader_child(r, node, "Grouping");

    member->line = node->line;
    if (grouping)
        RS_TRY(read_group(r, grouping, &member->group));
    else
        member->group = group_create(r, node);
    return reader_one(r, node, member, rows);
}

static void take_members(struct rdl_member *member, const struct member_vec *members)
{
    member->members.items = members->items;
    member->members.count = members->count;
}

/* What the table says of its details where their <Grouping> says nothing. */
static void name_details(struct reader *r, const struct xml_node *table, const char *element, const char *otherwise, rs_text *name)
{
    rs_text given = rs_text_trim(xml_child_text(table, element));

    if (rs_text_is_empty(*name))
        *name = rs_text_is_empty(given) ? rs_text_from(otherwise) : reader_keep(r, given);
}

static rs_status add_details(struct reader *r, struct table *t, struct member_vec *out)
{
    const struct xml_node *details = reader_child(r, t->node, "Details");
    struct member_vec rows = {0};
    struct rdl_member member = {0};

    if (!details)
        return RS_OK;
    RS_TRY(add_rows(r, t, details, RDL_KEEP_NONE, &rows));
    if (rows.count == 0)
        return RS_OK;
    RS_TRY(read_group_parts(r, details, &member));
    name_details(r, t->node, "DetailDataElementName", "Details", &member.group->data_element_name);
    name_details(r, t->node, "DetailDataCollectionName", "Details_Collection", &member.group->data_collection_name);
    if (rows.count > 1 || rows.items[0].visibility.hidden.present || rows.items[0].visibility.toggle_item.size)
        take_members(&member, &rows);
    rs_vec_push(r->job, out, member);
    return RS_OK;
}

/* The group that <TableGroup> `group` makes, with all that is inside it. */
static rs_status add_groups(struct reader *r, struct table *t, const struct xml_node *group, struct member_vec *out,
                            unsigned depth)
{
    struct member_vec inside = {0};
    struct rdl_member member = {0};

    while (group && !(reader_is_rdl(r, group) && xml_is(group, "TableGroup")))
        group = group->next;
    if (!group)
        return add_details(r, t, out);
    if (depth >= RDL_MEMBER_DEPTH_MAX)
        return reader_over(r, group, "groups around it", depth, RDL_MEMBER_DEPTH_MAX);
    if (!reader_child(r, group, "Grouping"))
        return reader_fail(r, group, "<TableGroup> has no <Grouping>");
    RS_TRY(read_group_parts(r, group, &member));
    RS_TRY(add_rows(r, t, reader_child(r, group, "Header"), RDL_KEEP_AFTER, &inside));
    RS_TRY(add_groups(r, t, group->next, &inside, depth + 1));
    RS_TRY(add_rows(r, t, reader_child(r, group, "Footer"), RDL_KEEP_BEFORE, &inside));
    if (inside.count == 0)
        return RS_OK; /* a group without rows shows nothing */
    take_members(&member, &inside);
    rs_vec_push(r->job, out, member);
    return RS_OK;
}

static rs_status read_row_members(struct reader *r, struct table *t)
{
    const struct xml_node *groups = reader_child(r, t->node, "TableGroups");
    struct member_vec members = {0};

    RS_TRY(add_rows(r, t, reader_child(r, t->node, "Header"), RDL_KEEP_AFTER, &members));
    RS_TRY(add_groups(r, t, groups ? groups->first_child : NULL, &members, 0));
    RS_TRY(add_rows(r, t, reader_child(r, t->node, "Footer"), RDL_KEEP_BEFORE, &members));
    t->tablix->row_members.items = members.items;
    t->tablix->row_members.count = members.count;
    return RS_OK;
}

/* ---- columns and cells ---------------------------------------------------------------------- */

struct table_column {
    double width_pt;
    struct rdl_visibility visibility;
    bool fixed;
};

static rs_status read_columns(struct reader *r, struct table *t, const struct xml_node *columns)
{
    static const struct row rows[] = {
        SIZE("Width", struct table_column, width_pt), CALL("Visibility", struct table_column, visibility, read_visibility),
        BOOL("FixedHeader", struct table_column, fixed), END,
    };
    size_t count = t->tablix->column_widths_pt.count, at = 0;
    struct rdl_member *members = RS_NEW_ARRAY(r->job, struct rdl_member, count);

    reader_each (r, column, columns, "TableColumn") {
        struct table_column c = {0};
        RS_TRY(reader_one(r, column, &c, rows));
        t->tablix->column_widths_pt.items[at] = c.width_pt;
        members[at].line = column->line;
        members[at].visibility = c.visibility;
        members[at].fixed_data = c.fixed;
        at++;
    }
    t->tablix->column_members.items = members;
    t->tablix->column_members.count = count;
    return RS_OK;
}

struct table_cell {
    unsigned span;
};

static rs_status read_row(struct reader *r, const struct xml_node *node, struct rdl_tablix_row *row)
{
    static const struct row cell_rows[] = {VALUE(ROW_UINT, "ColSpan", struct table_cell, span), SKIP("ReportItems"), END};
    const struct xml_node *cells = reader_child(r, node, "TableCells"), *height = reader_child(r, node, "Height");
    size_t column = 0;

    if (height)
        RS_TRY(reader_size(r, height, false, &row->height_pt));
    reader_each (r, cell, cells, "TableCell") {
        struct table_cell c = {1};
        RS_TRY(reader_one(r, cell, &c, cell_rows));
        c.span = c.span ? c.span : 1;
        if (column >= row->cells.count || c.span > row->cells.count - column)
            return reader_fail(r, cell, "the cells of the row reach over %zu columns, but the table has %zu",
                               column + c.span, row->cells.count);
        RS_TRY(read_only_item(r, cell, &row->cells.items[column].item));
        row->cells.items[column].column_span = c.span;
        column += c.span;
    }
    if (column != row->cells.count)
        return reader_fail(r, node, "the cells of the row reach over %zu columns, but the table has %zu", column, row->cells.count);
    return RS_OK;
}

rs_status read_old_table(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    const struct xml_node *columns = reader_child(r, node, "TableColumns");
    struct rdl_tablix *tablix = item->tablix = RS_NEW(r->job, struct rdl_tablix);
    struct table t = {.tablix = tablix, .node = node};
    unsigned leaves;

    RS_TRY(read_item_rows(r, node, item, tablix, tablix_common_rows));
    RS_TRY(read_row_members(r, &t));
    RS_TRY(tablix_number_members(r, node, &tablix->row_members, &leaves));
    RS_TRY(tablix_allocate_cells(r, node, tablix, leaves, reader_count(r, columns, "TableColumn")));
    RS_TRY(read_columns(r, &t, columns));
    for (size_t row = 0; row < t.rows.count; row++)
        RS_TRY(read_row(r, t.rows.items[row], &tablix->rows.items[row]));
    tablix_cover(r, node, tablix);
    return tablix_number_members(r, node, &tablix->column_members, &leaves);
}
