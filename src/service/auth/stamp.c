#include "service/auth/stamp.h"

#include <sodium.h>

#include "base/buf.h"
#include "store/catalog/accounts.h"

#define GENERATION_SIZE 16 /* bytes */

/* Other for another password, and for another account of the same name. */
static rs_text generation_of(struct rs_job *job, const struct catalog_account *account)
{
    rs_text of = rs_text_format(job, "%lld %.*s", (long long)account->created_ms, RS_TEXT_ARG(account->password_hash));
    unsigned char digest[GENERATION_SIZE];
    rs_buf out = rs_buf_in(job);

    crypto_generichash(digest, sizeof digest, (const unsigned char *)of.bytes, of.size, NULL, 0);
    for (size_t i = 0; i < sizeof digest; i++)
        rs_buf_printf(&out, "%02x", digest[i]);
    return rs_buf_text(&out);
}

rs_status stamp_make(struct rs_job *job, struct catalog *catalog, rs_text name, int64_t until_ms, rs_text *out)
{
    struct catalog_account *account;

    RS_TRY(catalog_account_find(job, catalog, name, &account));
    if (!account)
        return rs_fail(job, CATALOG_ACCOUNT_NOT_FOUND, "there is no account \"%.*s\"", RS_TEXT_ARG(name));
    *out = rs_text_format(job, "%lld %.*s %.*s", (long long)until_ms, RS_TEXT_ARG(generation_of(job, account)),
                          RS_TEXT_ARG(account->name));
    return RS_OK;
}

rs_status stamp_read(struct rs_job *job, struct catalog *catalog, rs_text stamp, int64_t now_ms, struct auth_user *out,
                     int64_t *until_ms, bool *good)
{
    struct catalog_account *account;
    rs_text until, rest, generation, name;

    *good = false;
    if (!rs_text_cut(stamp, ' ', &until, &rest) || !rs_text_cut(rest, ' ', &generation, &name) ||
        !rs_parse_int64(until, until_ms) || *until_ms <= now_ms)
        return RS_OK;
    RS_TRY(catalog_account_find(job, catalog, name, &account));
    *good = account && rs_text_equal(generation, generation_of(job, account));
    if (*good)
        *out = (struct auth_user){account->name, (enum auth_role)account->role};
    return RS_OK;
}
