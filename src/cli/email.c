/* bindery email ..., bindery account unattended: the mail server; the account for data sources without credentials. */
#include "cli/configure.h"

#include <stdio.h>

#include "base/buf.h"
#include "cli/call.h"
#include "cli/password.h"
#include "format/json/json.h"
#include "service/deliver/mail.h"
#include "service/ops/keys.h"
#include "service/ops/service.h"

#define CONNECT_MS 30000 /* the original's SMTPConnectionTimeout */

const struct cli_option cli_email_set_options[] = {
    {"--server", "HOST[:PORT]", "the mail server; port 25 unless given, 465 is TLS from the first byte"},
    {"--from", "ADDRESS", "the sender"},
    {"--tls", NULL, "nothing is sent without TLS"},
    {"--user", "NAME", "log on at the server"},
    {"--password-file", "FILE", "its password is the first line of this file; - is standard input. Else it is asked for"},
    {"--ntlm", NULL, "log on by NTLM"},
    {0},
};

const struct cli_option cli_email_test_options[] = {
    {"--to", "ADDRESS", "who gets the message"},
    {0},
};

const struct cli_option cli_account_unattended_options[] = {
    {"--password-file", "FILE", "its password is the first line of this file; - is standard input. Else it is asked for"},
    {0},
};

static rs_status split_server(struct cli *cli, rs_text given, rs_text *host, int64_t *port)
{
    ptrdiff_t colon = rs_text_find_byte(given, ':');
    uint64_t number;

    *host = given;
    *port = 25;
    if (colon < 0)
        return RS_OK;
    *host = rs_text_slice(given, 0, (size_t)colon);
    if (!rs_parse_uint64(rs_text_from_offset(given, (size_t)colon + 1), &number) || number < 1 || number > 65535)
        return cli_usage(cli, "\"%.*s\" is not HOST or HOST:PORT", RS_TEXT_ARG(given));
    *port = (int64_t)number;
    return RS_OK;
}

