/* bindery api ...: the configuration API itself; bindery metrics. */
#include "cli/configure.h"

#include <stdio.h>

#include "base/buf.h"
#include "cli/call.h"
#include "cli/table.h"
#include "format/json/json.h"
#include "service/configure/configure.h"

rs_status cli_api_list(struct cli *cli)
{
    static const char *const headings[] = {"OPERATION", "ARGUMENTS", "WHAT IT DOES", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *manual = json_keep(cli->job, configure_manual()), *row, *argument;
    size_t index, i;

    if (cli->json) {
        cli_print_json(manual);
        return RS_OK;
    }
    json_array_foreach(json_object_get(manual, "operations"), index, row) {
        rs_buf arguments = rs_buf_in(cli->job);
        json_array_foreach(json_object_get(row, "arguments"), i, argument)
            rs_buf_printf(&arguments, json_is_true(json_object_get(argument, "required")) ? "%s%s" : "%s[%s]", i ? " " : "",
                          json_string_value(json_object_get(argument, "name")));
        cli_table_row(&table, cli_member(cli->job, row, "operation"), rs_buf_text(&arguments),
                      cli_member(cli->job, row, "summary"));
    }
    cli_table_print(&table, "");
    return RS_OK;
}

/* ---- tokens -------------------------------------------------------------------------------- */

const struct cli_option cli_api_token_options[] = {
    {"--days", "DAYS", "create: how long it is good; 365 unless told otherwise"},
    {0},
};

static rs_status token_list(struct cli *cli)
{
    static const char *const headings[] = {"NAME", "CREATED", "BY", "EXPIRES", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *result, *row;
    size_t index;

    RS_TRY(cli_call(cli, "ListApiTokens", json_object(), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "tokens"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "name"), cli_member(cli->job, row, "created"),
                      cli_member(cli->job, row, "created_by"), cli_member(cli->job, row, "expires"));
    cli_table_print(&table, "there is no token; `bindery api token create NAME` makes one");
    return RS_OK;
}

static rs_status token_create(struct cli *cli, rs_text name)
{
    json_t *arguments = json_pack("{s:o}", "Name", json_from_text(name)), *result;
    int64_t days;

    json_keep(cli->job, arguments);
    RS_TRY(cli_number(cli, "--days", 1, 3650, 365, &days));
    json_object_set_new(arguments, "Days", json_integer(days));
    RS_TRY(cli_call(cli, "CreateApiToken", json_incref(arguments), &result));
    if (cli->json)
        cli_print_json(result);
    else
        printf("%s\n", json_string_value(json_object_get(result, "token")));
    if (!cli->json)
        fprintf(stderr, "keep it: it is not shown again. Good until %s\n", json_string_value(json_object_get(result, "expires")));
    return RS_OK;
}

static rs_status token_revoke(struct cli *cli, rs_text name)
{
    json_t *result;

    RS_TRY(cli_call(cli, "RevokeApiToken", json_pack("{s:o}", "Name", json_from_text(name)), &result));
    if (cli->json)
        cli_print_json(result);
    else
        printf("the token %.*s is good no more\n", RS_TEXT_ARG(name));
    return RS_OK;
}

rs_status cli_api_token(struct cli *cli)
{
    rs_text action = cli->arguments.items[0], name = cli->arguments.count > 1 ? cli->arguments.items[1] : RS_TEXT("");

    if (rs_text_equal(action, RS_TEXT("list")) && name.size == 0)
        return token_list(cli);
    if (rs_text_equal(action, RS_TEXT("create")) && name.size > 0)
        return token_create(cli, name);
    if (rs_text_equal(action, RS_TEXT("revoke")) && name.size > 0)
        return token_revoke(cli, name);
    return cli_usage(cli, "tokens are made, listed and revoked: create NAME, list, revoke NAME");
}

rs_status cli_metrics(struct cli *cli)
{
    json_t *result;

    RS_TRY(cli_call(cli, "GetMetrics", json_object(), &result));
    if (cli->json)
        cli_print_json(result);
    else
        fputs(json_string_value(json_object_get(result, "text")), stdout);
    return RS_OK;
}
