#include "report/layout/tablix.h"

#include <math.h>

#include "report/rdl/values.h"

/* ---- places ----------------------------------------------------------------------------------------- */

void tablix_header_place(const struct layout_tablix *t, const struct compute_place *path, unsigned step, double *left_pt,
                         double *width_pt)
{
    double left = t->headers_left_pt;

    for (unsigned i = 0; i < step; i++)
        if (path[i].node->member->header)
            left += path[i].node->member->header_size_pt;
    *width_pt = path[step].node->member->header_size_pt;
    *left_pt = tablix_mirrored(t, left, *width_pt);
}

double tablix_spanned_width(const struct layout_tablix *t, size_t column, unsigned span, double *left_pt)
{
    const struct tablix_column *last = &t->columns[column + span - 1 < t->column_count ? column + span - 1 : t->column_count - 1];
    double width = last->left_pt + last->width_pt - t->columns[column].left_pt;

    *left_pt = tablix_mirrored(t, t->columns[column].left_pt, width);
    return width;
}

/* ---- cells ------------------------------------------------------------------------------------------ */

/* Whether there is a data region or a page break somewhere in the item: it may be parted between pages. */
static bool may_be_parted(const struct rdl_item *item)
{
    if (item->kind == RDL_TABLIX || item->kind == RDL_SUBREPORT)
        return true;
    if (item->kind != RDL_RECTANGLE)
        return false;
    if (item->rectangle->page_break.location != RDL_BREAK_NONE)
        return true;
    for (size_t i = 0; i < item->rectangle->items.count; i++)
        if (may_be_parted(item->rectangle->items.items[i]))
            return true;
    return false;
}

static bool shrinks(const struct layout_frame *frame)
{
    return frame->kind == FRAME_GONE ||
           (frame->kind == FRAME_TEXT && frame->item->kind == RDL_TEXTBOX && frame->item->textbox->can_shrink);
}

static rs_status make_cells(struct layout_tablix *t, struct rs_job *memory, struct tablix_row *row)
{
    double designed = t->definition->rows.items[row->leaf].height_pt, highest = 0;
    struct compute_place place = row->path[row->depth - 1];
    bool all_shrink = true;

    row->cells = RS_NEW_ARRAY(memory, struct tablix_cell, t->column_count);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct rdl_cell *source = compute_cell(t->data, place.node, t->columns[i].place.node);
        struct compute_scope scope = compute_cell_scope(t->data, place, t->columns[i].place);
        struct tablix_cell *cell;
        double width, height;
        bool list;

        if (!source || !source->item || source->covered)
            continue;
        cell = &row->cells[row->cell_count++];
        cell->rows = source->row_span;
        width = tablix_spanned_width(t, i, source->column_span, &cell->left_pt);
        /* page breaks inside cells count in lists only: one column, one rectangle or region */
        list = t->breaks_allowed && t->definition->column_widths_pt.count == 1;
        RS_TRY(layout_frame_make(t->l, memory, source->item, &scope, width, designed, true, list, &cell->frame));
        if (t->is_spread)
            RS_TRY(layout_frame_spread(t->l, cell->frame, t->spread_pt + cell->left_pt));
        RS_TRY(layout_measure(t->l, cell->frame, t->l->area_height_pt, &height));
        if (cell->rows > 1)
            cell->frame->height_pt = height; /* until its rows are known */
        else
            highest = fmax(highest, height);
        all_shrink &= shrinks(cell->frame);
        row->is_splittable |= may_be_parted(source->item);
    }
    row->height_pt = all_shrink && row->cell_count ? highest : fmax(designed, highest);
    return RS_OK;
}

/* The frame of the header that the row opens at `step`, and how high its content is. */
static rs_status make_header(struct layout_tablix *t, struct tablix_row *row, unsigned step, double *needed)
{
    const struct rdl_member *member = row->path[step].node->member;
    struct compute_scope scope = compute_member_scope(t->data, row->path[step]);
    struct layout_frame *frame;
    double left, width;

    *needed = 0;
    if (!member->header || !member->header->item || row->path[step].node->is_collapsed)
        return RS_OK;
    tablix_header_place(t, row->path, step, &left, &width);
    RS_TRY(layout_frame_make(t->l, t->rows, member->header->item, &scope, width, member->header->item->height_pt, true,
                             false, &frame));
    row->headers[step] = frame;
    if (frame->kind == FRAME_TEXT && frame->style->writing_mode != RDL_HORIZONTAL)
        return RS_OK; /* runs along the rows, however high they are */
    frame->height_pt = 0;
    return layout_measure(t->l, frame, INFINITY, needed);
}

