/* bindery cert import, export, request: certificates on their way in and out. */
#include "cli/configure.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/call.h"
#include "cli/password.h"
#include "format/escape/base64.h"
#include "format/json/json.h"
#include "net/pki/complete.h"

#define CERT_FILE_MAX ((size_t)1024 * 1024) /* bytes; the store takes no more */

const struct cli_option cli_cert_import_options[] = {
    {"--name", "NAME", "of the files in the store; else that of the request, or the first host"},
    {"--password-file", "FILE", "its first line opens PKCS#12 and encrypted keys; \"-\" reads standard input; else it is "
                                "asked for where one is needed"},
    {"--fetch-chain", NULL, "fetch issuers that are missing from the addresses in the certificates (AIA), over http or https"},
    {0},
};

const struct cli_option cli_cert_export_options[] = {
    {"--out", "FILE", "where to; made with mode 0600. Standard output unless given"},
    {"--format", "NAME", "pem (the default) or pkcs12"},
    {"--private-key", NULL, "with the private key"},
    {"--password-file", "FILE", "its first line is the password of the archive, or of the key in PEM; \"-\" reads standard "
                                "input; for pkcs12 it is asked for else"},
    {0},
};

const struct cli_option cli_cert_request_options[] = {
    {"--host", "NAME", "a host name that clients use; repeated for several"},
    {"--address", "ADDRESS", "an IP address that clients use; repeated for several"},
    {"--key", "KIND", "ecdsa-p256 (the default), ecdsa-p384, rsa-2048, rsa-3072, rsa-4096"},
    {"--organisation", "NAME", "for authorities that ask for one"},
    {"--name", "NAME", "of the files in the store; else the first host"},
    {"--out", "FILE", "where the request goes; standard output unless given"},
    {0},
};

/* ---- import -------------------------------------------------------------------------------- */

/* It is this process that fetches: the server's parent reads nothing from the network. */
static rs_status import_arguments(struct cli *cli, const char *password, json_t **out)
{
    json_t *files = json_array(), *names = json_array();
    size_t count = cli->arguments.count;
    struct pki_import_file *given = RS_NEW_ARRAY(cli->job, struct pki_import_file, count);
    const struct pki_import_file *all = given;

    *out = json_keep(cli->job, json_pack("{s:o, s:o}", "Files", files, "FileNames", names));
    for (size_t i = 0; i < count; i++) {
        given[i].name = cli->arguments.items[i];
        RS_TRY(rs_file_read(cli->job, given[i].name, CERT_FILE_MAX, &given[i].bytes));
    }
    if (cli_has(cli, "--fetch-chain"))
        RS_TRY(pki_complete(cli->job, given, count, password, &all, &count));
    for (size_t i = 0; i < count; i++) {
        rs_buf encoded = rs_buf_in(cli->job);
        escape_base64_write(&encoded, all[i].bytes);
        json_array_append_new(files, json_from_text(rs_buf_text(&encoded)));
        json_array_append_new(names, json_from_text(all[i].name));
    }
    if (cli_has(cli, "--name"))
        json_object_set_new(*out, "Name", cli_values(cli, "--name"));
    return RS_OK;
}

/* What needs a password tells so; then it is asked for, if there is somebody to ask. */
static rs_status import_call(struct cli *cli, json_t *arguments, json_t **out)
{
    rs_status status = cli_call(cli, "ImportCertificate", json_incref(arguments), out);
    rs_text password;

    if (status != PKI_LOCKED || json_object_get(arguments, "Password") || !cli_has_terminal())
        return status;
    rs_job_forgive(cli->job);
    RS_TRY(cli_password_ask(cli, "Password of the file: ", &password));
    json_object_set_new(arguments, "Password", json_from_text(password));
    return cli_call(cli, "ImportCertificate", json_incref(arguments), out);
}

rs_status cli_cert_import(struct cli *cli)
{
    rs_text path = cli_value(cli, "--password-file", RS_TEXT("")), password;
    json_t *arguments, *result, *row;
    size_t index;

    if (path.size > 0)
        RS_TRY(cli_password_read(cli, path, &password));
    RS_TRY(import_arguments(cli, path.size > 0 ? rs_text_terminated(cli->job, password) : NULL, &arguments));
    if (path.size > 0)
        json_object_set_new(arguments, "Password", json_from_text(password));
    RS_TRY(import_call(cli, arguments, &result));
    cli_print_change(cli, result);
    if (cli->json)
        return RS_OK;
    json_array_foreach(json_object_get(result, "certificates"), index, row)
        printf("%s\n", json_string_value(json_object_get(row, "thumbprint")));
    return RS_OK;
}

