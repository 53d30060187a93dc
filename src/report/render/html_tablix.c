/* A data region as a table. The columns are found once; the rows are walked in output order:
 *
 *     column headers, rows that repeat        thead, again on each page
 *     rows                                    gathered while the outermost group lasts, then written:
 *                                             only then is known how many rows a group's header spans
 *
 * Without row headers each row is written at once.
 *
 * A header cell whose first row a toggle may hide, while others of its rows stay, begins in a row of its own without
 * height, in front: browsers hide a cell with the row that it begins in.
 */
#include "report/render/html.h"

#include "format/escape/markup.h"

#define LEVELS_MAX 64 /* members inside each other; RDL_MEMBER_DEPTH_MAX is below */

/* A leaf of the column hierarchy that is shown. */
struct column {
    struct compute_place chain[LEVELS_MAX]; /* outermost first */
    unsigned depth;
    double width_pt;
};
RS_VEC_TYPE(struct column *, columns);

/* A leaf of the row hierarchy on its way to the page. */
struct row {
    struct compute_place *chain; /* outermost first; `depth` of them */
    unsigned depth;
    rs_text classes; /* of the toggles that hide it */
    const size_t *class_sizes; /* by member of the chain: how much of `classes` is of it and those around it */
    rs_text anchor;  /* of the document map; empty: none leads here */
    size_t before;   /* `tr` elements in front of it among the gathered rows; set when they are written */
};
RS_VEC_TYPE(struct row, rows);

struct region {
    struct html *h;
    struct compute_tablix *tablix;
    const struct rdl_tablix *definition;
    const struct rdl_item *item;
    const struct compute_scope *outer;
    struct rs_job *columns_job;      /* memory of what stays for the whole region */
    struct columns columns;
    struct rs_job *rows_job;         /* memory of `rows`; given back, to `no_rows`, when they are written */
    struct rs_mark no_rows;
    struct rows rows;
    struct html_region_place place;
    bool has_row_headers, table_is_open;
    double head_pt;                  /* height of what stands at the top of each page */
    unsigned lead_count;             /* static row members at the top that repeat with the column headers */
    RS_VEC(rs_text) pending;         /* groups of the document map that begin with the next row, outermost first */
    rs_text *row_heights;            /* by body row: what ends the start of its `tr` */
};

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
            RS_TRY(compute_member_hidden(job, region->h->run, region->tablix, place, &hidden));
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

/* ---- cells ------------------------------------------------------------------------------------------------------ */

void html_spans(rs_buf *out, size_t columns, size_t rows)
{
    if (columns > 1)
        rs_buf_printf(out, " colspan=\"%zu\"", columns);
    if (rows > 1)
        rs_buf_printf(out, " rowspan=\"%zu\"", rows);
}

static rs_status write_cell(struct rs_job *job, struct region *region, const struct compute_scope *scope,
                            const struct rdl_cell *cell, size_t column_span, size_t row_span, double height_pt)
{
    struct html *h = region->h;
    const struct rdl_item *item = cell ? cell->item : NULL;
    bool hidden = false;

    if (item && html_is_plain(h, item))
        return html_plain_cell(job, h, scope, item, column_span, row_span);
    rs_buf_add_literal(&h->out, "<td");
    html_spans(&h->out, column_span, row_span);
    if (item)
        RS_TRY(compute_hidden(job, h->run, scope, &item->visibility, &hidden));
    if (!item || (hidden && item->visibility.toggle_item.size == 0)) {
        rs_buf_add_literal(&h->out, "></td>");
        return RS_OK;
    }
    RS_TRY(html_box(job, h, scope, item, ""));
    rs_buf_add_byte(&h->out, '>');
    bool fixed = item->kind == RDL_TEXTBOX && !item->textbox->can_grow;
    if (fixed) {
        rs_buf_add_literal(&h->out, "<div class=\"x\" style=\"max-height:");
        html_size(&h->out, height_pt);
        rs_buf_add_literal(&h->out, "\">");
    }
    RS_TRY(html_content(job, h, scope, item, true));
    rs_buf_add(&h->out, fixed ? RS_TEXT("</div></td>") : RS_TEXT("</td>"));
    return RS_OK;
}

