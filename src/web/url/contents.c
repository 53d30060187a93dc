#include "web/url/contents.h"

#include "web/url/text.h"

bool url_content_is_known(struct exchange *x, const struct catalog_item *item)
{
    exchange_field(x, "Cache-Control", RS_TEXT("private, no-cache"));
    return exchange_is_known(x, rs_text_format(x->job, "%.*s-%lld", RS_TEXT_ARG(item->id),
                                               (long long)item->revision));
}

/* Types that no browser runs as a page of this server. All others may run, but apart: without the user's rights here. */
static bool is_passive(rs_text mime_type)
{
    static const char *const known[] = {
        "application/pdf", "image/bmp",    "image/gif",  "image/jpeg", "image/png",  "image/tiff",
        "image/webp",      "image/x-icon", "text/css",   "text/csv",   "text/plain",
    };
    rs_text type, parameters;

    rs_text_cut(mime_type, ';', &type, &parameters);
    type = rs_text_trim(type);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (rs_text_equal_nocase(type, rs_text_from(known[i])))
            return true;
    return false;
}

rs_status url_resource(struct exchange *x, const struct url_request *request)
{
    struct service_get_content get = {.path = request->path};

    RS_TRY(service_run(x->job, &x->caller, &service_get_resource_contents, &get));
    if (!is_passive(get.item->mime_type))
        exchange_field(x, "Content-Security-Policy", RS_TEXT("sandbox allow-scripts allow-popups allow-downloads"));
    if (url_content_is_known(x, get.item))
        return RS_OK;
    exchange_disposition(x, "inline", get.item->name);
    exchange_field(x, "Content-Type", get.item->mime_type);
    return exchange_write(x, get.content);
}

rs_status url_data_source(struct exchange *x, const struct url_request *request)
{
    struct service_get_data_source get = {.path = request->path};
    rs_buf out = rs_buf_in(x->job);

    RS_TRY(service_run(x->job, &x->caller, &service_get_data_source_contents, &get));
    if (url_content_is_known(x, get.item))
        return RS_OK;
    data_source_write(&out, &get.definition);
    return exchange_send(x, 200, "text/xml; charset=utf-8", rs_buf_text(&out));
}

rs_status url_definition(struct exchange *x, const struct url_request *request)
{
    struct service_get_content get = {.path = request->path};

    RS_TRY(service_run(x->job, &x->caller, &service_get_item_definition, &get));
    if (url_content_is_known(x, get.item))
        return RS_OK;
    exchange_disposition(x, "attachment", rs_text_format(x->job, "%.*s.%s", RS_TEXT_ARG(get.item->name),
                                                         get.item->kind == CATALOG_REPORT ? "rdl" : "rsd"));
    return exchange_send(x, 200, "text/xml", get.content);
}
