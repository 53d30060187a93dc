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
