/* web/url/request.h - what a URL asks for: the item, the command, the report's parameters, device information.
 *
 * The query's first element that begins with '/' is the item's path, whole: no '=' is looked for in it. Names that
 * begin with rs: and rc: compare without case, the report's own parameters with case. A posted form is read behind the
 * query. The portal uses the same names.
 *
 * Our own, for forms: Name:lines holds several values, one to a line; Name:choice holds "null", or "=" and a value. For
 * links: rv:FindAt counts matches on a page; rv:Sort holds the sorts that the reader chose, "12:Ascending,13_0:Descending", the deciding one first.
 */
#ifndef WEB_URL_REQUEST_H
#define WEB_URL_REQUEST_H

#include "report/render/format.h"
#include "service/ops/ops.h"
#include "web/exchange/exchange.h"

enum url_parameter_area { URL_PARAMETERS_SHOWN, URL_PARAMETERS_COLLAPSED, URL_PARAMETERS_ABSENT };

struct url_request {
    rs_text path;     /* of the item, "/" where none was given */
    rs_text command;  /* rs:Command; empty where not given */
    rs_text format;   /* rs:Format; empty where not given */
    bool errors_as_xml;
    bool wants_toolbar;      /* rc:Toolbar, true unless said otherwise */
    enum url_parameter_area parameter_area; /* rc:Parameters */
    bool has_section;
    int64_t section;         /* rc:Section: 0 = all pages in one */
    rs_text toggles;         /* of all rs:ShowHideToggle, "k1f,k2a" */
    rs_text find_text;       /* rc:FindString; empty: none */
    int64_t find_at;         /* rv:FindAt, ours: which match on the page is the current one, from 1 */
    bool prompts_only;       /* rv:PromptsOnly, ours: a parameter was changed that others depend on; do not run yet */
    struct service_parameters given; /* of the report */
    struct render_device_info info;  /* every rc:, in order */
    /* What links to other pages of the same report repeat: the report's parameters as they came, and rs: and rc:
     * names that belong to the viewer; without the page, the format and the command. */
    struct exchange_pairs kept;
};

/* `path` is not empty where the URL's own path names the item (the portal). Fails with RS_INVALID, and with
 * URL_UNSUPPORTED for history snapshots and streams of a session, with URL_CREDENTIALS for a password in the address. */
RS_CHECKED rs_status url_request_read(struct exchange *x, rs_text path, struct url_request *out);

/* The name of the report's parameter that a pair gives: without "rp:" before it, ":isnull" and its like behind. */
rs_text url_parameter_name(rs_text name);

/* "true", "1" and "false", "0" in any case; false in the result otherwise. */
bool url_parse_bool(rs_text t, bool *out);

#define URL_SORT RS_TEXT("rv:Sort")

#endif
