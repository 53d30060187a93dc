/* A data region as a table. The columns are found once; the rows are walked in output order:
 *
 *     column headers, rows that repeat        thead, again on each page
 *     rows                                    gathered while the outermost group lasts, then written:
 *                                             only then is known how many rows a group's header spans
 *
 * Without row headers each row is written at once.
 */
#include "report/render/html_tablix.h"

#include "format/escape/markup.h"

/* ---- walking the rows ------------------------------------------------------------------------------------------------- */

/* The row begins those groups of the document map that were met since the last one. */
static rs_text take_pending(struct rs_job *job, struct region *region, const struct walk *walk, bool is_parted)
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
            html_map_note_item(job, h, &scope, cell->item, is_parted);
    }
    return anchor;
}

rs_status html_row_add(struct rs_job *job, struct region *region, const struct walk *walk, rs_text anchor)
{
    struct row row = {.depth = walk->depth, .anchor = anchor};

    row.chain = RS_NEW_ARRAY(region->rows_job, struct compute_place, walk->depth);
    memcpy(row.chain, walk->chain, walk->depth * sizeof row.chain[0]);
    row.classes = rs_text_copy(region->rows_job, walk->classes);
    row.class_sizes = memcpy(RS_NEW_ARRAY(region->rows_job, size_t, walk->depth), walk->class_sizes,
                             walk->depth * sizeof *walk->class_sizes);
    rs_vec_push(region->rows_job, &region->rows, row);
    return region->has_row_headers ? RS_OK : html_rows_write(job, region);
}

static rs_status add_row(struct rs_job *job, struct region *region, const struct walk *walk)
{
    struct html *h = region->h;
    const struct rdl_member *leaf = walk->chain[walk->depth - 1].node->member;
    double height = walk->hidden ? 0 : region->definition->rows.items[leaf->first_leaf].height_pt;
    rs_text anchor = {NULL, 0};
    bool is_parted;

    if (walk->footer_pt > 0)
        RS_TRY(html_keep_together(job, h, height + walk->footer_pt));
    is_parted = walk->classes.size == 0 && html_list_is_parted(region, walk->chain[walk->depth - 1].node);
    if (is_parted)
        RS_TRY(html_keep_together(job, h, height));
    else if (region->place.may_break)
        RS_TRY(html_take(job, h, height));
    region->part_has_rows = true;
    if (h->map)
        anchor = take_pending(job, region, walk, is_parted);
    if (is_parted)
        return html_list_row(job, region, walk->chain[walk->depth - 1], anchor);
    if (!html_is_writing(h))
        return RS_OK;
    RS_TRY(html_row_add(job, region, walk, anchor));
    return region->place.may_break && !region->has_row_headers ? html_flush(h) : RS_OK;
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
    RS_TRY(compute_page_break(job, region->h->at.run, &scope, &group->page_break, &location, reset));
    *before = location == RDL_BREAK_START || location == RDL_BREAK_START_AND_END || (location == RDL_BREAK_BETWEEN && !first);
    *after = location == RDL_BREAK_END || (location == RDL_BREAK_START_AND_END && last);
    return RS_OK;
}

static rs_status walk_place(struct rs_job *job, struct region *region, const struct walk *above, struct compute_place place,
                            bool first, bool last, double footer_pt);

static void set_next(struct region *region, const struct walk *walk, struct compute_place next)
{
    region->walk = walk;
    region->next = next;
}

/* The instances of one node. Headers outside of all groups reach from none into the next: the rows of each are written. */
static rs_status walk_node(struct rs_job *job, struct region *region, const struct walk *walk, struct compute_node *node,
                           size_t outer_row, bool first, bool last, double footer_pt)
{
    size_t passed = 0;
    bool has = true, is_next;

    if (html_is_uniform(region, node) && !html_list_is_parted(region, node)) {
        double height = walk->hidden ? 0 : region->definition->rows.items[node->member->first_leaf].height_pt;
        RS_TRY(html_uniform_rows(job, region, height, footer_pt, !region->has_row_headers && !walk->classes.size, node, &passed));
    }
    RS_TRY(compute_has_row(job, region->tablix, node, passed, &has));
    for (size_t instance = passed; has; instance++) {
        size_t row = node->kind == COMPUTE_DETAILS ? instance : outer_row;
        struct rs_mark mark = rs_job_mark(job);
        RS_TRY(rs_job_checkpoint(job));
        RS_TRY(compute_has_row(job, region->tablix, node, instance + 1, &is_next));
        RS_TRY(walk_place(job, region, walk, compute_place_of(node, row), first && instance == 0, last && !is_next,
                          is_next ? 0 : footer_pt));
        rs_job_reset(job, mark);
        if (walk->depth == 0 && region->has_row_headers && html_is_writing(region->h)) {
            RS_TRY(html_rows_write(job, region));
            if (region->place.may_break)
                RS_TRY(html_flush(region->h));
        }
        if (!region->rows.count)
            compute_let_go(region->tablix, node, instance + 1);
        has = is_next;
    }
    return RS_OK;
}

