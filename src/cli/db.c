/* bindery db ...: the report server database. */
#include "cli/configure.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/call.h"
#include "format/json/json.h"

const struct cli_option cli_db_script_options[] = {
    {"--from", "VERSION", "the schema that is there; else the script makes an empty database"},
    {0},
};

/* As the operation needs it: absolute, because the server has a folder of its own. */
static rs_status path_argument(struct cli *cli, rs_text *out)
{
    rs_text given = cli->arguments.items[0];
    char here[PATH_MAX];

    if (rs_text_find(given, RS_TEXT("://")) >= 0 || rs_text_find_byte(given, '=') >= 0)
        return cli_usage(cli, "\"%.*s\" is no file: the report server database is a file of SQLite; PostgreSQL and other servers "
                         "cannot hold it yet (docs/limits.md)", RS_TEXT_ARG(given));
    if (given.size > 0 && given.bytes[0] != '/' && getcwd(here, sizeof here))
        given = rs_text_format(cli->job, "%s/%.*s", here, RS_TEXT_ARG(given));
    *out = given;
    return RS_OK;
}

static rs_status change(struct cli *cli, const char *operation)
{
    json_t *arguments = json_object(), *result;
    rs_text path;

    if (cli->arguments.count > 0) {
        rs_status status = path_argument(cli, &path);
        if (status != RS_OK) {
            json_decref(arguments);
            return status;
        }
        json_object_set_new(arguments, "DatabaseName", json_from_text(path));
    }
    RS_TRY(cli_call(cli, operation, arguments, &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_db_create(struct cli *cli)
{
    return change(cli, "CreateDatabase");
}

rs_status cli_db_use(struct cli *cli)
{
    return change(cli, "SetDatabaseConnection");
}

rs_status cli_db_upgrade(struct cli *cli)
{
    return change(cli, "UpgradeDatabase");
}

rs_status cli_db_script(struct cli *cli)
{
    bool upgrades = cli_has(cli, "--from");
    json_t *arguments = json_object(), *result;

    if (upgrades)
        json_object_set_new(arguments, "ServerVersion", json_from_text(cli_value(cli, "--from", RS_TEXT(""))));
    RS_TRY(cli_call(cli, upgrades ? "GenerateDatabaseUpgradeScript" : "GenerateDatabaseCreationScript", arguments, &result));
    if (cli->json)
        cli_print_json(result);
    else
        fputs(json_string_value(json_object_get(result, "Script")), stdout);
    return RS_OK;
}

rs_status cli_db_status(struct cli *cli)
{
    json_t *result;

    RS_TRY(cli_call(cli, "GetDatabaseState", json_object(), &result));
    cli->exit = json_is_true(json_object_get(result, "ok")) ? CLI_DONE : CLI_FAILED;
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    rs_text name = cli_member(cli->job, result, "DatabaseName"), problem = cli_member(cli->job, result, "problem");
    if (problem.size > 0) {
        printf("%.*s: NOT USABLE: %.*s\n", RS_TEXT_ARG(name), RS_TEXT_ARG(problem));
        return RS_OK;
    }
    printf("%.*s: %lld items, %lld accounts, %lld bytes, schema %lld\n", RS_TEXT_ARG(name),
           (long long)json_integer_value(json_object_get(result, "items")),
           (long long)json_integer_value(json_object_get(result, "accounts")),
           (long long)json_integer_value(json_object_get(result, "bytes")),
           (long long)json_integer_value(json_object_get(result, "schema")));
    if (json_integer_value(json_object_get(result, "schema")) < json_integer_value(json_object_get(result, "newest_schema")))
        printf("note  `bindery db upgrade` brings it to schema %lld\n",
               (long long)json_integer_value(json_object_get(result, "newest_schema")));
    return RS_OK;
}
