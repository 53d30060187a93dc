/* The document map as data: labels of report items and of group instances, each with the id of what it leads to, also of
 * those in subreports: these are run only where something in them has a label. */
#include "report/compute/internal.h"

#include "base/buf.h"

RS_VEC_TYPE(struct compute_map_entry, entry_vec);
RS_VEC_TYPE(const struct rdl_item *, item_vec);

struct mapping {
    struct rs_job *job;
    struct compute_run *run;    /* of the report at work: the one asked for, or a subreport in it */
    rs_text around;             /* compute_map_inside of that; empty outside of subreports */
    struct item_vec subreports; /* those with labels in them, of all definitions */
    struct entry_vec entries;
};

static rs_status map_items(struct mapping *m, rdl_items items, const struct compute_scope *scope, unsigned depth);
static rs_status map_place(struct mapping *m, struct compute_tablix *tablix, struct compute_place place, unsigned depth);

/* ---- is there anything to find? --------------------------------------------------------------------- */

static bool items_have_labels(const struct mapping *m, rdl_items items);

static bool cell_has_labels(const struct mapping *m, const struct rdl_cell *cell)
{
    struct rdl_item *item = cell ? cell->item : NULL;

    return item && items_have_labels(m, (rdl_items){&item, 1});
}

static bool members_have_labels(const struct mapping *m, const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *member = &members[i];
        if ((member->group && member->group->document_map_label.present) || cell_has_labels(m, member->header) ||
            members_have_labels(m, member->members.items, member->members.count))
            return true;
    }
    return false;
}

/* Cells of the rows from `first` on; of all columns. */
static bool rows_have_labels(const struct mapping *m, const struct rdl_tablix *t, unsigned first, unsigned count)
{
    for (unsigned y = first; y < first + count; y++)
        for (size_t x = 0; x < t->rows.items[y].cells.count; x++)
            if (cell_has_labels(m, &t->rows.items[y].cells.items[x]))
                return true;
    return false;
}

static bool tablix_has_labels(const struct mapping *m, const struct rdl_tablix *t)
{
    return members_have_labels(m, t->row_members.items, t->row_members.count) ||
           members_have_labels(m, t->column_members.items, t->column_members.count) ||
           rows_have_labels(m, t, 0, (unsigned)t->rows.count);
}

static bool is_listed(const struct item_vec *list, const struct rdl_item *item)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == item)
            return true;
    return false;
}

static bool items_have_labels(const struct mapping *m, rdl_items items)
{
    for (size_t i = 0; i < items.count; i++) {
        const struct rdl_item *item = items.items[i];
        if (item->document_map_label.present || (item->kind == RDL_RECTANGLE && items_have_labels(m, item->rectangle->items)) ||
            (item->kind == RDL_TABLIX && tablix_has_labels(m, item->tablix)) ||
            (item->kind == RDL_SUBREPORT && is_listed(&m->subreports, item)))
            return true;
    }
    return false;
}

static bool report_has_labels(const struct mapping *m, const struct publish_report *report)
{
    for (size_t i = 0; i < report->definition->sections.count; i++)
        if (items_have_labels(m, report->definition->sections.items[i].items))
            return true;
    return false;
}

/* A subreport, and the definition that it names. */
struct reference {
    const struct rdl_item *item;
    const struct publish_report *to;
};
RS_VEC_TYPE(struct reference, reference_vec);

static rs_status find_references(struct mapping *m, struct reference_vec *all, const struct publish_report *from)
{
    for (unsigned i = 0; i < from->definition->item_count; i++) {
        struct reference reference = {.item = from->items[i]};
        bool known = false;
        if (!reference.item || reference.item->kind != RDL_SUBREPORT)
            continue;
        RS_TRY(compute_subreport_find(m->job, m->run, from, reference.item, &reference.to));
        for (size_t k = 0; k < all->count && !known; k++)
            known = all->items[k].item == reference.item;
        if (reference.to && !known)
            rs_vec_push(m->job, all, reference);
    }
    return rs_job_checkpoint(m->job);
}

