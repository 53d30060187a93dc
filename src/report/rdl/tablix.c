/* Tablix as it is since 2008, and what the converted data regions of before share with it: cells, members, header levels. */
#include "report/rdl/reader.h"

#include <math.h>

static const struct rdl_keyword layout_directions[] = {{"LTR", 0}, {"RTL", 1}, {NULL}};

const struct row tablix_common_rows[] = {
    TEXT("DataSetName", struct rdl_tablix, data_set_name),
    LIST("Filters", struct rdl_tablix, filters, "Filter", struct rdl_filter, read_filter),
    LIST("SortExpressions", struct rdl_tablix, sorts, "SortExpression", struct rdl_sort, read_sort),
    CALL("PageBreak", struct rdl_tablix, page_break, read_page_break),
    CALL("PageBreakAtStart", struct rdl_tablix, page_break, read_break_at_start),
    CALL("PageBreakAtEnd", struct rdl_tablix, page_break, read_break_at_end),
    EXPR("PageName", struct rdl_tablix, page_name),
    EXPR("NoRowsMessage", struct rdl_tablix, no_rows_message), EXPR("NoRows", struct rdl_tablix, no_rows_message),
    BOOL("KeepTogether", struct rdl_tablix, keep_together),
    FLAG("LayoutDirection", struct rdl_tablix, right_to_left, layout_directions),
    VALUE(ROW_UINT, "GroupsBeforeRowHeaders", struct rdl_tablix, groups_before_row_headers),
    BOOL("RepeatColumnHeaders", struct rdl_tablix, repeat_column_headers),
    BOOL("RepeatRowHeaders", struct rdl_tablix, repeat_row_headers),
    BOOL("FixedColumnHeaders", struct rdl_tablix, fixed_column_headers),
    BOOL("FixedRowHeaders", struct rdl_tablix, fixed_row_headers),
    BOOL("OmitBorderOnPageBreak", struct rdl_tablix, omit_border_on_page_break),
    /* Read elsewhere, or of 2005 and without meaning here. */
    SKIP("TablixBody"), SKIP("TablixCorner"), SKIP("TablixRowHierarchy"), SKIP("TablixColumnHierarchy"),
    SKIP("TableColumns"), SKIP("Header"), SKIP("TableGroups"), SKIP("Details"), SKIP("Footer"), SKIP("FillPage"),
    SKIP("RowGroupings"), SKIP("ColumnGroupings"), SKIP("MatrixRows"), SKIP("MatrixColumns"), SKIP("Corner"),
    SKIP("CellDataElementName"), SKIP("CellDataElementOutput"), SKIP("Grouping"), SKIP("Sorting"), SKIP("ReportItems"),
    SKIP("DataInstanceName"), SKIP("DataInstanceElementOutput"), SKIP("DetailDataElementName"),
    SKIP("DetailDataCollectionName"), SKIP("DetailDataElementOutput"), END,
};

/* ---- cells ---------------------------------------------------------------------------------- */

rs_status tablix_allocate_cells(struct reader *r, const struct xml_node *node, struct rdl_tablix *tablix, size_t rows,
                                size_t columns)
{
    void *memory;

    if (columns == 0 || rows == 0)
        return reader_fail(r, node, "<%.*s> has no %s", RS_TEXT_ARG(node->name), columns ? "rows" : "columns");
    if (columns > RDL_COLUMNS_MAX)
        return reader_over(r, node, "columns", columns, RDL_COLUMNS_MAX);
    if (rows > RDL_ROWS_MAX)
        return reader_over(r, node, "rows", rows, RDL_ROWS_MAX);
    if (rows * columns > RDL_CELLS_MAX)
        return reader_over(r, node, "cells", rows * columns, RDL_CELLS_MAX);
    r->cell_count += rows * columns;
    if (r->cell_count > RDL_ALL_CELLS_MAX)
        return reader_over(r, node, "cells with those of data regions before it", r->cell_count, RDL_ALL_CELLS_MAX);
    tablix->column_widths_pt.items = RS_NEW_ARRAY(r->job, double, columns);
    tablix->column_widths_pt.count = columns;
    tablix->rows.items = RS_NEW_ARRAY(r->job, struct rdl_tablix_row, rows);
    tablix->rows.count = rows;
    RS_TRY(rs_try_alloc(r->job, rows * columns, sizeof(struct rdl_cell), &memory));
    for (size_t row = 0; row < rows; row++) {
        tablix->rows.items[row].cells.items = (struct rdl_cell *)memory + row * columns;
        tablix->rows.items[row].cells.count = columns;
        for (size_t column = 0; column < columns; column++)
            tablix->rows.items[row].cells.items[column].column_span =
                tablix->rows.items[row].cells.items[column].row_span = 1;
    }
    return RS_OK;
}

