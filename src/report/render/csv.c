/* The CSV renderer: a report's data as records.
 *
 * A data region is a tree: an instance of a group, or the region itself, has single values (the text boxes of its
 * headers, of its static rows and columns) and collections (group instances, details, column instances, nested
 * regions, subreports). A record is one path through the tree: the single values of every level on it. Where a level has several
 * collections they follow each other, each filling its own columns and leaving the others empty: "diagonally".
 *
 * ExcelMode (the default): the text boxes outside regions are one block, every region outside regions is another, each
 * with its own header; blocks are separated by an empty line; values are written as shown. Otherwise there is one
 * header for all, every record has all fields, and values are written unformatted.
 *
 * Source:  docs/reports.md, CSV; Reporting Services, exporting to a CSV file, CSV device information settings.
 */
#include "base/vec.h"
#include "format/csv/write.h"
#include "report/compute/compute.h"
#include "report/publish/publish.h"
#include "report/render/data_output.h"
#include "report/render/encoded.h"
#include "report/render/renderers.h"

#define CSV_PARTS_MAX 1000u /* subreports in all, those inside each other too */

RS_VEC_TYPE(const struct rdl_item *, item_vec);

/* The report asked for, or another one in the place of a subreport: with columns of its own for each place. */
struct csv_part {
    const struct publish_report *published;
    struct csv_part *around;   /* NULL: the report asked for */
    const struct rdl_item *item; /* the subreport in it */
    ptrdiff_t *column_of;      /* by item number: column, or -1 where it is not written */
    bool *has_collections;     /* by member number, rows only: something below it is not a single value */
};
RS_VEC_TYPE(struct csv_part *, part_vec);

struct csv {
    struct rs_job *job, *scratch;
    struct compute_run *run; /* of the part at work */
    struct csv_part *part;
    struct part_vec parts;
    struct csv_shape shape;
    bool excel_mode, formatted, no_header;
    struct encoded out;

    struct item_vec columns; /* of the block */
    rs_text *values;         /* of the record under construction */
    bool *is_set;
    bool has_blocks;         /* something was written before */
};

/* ---- parts ------------------------------------------------------------------------------------------ */

static void add_part(struct csv *w, const struct publish_report *published, const struct rdl_item *item)
{
    struct csv_part *part = RS_NEW(w->job, struct csv_part);

    *part = (struct csv_part){.published = published, .around = w->part, .item = item};
    part->column_of = RS_NEW_ARRAY(w->job, ptrdiff_t, (size_t)published->definition->item_count + 1);
    part->has_collections = RS_NEW_ARRAY(w->job, bool, (size_t)published->definition->member_count + 1);
    for (unsigned i = 0; i < published->definition->item_count; i++)
        part->column_of[i] = -1;
    rs_vec_push(w->job, &w->parts, part);
}

/* The part in the place of a subreport; NULL where there is none. */
static struct csv_part *find_part(const struct csv *w, const struct rdl_item *item)
{
    for (size_t i = 0; i < w->parts.count; i++)
        if (w->parts.items[i]->item == item && w->parts.items[i]->around == w->part)
            return w->parts.items[i];
    return NULL;
}

static bool is_around(const struct csv_part *part, const struct publish_report *published)
{
    while (part && part->published != published)
        part = part->around;
    return part;
}

/* All parts, those of subreports in subreports too. A report inside itself is left out: its columns would have no end. */
static rs_status find_parts(struct csv *w)
{
    add_part(w, compute_published(w->run), NULL);
    for (size_t i = 0; i < w->parts.count; i++) {
        const struct publish_report *own = w->parts.items[i]->published, *found;
        w->part = w->parts.items[i];
        for (unsigned k = 0; k < own->definition->item_count; k++) {
            if (!own->items[k] || own->items[k]->kind != RDL_SUBREPORT)
                continue;
            RS_TRY(compute_subreport_find(w->job, w->run, own, own->items[k], &found));
            if (w->parts.count == CSV_PARTS_MAX)
                return rs_fail(w->job, RS_OVER_LIMIT, "the report has more than %u subreports in all", CSV_PARTS_MAX);
            if (found && !is_around(w->part, found))
                add_part(w, found, own->items[k]);
        }
    }
    w->part = w->parts.items[0];
    return RS_OK;
}

