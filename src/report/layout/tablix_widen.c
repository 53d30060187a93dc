/* Columns are as wide as the widest data region in their cells: a matrix in a list has as many columns as its data, and
 * what it needs is known when each of the list's rows was looked at once. Where no cell can outgrow its column, none is.
 *
 * Follows: rendering rules of the original, "data regions grow to the right" (docs/reports.md, Pages). Subreports are not
 * run for their width.
 */
#include <math.h>

#include "report/layout/tablix.h"

/* What a cell needs beyond the columns it stands over goes to the last of them. */
static rs_status widen_for_cell(struct layout_tablix *t, struct compute_place row, size_t column)
{
    const struct rdl_cell *source = compute_cell(t->data, row.node, t->columns[column].place.node);
    struct compute_scope scope;
    struct layout_frame *frame;
    size_t end = column;
    double width = 0;

    if (!source || source->covered || !source->item || !source->item->grows_wide)
        return RS_OK;
    for (; end < t->column_count && end < column + source->column_span; end++)
        width += t->columns[end].width_pt;
    scope = compute_cell_scope(t->data, row, t->columns[column].place);
    RS_TRY(layout_frame_make(t->l, t->rows, source->item, &scope, width, source->item->height_pt, true, false, &frame));
    t->columns[end - 1].width_pt += fmax(layout_frame_reach(frame) - width, 0);
    layout_frame_end(frame);
    return RS_OK;
}

rs_status tablix_widen(struct layout_tablix *t)
{
    if (!t->definition->cells_grow_wide)
        return RS_OK;
    do {
        RS_TRY(tablix_walk_next(t));
        if (t->walk.depth) {
            const struct walk_step *leaf = &t->walk.steps[t->walk.depth - 1];
            struct compute_place place = compute_place_of(tablix_step_node(leaf), leaf->row);
            for (size_t i = 0; i < t->column_count; i++)
                RS_TRY(widen_for_cell(t, place, i));
        }
        rs_job_reset(t->rows, t->rows_empty);
    } while (t->walk.depth);
    t->walking = false;
    return RS_OK;
}
