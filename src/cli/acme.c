/* bindery acme ...: certificates from an ACME server. */
#include "cli/configure.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/call.h"
#include "cli/password.h"
#include "cli/table.h"
#include "format/json/json.h"

#define ACME_DIRECTORY "https://acme-v02.api.letsencrypt.org/directory"
#define ACME_POLL_MS 200
#define ACME_WAIT_S 180

#define WAIT_OPTION {"--wait", "SECONDS", "so long for the result, 180 unless given; it goes on without"}

const struct cli_option cli_acme_register_options[] = {
    {"--server", "URL", "the directory of the ACME server; " ACME_DIRECTORY " unless given"},
    {"--contact", "ADDRESS", "mailto:... for notes about the account; repeated for several"},
    {"--agree", NULL, "to the server's terms of service"},
    {"--ca-file", "FILE", "the authorities of the server's own certificate, where this machine does not trust them"},
    {"--eab-id", "ID", "of an account that the authority knows already (external account binding)"},
    {"--eab-key-file", "FILE", "its first line is the key that goes with it; \"-\" reads standard input"},
    WAIT_OPTION,
    {0},
};

const struct cli_option cli_acme_issue_options[] = {
    {"--host", "NAME", "a host name; repeated for several"},
    {"--address", "ADDRESS", "an IP address, with http-01; repeated for several"},
    {"--challenge", "KIND", "http-01 or tls-alpn-01; what the server's listeners allow unless given"},
    {"--key", "KIND", "ecdsa-p256 (the default), ecdsa-p384, rsa-2048, rsa-3072, rsa-4096"},
    WAIT_OPTION,
    {0},
};

const struct cli_option cli_acme_renew_options[] = {
    {"--revoke", "REASON", "revoke the one before once the new one is shown: unspecified, keyCompromise, affiliationChanged, superseded, "
                           "cessationOfOperation"},
    WAIT_OPTION,
    {0},
};

/* ---- waiting for the result ---------------------------------------------------------------- */

/* The account, or the certificate of the slot. */
static const json_t *standing(const json_t *list, rs_text slot)
{
    const json_t *row;
    size_t index;

    if (slot.size == 0)
        return json_object_get(list, "account");
    json_array_foreach(json_object_get(list, "certificates"), index, row)
        if (rs_text_equal(json_to_text(json_object_get(row, "slot")), slot))
            return row;
    return NULL;
}

static rs_status wait_for(struct cli *cli, const json_t *asked, rs_text slot, const json_t **out)
{
    const struct timespec pause = {.tv_nsec = ACME_POLL_MS * 1000000L};
    int64_t until_ms, seconds;
    json_t *list;

    RS_TRY(cli_number(cli, "--wait", 0, 86400, ACME_WAIT_S, &seconds));
    until_ms = rs_clock_steady_ms() + seconds * 1000;
    for (;;) {
        RS_TRY(cli_call(cli, "ListAcmeCertificates", json_object(), &list));
        *out = standing(list, slot);
        if (!*out || !json_equal(json_object_get(*out, "asked_ms"), json_object_get(asked, "asked_ms")) ||
            strcmp(json_string_value(json_object_get(*out, "state")), "waiting") != 0 || rs_clock_steady_ms() >= until_ms)
            return RS_OK;
        nanosleep(&pause, NULL);
    }
}

/* What came of it, where a server runs that does it. */
static rs_status show_result(struct cli *cli, const json_t *asked, rs_text slot, const char *done)
{
    const json_t *row = NULL;
    rs_text state, error;

    if (!cli->json)
        cli_print_change(cli, asked);
    if (!cli->dry_run && json_is_true(json_object_get(asked, "running")))
        RS_TRY(wait_for(cli, asked, slot, &row));
    if (cli->json)
        cli_print_json(row ? row : asked);
    if (!row)
        return RS_OK;
    state = cli_member(cli->job, row, "state");
    error = cli_member(cli->job, row, "error");
    if (rs_text_equal(state, RS_TEXT("failed")))
        return rs_fail(cli->job, ACME_REFUSED, "%.*s; it is tried again at %s", RS_TEXT_ARG(error),
                       json_string_value(json_object_get(row, "next")));
    if (!cli->json)
        printf("%s\n", rs_text_equal(state, RS_TEXT("done")) ? done : "it is not done yet: `bindery acme list` tells how it stands");
    return RS_OK;
}

/* ---- the commands -------------------------------------------------------------------------- */

static void set_option(struct cli *cli, json_t *arguments, const char *argument, const char *option)
{
    if (cli_has(cli, option))
        json_object_set_new(arguments, argument, cli_values(cli, option));
}

