/* bindery tls ...: certificate bindings. */
#include "cli/configure.h"

#include <stdio.h>

#include "base/file.h"
#include "cli/call.h"
#include "cli/table.h"
#include "format/json/json.h"

#define ROWS_FILE_MAX ((size_t)4 * 1024 * 1024)

const struct cli_option cli_tls_bind_options[] = {
    {"--app", "NAME", "the application that claims the row; repeated for several in one change"},
    {"--cert", "THUMBPRINT", "SHA-1 or SHA-256 thumbprint of a certificate in the store; repeated for one of each kind of key"},
    {"--slot", "NAME", "a slot instead: the row shows what it holds, now and whenever that changes"},
    {"--host", "NAME", "only for clients that ask for this host name (SNI); *.NAME stands for one label"},
    {"--address", "ADDRESS", "IPv4 or IPv6 address; 0.0.0.0 is every address of both families (the default)"},
    {"--port", "PORT", "443 unless given"},
    {"--from", "FILE", "bind many rows as one change: lines of a host name and a thumbprint"},
    {"--replace", NULL, "where others claim the row with another certificate: move them to this one too"},
    {0},
};

const struct cli_option cli_tls_unbind_options[] = {
    {"--app", "NAME", "the application whose claim is given up; repeated for several"},
    {"--host", "NAME", "as it was bound"},
    {"--address", "ADDRESS", "as it was bound; 0.0.0.0 unless given"},
    {"--port", "PORT", "443 unless given"},
    {0},
};