/* ---- columns ---------------------------------------------------------------------------------------- */

static void region_columns(struct csv *w, const struct rdl_item *region);
static void subreport_columns(struct csv *w, const struct rdl_item *item);

static void item_columns(struct csv *w, const struct rdl_item *item)
{
    if (!data_item_is_written(w->part->published, item))
        return;
    switch (item->kind) {
    case RDL_TEXTBOX:
        w->part->column_of[item->number] = (ptrdiff_t)w->columns.count;
        rs_vec_push(w->job, &w->columns, item);
        return;
    case RDL_RECTANGLE:
        for (size_t i = 0; i < item->rectangle->items.count; i++)
            item_columns(w, item->rectangle->items.items[i]);
        return;
    case RDL_TABLIX:
        region_columns(w, item);
        return;
    case RDL_SUBREPORT:
        subreport_columns(w, item);
        return;
    default:
        return;
    }
}

static void subreport_columns(struct csv *w, const struct rdl_item *item)
{
    struct csv_part *around = w->part, *part = find_part(w, item);
    const struct rdl_report *report = part ? part->published->definition : NULL;

    w->part = part;
    for (size_t s = 0; report && s < report->sections.count; s++)
        for (size_t i = 0; i < report->sections.items[s].items.count; i++)
            item_columns(w, report->sections.items[s].items.items[i]);
    w->part = around;
}

static void cell_columns(struct csv *w, const struct rdl_cell *cell)
{
    if (cell && cell->item && cell->data_element_output != RDL_NO_OUTPUT)
        item_columns(w, cell->item);
}

static void header_columns(struct csv *w, const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!data_member_is_written(w->part->published, &members[i]))
            continue;
        cell_columns(w, members[i].header);
        header_columns(w, members[i].members.items, members[i].members.count);
    }
}

/* A mark per leaf of a hierarchy whose members are all written. */
static void mark_leaves(struct csv *w, const struct rdl_member *members, size_t count, bool *marks)
{
    for (size_t i = 0; i < count; i++) {
        if (!data_member_is_written(w->part->published, &members[i]))
            continue;
        if (members[i].members.count == 0)
            marks[members[i].first_leaf] = true;
        mark_leaves(w, members[i].members.items, members[i].members.count, marks);
    }
}

static bool holds_region(const struct rdl_cell *cell)
{
    return cell && cell->item && cell->item->kind != RDL_TEXTBOX;
}

static bool any_group(const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (members[i].group || any_group(members[i].members.items, members[i].members.count))
            return true;
    return false;
}

/* Most rows are text boxes and nothing else: these are walked once and not twice. */
static bool note_collections(struct csv *w, const struct rdl_tablix *t, const struct rdl_member *member, bool dynamic_columns)
{
    bool any = holds_region(member->header);

    for (size_t i = 0; i < member->members.count; i++)
        any |= note_collections(w, t, &member->members.items[i], dynamic_columns) || member->members.items[i].group;
    if (member->members.count == 0) {
        any |= dynamic_columns;
        for (size_t c = 0; c < t->rows.items[member->first_leaf].cells.count; c++)
            any |= holds_region(&t->rows.items[member->first_leaf].cells.items[c]);
    }
    return w->part->has_collections[member->number] = any;
}

