/* store/catalog/accounts.h - the local accounts. Passwords are hashed above (service/auth); here a hash is text.
 */
#ifndef STORE_CATALOG_ACCOUNTS_H
#define STORE_CATALOG_ACCOUNTS_H

#include "store/catalog/catalog.h"

#define CATALOG_ACCOUNT_NAME_MAX 128 /* bytes */

struct catalog_account {
    rs_text name; /* compares without case */
    rs_text password_hash;
    int role; /* enum auth_role */
    int64_t created_ms, changed_ms;
};
RS_VEC_TYPE(struct catalog_account, catalog_accounts);

/* *out is NULL where there is no such account. */
RS_CHECKED rs_status catalog_account_find(struct rs_job *job, struct catalog *catalog, rs_text name,
                                          struct catalog_account **out);
/* In order of the names. */
RS_CHECKED rs_status catalog_account_list(struct rs_job *job, struct catalog *catalog,
                                          struct catalog_accounts *out);
/* Fails with CATALOG_ACCOUNT_EXISTS. */
RS_CHECKED rs_status catalog_account_create(struct rs_job *job, struct catalog *catalog, rs_text name,
                                            rs_text password_hash, int role);
/* An empty hash or a negative role stays as it is. Fails with CATALOG_ACCOUNT_NOT_FOUND. */
RS_CHECKED rs_status catalog_account_set(struct rs_job *job, struct catalog *catalog, rs_text name,
                                         rs_text password_hash, int role);
/* Fails with CATALOG_ACCOUNT_NOT_FOUND. */
RS_CHECKED rs_status catalog_account_remove(struct rs_job *job, struct catalog *catalog, rs_text name);

#endif
