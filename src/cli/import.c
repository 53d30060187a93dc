/* bindery import: a configuration of Windows, shown as a plan and made as one change. */
#include "cli/configure.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/call.h"
#include "format/escape/base64.h"
#include "format/json/json.h"

#define IMPORT_MAX ((size_t)16 * 1024 * 1024) /* bytes of one file */

const struct cli_option cli_import_options[] = {
    {"--apply", NULL, "make it so, as one checked change; without this the plan is shown and nothing is done"},
    {"--certificate", "OLD=NEW", "bind NEW where Windows had OLD (thumbprints); repeated"},
    {"--address", "OLD=NEW", "the address NEW of this machine where Windows had OLD; repeated"},
    {"--skip-missing", NULL, "leave out bindings whose certificate is not in the store"},
    {0},
};

static rs_text base_name(rs_text path)
{
    for (size_t i = path.size; i > 0; i--)
        if (path.bytes[i - 1] == '/')
            return rs_text_from_offset(path, i);
    return path;
}

static rs_status read_files(struct cli *cli, json_t *arguments)
{
    json_t *names = json_array(), *contents = json_array();

    json_object_set_new(arguments, "Files", names);
    json_object_set_new(arguments, "Contents", contents);
    for (size_t i = 0; i < cli->arguments.count; i++) {
        rs_buf encoded = rs_buf_in(cli->job);
        rs_text bytes;
        RS_TRY(rs_file_read(cli->job, cli->arguments.items[i], IMPORT_MAX, &bytes));
        escape_base64_write(&encoded, bytes);
        json_array_append_new(names, json_from_text(base_name(cli->arguments.items[i])));
        json_array_append_new(contents, json_from_text(rs_buf_text(&encoded)));
    }
    return RS_OK;
}

static void print_items(struct cli *cli, const json_t *result)
{
    static const char *const words[][2] = {{"import", "import"}, {"same", "same  "}, {"leave", "leave "}, {"cannot", "CANNOT"}};
    const json_t *row;
    size_t index;

    json_array_foreach(json_object_get(result, "items"), index, row) {
        rs_text source = cli_member(cli->job, row, "source"), text = cli_member(cli->job, row, "text");
        rs_text message = cli_member(cli->job, row, "message"), outcome = cli_member(cli->job, row, "outcome");
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (rs_text_equal(outcome, rs_text_from(words[i][0])))
                printf("%s  %.*s: %.*s\n        %.*s\n", words[i][1], RS_TEXT_ARG(source), RS_TEXT_ARG(text), RS_TEXT_ARG(message));
    }
    json_array_foreach(json_object_get(result, "certificates"), index, row) {
        rs_text thumbprint = cli_member(cli->job, row, "thumbprint"), place = cli_member(cli->job, row, "place");
        rs_text instead = cli_member(cli->job, row, "instead"), subject = cli_member(cli->job, row, "subject");
        printf("certificate %.*s for %.*s", RS_TEXT_ARG(thumbprint), RS_TEXT_ARG(place));
        if (instead.size > 0)
            printf(", instead of it %.*s", RS_TEXT_ARG(instead));
        if (!json_is_true(json_object_get(row, "in_store")))
            printf(": NOT IN THE STORE\n");
        else
            printf(": in the store (%.*s)%s\n", RS_TEXT_ARG(subject),
                   json_is_true(json_object_get(row, "usable")) ? "" : ", NOT USABLE: `bindery cert show` tells why");
    }
}

rs_status cli_import(struct cli *cli)
{
    json_t *arguments = json_object(), *result, *pairs;
    const json_t *blocked;

    json_keep(cli->job, arguments);
    RS_TRY(read_files(cli, arguments));
    if (!cli_has(cli, "--apply"))
        json_object_set_new(arguments, "DryRun", json_true());
    if (cli_has(cli, "--skip-missing"))
        json_object_set_new(arguments, "SkipMissing", json_true());
    if ((pairs = cli_values(cli, "--certificate")))
        json_object_set_new(arguments, "Certificates", pairs);
    if ((pairs = cli_values(cli, "--address")))
        json_object_set_new(arguments, "Addresses", pairs);
    RS_TRY(cli_call(cli, "ImportConfiguration", json_incref(arguments), &result));
    blocked = json_object_get(result, "blocked");
    cli->exit = blocked ? CLI_FAILED : CLI_DONE;
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    print_items(cli, result);
    printf("\n");
    if (blocked) {
        printf("IN THE WAY: %s\n", json_string_value(blocked));
        return RS_OK;
    }
    cli->dry_run = !cli_has(cli, "--apply");
    cli_print_change(cli, result);
    if (cli->dry_run)
        printf("\nnothing was done; --apply does it, as one change\n");
    return RS_OK;
}
