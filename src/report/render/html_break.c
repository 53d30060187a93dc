/* Bands that pages part. What is parted stands inside things that end with the page and begin again on the next one, each a
 * struct html_open; from outside in:
 *
 *     repeats    what says RepeatWith, above a region and below it
 *     row        what stands beside it: all of that on its first page, what says RepeatWith on the others
 *     box        of a rectangle
 *     the table of the region, or the body of the subreport
 */
#include <math.h>

#include "report/render/html_place.h"

#define SLACK_PT 0.75 /* as in html_place.c */

/* ---- what is parted ------------------------------------------------------------------------------------------------- */

/* What a toggle hides as a whole is not. */
bool html_is_parted(const struct rdl_item *item)
{
    if (item->visibility.toggle_item.size > 0)
        return false;
    for (size_t i = 0; item->kind == RDL_RECTANGLE && i < item->rectangle->items.count; i++) {
        const struct rdl_item *inner = item->rectangle->items.items[i];
        if (html_is_parted(inner) || (inner->kind == RDL_RECTANGLE && inner->rectangle->page_break.location != RDL_BREAK_NONE))
            return true;
    }
    return item->kind == RDL_TABLIX || item->kind == RDL_SUBREPORT;
}

rs_status html_keep_together(struct rs_job *job, struct html *h, double height_pt)
{
    return (!h->break_asked && height_pt > h->limit_pt) || html_fits(h, height_pt) ? RS_OK : html_page_break(job, h, false);
}

/* ---- rectangles ------------------------------------------------------------------------------------------------------- */

struct box {
    struct html *h;
    const struct compute_scope *scope;
    const struct rdl_item *item;
    struct html_region_place place;
    unsigned parts;
};

static rs_status box_open(struct rs_job *job, void *data)
{
    struct box *box = data;
    struct html *h = box->h;
    bool is_first = box->parts++ == 0;

    if (!html_is_writing(h))
        return RS_OK;
    if (is_first)
        RS_TRY(html_anchor(job, h, box->scope, box->item));
    rs_buf_add_literal(&h->out, "<div class=\"i\" style=\"");
    html_length(&h->out, "margin-left", box->place.left_pt);
    html_length(&h->out, "margin-top", is_first ? box->place.top_pt : 0);
    html_length(&h->out, html_width_name(box->item), box->item->width_pt);
    html_length(&h->out, "min-height", is_first ? box->item->height_pt : 0);
    rs_buf_add_literal(&h->out, "\"><div");
    RS_TRY(html_box(job, h, box->scope, box->item, ""));
    RS_TRY(html_tip(job, h, box->scope, box->item));
    rs_buf_add_byte(&h->out, '>');
    return RS_OK;
}

static rs_status box_close(struct rs_job *job, void *data)
{
    const struct box *box = data;

    (void)job;
    if (html_is_writing(box->h))
        rs_buf_add_literal(&box->h->out, "</div></div>");
    return RS_OK;
}

static rs_status part_rectangle(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                                struct html_region_place place)
{
    struct box box = {h, scope, item, place, 0};
    struct html_open open = {box_close, box_open, &box, h->open, NULL};
    double lowest = h->used_pt + item->height_pt;
    rs_status status;

    RS_TRY(box_open(job, &box));
    h->open = &open;
    status = html_items(job, h, scope, &item->rectangle->items, item->height_pt, true);
    h->open = open.outer;
    RS_TRY(status);
    if (box.parts == 1)
        h->used_pt = fmax(h->used_pt, lowest);
    return box_close(job, &box);
}

rs_status html_part(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                    struct html_region_place place)
{
    switch (item->kind) {
    case RDL_TABLIX:
        return html_tablix(job, h, scope, item, place);
    case RDL_SUBREPORT:
        return html_subreport(job, h, scope, item, place);
    default:
        return part_rectangle(job, h, scope, item, place);
    }
}

/* ---- RepeatWith: above and below ---------------------------------------------------------------------------------------- */

/* Where an item stands, seen from a region. */
enum side { ABOVE, BESIDE, BELOW };

static enum side side_of(const struct html_placed *placed, const struct html_placed *region)
{
    return placed->bottom <= region->top + SLACK_PT ? ABOVE : placed->top >= region->bottom - SLACK_PT ? BELOW : BESIDE;
}

static bool repeats_with(const struct rdl_item *item, const struct rdl_item *region)
{
    return item->repeat_with.size > 0 && rs_text_equal(item->repeat_with, region->name);
}

