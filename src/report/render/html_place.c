/* Where items go. RDL gives each a place in its container and lets text grow and push what stands below it. HTML does the
 * same when the container is cut apart: into bands below each other where a horizontal line meets no item, and each band
 * into columns beside each other where a vertical line meets none; what cannot be cut is placed absolutely.
 */
#include "report/render/html_place.h"

#include <math.h>
#include <stdlib.h>

#include "report/rdl/values.h"

#define SLACK_PT 0.75 /* items that overlap by less stand beside each other: designers round */

struct html_placed html_placed_of(const struct rdl_item *item)
{
    double right = item->left_pt + item->width_pt, bottom = item->top_pt + item->height_pt;

    return (struct html_placed){item, item->left_pt < right ? item->left_pt : right,
                                item->top_pt < bottom ? item->top_pt : bottom, item->left_pt < right ? right : item->left_pt,
                                item->top_pt < bottom ? bottom : item->top_pt};
}

static int by_top(const void *a, const void *b)
{
    const struct html_placed *x = a, *y = b;

    return x->top != y->top ? (x->top > y->top) - (x->top < y->top)
                            : (x->item->number > y->item->number) - (x->item->number < y->item->number);
}

static int by_left(const void *a, const void *b)
{
    const struct html_placed *x = a, *y = b;

    return x->left != y->left ? (x->left > y->left) - (x->left < y->left)
                              : (x->item->number > y->item->number) - (x->item->number < y->item->number);
}

void html_sort_down(struct html_placed *items, size_t count)
{
    qsort(items, count, sizeof *items, by_top);
}

void html_sort_across(struct html_placed *items, size_t count)
{
    qsort(items, count, sizeof *items, by_left);
}

/* How many of the first items, sorted by top, make a band: nothing of the others begins above where they end. */
static size_t band_size(const struct html_placed *items, size_t count, double *bottom)
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

size_t html_column_size(const struct html_placed *items, size_t count, double *right)
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

static bool grows_wide(const struct rdl_item *item)
{
    return item->grows_wide || html_is_auto_image(item);
}

const char *html_width_name(const struct rdl_item *item)
{
    return grows_wide(item) ? "min-width" : "width";
}

/* Turned text neither grows nor shrinks. */
static bool is_turned(const struct rdl_item *item)
{
    const struct rdl_expr *mode = &item->style.writing_mode;

    return mode->present && !mode->is_expression && rdl_keyword_parse(rdl_writing_modes, mode->text, RDL_HORIZONTAL) != RDL_HORIZONTAL;
}

/* The property that an item's height is the value of. */
static const char *height_name(const struct rdl_item *item)
{
    static const char *const names[2][2] = {{"height", "min-height"}, {"max-height", NULL}}; /* can shrink, can grow */

    if (item->kind == RDL_TABLIX || html_is_auto_image(item))
        return NULL;
    if (item->kind != RDL_TEXTBOX)
        return "min-height";
    return is_turned(item) ? "height" : names[item->textbox->can_shrink][item->textbox->can_grow];
}

/* Whether what does not fit its place is not seen. */
static bool is_cut(const struct rdl_item *item)
{
    if (item->kind == RDL_TEXTBOX)
        return !item->textbox->can_grow || is_turned(item);
    return item->kind == RDL_IMAGE && !html_is_auto_image(item);
}

/* Where an item stands against what is left of it and above it, and what is to stay free below it. */
struct gaps {
    double left, top, bottom;
};

