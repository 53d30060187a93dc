#include "web/url/directory.h"

#include "format/escape/markup.h"
#include "store/catalog/name.h"
#include "web/url/text.h"

const char *url_natural_command(enum catalog_kind kind)
{
    switch (kind) {
    case CATALOG_FOLDER:
        return "ListChildren";
    case CATALOG_REPORT:
    case CATALOG_LINKED_REPORT:
        return "Render";
    case CATALOG_RESOURCE:
        return "GetResourceContents";
    case CATALOG_DATA_SOURCE:
        return "GetDataSourceContents";
    case CATALOG_DATA_SET:
        return "GetSharedDatasetDefinition";
    case CATALOG_COMPONENT:
        return "GetComponentDefinition";
    }
    return "Render";
}

static void write_anchor(rs_buf *page, rs_text path, const char *command, rs_text name)
{
    rs_buf link = rs_buf_in(page->job);

    url_write_link(&link, path, command);
    rs_buf_add_literal(page, "<A HREF=\"");
    escape_html(page, rs_buf_text(&link));
    rs_buf_add_literal(page, "\">");
    escape_html(page, name);
    rs_buf_add_literal(page, "</A>");
}

/* Right-aligned columns: date, then <dir> or the size. */
static void write_line(rs_buf *page, const struct catalog_item *item)
{
    rs_buf date = rs_buf_in(page->job);

    url_write_long_date(&date, item->modified_ms);
    rs_buf_printf(page, "%38.*s", RS_TEXT_ARG(rs_buf_text(&date)));
    if (item->kind == CATALOG_FOLDER)
        rs_buf_add_literal(page, "        &lt;dir&gt; ");
    else
        rs_buf_printf(page, "%13lld ", (long long)item->size);
    write_anchor(page, item->path, url_natural_command(item->kind), item->name);
    rs_buf_add_literal(page, "\n");
}

static void write_title(rs_buf *page, const struct exchange *x, rs_text path)
{
    escape_html(page, x->host);
    escape_html(page, x->directory);
    rs_buf_add_literal(page, " - ");
    escape_html(page, path);
}

rs_status url_directory(struct exchange *x, const struct url_request *request)
{
    struct service_get_item folder = {.path = request->path};
    struct service_list_children list = {.path = request->path};
    rs_buf page = rs_buf_in(x->job);
    rs_text parent, name;

    RS_TRY(service_run(x->job, &x->caller, &service_get_item, &folder));
    RS_TRY(service_run(x->job, &x->caller, &service_list_children, &list));
    rs_buf_add_literal(&page, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
                              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                              "<meta name=\"Generator\" content=\"" URL_PRODUCT "\"><title>");
    write_title(&page, x, folder.item->path);
    rs_buf_add_literal(&page, "</title><style>@media(max-width:40rem){pre{white-space:pre-wrap}h1{font-size:1.3rem;"
                              "overflow-wrap:anywhere}}</style></head><body><H1>");
    write_title(&page, x, folder.item->path);
    rs_buf_add_literal(&page, "</H1><hr><pre>");
    if (folder.item->path.size > 1) {
        catalog_path_split(folder.item->path, &parent, &name);
        write_anchor(&page, parent, "ListChildren", RS_TEXT("[To Parent Directory]"));
        rs_buf_add_literal(&page, "\n\n");
    }
    for (size_t i = 0; i < list.items.count; i++) /* hidden ones too: they are hidden in the portal only */
        write_line(&page, &list.items.items[i]);
    rs_buf_add_literal(&page, "</pre><hr>" URL_PRODUCT "</body></html>\n");
    exchange_field(x, "Cache-Control", RS_TEXT("private, no-cache"));
    exchange_field(x, "Content-Security-Policy", RS_TEXT("default-src 'none'; base-uri 'none'"));
    return exchange_send(x, 200, "text/html; charset=utf-8", rs_buf_text(&page));
}