/* Reports may name each other in circles: what has labels is found until nothing more is. */
static rs_status find_subreports(struct mapping *m)
{
    struct reference_vec all = {0};
    size_t before;

    RS_TRY(find_references(m, &all, m->run->report));
    for (size_t i = 0; i < all.count; i++)
        RS_TRY(find_references(m, &all, all.items[i].to));
    do {
        before = m->subreports.count;
        for (size_t i = 0; i < all.count; i++)
            if (!is_listed(&m->subreports, all.items[i].item) && report_has_labels(m, all.items[i].to))
                rs_vec_push(m->job, &m->subreports, all.items[i].item);
    } while (m->subreports.count > before);
    return RS_OK;
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
    rs_vec_push(m->job, &m->entries, (struct compute_map_entry){
        *depth, rs_text_copy(m->job, text), rs_text_format(m->job, "%.*s%.*s", RS_TEXT_ARG(m->around), RS_TEXT_ARG(id))});
    ++*depth;
    return RS_OK;
}

static rs_status map_cell(struct mapping *m, const struct rdl_cell *cell, const struct compute_scope *scope, unsigned depth)
{
    struct rdl_item *item = cell ? cell->item : NULL;

    return cell_has_labels(m, cell) ? map_items(m, (rdl_items){&item, 1}, scope, depth) : RS_OK;
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

    if (!members_have_labels(m, member, 1) && !(is_row && rows_have_labels(m, definition, member->first_leaf, member->leaf_count)))
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

    if (!tablix_has_labels(m, t))
        return RS_OK;
    RS_TRY(compute_tablix_open(m->job, m->run, scope, item, &tablix));
    if (members_have_labels(m, t->column_members.items, t->column_members.count))
        status = map_children(m, tablix, compute_place_of(compute_root(tablix, COMPUTE_COLUMNS), 0), depth);
    if (status == RS_OK)
        status = map_children(m, tablix, compute_place_of(compute_root(tablix, COMPUTE_ROWS), 0), depth);
    compute_tablix_close(tablix);
    return status;
}

static rs_status map_report(struct mapping *m, unsigned depth)
{
    const struct rdl_report *report = m->run->report->definition;

    for (size_t i = 0; i < report->sections.count; i++)
        RS_TRY(map_items(m, report->sections.items[i].items, &(struct compute_scope){0}, depth));
    return RS_OK;
}

static rs_status map_subreport(struct mapping *m, const struct rdl_item *item, const struct compute_scope *scope, unsigned depth)
{
    struct compute_run *run = m->run;
    rs_text around = m->around;
    const struct compute_subreport *subreport;
    rs_status status = RS_OK;

    if (!is_listed(&m->subreports, item))
        return RS_OK;
    RS_TRY(compute_subreport_open(m->job, run, scope, item, &subreport));
    if (subreport->run && !subreport->message.size) {
        m->run = subreport->run;
        m->around = compute_map_inside(m->job, around, scope, item);
        status = map_report(m, depth);
        m->run = run;
        m->around = around;
    }
    compute_subreport_close(subreport);
    return status;
}

static rs_status map_items(struct mapping *m, rdl_items items, const struct compute_scope *scope, unsigned depth)
{
    for (size_t i = 0; i < items.count; i++) {
        const struct rdl_item *item = items.items[i];
        unsigned inside = depth;
        bool hidden;
        if (!items_have_labels(m, (rdl_items){&items.items[i], 1}))
            continue;
        RS_TRY(compute_hidden(m->job, m->run, scope, &item->visibility, &hidden));
        if (hidden && !item->visibility.toggle_item.size)
            continue;
        RS_TRY(add_entry(m, scope, &item->document_map_label, compute_instance_id(m->job, scope, item), &inside));
        if (item->kind == RDL_RECTANGLE)
            RS_TRY(map_items(m, item->rectangle->items, scope, inside));
        else if (item->kind == RDL_TABLIX)
            RS_TRY(map_tablix(m, item, scope, inside));
        else if (item->kind == RDL_SUBREPORT)
            RS_TRY(map_subreport(m, item, scope, inside));
    }
    return RS_OK;
}

rs_text compute_map_inside(struct rs_job *job, rs_text around, const struct compute_scope *scope, const struct rdl_item *subreport)
{
    rs_text id = compute_instance_id(job, scope, subreport);

    return rs_text_format(job, "%.*s%.*ss", RS_TEXT_ARG(around), RS_TEXT_ARG(id));
}

rs_status compute_document_map(struct rs_job *job, struct compute_run *run, struct compute_map *out)
{
    struct mapping m = {.job = job, .run = run, .around = RS_TEXT("")};

    RS_TRY(find_subreports(&m));
    RS_TRY(map_report(&m, 0));
    *out = (struct compute_map){m.entries.items, m.entries.count};
    return RS_OK;
}