/* The element of one item. */
static rs_status write_item(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                            const struct html_placed *placed, struct gaps gaps, bool absolute)
{
    const struct rdl_item *item = placed->item;
    bool hidden, hidden_for_good;
    const char *height;
    rs_text toggle;

    RS_TRY(compute_hidden(job, h->at.run, scope, &item->visibility, &hidden));
    hidden_for_good = hidden && item->visibility.toggle_item.size == 0;
    if (!html_is_writing(h) || (hidden_for_good && item->visibility.hidden.is_expression))
        return RS_OK;
    RS_TRY(html_toggle_class(job, h, scope, &item->visibility, hidden, &toggle));
    rs_buf_printf(&h->out, "<div class=\"i%s%.*s\" style=\"", toggle.size > 0 ? " " : "", RS_TEXT_ARG(toggle));
    if (absolute) {
        rs_buf_add_literal(&h->out, "position:absolute;");
        html_length(&h->out, "left", gaps.left);
        html_length(&h->out, "top", gaps.top);
        rs_buf_printf(&h->out, "z-index:%d;", item->z_index);
    } else {
        html_length(&h->out, "margin-left", gaps.left);
        html_length(&h->out, "margin-top", gaps.top);
        html_length(&h->out, "margin-bottom", gaps.bottom);
        rs_buf_add_literal(&h->out, "flex:none;");
    }
    html_length(&h->out, html_width_name(item), placed->right - placed->left);
    height = hidden_for_good ? "height" : height_name(item);
    if (height)
        html_length(&h->out, height, placed->bottom - placed->top);
    rs_buf_add(&h->out, is_cut(item) ? RS_TEXT("overflow:hidden\">") : RS_TEXT("\">"));
    if (!hidden_for_good) /* else its place stays empty */
        RS_TRY(html_content(job, h, scope, item, false));
    rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

static rs_status write_absolute(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                const struct html_placed *items, size_t count, struct html_area area, double bottom)
{
    if (html_is_writing(h)) {
        rs_buf_add_literal(&h->out, "<div style=\"position:relative;");
        html_length(&h->out, "min-height", bottom - area.top);
        rs_buf_add_literal(&h->out, "\">");
    }
    for (size_t i = 0; i < count; i++)
        RS_TRY(write_item(job, h, scope, &items[i], (struct gaps){items[i].left - area.left, items[i].top - area.top, 0}, true));
    if (html_is_writing(h))
        rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

/* Items that stand above each other, in a block of their own; area.left is where what is left of it ended. */
static rs_status write_column(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct html_placed *items,
                              size_t count, double right, struct html_area area, double bottom)
{
    struct html_area inner = {area.all, items[0].left, area.top};
    const struct html_placed *wide = items;
    double lowest = area.top;

    while (wide < items + count - 1 && !grows_wide(wide->item))
        wide++;
    for (size_t i = 0; i < count; i++)
        lowest = fmax(lowest, items[i].bottom);
    if (html_is_writing(h)) {
        rs_buf_add_literal(&h->out, "<div style=\"flex:none;");
        html_length(&h->out, "margin-left", inner.left - area.left);
        html_length(&h->out, html_width_name(wide->item), right - inner.left);
        html_length(&h->out, "margin-bottom", fmax(bottom - lowest, 0));
        rs_buf_add_literal(&h->out, "\">");
    }
    html_sort_down(items, count);
    RS_TRY(html_bands(job, h, scope, items, count, inner, false));
    if (html_is_writing(h))
        rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

/* One item in its column. What a toggle hides, or an expression has hidden, leaves the columns behind it where they are. */
static rs_status write_alone(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct html_placed *placed,
                             struct html_area area, double bottom)
{
    struct gaps gaps = {placed->left - area.left, placed->top - area.top, fmax(bottom - placed->bottom, 0)};
    bool stays = placed->item->visibility.hidden.present && html_is_writing(h);

    if (stays) {
        rs_buf_add_literal(&h->out, "<div style=\"flex:none;");
        html_length(&h->out, "margin-left", gaps.left);
        html_length(&h->out, html_width_name(placed->item), placed->right - placed->left);
        rs_buf_add_literal(&h->out, "\">");
        gaps.left = 0;
    }
    RS_TRY(write_item(job, h, scope, placed, gaps, false));
    if (stays)
        rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

rs_status html_columns(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct html_placed *items, size_t count,
                       struct html_area area, double bottom)
{
    double right;
    size_t size;

    for (size_t i = 0; i < count; i += size) {
        size = html_column_size(items + i, count - i, &right);
        if (size == 1)
            RS_TRY(write_alone(job, h, scope, &items[i], area, bottom));
        else
            RS_TRY(write_column(job, h, scope, items + i, size, right, area, bottom));
        area.left = right;
    }
    return RS_OK;
}

rs_status html_band(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct html_placed *items, size_t count,
                    struct html_area area, double bottom)
{
    double right;

    if (count == 1)
        return write_item(job, h, scope, &items[0], (struct gaps){items[0].left - area.left, items[0].top - area.top, 0}, false);
    html_sort_across(items, count);
    if (html_column_size(items, count, &right) == count)
        return write_absolute(job, h, scope, items, count, area, bottom);
    if (html_is_writing(h))
        rs_buf_add_literal(&h->out, "<div class=\"r\">");
    RS_TRY(html_columns(job, h, scope, items, count, area, bottom));
    if (html_is_writing(h))
        rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

rs_status html_bands(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct html_placed *items, size_t count,
                     struct html_area area, bool may_break)
{
    double bottom;
    size_t size;

    for (size_t i = 0; i < count; i += size) {
        RS_TRY(rs_job_checkpoint(job));
        size = band_size(items + i, count - i, &bottom);
        if (may_break)
            RS_TRY(html_breaking_band(job, h, scope, items + i, size, area, bottom));
        else
            RS_TRY(html_band(job, h, scope, items + i, size, area, bottom));
        area.top = bottom;
    }
    return RS_OK;
}

/* The white space below the last item, where the report keeps it. It never makes a page. */
static void write_space(struct html *h, double height_pt, bool may_break)
{
    if (may_break && h->limit_pt > 0)
        height_pt = fmin(height_pt, h->limit_pt - h->used_pt);
    if (may_break && height_pt > 0)
        h->used_pt += height_pt;
    html_space(h, height_pt);
}

rs_status html_items(struct rs_job *job, struct html *h, const struct compute_scope *scope, const rdl_items *items,
                     double height_pt, bool may_break)
{
    struct html_placed *placed = RS_NEW_ARRAY(job, struct html_placed, items->count);
    double lowest = 0;

    for (size_t i = 0; i < items->count; i++) {
        placed[i] = html_placed_of(items->items[i]);
        lowest = fmax(lowest, placed[i].bottom);
    }
    html_sort_down(placed, items->count);
    RS_TRY(html_bands(job, h, scope, placed, items->count, (struct html_area){items, 0, 0}, may_break));
    if (!h->at.report->consume_container_whitespace)
        write_space(h, height_pt - lowest, may_break);
    return RS_OK;
}