rs_status tablix_row_make(struct layout_tablix *t, struct rs_job *memory, const struct compute_place *path,
                          unsigned depth, unsigned opens, struct tablix_row **out)
{
    struct tablix_row *row = RS_NEW(memory, struct tablix_row);
    bool flat;

    row->depth = depth;
    row->opens = opens;
    row->closes = opens;
    row->leaf = path[depth - 1].node->member->first_leaf;
    row->path = RS_NEW_ARRAY(memory, struct compute_place, depth);
    for (unsigned i = 0; i < depth; i++)
        row->path[i] = path[i];
    row->headers = RS_NEW_ARRAY(memory, struct layout_frame *, depth);
    *out = row;
    if (row->leaf >= t->definition->rows.count) {
        row->cells = NULL;
        return RS_OK;
    }
    RS_TRY(tablix_flat_make(t, memory, row, &flat));
    return flat ? RS_OK : make_cells(t, memory, row);
}

rs_status tablix_row_part(struct layout_tablix *t, struct rs_job *memory, struct tablix_row *row)
{
    double height = row->height_pt;

    if (!row->flat)
        return RS_OK;
    row->flat = NULL;
    row->cell_count = 0;
    RS_TRY(make_cells(t, memory, row));
    row->height_pt = height; /* a row header may have made it higher */
    return RS_OK;
}

bool tablix_row_grow(struct rs_job *memory, struct tablix_talls *talls, struct tablix_row *row, unsigned next_leaf)
{
    bool goes_on = false;

    for (size_t i = 0; i < row->cell_count; i++) {
        struct tablix_cell *cell = &row->cells[i];
        if (cell->rows > 1)
            rs_vec_push(memory, talls, (struct tablix_tall){cell, cell->frame->height_pt, 0, row->leaf + cell->rows, 0});
    }
    for (size_t i = 0; i < talls->count; i++) {
        struct tablix_tall *tall = &talls->items[i];
        if (next_leaf <= row->leaf || next_leaf >= tall->end) /* the rest of its rows is hidden, or it has no more */
            row->height_pt = fmax(row->height_pt, tall->needed_pt - tall->height_pt);
    }
    for (size_t i = 0; i < talls->count;) {
        struct tablix_tall *tall = &talls->items[i];
        tall->height_pt += row->height_pt;
        tall->rows++;
        if (next_leaf <= row->leaf || next_leaf >= tall->end) {
            if (tall->cell)
                tall->cell->rows = tall->rows;
            *tall = talls->items[--talls->count];
            continue;
        }
        goes_on = true;
        i++;
    }
    return goes_on;
}

/* ---- what keeps rows together or apart -------------------------------------------------------------- */

static bool is_static(const struct compute_node *node, enum rdl_keep_with keep)
{
    return node->kind == COMPUTE_STATIC && node->member->keep_with_group == keep;
}

/* Whether a static member that stays with its group ends with the row: it, or the statics around it, say so. */
static bool keeps_with(const struct tablix_row *row, unsigned edge, enum rdl_keep_with keep)
{
    for (unsigned i = 0; i <= edge && i < row->depth; i++) {
        bool only_statics = true;
        if (!is_static(row->path[i].node, keep))
            continue;
        for (unsigned k = i + 1; k < row->depth; k++)
            only_statics &= row->path[k].node->kind == COMPUTE_STATIC;
        if (only_statics)
            return true;
    }
    return false;
}

/* The same for the leaf that the walk stands at: it stays with the row before it. */
static bool walk_keeps_with_previous(const struct layout_tablix *t)
{
    const struct tablix_walk *walk = &t->walk;

    for (unsigned i = 0; i <= walk->changed && i < walk->depth; i++) {
        bool only_statics = true;
        if (!is_static(tablix_step_node(&walk->steps[i]), RDL_KEEP_BEFORE))
            continue;
        for (unsigned k = i + 1; k < walk->depth; k++)
            only_statics &= tablix_step_node(&walk->steps[k])->kind == COMPUTE_STATIC;
        if (only_statics)
            return true;
    }
    return false;
}

static rs_status group_break(struct layout_tablix *t, struct compute_place place, enum rdl_break *location, bool *reset)
{
    const struct rdl_member *member = place.node->member;
    struct compute_scope scope = compute_member_scope(t->data, place);

    *location = RDL_BREAK_NONE;
    *reset = false;
    if (!member->group || !t->breaks_allowed || member->group->page_break.location == RDL_BREAK_NONE ||
        place.node->is_collapsed)
        return RS_OK;
    return compute_page_break(t->rows, t->l->run, &scope, &member->group->page_break, location, reset);
}

