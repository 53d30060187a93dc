/* Rows of a list (one column, one cell) whose rectangle, region or subreport pages part: page breaks inside count, and rows of
 * inner regions that do not fit go on on the next page. In other tables rows are whole.
 */
#include <math.h>

#include "report/render/html_tablix.h"

struct list_row {
    struct region *region;
    const struct compute_scope *scope;
    const struct rdl_item *item;
    unsigned leaf;  /* row of the definition */
    rs_text anchor; /* as row.anchor */
    unsigned parts;
};

static const struct rdl_item *item_of(const struct region *region, struct compute_place leaf, struct compute_scope *scope)
{
    const struct column *column = region->columns.items[0];
    struct compute_place place = column->chain[column->depth - 1];
    const struct rdl_cell *cell = compute_cell(region->tablix, leaf.node, place.node);

    *scope = compute_cell_scope(region->tablix, leaf, place);
    return cell ? cell->item : NULL;
}

bool html_list_is_parted(const struct region *region, const struct compute_node *leaf)
{
    struct compute_scope scope;
    const struct rdl_item *item;

    if (!region->is_list)
        return false;
    item = item_of(region, compute_place_of((struct compute_node *)leaf, 0), &scope);
    return item && html_is_parted(item);
}

static rs_status row_open(struct rs_job *job, void *data)
{
    struct list_row *row = data;
    struct region *region = row->region;
    struct html *h = region->h;
    const char *fixed = region->columns.items[0]->fixed;
    bool is_first = row->parts++ == 0;

    if (!html_is_writing(h))
        return RS_OK;
    rs_buf_add_literal(&h->out, "<tr");
    if (is_first && row->anchor.size > 0)
        html_map_anchor(h, row->anchor);
    rs_buf_add(&h->out, is_first ? region->row_heights[row->leaf] : RS_TEXT(">"));
    rs_buf_add_literal(&h->out, "<td");
    if (row->item->kind != RDL_TABLIX) /* whose table is its box */
        RS_TRY(html_box(job, h, row->scope, row->item, fixed ? fixed : ""));
    else if (fixed)
        rs_buf_printf(&h->out, " class=\"%s\"", fixed);
    rs_buf_add_byte(&h->out, '>');
    return is_first ? html_anchor(job, h, row->scope, row->item) : RS_OK;
}

static rs_status row_close(struct rs_job *job, void *data)
{
    const struct list_row *row = data;

    (void)job;
    if (html_is_writing(row->region->h))
        rs_buf_add_literal(&row->region->h->out, "</td></tr>");
    return RS_OK;
}

rs_status html_list_row(struct rs_job *job, struct region *region, struct compute_place leaf, rs_text anchor)
{
    struct html *h = region->h;
    struct compute_scope scope;
    struct list_row row = {.region = region, .scope = &scope, .leaf = leaf.node->member->first_leaf, .anchor = anchor};
    struct html_open open = {row_close, row_open, &row, h->open, NULL};
    double height = region->definition->rows.items[row.leaf].height_pt, lowest = h->used_pt + height;
    bool hidden;
    rs_status status = RS_OK;

    row.item = item_of(region, leaf, &scope);
    RS_TRY(row_open(job, &row));
    RS_TRY(compute_hidden(job, h->at.run, &scope, &row.item->visibility, &hidden));
    h->open = &open;
    if (!hidden && row.item->kind == RDL_RECTANGLE)
        status = html_items(job, h, &scope, &row.item->rectangle->items, height, true);
    else if (!hidden)
        status = html_part(job, h, &scope, row.item, (struct html_region_place){true, 0, 0});
    h->open = open.outer;
    RS_TRY(status);
    if (row.parts == 1)
        h->used_pt = fmax(h->used_pt, lowest);
    return row_close(job, &row);
}