/* The server has another working folder than the command. */
static rs_status whole_path(struct cli *cli, const char *option, json_t *arguments, const char *argument)
{
    rs_text given = cli_value(cli, option, RS_TEXT(""));
    char path[PATH_MAX];

    if (given.size == 0)
        return RS_OK;
    if (!realpath(rs_text_terminated(cli->job, given), path))
        return rs_fail(cli->job, RS_NOT_FOUND, "there is no file \"%.*s\"", RS_TEXT_ARG(given));
    json_object_set_new(arguments, argument, json_string(path));
    return RS_OK;
}

rs_status cli_acme_register(struct cli *cli)
{
    json_t *arguments = json_keep(cli->job, json_pack("{s:o, s:b}", "Directory",
                                                      json_from_text(cli_value(cli, "--server", RS_TEXT(ACME_DIRECTORY))),
                                                      "Agree", cli_has(cli, "--agree"))), *result;
    rs_text key;

    set_option(cli, arguments, "Contacts", "--contact");
    set_option(cli, arguments, "ExternalId", "--eab-id");
    RS_TRY(whole_path(cli, "--ca-file", arguments, "CaFile"));
    if (cli_has(cli, "--eab-key-file")) {
        RS_TRY(cli_password_read(cli, cli_value(cli, "--eab-key-file", RS_TEXT("")), &key));
        json_object_set_new(arguments, "ExternalKey", json_from_text(key));
    }
    RS_TRY(cli_call(cli, "RegisterAcmeAccount", json_incref(arguments), &result));
    return show_result(cli, result, RS_TEXT(""), "the account is there; `bindery acme issue` asks for certificates");
}

rs_status cli_acme_issue(struct cli *cli)
{
    json_t *arguments = json_keep(cli->job, json_pack("{s:o, s:o}", "Slot", json_from_text(cli->arguments.items[0]), "Hosts",
                                                      cli_cert_hosts(cli))), *result;

    if (json_array_size(json_object_get(arguments, "Hosts")) == 0)
        return cli_usage(cli, "give at least one --host or --address");
    set_option(cli, arguments, "Challenge", "--challenge");
    set_option(cli, arguments, "KeyType", "--key");
    RS_TRY(cli_call(cli, "IssueAcmeCertificate", json_incref(arguments), &result));
    return show_result(cli, result, cli->arguments.items[0], "the certificate is in its slot; `bindery tls bind --slot` shows it");
}

rs_status cli_acme_renew(struct cli *cli)
{
    json_t *arguments = json_keep(cli->job, json_pack("{s:o}", "Slot", json_from_text(cli->arguments.items[0]))), *result;

    if (cli_has(cli, "--revoke"))
        json_object_set_new(arguments, "Revoke", json_from_text(cli_value(cli, "--revoke", RS_TEXT(""))));
    RS_TRY(cli_call(cli, "RenewAcmeCertificate", json_incref(arguments), &result));
    return show_result(cli, result, cli->arguments.items[0], "the slot and every row that follows it have the new certificate");
}

rs_status cli_acme_remove(struct cli *cli)
{
    json_t *result;

    RS_TRY(cli_call(cli, "RemoveAcmeCertificate", json_pack("{s:o}", "Slot", json_from_text(cli->arguments.items[0])), &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_acme_list(struct cli *cli)
{
    static const char *const headings[] = {"SLOT", "HOSTS", "STATE", "RENEWED ON", "NOTE", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    const json_t *account, *row;
    rs_text directory, state, error;
    json_t *result;
    size_t index;

    RS_TRY(cli_call(cli, "ListAcmeCertificates", json_object(), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    account = json_object_get(result, "account");
    directory = cli_member(cli->job, account, "directory");
    state = cli_member(cli->job, account, "state");
    error = cli_member(cli->job, account, "error");
    if (directory.size == 0)
        printf("there is no account yet; `bindery acme register` asks for one\n");
    else
        printf("account at %.*s: %.*s%s%.*s\n", RS_TEXT_ARG(directory), RS_TEXT_ARG(state), error.size ? "; " : "",
               RS_TEXT_ARG(error));
    json_array_foreach(json_object_get(result, "certificates"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "slot"), cli_member(cli->job, row, "hosts"),
                      cli_member(cli->job, row, "state"), rs_text_slice(cli_member(cli->job, row, "renew"), 0, 10),
                      cli_member(cli->job, row, "error"));
    cli_table_print(&table, "no certificate is asked for; `bindery acme issue SLOT --host NAME` asks for one");
    return RS_OK;
}