struct repeats {
    struct html *h;
    const struct compute_scope *scope;
    struct html_placed region;
    struct html_area area;
    struct html_placed *above, *below; /* sorted down */
    size_t above_count, below_count;
    double row_top;  /* where the region begins, or what repeats beside it if that is higher */
    double above_pt; /* from the first of all these to the region; 0: that would take too much of a page */
    double below_pt; /* from the region to the end of the last below it; 0: likewise */
    bool has_begun, is_last;
};

static void find_repeats(struct rs_job *job, struct repeats *r)
{
    const rdl_items *all = r->area.all;
    double top = r->region.top, bottom = r->region.bottom, most = r->h->limit_pt > 0 ? r->h->limit_pt / 2 : INFINITY;

    r->row_top = top;
    r->above = RS_NEW_ARRAY(job, struct html_placed, all->count);
    r->below = RS_NEW_ARRAY(job, struct html_placed, all->count);
    for (size_t i = 0; i < all->count; i++) {
        struct html_placed placed = html_placed_of(all->items[i]);
        enum side side = side_of(&placed, &r->region);
        if (!repeats_with(placed.item, r->region.item))
            continue;
        if (side == ABOVE)
            r->above[r->above_count++] = placed;
        if (side == BELOW)
            r->below[r->below_count++] = placed;
        if (side == BESIDE)
            r->row_top = fmin(r->row_top, placed.top);
        top = fmin(top, placed.top);
        bottom = fmax(bottom, side == BELOW ? placed.bottom : bottom);
    }
    html_sort_down(r->above, r->above_count);
    html_sort_down(r->below, r->below_count);
    r->above_pt = r->region.top - top <= most ? r->region.top - top : 0;
    r->row_top = fmax(r->row_top, r->region.top - r->above_pt);
    r->below_pt = bottom - r->region.bottom <= most ? bottom - r->region.bottom : 0;
}

static double lowest_of(const struct html_placed *items, size_t count, double lowest)
{
    for (size_t i = 0; i < count; i++)
        lowest = fmax(lowest, items[i].bottom);
    return lowest;
}

static rs_status repeats_open(struct rs_job *job, void *data)
{
    struct repeats *r = data;
    double top = r->region.top - r->above_pt;

    r->h->limit_pt -= r->below_pt;
    if (!r->has_begun || r->above_pt <= 0) {
        r->has_begun = true;
        return RS_OK;
    }
    html_take_repeated(r->h, r->above_pt);
    RS_TRY(html_bands(job, r->h, r->scope, r->above, r->above_count, (struct html_area){r->area.all, r->area.left, top}, false));
    html_space(r->h, r->row_top - lowest_of(r->above, r->above_count, top));
    return RS_OK;
}

static rs_status repeats_close(struct rs_job *job, void *data)
{
    struct repeats *r = data;
    struct html_area area = {r->area.all, r->area.left, r->region.bottom};

    r->h->limit_pt += r->below_pt;
    return r->is_last || r->below_pt <= 0 ? RS_OK : html_bands(job, r->h, r->scope, r->below, r->below_count, area, false);
}

/* ---- beside --------------------------------------------------------------------------------------------------------------- */

/* A band of which one column is parted. */
struct row {
    struct html *h;
    const struct compute_scope *scope;
    struct html_placed *items;     /* from left to right */
    size_t count;
    size_t first, end;             /* of the parted column */
    double right;                  /* of the parted column */
    struct html_area area;
    struct html_open open;
    const struct repeats *repeats; /* around it, of the region that is the parted column; NULL: there is more in that */
    double bottom, gap_pt;         /* of the band, and from the column to there: what is below keeps its distance from all of it */
    double lowest_pt;              /* h->used_pt where what stands beside the column ends on this page */
    bool has_begun, is_last;
};

static bool is_alone(const struct row *row)
{
    return row->end - row->first == row->count;
}

/* Looks for the only column with something that pages part; there is none where `first` is `end`. */
static void find_parted(struct row *row)
{
    double right;
    size_t size;

    html_sort_across(row->items, row->count);
    for (size_t i = 0; i < row->count; i += size) {
        bool is_parted = false;
        size = html_column_size(row->items + i, row->count - i, &right);
        for (size_t k = i; k < i + size; k++)
            is_parted |= html_is_parted(row->items[k].item);
        if (!is_parted)
            continue;
        if (row->end > row->first) { /* two of them: pages are filled one after the other, so neither is parted */
            row->end = row->first;
            return;
        }
        row->first = i;
        row->end = i + size;
        row->right = right;
    }
    if (row->count > 1 && is_alone(row))
        row->end = row->first; /* nothing cuts them apart */
}

/* Those of the region that the page parts inside the column; NULL where the column goes on behind it. */
static const struct repeats *repeats_inside(const struct row *row)
{
    for (const struct html_open *open = row->h->open; open && open != &row->open; open = open->outer)
        if (open->region)
            return open->data;
    return NULL;
}