/* Cuts the span of `cell` to the grid and marks what it covers. */
static void cover(struct reader *r, const struct xml_node *node, struct rdl_cell **at, void *grid, size_t row, size_t rows,
                  size_t column, size_t columns, struct rdl_cell *(*cell_at)(void *grid, size_t row, size_t column))
{
    struct rdl_cell *cell = *at;

    if (cell->covered)
        return;
    if (cell->column_span > columns - column || cell->row_span > rows - row) {
        reader_note(r, RDL_NOTE_REPAIRED, node, "a span of %u columns and %u rows reaches outside; it is cut",
                    cell->column_span, cell->row_span);
        if (cell->column_span > columns - column)
            cell->column_span = (unsigned)(columns - column);
        if (cell->row_span > rows - row)
            cell->row_span = (unsigned)(rows - row);
    }
    for (size_t y = row; y < row + cell->row_span; y++)
        for (size_t x = column; x < column + cell->column_span; x++)
            if (x != column || y != row)
                cell_at(grid, y, x)->covered = true;
}

static struct rdl_cell *body_cell(void *grid, size_t row, size_t column)
{
    return &((struct rdl_tablix *)grid)->rows.items[row].cells.items[column];
}

static struct rdl_cell *corner_cell(void *grid, size_t row, size_t column)
{
    struct rdl_tablix *tablix = grid;

    return &tablix->corner[row * tablix->corner_columns + column];
}

void tablix_cover(struct reader *r, const struct xml_node *node, struct rdl_tablix *tablix)
{
    for (size_t row = 0; row < tablix->rows.count; row++)
        for (size_t column = 0; column < tablix->column_widths_pt.count; column++) {
            struct rdl_cell *cell = body_cell(tablix, row, column);
            cover(r, node, &cell, tablix, row, tablix->rows.count, column, tablix->column_widths_pt.count, body_cell);
        }
}

struct contents {
    unsigned column_span, row_span;
};

static const struct row contents_rows[] = {
    VALUE(ROW_UINT, "ColSpan", struct contents, column_span), VALUE(ROW_UINT, "RowSpan", struct contents, row_span), END,
};

/* CellContents: spans and at most one item. Empty elements are what spans cover. */
static rs_status read_cell_contents(struct reader *r, const struct xml_node *node, void *object)
{
    struct rdl_cell *cell = object;
    struct contents spans = {1, 1};

    xml_each_child (child, node) {
        struct rdl_item *item;
        struct xml_node holder = *node, single = *child;
        if (!reader_is_rdl(r, child))
            continue;
        RS_TRY(read_item(r, child, &item));
        if (item && cell->item)
            return reader_fail(r, child, "a cell holds two report items; at most one is allowed");
        if (item) {
            cell->item = item;
            continue;
        }
        single.next = NULL;
        holder.first_child = &single;
        RS_TRY(reader_one(r, &holder, &spans, contents_rows));
    }
    cell->column_span = spans.column_span ? spans.column_span : 1;
    cell->row_span = spans.row_span ? spans.row_span : 1;
    return RS_OK;
}

static const struct row cell_rows[] = {
    CALL_ON("CellContents", read_cell_contents),
    TEXT("DataElementName", struct rdl_cell, data_element_name),
    ENUM("DataElementOutput", struct rdl_cell, data_element_output, rdl_outputs), END,
};

/* ---- body ----------------------------------------------------------------------------------- */

