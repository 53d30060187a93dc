/* bindery app ...: the applications behind the HTTPS service. */
#include "cli/configure.h"

#include <stdio.h>

#include "cli/call.h"
#include "cli/table.h"
#include "format/json/json.h"

const struct cli_option cli_app_add_options[] = {
    {"--to", "TARGET", "where it is: unix:PATH, or http://127.0.0.1:PORT"},
    {"--report-server", "DIR", "instead of --to: the report server of the instance in DIR, its web service and its portal"},
    {0},
};

const struct cli_option cli_app_remove_options[] = {
    {"--force", NULL, "with its URLs and its claims on certificates"},
    {0},
};

rs_status cli_app_list(struct cli *cli)
{
    static const char *const headings[] = {"APPLICATION", "AT", "REACHABLE", "URLS", "BINDINGS", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *result, *row;
    size_t index;

    RS_TRY(cli_call(cli, "ListApplications", json_object(), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "applications"), index, row) {
        rs_text at = cli_member(cli->job, row, "target");
        cli_table_row(&table, cli_member(cli->job, row, "application"), at.size ? at : RS_TEXT("this instance"),
                      cli_member(cli->job, row, "reachable"), cli_member(cli->job, row, "urls"),
                      cli_member(cli->job, row, "rows"));
    }
    cli_table_print(&table, "");
    return RS_OK;
}

static rs_status add_report_server(struct cli *cli, rs_text name)
{
    struct cli_report_server other;
    json_t *result;

    RS_TRY(cli->host->report_server(cli->job, cli_value(cli, "--report-server", RS_TEXT("")), &other));
    RS_TRY(cli_call(cli, "AddReportServer",
                    json_pack("{s:o, s:o, s:o, s:o}", "Instance", json_from_text(name), "Target", json_from_text(other.target),
                              "WebServiceDirectory", json_from_text(other.web_service_directory), "PortalDirectory",
                              json_from_text(other.portal_directory)),
                    &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_app_add(struct cli *cli)
{
    rs_text target;
    json_t *result;

    if (cli_has(cli, "--report-server") && cli_has(cli, "--to"))
        return cli_usage(cli, "--to and --report-server cannot stand together");
    if (cli_has(cli, "--report-server"))
        return add_report_server(cli, cli->arguments.items[0]);
    RS_TRY(cli_need(cli, "--to", &target));
    RS_TRY(cli_call(cli, "AddApplication",
                    json_pack("{s:o, s:o}", "Application", json_from_text(cli->arguments.items[0]), "Target",
                              json_from_text(target)),
                    &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_app_remove(struct cli *cli)
{
    json_t *arguments = json_pack("{s:o}", "Application", json_from_text(cli->arguments.items[0])), *result;

    if (cli_has(cli, "--force"))
        json_object_set_new(arguments, "Force", json_true());
    RS_TRY(cli_call(cli, "RemoveApplication", arguments, &result));
    cli_print_change(cli, result);
    return RS_OK;
}