/* On further pages only what repeats with the region stays beside the column. */
static void keep_repeated(struct row *row, const struct rdl_item *region)
{
    size_t count = 0, first = row->first, end = row->end;

    for (size_t i = 0; i < row->count; i++) {
        bool is_parted = i >= first && i < end;
        if (i == first)
            row->first = count;
        if (is_parted || (region && repeats_with(row->items[i].item, region)))
            row->items[count++] = row->items[i];
    }
    row->end = row->first + (end - first);
    row->count = count;
}

/* The row begins anew; gives where in the container h->used_pt is. */
static double begin_again(struct row *row)
{
    const struct repeats *r = row->repeats ? row->repeats : repeats_inside(row);

    row->bottom = 0;
    keep_repeated(row, r ? r->region.item : NULL);
    if (!r)
        return row->area.top;
    row->area.top = row->repeats ? r->row_top : r->region.top - r->above_pt;
    for (size_t i = 0; i < row->count; i++)
        row->items[i].top = fmax(row->items[i].top, row->area.top);
    return row->repeats ? r->region.top : row->area.top;
}

static rs_status row_open(struct rs_job *job, void *data)
{
    struct row *row = data;
    struct html *h = row->h;
    double from = row->has_begun ? begin_again(row) : row->area.top, lowest, left = row->area.left;

    row->has_begun = true;
    lowest = lowest_of(row->items + row->end, row->count - row->end, lowest_of(row->items, row->first, from));
    row->lowest_pt = h->used_pt + lowest - from;
    if (!html_is_writing(h))
        return RS_OK;
    rs_buf_add_literal(&h->out, "<div class=\"r\">");
    RS_TRY(html_columns(job, h, row->scope, row->items, row->first, row->area, row->bottom));
    for (size_t i = 0; i < row->first; i++)
        left = fmax(left, row->items[i].right);
    rs_buf_add_literal(&h->out, "<div style=\"flex:none;");
    html_length(&h->out, "margin-left", row->items[row->first].left - left);
    html_length(&h->out, "margin-top", from - row->area.top);
    html_length(&h->out, "min-width", row->right - row->items[row->first].left);
    rs_buf_add_literal(&h->out, "\">");
    return RS_OK;
}

