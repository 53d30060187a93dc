#include "service/auth/identify.h"

#include <stdlib.h>

#include <sodium.h>

#include "net/kerberos/client.h"
#include "service/auth/basic.h"
#include "service/auth/forms.h"
#include "service/auth/kept.h"
#include "service/auth/negotiate.h"

struct auth {
    struct auth_settings settings;
    struct catalog *catalog;
    struct kerberos_client *kerberos; /* NULL without AUTH_NEGOTIATE */
    struct basic basic;
};

rs_status auth_create(struct rs_job *job, const struct auth_settings *settings, struct catalog *catalog,
                      struct auth **out)
{
    if (sodium_init() < 0)
        return rs_fail(job, RS_FAILED, "the cryptographic library does not start");
    RS_OWNED(auth) auth = calloc(1, sizeof *auth);
    if (!auth)
        return rs_fail(job, RS_NO_MEMORY, "no memory for authentication");
    auth->settings = *settings;
    auth->catalog = catalog;
    if (settings->methods & AUTH_NEGOTIATE)
        RS_TRY(kerberos_client_create(job, &auth->kerberos));
    RS_TRY(attempts_open(job, settings->attempts_path, &auth->basic.attempts));
    remember_init(&auth->basic.remember, settings->remember_ms);
    *out = rs_move(auth);
    return RS_OK;
}

void auth_destroy(struct auth *auth)
{
    if (!auth)
        return;
    kerberos_client_destroy(auth->kerberos);
    attempts_close(auth->basic.attempts);
    sodium_memzero(&auth->basic, sizeof auth->basic);
    free(auth);
}

size_t auth_challenges(struct rs_job *job, const struct auth_settings *settings, const struct auth_reply *reply,
                       rs_text out[AUTH_CHALLENGES_MAX])
{
    size_t count = 0;

    if (reply->token.size > 0) { /* a logon that goes on: no other way is offered in between */
        out[0] = rs_text_format(job, "Negotiate %.*s", RS_TEXT_ARG(reply->token));
        return 1;
    }
    if (settings->methods & AUTH_NEGOTIATE)
        out[count++] = RS_TEXT("Negotiate");
    if (settings->methods & AUTH_BASIC)
        out[count++] = basic_challenge(job, settings->realm);
    if (settings->methods & AUTH_FORMS) /* what is no browser; the others are shown the page */
        out[count++] = RS_TEXT("Cookie cookie-name=\"" FORMS_COOKIE "\", form-action=\"logon.aspx\"");
    return count;
}

bool auth_wants_key(const struct auth_attempt *attempt)
{
    return attempt->state.size > 0 || attempt->cookie.size > 0 || rs_text_starts_nocase(attempt->authorization, RS_TEXT("Negotiate"));
}

static rs_status check_channel(struct rs_job *job, const struct auth *auth, const struct auth_attempt *attempt)
{
    if (!attempt->secure && !auth->settings.allow_plain_http)
        return rs_fail(job, AUTH_INSECURE,
                       "this server takes passwords and tickets over https only; use the https address, or let the "
                       "administrator allow plain http");
    return RS_OK;
}

rs_status auth_log_on(struct rs_job *job, struct auth *auth, const struct auth_attempt *attempt, rs_text name, rs_text password,
                      struct auth_user *out, struct auth_reply *reply)
{
    *reply = (struct auth_reply){0};
    RS_TRY(check_channel(job, auth, attempt));
    RS_TRY(basic_check(job, &auth->basic, auth->catalog, name, password, attempt->client, out));
    return forms_store(job, &auth->settings, auth->catalog, attempt, out, reply);
}

static rs_status nobody(struct rs_job *job, const struct auth *auth)
{
    return rs_fail(job, AUTH_REQUIRED, auth->settings.methods & AUTH_BASIC ? "a user name and a password are needed"
                                                                           : "a ticket of Kerberos is needed");
}

rs_status auth_identify(struct rs_job *job, struct auth *auth, const struct auth_attempt *attempt,
                        struct auth_user *out, struct auth_reply *reply)
{
    rs_text scheme, credentials;

    *reply = (struct auth_reply){0};
    RS_TRY(check_channel(job, auth, attempt));
    if (attempt->authorization.size == 0) {
        bool found;
        RS_TRY(kept_identify(job, &auth->settings, auth->catalog, attempt, out, &found));
        if (!found)
            RS_TRY(forms_identify(job, &auth->settings, auth->catalog, attempt, out, reply, &found));
        return found ? RS_OK : nobody(job, auth);
    }
    reply->has_state = attempt->state.size > 0; /* who proves himself anew is nobody until he has */
    rs_text_cut(attempt->authorization, ' ', &scheme, &credentials);
    credentials = rs_text_trim(credentials);
    if (auth->settings.methods & AUTH_NEGOTIATE && rs_text_equal_nocase(scheme, RS_TEXT("Negotiate"))) {
        RS_TRY(negotiate_identify(job, &auth->settings, auth->kerberos, auth->catalog, attempt, credentials, out, reply));
        kept_store(job, &auth->settings, auth->catalog, attempt, out, reply);
        return RS_OK;
    }
    if (auth->settings.methods & AUTH_BASIC && rs_text_equal_nocase(scheme, RS_TEXT("Basic")))
        return basic_identify(job, &auth->basic, auth->catalog, credentials, attempt->client, out);
    return nobody(job, auth);
}
