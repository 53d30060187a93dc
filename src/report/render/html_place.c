/* Where items go. RDL gives each a place in its container and lets text grow and push what stands below it. HTML does the
 * same when the container is cut apart: into bands below each other where a horizontal line meets no item, and each band
 * into columns beside each other where a vertical line meets none; what cannot be cut is placed absolutely.
 */
#include "report/render/html.h"

#include <stdlib.h>

#define SLACK_PT 0.75 /* items that overlap by less stand beside each other: designers round */

struct placed {
    const struct rdl_item *item;
    double left, top, right, bottom; /* points in the container */
};

static struct placed placed_of(const struct rdl_item *item)
{
    double right = item->left_pt + item->width_pt, bottom = item->top_pt + item->height_pt;

    return (struct placed){item, item->left_pt < right ? item->left_pt : right,
                           item->top_pt < bottom ? item->top_pt : bottom, item->left_pt < right ? right : item->left_pt,
                           item->top_pt < bottom ? bottom : item->top_pt};
}

static int by_top(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    return x->top != y->top ? (x->top > y->top) - (x->top < y->top)
                            : (x->item->number > y->item->number) - (x->item->number < y->item->number);
}

static int by_left(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    return x->left != y->left ? (x->left > y->left) - (x->left < y->left)
                              : (x->item->number > y->item->number) - (x->item->number < y->item->number);
}

/* How many of the first items, sorted by top, make a band: nothing of the others begins above where they end. */
static size_t band_size(const struct placed *items, size_t count, double *bottom)
{
    size_t size = 1;

    *bottom = items[0].bottom;
    while (size < count && items[size].top < *bottom - SLACK_PT) {
        if (items[size].bottom > *bottom)
            *bottom = items[size].bottom;
        size++;
    }
    return size;
}

static size_t column_size(const struct placed *items, size_t count, double *right)
{
    size_t size = 1;

    *right = items[0].right;
    while (size < count && items[size].left < *right - SLACK_PT) {
        if (items[size].right > *right)
            *right = items[size].right;
        size++;
    }
    return size;
}

struct area {
    double left, top, width;
};

static rs_status write_bands(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct placed *items,
                             size_t count, struct area area, bool may_break);

/* What stands right of an item that grows is pushed. */
static const char *width_name(const struct rdl_item *item)
{
    return item->grows_wide ? "min-width" : "width";
}

