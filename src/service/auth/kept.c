#include "service/auth/kept.h"

#include "base/clock.h"
#include "service/auth/stamp.h"
#include "store/secret/secret.h"

/* What a sealed text begins with; another kind of state stands there in clear. */
#define KEPT RS_TEXT("kept ")

static bool may_keep(const struct auth_settings *settings, const struct auth_attempt *attempt)
{
    return settings->keep_for_connection && attempt->seal_key && attempt->connection.size > 0;
}

static rs_text context_of(struct rs_job *job, const struct auth_attempt *attempt)
{
    return rs_text_format(job, "logon of connection %.*s", RS_TEXT_ARG(attempt->connection));
}

void kept_store(struct rs_job *job, const struct auth_settings *settings, struct catalog *catalog,
                const struct auth_attempt *attempt, const struct auth_user *user, struct auth_reply *reply)
{
    rs_text stamp, sealed;

    if (!may_keep(settings, attempt))
        return;
    if (stamp_make(job, catalog, user->name, rs_clock_utc_ms() + KEPT_MS, &stamp) != RS_OK ||
        secret_seal(job, attempt->seal_key, context_of(job, attempt), stamp, &sealed) != RS_OK) {
        rs_job_forgive(job); /* the next request brings a ticket again */
        return;
    }
    reply->state = rs_text_format(job, "%.*s%.*s", RS_TEXT_ARG(KEPT), RS_TEXT_ARG(sealed));
    reply->has_state = true;
}

rs_status kept_identify(struct rs_job *job, const struct auth_settings *settings, struct catalog *catalog,
                        const struct auth_attempt *attempt, struct auth_user *out, bool *found)
{
    int64_t until_ms;
    rs_text stamp;

    *found = false;
    if (!may_keep(settings, attempt) || !rs_text_starts(attempt->state, KEPT))
        return RS_OK;
    if (secret_open(job, attempt->seal_key, context_of(job, attempt), rs_text_from_offset(attempt->state, KEPT.size), &stamp) !=
        RS_OK) {
        rs_job_forgive(job);
        return RS_OK;
    }
    return stamp_read(job, catalog, stamp, rs_clock_utc_ms(), out, &until_ms, found);
}
