/* service/auth/permissions.h - what a role may do with an item.
 *
 * The permissions are the original's, by their names; this version has two roles: readers (Browser on "/") and
 * administrators (Content Manager on "/" and System Administrator).
 */
#ifndef SERVICE_AUTH_PERMISSIONS_H
#define SERVICE_AUTH_PERMISSIONS_H

#include <stdbool.h>

#include "base/text.h"
#include "store/catalog/catalog.h"

/* Stored in the catalog: numbers stay. */
enum auth_role {
    AUTH_READER = 0,
    AUTH_ADMINISTRATOR = 1,
};

enum auth_permission {
    AUTH_NONE = 0,
    AUTH_READ_PROPERTIES = 1 << 0, /* without it the item looks absent */
    AUTH_READ_CONTENT = 1 << 1,    /* a resource's bytes, a data source's definition */
    AUTH_READ_DEFINITION = 1 << 2, /* a report's RDL */
    AUTH_EXECUTE = 1 << 3,         /* run a report, list a folder */
    AUTH_CREATE = 1 << 4,          /* items in a folder */
    AUTH_UPDATE_PROPERTIES = 1 << 5,
    AUTH_UPDATE_CONTENT = 1 << 6,
    AUTH_DELETE = 1 << 7,
};

/* The permissions (enum auth_permission, or-ed) of a role on items of a kind. */
unsigned auth_permissions(enum auth_role role, enum catalog_kind kind);

/* "Content Manager", "Browser": the original's names; and "administrator", "reader": the command line's. */
const char *auth_role_name(enum auth_role role);
const char *auth_role_word(enum auth_role role);
bool auth_role_find(rs_text word, enum auth_role *out); /* without regard to case */


#endif
