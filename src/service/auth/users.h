/* service/auth/users.h - the local accounts as an administrator handles them (`bindery user ...`).
 */
#ifndef SERVICE_AUTH_USERS_H
#define SERVICE_AUTH_USERS_H

#include "service/auth/permissions.h"

struct auth_account {
    rs_text name;
    enum auth_role role;
    int64_t created_ms, changed_ms; /* UTC */
};
RS_VEC_TYPE(struct auth_account, auth_accounts);

/* A name has 1 to CATALOG_ACCOUNT_NAME_MAX bytes, no colon, no control character, no blank at its ends; names compare
 * without case. Fails with RS_INVALID, CATALOG_ACCOUNT_EXISTS. */
RS_CHECKED rs_status auth_user_add(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text password,
                                   enum auth_role role);
/* An account that no password opens: somebody else says who is who (Kerberos). */
RS_CHECKED rs_status auth_user_add_bare(struct rs_job *job, struct catalog *catalog, rs_text name, enum auth_role role);
RS_CHECKED rs_status auth_user_set_password(struct rs_job *job, struct catalog *catalog, rs_text name,
                                            rs_text password);
/* The last administrator stays one: fails with AUTH_LAST_ADMINISTRATOR. */
RS_CHECKED rs_status auth_user_set_role(struct rs_job *job, struct catalog *catalog, rs_text name,
                                        enum auth_role role);
/* The last administrator stays: fails with AUTH_LAST_ADMINISTRATOR. */
RS_CHECKED rs_status auth_user_remove(struct rs_job *job, struct catalog *catalog, rs_text name);
RS_CHECKED rs_status auth_user_list(struct rs_job *job, struct catalog *catalog, struct auth_accounts *out);

#endif
