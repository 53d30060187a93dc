#include "web/portal/page.h"

#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "store/catalog/name.h"
#include "web/url/viewer.h"

void portal_text(rs_buf *out, rs_text t)
{
    escape_html(out, t);
}

void portal_attribute(rs_buf *out, const char *name, rs_text value)
{
    rs_buf_printf(out, " %s=\"", name);
    escape_html(out, value);
    rs_buf_add_byte(out, '"');
}

rs_text portal_location(struct exchange *x, const char *view, rs_text path, const char *query)
{
    rs_buf out = rs_buf_in(x->job);

    escape_percent_write_path(&out, x->directory);
    rs_buf_printf(&out, "/%s", view);
    escape_percent_write_path(&out, path.size > 1 ? path : RS_TEXT("/"));
    rs_buf_add(&out, rs_text_from(query));
    return rs_buf_text(&out);
}

void portal_address(rs_buf *out, const struct exchange *x, const char *view, rs_text path)
{
    escape_percent_write_path(out, x->directory); /* what it writes needs no escaping in HTML */
    rs_buf_printf(out, "/%s", view);
    escape_percent_write_path(out, path.size > 1 ? path : RS_TEXT("/"));
}

/* ---- kinds --------------------------------------------------------------------------------------- */

#define ICON(kind, path)                                                                       \
    "<svg class=\"icon " kind "\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"" path "\"/></svg>"

static const struct kind {
    const char *word, *view, *icon;
} kinds[] = {
    [CATALOG_FOLDER] = {"Folder", "browse", ICON("folder", "M3 6h6l2 2h10v11H3z")},
    [CATALOG_REPORT] = {"Report", "report", ICON("report", "M5 3h14v18H5zM8 16v-4M12 16V8M16 16v-6")},
    [CATALOG_LINKED_REPORT] = {"Linked report", "report", ICON("report", "M5 3h14v18H5zM8 16v-4M12 16V8M16 16v-6")},
    [CATALOG_RESOURCE] = {"File", "resource", ICON("file", "M6 3h8l4 4v14H6zM14 3v4h4")},
    [CATALOG_DATA_SOURCE] = {"Data source", "manage",
                             ICON("source", "M5 6c0-4 14-4 14 0v12c0 4-14 4-14 0zM5 6c0 4 14 4 14 0M5 12c0 4 14 4 14 0")},
    [CATALOG_DATA_SET] = {"Data set", "manage", ICON("source", "M4 5h16v14H4zM4 10h16M10 5v14")},
    [CATALOG_COMPONENT] = {"Report part", "manage", ICON("file", "M4 4h7v7H4zM13 13h7v7h-7z")},
};

static const struct kind *kind_row(enum catalog_kind kind)
{
    bool known = (size_t)kind < sizeof kinds / sizeof kinds[0] && kinds[kind].word;

    return &kinds[known ? kind : CATALOG_RESOURCE];
}

const char *portal_kind_word(enum catalog_kind kind)
{
    return kind_row(kind)->word;
}

const char *portal_view_of(enum catalog_kind kind)
{
    return kind_row(kind)->view;
}

void portal_icon(rs_buf *out, enum catalog_kind kind)
{
    rs_buf_add(out, rs_text_from(kind_row(kind)->icon));
}

/* ---- the frame ----------------------------------------------------------------------------------- */

static const struct exchange_asset *asset(const char *name)
{
    return exchange_asset_find(portal_assets, portal_assets_count, rs_text_from(name));
}

