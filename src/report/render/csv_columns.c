/* Which column of a CSV file a text box has: those of the report, and of every subreport in its place. */
#include "report/render/csv.h"

#include "report/render/data_output.h"

#define CSV_PARTS_MAX 1000u /* subreports in all, those inside each other too */

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

struct csv_part *csv_part_find(const struct csv *w, const struct rdl_item *item)
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

rs_status csv_parts_find(struct csv *w)
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

void csv_columns_add(struct csv *w, const struct rdl_item *item)
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
            csv_columns_add(w, item->rectangle->items.items[i]);
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
    struct csv_part *around = w->part, *part = csv_part_find(w, item);
    const struct rdl_report *report = part ? part->published->definition : NULL;

    w->part = part;
    for (size_t s = 0; report && s < report->sections.count; s++)
        for (size_t i = 0; i < report->sections.items[s].items.count; i++)
            csv_columns_add(w, report->sections.items[s].items.items[i]);
    w->part = around;
}

static void cell_columns(struct csv *w, const struct rdl_cell *cell)
{
    if (cell && cell->item && cell->data_element_output != RDL_NO_OUTPUT)
        csv_columns_add(w, cell->item);
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
