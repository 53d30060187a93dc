/* report/render/html_place.h - what html_place.c (a container's items, cut into bands and columns) and html_break.c (bands
 * that pages part) share.
 */
#ifndef REPORT_RENDER_HTML_PLACE_H
#define REPORT_RENDER_HTML_PLACE_H

#include "report/render/html.h"

struct html_placed {
    const struct rdl_item *item;
    double left, top, right, bottom; /* points in the container */
};

/* Where items are written: at this point of their container, in a block that begins there. */
struct html_area {
    const rdl_items *all; /* of the container: what repeats with a region is among them */
    double left, top;
};

/* ---- html_place.c ------------------------------------------------------------------------------------ */

/* The property of an item's width: what stands right of one that grows is pushed. */
const char *html_width_name(const struct rdl_item *item);
struct html_placed html_placed_of(const struct rdl_item *item);
void html_sort_down(struct html_placed *items, size_t count);   /* by where they begin */
void html_sort_across(struct html_placed *items, size_t count);
/* How many of the first items, sorted across, make a column: nothing of the others begins left of where they end. */
size_t html_column_size(const struct html_placed *items, size_t count, double *right);

/* Items sorted down, in bands below each other. */
RS_CHECKED rs_status html_bands(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct html_placed *items,
                                size_t count, struct html_area area, bool may_break);
/* The items of one band, which ends at `bottom`, whole. */
RS_CHECKED rs_status html_band(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct html_placed *items,
                               size_t count, struct html_area area, double bottom);
/* Columns beside each other, inside a row; area.left is where the last one ended. Each keeps its distance from `bottom`, however
 * it grows. */
RS_CHECKED rs_status html_columns(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct html_placed *items,
                                  size_t count, struct html_area area, double bottom);

/* ---- html_break.c ------------------------------------------------------------------------------------ */

/* A band where the page may end before, inside and after: a region alone, or with others beside it, is parted between its
 * rows, anything else goes to the next page whole where it does not fit. */
RS_CHECKED rs_status html_breaking_band(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                        struct html_placed *items, size_t count, struct html_area area, double bottom);

#endif
