#include "service/auth/forms.h"

#include "base/clock.h"
#include "service/auth/stamp.h"
#include "store/secret/secret.h"

#define CONTEXT RS_TEXT("cookie of forms authentication")

rs_status forms_store(struct rs_job *job, const struct auth_settings *settings, struct catalog *catalog,
                      const struct auth_attempt *attempt, const struct auth_user *user, struct auth_reply *reply)
{
    rs_text stamp;

    if (!attempt->seal_key)
        return rs_fail(job, SECRET_KEY, "nobody can log on by a form: the key of the installation cannot be used");
    RS_TRY(stamp_make(job, catalog, user->name, rs_clock_utc_ms() + settings->forms_ms, &stamp));
    RS_TRY(secret_seal(job, attempt->seal_key, CONTEXT, stamp, &reply->cookie));
    reply->has_cookie = true;
    return RS_OK;
}

rs_status forms_identify(struct rs_job *job, const struct auth_settings *settings, struct catalog *catalog,
                         const struct auth_attempt *attempt, struct auth_user *out, struct auth_reply *reply, bool *found)
{
    int64_t now_ms = rs_clock_utc_ms(), until_ms;
    rs_text stamp;

    *found = false;
    if (!(settings->methods & AUTH_FORMS) || attempt->cookie.size == 0 || !attempt->seal_key)
        return RS_OK;
    if (secret_open(job, attempt->seal_key, CONTEXT, attempt->cookie, &stamp) != RS_OK) {
        rs_job_forgive(job);
        return RS_OK;
    }
    RS_TRY(stamp_read(job, catalog, stamp, now_ms, out, &until_ms, found));
    if (*found && until_ms - now_ms < settings->forms_ms / 2)
        return forms_store(job, settings, catalog, attempt, out, reply);
    return RS_OK;
}