static rs_status row_close(struct rs_job *job, void *data)
{
    struct row *row = data;
    struct html *h = row->h;
    struct html_area behind = {row->area.all, row->right, row->area.top};

    h->used_pt = fmax(h->used_pt, row->lowest_pt);
    if (!html_is_writing(h))
        return RS_OK;
    if (row->is_last)
        html_space(h, row->gap_pt);
    rs_buf_add_literal(&h->out, "</div>");
    RS_TRY(html_columns(job, h, row->scope, row->items + row->end, row->count - row->end, behind, row->bottom));
    rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

/* ---- parted bands ------------------------------------------------------------------------------------------------------------ */

/* What stays on the page that the band begins on: all beside the column, and a column that is kept together. */
static double kept_height(const struct row *row)
{
    const struct rdl_item *item = row->items[row->first].item;
    bool keeps = row->end - row->first == 1 && ((item->kind == RDL_RECTANGLE && item->rectangle->keep_together) ||
                                                (item->kind == RDL_SUBREPORT && item->subreport->keep_together));
    double lowest = lowest_of(row->items, row->first, row->area.top);

    if (keeps)
        lowest = fmax(lowest, row->items[row->first].bottom);
    return lowest_of(row->items + row->end, row->count - row->end, lowest) - row->area.top;
}

/* The parted column itself. */
static rs_status part_column(struct rs_job *job, const struct row *row, struct html_placed *items, size_t count)
{
    struct html *h = row->h;
    struct html_region_place place = {true, is_alone(row) ? items[0].left - row->area.left : 0, items[0].top - row->area.top};
    struct html_area inner = {row->area.all, items[0].left, row->area.top};

    if (count > 1) {
        html_sort_down(items, count);
        return html_bands(job, h, row->scope, items, count, inner, true);
    }
    if (h->started || !is_alone(row))
        h->used_pt += place.top_pt;
    if (html_is_writing(h) && items[0].item->kind != RDL_RECTANGLE) /* it has its own */
        RS_TRY(html_anchor(job, h, row->scope, items[0].item));
    return html_part(job, h, row->scope, items[0].item, place);
}

static rs_status part_row(struct rs_job *job, struct row *row, struct html_placed *items, size_t count)
{
    struct html *h = row->h;
    rs_status status;

    if (is_alone(row))
        return part_column(job, row, items, count);
    row->open = (struct html_open){row_close, row_open, row, h->open, NULL};
    RS_TRY(row_open(job, row));
    h->open = &row->open;
    status = part_column(job, row, items, count);
    h->open = row->open.outer;
    row->is_last = true;
    return status == RS_OK ? row_close(job, row) : status;
}

static rs_status part_band(struct rs_job *job, struct row *row)
{
    struct html *h = row->h;
    size_t count = row->end - row->first;
    struct html_placed *column = RS_NEW_ARRAY(job, struct html_placed, count); /* the row changes its own on further pages */
    struct repeats repeats = {.h = h, .scope = row->scope, .area = row->area};
    struct html_open open = {repeats_close, repeats_open, &repeats, h->open, NULL};
    rs_status status;

    memcpy(column, row->items + row->first, count * sizeof *column);
    row->gap_pt = row->bottom - lowest_of(column, count, row->area.top);
    RS_TRY(html_keep_together(job, h, kept_height(row)));
    for (size_t i = 0; i < row->count; i++)
        html_map_note_item(job, h, row->scope, row->items[i].item, true);
    if (count > 1 || column[0].item->kind != RDL_TABLIX)
        return part_row(job, row, column, count);
    repeats.region = column[0];
    open.region = column[0].item;
    find_repeats(job, &repeats);
    row->repeats = &repeats;
    RS_TRY(repeats_open(job, &repeats));
    h->open = &open;
    status = part_row(job, row, column, count);
    h->open = open.outer;
    repeats.is_last = true;
    return status == RS_OK ? repeats_close(job, &repeats) : status;
}

/* ---- bands that may break the page ---------------------------------------------------------------------------------------- */

/* The break before or after an item that has one: data regions and rectangles. */
static rs_status break_of(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                          const struct rdl_item *item, bool *before, bool *after, bool *reset)
{
    const struct rdl_page_break *page_break = item->kind == RDL_TABLIX      ? &item->tablix->page_break
                                              : item->kind == RDL_RECTANGLE ? &item->rectangle->page_break
                                                                            : NULL;
    enum rdl_break location = RDL_BREAK_NONE;

    *reset = false;
    if (page_break)
        RS_TRY(compute_page_break(job, h->at.run, scope, page_break, &location, reset));
    *before = location == RDL_BREAK_START || location == RDL_BREAK_START_AND_END;
    *after = location == RDL_BREAK_END || location == RDL_BREAK_START_AND_END;
    return RS_OK;
}

/* The page that a region or rectangle begins on has its name. */
static rs_status name_page(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item)
{
    const struct rdl_expr *name = item->kind == RDL_TABLIX      ? &item->tablix->page_name
                                  : item->kind == RDL_RECTANGLE ? &item->rectangle->page_name
                                                                : NULL;

    if (!name || !name->present)
        return RS_OK;
    RS_TRY(compute_eval_text(h->job, h->at.run, scope, name, RS_TEXT(""), &h->page_name));
    html_name_page(h);
    return RS_OK;
}

static rs_status whole_band(struct rs_job *job, const struct row *row, double bottom)
{
    struct html *h = row->h;

    RS_TRY(html_take(job, h, bottom - row->area.top));
    for (size_t i = 0; i < row->count; i++)
        html_map_note_item(job, h, row->scope, row->items[i].item, false);
    return html_band(job, h, row->scope, row->items, row->count, row->area, bottom);
}

rs_status html_breaking_band(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct html_placed *items,
                             size_t count, struct html_area area, double bottom)
{
    struct row row = {.h = h, .scope = scope, .items = items, .count = count, .area = area, .bottom = bottom};
    bool before = false, after = false, reset = false, hidden = false;
    const struct rdl_item *lead = NULL; /* whose page break is the band's */

    find_parted(&row);
    if (row.end - row.first == 1 || count == 1)
        lead = items[row.first].item;
    if (lead && lead->visibility.toggle_item.size == 0) {
        RS_TRY(compute_hidden(job, h->at.run, scope, &lead->visibility, &hidden));
        if (hidden && lead->visibility.hidden.is_expression && count == 1)
            return RS_OK;
    }
    if (hidden)
        row.end = row.first;
    else if (lead)
        RS_TRY(break_of(job, h, scope, lead, &before, &after, &reset));
    if (before && h->started && !html_page_is_fresh(h))
        RS_TRY(html_page_break(job, h, reset));
    if (lead && !hidden)
        RS_TRY(name_page(job, h, scope, lead));
    RS_TRY(row.end > row.first ? part_band(job, &row) : whole_band(job, &row, bottom));
    if (after)
        html_page_break_later(h, reset && !before);
    return html_flush(h);
}
