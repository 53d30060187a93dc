/* bindery node ...: what nodes behind a balancer share. bindery account service: who the service is. */
#include "cli/configure.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/call.h"
#include "cli/password.h"
#include "cli/table.h"
#include "format/escape/base64.h"
#include "format/json/json.h"

#define PROFILE_FILE_MAX ((size_t)256 * 1024)

const struct cli_option cli_node_export_options[] = {
    {"--make-keys", NULL, "make the keys that this node has not, and set them here too"},
    {"--password-file", "FILE", "the password of the file in the first line of another; - is standard input. Else it is asked for"},
    {0},
};

const struct cli_option cli_node_options[] = {
    {"--password-file", "FILE", "the password of the file in the first line of another; - is standard input. Else it is asked for"},
    {0},
};

rs_status cli_node_export(struct cli *cli)
{
    rs_text path = cli->arguments.items[0], password, file;
    json_t *result;

    RS_TRY(cli_password_new(cli, &password));
    RS_TRY(cli_call(cli, "ExportNodeProfile", json_pack("{s:o, s:b}", "Password", json_from_text(password), "MakeKeys",
                                                        cli_has(cli, "--make-keys")), &result));
    RS_TRY(escape_base64_parse(cli->job, json_to_text(json_object_get(result, "Profile")), &file));
    RS_TRY(rs_file_put(cli->job, path, file, 0600));
    json_object_del(result, "Profile");
    json_object_set_new(result, "file", json_from_text(path));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    if (json_array_size(json_object_get(result, "steps")) > 0)
        cli_print_change(cli, result);
    printf("%s is in %.*s\n", json_string_value(json_object_get(result, "about")), RS_TEXT_ARG(path));
    return RS_OK;
}

/* The file and its password, for the operation. */
static rs_status call_with_profile(struct cli *cli, const char *operation, json_t **out)
{
    rs_text path = cli_value(cli, "--password-file", RS_TEXT("")), file, password;
    rs_buf text = rs_buf_in(cli->job);

    RS_TRY(rs_file_read(cli->job, cli->arguments.items[0], PROFILE_FILE_MAX, &file));
    if (path.size > 0)
        RS_TRY(cli_password_read(cli, path, &password));
    else
        RS_TRY(cli_password_ask(cli, "Password of the profile: ", &password));
    escape_base64_write(&text, file);
    return cli_call(cli, operation, json_pack("{s:o, s:o}", "Profile", json_from_text(rs_buf_text(&text)), "Password",
                                              json_from_text(password)), out);
}

rs_status cli_node_compare(struct cli *cli)
{
    static const char *const headings[] = {"WHAT", "HERE", "PROFILE", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *result, *row;
    bool dry_run = cli->dry_run;
    size_t index;

    cli->dry_run = false; /* it only looks */
    RS_TRY(call_with_profile(cli, "CompareNodeProfile", &result));
    cli->dry_run = dry_run;
    cli->exit = json_is_true(json_object_get(result, "same")) ? CLI_DONE : CLI_FAILED;
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "differences"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "name"), cli_member(cli->job, row, "here"),
                      cli_member(cli->job, row, "profile"));
    cli_table_print(&table, "this node has what the profile says");
    return RS_OK;
}

rs_status cli_node_apply(struct cli *cli)
{
    json_t *result;

    RS_TRY(call_with_profile(cli, "ApplyNodeProfile", &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_account_service(struct cli *cli)
{
    json_t *result;

    RS_TRY(cli_call(cli, "SetWindowsServiceIdentity",
                    json_pack("{s:b, s:o}", "UseBuiltInAccount", 0, "Account", json_from_text(cli->arguments.items[0])), &result));
    cli_print_change(cli, result);
    return RS_OK;
}
