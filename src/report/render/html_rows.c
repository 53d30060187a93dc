/* The rows of a data region on their way to the page, with the header cells that span them.
 *
 * A header cell whose first row a toggle may hide, while others of its rows stay, begins in a row of its own without
 * height, in front: browsers hide a cell with the row that it begins in.
 */
#include "report/render/html_tablix.h"

/* ---- cells ------------------------------------------------------------------------------------------------------ */

void html_spans(rs_buf *out, size_t columns, size_t rows)
{
    if (columns > 1)
        rs_buf_printf(out, " colspan=\"%zu\"", columns);
    if (rows > 1)
        rs_buf_printf(out, " rowspan=\"%zu\"", rows);
}

rs_status html_cell(struct rs_job *job, struct region *region, const struct compute_scope *scope,
                    const struct rdl_cell *cell, size_t column_span, size_t row_span, double height_pt)
{
    struct html *h = region->h;
    const struct rdl_item *item = cell ? cell->item : NULL;
    const char *role = h->cell_role, *class = h->cell_class;
    bool hidden = false;

    if (item && html_is_plain(h, item))
        return html_plain_cell(job, h, scope, item, column_span, row_span);
    rs_buf_add_literal(&h->out, "<td");
    html_spans(&h->out, column_span, row_span);
    if (role)
        rs_buf_printf(&h->out, " role=\"%s\"", role);
    if (item)
        RS_TRY(compute_hidden(job, h->at.run, scope, &item->visibility, &hidden));
    if (!item || (hidden && item->visibility.toggle_item.size == 0)) {
        if (class)
            rs_buf_printf(&h->out, " class=\"%s\"", class);
        rs_buf_add_literal(&h->out, "></td>");
        return RS_OK;
    }
    if (item->kind != RDL_TABLIX) /* whose table is its box */
        RS_TRY(html_box(job, h, scope, item, class ? class : ""));
    else if (class)
        rs_buf_printf(&h->out, " class=\"%s\"", class);
    rs_buf_add_byte(&h->out, '>');
    bool fixed = item->kind == RDL_TEXTBOX && !item->textbox->can_grow;
    if (fixed) {
        rs_buf_add_literal(&h->out, "<div class=\"x\" style=\"max-height:");
        html_size(&h->out, height_pt);
        rs_buf_add_literal(&h->out, "\">");
    }
    h->cell_role = h->cell_class = NULL; /* of a region in the cell */
    RS_TRY(html_content(job, h, scope, item, true));
    h->cell_role = role;
    h->cell_class = class;
    rs_buf_add(&h->out, fixed ? RS_TEXT("</div></td>") : RS_TEXT("</td>"));
    return RS_OK;
}

size_t html_shown_span(const struct region *region, size_t at, unsigned span)
{
    const struct column *first = region->columns.items[at];
    unsigned from = first->chain[first->depth - 1].node->member->first_leaf;
    size_t count = 1;

    while (at + count < region->columns.count) {
        const struct column *next = region->columns.items[at + count];
        unsigned leaf = next->chain[next->depth - 1].node->member->first_leaf;
        if (leaf <= from || leaf >= from + span)
            break;
        count++;
    }
    return count;
}

/* Those of columns `from` to `to`. */
static rs_status write_body_cells(struct rs_job *job, struct region *region, struct compute_place leaf, size_t from, size_t to)
{
    double height = region->definition->rows.items[leaf.node->member->first_leaf].height_pt;

    for (size_t i = from; i < to;) {
        const struct column *column = region->columns.items[i];
        struct compute_place place = column->chain[column->depth - 1];
        const struct rdl_cell *cell = compute_cell(region->tablix, leaf.node, place.node);
        struct compute_scope scope = compute_cell_scope(region->tablix, leaf, place);
        size_t span = cell->column_span > 1 ? html_shown_span(region, i, cell->column_span) : 1;
        region->h->cell_class = column->fixed;
        if (!cell->covered)
            RS_TRY(html_cell(job, region, &scope, cell, span, 1, height));
        i += cell->covered ? 1 : span;
    }
    region->h->cell_class = NULL;
    return RS_OK;
}