/* How many shown columns the span of a body cell covers: those of the same instance, below the definition's columns. */
static size_t shown_span(const struct region *region, size_t at, unsigned span)
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

static rs_status write_body_cells(struct rs_job *job, struct region *region, struct compute_place leaf)
{
    double height = region->definition->rows.items[leaf.node->member->first_leaf].height_pt;

    for (size_t i = 0; i < region->columns.count;) {
        const struct column *column = region->columns.items[i];
        struct compute_place place = column->chain[column->depth - 1];
        const struct rdl_cell *cell = compute_cell(region->tablix, leaf.node, place.node);
        struct compute_scope scope = compute_cell_scope(region->tablix, leaf, place);
        size_t span = cell->column_span > 1 ? shown_span(region, i, cell->column_span) : 1;
        if (!cell->covered)
            RS_TRY(write_cell(job, region, &scope, cell, span, 1, height));
        i += cell->covered ? 1 : span;
    }
    return RS_OK;
}

/* ---- row headers ----------------------------------------------------------------------------------------------- */

/* How many header columns a header that begins at column `at` takes, by its size. */
static unsigned header_levels(const double *sizes, size_t count, unsigned at, double size_pt)
{
    unsigned levels = 0;
    double sum = 0;

    while (at + levels < count && sum < size_pt - 0.5)
        sum += sizes[at + levels++];
    return levels > 0 ? levels : 1;
}

static bool same_place(struct compute_place a, struct compute_place b)
{
    return a.node == b.node && a.row == b.row;
}

/* Whether row `index` begins member number `level` of its chain, among the gathered rows. */
static bool begins_here(const struct region *region, size_t index, unsigned level)
{
    const struct row *row = &region->rows.items[index];
    const struct row *before = index > 0 ? &region->rows.items[index - 1] : NULL;

    if (!before || before->depth <= level)
        return true;
    for (unsigned i = 0; i <= level; i++)
        if (!same_place(row->chain[i], before->chain[i]))
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
                 !region->definition->right_to_left && begins_here(region, index, level) && rows_of(region, index, level) > 1;

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
        levels = header_levels(sizes, count, at, member->header_size_pt);
        if (begins_here(region, index, level) && classes_of(region, index, level) == size) {
            size_t span = region->rows.items[index + rows_of(region, index, level)].before - row->before - front;
            RS_TRY(write_cell(job, region, &scope, row->chain[level].node->is_collapsed ? NULL : member->header, levels,
                              span, 1e6));
        }
        at += levels;
    }
    if (at < count && size == row->classes.size) { /* no headers down here: one empty cell takes their place */
        struct compute_scope scope = *region->outer;
        RS_TRY(write_cell(job, region, &scope, NULL, count - at, 1, 0));
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

static rs_status write_rows(struct rs_job *job, struct region *region)
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
        if (region->has_row_headers && !region->definition->right_to_left)
            RS_TRY(write_row_headers(job, region, i, row->classes.size, front));
        RS_TRY(write_body_cells(job, region, leaf));
        if (region->has_row_headers && region->definition->right_to_left)
            RS_TRY(write_row_headers(job, region, i, row->classes.size, front));
        rs_buf_add_literal(&h->out, "</tr>");
        rs_job_reset(job, mark);
    }
    region->rows = (struct rows){0};
    rs_job_reset(region->rows_job, region->no_rows);
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
        RS_TRY(write_cell(job, region, &scope, cell, cell ? cell->column_span : 1, cell ? cell->row_span : 1, 1e6));
    }
    return RS_OK;
}

