/* bindery url apply: what was edited by hand in rsreportserver.config. */
#include "cli/configure.h"

#include <stdio.h>

#include "cli/call.h"
#include "format/json/json.h"

const struct cli_option cli_url_apply_options[] = {
    {"--from-config", NULL, "make what the file says so, as one checked change"},
    {"--discard", NULL, "write the file's rows as they are: the hand edit is lost"},
    {0},
};

void cli_print_drift(const json_t *drift)
{
    const json_t *line;
    size_t index;

    json_array_foreach(json_object_get(drift, "lines"), index, line)
        printf("  %s\n", json_string_value(line));
}

rs_status cli_url_apply(struct cli *cli)
{
    bool discard = cli_has(cli, "--discard");
    json_t *result;

    if (discard == cli_has(cli, "--from-config"))
        return cli_usage(cli, "give --from-config to adopt what rsreportserver.config says, or --discard to write it back");
    RS_TRY(cli_call(cli, "ApplyConfigurationFile", json_pack("{s:b}", "Discard", discard), &result));
    if (!cli->json && json_array_size(json_object_get(result, "lines")) > 0) {
        printf("rsreportserver.config differs from what is so (+ only in the file, - not in the file):\n");
        cli_print_drift(result);
    }
    cli_print_change(cli, result);
    return RS_OK;
}
