/* report/render/page_options.h - device information that every renderer of hard pages has: StartPage and EndPage (none, or
 * StartPage 0: all pages; StartPage alone: that page), PageWidth, PageHeight, MarginLeft, MarginRight, MarginTop,
 * MarginBottom, Columns, ColumnSpacing.
 */
#ifndef REPORT_RENDER_PAGE_OPTIONS_H
#define REPORT_RENDER_PAGE_OPTIONS_H

#include "report/layout/layout.h"
#include "report/render/format.h"

/* What is not given is as the definition says. */
RS_CHECKED rs_status render_page_options(struct rs_job *job, const struct render_device_info *info,
                                         struct layout_options *out);

#endif
