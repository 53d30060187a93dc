/* The table of the commands, in the order in which they are listed. */
#include "cli/cli.h"

#include <stdint.h>
#include <stdio.h>

#include "cli/report.h"

#define ANY UINT32_MAX

static rs_status version(struct cli *cli)
{
    if (cli->json)
        printf("{\"name\": \"bindery\", \"version\": \"" BINDERY_VERSION "\"}\n");
    else
        printf("bindery " BINDERY_VERSION "\n");
    return RS_OK;
}

const struct cli_command cli_commands[] = {
    {"report", "render", "FILE", "write a report to a file, from its definition and data", 1, 1, report_render_options,
     report_render},
    {"report", "check", "FILE...", "read and compile report definitions; say what is wrong where", 1, ANY,
     report_check_options, report_check},
    {"version", NULL, "", "name and version", 0, 0, NULL, version},
};

const size_t cli_command_count = sizeof cli_commands / sizeof cli_commands[0];
