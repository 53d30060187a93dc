/* The columns of a data region, and the head of its table: column headers, and static rows that repeat with them. */
#include "report/render/html_tablix.h"

/* ---- columns -------------------------------------------------------------------------------------------------- */

static rs_status find_columns(struct rs_job *job, struct region *region, struct column *above, struct compute_place parent)
{
    struct compute_nodes nodes;

    RS_TRY(compute_shown(job, region->tablix, parent.node, &nodes));
    for (size_t i = 0; i < nodes.count; i++) {
        struct compute_node *node = nodes.items[i];
        for (size_t instance = 0; instance < node->count; instance++) {
            struct compute_place place =
                compute_place_of(node, node->kind == COMPUTE_DETAILS ? instance : parent.row);
            struct column *column = RS_NEW(region->columns_job, struct column);
            bool hidden;
            RS_TRY(rs_job_checkpoint(job));
            RS_TRY(compute_member_hidden(job, region->h->at.run, region->tablix, place, &hidden));
            if (hidden && node->member->visibility.toggle_item.size == 0)
                continue;
            memcpy(column->chain, above->chain, above->depth * sizeof above->chain[0]);
            column->depth = above->depth;
            column->chain[column->depth++] = place;
            if (node->member->members.count > 0) {
                RS_TRY(find_columns(job, region, column, place));
                continue;
            }
            column->width_pt = region->definition->column_widths_pt.items[node->member->first_leaf];
            rs_vec_push(region->columns_job, &region->columns, column);
        }
    }
    return RS_OK;
}

/* What stays in sight while the reader scrolls sideways: FixedRowHeaders, and the first columns with FixedData. It is so far
 * from the edge as what is fixed before it is wide: a class for each. */
static const char *fixed_class(struct region *region, double *offset_pt, double width_pt)
{
    rs_text class = rs_text_format(region->columns_job, "fc f%u_%zu", region->h->at.base + region->item->number, region->fixed_count++);

    rs_buf_printf(&region->fixed_rules, "%.*s .%s{%s:", RS_TEXT_ARG(region->h->root), class.bytes + sizeof "fc " - 1,
                  region->definition->right_to_left ? "right" : "left");
    html_size(&region->fixed_rules, *offset_pt);
    rs_buf_add_byte(&region->fixed_rules, '}');
    *offset_pt += width_pt;
    return class.bytes;
}

static bool is_fixed_column(const struct column *column)
{
    for (unsigned i = 0; i < column->depth; i++)
        if (column->chain[i].node->member->fixed_data)
            return true;
    return false;
}

static void fix_columns(struct region *region)
{
    size_t headers = region->definition->row_header_widths_pt.count, before = region->columns_before;
    bool fixes_headers = region->definition->fixed_row_headers && headers > 0;
    double offset = 0;

    region->fixed_rules = rs_buf_in(region->columns_job);
    for (size_t i = 0; i < before && is_fixed_column(region->columns.items[i]); i++)
        region->columns.items[i]->fixed = fixed_class(region, &offset, region->columns.items[i]->width_pt);
    if (fixes_headers)
        region->fixed_headers = RS_NEW_ARRAY(region->columns_job, const char *, headers + 1);
    for (size_t i = 0; i < headers && fixes_headers; i++)
        region->fixed_headers[i] = fixed_class(region, &offset, region->definition->row_header_widths_pt.items[i]);
    if (headers > 0 && !fixes_headers)
        return;
    for (size_t i = before; i < region->columns.count && is_fixed_column(region->columns.items[i]); i++)
        region->columns.items[i]->fixed = fixed_class(region, &offset, region->columns.items[i]->width_pt);
}

/* GroupsBeforeRowHeaders: instances of the outermost column members. */
static size_t count_before(const struct region *region)
{
    size_t groups = 0, count = 0;

    while (count < region->columns.count) {
        bool begins = count == 0 || !html_same_place(region->columns.items[count - 1]->chain[0], region->columns.items[count]->chain[0]);
        if (begins && groups++ == region->definition->groups_before_row_headers)
            break;
        count++;
    }
    return count;
}

rs_status html_columns_find(struct rs_job *job, struct region *region)
{
    struct column top = {0};

    RS_TRY(find_columns(job, region, &top, compute_place_of(compute_root(region->tablix, COMPUTE_COLUMNS), 0)));
    region->columns_before = count_before(region);
    fix_columns(region);
    return RS_OK;
}

/* ---- the table's head ----------------------------------------------------------------------------------------------- */

static rs_status write_corner_row(struct rs_job *job, struct region *region, unsigned level)
{
    const struct rdl_tablix *definition = region->definition;

    for (unsigned i = 0; i < definition->corner_columns; i++) {
        const struct rdl_cell *cell = definition->corner ? &definition->corner[level * definition->corner_columns + i] : NULL;
        struct compute_scope scope = {.tablix = region->tablix};
        if (cell && cell->covered)
            continue;
        region->h->cell_class = region->fixed_headers ? region->fixed_headers[i] : NULL;
        RS_TRY(html_cell(job, region, &scope, cell, cell ? cell->column_span : 1, cell ? cell->row_span : 1, 1e6));
    }
    region->h->cell_class = NULL;
    return RS_OK;
}

