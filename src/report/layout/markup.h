/* report/layout/markup.h - the HTML that a text run may hold (MarkupType HTML) as paragraphs and runs.
 *
 * Tags: a, b, strong, i, em, u, s, strike, br, p, div, span, font, h1 to h6, ul, ol, li; attributes: href, color, face,
 * size, style with color, font-family, font-size, font-weight, font-style, text-decoration, text-align, and of blocks padding
 * and text-indent; the characters that HTML 4 has names for. Other tags are dropped and their text is kept, as the original does; text that is no markup is shown as it is.
 *
 * Source:  docs/reports.md, text boxes.
 */
#ifndef REPORT_LAYOUT_MARKUP_H
#define REPORT_LAYOUT_MARKUP_H

#include "report/text/block.h"

#define LAYOUT_MARKUP_DEPTH_MAX 64   /* tags inside each other; deeper ones are dropped */
#define LAYOUT_MARKUP_RUNS_MAX 20000 /* what is behind is left out */

/* The paragraphs that `source` becomes, whose runs are markup where `is_markup` says so, and plain text elsewhere. What
 * markup says begins from the style of its run, and ends with it. A run that came of run i of the source has i as its
 * origin. In the job's memory. */
RS_CHECKED rs_status layout_markup_parse(struct rs_job *job, const struct text_paragraph *source, const bool *is_markup,
                                         const struct text_paragraph **out, size_t *count);

#endif
