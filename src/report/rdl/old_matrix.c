/* <Matrix> of 2000 and 2005: every grouping is a level of members with headers. A subtotal is a static member beside its
 * group, before or after it, whose header takes the place of the dynamic levels below, and whose cells are copies: the
 * copies are read from the same XML once more, so that each has its own names, numbers and place.
 */
#include "report/rdl/reader.h"

RS_VEC_TYPE(struct rdl_member, member_vec);

#define LEVELS_MAX RDL_MEMBER_DEPTH_MAX

/* One innermost member: which row (or column) of the file it shows. */
struct leaf {
    size_t source;                  /* index of <MatrixRow> or <MatrixColumn> */
    const struct xml_node *subtotal; /* innermost <Subtotal> around it; NULL for what is not a copy */
};
RS_VEC_TYPE(struct leaf, leaf_vec);

struct level {
    const struct xml_node *node;   /* <RowGrouping> or <ColumnGrouping> */
    const struct xml_node *dynamic; /* <DynamicRows> or <DynamicColumns>; NULL: static */
    const struct xml_node *statics; /* <StaticRows> or <StaticColumns> */
    double size_pt;
};

struct axis {
    const char *grouping, *size, *dynamic, *statics, *one_static;
    struct level levels[LEVELS_MAX];
    unsigned level_count;
    struct leaf_vec leaves;
    bool fixed;
};

/* ---- levels --------------------------------------------------------------------------------- */

static rs_status read_levels(struct reader *r, const struct xml_node *groupings, struct axis *axis)
{
    reader_each (r, node, groupings, axis->grouping) {
        struct level *level;
        const struct xml_node *size = reader_child(r, node, axis->size), *fixed = reader_child(r, node, "FixedHeader");
        if (axis->level_count == LEVELS_MAX)
            return reader_over(r, groupings, "groupings", axis->level_count + 1, LEVELS_MAX);
        level = &axis->levels[axis->level_count++];
        level->node = node;
        level->dynamic = reader_child(r, node, axis->dynamic);
        level->statics = reader_child(r, node, axis->statics);
        if (!level->dynamic && !level->statics)
            return reader_fail(r, node, "<%s> has neither <%s> nor <%s>", axis->grouping, axis->dynamic, axis->statics);
        if (size)
            RS_TRY(reader_size(r, size, false, &level->size_pt));
        axis->fixed = axis->fixed || (fixed && rdl_keyword_parse(rdl_booleans, fixed->text, 0));
    }
    return axis->level_count ? RS_OK : reader_fail(r, groupings, "<%.*s> has no <%s>", RS_TEXT_ARG(groupings->name), axis->grouping);
}

/* ---- members -------------------------------------------------------------------------------- */

static rs_status build(struct reader *r, struct axis *axis, unsigned level, struct leaf leaf, struct member_vec *out);

static rs_status read_member_header(struct reader *r, const struct xml_node *holder, double size_pt, bool is_copy,
                                    struct rdl_member *member)
{
    rs_status status;

    member->header = RS_NEW(r->job, struct rdl_cell);
    member->header->column_span = member->header->row_span = 1;
    member->header_size_pt = size_pt;
    r->copying += is_copy;
    status = read_only_item(r, holder, &member->header->item);
    r->copying -= is_copy;
    return status;
}

static rs_status build_children(struct reader *r, struct axis *axis, unsigned level, struct leaf leaf, struct rdl_member *member)
{
    struct member_vec children = {0};

    if (level == axis->level_count) {
        rs_vec_push(r->job, &axis->leaves, leaf);
        return RS_OK;
    }
    RS_TRY(build(r, axis, level, leaf, &children));
    member->members.items = children.items;
    member->members.count = children.count;
    return RS_OK;
}

/* Below a subtotal nothing is grouped: a header there takes the place of the dynamic levels that follow it. */
static unsigned skip_dynamic_levels(const struct axis *axis, unsigned level, double *size_pt)
{
    for (; level < axis->level_count && axis->levels[level].dynamic; level++)
        *size_pt += axis->levels[level].size_pt;
    return level;
}