static bool same_column(const struct column *a, const struct column *b, unsigned level)
{
    for (unsigned i = 0; i <= level; i++)
        if (i >= a->depth || i >= b->depth || !html_same_place(a->chain[i], b->chain[i]))
            return false;
    return true;
}

/* The header that a column has at header row `level`: which member of its chain, and how many header rows it takes.
 * False where a header above reaches down to here. */
static bool header_at(const struct rdl_tablix *definition, const struct column *column, unsigned level, unsigned *member,
                      unsigned *levels)
{
    unsigned at = 0;

    for (unsigned i = 0; i < column->depth; i++) {
        const struct rdl_member *each = column->chain[i].node->member;
        if (!each->header)
            continue;
        *levels = html_header_levels(definition->column_header_heights_pt.items, definition->column_header_heights_pt.count, at,
                                each->header_size_pt);
        *member = i;
        if (at == level)
            return true;
        at += *levels;
        if (at > level)
            return false;
    }
    *member = column->depth;
    *levels = 1;
    return at <= level;
}

/* Header cells of columns `from` to `to`. */
static rs_status write_column_headers(struct rs_job *job, struct region *region, unsigned level, size_t from, size_t to)
{
    for (size_t i = from; i < to;) {
        const struct column *column = region->columns.items[i];
        unsigned member, levels;
        size_t span = 1;
        bool begins = header_at(region->definition, column, level, &member, &levels);
        if (member < column->depth)
            while (i + span < to && same_column(column, region->columns.items[i + span], member))
                span++;
        if (begins) {
            struct compute_scope scope = {.tablix = region->tablix};
            const struct rdl_cell *cell = NULL;
            if (member < column->depth) {
                scope = compute_member_scope(region->tablix, column->chain[member]);
                if (!column->chain[member].node->is_collapsed)
                    cell = column->chain[member].node->member->header;
            }
            region->h->cell_class = column->fixed;
            RS_TRY(html_cell(job, region, &scope, cell, span, levels, 1e6));
        }
        i += span;
    }
    region->h->cell_class = NULL;
    return RS_OK;
}

static rs_status write_header_row(struct rs_job *job, struct region *region, unsigned level)
{
    const struct rdl_tablix *definition = region->definition;
    struct html *h = region->h;

    rs_buf_add_literal(&h->out, "<tr style=\"height:");
    html_size(&h->out, definition->column_header_heights_pt.items[level]);
    rs_buf_add_literal(&h->out, "\">");
    RS_TRY(write_column_headers(job, region, level, 0, region->columns_before));
    if (definition->corner_columns > 0)
        RS_TRY(write_corner_row(job, region, level));
    RS_TRY(write_column_headers(job, region, level, region->columns_before, region->columns.count));
    rs_buf_add_literal(&h->out, "</tr>");
    return RS_OK;
}

/* The static rows at the top that repeat on every page. */
static rs_status write_lead_rows(struct rs_job *job, struct region *region)
{
    struct compute_nodes nodes;

    RS_TRY(compute_children(job, region->tablix, compute_root(region->tablix, COMPUTE_ROWS), &nodes));
    for (size_t i = 0, found = 0; i < nodes.count && found < region->lead_count; i++) {
        struct compute_place *chain = RS_NEW(region->rows_job, struct compute_place);
        bool hidden;
        if (nodes.items[i]->kind != COMPUTE_STATIC || nodes.items[i]->member->members.count > 0)
            break;
        found++;
        *chain = compute_place_of(nodes.items[i], 0);
        RS_TRY(compute_member_hidden(job, region->h->at.run, region->tablix, *chain, &hidden));
        if (!hidden)
            rs_vec_push(region->rows_job, &region->rows, (struct row){.chain = chain, .depth = 1, .classes = RS_TEXT(""), .class_sizes = RS_NEW(region->rows_job, size_t)});
    }
    return html_rows_write(job, region);
}

/* Its width, and the toggles that hide it on this page. */
static rs_status write_column(struct rs_job *job, struct region *region, const struct column *column)
{
    struct html *h = region->h;
    rs_buf classes = rs_buf_in(job);

    for (unsigned i = 0; i < column->depth; i++) {
        const struct rdl_visibility *visibility = &column->chain[i].node->member->visibility;
        struct compute_scope scope = compute_member_scope(region->tablix, column->chain[i]);
        rs_text toggle;
        bool hidden;
        if (visibility->toggle_item.size == 0)
            continue;
        RS_TRY(compute_member_hidden(job, h->at.run, region->tablix, column->chain[i], &hidden));
        RS_TRY(html_toggle_class(job, h, &scope, visibility, hidden, &toggle));
        rs_buf_printf(&classes, "%s%.*s", classes.used ? " " : "", RS_TEXT_ARG(toggle));
    }
    rs_buf_add_literal(&h->out, "<col");
    if (column->anchor.size > 0)
        html_map_anchor(h, column->anchor);
    if (classes.used)
        rs_buf_printf(&h->out, " class=\"%.*s\"", RS_TEXT_ARG(rs_buf_text(&classes)));
    rs_buf_add_literal(&h->out, " style=\"width:");
    html_size(&h->out, column->width_pt);
    rs_buf_add_literal(&h->out, "\">");
    return RS_OK;
}