/* The element of one item: where it stands against what is above and left of it. */
static rs_status write_item(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                            const struct placed *placed, double gap_left, double gap_top, bool absolute)
{
    const struct rdl_item *item = placed->item;
    const struct rdl_textbox *text = item->kind == RDL_TEXTBOX ? item->textbox : NULL;
    bool hidden;
    rs_text toggle;

    RS_TRY(compute_hidden(job, h->at.run, scope, &item->visibility, &hidden));
    if (!html_is_writing(h) || (hidden && item->visibility.toggle_item.size == 0))
        return RS_OK;
    RS_TRY(html_toggle_class(job, h, scope, &item->visibility, hidden, &toggle));
    rs_buf_add_literal(&h->out, "<div");
    if (toggle.size > 0)
        rs_buf_printf(&h->out, " class=\"%.*s\"", RS_TEXT_ARG(toggle));
    rs_buf_add_literal(&h->out, " style=\"");
    if (absolute) {
        rs_buf_add_literal(&h->out, "position:absolute;");
        html_length(&h->out, "left", gap_left);
        html_length(&h->out, "top", gap_top);
        rs_buf_printf(&h->out, "z-index:%d;", item->z_index);
    } else {
        html_length(&h->out, "margin-left", gap_left);
        html_length(&h->out, "margin-top", gap_top);
        rs_buf_add_literal(&h->out, "flex:none;");
    }
    html_length(&h->out, width_name(item), placed->right - placed->left);
    if (item->kind != RDL_TABLIX)
        html_length(&h->out, text && !text->can_grow && !text->can_shrink ? "height" : "min-height",
                     placed->bottom - placed->top);
    rs_buf_add(&h->out, item->kind == RDL_IMAGE || (text && !text->can_grow) ? RS_TEXT("overflow:hidden\">") : RS_TEXT("\">"));
    RS_TRY(html_content(job, h, scope, item, false));
    rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

static rs_status write_absolute(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                const struct placed *items, size_t count, struct area area, double bottom)
{
    if (html_is_writing(h)) {
        rs_buf_add_literal(&h->out, "<div style=\"position:relative;");
        html_length(&h->out, "min-height", bottom - area.top);
        rs_buf_add_literal(&h->out, "\">");
    }
    for (size_t i = 0; i < count; i++)
        RS_TRY(write_item(job, h, scope, &items[i], items[i].left - area.left, items[i].top - area.top, true));
    if (html_is_writing(h))
        rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

static rs_status write_columns(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                               struct placed *items, size_t count, struct area area, double bottom)
{
    double right, at = area.left;
    size_t size;

    qsort(items, count, sizeof *items, by_left);
    if (column_size(items, count, &right) == count)
        return write_absolute(job, h, scope, items, count, area, bottom);
    if (html_is_writing(h))
        rs_buf_add_literal(&h->out, "<div class=\"r\">");
    for (size_t i = 0; i < count; i += size) {
        size = column_size(items + i, count - i, &right);
        if (size == 1) {
            RS_TRY(write_item(job, h, scope, &items[i], items[i].left - at, items[i].top - area.top, false));
        } else {
            struct area inner = {items[i].left, area.top, right - items[i].left};
            const struct placed *wide = items + i;
            while (wide < items + i + size - 1 && !wide->item->grows_wide)
                wide++;
            if (html_is_writing(h)) {
                rs_buf_add_literal(&h->out, "<div style=\"flex:none;");
                html_length(&h->out, "margin-left", items[i].left - at);
                html_length(&h->out, width_name(wide->item), inner.width);
                rs_buf_add_literal(&h->out, "\">");
            }
            qsort(items + i, size, sizeof *items, by_top);
            RS_TRY(write_bands(job, h, scope, items + i, size, inner, false));
            if (html_is_writing(h))
                rs_buf_add_literal(&h->out, "</div>");
        }
        at = right;
    }
    if (html_is_writing(h))
        rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

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

/* Data regions and subreports, but those that a toggle hides as a whole. */
static bool breaks_inside(const struct rdl_item *item)
{
    return (item->kind == RDL_TABLIX || item->kind == RDL_SUBREPORT) && item->visibility.toggle_item.size == 0;
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

/* A band that may break the page: a data region by itself breaks between its rows, anything else goes to the next page
 * whole where it does not fit. */
static rs_status write_breaking(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                struct placed *items, size_t count, struct area area, double bottom)
{
    const struct rdl_item *alone = count == 1 ? items[0].item : NULL;
    double gap = items[0].top - area.top;
    bool before = false, after = false, reset = false, hidden = false;

    if (alone)
        RS_TRY(break_of(job, h, scope, alone, &before, &after, &reset));
    if (alone && (before || after || breaks_inside(alone))) {
        RS_TRY(compute_hidden(job, h->at.run, scope, &alone->visibility, &hidden));
        if (hidden && alone->visibility.toggle_item.size == 0)
            return RS_OK;
    }
    if (before && h->started)
        RS_TRY(html_page_break(job, h, reset));
    if (alone)
        RS_TRY(name_page(job, h, scope, alone));
    if (alone && breaks_inside(alone)) {
        struct html_region_place place = {true, items[0].left - area.left, gap};
        if (h->started)
            h->used_pt += gap;
        html_map_note_item(job, h, scope, alone);
        if (html_is_writing(h))
            RS_TRY(html_anchor(job, h, scope, alone));
        RS_TRY(alone->kind == RDL_TABLIX ? html_tablix(job, h, scope, alone, place) : html_subreport(job, h, scope, alone, place));
    } else {
        RS_TRY(html_take(job, h, bottom - area.top));
        for (size_t i = 0; i < count; i++)
            html_map_note_item(job, h, scope, items[i].item);
        if (count == 1)
            RS_TRY(write_item(job, h, scope, &items[0], items[0].left - area.left, gap, false));
        else
            RS_TRY(write_columns(job, h, scope, items, count, area, bottom));
    }
    return after ? html_page_break(job, h, reset && !before) : html_flush(h);
}

static rs_status write_bands(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct placed *items,
                             size_t count, struct area area, bool may_break)
{
    double bottom;
    size_t size;

    for (size_t i = 0; i < count; i += size) {
        RS_TRY(rs_job_checkpoint(job));
        size = band_size(items + i, count - i, &bottom);
        if (may_break)
            RS_TRY(write_breaking(job, h, scope, items + i, size, area, bottom));
        else if (size == 1)
            RS_TRY(write_item(job, h, scope, &items[i], items[i].left - area.left, items[i].top - area.top, false));
        else
            RS_TRY(write_columns(job, h, scope, items + i, size, area, bottom));
        area.top = bottom;
    }
    return RS_OK;
}

rs_status html_items(struct rs_job *job, struct html *h, const struct compute_scope *scope, const rdl_items *items,
                     double width_pt, bool may_break)
{
    struct placed *placed = RS_NEW_ARRAY(job, struct placed, items->count);

    for (size_t i = 0; i < items->count; i++)
        placed[i] = placed_of(items->items[i]);
    qsort(placed, items->count, sizeof *placed, by_top);
    return write_bands(job, h, scope, placed, items->count, (struct area){0, 0, width_pt}, may_break);
}

/* ---- RepeatWith ---------------------------------------------------------------------------------------------------- */

static bool is_repeated_above(const struct placed *placed, const struct rdl_item *region)
{
    return placed->item->repeat_with.size > 0 && rs_text_equal(placed->item->repeat_with, region->name) &&
           placed->bottom <= region->top_pt + SLACK_PT;
}

rs_status html_repeat_above(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *region,
                            double *height_pt, double *gap_pt)
{
    const rdl_items *items = h->at.body_items;
    struct placed *placed = RS_NEW_ARRAY(job, struct placed, items->count);
    double bottom = 0;
    size_t count = 0;

    *height_pt = 0;
    for (size_t i = 0; i < items->count; i++) {
        placed[count] = placed_of(items->items[i]);
        if (!is_repeated_above(&placed[count], region))
            continue;
        bottom = placed[count].bottom > bottom ? placed[count].bottom : bottom;
        count++;
    }
    if (count == 0)
        return RS_OK;
    qsort(placed, count, sizeof *placed, by_top);
    *height_pt = region->top_pt - placed[0].top;
    *gap_pt = region->top_pt > bottom ? region->top_pt - bottom : 0;
    return write_bands(job, h, scope, placed, count, (struct area){0, placed[0].top, 0}, false);
}
