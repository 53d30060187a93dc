/* report/layout/style.h - styles of report items with every expression answered.
 *
 * A style whose members are all constant, as most are, is answered once per rendering. What is wrong in a style (a
 * colour nobody knows, an expression that fails) takes its default: a report is never refused for it.
 *
 * Source:  [MS-RDL] 2.16 (Style); docs/reports.md, style defaults.
 */
#ifndef REPORT_LAYOUT_STYLE_H
#define REPORT_LAYOUT_STYLE_H

#include "report/compute/compute.h"
#include "report/draw/device.h"
#include "report/rdl/model.h"
#include "report/text/block.h"

struct layout_style {
    uint32_t background;        /* 0xAARRGGBB */
    uint32_t gradient_end;      /* 0xAARRGGBB; the background runs into it */
    uint8_t gradient;           /* enum rdl_gradient */
    struct draw_pen sides[RDL_SIDES];
    bool has_sides;             /* one of them is drawn */
    double padding_pt[RDL_SIDES];
    const struct text_font *font;
    double font_size_pt;
    uint32_t color;             /* 0xAARRGGBB; of text */
    unsigned decoration;        /* enum text_decoration */
    uint8_t text_align;         /* enum rdl_text_align */
    uint8_t vertical_align;     /* enum rdl_vertical_align */
    uint8_t writing_mode;       /* enum rdl_writing_mode */
    bool right_to_left;
    double line_height_pt;      /* 0: from the fonts */
};

struct layout_styles;

/* In the job's memory. */
struct layout_styles *layout_styles_create(struct rs_job *job, struct compute_run *run);

/* From here on for another run of the same report. */
void layout_styles_use(struct layout_styles *styles, struct compute_run *run);

/* The style of an item, paragraph or run in `scope`. `out` lives as long as the job given here or as the styles.
 * `line` is true for Line items, whose border is solid unless something else is said. */
RS_CHECKED rs_status layout_style_find(struct rs_job *job, struct layout_styles *styles,
                                       const struct compute_scope *scope, const struct rdl_style *style, bool line,
                                       const struct layout_style **out);

/* The style of an item that is no Line, a paragraph or a run where it is the same in every scope; *out is NULL where it is not. */
RS_CHECKED rs_status layout_style_constant(struct rs_job *job, struct layout_styles *styles, const struct rdl_style *style,
                                           const struct layout_style **out);

/* A size expression (an indent, the space around a paragraph) in points; 0 where it is absent or wrong. */
RS_CHECKED rs_status layout_size(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                                 const struct rdl_expr *expr, double *out_pt);

#endif
