/* bindery url ...: URL reservations. */
#include "cli/configure.h"

#include <stdio.h>

#include "cli/call.h"
#include "cli/table.h"
#include "format/json/json.h"

const struct cli_option cli_url_change_options[] = {
    {"--app", "NAME", "the application: ReportServerWebService, ReportServerWebApp"},
    {0},
};

const struct cli_option cli_url_explain_options[] = {
    {"--address", "ADDRESS", "as if the request arrived on this address; else 127.0.0.1"},
    {0},
};

rs_status cli_url_list(struct cli *cli)
{
    static const char *const headings[] = {"URL", "APPLICATION", "CREATED", "BY", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *result, *row;
    size_t index;

    RS_TRY(cli_call(cli, "ListReservedUrls", json_object(), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "reservations"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "url"), cli_member(cli->job, row, "application"),
                      cli_member(cli->job, row, "created"), cli_member(cli->job, row, "created_by"));
    cli_table_print(&table, "no URL is reserved; `bindery url reserve` makes a reservation");
    return RS_OK;
}

static rs_status change(struct cli *cli, const char *operation, const char *argument)
{
    rs_text app;
    json_t *result;

    RS_TRY(cli_need(cli, "--app", &app));
    RS_TRY(cli_call(cli, operation,
                    json_pack("{s:o, s:o}", "Application", json_from_text(app), argument,
                              json_from_text(cli->arguments.items[0])),
                    &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_url_reserve(struct cli *cli)
{
    return change(cli, "ReserveURL", "UrlString");
}

rs_status cli_url_remove(struct cli *cli)
{
    return change(cli, "RemoveURL", "UrlString");
}

rs_status cli_url_directory(struct cli *cli)
{
    return change(cli, "SetVirtualDirectory", "VirtualDirectory");
}

const struct cli_option cli_url_root_options[] = {
    {"--auto", NULL, "have it worked out from the URLs of the report server"},
    {0},
};

static rs_status show_root(struct cli *cli)
{
    json_t *settings;
    rs_text url, from, warning;

    RS_TRY(cli_call(cli, "GetConfigurationSetting", json_object(), &settings));
    url = cli_member(cli->job, settings, "EffectiveUrlRoot");
    from = cli_member(cli->job, settings, "UrlRootFrom");
    warning = cli_member(cli->job, settings, "UrlRootWarning");
    if (cli->json) {
        cli_print_json(json_keep(cli->job, json_pack("{s:o, s:o, s:b, s:o}", "url_root", json_from_text(url), "from",
                                                     json_from_text(from), "set", from.size == 0 && url.size > 0, "warning",
                                                     json_from_text(warning))));
        return RS_OK;
    }
    if (url.size == 0)
        printf("no URL is reserved for the report server: links have nothing to begin with\n");
    else if (from.size > 0)
        printf("%.*s (worked out from %.*s)\n", RS_TEXT_ARG(url), RS_TEXT_ARG(from));
    else
        printf("%.*s\n", RS_TEXT_ARG(url));
    if (warning.size > 0)
        printf("note  %.*s\n", RS_TEXT_ARG(warning));
    return RS_OK;
}

rs_status cli_url_root(struct cli *cli)
{
    bool has_url = cli->arguments.count > 0, automatic = cli_has(cli, "--auto");
    json_t *result;

    if (has_url && automatic)
        return cli_usage(cli, "give a URL, or --auto");
    if (!has_url && !automatic)
        return show_root(cli);
    RS_TRY(cli_call(cli, "SetUrlRoot",
                    json_pack("{s:o}", "UrlRoot", json_from_text(automatic ? RS_TEXT("") : cli->arguments.items[0])), &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_url_explain(struct cli *cli)
{
    json_t *arguments = json_pack("{s:o}", "Url", json_from_text(cli->arguments.items[0]));
    json_t *result, *row;
    size_t index;
    rs_text text;

    if (cli_has(cli, "--address"))
        json_object_set_new(arguments, "Address", cli_values(cli, "--address"));
    RS_TRY(cli_call(cli, "ExplainUrl", arguments, &result));
    text = cli_member(cli->job, result, "message");
    if (text.size > 0)
        cli->exit = CLI_NOT_FOUND;
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "considered"), index, row) {
        rs_text url = cli_member(cli->job, row, "url"), app = cli_member(cli->job, row, "application");
        rs_text why = cli_member(cli->job, row, "why");
        printf("%s %.*s (%.*s): %.*s\n", json_is_true(json_object_get(row, "won")) ? "*" : " ", RS_TEXT_ARG(url),
               RS_TEXT_ARG(app), RS_TEXT_ARG(why));
    }
    json_array_foreach(json_object_get(result, "checks"), index, row) {
        rs_text stage = cli_member(cli->job, row, "stage"), message = cli_member(cli->job, row, "message");
        printf("%s  %.*s: %.*s\n", json_is_true(json_object_get(row, "ok")) ? "ok  " : "FAIL", RS_TEXT_ARG(stage),
               RS_TEXT_ARG(message));
    }
    if (text.size > 0)
        printf("%.*s\n", RS_TEXT_ARG(text));
    return RS_OK;
}