const struct cli_option cli_tls_explain_options[] = {
    {"--sni", "NAME", "the host name that the client asks for; none unless given"},
    {"--address", "ADDRESS", "the address of this machine at which the client arrives; one without a row of its own unless given"},
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
    static const char *const headings[] = {"ROW", "CERTIFICATES", "SLOTS", "USABLE", "APPLICATIONS", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *result, *row;
    size_t index;

    RS_TRY(cli_call(cli, "ListSSLCertificateBindings", json_object(), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "bindings"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "row"), cli_member(cli->job, row, "certificates"),
                      rs_text_trim(cli_member(cli->job, row, "slots")), cli_member(cli->job, row, "usable"),
                      cli_member(cli->job, row, "applications"));
    cli_table_print(&table, "no certificate is bound; `bindery tls bind` binds one");
    return RS_OK;
}

/* --app, --host, --address and --port as arguments of an operation. */
static rs_status row_arguments(struct cli *cli, json_t **out)
{
    int64_t port;

    if (!cli_has(cli, "--app"))
        return cli_usage(cli, "the option --app is missing");
    RS_TRY(cli_number(cli, "--port", 1, 65535, 443, &port));
    *out = json_pack("{s:o, s:o, s:I}", "Application", cli_values(cli, "--app"), "IPAddress",
                     json_from_text(cli_value(cli, "--address", RS_TEXT("0.0.0.0"))), "Port", (json_int_t)port);
    if (cli_has(cli, "--host"))
        json_object_set_new(*out, "Host", cli_values(cli, "--host"));
    return RS_OK;
}

/* Thumbprints, and slots as "slot:NAME", in the order in which they were given. */
static json_t *bound_certificates(struct cli *cli)
{
    json_t *certificates = json_keep(cli->job, json_array());

    for (size_t i = 0; i < cli->given.count; i++) {
        const struct cli_given *given = &cli->given.items[i];
        if (strcmp(given->option->name, "--cert") == 0)
            json_array_append_new(certificates, json_from_text(given->value));
        else if (strcmp(given->option->name, "--slot") == 0)
            json_array_append_new(certificates,
                                  json_from_text(rs_text_format(cli->job, "slot:%.*s", RS_TEXT_ARG(given->value))));
    }
    return certificates;
}

/* Lines "HOST THUMBPRINT", blanks or tabs between; blank ones and those that begin with # say nothing. */
static rs_status rows_of_file(struct cli *cli, rs_text path, json_t **out)
{
    rs_text rest, line, host, certificate;
    size_t end;
    json_t *rows = json_keep(cli->job, json_array());

    RS_TRY(rs_file_read(cli->job, path, ROWS_FILE_MAX, &rest));
    rest = rs_text_without_mark(rest);
    for (unsigned number = 1; rest.size > 0; number++) {
        rs_text_cut(rest, '\n', &line, &rest);
        line = rs_text_trim(line);
        if (line.size == 0 || line.bytes[0] == '#')
            continue;
        for (end = 0; end < line.size && line.bytes[end] != ' ' && line.bytes[end] != '\t';)
            end++;
        host = rs_text_slice(line, 0, end);
        certificate = rs_text_trim(rs_text_from_offset(line, end));
        if (certificate.size == 0)
            return rs_fail(cli->job, RS_INVALID, "\"%.*s\" line %u: a host name and a thumbprint stand on a line",
                           RS_TEXT_ARG(path), number);
        json_array_append_new(rows, json_pack("{s:o, s:o}", "Host", json_from_text(host), "CertificateHash",
                                              json_from_text(certificate)));
    }
    *out = json_incref(rows);
    return RS_OK;
}

static rs_status bind_many(struct cli *cli)
{
    json_t *arguments = NULL, *rows, *result;

    if (cli_has(cli, "--cert") || cli_has(cli, "--host") || cli_has(cli, "--slot"))
        return cli_usage(cli, "--from stands instead of --cert, --slot and --host");
    RS_TRY(rows_of_file(cli, cli_value(cli, "--from", RS_TEXT("")), &rows));
    RS_TRY(row_arguments(cli, &arguments));
    json_object_set_new(arguments, "Rows", rows);
    if (cli_has(cli, "--replace"))
        json_object_set_new(arguments, "Replace", json_true());
    RS_TRY(cli_call(cli, "CreateSSLCertificateBindings", arguments, &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_tls_bind(struct cli *cli)
{
    json_t *certificates = bound_certificates(cli), *arguments = NULL, *result;

    if (cli_has(cli, "--from"))
        return bind_many(cli);
    if (json_array_size(certificates) == 0)
        return cli_usage(cli, "give a --cert or a --slot");
    RS_TRY(row_arguments(cli, &arguments));
    json_object_set(arguments, "CertificateHash", certificates);
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

static void print_explanation(struct cli *cli, const json_t *result)
{
    static const char *const members[] = {"subject", "names", "key_type", "not_after", "file"};
    const json_t *row;
    size_t index;
    rs_text text = cli_member(cli->job, result, "message");

    json_array_foreach(json_object_get(result, "tried"), index, row) {
        rs_text place = cli_member(cli->job, row, "row");
        printf("%s %.*s: %s\n", json_is_true(json_object_get(row, "won")) ? "*" : " ", RS_TEXT_ARG(place),
               json_is_true(json_object_get(row, "won"))     ? "answers"
               : json_is_true(json_object_get(row, "there")) ? "a row that comes too late"
                                                             : "no such row");
    }
    if (text.size > 0)
        printf("%.*s\n", RS_TEXT_ARG(text));
    json_array_foreach(json_object_get(result, "certificates"), index, row) {
        text = cli_member(cli->job, row, "thumbprint");
        printf("\ncertificate  %.*s\n", RS_TEXT_ARG(text));
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
            text = cli_member(cli->job, row, members[i]);
            printf("%-12s %.*s\n", members[i], RS_TEXT_ARG(text));
        }
    }
    text = cli_member(cli->job, json_object_get(result, "binding"), "applications");
    if (text.size > 0)
        printf("\nclaimed by %.*s\n", RS_TEXT_ARG(text));
    json_array_foreach(json_object_get(result, "checks"), index, row) {
        rs_text stage = cli_member(cli->job, row, "stage"), message = cli_member(cli->job, row, "message");
        printf("%s  %.*s: %.*s\n", json_is_true(json_object_get(row, "ok")) ? "ok  " : "FAIL", RS_TEXT_ARG(stage),
               RS_TEXT_ARG(message));
    }
}

rs_status cli_tls_explain(struct cli *cli)
{
    json_t *arguments = NULL, *result;
    int64_t port;

    RS_TRY(cli_number(cli, "--port", 1, 65535, 443, &port));
    arguments = json_pack("{s:I}", "Port", (json_int_t)port);
    if (cli_has(cli, "--sni"))
        json_object_set_new(arguments, "Sni", cli_values(cli, "--sni"));
    if (cli_has(cli, "--address"))
        json_object_set_new(arguments, "IPAddress", cli_values(cli, "--address"));
    RS_TRY(cli_call(cli, "ExplainBinding", arguments, &result));
    if (cli->json)
        cli_print_json(result);
    else
        print_explanation(cli, result);
    if (json_is_null(json_object_get(result, "binding")))
        cli->exit = CLI_NOT_FOUND;
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

/* The last change, or the one with this revision. */
rs_status cli_tls_undo(struct cli *cli)
{
    json_t *arguments = json_object(), *result;
    int64_t revision;

    if (cli->arguments.count > 0) {
        if (!rs_parse_int64(cli->arguments.items[0], &revision))
            return cli_usage(cli, "\"%.*s\" is no revision; `bindery tls history` shows them", RS_TEXT_ARG(cli->arguments.items[0]));
        json_object_set_new(arguments, "Revision", json_integer((json_int_t)revision));
    }
    RS_TRY(cli_call(cli, "UndoChange", arguments, &result));
    cli_print_change(cli, result);
    return RS_OK;
}

/* What is not said stays as it is known to the original: Proxy. */
rs_status cli_tls_protect(struct cli *cli)
{
    rs_text scenario = cli->arguments.count > 1 ? cli->arguments.items[1] : RS_TEXT("Proxy");
    json_t *result;

    RS_TRY(cli_call(cli, "SetExtendedProtectionSettings",
                    json_pack("{s:o, s:o}", "ExtendedProtectionLevel", json_from_text(cli->arguments.items[0]),
                              "ExtendedProtectionScenario", json_from_text(scenario)),
                    &result));
    cli_print_change(cli, result);
    return RS_OK;
}
