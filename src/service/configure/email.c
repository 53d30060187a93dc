/* SetEmailConfiguration, SetAuthenticatedEmailConfiguration, GetEmailConfiguration, SetUnattendedExecutionAccount,
 * RemoveUnattendedExecutionAccount: the mail server, and the account for what nobody gives credentials for.
 *
 * Names stand in rsreportserver.config where the original has them, passwords sealed in the report server database.
 */
#include "format/json/json.h"
#include "service/configure/config_edit.h"

#define MAIL "Extensions/Delivery/Extension@Name=Report Server Email/Configuration/RSEmailDPConfiguration/"
#define ACCOUNT "Service/UnattendedExecutionAccount/UserName"
#define NAME_MAX_BYTES 256
#define PORT_STANDARD 25

/* ---- mail ---------------------------------------------------------------------------------------- */

static rs_status check_name(struct call *call, const char *what, rs_text name)
{
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.bytes[i] <= 0x20 || strchr("<>\"/@", name.bytes[i]))
            return rs_fail(call->job, RS_INVALID, "\"%.*s\" is not %s", RS_TEXT_ARG(rs_text_slice(name, 0, 100)), what);
    return name.size <= NAME_MAX_BYTES ? RS_OK : rs_fail(call->job, RS_OVER_LIMIT, "%s has at most %d bytes", what, NAME_MAX_BYTES);
}

static rs_status check_sender(struct call *call, rs_text sender)
{
    rs_text user, host;

    if (!rs_text_cut(sender, '@', &user, &host) || user.size == 0 || host.size == 0)
        return rs_fail(call->job, RS_INVALID, "\"%.*s\" is not an address: user@host", RS_TEXT_ARG(rs_text_slice(sender, 0, 100)));
    RS_TRY(check_name(call, "an address", user));
    return check_name(call, "an address", host);
}

struct mail {
    rs_text server, sender, user, password;
    json_int_t port, authentication;
    bool tls;
};

static rs_status check_mail(struct call *call, const struct mail *mail)
{
    if (mail->server.size == 0)
        return RS_OK; /* given up */
    RS_TRY(check_name(call, "the name of a mail server", mail->server));
    RS_TRY(check_sender(call, mail->sender));
    if (mail->port < 1 || mail->port > 65535)
        return rs_fail(call->job, RS_INVALID, "a port is a number from 1 to 65535, not %lld", (long long)mail->port);
    if (mail->authentication < 0 || mail->authentication > 2)
        return rs_fail(call->job, RS_INVALID, "Authentication is 0 (none), 1 (user and password) or 2 (NTLM), not %lld",
                       (long long)mail->authentication);
    if (mail->authentication > 0 && (mail->user.size == 0 || mail->password.size == 0))
        return rs_fail(call->job, RS_INVALID, "with authentication a user and a password are needed; the account of the service is "
                       "unknown to mail servers");
    return RS_OK;
}

static rs_status write_mail(struct call *call, const struct mail *mail)
{
    bool there = mail->server.size > 0;
    struct config_edit config;
    struct {
        const char *path;
        rs_text value;
    } rows[] = {
        {MAIL "SMTPServer", mail->server},
        {MAIL "SMTPServerPort", rs_text_format(call->job, "%lld", (long long)mail->port)},
        {MAIL "SendUsing", RS_TEXT("2")},
        {MAIL "SMTPUseSSL", mail->tls ? RS_TEXT("True") : RS_TEXT("False")},
        {MAIL "SMTPAuthenticate", rs_text_format(call->job, "%lld", (long long)mail->authentication)},
        {MAIL "SendUserName", mail->user},
        {MAIL "From", mail->sender},
    };

    RS_TRY(check_mail(call, mail));
    RS_TRY(config_edit_open(call, &config));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        config_edit_set(call, &config, rows[i].path, there ? rows[i].value : (rs_text){0});
    RS_TRY(config_edit_seal(call, &config, "email", there ? mail->password : (rs_text){0}));
    if (mail->authentication > 0 && !mail->tls && mail->port != 465)
        add_text(json_object_get(call->result, "warnings"), RS_TEXT("the password goes over the network as it is: use TLS"));
    return config_edit_write(call, &config);
}

