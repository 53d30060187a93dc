#include "service/auth/basic.h"

#include <sodium.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "format/escape/base64.h"
#include "service/auth/password.h"
#include "store/catalog/accounts.h"
#include "store/catalog/name.h"

#define CREDENTIALS_MAX 4096 /* bytes; names and passwords are far shorter */

rs_text basic_challenge(struct rs_job *job, rs_text realm)
{
    rs_buf out = rs_buf_in(job);

    realm = realm.size > 0 ? realm : RS_TEXT("Bindery");
    rs_buf_add_literal(&out, "Basic realm=\"");
    for (size_t i = 0; i < realm.size; i++) {
        char c = realm.bytes[i];
        if (c == '"' || c == '\\')
            rs_buf_add_byte(&out, '\\');
        if ((unsigned char)c >= 0x20 && c != 0x7F)
            rs_buf_add_byte(&out, c);
    }
    rs_buf_add_literal(&out, "\", charset=\"UTF-8\"");
    return rs_buf_text(&out);
}

/* base64(name:password). False where it is anything else. */
static bool parse(struct rs_job *job, rs_text credentials, rs_text *name, rs_text *password)
{
    rs_text pair;

    if (credentials.size > CREDENTIALS_MAX)
        return false;
    if (escape_base64_parse(job, credentials, &pair) != RS_OK) {
        rs_job_forgive(job);
        return false;
    }
    return rs_text_cut(pair, ':', name, password);
}

static rs_status refuse(struct rs_job *job, struct basic *basic, struct throttle_keys keys, rs_text name,
                        rs_text client)
{
    attempts_failed(basic->attempts, keys);
    rs_log(RS_LOG_WARNING, "a logon as \"%.*s\" from %.*s failed",
           RS_TEXT_ARG(rs_text_slice(name, 0, CATALOG_ACCOUNT_NAME_MAX)), RS_TEXT_ARG(client));
    return rs_fail(job, AUTH_REQUIRED, "the user name or the password is not right");
}

/* The slow check, unless the same credentials were right a short while ago. */
static bool is_right(struct basic *basic, const struct catalog_account *account, rs_text password)
{
    rs_text stored = account ? account->password_hash : (rs_text){0};

    if (!account)
        return password_is_right(stored, password);
    struct remember_tag tag = remember_tag(&basic->remember, account->name, password, stored);
    if (remember_has(&basic->remember, &tag, rs_clock_steady_ms()))
        return true;
    if (!password_is_right(stored, password))
        return false;
    remember_add(&basic->remember, &tag, rs_clock_steady_ms());
    return true;
}

static rs_status check_credentials(struct rs_job *job, struct basic *basic, struct catalog *catalog, rs_text name, rs_text password,
                                   rs_text client, struct auth_user *out)
{
    struct catalog_account *account = NULL;
    rs_text key = name;

    RS_TRY(catalog_account_find(job, catalog, name, &account));
    if (account)
        RS_TRY(catalog_name_key(job, name, &key));
    struct throttle_keys keys = throttle_keys(key, client);
    int64_t wait_ms = attempts_wait_ms(basic->attempts, keys);
    if (wait_ms > 0)
        return rs_fail(job, AUTH_THROTTLED, "too many logons failed; try again in %lld seconds",
                       (long long)(wait_ms + 999) / 1000);
    if (!is_right(basic, account, password))
        return refuse(job, basic, keys, name, client);
    attempts_passed(basic->attempts, keys);
    *out = (struct auth_user){account->name, (enum auth_role)account->role};
    return RS_OK;
}

rs_status basic_check(struct rs_job *job, struct basic *basic, struct catalog *catalog, rs_text name, rs_text password,
                      rs_text client, struct auth_user *out)
{
    rs_status status = check_credentials(job, basic, catalog, name, password, client, out);

    if (password.size > 0)
        sodium_memzero((void *)(uintptr_t)password.bytes, password.size);
    return status;
}

rs_status basic_identify(struct rs_job *job, struct basic *basic, struct catalog *catalog, rs_text credentials,
                         rs_text client, struct auth_user *out)
{
    rs_text name, password;

    if (!parse(job, credentials, &name, &password))
        return rs_fail(job, AUTH_REQUIRED, "a user name and a password are needed");
    return basic_check(job, basic, catalog, name, password, client, out);
}
