/* Most rows of most reports: details whose cells are text boxes that are always shown, under columns that do not repeat. Where
 * each stands is found once; what the tree gives is the same, row by row.
 */
#include "report/render/csv.h"

#include "report/render/data_output.h"

struct flat {
    RS_VEC(const struct rdl_item *) items;
    RS_VEC(struct compute_place) columns;
};

static bool is_always_shown(const struct rdl_visibility *visibility)
{
    return !visibility->hidden.present || visibility->toggle_item.size > 0;
}

/* False where something below `node` is not so simple. */
static rs_status collect(struct csv *w, const struct csv_branch *at, struct compute_node *node, struct flat *flat, bool *simple)
{
    const struct rdl_cell *cell;
    struct compute_nodes nodes;

    if (data_is_leaf(node)) {
        cell = compute_cell(at->tablix, at->row.node, node);
        if (!cell || !cell->item || cell->data_element_output == RDL_NO_OUTPUT)
            return RS_OK;
        *simple = cell->item->kind == RDL_TEXTBOX && is_always_shown(&cell->item->visibility);
        if (!*simple || w->part->column_of[cell->item->number] < 0)
            return RS_OK;
        rs_vec_push(w->scratch, &flat->items, cell->item);
        rs_vec_push(w->scratch, &flat->columns, compute_place_of(node, 0));
        return RS_OK;
    }
    RS_TRY(compute_children(w->job, at->tablix, node, &nodes));
    for (size_t i = 0; i < nodes.count && *simple; i++) {
        const struct rdl_member *member = nodes.items[i]->member;
        *simple = nodes.items[i]->kind == COMPUTE_STATIC && !member->header && !member->hide_if_no_rows &&
                  is_always_shown(&member->visibility) && data_member_is_written(w->part->published, member);
        if (*simple)
            RS_TRY(collect(w, at, nodes.items[i], flat, simple));
    }
    return RS_OK;
}

static rs_status flat_rows(struct csv *w, const struct csv_branch *at, struct compute_node *node, const struct flat *flat)
{
    bool has = true;

    for (size_t row = 0;; row++) {
        struct rs_mark mark = rs_job_mark(w->scratch);
        RS_TRY(compute_has_row(w->job, at->tablix, node, row, &has));
        if (!has)
            break;
        for (size_t i = 0; i < flat->items.count; i++) {
            struct compute_scope scope = compute_cell_scope(at->tablix, compute_place_of(node, row), flat->columns.items[i]);
            size_t column = (size_t)w->part->column_of[flat->items.items[i]->number];
            RS_TRY(csv_item_text(w, &scope, flat->items.items[i], &w->values[column]));
            w->is_set[column] = true;
        }
        RS_TRY(csv_record_write(w));
        compute_let_go(at->tablix, node, row + 1);
        rs_job_reset(w->scratch, mark);
    }
    for (size_t i = 0; i < flat->items.count; i++)
        w->is_set[w->part->column_of[flat->items.items[i]->number]] = false;
    return RS_OK;
}

rs_status csv_flat_try(struct csv *w, struct csv_level *level, const struct csv_branch *at, struct compute_node *node, bool *done)
{
    const struct rdl_member *member = node->member;
    struct csv_branch leaf = *at;
    struct flat flat = {0};

    *done = node->kind == COMPUTE_DETAILS && node->axis == COMPUTE_ROWS && node->count > 1 && data_is_leaf(node) && !member->header &&
            !member->hide_if_no_rows && is_always_shown(&member->visibility) &&
            data_member_is_written(w->part->published, member) && !w->part->has_collections[member->number];
    if (!*done)
        return RS_OK;
    leaf.row = compute_place_of(node, 0);
    RS_TRY(collect(w, &leaf, compute_root(at->tablix, COMPUTE_COLUMNS), &flat, done));
    if (!*done)
        return RS_OK;
    level->has_records = true;
    return flat_rows(w, at, node, &flat);
}
