/* service/auth/forms.h - a logon as a cookie, for people with browsers: the original's forms authentication.
 *
 * The cookie is a stamp, sealed: it says whose account and until when, and no one but this installation can make or read one.
 * It ends with its time unless it is used, with the account, and with the account's password.
 */
#ifndef SERVICE_AUTH_FORMS_H
#define SERVICE_AUTH_FORMS_H

#include "service/auth/identify.h"

#define FORMS_COOKIE "sqlAuthCookie" /* the name that the original's clients know */

/* Fails with SECRET_KEY where nothing can be sealed. */
RS_CHECKED rs_status forms_store(struct rs_job *job, const struct auth_settings *settings, struct catalog *catalog,
                                 const struct auth_attempt *attempt, const struct auth_user *user, struct auth_reply *reply);

/* *found: it is somebody's. In the second half of its time a new one is sent along. */
RS_CHECKED rs_status forms_identify(struct rs_job *job, const struct auth_settings *settings, struct catalog *catalog,
                                    const struct auth_attempt *attempt, struct auth_user *out, struct auth_reply *reply,
                                    bool *found);

#endif