static rs_status find_break_before(struct layout_tablix *t, struct tablix_row *row)
{
    for (unsigned i = row->opens; i < row->depth; i++) {
        const struct rdl_member *member = row->path[i].node->member;
        bool first = !(i == row->opens && t->before_depth > i && t->before[i].node->member == member), reset;
        enum rdl_break location;

        RS_TRY(group_break(t, row->path[i], &location, &reset));
        if (first ? location == RDL_BREAK_START || location == RDL_BREAK_START_AND_END : location != RDL_BREAK_NONE) {
            row->break_before = true;
            row->reset_before |= reset;
        }
        if (member->group && member->group->page_name.present && t->breaks_allowed) {
            row->names_page = true;
            row->named_step = i;
        }
    }
    return RS_OK;
}

/* Once the walk is at the next leaf: groups whose last instance ends with the row. */
static rs_status find_break_after(struct layout_tablix *t, struct tablix_row *row)
{
    for (unsigned i = row->closes; i < row->depth; i++) {
        bool last = !(i == row->closes && t->walk.depth > i &&
                      tablix_step_node(&t->walk.steps[i])->member == row->path[i].node->member);
        enum rdl_break location;
        bool reset;

        RS_TRY(group_break(t, row->path[i], &location, &reset));
        if (last && (location == RDL_BREAK_END || location == RDL_BREAK_START_AND_END)) {
            row->break_after = true;
            row->reset_after |= reset;
        }
    }
    return RS_OK;
}

/* ---- the queue -------------------------------------------------------------------------------------- */

/* A row header may need more height than its rows have: the last of them grows. */
static void grow_for_headers(struct layout_tablix *t, struct tablix_row *row)
{
    for (unsigned i = 0; i < row->depth; i++)
        t->open_pt[i] += row->height_pt;
    for (unsigned i = row->depth; i-- > row->closes;) {
        double missing = t->needed_pt[i] - t->open_pt[i];
        if (missing <= 0)
            continue;
        row->height_pt += missing;
        for (unsigned k = 0; k < row->depth; k++)
            t->open_pt[k] += missing;
    }
}

/* The leaf the walk stands at. */
static unsigned next_leaf(const struct layout_tablix *t)
{
    return t->ended ? TABLIX_NO_LEAF : tablix_step_node(&t->walk.steps[t->walk.depth - 1])->member->first_leaf;
}

rs_status tablix_pull(struct layout_tablix *t)
{
    struct compute_place path[TABLIX_DEPTH_MAX];
    struct tablix_row *row;
    bool tall; /* a cell stands over this row and the next */

    if (!t->walking)
        RS_TRY(tablix_walk_next(t));
    t->ended = t->walk.depth == 0;
    if (t->ended)
        return RS_OK;
    for (unsigned i = 0; i < t->walk.depth; i++)
        path[i] = compute_place_of(tablix_step_node(&t->walk.steps[i]), t->walk.steps[i].row);
    RS_TRY(tablix_row_make(t, t->rows, path, t->walk.depth, t->walk.changed, &row));
    RS_TRY(find_break_before(t, row));
    for (unsigned i = row->opens; i < row->depth; i++) {
        t->open_pt[i] = 0;
        RS_TRY(make_header(t, row, i, &t->needed_pt[i]));
    }
    row->keeps_with_previous = t->before_depth > 0 && keeps_with(row, row->opens, RDL_KEEP_BEFORE);
    RS_TRY(tablix_walk_next(t));
    t->ended = t->walk.depth == 0;
    tall = tablix_row_grow(t->memory, &t->talls, row, next_leaf(t));
    row->closes = t->ended ? 0 : t->walk.changed;
    row->goes_on = row->closes + (!t->ended && row->closes < row->depth && row->closes < t->walk.depth &&
                                  tablix_step_node(&t->walk.steps[row->closes])->member == path[row->closes].node->member);
    row->keeps_with_next = !t->ended && (tall || keeps_with(row, row->closes, RDL_KEEP_AFTER));
    RS_TRY(find_break_after(t, row));
    grow_for_headers(t, row);
    for (unsigned i = 0; i < row->depth; i++)
        t->before[i] = path[i];
    t->before_depth = row->depth;
    rs_vec_push(t->memory, &t->queue, row);
    t->queue_pt += row->height_pt;
    return RS_OK;
}

/* All rows before that of the last one placed are on pages; its own may go on below, with headers that are still open. */
static void let_go(struct layout_tablix *t, const struct tablix_row *last)
{
    for (unsigned i = 0; i < last->depth; i++)
        compute_let_go(t->data, last->path[i].node, last->path[i].row);
}