static rs_status read_cells(struct reader *r, const struct xml_node *row_node, struct rdl_tablix_row *row)
{
    const struct xml_node *cells = reader_child(r, row_node, "TablixCells");
    size_t count = reader_count(r, cells, "TablixCell"), at = 0;

    if (count != row->cells.count)
        return reader_fail(r, row_node, "the row has %zu cells, but the tablix has %zu columns", count, row->cells.count);
    reader_each (r, cell, cells, "TablixCell")
        RS_TRY(reader_one(r, cell, &row->cells.items[at++], cell_rows));
    return RS_OK;
}

static rs_status read_body(struct reader *r, const struct xml_node *body, struct rdl_tablix *tablix)
{
    const struct xml_node *columns = reader_child(r, body, "TablixColumns"), *rows = reader_child(r, body, "TablixRows");
    size_t at = 0;
    const struct xml_node *size;

    RS_TRY(tablix_allocate_cells(r, body, tablix, reader_count(r, rows, "TablixRow"), reader_count(r, columns, "TablixColumn")));
    reader_each (r, column, columns, "TablixColumn") {
        if ((size = reader_child(r, column, "Width")))
            RS_TRY(reader_size(r, size, false, &tablix->column_widths_pt.items[at]));
        at++;
    }
    at = 0;
    reader_each (r, row, rows, "TablixRow") {
        if ((size = reader_child(r, row, "Height")))
            RS_TRY(reader_size(r, size, false, &tablix->rows.items[at].height_pt));
        RS_TRY(read_cells(r, row, &tablix->rows.items[at++]));
    }
    tablix_cover(r, body, tablix);
    return RS_OK;
}

/* ---- members -------------------------------------------------------------------------------- */

static const struct rdl_keyword keep_withs[] = {
    {"None", RDL_KEEP_NONE}, {"Before", RDL_KEEP_BEFORE}, {"After", RDL_KEEP_AFTER}, {NULL},
};

static rs_status read_header(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {SIZE("Size", struct rdl_member, header_size_pt), SKIP("CellContents"), END};
    const struct xml_node *contents = reader_child(r, node, "CellContents");
    struct rdl_member *member = object;

    member->header = RS_NEW(r->job, struct rdl_cell);
    member->header->column_span = member->header->row_span = 1;
    RS_TRY(reader_one(r, node, member, rows));
    return contents ? read_cell_contents(r, contents, member->header) : RS_OK;
}

static rs_status read_member_group(struct reader *r, const struct xml_node *node, void *object)
{
    return read_group(r, node, &((struct rdl_member *)object)->group);
}

static reader_call read_member;

static const struct row member_rows[] = {
    CALL_ON("Group", read_member_group),
    LIST("SortExpressions", struct rdl_member, sorts, "SortExpression", struct rdl_sort, read_sort),
    CALL_ON("TablixHeader", read_header),
    LIST("TablixMembers", struct rdl_member, members, "TablixMember", struct rdl_member, read_member),
    CALL("Visibility", struct rdl_member, visibility, read_visibility),
    BOOL("FixedData", struct rdl_member, fixed_data), BOOL("HideIfNoRows", struct rdl_member, hide_if_no_rows),
    BOOL("RepeatOnNewPage", struct rdl_member, repeat_on_new_page), BOOL("KeepTogether", struct rdl_member, keep_together),
    ENUM("KeepWithGroup", struct rdl_member, keep_with_group, keep_withs),
    TEXT("DataElementName", struct rdl_member, data_element_name),
    ENUM("DataElementOutput", struct rdl_member, data_element_output, rdl_outputs),
    SKIP("CustomProperties"), END,
};

static rs_status read_member(struct reader *r, const struct xml_node *node, void *object)
{
    struct rdl_member *member = object;

    member->line = node->line;
    return reader_one(r, node, member, member_rows);
}

static rs_status read_hierarchy(struct reader *r, const struct xml_node *node, rdl_members *members)
{
    static const struct row rows[] = {
        LIST("TablixMembers", struct rdl_member, members, "TablixMember", struct rdl_member, read_member),
        SKIP("EnableDrilldown"), END,
    };
    struct rdl_member top = {0};

    RS_TRY(reader_one(r, node, &top, rows));
    *members = (rdl_members){top.members.items, top.members.count};
    return RS_OK;
}

static rs_status number_members(struct reader *r, const struct xml_node *node, struct rdl_member *members, size_t count,
                                struct rdl_member *parent, unsigned *leaves)
{
    unsigned depth = parent ? parent->depth + 1 : 0;

