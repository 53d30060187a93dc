/* bindery cert ...: the certificate store. */
#include "cli/configure.h"

#include <stdio.h>

#include "cli/call.h"
#include "cli/table.h"
#include "format/json/json.h"

const struct cli_option cli_cert_create_options[] = {
    {"--host", "NAME", "a host name that clients use; repeated for several"},
    {"--address", "ADDRESS", "an IP address that clients use; repeated for several"},
    {"--key", "KIND", "ecdsa-p256 (the default), ecdsa-p384, rsa-2048, rsa-3072, rsa-4096"},
    {"--days", "NUMBER", "how long it is valid: 1 to 397, 397 unless given"},
    {"--name", "NAME", "of the files in the store; else the first host"},
    {0},
};

rs_status cli_cert_list(struct cli *cli)
{
    static const char *const headings[] = {"THUMBPRINT", "USABLE", "VALID UNTIL", "DAYS", "NAMES", "ISSUER", "USED BY",
                                           "FILE", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *result, *row, *reason;
    size_t index, inner;

    RS_TRY(cli_call(cli, "ListSSLCertificates", json_object(), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "certificates"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "thumbprint"), cli_member(cli->job, row, "usable"),
                      rs_text_slice(cli_member(cli->job, row, "not_after"), 0, 10), cli_member(cli->job, row, "days_left"),
                      cli_member(cli->job, row, "names"), cli_member(cli->job, row, "issuer"),
                      cli_member(cli->job, row, "bound_to"), cli_member(cli->job, row, "file"));
    cli_table_print(&table, "the store is empty; `bindery cert create` makes a certificate for testing");
    json_array_foreach(json_object_get(result, "certificates"), index, row) {
        rs_text thumbprint = cli_member(cli->job, row, "thumbprint");
        json_array_foreach(json_object_get(row, "reasons"), inner, reason) {
            rs_text severity = cli_member(cli->job, reason, "severity"), message = cli_member(cli->job, reason, "message");
            printf("%.*s %.*s: %.*s\n", RS_TEXT_ARG(thumbprint), RS_TEXT_ARG(severity), RS_TEXT_ARG(message));
        }
    }
    json_array_foreach(json_object_get(result, "requests"), index, row) {
        rs_text name = cli_member(cli->job, row, "name"), names = cli_member(cli->job, row, "names");
        printf("request %.*s for %.*s waits for its certificate: `bindery cert import FILE`\n", RS_TEXT_ARG(name),
               RS_TEXT_ARG(names));
    }
    json_array_foreach(json_object_get(result, "broken"), index, row) {
        rs_text file = cli_member(cli->job, row, "file"), message = cli_member(cli->job, row, "message");
        printf("%.*s: %.*s\n", RS_TEXT_ARG(file), RS_TEXT_ARG(message));
    }
    return RS_OK;
}

/* "good until 2026-11-29T09:30:00.000Z, stapled"; then why the last try went wrong. */
static void print_revocation(struct cli *cli, const json_t *revocation)
{
    rs_text state = cli_member(cli->job, revocation, "state"), error = cli_member(cli->job, revocation, "error");
    rs_text until = cli_member(cli->job, revocation, "next_update"), responder = cli_member(cli->job, revocation, "responder");
    rs_text next = cli_member(cli->job, revocation, "next_try");

    if (!revocation)
        return;
    printf("%-12s %.*s%s%.*s%s%s\n", "revocation", RS_TEXT_ARG(state), until.size > 0 ? " until " : "", RS_TEXT_ARG(until),
           json_is_true(json_object_get(revocation, "stapled")) ? ", stapled" : ", not stapled",
           json_is_true(json_object_get(revocation, "must_staple")) ? ", must be (must-staple)" : "");
    if (responder.size > 0)
        printf("%-12s %.*s\n", "responder", RS_TEXT_ARG(responder));
    if (error.size > 0)
        printf("%-12s %.*s; it is tried again at %.*s\n", "", RS_TEXT_ARG(error), RS_TEXT_ARG(next));
}

rs_status cli_cert_show(struct cli *cli)
{
    static const char *const members[] = {"thumbprint", "sha256", "subject", "names", "issuer", "serial", "not_before",
                                          "not_after", "days_left", "key_type", "signature", "file", "key_file", "bound_to", "usable"};
    json_t *result, *reason;
    size_t index;

    RS_TRY(cli_call(cli, "ShowCertificate",
                    json_pack("{s:o}", "Thumbprint", json_from_text(cli->arguments.items[0])), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        rs_text text = cli_member(cli->job, result, members[i]);
        if (text.size > 0)
            printf("%-12s %.*s\n", members[i], RS_TEXT_ARG(text));
    }
    print_revocation(cli, json_object_get(result, "revocation"));
    json_array_foreach(json_object_get(result, "reasons"), index, reason) {
        rs_text severity = cli_member(cli->job, reason, "severity"), message = cli_member(cli->job, reason, "message");
        printf("%-12.*s %.*s\n", RS_TEXT_ARG(severity), RS_TEXT_ARG(message));
    }
    return RS_OK;
}

rs_status cli_cert_create(struct cli *cli)
{
    json_t *hosts = cli_cert_hosts(cli), *arguments, *result;
    rs_text file, authority, thumbprint;
    int64_t days;

    arguments = json_pack("{s:o}", "Hosts", hosts);
    json_keep(cli->job, arguments);
    if (json_array_size(hosts) == 0)
        return cli_usage(cli, "give at least one --host or --address");
    RS_TRY(cli_number(cli, "--days", 1, 397, 397, &days));
    json_object_set_new(arguments, "Days", json_integer(days));
    if (cli_has(cli, "--key"))
        json_object_set_new(arguments, "KeyType", cli_values(cli, "--key"));
    if (cli_has(cli, "--name"))
        json_object_set_new(arguments, "Name", cli_values(cli, "--name"));
    RS_TRY(cli_call(cli, "CreateCertificate", json_incref(arguments), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    thumbprint = cli_member(cli->job, result, "thumbprint");
    file = cli_member(cli->job, json_object_get(result, "files"), "certificate");
    authority = cli_member(cli->job, json_object_get(result, "files"), "authority");
    printf("%.*s\nis in %.*s; clients that trust %.*s trust it\n", RS_TEXT_ARG(thumbprint), RS_TEXT_ARG(file),
           RS_TEXT_ARG(authority));
    return RS_OK;
}