static rs_status walk_rows(struct rs_job *job, struct region *region, const struct walk *walk, struct compute_place parent,
                           unsigned skip)
{
    struct compute_nodes nodes;
    double footer;

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
        footer = walk->footer_pt;
        set_next(region, walk, compute_place_of(node, parent.row));
        RS_TRY(html_footer_height(job, region, &nodes, i, &footer));
        RS_TRY(html_keep_rows(job, region, &nodes, i));
        RS_TRY(walk_node(job, region, walk, node, parent.row, first, last, footer));
    }
    return RS_OK;
}

static rs_status walk_place(struct rs_job *job, struct region *region, const struct walk *above, struct compute_place place,
                            bool first, bool last, double footer_pt)
{
    struct html *h = region->h;
    const struct rdl_member *member = place.node->member;
    struct compute_scope scope = compute_member_scope(region->tablix, place);
    struct walk walk = *above;
    bool hidden, before, after, reset, names;
    rs_text toggle;

    RS_TRY(compute_member_hidden(job, h->at.run, region->tablix, place, &hidden));
    if (hidden && member->visibility.toggle_item.size == 0)
        return RS_OK;
    RS_TRY(group_break(job, region, place, first, last, &before, &after, &reset));
    names = member->group && member->group->page_name.present && (before || !region->part_has_rows);
    if (names)
        RS_TRY(compute_eval_text(h->job, h->at.run, &scope, &member->group->page_name, RS_TEXT(""), &h->page_name));
    set_next(region, above, place);
    if (before && !html_page_is_fresh(h))
        RS_TRY(html_page_break(job, h, reset));
    else if (names)
        html_name_page(h);
    if (html_is_writing(h) && member->visibility.toggle_item.size > 0) {
        /* Rows before this one may hold the toggle: they must stand on the page before what they hide. */
        RS_TRY(html_toggle_class(job, h, &scope, &member->visibility, hidden, &toggle));
        if (toggle.size > 0)
            walk.classes = rs_text_format(job, "%.*s%s%.*s", RS_TEXT_ARG(above->classes), above->classes.size ? " " : "",
                                          RS_TEXT_ARG(toggle));
    }
    if (h->map && member->group && member->group->document_map_label.present && !place.node->is_collapsed)
        rs_vec_push(region->columns_job, &region->pending, html_map_group_id(region->columns_job, h, region->tablix, place));
    walk.hidden = above->hidden || hidden != html_toggle_is_flipped(job, h, &scope, &member->visibility);
    walk.footer_pt = footer_pt;
    walk.class_sizes[walk.depth] = walk.classes.size;
    walk.chain[walk.depth++] = place;
    if (member->members.count > 0)
        RS_TRY(walk_rows(job, region, &walk, place, 0));
    else
        RS_TRY(add_row(job, region, &walk));
    if (after && last)
        html_page_break_later(h, reset);
    set_next(region, above, place);
    return after && !last ? html_page_break(job, h, reset) : RS_OK;
}

/* ---- the region ------------------------------------------------------------------------------------------------------ */

/* Whether all of its cells may be less high than the row: then so may it. */
static bool row_shrinks(const struct rdl_tablix_row *row)
{
    bool any = false;

    for (size_t i = 0; i < row->cells.count; i++) {
        const struct rdl_cell *cell = &row->cells.items[i];
        if (cell->covered || !cell->item)
            continue;
        any = true;
        if (cell->item->kind != RDL_TEXTBOX || !cell->item->textbox->can_shrink)
            return false;
    }
    return any;
}

static void prepare_rows(struct region *region)
{
    const struct rdl_tablix *definition = region->definition;

    region->row_heights = RS_NEW_ARRAY(region->columns_job, rs_text, definition->rows.count + 1);
    for (size_t i = 0; i < definition->rows.count; i++) {
        rs_buf height = rs_buf_in(region->columns_job);
        region->row_heights[i] = RS_TEXT(">");
        if (row_shrinks(&definition->rows.items[i]))
            continue;
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
    struct html_open open = {html_table_close, html_table_open, region, h->open, NULL};
    struct walk walk = {.classes = RS_TEXT("")};
    rs_status status;

    RS_TRY(html_columns_find(job, region));
    region->is_list = region->place.may_break && region->columns.count == 1 && !region->has_row_headers &&
                      region->definition->column_widths_pt.count == 1;
    prepare_rows(region);
    measure_head(region);
    if (region->place.may_break) {
        RS_TRY(html_keep_region(job, region));
        RS_TRY(html_take(job, h, region->head_pt));
        h->used_pt -= region->head_pt;
        h->open = &open;
    }
    RS_TRY(html_table_open(job, region));
    status = walk_rows(job, region, &walk, compute_place_of(compute_root(region->tablix, COMPUTE_ROWS), 0), region->lead_count);
    h->open = open.outer;
    region->walk = NULL;
    RS_TRY(status);
    return html_table_close(job, region);
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
    RS_TRY(compute_tablix_open(job, h->at.run, scope, item, &region.tablix));
    status = compute_no_rows_message(job, h->at.run, region.tablix, &no_rows, &message);
    if (status == RS_OK && no_rows) {
        status = html_message(job, h, scope, item, message, place);
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