    if (count && depth >= RDL_MEMBER_DEPTH_MAX)
        return reader_over(r, node, "members inside each other", depth + 1, RDL_MEMBER_DEPTH_MAX);
    for (size_t i = 0; i < count; i++) {
        struct rdl_member *member = &members[i];
        member->number = r->member_count++;
        member->parent = parent;
        member->depth = depth;
        member->first_leaf = *leaves;
        if (member->members.count == 0)
            ++*leaves;
        else
            RS_TRY(number_members(r, node, member->members.items, member->members.count, member, leaves));
        member->leaf_count = *leaves - member->first_leaf;
    }
    return RS_OK;
}

rs_status tablix_number_members(struct reader *r, const struct xml_node *node, rdl_members *members, unsigned *leaves)
{
    *leaves = 0;
    return number_members(r, node, members->items, members->count, NULL, leaves);
}

/* ---- header levels -------------------------------------------------------------------------- */

RS_VEC_TYPE(double, doubles);

/* Headers end at certain distances from the outer edge; the sorted, distinct distances are where the levels end. */
#define SAME_PT 0.1

static rs_status collect_edges(struct reader *r, const struct xml_node *node, const struct rdl_member *members, size_t count,
                               double from, struct doubles *edges)
{
    if (edges->count > RDL_HEADER_LEVELS_MAX)
        return reader_over(r, node, "levels of headers", edges->count, RDL_HEADER_LEVELS_MAX);
    for (size_t i = 0; i < count; i++) {
        double edge = from + (members[i].header ? members[i].header_size_pt : 0);
        size_t at = 0;
        if (edge > SAME_PT) {
            while (at < edges->count && edges->items[at] < edge - SAME_PT)
                at++;
            if (at == edges->count || edges->items[at] > edge + SAME_PT) {
                rs_vec_push(r->job, edges, edge);
                memmove(edges->items + at + 1, edges->items + at, (edges->count - 1 - at) * sizeof edge);
                edges->items[at] = edge;
            }
        }
        RS_TRY(collect_edges(r, node, members[i].members.items, members[i].members.count, edge, edges));
    }
    return RS_OK;
}

static unsigned level_at(const struct doubles *edges, double distance)
{
    unsigned level = 0;

    while (level < edges->count && edges->items[level] < distance + SAME_PT)
        level++;
    return level;
}

static void span_headers(struct rdl_member *members, size_t count, double from, const struct doubles *edges, bool is_row)
{
    for (size_t i = 0; i < count; i++) {
        struct rdl_member *member = &members[i];
        double to = from + (member->header ? member->header_size_pt : 0);
        if (member->header) {
            unsigned levels = level_at(edges, to) - level_at(edges, from);
            unsigned leaves = member->leaf_count;
            member->header->column_span = is_row ? (levels ? levels : 1) : leaves;
            member->header->row_span = is_row ? leaves : (levels ? levels : 1);
        }
        span_headers(member->members.items, member->members.count, to, edges, is_row);
    }
}

static rs_status header_levels(struct reader *r, const struct xml_node *node, rdl_members *members, bool is_row, double **sizes,
                               size_t *count)
{
    struct doubles edges = {0};

    RS_TRY(collect_edges(r, node, members->items, members->count, 0, &edges));
    span_headers(members->items, members->count, 0, &edges, is_row);
    *sizes = RS_NEW_ARRAY(r->job, double, edges.count);
    *count = edges.count;
    for (size_t i = 0; i < edges.count; i++)
        (*sizes)[i] = edges.items[i] - (i ? edges.items[i - 1] : 0);
    return RS_OK;
}

rs_status tablix_header_levels(struct reader *r, const struct xml_node *node, struct rdl_tablix *tablix)
{
    RS_TRY(header_levels(r, node, &tablix->row_members, true, &tablix->row_header_widths_pt.items,
                         &tablix->row_header_widths_pt.count));
    RS_TRY(header_levels(r, node, &tablix->column_members, false, &tablix->column_header_heights_pt.items,
                         &tablix->column_header_heights_pt.count));
    tablix->corner_columns = (unsigned)tablix->row_header_widths_pt.count;
    tablix->corner_rows = (unsigned)tablix->column_header_heights_pt.count;
    if (tablix->corner_rows == 0 || tablix->corner_columns == 0)
        tablix->corner_rows = tablix->corner_columns = 0;
    return RS_OK;
}

