#include "service/auth/users.h"

#include "service/auth/password.h"
#include "store/catalog/accounts.h"

static rs_status check_name(struct rs_job *job, rs_text name)
{
    bool good = name.size > 0 && name.size <= CATALOG_ACCOUNT_NAME_MAX && rs_text_is_utf8(name) &&
                rs_text_trim(name).size == name.size && rs_text_find_byte(name, ':') < 0;

    for (size_t i = 0; good && i < name.size; i++)
        good = (unsigned char)name.bytes[i] >= 0x20 && name.bytes[i] != 0x7F;
    if (!good)
        return rs_fail(job, RS_INVALID,
                       "a user's name has 1 to %d bytes, no colon, no control character and no blank at its ends",
                       CATALOG_ACCOUNT_NAME_MAX);
    return RS_OK;
}

rs_status auth_user_add(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text password,
                        enum auth_role role)
{
    rs_text stored;

    RS_TRY(check_name(job, name));
    RS_TRY(password_hash(job, password, &stored));
    return catalog_account_create(job, catalog, name, stored, role);
}

rs_status auth_user_add_bare(struct rs_job *job, struct catalog *catalog, rs_text name, enum auth_role role)
{
    RS_TRY(check_name(job, name));
    return catalog_account_create(job, catalog, name, (rs_text){NULL, 0}, role);
}

rs_status auth_user_set_password(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text password)
{
    rs_text stored;

    RS_TRY(password_hash(job, password, &stored));
    return catalog_account_set(job, catalog, name, stored, -1);
}

/* Whether anybody but `name` is an administrator. */
static rs_status other_administrator(struct rs_job *job, struct catalog *catalog, const struct catalog_account *but,
                                     bool *out)
{
    struct catalog_accounts all;

    *out = false;
    RS_TRY(catalog_account_list(job, catalog, &all));
    for (size_t i = 0; i < all.count; i++)
        *out |= all.items[i].role == AUTH_ADMINISTRATOR && !rs_text_equal(all.items[i].name, but->name);
    return RS_OK;
}

/* The account `name` may stop being an administrator. */
static rs_status check_not_last(struct rs_job *job, struct catalog *catalog, rs_text name)
{
    struct catalog_account *account;
    bool other;

    RS_TRY(catalog_account_find(job, catalog, name, &account));
    if (!account || account->role != AUTH_ADMINISTRATOR)
        return RS_OK;
    RS_TRY(other_administrator(job, catalog, account, &other));
    if (!other)
        return rs_fail(job, AUTH_LAST_ADMINISTRATOR,
                       "\"%.*s\" is the only administrator; make somebody else one first",
                       RS_TEXT_ARG(account->name));
    return RS_OK;
}

rs_status auth_user_set_role(struct rs_job *job, struct catalog *catalog, rs_text name, enum auth_role role)
{
    if (role != AUTH_ADMINISTRATOR)
        RS_TRY(check_not_last(job, catalog, name));
    return catalog_account_set(job, catalog, name, (rs_text){0}, role);
}

rs_status auth_user_remove(struct rs_job *job, struct catalog *catalog, rs_text name)
{
    RS_TRY(check_not_last(job, catalog, name));
    return catalog_account_remove(job, catalog, name);
}

rs_status auth_user_list(struct rs_job *job, struct catalog *catalog, struct auth_accounts *out)
{
    struct catalog_accounts all;

    *out = (struct auth_accounts){0};
    RS_TRY(catalog_account_list(job, catalog, &all));
    for (size_t i = 0; i < all.count; i++)
        rs_vec_push(job, out, (struct auth_account){all.items[i].name, (enum auth_role)all.items[i].role,
                                                    all.items[i].created_ms, all.items[i].changed_ms});
    return RS_OK;
}
