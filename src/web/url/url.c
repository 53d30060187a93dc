#include "web/url/url.h"

#include "web/url/contents.h"
#include "web/url/directory.h"
#include "web/url/error.h"
#include "web/url/render.h"
#include "web/url/viewer.h"

/* rs:Command, without regard to case. The operation behind it refuses an item that it does not fit. */
static const struct command {
    const char *name;
    rs_status (*answer)(struct exchange *x, const struct url_request *request);
} commands[] = {
    {"Render", url_render},
    {"ListChildren", url_directory},
    {"GetChildren", url_directory},
    {"GetResourceContents", url_resource},
    {"GetComponentDefinition", url_resource},
    {"GetDataSourceContents", url_data_source},
    {"GetSharedDatasetDefinition", url_definition},
    {"GetReportDefinition", url_definition},
    {"GetItemDefinition", url_definition},
    {"ResetSession", url_render},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static const struct command *find_command(rs_text name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (rs_text_equal_nocase(name, rs_text_from(commands[i].name)))
            return &commands[i];
    return NULL;
}

/* Without a command, the one that fits the item. */
static rs_status natural_command(struct exchange *x, const struct url_request *request, rs_text *out)
{
    struct service_get_item get = {.path = request->path};

    RS_TRY(service_run(x->job, &x->caller, &service_get_item, &get));
    *out = rs_text_from(url_natural_command(get.item->kind));
    return RS_OK;
}

static rs_status answer_access(struct exchange *x)
{
    struct url_request request;
    const struct command *command;
    rs_text name;

    RS_TRY(url_request_read(x, (rs_text){0}, &request));
    name = request.command;
    if (name.size == 0)
        RS_TRY(natural_command(x, &request, &name));
    command = find_command(name);
    if (!command)
        return rs_fail(x->job, URL_COMMAND, "rs:Command is \"%.*s\"; there is no such command",
                       RS_TEXT_ARG(rs_text_slice(name, 0, 80)));
    return command->answer(x, &request);
}

static bool is_access(rs_text path)
{
    return path.size == 0 || rs_text_equal(path, RS_TEXT("/")) ||
           rs_text_equal_nocase(path, RS_TEXT("/Pages/ReportViewer.aspx"));
}

static rs_status answer(struct exchange *x)
{
    const struct exchange_asset *asset;

    if (x->method != HTTP_GET && x->method != HTTP_HEAD && x->method != HTTP_POST)
        return rs_fail(x->job, EXCHANGE_METHOD, "this address answers GET, HEAD and POST");
    if (is_access(x->path))
        return answer_access(x);
    if (rs_text_starts_nocase(x->path, RS_TEXT("/Styles/"))) {
        asset = exchange_asset_find(url_assets, url_assets_count, rs_text_from_offset(x->path, 8));
        if (asset)
            return exchange_send_asset(x, asset);
    }
    return rs_fail(x->job, RS_NOT_FOUND, "there is nothing at %.*s", RS_TEXT_ARG(rs_text_slice(x->path, 0, 200)));
}

const struct exchange_face url_face = {
    .directory = EXCHANGE_REPORT_SERVER,
    .application = "ReportServerWebService",
    .answer = answer,
    .fail = url_error,
};