static bool same_column(const struct column *a, const struct column *b, unsigned level)
{
    for (unsigned i = 0; i <= level; i++)
        if (i >= a->depth || i >= b->depth || !same_place(a->chain[i], b->chain[i]))
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
        *levels = header_levels(definition->column_header_heights_pt.items, definition->column_header_heights_pt.count, at,
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

static rs_status write_header_row(struct rs_job *job, struct region *region, unsigned level)
{
    const struct rdl_tablix *definition = region->definition;
    struct html *h = region->h;

    rs_buf_add_literal(&h->out, "<tr style=\"height:");
    html_size(&h->out, definition->column_header_heights_pt.items[level]);
    rs_buf_add_literal(&h->out, "\">");
    if (definition->corner_columns > 0)
        RS_TRY(write_corner_row(job, region, level));
    for (size_t i = 0; i < region->columns.count;) {
        const struct column *column = region->columns.items[i];
        unsigned member, levels;
        size_t span = 1;
        bool begins = header_at(definition, column, level, &member, &levels);
        if (member < column->depth)
            while (i + span < region->columns.count && same_column(column, region->columns.items[i + span], member))
                span++;
        if (begins) {
            struct compute_scope scope = {.tablix = region->tablix};
            const struct rdl_cell *cell = NULL;
            if (member < column->depth) {
                scope = compute_member_scope(region->tablix, column->chain[member]);
                if (!column->chain[member].node->is_collapsed)
                    cell = column->chain[member].node->member->header;
            }
            RS_TRY(write_cell(job, region, &scope, cell, span, levels, 1e6));
        }
        i += span;
    }
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
        RS_TRY(compute_member_hidden(job, region->h->run, region->tablix, *chain, &hidden));
        if (!hidden)
            rs_vec_push(region->rows_job, &region->rows, (struct row){.chain = chain, .depth = 1, .classes = RS_TEXT(""), .class_sizes = RS_NEW(region->rows_job, size_t)});
    }
    return write_rows(job, region);
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
        RS_TRY(compute_member_hidden(job, h->run, region->tablix, column->chain[i], &hidden));
        RS_TRY(html_toggle_class(job, h, &scope, visibility, hidden, &toggle));
        rs_buf_printf(&classes, "%s%.*s", classes.used ? " " : "", RS_TEXT_ARG(toggle));
    }
    rs_buf_add_literal(&h->out, "<col");
    if (classes.used)
        rs_buf_printf(&h->out, " class=\"%.*s\"", RS_TEXT_ARG(rs_buf_text(&classes)));
    rs_buf_add_literal(&h->out, " style=\"width:");
    html_size(&h->out, column->width_pt);
    rs_buf_add_literal(&h->out, "\">");
    return RS_OK;
}

/* FixedColumnHeaders, or FixedData of the rows that stand in the head: it stays in sight while the page scrolls. */
static bool head_is_fixed(const struct region *region)
{
    const struct rdl_tablix *definition = region->definition;

    return definition->fixed_column_headers || (region->lead_count > 0 && definition->row_members.items[0].fixed_data);
}

static rs_status open_table(struct rs_job *job, void *data)
{
    struct region *region = data;
    struct html *h = region->h;
    const struct rdl_tablix *definition = region->definition;
    double width = 0;

    h->used_pt += region->head_pt;
    h->started = true;
    region->table_is_open = true;
    if (!html_is_writing(h))
        return RS_OK;
    rs_buf_add_literal(&h->out, "<div style=\"");
    html_length(&h->out, "margin-left", region->place.left_pt);
    html_length(&h->out, "margin-top", region->place.top_pt);
    region->place.top_pt = 0;
    rs_buf_add_literal(&h->out, "\"><table");
    RS_TRY(html_box(job, h, region->outer, region->item, ""));
    for (size_t i = 0; i < definition->row_header_widths_pt.count; i++)
        width += definition->row_header_widths_pt.items[i];
    for (size_t i = 0; i < region->columns.count; i++)
        width += region->columns.items[i]->width_pt;
    rs_buf_printf(&h->out, " width=\"%.0f\"><colgroup>", width * 96 / 72);
    for (size_t i = 0; i < definition->row_header_widths_pt.count; i++) {
        rs_buf_add_literal(&h->out, "<col style=\"width:");
        html_size(&h->out, definition->row_header_widths_pt.items[i]);
        rs_buf_add_literal(&h->out, "\">");
    }
    for (size_t i = 0; i < region->columns.count; i++)
        RS_TRY(write_column(job, region, region->columns.items[i]));
    rs_buf_add(&h->out, head_is_fixed(region) ? RS_TEXT("</colgroup><thead class=\"fx\">") : RS_TEXT("</colgroup><thead>"));
    for (unsigned level = 0; level < definition->column_header_heights_pt.count; level++)
        RS_TRY(write_header_row(job, region, level));
    RS_TRY(write_lead_rows(job, region));
    rs_buf_add_literal(&h->out, "</thead><tbody>");
    return RS_OK;
}

