/* The document map as data: labels of report items and of group instances, each with the id of what it leads to. */
#include "report/compute/internal.h"

#include "base/buf.h"

RS_VEC_TYPE(struct compute_map_entry, entry_vec);

struct mapping {
    struct rs_job *job;
    struct compute_run *run;
    struct entry_vec entries;
};

static rs_status map_items(struct mapping *m, rdl_items items, const struct compute_scope *scope, unsigned depth);
static rs_status map_place(struct mapping *m, struct compute_tablix *tablix, struct compute_place place, unsigned depth);

/* ---- is there anything to find? --------------------------------------------------------------------- */

static bool items_have_labels(rdl_items items);

static bool cell_has_labels(const struct rdl_cell *cell)
{
    struct rdl_item *item = cell ? cell->item : NULL;

    return item && items_have_labels((rdl_items){&item, 1});
}

static bool members_have_labels(const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *m = &members[i];
        if ((m->group && m->group->document_map_label.present) || cell_has_labels(m->header) ||
            members_have_labels(m->members.items, m->members.count))
            return true;
    }
    return false;
}

/* Cells of the rows from `first` on; of all columns. */
static bool rows_have_labels(const struct rdl_tablix *t, unsigned first, unsigned count)
{
    for (unsigned y = first; y < first + count; y++)
        for (size_t x = 0; x < t->rows.items[y].cells.count; x++)
            if (cell_has_labels(&t->rows.items[y].cells.items[x]))
                return true;
    return false;
}

static bool tablix_has_labels(const struct rdl_tablix *t)
{
    return members_have_labels(t->row_members.items, t->row_members.count) ||
           members_have_labels(t->column_members.items, t->column_members.count) ||
           rows_have_labels(t, 0, (unsigned)t->rows.count);
}

static bool items_have_labels(rdl_items items)
{
    for (size_t i = 0; i < items.count; i++) {
        const struct rdl_item *item = items.items[i];
        if (item->document_map_label.present || (item->kind == RDL_RECTANGLE && items_have_labels(item->rectangle->items)) ||
            (item->kind == RDL_TABLIX && tablix_has_labels(item->tablix)))
            return true;
    }
    return false;
}

/* ---- entries ---------------------------------------------------------------------------------------- */

/* An entry where there is a label that is not empty; `depth` is that of what stands inside then. */
static rs_status add_entry(struct mapping *m, const struct compute_scope *scope, const struct rdl_expr *label, rs_text id,
                           unsigned *depth)
{
    rs_text text;

    RS_TRY(compute_eval_text(m->job, m->run, scope, label, (rs_text){NULL, 0}, &text));
    if (rs_text_is_empty(text))
        return RS_OK;
    rs_vec_push(m->job, &m->entries, (struct compute_map_entry){*depth, text, id});
    ++*depth;
    return RS_OK;
}

static rs_status map_cell(struct mapping *m, const struct rdl_cell *cell, const struct compute_scope *scope, unsigned depth)
{
    struct rdl_item *item = cell ? cell->item : NULL;

    return cell_has_labels(cell) ? map_items(m, (rdl_items){&item, 1}, scope, depth) : RS_OK;
}

/* Cells of one row, column by column. */
static rs_status map_row(struct mapping *m, struct compute_tablix *tablix, struct compute_place row, struct compute_place column,
                         unsigned depth)
{
    struct compute_nodes children;

    if (column.node->member && !column.node->member->members.count) {
        struct compute_scope scope = compute_cell_scope(tablix, row, column);
        return map_cell(m, compute_cell(tablix, row.node, column.node), &scope, depth);
    }
    RS_TRY(compute_children(m->job, tablix, column.node, &children));
    for (size_t i = 0; i < children.count; i++)
        for (size_t r = 0; r < (children.items[i]->kind == COMPUTE_DETAILS ? children.items[i]->count : 1); r++)
            RS_TRY(map_row(m, tablix, row, compute_place_of(children.items[i], r), depth));
    return RS_OK;
}

