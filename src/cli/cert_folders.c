/* bindery cert folders, watch, unwatch: folders that somebody else writes certificates to. */
#include "cli/configure.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/call.h"
#include "cli/table.h"
#include "format/json/json.h"

const struct cli_option cli_cert_watch_options[] = {
    {"--slot", "NAME", "where its newest certificate goes; unless given, each folder in it (certbot's live/NAME) has a slot of "
                       "its own name"},
    {0},
};

static void print_folders(struct cli *cli, const json_t *result)
{
    static const char *const headings[] = {"FOLDER", "SLOT", "NEWEST", "VALID UNTIL", "NOTE", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    const json_t *row;
    size_t index;

    json_array_foreach(json_object_get(result, "folders"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "folder"), cli_member(cli->job, row, "slot"),
                      cli_member(cli->job, row, "thumbprint"), rs_text_slice(cli_member(cli->job, row, "not_after"), 0, 10),
                      cli_member(cli->job, row, "message"));
    cli_table_print(&table, "no certificate folder is there");
}

rs_status cli_cert_folders(struct cli *cli)
{
    json_t *result;

    RS_TRY(cli_call(cli, "ListWatchedFolders", json_object(), &result));
    if (cli->json)
        cli_print_json(result);
    else if (json_array_size(json_object_get(result, "watched")) == 0)
        printf("no folder is watched; `bindery cert watch FOLDER --slot NAME` watches one\n");
    else
        print_folders(cli, result);
    return RS_OK;
}

/* The server has another working folder than the command. One that is gone is still unwatched. */
static rs_text whole_path(struct cli *cli)
{
    char path[PATH_MAX];
    const char *given = rs_text_terminated(cli->job, cli->arguments.items[0]);

    return realpath(given, path) ? rs_text_copy(cli->job, rs_text_from(path)) : rs_text_from(given);
}

rs_status cli_cert_watch(struct cli *cli)
{
    json_t *arguments = json_pack("{s:o}", "Path", json_from_text(whole_path(cli))), *result;

    if (cli_has(cli, "--slot"))
        json_object_set_new(arguments, "Slot", cli_values(cli, "--slot"));
    RS_TRY(cli_call(cli, "WatchFolder", arguments, &result));
    cli_print_change(cli, result);
    if (!cli->json && !cli->dry_run)
        print_folders(cli, result);
    return RS_OK;
}

rs_status cli_cert_unwatch(struct cli *cli)
{
    json_t *result;

    RS_TRY(cli_call(cli, "UnwatchFolder", json_pack("{s:o}", "Path", json_from_text(whole_path(cli))), &result));
    cli_print_change(cli, result);
    return RS_OK;
}
