/* web/portal/page.h - what every page of the portal has: head, bar, breadcrumb, foot; links, icons, forms.
 *
 * Pages are whole without script. Every text goes through escape_html.
 */
#ifndef WEB_PORTAL_PAGE_H
#define WEB_PORTAL_PAGE_H

#include "service/ops/ops.h"
#include "web/exchange/asset.h"
#include "web/exchange/exchange.h"

struct portal_page {
    struct exchange *x;
    rs_text title;      /* of the window */
    rs_text path;       /* the item it is about: for the breadcrumb; empty: none */
    bool is_report;     /* wide, with the viewer's style and script */
    bool is_embedded;   /* without bar, breadcrumb and foot */
};

/* Everything up to and with <main>; everything from </main> on. */
void portal_page_begin(rs_buf *out, const struct portal_page *page);
void portal_page_end(rs_buf *out, const struct portal_page *page);

/* Send a finished page, not to be kept by caches. */
RS_CHECKED rs_status portal_page_send(const struct portal_page *page, int status, const rs_buf *out);

/* Escaped text. */
void portal_text(rs_buf *out, rs_text t);
/* ` name="value"`, escaped. */
void portal_attribute(rs_buf *out, const char *name, rs_text value);
/* "/Reports/browse/Sales": the address of `view` of an item, as an attribute's content. */
void portal_address(rs_buf *out, const struct exchange *x, const char *view, rs_text path);
/* The same, not escaped for HTML: for redirects. */
rs_text portal_location(struct exchange *x, const char *view, rs_text path, const char *query);
/* Where a click on an item leads: "browse", "report", "resource", "manage". */
const char *portal_view_of(enum catalog_kind kind);

void portal_icon(rs_buf *out, enum catalog_kind kind);
/* "Folder", "Report", "File", "Data source". */
const char *portal_kind_word(enum catalog_kind kind);

/* Fields of a data source's connection; NULL: empty ones, for a new data source. */
struct data_source_definition;
void portal_connection_fields(rs_buf *out, const struct data_source_definition *definition);

/* <form method="post" action=".../do/ACTION"> with its token and the item's path. */
void portal_form_begin(rs_buf *out, struct exchange *x, const char *action, rs_text path, const char *attributes);

extern const struct exchange_asset portal_assets[];
extern const size_t portal_assets_count;

#endif
