/* web/url/viewer.h - a report as a page to look at: its parameters, a bar to turn pages and export, one page of it.
 *
 * Both faces show it: URL access as a page of its own, the portal inside its frame.
 */
#ifndef WEB_URL_VIEWER_H
#define WEB_URL_VIEWER_H

#include "web/exchange/asset.h"
#include "web/url/request.h"

struct url_viewer {
    struct exchange *x;
    const struct url_request *request; /* with the credentials that are kept for it */
    rs_text fault;      /* why the credentials that were given are of no use */
    rs_text base;       /* what a link to the report begins with: "?%2FSales%2FOrders", or "?" */
    rs_text path_field; /* as in url_prompts */
    struct service_render_report call;
    rs_text body;       /* the page of the report, as HTML; empty where it was not run */
    int64_t page, page_count; /* page_count is 0 where the renderer did not tell */
    int64_t matches, match;   /* of rc:FindString on the page, and which of them is the current one */
};

/* Credentials that came with our form are kept, and the answer is a redirection to the same page. `base` as in url_viewer. */
RS_CHECKED rs_status url_viewer_redirects(struct exchange *x, const struct url_request *request, rs_text base, bool *done);

/* Run the report, or find that values are missing, as the call's `rendered` says. */
RS_CHECKED rs_status url_viewer_run(struct exchange *x, const struct url_request *request,
                                    struct url_viewer *viewer);

/* Parameters, bar and report: for the inside of a <body>. */
void url_viewer_write(rs_buf *out, const struct url_viewer *viewer);

/* <link> and <script> that it needs; `prefix` is where url_assets are served. */
void url_viewer_write_head(rs_buf *out, rs_text prefix);

/* The viewer's style sheet and script. */
extern const struct exchange_asset url_assets[];
extern const size_t url_assets_count;

/* The format of the viewer. */
#define URL_VIEWER_FORMAT RS_TEXT("HTML5")
bool url_is_viewer_format(rs_text format);

/* Content-Security-Policy of pages that show a report, and who may frame them. */
void url_report_policy(struct exchange *x);

#endif