static rs_status map_children(struct mapping *m, struct compute_tablix *tablix, struct compute_place place, unsigned depth)
{
    struct compute_nodes children;

    RS_TRY(compute_children(m->job, tablix, place.node, &children));
    for (size_t i = 0; i < children.count; i++) {
        struct compute_node *child = children.items[i];
        if (child->kind != COMPUTE_DETAILS) {
            RS_TRY(map_place(m, tablix, compute_place_of(child, place.row), depth));
            continue;
        }
        for (size_t row = 0; row < child->count; row++)
            RS_TRY(map_place(m, tablix, compute_place_of(child, row), depth));
    }
    return RS_OK;
}

/* A recursive group's instances stand below those that they belong to. */
static rs_status map_place(struct mapping *m, struct compute_tablix *tablix, struct compute_place place, unsigned depth)
{
    const struct rdl_tablix *definition = compute_tablix_item(tablix)->tablix;
    const struct rdl_member *member = place.node->member;
    struct compute_scope scope = compute_member_scope(tablix, place);
    bool hidden, is_row = place.node->axis == COMPUTE_ROWS;

    if (!members_have_labels(member, 1) && !(is_row && rows_have_labels(definition, member->first_leaf, member->leaf_count)))
        return RS_OK;
    RS_TRY(rs_job_checkpoint(m->job));
    RS_TRY(compute_member_hidden(m->job, m->run, tablix, place, &hidden));
    if (hidden && !member->visibility.toggle_item.size)
        return RS_OK;
    if (member->group && member->group->document_map_label.present) {
        depth += place.node->level;
        RS_TRY(add_entry(m, &scope, &member->group->document_map_label, compute_member_id(m->job, tablix, place), &depth));
    }
    RS_TRY(map_cell(m, member->header, &scope, depth));
    if (member->members.count)
        return map_children(m, tablix, place, depth);
    return is_row ? map_row(m, tablix, place, compute_place_of(compute_root(tablix, COMPUTE_COLUMNS), 0), depth) : RS_OK;
}

static rs_status map_tablix(struct mapping *m, const struct rdl_item *item, const struct compute_scope *scope, unsigned depth)
{
    const struct rdl_tablix *t = item->tablix;
    struct compute_tablix *tablix;
    rs_status status = RS_OK;

    if (!tablix_has_labels(t))
        return RS_OK;
    RS_TRY(compute_tablix_open(m->job, m->run, scope, item, &tablix));
    if (members_have_labels(t->column_members.items, t->column_members.count))
        status = map_children(m, tablix, compute_place_of(compute_root(tablix, COMPUTE_COLUMNS), 0), depth);
    if (status == RS_OK)
        status = map_children(m, tablix, compute_place_of(compute_root(tablix, COMPUTE_ROWS), 0), depth);
    compute_tablix_close(tablix);
    return status;
}

static rs_status map_items(struct mapping *m, rdl_items items, const struct compute_scope *scope, unsigned depth)
{
    for (size_t i = 0; i < items.count; i++) {
        const struct rdl_item *item = items.items[i];
        unsigned inside = depth;
        bool hidden;
        if (!items_have_labels((rdl_items){&items.items[i], 1}))
            continue;
        RS_TRY(compute_hidden(m->job, m->run, scope, &item->visibility, &hidden));
        if (hidden && !item->visibility.toggle_item.size)
            continue;
        RS_TRY(add_entry(m, scope, &item->document_map_label, compute_instance_id(m->job, scope, item), &inside));
        if (item->kind == RDL_RECTANGLE)
            RS_TRY(map_items(m, item->rectangle->items, scope, inside));
        else if (item->kind == RDL_TABLIX)
            RS_TRY(map_tablix(m, item, scope, inside));
    }
    return RS_OK;
}

rs_status compute_document_map(struct rs_job *job, struct compute_run *run, struct compute_map *out)
{
    const struct rdl_report *report = run->report->definition;
    struct mapping m = {job, run, {0}};

    for (size_t i = 0; i < report->sections.count; i++)
        RS_TRY(map_items(&m, report->sections.items[i].items, &(struct compute_scope){0}, 0));
    *out = (struct compute_map){m.entries.items, m.entries.count};
    return RS_OK;
}
