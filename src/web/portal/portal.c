#include "web/portal/portal.h"

#include "web/portal/page.h"
#include "web/portal/views.h"
#include "web/url/viewer.h"

static rs_status send_asset(struct exchange *x, rs_text path)
{
    rs_text name = rs_text_from_offset(path, 1);
    const struct exchange_asset *asset = exchange_asset_find(portal_assets, portal_assets_count, name);

    if (!asset)
        asset = exchange_asset_find(url_assets, url_assets_count, name);
    if (!asset)
        return rs_fail(x->job, RS_NOT_FOUND, "there is no such file");
    return exchange_send_asset(x, asset);
}

/* /Reports/VIEW/path/of/the/item. The longer ones are the original's deep links. */
static const struct {
    const char *prefix;
    rs_status (*answer)(struct exchange *x, rs_text path);
} views[] = {
    {"/browse", portal_browse},
    {"/report", portal_report},
    {"/resource", portal_resource},
    {"/download", portal_download},
    {"/manage/catalogitem/properties", portal_manage},
    {"/manage", portal_manage},
    {"/search", portal_search},
    {"/assets", send_asset},
    {"/do", portal_do},
};

static rs_text without_last_slash(rs_text path)
{
    while (path.size > 1 && path.bytes[path.size - 1] == '/')
        path.size--;
    return path;
}

static rs_status answer(struct exchange *x)
{
    if (x->method != HTTP_GET && x->method != HTTP_HEAD && x->method != HTTP_POST)
        return rs_fail(x->job, EXCHANGE_METHOD, "this address answers GET, HEAD and POST");
    if (x->path.size <= 1)
        return exchange_redirect(x, portal_location(x, "browse", RS_TEXT("/"), ""));
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        rs_text prefix = rs_text_from(views[i].prefix), rest;
        if (!rs_text_starts_nocase(x->path, prefix))
            continue;
        rest = rs_text_from_offset(x->path, prefix.size);
        if (rest.size > 0 && rest.bytes[0] != '/')
            continue;
        return views[i].answer(x, rest.size > 0 ? without_last_slash(rest) : RS_TEXT("/"));
    }
    return rs_fail(x->job, RS_NOT_FOUND, "there is no page %.*s", RS_TEXT_ARG(rs_text_slice(x->path, 0, 200)));
}

const struct exchange_face portal_face = {
    .directory = EXCHANGE_PORTAL,
    .application = "ReportServerWebApp",
    .answer = answer,
    .fail = portal_error,
};