static rs_status read_mail(struct call *call, struct mail *out)
{
    json_int_t number;

    *out = (struct mail){.server = call_text(call, "SMTPServer"), .sender = call_text(call, "SenderEmailAddress"),
                         .port = PORT_STANDARD};
    if (call_has(call, "SendUsingSMTPServer") && !call_flag(call, "SendUsingSMTPServer"))
        return rs_fail(call->job, RS_UNSUPPORTED, "mail goes to an SMTP server; there is no pickup folder");
    if (call_number(call, "SMTPServerPort", &number))
        out->port = number;
    return RS_OK;
}

rs_status set_email(struct call *call)
{
    struct mail mail;

    RS_TRY(read_mail(call, &mail));
    mail.tls = call_flag(call, "SMTPUseSSL");
    return write_mail(call, &mail);
}

rs_status set_authenticated_email(struct call *call)
{
    struct mail mail;

    RS_TRY(read_mail(call, &mail));
    (void)call_number(call, "Authentication", &mail.authentication);
    mail.tls = call_flag(call, "SMTPUseSSL");
    if (mail.authentication > 0) {
        mail.user = call_text(call, "UserName");
        mail.password = call_text(call, "Password");
    }
    return write_mail(call, &mail);
}

void put_email(struct call *call, const struct config_edit *config)
{
    uint64_t port = PORT_STANDARD, authentication = 0;

    (void)rs_parse_uint64(config_edit_value(config, MAIL "SMTPServerPort"), &port);
    (void)rs_parse_uint64(config_edit_value(config, MAIL "SMTPAuthenticate"), &authentication);
    put_flag(call->result, "SendUsingSMTPServer", config_edit_value(config, MAIL "SMTPServer").size > 0);
    put_text(call->result, "SMTPServer", config_edit_value(config, MAIL "SMTPServer"));
    put_number(call->result, "SMTPServerPort", (int64_t)port);
    put_flag(call->result, "SMTPUseSSL", rs_text_equal_nocase(config_edit_value(config, MAIL "SMTPUseSSL"), RS_TEXT("true")));
    put_number(call->result, "SMTPAuthenticate", (int64_t)authentication);
    put_text(call->result, "SendUserName", config_edit_value(config, MAIL "SendUserName"));
    put_text(call->result, "SenderEmailAddress", config_edit_value(config, MAIL "From"));
    put_text(call->result, "UnattendedExecutionAccount", config_edit_value(config, ACCOUNT));
}

/* ---- the account for unattended runs ------------------------------------------------------------- */

rs_status set_unattended(struct call *call)
{
    rs_text user = call_text(call, "UserName"), password = call_text(call, "Password");
    struct config_edit config;

    if (user.size == 0 || user.size > NAME_MAX_BYTES || rs_text_find_byte(user, ':') >= 0)
        return rs_fail(call->job, RS_INVALID, "a user has a name of at most %d bytes without a colon", NAME_MAX_BYTES);
    if (password.size == 0)
        return rs_fail(call->job, RS_INVALID, "the account needs a password");
    RS_TRY(config_edit_open(call, &config));
    config_edit_set(call, &config, ACCOUNT, user);
    RS_TRY(config_edit_seal(call, &config, "unattended", password));
    return config_edit_write(call, &config);
}

rs_status remove_unattended(struct call *call)
{
    struct config_edit config;

    RS_TRY(config_edit_open(call, &config));
    config_edit_set(call, &config, ACCOUNT, (rs_text){0});
    RS_TRY(config_edit_seal(call, &config, "unattended", (rs_text){0}));
    return config_edit_write(call, &config);
}