/* ---- export -------------------------------------------------------------------------------- */

/* A key, or an archive's bytes, do not belong on somebody's screen. */
static rs_status check_terminal(struct cli *cli, bool archive, bool with_key)
{
    if (cli_has(cli, "--out") || !isatty(STDOUT_FILENO) || (!archive && !with_key))
        return RS_OK;
    return cli_usage(cli, "%s is not written to a terminal: give --out FILE", with_key ? "a private key" : "an archive");
}

static rs_status export_password(struct cli *cli, bool archive, json_t *arguments)
{
    rs_text password;

    if (!archive && !cli_has(cli, "--password-file"))
        return RS_OK;
    RS_TRY(cli_password_new(cli, &password));
    json_object_set_new(arguments, "Password", json_from_text(password));
    return RS_OK;
}

rs_status cli_cert_export(struct cli *cli)
{
    rs_text format = cli_value(cli, "--format", RS_TEXT("pem")), out = cli_value(cli, "--out", RS_TEXT("")), bytes;
    bool archive = rs_text_equal(format, RS_TEXT("pkcs12")), with_key = cli_has(cli, "--private-key");
    json_t *arguments, *result;

    RS_TRY(check_terminal(cli, archive, with_key));
    arguments = json_keep(cli->job, json_pack("{s:o, s:o, s:b}", "Thumbprint", json_from_text(cli->arguments.items[0]),
                                              "Format", json_from_text(format), "PrivateKey", with_key));
    RS_TRY(export_password(cli, archive, arguments));
    RS_TRY(cli_call(cli, "ExportCertificate", json_incref(arguments), &result));
    if (cli->json && out.size == 0) {
        cli_print_json(result);
        return RS_OK;
    }
    RS_TRY(escape_base64_parse(cli->job, json_to_text(json_object_get(result, "content")), &bytes));
    if (out.size == 0)
        return rs_write_all(cli->job, STDOUT_FILENO, bytes);
    RS_TRY(rs_file_put(cli->job, out, bytes, 0600));
    json_object_del(result, "content");
    if (cli->json)
        cli_print_json(result);
    else
        printf("%.*s %s\n", RS_TEXT_ARG(out), with_key ? "holds the certificate, its chain and its private key"
                                                       : "holds the certificate and its chain");
    return RS_OK;
}

/* ---- request ------------------------------------------------------------------------------- */

json_t *cli_cert_hosts(struct cli *cli)
{
    json_t *hosts = json_array();

    for (size_t i = 0; i < cli->given.count; i++) {
        const char *name = cli->given.items[i].option->name;
        if (strcmp(name, "--host") == 0 || strcmp(name, "--address") == 0)
            json_array_append_new(hosts, json_from_text(cli->given.items[i].value));
    }
    return hosts;
}

static void set_option(struct cli *cli, json_t *arguments, const char *argument, const char *option)
{
    if (cli_has(cli, option))
        json_object_set_new(arguments, argument, cli_values(cli, option));
}

rs_status cli_cert_request(struct cli *cli)
{
    json_t *arguments = json_keep(cli->job, json_pack("{s:o}", "Hosts", cli_cert_hosts(cli))), *result;
    rs_text out = cli_value(cli, "--out", RS_TEXT("")), request;

    if (json_array_size(json_object_get(arguments, "Hosts")) == 0)
        return cli_usage(cli, "give at least one --host or --address");
    set_option(cli, arguments, "KeyType", "--key");
    set_option(cli, arguments, "Organisation", "--organisation");
    set_option(cli, arguments, "Name", "--name");
    RS_TRY(cli_call(cli, "RequestCertificate", json_incref(arguments), &result));
    request = json_to_text(json_object_get(result, "request"));
    if (out.size > 0 && !cli->dry_run)
        RS_TRY(rs_file_put(cli->job, out, request, 0644));
    if (cli->json || out.size > 0 || cli->dry_run)
        cli_print_change(cli, result);
    else
        return rs_write_all(cli->job, STDOUT_FILENO, request);
    return RS_OK;
}
