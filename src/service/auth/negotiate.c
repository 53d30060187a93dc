#include "service/auth/negotiate.h"

#include "base/log.h"
#include "format/escape/base64.h"
#include "net/kerberos/client.h"
#include "service/auth/protection.h"
#include "store/catalog/accounts.h"

#define CREDENTIALS_MAX (KERBEROS_TOKEN_MAX / 3 * 4 + 4)

/* What is kept with a connection between two tokens: this, and the name of the logon in base64. */
#define PENDING RS_TEXT("pending ")

/* ---- accounts ------------------------------------------------------------------------------------------- */

/* Names of accounts compare without case, realms with it: `tail` is what the name has to end with, byte for byte. */
static rs_status find(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text tail, struct auth_user *out, bool *found)
{
    struct catalog_account *account;

    RS_TRY(catalog_account_find(job, catalog, name, &account));
    *found = account && rs_text_ends(account->name, tail);
    if (*found)
        *out = (struct auth_user){account->name, (enum auth_role)account->role};
    return RS_OK;
}

rs_status negotiate_account(struct rs_job *job, struct catalog *catalog, rs_text principal, rs_text realm,
                            struct auth_user *out)
{
    rs_text user, of;
    bool found = false, whole = rs_text_cut(principal, '@', &user, &of) && user.size > 0 && of.size > 0;
    bool plain = whole && rs_text_find_byte(of, '@') < 0 && rs_text_find_byte(user, '/') < 0 &&
                 rs_text_find_byte(principal, '\\') < 0;

    if (whole)
        RS_TRY(find(job, catalog, principal, rs_text_from_offset(principal, user.size), out, &found));
    if (!found && plain && realm.size > 0 && rs_text_equal(of, realm))
        RS_TRY(find(job, catalog, user, (rs_text){NULL, 0}, out, &found));
    if (!found)
        return rs_fail(job, AUTH_NO_ACCOUNT, "this server has no account for %.*s; an administrator makes one with "
                       "`bindery user add %.*s --no-password`", RS_TEXT_ARG(principal), RS_TEXT_ARG(principal));
    return RS_OK;
}

/* ---- tokens --------------------------------------------------------------------------------------------- */

static rs_text in_base64(struct rs_job *job, rs_text bytes)
{
    rs_buf out = rs_buf_in(job);

    escape_base64_write(&out, bytes);
    return rs_buf_text(&out);
}

/* False where it is no base64. */
static bool from_base64(struct rs_job *job, rs_text text, rs_text *out)
{
    if (text.size <= CREDENTIALS_MAX && escape_base64_parse(job, text, out) == RS_OK && out->size > 0 &&
        out->size <= KERBEROS_TOKEN_MAX)
        return true;
    rs_job_forgive(job);
    return false;
}

static rs_status refuse(struct rs_job *job, const struct auth_attempt *attempt, rs_text why)
{
    rs_log(RS_LOG_WARNING, "a logon with a ticket from %.*s failed: %.*s", RS_TEXT_ARG(attempt->client), RS_TEXT_ARG(why));
    return rs_fail(job, AUTH_REQUIRED, "the ticket was not accepted; the server's log says why");
}

/* The logon goes on with the connection's next request: it needs one that is this client's alone. */
static rs_status ask_for_more(struct rs_job *job, const struct auth_attempt *attempt, const struct kerberos_answer *answer,
                              struct auth_reply *reply)
{
    if (attempt->connection.size == 0)
        return refuse(job, attempt, RS_TEXT("it takes several requests, and on this connection (HTTP/2, or through a proxy) those "
                                            "of several clients may be mixed"));
    reply->token = in_base64(job, answer->verdict.token);
    reply->state = rs_text_format(job, "%.*s%.*s", RS_TEXT_ARG(PENDING), RS_TEXT_ARG(in_base64(job, answer->handle)));
    reply->has_state = true;
    return rs_fail(job, AUTH_REQUIRED, "the logon with a ticket goes on");
}

rs_status negotiate_identify(struct rs_job *job, const struct auth_settings *settings, struct kerberos_client *client,
                             struct catalog *catalog, const struct auth_attempt *attempt, rs_text credentials,
                             struct auth_user *out, struct auth_reply *reply)
{
    struct kerberos_question question = {0};
    struct kerberos_answer answer;
    rs_text why;

    if (!from_base64(job, credentials, &question.token))
        return refuse(job, attempt, RS_TEXT("it is no base64, or too large"));
    if (rs_text_starts(attempt->state, PENDING)) {
        if (!from_base64(job, rs_text_from_offset(attempt->state, PENDING.size), &question.handle))
            return refuse(job, attempt, RS_TEXT("the logon that it belongs to is not known"));
    }
    if (!protection_channel(job, &settings->protection, attempt, &question.channel, &why))
        return refuse(job, attempt, why);
    RS_TRY(kerberos_ask(job, client, settings->kerberos_socket, &question, &answer));
    if (answer.verdict.outcome == KERBEROS_MORE)
        return ask_for_more(job, attempt, &answer, reply);
    if (answer.verdict.outcome != KERBEROS_ACCEPTED)
        return refuse(job, attempt, answer.verdict.why);
    if (!rs_text_starts_nocase(answer.verdict.service, RS_TEXT("HTTP/")))
        return refuse(job, attempt, rs_text_format(job, "it is for the service %.*s", RS_TEXT_ARG(answer.verdict.service)));
    if (!protection_permits(job, &settings->protection, attempt, answer.verdict.service, answer.verdict.bound, &why))
        return refuse(job, attempt, why);
    reply->token = in_base64(job, answer.verdict.token);
    return negotiate_account(job, catalog, answer.verdict.client, settings->kerberos_realm, out);
}