/* Column `at` is the place of the groups that begin with it, as a row is; on the first page of the region. */
static void note_column(struct region *region, size_t at)
{
    struct column *column = region->columns.items[at];

    column->anchor = RS_TEXT("");
    for (unsigned level = 0; level < column->depth && region->parts <= 1; level++) {
        struct compute_place place = column->chain[level];
        const struct rdl_group *group = place.node->member->group;
        rs_text id;
        if (!group || !group->document_map_label.present || place.node->is_collapsed ||
            (at > 0 && same_column(region->columns.items[at - 1], column, level)))
            continue;
        id = html_map_group_id(region->columns_job, region->h, region->tablix, place);
        if (html_map_note(region->h, id, column->anchor.size > 0 ? column->anchor : id) && column->anchor.size == 0)
            column->anchor = id;
    }
}

/* FixedColumnHeaders, or FixedData of the rows that stand in the head: it stays in sight while the page scrolls. */
static bool head_is_fixed(const struct region *region)
{
    const struct rdl_tablix *definition = region->definition;

    return definition->fixed_column_headers || (region->lead_count > 0 && definition->row_members.items[0].fixed_data);
}

/* By whether it runs from right to left, and whether its cells may need more than their columns. */
static const char *const table_classes[2][2] = {{"", "w"}, {"rtl", "rtl w"}};

rs_status html_table_open(struct rs_job *job, void *data)
{
    struct region *region = data;
    struct html *h = region->h;
    const struct rdl_tablix *definition = region->definition;
    double width = 0;

    region->parts++;
    region->part_has_rows = false;
    if (region->place.may_break)
        html_take_repeated(h, region->head_pt);
    region->table_is_open = true;
    for (size_t i = 0; i < region->columns.count && h->map; i++)
        note_column(region, i);
    if (!html_is_writing(h))
        return html_repeat_headers(job, region);
    rs_buf_add_literal(&h->out, "<div style=\"");
    html_length(&h->out, "margin-left", region->place.left_pt);
    html_length(&h->out, "margin-top", region->place.top_pt);
    region->place.top_pt = 0;
    rs_buf_add_literal(&h->out, "\">");
    if (region->fixed_rules.used > 0) {
        rs_buf_add_literal(&h->out, "<style>");
        rs_buf_add(&h->out, rs_buf_text(&region->fixed_rules));
        rs_buf_add_literal(&h->out, "</style>");
        rs_buf_clear(&region->fixed_rules);
    }
    rs_buf_add_literal(&h->out, "<table");
    RS_TRY(html_box(job, h, region->outer, region->item, table_classes[definition->right_to_left][definition->cells_grow_wide]));
    RS_TRY(html_tip(job, h, region->outer, region->item));
    for (size_t i = 0; i < definition->row_header_widths_pt.count; i++)
        width += definition->row_header_widths_pt.items[i];
    for (size_t i = 0; i < region->columns.count; i++)
        width += region->columns.items[i]->width_pt;
    rs_buf_printf(&h->out, " width=\"%.0f\"><colgroup>", width * 96 / 72);
    for (size_t i = 0; i < region->columns_before; i++)
        RS_TRY(write_column(job, region, region->columns.items[i]));
    for (size_t i = 0; i < definition->row_header_widths_pt.count; i++) {
        rs_buf_add_literal(&h->out, "<col style=\"width:");
        html_size(&h->out, definition->row_header_widths_pt.items[i]);
        rs_buf_add_literal(&h->out, "\">");
    }
    for (size_t i = region->columns_before; i < region->columns.count; i++)
        RS_TRY(write_column(job, region, region->columns.items[i]));
    rs_buf_add(&h->out, head_is_fixed(region) ? RS_TEXT("</colgroup><thead class=\"fx\">") : RS_TEXT("</colgroup><thead>"));
    h->cell_role = h->accessible ? "columnheader" : NULL;
    for (unsigned level = 0; level < definition->column_header_heights_pt.count; level++)
        RS_TRY(write_header_row(job, region, level));
    RS_TRY(write_lead_rows(job, region));
    h->cell_role = NULL;
    rs_buf_add_literal(&h->out, "</thead><tbody>");
    return html_repeat_headers(job, region);
}

rs_status html_table_close(struct rs_job *job, void *data)
{
    struct region *region = data;

    if (!region->table_is_open)
        return RS_OK;
    region->table_is_open = false;
    if (!html_is_writing(region->h)) {
        region->rows = (struct rows){0};
        return RS_OK;
    }
    RS_TRY(html_rows_write(job, region));
    rs_buf_add_literal(&region->h->out, "</tbody></table></div>");
    return RS_OK;
}