void tablix_take(struct layout_tablix *t)
{
    t->queue_pt -= t->queue.items[t->taken]->height_pt;
    if (++t->taken < t->queue.count)
        return;
    let_go(t, t->queue.items[t->queue.count - 1]);
    for (size_t i = 0; i < t->queue.count; i++) {
        struct tablix_row *row = t->queue.items[i];
        for (size_t k = 0; k < row->cell_count; k++)
            layout_frame_end(row->cells[k].frame);
        for (unsigned k = 0; k < row->depth; k++)
            layout_frame_end(row->headers[k]);
    }
    for (size_t i = 0; i < t->talls.count; i++)
        t->talls.items[i].cell = NULL;
    t->queue.count = t->taken = 0;
    t->queue_pt = 0;
    rs_job_reset(t->rows, t->rows_empty);
}

/* ---- chunks ----------------------------------------------------------------------------------------- */

struct chunk {
    size_t rows;
    double height_pt;
};

/* The row behind the chunk, pulled if need be; NULL at the end. */
static rs_status row_behind(struct layout_tablix *t, const struct chunk *chunk, struct tablix_row **out)
{
    *out = NULL;
    if (t->taken + chunk->rows >= t->queue.count && !t->ended)
        RS_TRY(tablix_pull(t));
    if (t->taken + chunk->rows < t->queue.count)
        *out = t->queue.items[t->taken + chunk->rows];
    return RS_OK;
}

/* Whether the row behind the chunk belongs to it, without making it where the answer is no. */
static bool joins(const struct layout_tablix *t, const struct chunk *chunk)
{
    const struct tablix_row *last = t->queue.items[t->taken + chunk->rows - 1];

    if (last->break_after)
        return false;
    if (t->taken + chunk->rows < t->queue.count)
        return last->keeps_with_next || t->queue.items[t->taken + chunk->rows]->keeps_with_previous;
    return !t->ended && (last->keeps_with_next || walk_keeps_with_previous(t));
}

/* Headers go with what they head: a break in front of the group comes to stand in front of them. */
static bool take_over_break(struct layout_tablix *t, const struct chunk *chunk, struct tablix_row *next)
{
    struct tablix_row *first = t->queue.items[t->taken];

    if (!next->break_before)
        return true;
    for (size_t i = 0; i < chunk->rows; i++)
        if (!t->queue.items[t->taken + i]->keeps_with_next)
            return false;
    first->break_before = true;
    first->reset_before |= next->reset_before;
    next->break_before = false;
    return true;
}

/* Up to the row that closes `step`, if all of that fits on an empty page. */
static rs_status extend_to_close(struct layout_tablix *t, struct chunk *chunk, unsigned step)
{
    struct chunk longer = *chunk;
    struct tablix_row *next;

    while (t->queue.items[t->taken + longer.rows - 1]->closes > step) {
        RS_TRY(row_behind(t, &longer, &next));
        if (!next || next->break_before)
            break;
        longer.rows++;
        longer.height_pt += next->height_pt;
        if (longer.height_pt > t->l->area_height_pt)
            return RS_OK; /* it can never be kept together */
    }
    *chunk = longer;
    return RS_OK;
}

static rs_status keep_groups(struct layout_tablix *t, struct chunk *chunk, size_t index)
{
    const struct tablix_row *row = t->queue.items[t->taken + index];

    for (unsigned i = row->opens; i < row->depth; i++) {
        size_t before = chunk->rows;
        if (!row->path[i].node->member->keep_together || row->closes <= i)
            continue;
        RS_TRY(extend_to_close(t, chunk, i));
        if (chunk->rows > before)
            return RS_OK;
    }
    return RS_OK;
}

rs_status tablix_chunk(struct layout_tablix *t, size_t *rows, double *height_pt)
{
    struct chunk chunk = {0};
    struct tablix_row *next;

    RS_TRY(row_behind(t, &chunk, &next));
    if (next) {
        chunk = (struct chunk){1, next->height_pt};
        RS_TRY(keep_groups(t, &chunk, 0));
    }
    while (chunk.rows && chunk.height_pt <= t->l->area_height_pt && joins(t, &chunk)) {
        RS_TRY(row_behind(t, &chunk, &next));
        if (!next || !take_over_break(t, &chunk, next))
            break;
        chunk.rows++;
        chunk.height_pt += next->height_pt;
        RS_TRY(keep_groups(t, &chunk, chunk.rows - 1));
    }
    *rows = chunk.rows;
    *height_pt = chunk.height_pt;
    return RS_OK;
}
