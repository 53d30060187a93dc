#include "web/url/render.h"

#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "web/url/credentials.h"
#include "web/url/text.h"
#include "web/url/viewer.h"

struct file_sink {
    struct exchange *x;
    struct service_render_report *call;
    struct render_output output;
    bool begun;
};

/* The fields are sent with the first byte: before it the output's type is not known, and a failure still can become an
 * error page. */
static void begin(struct file_sink *sink)
{
    struct exchange *x = sink->x;
    const struct render_output *output = &sink->output;
    rs_text type = output->mime_type;
    bool inline_page = rs_text_starts(type, RS_TEXT("text/html"));

    if (output->charset.size > 0)
        type = rs_text_format(x->job, "%.*s; charset=%.*s", RS_TEXT_ARG(type), RS_TEXT_ARG(output->charset));
    exchange_field(x, "Content-Type", type);
    exchange_field(x, "Cache-Control", RS_TEXT("private"));
    exchange_field(x, "Expires", RS_TEXT("Thu, 01 Jan 1970 00:00:00 GMT"));
    exchange_field(x, "FileExtension", output->extension);
    if (!inline_page)
        exchange_disposition(x, "attachment",
                             rs_text_format(x->job, "%.*s.%.*s", RS_TEXT_ARG(sink->call->item->name),
                                            RS_TEXT_ARG(output->extension)));
    else
        url_report_policy(x);
    sink->begun = true;
}

static rs_status write_file(struct rs_job *job, void *data, rs_text bytes)
{
    struct file_sink *sink = data;

    (void)job;
    if (!sink->begun)
        begin(sink);
    return exchange_write(sink->x, bytes);
}

/* HTML without a page number is the whole report on one page. */
static struct render_device_info file_info(struct exchange *x, const struct url_request *request, rs_text format)
{
    struct render_setting *items;

    if (!url_is_viewer_format(format) || request->has_section)
        return request->info;
    items = RS_NEW_ARRAY(x->job, struct render_setting, request->info.count + 1);
    items[0] = (struct render_setting){RS_TEXT("Section"), RS_TEXT("0")};
    if (request->info.count > 0)
        memcpy(items + 1, request->info.items, request->info.count * sizeof *items);
    return (struct render_device_info){items, request->info.count + 1};
}

rs_status url_render_file(struct exchange *x, const struct url_request *request, rs_text format)
{
    struct file_sink file = {.x = x};
    struct render_sink sink = {.data = &file, .write = write_file};
    struct url_request own = *request;

    RS_TRY(url_credentials_recall(x, &own));
    struct service_render_report call = {
        .path = request->path,
        .given = own.given,
        .format = url_is_viewer_format(format) ? URL_VIEWER_FORMAT : format,
        .info = file_info(x, request, format),
        .sink = &sink,
        .output = &file.output,
    };

    file.call = &call;
    RS_TRY(service_run(x->job, &x->caller, &service_render_report, &call));
    if (!file.begun)
        begin(&file); /* a format that writes nothing */
    return RS_OK;
}

static rs_status render_viewer(struct exchange *x, const struct url_request *request)
{
    struct url_viewer viewer = {0};
    rs_buf page = rs_buf_in(x->job), base = rs_buf_in(x->job);
    bool done;

    rs_buf_add_byte(&base, '?');
    escape_percent_write(&base, request->path);
    viewer.base = rs_buf_text(&base);
    viewer.path_field = request->path;
    RS_TRY(url_viewer_redirects(x, request, viewer.base, &done));
    if (done)
        return RS_OK;
    RS_TRY(url_viewer_run(x, request, &viewer));
    rs_buf_add_literal(&page, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                              "<meta name=\"Generator\" content=\"" URL_PRODUCT "\">"
                              "<link rel=\"icon\" href=\"data:,\"><title>");
    escape_html(&page, viewer.call.item->name);
    rs_buf_add_literal(&page, " - Report Viewer</title>");
    rs_buf prefix = rs_buf_in(x->job);
    escape_percent_write_path(&prefix, x->directory);
    rs_buf_add_literal(&prefix, "/Styles/");
    url_viewer_write_head(&page, rs_buf_text(&prefix));
    rs_buf_add_literal(&page, "</head><body class=\"bv-alone\">");
    url_viewer_write(&page, &viewer);
    rs_buf_add_literal(&page, "</body></html>\n");
    url_report_policy(x);
    exchange_field(x, "Cache-Control", RS_TEXT("private, no-store"));
    return exchange_send(x, 200, "text/html; charset=utf-8", rs_buf_text(&page));
}

rs_status url_render(struct exchange *x, const struct url_request *request)
{
    if (url_is_viewer_format(request->format) && request->wants_toolbar)
        return render_viewer(x, request);
    return url_render_file(x, request, request->format);
}