/* The static member beside the group; it stands for every dynamic level down to the next static one. */
static rs_status build_subtotal(struct reader *r, struct axis *axis, unsigned level, struct leaf leaf,
                                const struct xml_node *subtotal, struct member_vec *out)
{
    static const struct row rows[] = {
        TEXT("DataElementName", struct rdl_member, data_element_name),
        ENUM("DataElementOutput", struct rdl_member, data_element_output, rdl_outputs),
        SKIP("ReportItems"), SKIP("Style"), SKIP("Position"), END,
    };
    struct rdl_member member = {.line = subtotal->line};
    double size_pt = axis->levels[level].size_pt;
    bool is_copy = leaf.subtotal != NULL;

    level = skip_dynamic_levels(axis, level + 1, &size_pt);
    leaf.subtotal = subtotal;
    RS_TRY(reader_one(r, subtotal, &member, rows));
    RS_TRY(read_member_header(r, subtotal, size_pt, is_copy, &member));
    RS_TRY(build_children(r, axis, level, leaf, &member));
    rs_vec_push(r->job, out, member);
    return RS_OK;
}

static bool is_before(struct reader *r, const struct xml_node *subtotal)
{
    const struct xml_node *position = reader_child(r, subtotal, "Position");

    return position && rs_text_equal_nocase(rs_text_trim(position->text), RS_TEXT("Before"));
}

static rs_status build_dynamic(struct reader *r, struct axis *axis, unsigned level, struct leaf leaf, struct member_vec *out)
{
    static const struct row rows[] = {
        LIST("Sorting", struct rdl_member, sorts, "SortBy", struct rdl_sort, read_old_sort),
        CALL("Visibility", struct rdl_member, visibility, read_visibility),
        SKIP("Grouping"), SKIP("Subtotal"), SKIP("ReportItems"), END,
    };
    const struct level *l = &axis->levels[level];
    const struct xml_node *grouping = reader_child(r, l->dynamic, "Grouping"), *subtotal = reader_child(r, l->dynamic, "Subtotal");
    struct rdl_member member = {.line = l->dynamic->line};

    if (!grouping)
        return reader_fail(r, l->dynamic, "<%s> has no <Grouping>", axis->dynamic);
    if (subtotal && is_before(r, subtotal))
        RS_TRY(build_subtotal(r, axis, level, leaf, subtotal, out));
    RS_TRY(read_group(r, grouping, &member.group));
    RS_TRY(reader_one(r, l->dynamic, &member, rows));
    RS_TRY(read_member_header(r, l->dynamic, l->size_pt, false, &member));
    RS_TRY(build_children(r, axis, level + 1, leaf, &member));
    rs_vec_push(r->job, out, member);
    if (subtotal && !is_before(r, subtotal))
        RS_TRY(build_subtotal(r, axis, level, leaf, subtotal, out));
    return RS_OK;
}

static rs_status build_static(struct reader *r, struct axis *axis, unsigned level, struct leaf leaf, struct member_vec *out)
{
    const struct level *l = &axis->levels[level];
    double size_pt = l->size_pt;
    unsigned next = leaf.subtotal ? skip_dynamic_levels(axis, level + 1, &size_pt) : level + 1;

    reader_each (r, node, l->statics, axis->one_static) {
        struct rdl_member member = {.line = node->line};
        rs_status status;
        RS_TRY(read_member_header(r, node, size_pt, leaf.subtotal != NULL, &member));
        r->copying += leaf.source > 0; /* groups below are the same for each of them */
        status = build_children(r, axis, next, leaf, &member);
        r->copying -= leaf.source > 0;
        RS_TRY(status);
        rs_vec_push(r->job, out, member);
        leaf.source++; /* at most one level is static, so its members count the rows of the file */
        if (out->count > RDL_ROWS_MAX)
            return reader_over(r, l->statics, "members", out->count, RDL_ROWS_MAX);
    }
    return out->count ? RS_OK : reader_fail(r, l->statics, "<%s> has no <%s>", axis->statics, axis->one_static);
}

