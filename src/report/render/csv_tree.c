/* The tree of a report: regions, their groups and rows, subreports; each path through it is a record. See csv.c. */
#include "report/render/csv.h"

#include "report/render/data_output.h"

/* ---- values ----------------------------------------------------------------------------------------- */

rs_status csv_item_text(struct csv *w, const struct compute_scope *scope, const struct rdl_item *item, rs_text *out)
{
    struct compute_text text;

    RS_TRY(compute_textbox(w->scratch, w->run, scope, item, &text));
    *out = text.text;
    if (!w->formatted && text.value.kind != VALUE_NULL && text.value.kind != VALUE_ERROR && text.value.kind != VALUE_ARRAY)
        *out = compute_parameter_text(w->scratch, text.value);
    return RS_OK;
}

static rs_status region_level(struct csv *w, struct compute_tablix *tablix, struct csv_level *outer);
static rs_status subreport_level(struct csv *w, const struct compute_scope *scope, const struct rdl_item *item,
                                 struct csv_level *outer);

rs_status csv_item_add(struct csv *w, struct csv_level *level, enum csv_pass pass, const struct compute_scope *scope,
                          const struct rdl_item *item)
{
    bool hidden;

    if (item->kind == RDL_TEXTBOX ? pass != CSV_SINGLE_VALUES || w->part->column_of[item->number] < 0 : !data_item_is_written(w->part->published, item))
        return RS_OK;
    RS_TRY(data_is_hidden(w->scratch, w->run, scope, &item->visibility, &hidden));
    if (hidden)
        return RS_OK;
    if (item->kind == RDL_TEXTBOX) {
        size_t column = (size_t)w->part->column_of[item->number];
        RS_TRY(csv_item_text(w, scope, item, &w->values[column]));
        w->is_set[column] = true;
        rs_vec_push(w->scratch, &level->set, column);
    } else if (item->kind == RDL_RECTANGLE) {
        for (size_t i = 0; i < item->rectangle->items.count; i++)
            RS_TRY(csv_item_add(w, level, pass, scope, item->rectangle->items.items[i]));
    } else if (item->kind == RDL_TABLIX && pass == CSV_COLLECTIONS) {
        struct compute_tablix *tablix;
        RS_TRY(compute_tablix_open(w->job, w->run, scope, item, &tablix));
        RS_TRY(region_level(w, tablix, level));
        compute_tablix_close(tablix);
    } else if (item->kind == RDL_SUBREPORT && pass == CSV_COLLECTIONS) {
        return subreport_level(w, scope, item, level);
    }
    return RS_OK;
}

static rs_status add_cell(struct csv *w, struct csv_level *level, enum csv_pass pass, const struct compute_scope *scope,
                          const struct rdl_cell *cell)
{
    if (!cell || !cell->item || cell->data_element_output == RDL_NO_OUTPUT)
        return RS_OK;
    return csv_item_add(w, level, pass, scope, cell->item);
}

static void clear(struct csv *w, const struct csv_level *level)
{
    for (size_t i = 0; i < level->set.count; i++)
        w->is_set[level->set.items[i]] = false;
}

/* ---- the tree --------------------------------------------------------------------------------------- */

static rs_status below(struct csv *w, struct csv_level *level, enum csv_pass pass, const struct csv_branch *at);

static rs_status branch_hidden(struct csv *w, const struct csv_branch *at, struct compute_place place, bool *hidden)
{
    *hidden = true;
    if (!data_member_is_written(w->part->published, place.node->member))
        return RS_OK;
    return data_member_is_hidden(w->scratch, w->run, at->tablix, place, hidden);
}

/* One instance of a dynamic member: a level of its own. */
static rs_status instance(struct csv *w, struct csv_level *outer, const struct csv_branch *at, struct compute_place place)
{
    struct rs_mark mark = rs_job_mark(w->scratch);
    struct csv_branch inner = *at;
    struct csv_level level = {0};
    bool hidden;

    RS_TRY(branch_hidden(w, at, place, &hidden));
    if (hidden)
        return RS_OK;
    if (place.node->axis == COMPUTE_ROWS)
        inner.row = place;
    else
        inner.column = place;
    struct compute_scope scope = compute_member_scope(at->tablix, place);
    RS_TRY(add_cell(w, &level, CSV_SINGLE_VALUES, &scope, place.node->member->header));
    RS_TRY(below(w, &level, CSV_SINGLE_VALUES, &inner));
    if (place.node->axis == COMPUTE_COLUMNS || w->part->has_collections[place.node->member->number]) {
        RS_TRY(add_cell(w, &level, CSV_COLLECTIONS, &scope, place.node->member->header));
        RS_TRY(below(w, &level, CSV_COLLECTIONS, &inner));
    }
    if (!level.has_records)
        RS_TRY(csv_record_write(w));
    outer->has_records = true;
    clear(w, &level);
    rs_job_reset(w->scratch, mark);
    return RS_OK;
}

static rs_status instances(struct csv *w, struct csv_level *level, const struct csv_branch *at, struct compute_node *node)
{
    bool has;

    RS_TRY(compute_has_row(w->job, at->tablix, node, 0, &has));
    for (size_t row = 0; has; row++) {
        RS_TRY(instance(w, level, at, compute_place_of(node, row)));
        compute_let_go(at->tablix, node, row + 1);
        RS_TRY(compute_has_row(w->job, at->tablix, node, row + 1, &has));
    }
    return RS_OK;
}