/* In the order of the original: corner, row headers, column headers, cells. */
static void region_columns(struct csv *w, const struct rdl_item *region)
{
    const struct rdl_tablix *t = region->tablix;
    bool *rows = RS_NEW_ARRAY(w->job, bool, t->rows.count + 1), *columns = RS_NEW_ARRAY(w->job, bool, t->column_widths_pt.count + 1);

    for (size_t i = 0; t->corner && i < (size_t)t->corner_rows * t->corner_columns; i++)
        cell_columns(w, &t->corner[i]);
    for (size_t i = 0; i < t->row_members.count; i++)
        note_collections(w, t, &t->row_members.items[i], any_group(t->column_members.items, t->column_members.count));
    header_columns(w, t->row_members.items, t->row_members.count);
    header_columns(w, t->column_members.items, t->column_members.count);
    mark_leaves(w, t->row_members.items, t->row_members.count, rows);
    mark_leaves(w, t->column_members.items, t->column_members.count, columns);
    for (size_t r = 0; r < t->rows.count; r++)
        for (size_t c = 0; rows[r] && c < t->rows.items[r].cells.count; c++)
            if (columns[c])
                cell_columns(w, &t->rows.items[r].cells.items[c]);
}

/* ---- records ---------------------------------------------------------------------------------------- */

static rs_status write_header(struct csv *w)
{
    if (w->no_header || !w->columns.count)
        return RS_OK;
    for (size_t i = 0; i < w->columns.count; i++) {
        const struct rdl_item *item = w->columns.items[i];
        csv_write_field(&w->out.buf, &w->shape, rs_text_is_empty(item->data_element_name) ? item->name : item->data_element_name,
                        i == 0);
    }
    csv_end_record(&w->out.buf, &w->shape);
    return RS_OK;
}

static rs_status write_record(struct csv *w)
{
    for (size_t i = 0; i < w->columns.count; i++)
        csv_write_field(&w->out.buf, &w->shape, w->is_set[i] ? w->values[i] : (rs_text){NULL, 0}, i == 0);
    csv_end_record(&w->out.buf, &w->shape);
    return encoded_flush(&w->out, false);
}

/* ---- values ----------------------------------------------------------------------------------------- */

static rs_status item_text(struct csv *w, const struct compute_scope *scope, const struct rdl_item *item, rs_text *out)
{
    struct compute_text text;

    RS_TRY(compute_textbox(w->scratch, w->run, scope, item, &text));
    *out = text.text;
    if (!w->formatted && text.value.kind != VALUE_NULL && text.value.kind != VALUE_ERROR && text.value.kind != VALUE_ARRAY)
        *out = compute_parameter_text(w->scratch, text.value);
    return RS_OK;
}

/* A level of the tree: what it set, and whether records came out of its collections. */
struct level {
    RS_VEC(size_t) set;
    bool has_records;
};

enum pass { SINGLE_VALUES, COLLECTIONS };

static rs_status region_level(struct csv *w, struct compute_tablix *tablix, struct level *outer);
static rs_status subreport_level(struct csv *w, const struct compute_scope *scope, const struct rdl_item *item,
                                 struct level *outer);

static rs_status add_item(struct csv *w, struct level *level, enum pass pass, const struct compute_scope *scope,
                          const struct rdl_item *item)
{
    bool hidden;

    if (item->kind == RDL_TEXTBOX ? pass != SINGLE_VALUES || w->part->column_of[item->number] < 0 : !data_item_is_written(w->part->published, item))
        return RS_OK;
    RS_TRY(data_is_hidden(w->scratch, w->run, scope, &item->visibility, &hidden));
    if (hidden)
        return RS_OK;
    if (item->kind == RDL_TEXTBOX) {
        size_t column = (size_t)w->part->column_of[item->number];
        RS_TRY(item_text(w, scope, item, &w->values[column]));
        w->is_set[column] = true;
        rs_vec_push(w->scratch, &level->set, column);
    } else if (item->kind == RDL_RECTANGLE) {
        for (size_t i = 0; i < item->rectangle->items.count; i++)
            RS_TRY(add_item(w, level, pass, scope, item->rectangle->items.items[i]));
    } else if (item->kind == RDL_TABLIX && pass == COLLECTIONS) {
        struct compute_tablix *tablix;
        RS_TRY(compute_tablix_open(w->job, w->run, scope, item, &tablix));
        RS_TRY(region_level(w, tablix, level));
        compute_tablix_close(tablix);
    } else if (item->kind == RDL_SUBREPORT && pass == COLLECTIONS) {
        return subreport_level(w, scope, item, level);
    }
    return RS_OK;
}