static rs_status close_table(struct rs_job *job, void *data)
{
    struct region *region = data;

    if (!region->table_is_open)
        return RS_OK;
    region->table_is_open = false;
    if (!html_is_writing(region->h)) {
        region->rows = (struct rows){0};
        return RS_OK;
    }
    RS_TRY(write_rows(job, region));
    rs_buf_add_literal(&region->h->out, "</tbody></table></div>");
    return RS_OK;
}

/* ---- walking the rows ------------------------------------------------------------------------------------------------- */

struct walk {
    struct compute_place chain[LEVELS_MAX];
    unsigned depth;
    rs_text classes;  /* toggles of the members above */
    size_t class_sizes[LEVELS_MAX]; /* by member of the chain: how much of `classes` is of it and those around it */
    bool hidden;      /* closed at first by one of them: takes no room */
};

/* The row begins those groups of the document map that were met since the last one. */
static rs_text take_pending(struct rs_job *job, struct region *region, const struct walk *walk)
{
    struct html *h = region->h;
    rs_text anchor = region->pending.count ? region->pending.items[0] : (rs_text){NULL, 0};
    struct compute_place leaf = walk->chain[walk->depth - 1];

    for (size_t i = 0; i < region->pending.count; i++)
        html_map_note(h, region->pending.items[i], anchor);
    region->pending.count = 0;
    if (!h->counting)
        return anchor;
    for (size_t i = 0; i < region->columns.count; i++) {
        const struct column *column = region->columns.items[i];
        struct compute_place place = column->chain[column->depth - 1];
        const struct rdl_cell *cell = compute_cell(region->tablix, leaf.node, place.node);
        struct compute_scope scope = compute_cell_scope(region->tablix, leaf, place);
        if (cell->item)
            html_map_note_item(job, h, &scope, cell->item);
    }
    return anchor;
}

static rs_status add_row(struct rs_job *job, struct region *region, const struct walk *walk)
{
    struct html *h = region->h;
    const struct rdl_member *leaf = walk->chain[walk->depth - 1].node->member;
    double height = walk->hidden ? 0 : region->definition->rows.items[leaf->first_leaf].height_pt;
    struct row row = {.depth = walk->depth};

    if (region->place.may_break)
        RS_TRY(html_take(job, h, height));
    if (h->map)
        row.anchor = take_pending(job, region, walk);
    if (!html_is_writing(h))
        return RS_OK;
    row.chain = RS_NEW_ARRAY(region->rows_job, struct compute_place, walk->depth);
    memcpy(row.chain, walk->chain, walk->depth * sizeof row.chain[0]);
    row.classes = rs_text_copy(region->rows_job, walk->classes);
    row.class_sizes = memcpy(RS_NEW_ARRAY(region->rows_job, size_t, walk->depth), walk->class_sizes,
                             walk->depth * sizeof *walk->class_sizes);
    rs_vec_push(region->rows_job, &region->rows, row);
    if (region->has_row_headers)
        return RS_OK;
    RS_TRY(write_rows(job, region));
    return region->place.may_break ? html_flush(h) : RS_OK;
}

/* The page break of a group's instance: before it, between it and the one before, or after it. */
static rs_status group_break(struct rs_job *job, struct region *region, struct compute_place place, bool first, bool last,
                             bool *before, bool *after, bool *reset)
{
    const struct rdl_group *group = place.node->member->group;
    struct compute_scope scope = compute_member_scope(region->tablix, place);
    enum rdl_break location = RDL_BREAK_NONE;

    *before = *after = *reset = false;
    if (!group || !region->place.may_break || group->page_break.location == RDL_BREAK_NONE || place.node->is_collapsed)
        return RS_OK;
    RS_TRY(compute_page_break(job, region->h->run, &scope, &group->page_break, &location, reset));
    *before = location == RDL_BREAK_START || location == RDL_BREAK_START_AND_END || (location == RDL_BREAK_BETWEEN && !first);
    *after = location == RDL_BREAK_END || (location == RDL_BREAK_START_AND_END && last);
    return RS_OK;
}

static rs_status walk_place(struct rs_job *job, struct region *region, const struct walk *above, struct compute_place place,
                            bool first, bool last);

