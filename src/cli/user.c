/* bindery user ...: the local accounts. */
#include "cli/server.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/call.h"
#include "cli/password.h"
#include "cli/table.h"
#include "format/json/json.h"
#include "service/auth/password.h"
#include "service/auth/users.h"
#include "service/ops/service.h"

const struct cli_option cli_user_add_options[] = {
    {"--role", "ROLE", "administrator or reader; reader unless given"},
    {"--no-password", NULL, "nobody logs on with a password: for names of Kerberos, alice@EXAMPLE.ORG"},
    {"--password-file", "FILE", "its first line is the password; \"-\" reads standard input; else it is asked for"},
    {0},
};

const struct cli_option cli_user_password_options[] = {
    {"--password-file", "FILE", "its first line is the password; \"-\" reads standard input; else it is asked for"},
    {0},
};

const struct cli_option cli_user_role_options[] = {
    {"--role", "ROLE", "administrator or reader"},
    {0},
};

static rs_status open_catalog(struct cli *cli, struct service **service, struct catalog **out)
{
    RS_TRY(cli->host->service(cli->job, cli->instance, service));
    return service_catalog(cli->job, *service, out);
}

static rs_status role_of(struct cli *cli, enum auth_role *out)
{
    rs_text word = cli_value(cli, "--role", RS_TEXT("reader"));

    if (!auth_role_find(word, out))
        return cli_usage(cli, "--role is \"%.*s\"; it may be administrator or reader", RS_TEXT_ARG(word));
    return RS_OK;
}

static rs_status done(struct cli *cli, const char *what)
{
    rs_text name = cli->arguments.items[0];

    if (cli->json)
        cli_print_json(json_keep(cli->job, json_pack("{s:o, s:s}", "name", json_from_text(name), "result", what)));
    else
        printf("%.*s: %s\n", RS_TEXT_ARG(name), what);
    return RS_OK;
}

/* ---- the commands --------------------------------------------------------------------------------- */

rs_status cli_user_list(struct cli *cli)
{
    static const char *const headings[] = {"NAME", "ROLE", "CREATED", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    RS_OWNED(service) service = NULL;
    struct auth_accounts accounts = {0};
    json_t *rows = json_array();
    struct catalog *catalog;

    json_keep(cli->job, rows);
    RS_TRY(open_catalog(cli, &service, &catalog));
    RS_TRY(auth_user_list(cli->job, catalog, &accounts));
    for (size_t i = 0; i < accounts.count; i++) {
        char created[RS_CLOCK_STAMP_SIZE];
        const char *role = auth_role_word(accounts.items[i].role);
        rs_clock_stamp(accounts.items[i].created_ms, created);
        json_array_append_new(rows, json_pack("{s:o, s:s, s:s}", "name", json_from_text(accounts.items[i].name), "role",
                                              role, "created", created));
        cli_table_row(&table, accounts.items[i].name, rs_text_from(role),
                      rs_text_copy(cli->job, rs_text_from(created)));
    }
    if (cli->json)
        cli_print_json(json_keep(cli->job, json_pack("{s:O}", "users", rows)));
    else
        cli_table_print(&table, "there are no accounts; `bindery user add NAME --role administrator` makes one");
    return RS_OK;
}

rs_status cli_user_add(struct cli *cli)
{
    RS_OWNED(service) service = NULL;
    struct catalog *catalog;
    enum auth_role role;
    rs_text password;

    RS_TRY(role_of(cli, &role));
    if (cli_has(cli, "--no-password") && cli_has(cli, "--password-file"))
        return cli_usage(cli, "either --no-password or --password-file");
    RS_TRY(open_catalog(cli, &service, &catalog));
    if (cli_has(cli, "--no-password")) {
        RS_TRY(auth_user_add_bare(cli->job, catalog, cli->arguments.items[0], role));
        return done(cli, "added");
    }
    RS_TRY(cli_password_new(cli, &password));
    RS_TRY(auth_user_add(cli->job, catalog, cli->arguments.items[0], password, role));
    return done(cli, "added");
}

rs_status cli_user_password(struct cli *cli)
{
    RS_OWNED(service) service = NULL;
    struct catalog *catalog;
    rs_text password;

    RS_TRY(open_catalog(cli, &service, &catalog));
    RS_TRY(cli_password_new(cli, &password));
    RS_TRY(auth_user_set_password(cli->job, catalog, cli->arguments.items[0], password));
    return done(cli, "has a new password");
}

rs_status cli_user_role(struct cli *cli)
{
    RS_OWNED(service) service = NULL;
    struct catalog *catalog;
    enum auth_role role;

    RS_TRY(role_of(cli, &role));
    RS_TRY(open_catalog(cli, &service, &catalog));
    RS_TRY(auth_user_set_role(cli->job, catalog, cli->arguments.items[0], role));
    return done(cli, auth_role_word(role));
}

rs_status cli_user_remove(struct cli *cli)
{
    RS_OWNED(service) service = NULL;
    struct catalog *catalog;

    RS_TRY(open_catalog(cli, &service, &catalog));
    RS_TRY(auth_user_remove(cli->job, catalog, cli->arguments.items[0]));
    return done(cli, "removed");
}