static rs_status add_cell(struct csv *w, struct level *level, enum pass pass, const struct compute_scope *scope,
                          const struct rdl_cell *cell)
{
    if (!cell || !cell->item || cell->data_element_output == RDL_NO_OUTPUT)
        return RS_OK;
    return add_item(w, level, pass, scope, cell->item);
}

static void clear(struct csv *w, const struct level *level)
{
    for (size_t i = 0; i < level->set.count; i++)
        w->is_set[level->set.items[i]] = false;
}

/* ---- the tree --------------------------------------------------------------------------------------- */

/* A place of a region's tree: below a row node, or below a column node of one row leaf. */
struct branch {
    struct compute_tablix *tablix;
    struct compute_place row;
    struct compute_place column; /* its node is NULL while the row is no leaf */
};

static rs_status below(struct csv *w, struct level *level, enum pass pass, const struct branch *at);

static rs_status branch_hidden(struct csv *w, const struct branch *at, struct compute_place place, bool *hidden)
{
    *hidden = true;
    if (!data_member_is_written(w->part->published, place.node->member))
        return RS_OK;
    return data_member_is_hidden(w->scratch, w->run, at->tablix, place, hidden);
}

/* One instance of a dynamic member: a level of its own. */
static rs_status instance(struct csv *w, struct level *outer, const struct branch *at, struct compute_place place)
{
    struct rs_mark mark = rs_job_mark(w->scratch);
    struct branch inner = *at;
    struct level level = {0};
    bool hidden;

    RS_TRY(branch_hidden(w, at, place, &hidden));
    if (hidden)
        return RS_OK;
    if (place.node->axis == COMPUTE_ROWS)
        inner.row = place;
    else
        inner.column = place;
    struct compute_scope scope = compute_member_scope(at->tablix, place);
    RS_TRY(add_cell(w, &level, SINGLE_VALUES, &scope, place.node->member->header));
    RS_TRY(below(w, &level, SINGLE_VALUES, &inner));
    if (place.node->axis == COMPUTE_COLUMNS || w->part->has_collections[place.node->member->number]) {
        RS_TRY(add_cell(w, &level, COLLECTIONS, &scope, place.node->member->header));
        RS_TRY(below(w, &level, COLLECTIONS, &inner));
    }
    if (!level.has_records)
        RS_TRY(write_record(w));
    outer->has_records = true;
    clear(w, &level);
    rs_job_reset(w->scratch, mark);
    return RS_OK;
}

/* ---- rows of text boxes ---- */

/* Most rows of most reports: details whose cells are text boxes that are always shown, under columns that do not repeat. Where
 * each stands is found once; what the tree gives is the same, row by row. */
struct flat {
    RS_VEC(const struct rdl_item *) items;
    RS_VEC(struct compute_place) columns;
};

static bool is_always_shown(const struct rdl_visibility *visibility)
{
    return !visibility->hidden.present || visibility->toggle_item.size > 0;
}

/* False where something below `node` is not so simple. */
static rs_status collect(struct csv *w, const struct branch *at, struct compute_node *node, struct flat *flat, bool *simple)
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

static rs_status flat_rows(struct csv *w, const struct branch *at, struct compute_node *node, const struct flat *flat)
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
            RS_TRY(item_text(w, &scope, flat->items.items[i], &w->values[column]));
            w->is_set[column] = true;
        }
        RS_TRY(write_record(w));
        compute_let_go(at->tablix, node, row + 1);
        rs_job_reset(w->scratch, mark);
    }
    for (size_t i = 0; i < flat->items.count; i++)
        w->is_set[w->part->column_of[flat->items.items[i]->number]] = false;
    return RS_OK;
}