static rs_status build(struct reader *r, struct axis *axis, unsigned level, struct leaf leaf, struct member_vec *out)
{
    RS_TRY(rs_job_checkpoint(r->job));
    if (axis->leaves.count > RDL_ROWS_MAX)
        return reader_over(r, axis->levels[level].node, "innermost members", axis->leaves.count, RDL_ROWS_MAX);
    return axis->levels[level].dynamic ? build_dynamic(r, axis, level, leaf, out) : build_static(r, axis, level, leaf, out);
}

static rs_status read_axis(struct reader *r, const struct xml_node *node, const char *element, struct axis *axis,
                           rdl_members *members)
{
    const struct xml_node *groupings = reader_child(r, node, element);
    struct member_vec top = {0};
    unsigned leaves, statics = 0;

    if (!groupings)
        return reader_fail(r, node, "<Matrix> has no <%s>", element);
    RS_TRY(read_levels(r, groupings, axis));
    for (unsigned i = 0; i < axis->level_count; i++)
        statics += !axis->levels[i].dynamic;
    if (statics > 1)
        return reader_fail(r, groupings, "<%s> has %u static groupings; at most one is allowed", element, statics);
    RS_TRY(build(r, axis, 0, (struct leaf){0}, &top));
    members->items = top.items;
    members->count = top.count;
    return tablix_number_members(r, node, members, &leaves);
}

/* ---- cells ---------------------------------------------------------------------------------- */

struct sources {
    size_t count;
    const struct xml_node **nodes; /* <MatrixRow> or <MatrixColumn> or <MatrixCell> */
};

static struct sources children(struct reader *r, const struct xml_node *node, const char *name)
{
    struct sources s = {.nodes = RS_NEW_ARRAY(r->job, const struct xml_node *, reader_count(r, node, name))};

    reader_each (r, child, node, name)
        s.nodes[s.count++] = child;
    return s;
}

static const struct xml_node *style_of(struct reader *r, const struct xml_node *subtotal)
{
    return subtotal ? reader_child(r, subtotal, "Style") : NULL;
}

static rs_status read_cell(struct reader *r, const struct xml_node *node, const struct leaf *row, const struct leaf *column,
                           struct rdl_cell *cell)
{
    bool is_copy = row->subtotal || column->subtotal;
    rs_status status;

    r->overlay[0] = style_of(r, column->subtotal);
    r->overlay[1] = style_of(r, row->subtotal); /* where both cross, the row's wins */
    r->copying += is_copy;
    status = read_only_item(r, node, &cell->item);
    r->copying -= is_copy;
    r->overlay[0] = r->overlay[1] = NULL;
    return status;
}

static const struct row cell_element_rows[] = {
    TEXT("CellDataElementName", struct rdl_cell, data_element_name),
    ENUM("CellDataElementOutput", struct rdl_cell, data_element_output, rdl_outputs), END,
};

/* CellDataElementName and CellDataElementOutput of the matrix, which stand for every cell. */
static rs_status read_cell_elements(struct reader *r, const struct xml_node *node, struct rdl_cell *pattern)
{
    xml_each_child (child, node) {
        struct xml_node holder = *node, single = *child;
        if (!reader_is_rdl(r, child) || !rs_text_starts(child->name, RS_TEXT("CellData")))
            continue;
        single.next = NULL;
        holder.first_child = &single;
        RS_TRY(reader_one(r, &holder, pattern, cell_element_rows));
    }
    return RS_OK;
}

static rs_status check_sources(struct reader *r, const struct xml_node *node, const struct axis *axis, const struct sources *sources,
                               const char *element)
{
    size_t needed = 0;

    for (size_t i = 0; i < axis->leaves.count; i++)
        if (axis->leaves.items[i].source >= needed)
            needed = axis->leaves.items[i].source + 1;
    if (needed == sources->count)
        return RS_OK;
    return reader_fail(r, node, "the groupings need %zu <%s>, but the matrix has %zu", needed, element, sources->count);
}