/* Details of which nothing is asked but their height. */
static bool is_uniform(const struct region *region, const struct compute_node *node)
{
    const struct rdl_member *member = node->member;

    return node->kind == COMPUTE_DETAILS && !region->h->map && region->place.may_break && member->members.count == 0 && !member->hide_if_no_rows &&
           !member->visibility.hidden.present && rs_text_is_empty(member->visibility.toggle_item) &&
           member->group->page_break.location == RDL_BREAK_NONE && !member->group->page_name.present;
}

/* Rows that stand on pages which are not written: only the room that they take counts. Ends at the first that is
 * written. */
static rs_status pass_rows(struct rs_job *job, struct region *region, const struct walk *walk, const struct compute_node *node,
                           size_t *passed)
{
    double height = walk->hidden ? 0 : region->definition->rows.items[node->member->first_leaf].height_pt;

    for (*passed = 0; *passed < node->count; ++*passed) {
        if (*passed % 1024 == 0)
            RS_TRY(rs_job_checkpoint(job));
        if (!html_fits(region->h, height))
            RS_TRY(html_page_break(job, region->h, false));
        if (html_is_writing(region->h))
            return RS_OK;
        RS_TRY(html_take(job, region->h, height));
    }
    return RS_OK;
}

static rs_status walk_rows(struct rs_job *job, struct region *region, const struct walk *walk, struct compute_place parent,
                           unsigned skip)
{
    struct compute_nodes nodes;

    RS_TRY(compute_shown(job, region->tablix, parent.node, &nodes));
    for (size_t i = 0; i < nodes.count; i++) {
        struct compute_node *node = nodes.items[i];
        bool first = i == 0 || nodes.items[i - 1]->member != node->member || nodes.items[i - 1]->is_collapsed;
        bool last = i + 1 == nodes.count || nodes.items[i + 1]->member != node->member;
        if (skip > 0 && node->kind == COMPUTE_STATIC) {
            skip--; /* it stands in the head of the table */
            continue;
        }
        skip = 0;
        size_t passed = 0;
        if (is_uniform(region, node))
            RS_TRY(pass_rows(job, region, walk, node, &passed));
        for (size_t instance = passed; instance < node->count; instance++) {
            size_t row = node->kind == COMPUTE_DETAILS ? instance : parent.row;
            struct rs_mark mark = rs_job_mark(job);
            RS_TRY(rs_job_checkpoint(job));
            RS_TRY(walk_place(job, region, walk, compute_place_of(node, row), first && instance == 0,
                              last && instance + 1 == node->count));
            rs_job_reset(job, mark);
        }
        if (walk->depth == 0 && region->has_row_headers && html_is_writing(region->h)) {
            RS_TRY(write_rows(job, region)); /* no header reaches from here into the next */
            if (region->place.may_break)
                RS_TRY(html_flush(region->h));
        }
    }
    return RS_OK;
}

static rs_status walk_place(struct rs_job *job, struct region *region, const struct walk *above, struct compute_place place,
                            bool first, bool last)
{
    struct html *h = region->h;
    const struct rdl_member *member = place.node->member;
    struct compute_scope scope = compute_member_scope(region->tablix, place);
    struct walk walk = *above;
    bool hidden, before, after, reset;
    rs_text toggle;

    RS_TRY(compute_member_hidden(job, h->run, region->tablix, place, &hidden));
    if (hidden && member->visibility.toggle_item.size == 0)
        return RS_OK;
    RS_TRY(group_break(job, region, place, first, last, &before, &after, &reset));
    if (member->group && member->group->page_name.present)
        RS_TRY(compute_eval_text(h->job, h->run, &scope, &member->group->page_name, RS_TEXT(""), &h->page_name));
    if (before && h->used_pt > region->head_pt)
        RS_TRY(html_page_break(job, h, reset));
    else
        html_name_page(h);
    if (html_is_writing(h) && member->visibility.toggle_item.size > 0) {
        /* Rows before this one may hold the toggle: they must stand on the page before what they hide. */
        RS_TRY(html_toggle_class(job, h, &scope, &member->visibility, hidden, &toggle));
        if (toggle.size > 0)
            walk.classes = rs_text_format(job, "%.*s%s%.*s", RS_TEXT_ARG(above->classes), above->classes.size ? " " : "",
                                          RS_TEXT_ARG(toggle));
    }
    if (h->map && member->group && member->group->document_map_label.present && !place.node->is_collapsed)
        rs_vec_push(region->columns_job, &region->pending, compute_member_id(region->columns_job, region->tablix, place));
    walk.hidden = above->hidden || hidden;
    walk.class_sizes[walk.depth] = walk.classes.size;
    walk.chain[walk.depth++] = place;
    if (member->members.count > 0)
        RS_TRY(walk_rows(job, region, &walk, place, 0));
    else
        RS_TRY(add_row(job, region, &walk));
    return after && !last ? html_page_break(job, h, reset) : RS_OK;
}