/* ---- corner --------------------------------------------------------------------------------- */

static rs_status read_corner(struct reader *r, const struct xml_node *corner, struct rdl_tablix *tablix)
{
    const struct xml_node *rows = corner ? reader_child(r, corner, "TablixCornerRows") : NULL;
    unsigned row_count = tablix->corner_rows, column_count = tablix->corner_columns, row = 0;
    void *memory;

    if (row_count == 0 || !rows)
        return RS_OK;
    if ((size_t)row_count * column_count > RDL_CELLS_MAX)
        return reader_over(r, corner, "cells", (size_t)row_count * column_count, RDL_CELLS_MAX);
    RS_TRY(rs_try_alloc(r->job, (size_t)row_count * column_count, sizeof(struct rdl_cell), &memory));
    tablix->corner = memory;
    for (size_t i = 0; i < (size_t)row_count * column_count; i++)
        tablix->corner[i].column_span = tablix->corner[i].row_span = 1;
    reader_each (r, row_node, rows, "TablixCornerRow") {
        unsigned column = 0;
        reader_each (r, cell, row_node, "TablixCornerCell") {
            struct rdl_cell outside = {.column_span = 1, .row_span = 1};
            bool inside = row < row_count && column < column_count;
            RS_TRY(reader_one(r, cell, inside ? corner_cell(tablix, row, column) : &outside, cell_rows));
            if (outside.item)
                reader_note(r, RDL_NOTE_REPAIRED, cell, "the corner has a cell where no headers meet; it is not shown");
            column++;
        }
        row++;
    }
    for (row = 0; row < row_count; row++)
        for (unsigned column = 0; column < column_count; column++) {
            struct rdl_cell *cell = corner_cell(tablix, row, column);
            cover(r, corner, &cell, tablix, row, row_count, column, column_count, corner_cell);
        }
    return RS_OK;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* A details group has one instance per row: nothing below it can group again. */
static rs_status check_members(struct reader *r, const struct xml_node *node, const struct rdl_member *members, size_t count,
                               bool below_details)
{
    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *member = &members[i];
        bool is_details = member->group && member->group->expressions.count == 0;
        if (below_details && member->group)
            return rs_fail(r->job, RDL_INVALID, "line %u: group \"%.*s\" stands below a details group, which has one row only",
                           member->line, RS_TEXT_ARG(member->group->name));
        RS_TRY(check_members(r, node, member->members.items, member->members.count, below_details || is_details));
    }
    return RS_OK;
}

static rs_status read_axis(struct reader *r, const struct xml_node *node, const char *element, rdl_members *members,
                           size_t expected, const char *things)
{
    const struct xml_node *hierarchy = reader_child(r, node, element);
    unsigned leaves;

    if (!hierarchy)
        return reader_fail(r, node, "<Tablix> has no <%s>", element);
    RS_TRY(read_hierarchy(r, hierarchy, members));
    RS_TRY(tablix_number_members(r, hierarchy, members, &leaves));
    if (leaves != expected)
        return reader_fail(r, hierarchy, "<%s> has %u innermost members, but the body has %zu %s", element, leaves, expected, things);
    return check_members(r, hierarchy, members->items, members->count, false);
}

rs_status read_tablix(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    const struct xml_node *body = reader_child(r, node, "TablixBody");
    struct rdl_tablix *tablix = item->tablix = RS_NEW(r->job, struct rdl_tablix);

    RS_TRY(read_item_rows(r, node, item, tablix, tablix_common_rows));
    if (!body)
        return reader_fail(r, node, "<Tablix> has no <TablixBody>");
    RS_TRY(read_body(r, body, tablix));
    RS_TRY(read_axis(r, node, "TablixColumnHierarchy", &tablix->column_members, tablix->column_widths_pt.count, "columns"));
    RS_TRY(read_axis(r, node, "TablixRowHierarchy", &tablix->row_members, tablix->rows.count, "rows"));
    RS_TRY(tablix_header_levels(r, node, tablix));
    return read_corner(r, reader_child(r, node, "TablixCorner"), tablix);
}