static rs_status read_cells(struct reader *r, const struct xml_node *node, struct rdl_tablix *tablix, const struct axis *rows,
                            const struct axis *columns)
{
    struct sources row_nodes = children(r, reader_child(r, node, "MatrixRows"), "MatrixRow");
    struct sources column_nodes = children(r, reader_child(r, node, "MatrixColumns"), "MatrixColumn");
    struct rdl_cell pattern = {.column_span = 1, .row_span = 1};
    const struct xml_node *size;

    RS_TRY(check_sources(r, node, rows, &row_nodes, "MatrixRow"));
    RS_TRY(check_sources(r, node, columns, &column_nodes, "MatrixColumn"));
    RS_TRY(tablix_allocate_cells(r, node, tablix, rows->leaves.count, columns->leaves.count));
    RS_TRY(read_cell_elements(r, node, &pattern));
    for (size_t x = 0; x < columns->leaves.count; x++)
        if ((size = reader_child(r, column_nodes.nodes[columns->leaves.items[x].source], "Width")))
            RS_TRY(reader_size(r, size, false, &tablix->column_widths_pt.items[x]));
    for (size_t y = 0; y < rows->leaves.count; y++) {
        const struct leaf *row = &rows->leaves.items[y];
        const struct xml_node *row_node = row_nodes.nodes[row->source];
        struct sources cells = children(r, reader_child(r, row_node, "MatrixCells"), "MatrixCell");
        if (cells.count != column_nodes.count)
            return reader_fail(r, row_node, "<MatrixRow> has %zu cells, but the matrix has %zu columns", cells.count, column_nodes.count);
        if ((size = reader_child(r, row_node, "Height")))
            RS_TRY(reader_size(r, size, false, &tablix->rows.items[y].height_pt));
        for (size_t x = 0; x < columns->leaves.count; x++) {
            const struct leaf *column = &columns->leaves.items[x];
            tablix->rows.items[y].cells.items[x] = pattern;
            RS_TRY(read_cell(r, cells.nodes[column->source], row, column, &tablix->rows.items[y].cells.items[x]));
        }
    }
    return RS_OK;
}

static rs_status read_corner(struct reader *r, const struct xml_node *node, struct rdl_tablix *tablix)
{
    const struct xml_node *corner = reader_child(r, node, "Corner");
    size_t count = (size_t)tablix->corner_rows * tablix->corner_columns;

    if (!corner || count == 0)
        return RS_OK;
    tablix->corner = RS_NEW_ARRAY(r->job, struct rdl_cell, count);
    for (size_t i = 0; i < count; i++) {
        tablix->corner[i].column_span = tablix->corner[i].row_span = 1;
        tablix->corner[i].covered = i > 0;
    }
    tablix->corner[0].column_span = tablix->corner_columns;
    tablix->corner[0].row_span = tablix->corner_rows;
    return read_only_item(r, corner, &tablix->corner[0].item);
}

rs_status read_old_matrix(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    struct rdl_tablix *tablix = item->tablix = RS_NEW(r->job, struct rdl_tablix);
    struct axis *rows = RS_NEW(r->job, struct axis), *columns = RS_NEW(r->job, struct axis);

    *rows = (struct axis){"RowGrouping", "Width", "DynamicRows", "StaticRows", "StaticRow"};
    *columns = (struct axis){"ColumnGrouping", "Height", "DynamicColumns", "StaticColumns", "StaticColumn"};
    RS_TRY(read_item_rows(r, node, item, tablix, tablix_common_rows));
    RS_TRY(read_axis(r, node, "ColumnGroupings", columns, &tablix->column_members));
    RS_TRY(read_axis(r, node, "RowGroupings", rows, &tablix->row_members));
    RS_TRY(read_cells(r, node, tablix, rows, columns));
    RS_TRY(tablix_header_levels(r, node, tablix));
    /* Headers of a matrix were always repeated on each page. */
    tablix->repeat_column_headers = tablix->repeat_row_headers = true;
    tablix->fixed_column_headers = columns->fixed;
    tablix->fixed_row_headers = rows->fixed;
    return read_corner(r, node, tablix);
}