/* ---- the region ------------------------------------------------------------------------------------------------------ */

static void prepare_rows(struct region *region)
{
    const struct rdl_tablix *definition = region->definition;

    region->row_heights = RS_NEW_ARRAY(region->columns_job, rs_text, definition->rows.count + 1);
    for (size_t i = 0; i < definition->rows.count; i++) {
        rs_buf height = rs_buf_in(region->columns_job);
        rs_buf_add_literal(&height, " style=\"height:");
        html_size(&height, definition->rows.items[i].height_pt);
        rs_buf_add_literal(&height, "\">");
        region->row_heights[i] = rs_buf_text(&height);
    }
}

static void measure_head(struct region *region)
{
    const struct rdl_tablix *definition = region->definition;

    for (size_t i = 0; i < definition->column_header_heights_pt.count; i++)
        region->head_pt += definition->column_header_heights_pt.items[i];
    for (size_t i = 0; i < definition->row_members.count; i++) {
        const struct rdl_member *member = &definition->row_members.items[i];
        if (member->group || member->members.count > 0 || !member->repeat_on_new_page)
            break;
        region->lead_count++;
        region->head_pt += definition->rows.items[member->first_leaf].height_pt;
    }
}

static rs_status write_region(struct rs_job *job, struct region *region)
{
    struct html *h = region->h;
    struct html_open outer = h->open;
    struct column top = {0};
    struct walk walk = {.classes = RS_TEXT("")};
    rs_status status;

    RS_TRY(find_columns(job, region, &top, compute_place_of(compute_root(region->tablix, COMPUTE_COLUMNS), 0)));
    prepare_rows(region);
    measure_head(region);
    if (region->place.may_break) {
        RS_TRY(html_take(job, h, region->head_pt));
        h->used_pt -= region->head_pt;
        h->open = (struct html_open){close_table, open_table, region};
    }
    RS_TRY(open_table(job, region));
    status = walk_rows(job, region, &walk, compute_place_of(compute_root(region->tablix, COMPUTE_ROWS), 0), region->lead_count);
    h->open = outer;
    RS_TRY(status);
    return close_table(job, region);
}

rs_status html_tablix(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                      struct html_region_place place)
{
    struct region region = {.h = h, .definition = item->tablix, .item = item, .outer = scope, .place = place};
    RS_OWNED(rs_job) columns_job = rs_job_create(&(struct rs_job_options){.within = h->job});
    rs_text message;
    bool no_rows;
    rs_status status;

    if (!place.may_break && !html_is_writing(h))
        return RS_OK;
    RS_TRY(compute_tablix_open(job, h->run, scope, item, &region.tablix));
    status = compute_no_rows_message(job, h->run, region.tablix, &no_rows, &message);
    if (status == RS_OK && no_rows) {
        if (html_is_writing(h)) {
            rs_buf_add_literal(&h->out, "<div class=\"t\" style=\"");
            html_length(&h->out, "margin-left", place.left_pt);
            html_length(&h->out, "margin-top", place.top_pt);
            rs_buf_add_literal(&h->out, "\">");
            escape_html(&h->out, message);
            rs_buf_add_literal(&h->out, "</div>");
        }
        h->started = true;
    } else if (status == RS_OK) {
        region.columns_job = columns_job;
        region.rows_job = rs_job_create(&(struct rs_job_options){.within = h->job});
        region.no_rows = rs_job_mark(region.rows_job);
        region.has_row_headers = item->tablix->row_header_widths_pt.count > 0;
        status = write_region(job, &region);
        rs_job_destroy(region.rows_job);
    }
    compute_tablix_close(region.tablix);
    return status;
}
