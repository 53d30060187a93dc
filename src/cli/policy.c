/* bindery tls set/unset/settings and bindery app set/unset/settings: the settings of rows and applications. */
#include "cli/configure.h"

#include "cli/call.h"
#include "cli/table.h"
#include "format/json/json.h"

/* Of a row or of an application. */
struct scope {
    const char *argument;
    const char *operation;
};
static const struct scope of_row = {"Row", "SetBindingPolicy"};
static const struct scope of_application = {"Application", "SetApplicationPolicy"};

static rs_status change(struct cli *cli, const struct scope *scope, json_t *settings)
{
    json_t *arguments = json_pack("{s:o, s:o}", scope->argument, json_from_text(cli->arguments.items[0]), "Settings", settings);
    json_t *result;

    RS_TRY(cli_call(cli, scope->operation, arguments, &result));
    cli_print_change(cli, result);
    return RS_OK;
}

/* NAME=VALUE... behind the row or application. */
static rs_status set(struct cli *cli, const struct scope *scope)
{
    json_t *settings = json_keep(cli->job, json_object());

    for (size_t i = 1; i < cli->arguments.count; i++) {
        rs_text given = cli->arguments.items[i], name, value;
        if (!rs_text_cut(given, '=', &name, &value) || name.size == 0)
            return cli_usage(cli, "\"%.*s\" is not NAME=VALUE", RS_TEXT_ARG(given));
        json_object_set_new(settings, rs_text_terminated(cli->job, name), json_from_text(value));
    }
    return change(cli, scope, json_incref(settings));
}

static rs_status unset(struct cli *cli, const struct scope *scope)
{
    json_t *settings = json_object();

    for (size_t i = 1; i < cli->arguments.count; i++)
        json_object_set_new(settings, rs_text_terminated(cli->job, cli->arguments.items[i]), json_null());
    return change(cli, scope, settings);
}

static rs_status list(struct cli *cli, const struct scope *scope)
{
    static const char *const headings[] = {"OF", "SETTING", "VALUE", "DEFAULT", "MAY BE", "WHAT IT IS", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *arguments = json_pack("{s:o}", scope->argument, json_from_text(cli->arguments.items[0])), *result, *row;
    size_t index;

    RS_TRY(cli_call(cli, "ListPolicy", arguments, &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "settings"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "of"), cli_member(cli->job, row, "name"),
                      cli_member(cli->job, row, "value"), cli_member(cli->job, row, "default"),
                      cli_member(cli->job, row, "range"), cli_member(cli->job, row, "help"));
    cli_table_print(&table, "there is nothing to set");
    return RS_OK;
}

rs_status cli_tls_set(struct cli *cli)
{
    return set(cli, &of_row);
}

rs_status cli_tls_unset(struct cli *cli)
{
    return unset(cli, &of_row);
}

rs_status cli_tls_settings(struct cli *cli)
{
    return list(cli, &of_row);
}

rs_status cli_app_set(struct cli *cli)
{
    return set(cli, &of_application);
}

rs_status cli_app_unset(struct cli *cli)
{
    return unset(cli, &of_application);
}

rs_status cli_app_settings(struct cli *cli)
{
    return list(cli, &of_application);
}