/* What a node below a branch adds: a static one to the same level, a dynamic one as a collection. */
static rs_status child(struct csv *w, struct csv_level *level, enum csv_pass pass, const struct csv_branch *at, struct compute_node *node)
{
    struct compute_place place = compute_place_of(node, node->axis == COMPUTE_ROWS ? at->row.row : at->column.row);
    struct csv_branch inner = *at;
    bool hidden, done;

    if (node->kind != COMPUTE_STATIC && pass == CSV_COLLECTIONS) {
        RS_TRY(csv_flat_try(w, level, at, node, &done));
        if (done)
            return RS_OK;
    }
    if (node->kind != COMPUTE_STATIC)
        return pass == CSV_COLLECTIONS ? instances(w, level, at, node) : RS_OK;
    RS_TRY(branch_hidden(w, at, place, &hidden));
    if (hidden)
        return RS_OK;
    if (node->axis == COMPUTE_ROWS)
        inner.row = place;
    else
        inner.column = place;
    struct compute_scope scope = compute_member_scope(at->tablix, place);
    RS_TRY(add_cell(w, level, pass, &scope, node->member->header));
    return below(w, level, pass, &inner);
}

static rs_status children(struct csv *w, struct csv_level *level, enum csv_pass pass, const struct csv_branch *at, struct compute_node *node)
{
    struct compute_nodes nodes;

    RS_TRY(compute_children(w->job, at->tablix, node, &nodes));
    for (size_t i = 0; i < nodes.count; i++)
        RS_TRY(child(w, level, pass, at, nodes.items[i]));
    return RS_OK;
}

/* Row nodes down to a leaf, then its columns down to a leaf, then the cell. */
static rs_status below(struct csv *w, struct csv_level *level, enum csv_pass pass, const struct csv_branch *at)
{
    struct csv_branch inner = *at;

    if (!data_is_leaf(at->row.node))
        return children(w, level, pass, at, at->row.node);
    if (!at->column.node)
        inner.column = compute_place_of(compute_root(at->tablix, COMPUTE_COLUMNS), 0);
    if (!data_is_leaf(inner.column.node))
        return children(w, level, pass, &inner, inner.column.node);
    struct compute_scope scope = compute_cell_scope(at->tablix, at->row, at->column);
    return add_cell(w, level, pass, &scope, compute_cell(at->tablix, at->row.node, at->column.node));
}

static rs_status corner(struct csv *w, struct csv_level *level, enum csv_pass pass, struct compute_tablix *tablix)
{
    const struct rdl_tablix *t = compute_tablix_item(tablix)->tablix;
    struct compute_scope scope = {.tablix = tablix};

    for (size_t i = 0; t->corner && i < (size_t)t->corner_rows * t->corner_columns; i++)
        RS_TRY(add_cell(w, level, pass, &scope, &t->corner[i]));
    return RS_OK;
}

/* The values of a level that gave no records are one record. */
static rs_status end_level(struct csv *w, struct csv_level *level, struct rs_mark mark, struct csv_level *outer)
{
    if (!level->has_records && level->set.count) {
        RS_TRY(csv_record_write(w));
        level->has_records = true;
    }
    outer->has_records |= level->has_records;
    clear(w, level);
    rs_job_reset(w->scratch, mark);
    return RS_OK;
}

/* A region is a level too: its single values repeat on its records. Without rows they are one record. */
static rs_status region_level(struct csv *w, struct compute_tablix *tablix, struct csv_level *outer)
{
    struct rs_mark mark = rs_job_mark(w->scratch);
    struct csv_branch at = {tablix, {compute_root(tablix, COMPUTE_ROWS), 0}, {NULL, 0}};
    struct csv_level level = {0};

    for (enum csv_pass pass = CSV_SINGLE_VALUES; pass <= CSV_COLLECTIONS; pass++) {
        RS_TRY(corner(w, &level, pass, tablix));
        RS_TRY(below(w, &level, pass, &at));
    }
    return end_level(w, &level, mark, outer);
}

/* Another report, with the run and the part at work changed. */
static rs_status part_level(struct csv *w, struct csv_level *outer)
{
    const struct rdl_report *report = compute_report(w->run);
    struct rs_mark mark = rs_job_mark(w->scratch);
    struct csv_level level = {0};

    for (enum csv_pass pass = CSV_SINGLE_VALUES; pass <= CSV_COLLECTIONS; pass++)
        for (size_t s = 0; s < report->sections.count; s++)
            for (size_t i = 0; i < report->sections.items[s].items.count; i++)
                RS_TRY(csv_item_add(w, &level, pass, &(struct compute_scope){0}, report->sections.items[s].items.items[i]));
    return end_level(w, &level, mark, outer);
}

/* A subreport is a level as a region is. One that cannot be shown, or has no rows, has no records. */
static rs_status subreport_level(struct csv *w, const struct compute_scope *scope, const struct rdl_item *item,
                                 struct csv_level *outer)
{
    struct csv_part *around = w->part, *part = csv_part_find(w, item);
    struct compute_run *run = w->run;
    const struct compute_subreport *subreport;
    rs_status status = RS_OK;

    if (!part)
        return RS_OK;
    RS_TRY(compute_subreport_open(w->scratch, run, scope, item, &subreport));
    if (subreport->run && !subreport->message.size) {
        w->run = subreport->run;
        w->part = part;
        status = part_level(w, outer);
        w->run = run;
        w->part = around;
    }
    compute_subreport_close(subreport);
    return status;
}
