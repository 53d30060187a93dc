/* web/url/render.h - run a report and send it: in the viewer, alone as HTML, or as a file.
 */
#ifndef WEB_URL_RENDER_H
#define WEB_URL_RENDER_H

#include "web/url/request.h"

/* The face of URL access: decides between the three by format and toolbar. */
RS_CHECKED rs_status url_render(struct exchange *x, const struct url_request *request);

/* As a file in `format`; HTML without the viewer when that is the format. */
RS_CHECKED rs_status url_render_file(struct exchange *x, const struct url_request *request, rs_text format);

#endif