/* ---- row headers ----------------------------------------------------------------------------------------------- */

/* How many header columns a header that begins at column `at` takes, by its size. */
unsigned html_header_levels(const double *sizes, size_t count, unsigned at, double size_pt)
{
    unsigned levels = 0;
    double sum = 0;

    while (at + levels < count && sum < size_pt - 0.5)
        sum += sizes[at + levels++];
    return levels > 0 ? levels : 1;
}
/* Whether row `index` begins member number `level` of its chain, among the gathered rows. */
static bool begins_here(const struct region *region, size_t index, unsigned level)
{
    const struct row *row = &region->rows.items[index];
    const struct row *before = index > 0 ? &region->rows.items[index - 1] : NULL;

    if (!before || before->depth <= level)
        return true;
    for (unsigned i = 0; i <= level; i++)
        if (!html_same_place(row->chain[i], before->chain[i]))
            return true;
    return false;
}

static size_t rows_of(const struct region *region, size_t index, unsigned level)
{
    size_t count = 1;

    while (index + count < region->rows.count && !begins_here(region, index + count, level))
        count++;
    return count;
}

/* The part of a row's classes in front of which a header cell at `level` stands by itself; all of them where it stands in
 * the row. */
static size_t classes_of(const struct region *region, size_t index, unsigned level)
{
    const struct row *row = &region->rows.items[index];
    bool apart = row->chain[level].node->member->header && row->class_sizes[level] < row->classes.size &&
                 begins_here(region, index, level) && rows_of(region, index, level) > 1;

    return apart ? row->class_sizes[level] : row->classes.size;
}

/* How many rows without height stand in front of a row: one for each part of its classes that has header cells. */
static size_t rows_in_front(const struct region *region, size_t index)
{
    const struct row *row = &region->rows.items[index];
    size_t count = 0, last = SIZE_MAX;

    for (unsigned level = 0; level < row->depth && region->has_row_headers; level++) {
        size_t size = classes_of(region, index, level);
        if (size < row->classes.size && size != last) {
            count++;
            last = size;
        }
    }
    return count;
}

/* While a group is closed its header may reach over the headers of the groups in it: they are blank then. */
static bool has_blank_beside(const struct row *row, unsigned level)
{
    for (unsigned i = level + 1; i < row->depth; i++)
        if (row->chain[i].node->is_collapsed && row->chain[i].node->member->header)
            return true;
    return false;
}

static const char *header_class(struct rs_job *job, const struct region *region, const struct row *row, unsigned level, unsigned at)
{
    const char *fixed = region->fixed_headers ? region->fixed_headers[at] : NULL, *line = NULL;
    struct compute_scope scope = compute_member_scope(region->tablix, row->chain[level]);
    const struct rdl_item *item = row->chain[level].node->member->header->item;

    if (item && has_blank_beside(row, level))
        line = html_toggle_line_class(job, region->h, &scope, item);
    return fixed && line ? rs_text_format(job, "%s %s", fixed, line).bytes : line ? line : fixed;
}

