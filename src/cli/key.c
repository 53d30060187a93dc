/* bindery key ...: the key of stored passwords. */
#include "cli/configure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/call.h"
#include "cli/password.h"
#include "cli/table.h"
#include "format/escape/base64.h"
#include "format/json/json.h"

#define KEY_FILE_MAX ((size_t)256 * 1024)

const struct cli_option cli_key_file_options[] = {
    {"--password-file", "FILE", "the password of the backup in the first line of a file; - is standard input. Else it is asked for"},
    {0},
};

const struct cli_option cli_key_delete_options[] = {
    {"--contents", NULL, "everything that is sealed with the key goes too: stored passwords have to be entered again"},
    {"--force", NULL, "although something is sealed with it"},
    {"--yes", NULL, "do not ask"},
    {0},
};

rs_status cli_key_backup(struct cli *cli)
{
    rs_text path = cli->arguments.items[0], password, file;
    json_t *result;

    RS_TRY(cli_password_new(cli, &password));
    RS_TRY(cli_call(cli, "BackupEncryptionKey", json_pack("{s:o}", "Password", json_from_text(password)), &result));
    RS_TRY(escape_base64_parse(cli->job, json_to_text(json_object_get(result, "KeyFile")), &file));
    RS_TRY(rs_file_put(cli->job, path, file, 0600));
    if (cli->json) {
        json_object_del(result, "KeyFile");
        json_object_set_new(result, "file", json_from_text(path));
        cli_print_json(result);
        return RS_OK;
    }
    printf("%s is in %.*s; keep it, and its password, apart from backups of the database\n",
           json_string_value(json_object_get(result, "about")), RS_TEXT_ARG(path));
    return RS_OK;
}

rs_status cli_key_restore(struct cli *cli)
{
    rs_text path = cli_value(cli, "--password-file", RS_TEXT("")), file, password;
    rs_buf text = rs_buf_in(cli->job);
    json_t *result;

    RS_TRY(rs_file_read(cli->job, cli->arguments.items[0], KEY_FILE_MAX, &file));
    if (path.size > 0)
        RS_TRY(cli_password_read(cli, path, &password));
    else
        RS_TRY(cli_password_ask(cli, "Password of the backup: ", &password));
    escape_base64_write(&text, file);
    RS_TRY(cli_call(cli, "RestoreEncryptionKey", json_pack("{s:o, s:o}", "KeyFile", json_from_text(rs_buf_text(&text)),
                                                           "Password", json_from_text(password)), &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_key_rotate(struct cli *cli)
{
    json_t *result;

    RS_TRY(cli_call(cli, "ReencryptSecureInformation", json_object(), &result));
    cli_print_change(cli, result);
    return RS_OK;
}

static rs_status confirm(struct cli *cli, const char *question)
{
    char line[16];

    if (cli->dry_run || cli_has(cli, "--yes"))
        return RS_OK;
    if (!cli_has_terminal())
        return cli_usage(cli, "this cannot be taken back; with --yes it is done without a question");
    fprintf(stderr, "%s Type yes: ", question);
    if (fgets(line, sizeof line, stdin) && strcmp(line, "yes\n") == 0)
        return RS_OK;
    return rs_fail(cli->job, RS_CANCELLED, "nothing was done");
}

static rs_status servers(struct cli *cli, json_t **out)
{
    bool dry_run = cli->dry_run;
    rs_status status;

    cli->dry_run = false; /* it only looks */
    status = cli_call(cli, "ListReportServersInDatabase", json_object(), out);
    cli->dry_run = dry_run;
    return status;
}

rs_status cli_key_delete(struct cli *cli)
{
    json_t *result, *own;

    if (cli_has(cli, "--contents")) {
        RS_TRY(confirm(cli, "All stored passwords are removed, and have to be entered again."));
        RS_TRY(cli_call(cli, "DeleteEncryptedInformation", json_object(), &result));
    } else {
        RS_TRY(confirm(cli, "The key is removed; what is sealed with it does not open without a backup."));
        RS_TRY(servers(cli, &own));
        RS_TRY(cli_call(cli, "DeleteEncryptionKey",
                        json_pack("{s:O, s:b}", "InstallationID", json_array_get(json_object_get(own, "InstallationIDs"), 0),
                                  "Force", cli_has(cli, "--force")), &result));
    }
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_key_nodes(struct cli *cli)
{
    static const char *const headings[] = {"MACHINE", "INSTANCE", "INSTALLATION", "READY", "KEY", "SEALED", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *result;
    rs_text problem;

    RS_TRY(servers(cli, &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    cli_table_row(&table, cli_member(cli->job, result, "MachineNames"), cli_member(cli->job, result, "InstanceNames"),
                  cli_member(cli->job, result, "InstallationIDs"), cli_member(cli->job, result, "IsInitialized"),
                  cli_member(cli->job, result, "key"), cli_member(cli->job, result, "sealed"));
    cli_table_print(&table, "");
    problem = cli_member(cli->job, result, "problem");
    if (problem.size > 0)
        printf("note  %.*s\n", RS_TEXT_ARG(problem));
    return RS_OK;
}
