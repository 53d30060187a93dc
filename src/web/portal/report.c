#include "web/portal/views.h"

#include "web/portal/page.h"
#include "web/url/contents.h"
#include "web/url/render.h"
#include "web/url/viewer.h"

static bool is_embedded(const struct exchange *x)
{
    bool yes = false;

    return url_parse_bool(exchange_pair_value(&x->query, "rs:Embed"), &yes) && yes;
}

static void write_links(rs_buf *out, struct exchange *x, const struct catalog_item *item)
{
    rs_buf_add_literal(out, "<div class=\"heading slim\"><h1>");
    portal_text(out, item->name);
    rs_buf_add_literal(out, "</h1><div class=\"actions\"><a class=\"button\" href=\"");
    portal_address(out, x, "manage", item->path);
    rs_buf_add_literal(out, "\">Properties</a></div></div>");
}

rs_status portal_report(struct exchange *x, rs_text path)
{
    struct url_request request;
    struct url_viewer viewer = {.base = RS_TEXT("?")};
    struct portal_page page = {.x = x, .is_report = true, .is_embedded = is_embedded(x)};
    rs_buf out = rs_buf_in(x->job);
    bool done;

    RS_TRY(url_request_read(x, path, &request));
    if (!url_is_viewer_format(request.format) || !request.wants_toolbar)
        return url_render_file(x, &request, request.format);
    RS_TRY(url_viewer_redirects(x, &request, viewer.base, &done));
    if (done)
        return RS_OK;
    RS_TRY(url_viewer_run(x, &request, &viewer));
    page.path = viewer.call.item->path;
    page.title = viewer.call.item->name;
    portal_page_begin(&out, &page);
    if (!page.is_embedded)
        write_links(&out, x, viewer.call.item);
    url_viewer_write(&out, &viewer);
    portal_page_end(&out, &page);
    return portal_page_send(&page, 200, &out);
}

rs_status portal_resource(struct exchange *x, rs_text path)
{
    struct url_request request = {.path = path};

    return url_resource(x, &request);
}

/* ---- the original bytes -------------------------------------------------------------------------- */

static rs_status send_bytes(struct exchange *x, const struct catalog_item *item, const char *mime_type,
                            const char *extension, rs_text content)
{
    if (url_content_is_known(x, item))
        return RS_OK;
    exchange_disposition(x, "attachment", rs_text_format(x->job, "%.*s%s", RS_TEXT_ARG(item->name), extension));
    return exchange_send(x, 200, mime_type, content);
}

rs_status portal_download(struct exchange *x, rs_text path)
{
    struct service_get_item get = {.path = path};
    struct service_get_content content = {.path = path};
    struct service_get_data_source source = {.path = path};
    rs_buf out = rs_buf_in(x->job);

    RS_TRY(service_run(x->job, &x->caller, &service_get_item, &get));
    switch (get.item->kind) {
    case CATALOG_REPORT:
    case CATALOG_DATA_SET:
        RS_TRY(service_run(x->job, &x->caller, &service_get_item_definition, &content));
        return send_bytes(x, get.item, "text/xml", get.item->kind == CATALOG_REPORT ? ".rdl" : ".rsd",
                          content.content);
    case CATALOG_DATA_SOURCE:
        RS_TRY(service_run(x->job, &x->caller, &service_get_data_source_contents, &source));
        data_source_write(&out, &source.definition);
        return send_bytes(x, get.item, "text/xml", ".rsds", rs_buf_text(&out));
    default:
        RS_TRY(service_run(x->job, &x->caller, &service_get_resource_contents, &content));
        return send_bytes(x, get.item, "application/octet-stream", "", content.content);
    }
}
