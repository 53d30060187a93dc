/* report/layout/plain.h - text boxes that differ from place to place in nothing but their text. Internal to report/layout.
 */
#ifndef REPORT_LAYOUT_PLAIN_H
#define REPORT_LAYOUT_PLAIN_H

#include "report/layout/frame.h"
#include "report/text/block.h"

/* What such a text box has in every place. */
struct layout_plain {
    bool usable;                     /* the item is one */
    unsigned text_align;             /* enum rdl_text_align */
    const struct layout_style *style; /* of the box */
    struct text_run run;             /* without its text */
    struct text_paragraph paragraph; /* without its run and alignment */
};

/* *out is NULL where the item is no such text box. Found once, kept as long as the layout. */
RS_CHECKED rs_status layout_plain_find(struct layout *l, const struct rdl_item *item, const struct layout_plain **out);

/* The content of a frame whose item, scope and size are set: what layout_style_find and layout_text_make would do. */
RS_CHECKED rs_status layout_plain_make(struct layout *l, struct rs_job *memory, const struct layout_plain *plain,
                                       struct layout_frame *frame);

#endif