rs_status cli_email_set(struct cli *cli)
{
    rs_text server, from, host, user = cli_value(cli, "--user", RS_TEXT("")), password;
    json_t *arguments, *result;
    int64_t port;

    RS_TRY(cli_need(cli, "--server", &server));
    RS_TRY(cli_need(cli, "--from", &from));
    RS_TRY(split_server(cli, server, &host, &port));
    if (user.size > 0)
        RS_TRY(cli_password_new(cli, &password));
    arguments = json_pack("{s:b, s:o, s:o, s:I, s:b}", "SendUsingSMTPServer", 1, "SMTPServer", json_from_text(host),
                          "SenderEmailAddress", json_from_text(from), "SMTPServerPort", (json_int_t)port, "SMTPUseSSL",
                          cli_has(cli, "--tls"));
    if (user.size > 0) {
        json_object_set_new(arguments, "UserName", json_from_text(user));
        json_object_set_new(arguments, "Password", json_from_text(password));
        json_object_set_new(arguments, "Authentication", json_integer(cli_has(cli, "--ntlm") ? 2 : 1));
    }
    RS_TRY(cli_call(cli, user.size > 0 ? "SetAuthenticatedEmailConfiguration" : "SetEmailConfiguration", arguments, &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_email_remove(struct cli *cli)
{
    json_t *result;

    RS_TRY(cli_call(cli, "SetEmailConfiguration", json_pack("{s:s, s:s}", "SMTPServer", "", "SenderEmailAddress", ""), &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_email_show(struct cli *cli)
{
    static const char *const members[] = {"SMTPServer", "SMTPServerPort", "SMTPUseSSL", "SMTPAuthenticate", "SendUserName",
                                          "SenderEmailAddress"};
    json_t *settings, *shown = json_keep(cli->job, json_object());

    RS_TRY(cli_call(cli, "GetConfigurationSetting", json_object(), &settings));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        json_object_set(shown, members[i], json_object_get(settings, members[i]));
    if (cli->json) {
        cli_print_json(shown);
        return RS_OK;
    }
    rs_text server = cli_member(cli->job, shown, "SMTPServer"), from = cli_member(cli->job, shown, "SenderEmailAddress");
    rs_text user = cli_member(cli->job, shown, "SendUserName");
    if (server.size == 0)
        printf("no mail server is set; `bindery email set` sets one\n");
    else
        printf("mail of %.*s goes to %.*s:%lld%s%s%.*s\n", RS_TEXT_ARG(from), RS_TEXT_ARG(server),
               (long long)json_integer_value(json_object_get(shown, "SMTPServerPort")),
               json_is_true(json_object_get(shown, "SMTPUseSSL")) ? ", with TLS" : "", user.size > 0 ? ", as " : "", RS_TEXT_ARG(user));
    return RS_OK;
}

/* ---- a message to try it ------------------------------------------------------------------------- */

static rs_status read_server(struct cli *cli, const json_t *settings, struct deliver_server *out)
{
    RS_OWNED(service) service = NULL;

    *out = (struct deliver_server){
        .host = cli_member(cli->job, settings, "SMTPServer"),
        .port = (uint16_t)json_integer_value(json_object_get(settings, "SMTPServerPort")),
        .tls = json_is_true(json_object_get(settings, "SMTPUseSSL")),
        .authentication = (enum deliver_authentication)json_integer_value(json_object_get(settings, "SMTPAuthenticate")),
        .user = cli_member(cli->job, settings, "SendUserName"),
        .connect_ms = CONNECT_MS,
    };
    if (out->host.size == 0)
        return rs_fail(cli->job, RS_NOT_FOUND, "no mail server is set; `bindery email set` sets one");
    if (out->authentication == DELIVER_ANONYMOUS)
        return RS_OK;
    RS_TRY(cli->host->service(cli->job, cli->instance, &service));
    RS_TRY(service_secret(cli->job, service, RS_TEXT("email"), &out->password));
    return out->password.size > 0 ? RS_OK : rs_fail(cli->job, RS_NOT_FOUND, "the password of the mail server is not there any more; "
                                                    "`bindery email set` sets it again");
}

rs_status cli_email_test(struct cli *cli)
{
    struct deliver_server server;
    struct deliver_mail mail = {.subject = RS_TEXT("Bindery: a message to try the mail server")};
    json_t *settings;

    RS_TRY(cli_need(cli, "--to", &mail.to));
    RS_TRY(cli_call(cli, "GetConfigurationSetting", json_object(), &settings));
    RS_TRY(read_server(cli, settings, &server));
    mail.from = cli_member(cli->job, settings, "SenderEmailAddress");
    rs_text root = cli_member(cli->job, settings, "EffectiveUrlRoot"), machine = cli_member(cli->job, settings, "MachineName");
    mail.text = rs_text_format(cli->job, "The report server on %.*s sent this with `bindery email test`: its mail server takes "
                               "messages.\r\n\r\n%.*s\r\n", RS_TEXT_ARG(machine), RS_TEXT_ARG(root));
    RS_TRY(deliver_mail(cli->job, &server, &mail));
    if (cli->json)
        cli_print_json(json_keep(cli->job, json_pack("{s:b, s:o, s:o}", "sent", 1, "to", json_from_text(mail.to), "server",
                                                     json_from_text(server.host))));
    else
        printf("%.*s took a message to %.*s\n", RS_TEXT_ARG(server.host), RS_TEXT_ARG(mail.to));
    return RS_OK;
}

/* ---- the account for unattended runs ------------------------------------------------------------- */

rs_status cli_account_unattended(struct cli *cli)
{
    rs_text word = cli->arguments.items[0], password;
    bool sets = rs_text_equal(word, RS_TEXT("set")), removes = rs_text_equal(word, RS_TEXT("remove"));
    json_t *arguments = NULL, *result;

    if (!(sets && cli->arguments.count == 2) && !(removes && cli->arguments.count == 1))
        return cli_usage(cli, "say `set NAME` or `remove`");
    if (sets) {
        RS_TRY(cli_password_new(cli, &password));
        arguments = json_pack("{s:o, s:o}", "UserName", json_from_text(cli->arguments.items[1]), "Password", json_from_text(password));
    }
    RS_TRY(cli_call(cli, sets ? "SetUnattendedExecutionAccount" : "RemoveUnattendedExecutionAccount",
                    arguments ? arguments : json_object(), &result));
    cli_print_change(cli, result);
    return RS_OK;
}
