/* web/url/toolbar.h - the bar above a report: pages, search, zoom, exports.
 */
#ifndef WEB_URL_TOOLBAR_H
#define WEB_URL_TOOLBAR_H

#include "web/url/viewer.h"

void url_toolbar_write(rs_buf *out, const struct url_viewer *viewer);

/* An attribute of the element around the report where it is to fit the window (rc:Zoom=Page Width): the script knows how
 * large that is. Empty otherwise. */
const char *url_toolbar_fit(const struct url_viewer *viewer);

/* A link to the report as it is, without what is called `without` (empty: all is kept), ending in "&NAME=" for a value to be
 * put behind. */
rs_text url_report_link(struct rs_job *job, const struct url_request *request, rs_text base, rs_text without, const char *name);

#endif
