/* bindery tls ...: certificate bindings. */
#include "cli/configure.h"

#include <stdio.h>

#include "cli/call.h"
#include "cli/table.h"
#include "format/json/json.h"

const struct cli_option cli_tls_bind_options[] = {
    {"--app", "NAME", "the application that claims the row; repeated for several in one change"},
    {"--cert", "THUMBPRINT", "SHA-1 or SHA-256 thumbprint of a certificate in the store"},
    {"--address", "ADDRESS", "IPv4 or IPv6 address; 0.0.0.0 is every address of both families (the default)"},
    {"--port", "PORT", "443 unless given"},
    {"--replace", NULL, "where others claim the row with another certificate: move them to this one too"},
    {0},
};

const struct cli_option cli_tls_unbind_options[] = {
    {"--app", "NAME", "the application whose claim is given up; repeated for several"},
    {"--address", "ADDRESS", "as it was bound; 0.0.0.0 unless given"},
    {"--port", "PORT", "443 unless given"},
    {0},
};

const struct cli_option cli_tls_verify_options[] = {
    {"--app", "NAME", "only URLs of this application"},
    {0},
};

const struct cli_option cli_tls_history_options[] = {
    {"--limit", "NUMBER", "so many changes at the most; 50 unless given"},
    {0},
};

rs_status cli_tls_list(struct cli *cli)
{
    static const char *const headings[] = {"ADDRESS", "PORT", "CERTIFICATE", "USABLE", "APPLICATIONS", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *result, *row;
    size_t index;

    RS_TRY(cli_call(cli, "ListSSLCertificateBindings", json_object(), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "bindings"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "address"), cli_member(cli->job, row, "port"),
                      cli_member(cli->job, row, "thumbprint"), cli_member(cli->job, row, "usable"),
                      cli_member(cli->job, row, "applications"));
    cli_table_print(&table, "no certificate is bound; `bindery tls bind` binds one");
    return RS_OK;
}

/* --app, --address and --port as arguments of an operation. */
static rs_status row_arguments(struct cli *cli, json_t **out)
{
    int64_t port;

    if (!cli_has(cli, "--app"))
        return cli_usage(cli, "the option --app is missing");
    RS_TRY(cli_number(cli, "--port", 1, 65535, 443, &port));
    *out = json_pack("{s:o, s:o, s:I}", "Application", cli_values(cli, "--app"), "IPAddress",
                     json_from_text(cli_value(cli, "--address", RS_TEXT("0.0.0.0"))), "Port", (json_int_t)port);
    return RS_OK;
}

rs_status cli_tls_bind(struct cli *cli)
{
    json_t *arguments = NULL, *result;
    rs_text certificate;

    RS_TRY(cli_need(cli, "--cert", &certificate));
    RS_TRY(row_arguments(cli, &arguments));
    json_object_set_new(arguments, "CertificateHash", json_from_text(certificate));
    if (cli_has(cli, "--replace"))
        json_object_set_new(arguments, "Replace", json_true());
    RS_TRY(cli_call(cli, "CreateSSLCertificateBinding", arguments, &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_tls_unbind(struct cli *cli)
{
    json_t *arguments = NULL, *result;

    RS_TRY(row_arguments(cli, &arguments));
    RS_TRY(cli_call(cli, "RemoveSSLCertificateBindings", arguments, &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_tls_verify(struct cli *cli)
{
    json_t *arguments = json_object(), *result, *row;
    size_t index;

    if (cli_has(cli, "--app"))
        json_object_set_new(arguments, "Application", cli_values(cli, "--app"));
    RS_TRY(cli_call(cli, "VerifyBindings", arguments, &result));
    cli->exit = json_is_true(json_object_get(result, "ok")) ? CLI_DONE : CLI_FAILED;
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "checks"), index, row) {
        rs_text subject = cli_member(cli->job, row, "subject"), stage = cli_member(cli->job, row, "stage");
        rs_text message = cli_member(cli->job, row, "message");
        printf("%s  %.*s  %.*s: %.*s\n", json_is_true(json_object_get(row, "ok")) ? "ok  " : "FAIL", RS_TEXT_ARG(subject),
               RS_TEXT_ARG(stage), RS_TEXT_ARG(message));
    }
    if (json_array_size(json_object_get(result, "checks")) == 0)
        printf("nothing is bound or reserved yet\n");
    return RS_OK;
}

rs_status cli_tls_history(struct cli *cli)
{
    static const char *const headings[] = {"REVISION", "WHEN", "WHO", "TOOL", "WHAT", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *result, *row;
    size_t index;
    int64_t limit;

    RS_TRY(cli_number(cli, "--limit", 1, 100000, 50, &limit));
    RS_TRY(cli_call(cli, "ListHistory", json_pack("{s:I}", "Limit", (json_int_t)limit), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "events"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "revision"), cli_member(cli->job, row, "at"),
                      cli_member(cli->job, row, "who"), cli_member(cli->job, row, "tool"),
                      cli_member(cli->job, row, "what"));
    cli_table_print(&table, "nothing was changed yet");
    return RS_OK;
}
