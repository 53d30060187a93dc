/* bindery init, serve. */
#include "cli/server.h"

#include <stdio.h>

#include "cli/call.h"
#include "format/json/json.h"

const struct cli_option cli_init_options[] = {
    {"--instance-name", "NAME", "its name beside other instances: virtual directories ReportServer_NAME and Reports_NAME"},
    {0},
};

const struct cli_option cli_serve_options[] = {
    {"--single", NULL, "one process, for a debugger"},
    {"--role", "NAME", "what this process is: given by the server to the processes it starts"},
    {0},
};

rs_status cli_server_init(struct cli *cli)
{
    bool was_there;

    RS_TRY(cli->host->init(cli->job, cli->instance, cli_value(cli, "--instance-name", RS_TEXT("")), &was_there));
    if (cli->json) {
        json_t *result = json_pack("{s:o, s:b}", "instance", json_from_text(cli->instance), "created", !was_there);
        cli_print_json(result);
        json_decref(result);
    } else {
        printf("%.*s %s\n", RS_TEXT_ARG(cli->instance), was_there ? "is an instance already; nothing was lost" : "is a new instance");
    }
    return RS_OK;
}

rs_status cli_server_serve(struct cli *cli)
{
    return cli->host->serve(cli->job, cli->instance, cli_value(cli, "--role", RS_TEXT("")), cli_has(cli, "--single"));
}