static void write_head(rs_buf *out, const struct portal_page *page)
{
    const struct exchange *x = page->x;
    rs_buf prefix = rs_buf_in(out->job);

    escape_percent_write_path(&prefix, x->directory);
    rs_buf_add_literal(&prefix, "/assets/");
    rs_text p = rs_buf_text(&prefix);
    rs_buf_add_literal(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
    portal_text(out, page->title);
    rs_buf_printf(out, " - Reports</title><link rel=\"icon\" type=\"image/svg+xml\" href=\"%.*sicon.svg?v=%s\">"
                       "<link rel=\"stylesheet\" href=\"%.*sportal.css?v=%s\">",
                  RS_TEXT_ARG(p), asset("icon.svg")->tag, RS_TEXT_ARG(p), asset("portal.css")->tag);
    if (page->is_report)
        url_viewer_write_head(out, p);
    rs_buf_printf(out, "<script src=\"%.*sportal.js?v=%s\" defer></script></head>", RS_TEXT_ARG(p),
                  asset("portal.js")->tag);
}

static void write_bar(rs_buf *out, const struct portal_page *page)
{
    const struct exchange *x = page->x;

    rs_buf_add_literal(out, "<a class=\"skip\" href=\"#main\">Skip to the content</a><header class=\"top\">"
                            "<a class=\"brand\" href=\"");
    portal_address(out, x, "browse", RS_TEXT("/"));
    rs_buf_add_literal(out, "\"><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M4 4h12l4 4v12H4zM8 17v-5M12 "
                            "17V8M16 17v-3\"/></svg>Reports</a><form class=\"search\" role=\"search\" action=\"");
    escape_percent_write_path(out, x->directory);
    rs_buf_add_literal(out, "/search\"><input type=\"search\" name=\"q\" placeholder=\"Search\" aria-label=\"Search\"");
    portal_attribute(out, "value", exchange_pair_value(&x->query, "q"));
    rs_buf_add_literal(out, "></form>");
    if (x->caller.user.name.size > 0) {
        rs_buf_add_literal(out, "<span class=\"who\"");
        portal_attribute(out, "title", rs_text_from(auth_role_name(x->caller.user.role)));
        rs_buf_add_literal(out, ">");
        portal_text(out, x->caller.user.name);
        rs_buf_add_literal(out, "</span>");
    }
    if (x->by_cookie) {
        rs_buf_add_literal(out, "<form method=\"post\" action=\"");
        escape_percent_write_path(out, x->directory);
        rs_buf_add_literal(out, "/logoff.aspx\"><input type=\"hidden\" name=\"token\"");
        portal_attribute(out, "value", exchange_form_token(page->x));
        rs_buf_add_literal(out, "><button class=\"button\">Log off</button></form>");
    }
    rs_buf_add_literal(out, "</header>");
}

/* Home / Sales / Orders: each a link to its folder; the last one is where we are. */
static void write_crumbs(rs_buf *out, const struct portal_page *page)
{
    rs_text rest = rs_text_from_offset(page->path, 1), name, so_far = RS_TEXT("/");

    if (page->path.size == 0)
        return;
    rs_buf_add_literal(out, "<nav class=\"crumbs\" aria-label=\"Where you are\"><ol><li><a href=\"");
    portal_address(out, page->x, "browse", so_far);
    rs_buf_add_literal(out, "\">Home</a></li>");
    while (rest.size > 0) {
        bool more = rs_text_cut(rest, '/', &name, &rest);
        so_far = catalog_path_join(out->job, so_far, name);
        if (more) {
            rs_buf_add_literal(out, "<li><a href=\"");
            portal_address(out, page->x, "browse", so_far);
            rs_buf_add_literal(out, "\">");
        } else {
            rs_buf_add_literal(out, "<li aria-current=\"page\">");
        }
        portal_text(out, name);
        rs_buf_add(out, more ? RS_TEXT("</a></li>") : RS_TEXT("</li>"));
    }
    rs_buf_add_literal(out, "</ol></nav>");
}

void portal_page_begin(rs_buf *out, const struct portal_page *page)
{
    write_head(out, page);
    rs_buf_printf(out, "<body%s>", page->is_report ? " class=\"wide\"" : "");
    if (!page->is_embedded) {
        write_bar(out, page);
        write_crumbs(out, page);
    }
    rs_buf_add_literal(out, "<main id=\"main\">");
}

void portal_page_end(rs_buf *out, const struct portal_page *page)
{
    rs_buf_add_literal(out, "</main>");
    if (!page->is_embedded)
        rs_buf_add_literal(out, "<footer>Bindery " BINDERY_VERSION "</footer>");
    rs_buf_add_literal(out, "</body></html>\n");
}

rs_status portal_page_send(const struct portal_page *page, int status, const rs_buf *out)
{
    struct exchange *x = page->x;

    if (page->is_report)
        url_report_policy(x);
    else
        exchange_field(x, "Content-Security-Policy",
                       RS_TEXT("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                               "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"));
    exchange_field(x, "Cache-Control", RS_TEXT("private, no-store"));
    return exchange_send(x, status, "text/html; charset=utf-8", rs_buf_text(out));
}

void portal_form_begin(rs_buf *out, struct exchange *x, const char *action, rs_text path, const char *attributes)
{
    rs_buf_add_literal(out, "<form method=\"post\" action=\"");
    escape_percent_write_path(out, x->directory);
    rs_buf_printf(out, "/do/%s\" %s><input type=\"hidden\" name=\"token\"", action, attributes);
    portal_attribute(out, "value", exchange_form_token(x));
    rs_buf_add_literal(out, "><input type=\"hidden\" name=\"path\"");
    portal_attribute(out, "value", path);
    rs_buf_add_literal(out, ">");
}
