/* bindery doctor: what is wrong with an instance, and what mends it. */
#include "cli/configure.h"

#include <stdio.h>

#include "cli/call.h"
#include "format/json/json.h"

const struct cli_option cli_doctor_options[] = {
    {"--mend", NULL, "mend what needs no decision; what was done is in the history"},
    {0},
};

static void print_findings(struct cli *cli, const json_t *result, const char *severity, const char *word)
{
    const json_t *row;
    size_t index;

    json_array_foreach(json_object_get(result, "findings"), index, row) {
        rs_text code = cli_member(cli->job, row, "code"), subject = cli_member(cli->job, row, "subject");
        rs_text message = cli_member(cli->job, row, "message"), mend = cli_member(cli->job, row, "mend");
        rs_text failed = cli_member(cli->job, row, "not_mended");
        bool mended = json_is_true(json_object_get(row, "mended"));
        if (!rs_text_equal(cli_member(cli->job, row, "severity"), rs_text_from(severity)))
            continue;
        printf("%s  %.*s: %.*s: %.*s\n", mended ? "MENDED " : word, RS_TEXT_ARG(code), RS_TEXT_ARG(subject), RS_TEXT_ARG(message));
        if (mended)
            continue;
        printf("         -> %.*s%s\n", RS_TEXT_ARG(mend), json_is_true(json_object_get(row, "can_mend")) ? "  (--mend does it)" : "");
        if (failed.size > 0)
            printf("         could not be mended: %.*s\n", RS_TEXT_ARG(failed));
    }
}

rs_status cli_doctor(struct cli *cli)
{
    json_t *result;

    RS_TRY(cli_call(cli, "Doctor", json_pack("{s:b}", "Mend", cli_has(cli, "--mend")), &result));
    cli->exit = json_is_true(json_object_get(result, "ok")) ? CLI_DONE : CLI_FAILED;
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    print_findings(cli, result, "error", "ERROR  ");
    print_findings(cli, result, "warning", "warning");
    print_findings(cli, result, "note", "note   ");
    printf("%lld errors, %lld warnings; the server %s\n", (long long)json_integer_value(json_object_get(result, "errors")),
           (long long)json_integer_value(json_object_get(result, "warnings")),
           json_is_true(json_object_get(result, "running")) ? "runs" : "does not run");
    return RS_OK;
}
