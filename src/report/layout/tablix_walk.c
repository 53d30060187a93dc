#include "report/layout/tablix.h"

/* Whether the member instance at the last step is shown. */
static rs_status is_shown(struct layout_tablix *t, bool *shown)
{
    const struct walk_step *step = &t->walk.steps[t->walk.depth - 1];
    const struct rdl_member *member = tablix_step_node(step)->member;
    bool hidden = false;

    if (member->visibility.hidden.present || member->hide_if_no_rows || tablix_step_node(step)->is_collapsed)
        RS_TRY(compute_member_hidden(t->rows, t->l->run, t->data, compute_place_of(tablix_step_node(step), step->row), &hidden));
    *shown = !hidden;
    return RS_OK;
}

/* A step below `node`; false where nothing is there. */
static rs_status enter(struct layout_tablix *t, struct compute_node *node, size_t row, bool *entered)
{
    struct walk_step *step;

    if (t->walk.depth == TABLIX_DEPTH_MAX)
        return rs_fail(t->l->job, RS_OVER_LIMIT, "rows are grouped more than %d deep", TABLIX_DEPTH_MAX);
    step = &t->walk.steps[t->walk.depth];
    *step = (struct walk_step){.parent = node};
    RS_TRY(compute_shown(t->memory, t->data, node, &step->siblings));
    *entered = step->siblings.count > 0;
    if (!*entered)
        return RS_OK;
    step->row = tablix_step_node(step)->kind == COMPUTE_DETAILS ? 0 : row;
    t->walk.depth++;
    return RS_OK;
}

/* The row of the place around the last step. */
static size_t outer_row(const struct layout_tablix *t)
{
    return t->walk.depth >= 2 ? t->walk.steps[t->walk.depth - 2].row : 0;
}

/* To the next sibling or detail row at the last step, else at one further out. */
static rs_status advance(struct layout_tablix *t)
{
    while (t->walk.depth > 0) {
        struct walk_step *step = &t->walk.steps[t->walk.depth - 1];
        struct compute_node *node = tablix_step_node(step);
        bool has = false;

        if (node->kind == COMPUTE_DETAILS)
            RS_TRY(compute_has_row(t->l->job, t->data, node, step->row + 1, &has));
        if (has) {
            step->row++;
            break;
        }
        if (++step->index < step->siblings.count) {
            step->row = tablix_step_node(step)->kind == COMPUTE_DETAILS ? 0 : outer_row(t);
            break;
        }
        t->walk.depth--;
    }
    if (t->walk.depth > 0 && t->walk.depth - 1 < t->walk.changed)
        t->walk.changed = t->walk.depth - 1;
    if (t->walk.depth == 0)
        t->walk.changed = 0;
    return RS_OK;
}

rs_status tablix_walk_next(struct layout_tablix *t)
{
    bool found = false;

    if (!t->walking) {
        bool entered;
        t->walking = true;
        t->walk.changed = 0;
        RS_TRY(enter(t, compute_root(t->data, COMPUTE_ROWS), 0, &entered));
    } else {
        t->walk.changed = t->walk.depth;
        RS_TRY(advance(t));
    }
    while (t->walk.depth > 0 && !found) {
        struct walk_step *step = &t->walk.steps[t->walk.depth - 1];
        struct compute_node *node = tablix_step_node(step);
        bool shown = node->kind != COMPUTE_DETAILS || node->count > 0, entered = false;

        if (shown)
            RS_TRY(is_shown(t, &shown));
        if (shown && node->member->members.count == 0) {
            found = true;
        } else {
            if (shown)
                RS_TRY(enter(t, node, step->row, &entered));
            if (!entered)
                RS_TRY(advance(t));
        }
        RS_TRY(rs_job_checkpoint(t->l->job));
    }
    return RS_OK;
}
