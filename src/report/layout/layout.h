/* report/layout/layout.h - a run laid out on pages of a fixed size and drawn as it goes.
 *
 * Rows are pulled from the run, placed and drawn page by page; of a finished page only its numbers, and the values that
 * page headers and footers name, are kept.
 *
 * Source:  docs/reports.md, pagination; [MS-RDL] 2.8 (page), 2.34 (tablix).
 */
#ifndef REPORT_LAYOUT_LAYOUT_H
#define REPORT_LAYOUT_LAYOUT_H

#include "report/compute/compute.h"
#include "report/draw/device.h"

#define LAYOUT_FROM_REPORT (-1.0) /* a size that the definition decides */

/* How many pages there are, between one reset of the page number and the next, and in all. */
struct layout_totals {
    const int64_t *parts;            /* in the job's memory */
    size_t part_count;               /* 0: no page header or footer asks */
    int64_t overall;
};

struct layout_options {
    double page_width_pt, page_height_pt;
    double margin_left_pt, margin_right_pt, margin_top_pt, margin_bottom_pt;
    double column_spacing_pt;
    unsigned columns;                /* 0: the definition decides */
    size_t first_page, last_page;    /* from 1, both included; 0: from the start, to the end */
    const struct layout_totals *totals; /* from layout_count, for devices whose pages cannot be continued; NULL: headers and
                                         * footers that name totals are drawn after the last page */
};

/* Everything as the definition says, all pages. */
static inline struct layout_options layout_defaults(void)
{
    return (struct layout_options){LAYOUT_FROM_REPORT, LAYOUT_FROM_REPORT, LAYOUT_FROM_REPORT, LAYOUT_FROM_REPORT,
                                   LAYOUT_FROM_REPORT, LAYOUT_FROM_REPORT, LAYOUT_FROM_REPORT, 0, 0, 0, NULL};
}

/* Draw the report on `device` (begin and finish included). `page_count` may be NULL. */
RS_CHECKED rs_status layout_report(struct rs_job *job, struct compute_run *run, const struct layout_options *options,
                                   struct draw_device *device, size_t *page_count);

/* Lay the report out without drawing it, where its headers and footers name totals of pages; else nothing is done. */
RS_CHECKED rs_status layout_count(struct rs_job *job, struct compute_run *run, const struct layout_options *options,
                                  struct layout_totals *out);

#endif