/* `done`: the rows of a details group were such, and are written. */
static rs_status try_flat_rows(struct csv *w, struct level *level, const struct branch *at, struct compute_node *node, bool *done)
{
    const struct rdl_member *member = node->member;
    struct branch leaf = *at;
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

static rs_status instances(struct csv *w, struct level *level, const struct branch *at, struct compute_node *node)
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
static rs_status child(struct csv *w, struct level *level, enum pass pass, const struct branch *at, struct compute_node *node)
{
    struct compute_place place = compute_place_of(node, node->axis == COMPUTE_ROWS ? at->row.row : at->column.row);
    struct branch inner = *at;
    bool hidden, done;

    if (node->kind != COMPUTE_STATIC && pass == COLLECTIONS) {
        RS_TRY(try_flat_rows(w, level, at, node, &done));
        if (done)
            return RS_OK;
    }
    if (node->kind != COMPUTE_STATIC)
        return pass == COLLECTIONS ? instances(w, level, at, node) : RS_OK;
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

static rs_status children(struct csv *w, struct level *level, enum pass pass, const struct branch *at, struct compute_node *node)
{
    struct compute_nodes nodes;

    RS_TRY(compute_children(w->job, at->tablix, node, &nodes));
    for (size_t i = 0; i < nodes.count; i++)
        RS_TRY(child(w, level, pass, at, nodes.items[i]));
    return RS_OK;
}

/* Row nodes down to a leaf, then its columns down to a leaf, then the cell. */
static rs_status below(struct csv *w, struct level *level, enum pass pass, const struct branch *at)
{
    struct branch inner = *at;

    if (!data_is_leaf(at->row.node))
        return children(w, level, pass, at, at->row.node);
    if (!at->column.node)
        inner.column = compute_place_of(compute_root(at->tablix, COMPUTE_COLUMNS), 0);
    if (!data_is_leaf(inner.column.node))
        return children(w, level, pass, &inner, inner.column.node);
    struct compute_scope scope = compute_cell_scope(at->tablix, at->row, at->column);
    return add_cell(w, level, pass, &scope, compute_cell(at->tablix, at->row.node, at->column.node));
}

static rs_status corner(struct csv *w, struct level *level, enum pass pass, struct compute_tablix *tablix)
{
    const struct rdl_tablix *t = compute_tablix_item(tablix)->tablix;
    struct compute_scope scope = {.tablix = tablix};

    for (size_t i = 0; t->corner && i < (size_t)t->corner_rows * t->corner_columns; i++)
        RS_TRY(add_cell(w, level, pass, &scope, &t->corner[i]));
    return RS_OK;
}

/* A region is a level too: its single values repeat on its records. Without rows they are one record. */
static rs_status region_level(struct csv *w, struct compute_tablix *tablix, struct level *outer)
{
    struct rs_mark mark = rs_job_mark(w->scratch);
    struct branch at = {tablix, {compute_root(tablix, COMPUTE_ROWS), 0}, {NULL, 0}};
    struct level level = {0};

    for (enum pass pass = SINGLE_VALUES; pass <= COLLECTIONS; pass++) {
        RS_TRY(corner(w, &level, pass, tablix));
        RS_TRY(below(w, &level, pass, &at));
    }
    if (!level.has_records && level.set.count) {
        RS_TRY(write_record(w));
        level.has_records = true;
    }
    outer->has_records |= level.has_records;
    clear(w, &level);
    rs_job_reset(w->scratch, mark);
    return RS_OK;
}

/* Another report, with the run and the part at work changed. */
static rs_status part_level(struct csv *w, struct level *outer)
{
    const struct rdl_report *report = compute_report(w->run);
    struct rs_mark mark = rs_job_mark(w->scratch);
    struct level level = {0};

    for (enum pass pass = SINGLE_VALUES; pass <= COLLECTIONS; pass++)
        for (size_t s = 0; s < report->sections.count; s++)
            for (size_t i = 0; i < report->sections.items[s].items.count; i++)
                RS_TRY(add_item(w, &level, pass, &(struct compute_scope){0}, report->sections.items[s].items.items[i]));
    if (!level.has_records && level.set.count) {
        RS_TRY(write_record(w));
        level.has_records = true;
    }
    outer->has_records |= level.has_records;
    clear(w, &level);
    rs_job_reset(w->scratch, mark);
    return RS_OK;
}

/* A subreport is a level as a region is. One that cannot be shown, or has no rows, has no records. */
static rs_status subreport_level(struct csv *w, const struct compute_scope *scope, const struct rdl_item *item,
                                 struct level *outer)
{
    struct csv_part *around = w->part, *part = find_part(w, item);
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

/* ---- blocks ----------------------------------------------------------------------------------------- */

/* Top to bottom, then left to right. */
static bool stands_before(const struct rdl_item *a, const struct rdl_item *b)
{
    return a->top_pt != b->top_pt ? a->top_pt < b->top_pt : a->left_pt < b->left_pt;
}

static void sort_items(struct csv *w, const rdl_items *items, struct item_vec *out)
{
    for (size_t i = 0; i < items->count; i++) {
        size_t at = out->count;
        rs_vec_push(w->job, out, items->items[i]);
        for (; at > 0 && stands_before(items->items[i], out->items[at - 1]); at--)
            out->items[at] = out->items[at - 1];
        out->items[at] = items->items[i];
    }
}

/* The text boxes and the regions outside regions, through rectangles. */
static void sort_out(struct csv *w, const rdl_items *items, struct item_vec *texts, struct item_vec *regions)
{
    struct item_vec sorted = {0};

    sort_items(w, items, &sorted);
    for (size_t i = 0; i < sorted.count; i++) {
        const struct rdl_item *item = sorted.items[i];
        if (!data_item_is_written(w->part->published, item))
            continue;
        if (item->kind == RDL_TEXTBOX)
            rs_vec_push(w->job, texts, item);
        else if (item->kind == RDL_TABLIX || item->kind == RDL_SUBREPORT)
            rs_vec_push(w->job, regions, item);
        else if (item->kind == RDL_RECTANGLE)
            sort_out(w, &item->rectangle->items, texts, regions);
    }
}

static void begin_columns(struct csv *w)
{
    w->columns.count = 0;
    for (size_t p = 0; p < w->parts.count; p++)
        for (unsigned i = 0; i < w->parts.items[p]->published->definition->item_count; i++)
            w->parts.items[p]->column_of[i] = -1;
}

static rs_status begin_block(struct csv *w)
{
    w->values = RS_NEW_ARRAY(w->job, rs_text, w->columns.count + 1);
    w->is_set = RS_NEW_ARRAY(w->job, bool, w->columns.count + 1);
    if (w->has_blocks)
        csv_end_record(&w->out.buf, &w->shape);
    w->has_blocks = true;
    return write_header(w);
}

static rs_status add_items(struct csv *w, struct level *level, enum pass pass, const struct item_vec *items)
{
    for (size_t i = 0; i < items->count; i++)
        RS_TRY(add_item(w, level, pass, &(struct compute_scope){0}, items->items[i]));
    return RS_OK;
}

/* Text boxes, then regions, as one tree: all of a report, or one block of it. */
static rs_status write_block(struct csv *w, const struct item_vec *texts, const struct item_vec *regions)
{
    struct level level = {0};

    begin_columns(w);
    for (size_t i = 0; i < texts->count; i++)
        item_columns(w, texts->items[i]);
    for (size_t i = 0; i < regions->count; i++)
        item_columns(w, regions->items[i]);
    if (!w->columns.count)
        return RS_OK;
    RS_TRY(begin_block(w));
    RS_TRY(add_items(w, &level, SINGLE_VALUES, texts));
    RS_TRY(add_items(w, &level, COLLECTIONS, regions));
    if (!level.has_records && texts->count)
        RS_TRY(write_record(w));
    return RS_OK;
}

static rs_status write_report(struct csv *w)
{
    const struct rdl_report *report = compute_report(w->run);
    struct item_vec texts = {0}, regions = {0}, none = {0};

    RS_TRY(find_parts(w));
    for (size_t s = 0; s < report->sections.count; s++)
        if (report->sections.items[s].data_element_output != RDL_NO_OUTPUT)
            sort_out(w, &report->sections.items[s].items, &texts, &regions);
    if (!w->excel_mode)
        return write_block(w, &texts, &regions);
    if (texts.count)
        RS_TRY(write_block(w, &texts, &none));
    for (size_t i = 0; i < regions.count; i++)
        RS_TRY(write_block(w, &none, &(struct item_vec){&regions.items[i], 1, 1}));
    return RS_OK;
}

/* ---- device information ----------------------------------------------------------------------------- */

static rs_status read_delimiter(struct csv *w, const struct render_device_info *info, rs_text name, rs_text *out)
{
    *out = render_text(info, name, *out);
    if (rs_text_is_empty(*out) || out->size > CSV_DELIMITER_MAX)
        return rs_fail(w->job, RENDER_DEVICE_INFO, "the device information setting %.*s must have 1 to %u bytes",
                       RS_TEXT_ARG(name), CSV_DELIMITER_MAX);
    return RS_OK;
}

static rs_status read_shape(struct csv *w, const struct render_device_info *info)
{
    w->shape = csv_default();
    RS_TRY(read_delimiter(w, info, RS_TEXT("FieldDelimiter"), &w->shape.delimiter));
    RS_TRY(read_delimiter(w, info, RS_TEXT("Qualifier"), &w->shape.qualifier));
    RS_TRY(read_delimiter(w, info, RS_TEXT("RecordDelimiter"), &w->shape.record_delimiter));
    if (rs_text_equal(w->shape.qualifier, w->shape.delimiter) || rs_text_equal(w->shape.qualifier, w->shape.record_delimiter) ||
        rs_text_equal(w->shape.delimiter, w->shape.record_delimiter))
        return rs_fail(w->job, RENDER_DEVICE_INFO, "FieldDelimiter, Qualifier and RecordDelimiter must differ from each other");
    RS_TRY(render_bool(w->job, info, RS_TEXT("SuppressLineBreaks"), false, &w->shape.suppress_line_breaks));
    RS_TRY(render_bool(w->job, info, RS_TEXT("NoHeader"), false, &w->no_header));
    RS_TRY(render_bool(w->job, info, RS_TEXT("ExcelMode"), true, &w->excel_mode));
    return render_bool(w->job, info, RS_TEXT("UseFormattedValues"), w->excel_mode, &w->formatted);
}

static rs_status describe(struct rs_job *job, const struct render_device_info *info, struct render_output *out)
{
    rs_text extension = render_text(info, RS_TEXT("FileExtension"), render_text(info, RS_TEXT("Extension"), RS_TEXT("csv")));

    if (rs_text_starts(extension, RS_TEXT(".")))
        extension = rs_text_from_offset(extension, 1);
    out->extension = extension;
    out->charset = encoded_charset(job, render_text(info, RS_TEXT("Encoding"), RS_TEXT("utf-8")));
    return RS_OK;
}

static rs_status render(struct rs_job *job, struct compute_run *run, const struct render_device_info *info,
                        const struct render_sink *sink)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct csv w = {.job = job, .scratch = scratch, .run = run};
    rs_status status;

    compute_walks_once(run);
    RS_TRY(read_shape(&w, info));
    RS_TRY(encoded_open(job, sink, render_text(info, RS_TEXT("Encoding"), RS_TEXT("UTF-8")), true, &w.out));
    status = write_report(&w);
    if (status == RS_OK)
        status = encoded_flush(&w.out, true);
    return status == RS_OK || rs_job_status(job) != RS_OK ? status : rs_job_adopt(job, scratch);
}

const struct render_format render_csv = {
    .name = "CSV",
    .label = "CSV (comma delimited)",
    .mime_type = "text/csv",
    .charset = "utf-8",
    .extension = "csv",
    .kind = RENDER_DATA,
    .visible = true,
    .describe = describe,
    .render = render,
};
