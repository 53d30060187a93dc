#include "store/catalog/accounts.h"

#include "base/clock.h"
#include "store/catalog/db.h"
#include "store/catalog/name.h"

#define COLUMNS "name, password_hash, role, created_ms, changed_ms"

static struct catalog_account read_account(struct rs_job *job, struct db_query *query)
{
    return (struct catalog_account){
        .name = db_text(job, query, 0),
        .password_hash = db_text(job, query, 1),
        .role = (int)db_int(query, 2),
        .created_ms = db_int(query, 3),
        .changed_ms = db_int(query, 4),
    };
}

static rs_status absent(struct rs_job *job, rs_text name)
{
    return rs_fail(job, CATALOG_ACCOUNT_NOT_FOUND, "there is no account \"%.*s\"",
                   RS_TEXT_ARG(rs_text_slice(name, 0, CATALOG_ACCOUNT_NAME_MAX)));
}

/* Names come from the network here: one that cannot exist is not looked for. */
static bool is_possible(rs_text name)
{
    return name.size > 0 && name.size <= CATALOG_ACCOUNT_NAME_MAX && rs_text_is_utf8(name);
}

rs_status catalog_account_find(struct rs_job *job, struct catalog *catalog, rs_text name,
                               struct catalog_account **out)
{
    RS_OWNED(db_query) query = NULL;
    rs_text key;
    bool row;

    *out = NULL;
    if (!is_possible(name))
        return RS_OK;
    RS_TRY(catalog_name_key(job, name, &key));
    RS_TRY(db_query(job, catalog, "SELECT " COLUMNS " FROM account WHERE name_key = ?", &query));
    db_bind_text(query, 1, key);
    RS_TRY(db_step(job, query, &row));
    if (!row)
        return RS_OK;
    *out = RS_NEW(job, struct catalog_account);
    **out = read_account(job, query);
    return RS_OK;
}

rs_status catalog_account_list(struct rs_job *job, struct catalog *catalog, struct catalog_accounts *out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    *out = (struct catalog_accounts){0};
    RS_TRY(db_query(job, catalog, "SELECT " COLUMNS " FROM account ORDER BY name_key", &query));
    for (;;) {
        RS_TRY(db_step(job, query, &row));
        if (!row)
            return RS_OK;
        rs_vec_push(job, out, read_account(job, query));
    }
}

rs_status catalog_account_create(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text password_hash,
                                 int role)
{
    RS_OWNED(db_change) change = NULL;
    RS_OWNED(db_query) query = NULL;
    struct catalog_account *existing;
    rs_text key;

    if (!is_possible(name))
        return rs_fail(job, CATALOG_NAME_INVALID, "an account's name has 1 to %d bytes of UTF-8",
                       CATALOG_ACCOUNT_NAME_MAX);
    RS_TRY(catalog_name_key(job, name, &key));
    RS_TRY(db_change_begin(job, catalog, &change));
    RS_TRY(catalog_account_find(job, catalog, name, &existing));
    if (existing)
        return rs_fail(job, CATALOG_ACCOUNT_EXISTS, "there is an account \"%.*s\" already",
                       RS_TEXT_ARG(existing->name));
    RS_TRY(db_query(job, catalog,
                    "INSERT INTO account (name_key, name, password_hash, role, created_ms, changed_ms)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
                    &query));
    db_bind_text(query, 1, key);
    db_bind_text(query, 2, name);
    db_bind_text(query, 3, password_hash);
    db_bind_int(query, 4, role);
    db_bind_int(query, 5, rs_clock_utc_ms());
    RS_TRY(db_run(job, query));
    return db_change_commit(job, change);
}

rs_status catalog_account_set(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text password_hash,
                              int role)
{
    RS_OWNED(db_query) query = NULL;
    rs_text key;

    if (!is_possible(name))
        return absent(job, name);
    RS_TRY(catalog_name_key(job, name, &key));
    RS_TRY(db_query(job, catalog,
                    "UPDATE account SET password_hash = coalesce(?1, password_hash), role = coalesce(?2, role),"
                    " changed_ms = ?3 WHERE name_key = ?4",
                    &query));
    if (password_hash.size > 0)
        db_bind_text(query, 1, password_hash);
    if (role >= 0)
        db_bind_int(query, 2, role);
    db_bind_int(query, 3, rs_clock_utc_ms());
    db_bind_text(query, 4, key);
    RS_TRY(db_run(job, query));
    return db_changes(catalog) > 0 ? RS_OK : absent(job, name);
}

rs_status catalog_account_remove(struct rs_job *job, struct catalog *catalog, rs_text name)
{
    RS_OWNED(db_query) query = NULL;
    rs_text key;

    if (!is_possible(name))
        return absent(job, name);
    RS_TRY(catalog_name_key(job, name, &key));
    RS_TRY(db_query(job, catalog, "DELETE FROM account WHERE name_key = ?", &query));
    db_bind_text(query, 1, key);
    RS_TRY(db_run(job, query));
    return db_changes(catalog) > 0 ? RS_OK : absent(job, name);
}