/* Those header cells of a row that stand in front of `size` bytes of its classes; `front` such rows went before. */
static rs_status write_row_headers(struct rs_job *job, struct region *region, size_t index, size_t size, size_t front)
{
    const struct row *row = &region->rows.items[index];
    const double *sizes = region->definition->row_header_widths_pt.items;
    size_t count = region->definition->row_header_widths_pt.count;
    unsigned at = 0;

    for (unsigned level = 0; level < row->depth && at < count; level++) {
        const struct rdl_member *member = row->chain[level].node->member;
        struct compute_scope scope = compute_member_scope(region->tablix, row->chain[level]);
        unsigned levels;
        if (!member->header)
            continue;
        levels = html_header_levels(sizes, count, at, member->header_size_pt);
        if (begins_here(region, index, level) && classes_of(region, index, level) == size) {
            size_t span = region->rows.items[index + rows_of(region, index, level)].before - row->before - front;
            region->h->cell_role = region->h->accessible ? "rowheader" : NULL;
            region->h->cell_class = header_class(job, region, row, level, at);
            RS_TRY(html_cell(job, region, &scope, row->chain[level].node->is_collapsed ? NULL : member->header, levels, span, 1e6));
            region->h->cell_role = region->h->cell_class = NULL;
        }
        at += levels;
    }
    if (at < count && size == row->classes.size) { /* no headers down here: one empty cell takes their place */
        struct compute_scope scope = *region->outer;
        region->h->cell_class = region->fixed_headers ? region->fixed_headers[at] : NULL;
        RS_TRY(html_cell(job, region, &scope, NULL, count - at, 1, 0));
        region->h->cell_class = NULL;
    }
    return RS_OK;
}

/* ---- writing gathered rows ---------------------------------------------------------------------------------------- */

/* The rows without height in front of a row. */
static rs_status write_front(struct rs_job *job, struct region *region, size_t index, size_t *written)
{
    const struct row *row = &region->rows.items[index];
    size_t last = SIZE_MAX;

    *written = 0;
    for (unsigned level = 0; level < row->depth; level++) {
        size_t size = classes_of(region, index, level);
        if (size == row->classes.size || size == last)
            continue;
        rs_buf_printf(&region->h->out, "<tr class=\"a%s%.*s\">", size ? " " : "", (int)size, row->classes.bytes);
        if (region->columns_before > 0) {
            rs_buf_add_literal(&region->h->out, "<td");
            html_spans(&region->h->out, region->columns_before, 1);
            rs_buf_add_literal(&region->h->out, "></td>");
        }
        RS_TRY(write_row_headers(job, region, index, size, (*written)++));
        rs_buf_add_literal(&region->h->out, "</tr>");
        last = size;
    }
    return RS_OK;
}

/* Where each gathered row begins among the `tr` elements, and behind the last one where they end. */
static void number_rows(struct region *region)
{
    size_t before = 0, count = region->rows.count;

    rs_vec_push(region->rows_job, &region->rows, (struct row){0});
    region->rows.count = count;
    for (size_t i = 0; i < count; i++) {
        region->rows.items[i].before = before;
        before += rows_in_front(region, i) + 1;
    }
    region->rows.items[count].before = before;
}

rs_status html_rows_write(struct rs_job *job, struct region *region)
{
    struct html *h = region->h;

    number_rows(region);
    for (size_t i = 0; i < region->rows.count; i++) {
        const struct row *row = &region->rows.items[i];
        struct compute_place leaf = row->chain[row->depth - 1];
        struct rs_mark mark = rs_job_mark(job);
        size_t front = 0;
        RS_TRY(rs_job_checkpoint(job));
        if (region->has_row_headers)
            RS_TRY(write_front(job, region, i, &front));
        rs_buf_add_literal(&h->out, "<tr");
        if (row->classes.size > 0)
            rs_buf_printf(&h->out, " class=\"%.*s\"", RS_TEXT_ARG(row->classes));
        if (row->anchor.size > 0)
            html_map_anchor(h, row->anchor);
        rs_buf_add(&h->out, region->row_heights[leaf.node->member->first_leaf]);
        RS_TRY(write_body_cells(job, region, leaf, 0, region->columns_before));
        if (region->has_row_headers)
            RS_TRY(write_row_headers(job, region, i, row->classes.size, front));
        RS_TRY(write_body_cells(job, region, leaf, region->columns_before, region->columns.count));
        rs_buf_add_literal(&h->out, "</tr>");
        rs_job_reset(job, mark);
    }
    region->rows = (struct rows){0};
    rs_job_reset(region->rows_job, region->no_rows);
    return RS_OK;
}
