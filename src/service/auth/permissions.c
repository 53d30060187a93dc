#include "service/auth/permissions.h"

#define ALL                                                                                    \
    (AUTH_READ_PROPERTIES | AUTH_READ_CONTENT | AUTH_READ_DEFINITION | AUTH_EXECUTE |          \
     AUTH_CREATE | AUTH_UPDATE_PROPERTIES | AUTH_UPDATE_CONTENT | AUTH_DELETE)

struct role {
    const char *name, *word;
    unsigned otherwise;    /* kinds without an entry of their own */
    unsigned of_kind[16];  /* by enum catalog_kind; 0: `otherwise` */
};

/* Browser: View reports, View resources, View folders. It has no View data sources: readers do not see them. */
static const struct role roles[] = {
    [AUTH_READER] = {"Browser", "reader", AUTH_NONE,
                     {[CATALOG_FOLDER] = AUTH_READ_PROPERTIES | AUTH_EXECUTE,
                      [CATALOG_REPORT] = AUTH_READ_PROPERTIES | AUTH_READ_CONTENT | AUTH_EXECUTE,
                      [CATALOG_LINKED_REPORT] = AUTH_READ_PROPERTIES | AUTH_READ_CONTENT | AUTH_EXECUTE,
                      [CATALOG_RESOURCE] = AUTH_READ_PROPERTIES | AUTH_READ_CONTENT,
                      [CATALOG_COMPONENT] = AUTH_READ_PROPERTIES | AUTH_READ_CONTENT}},
    [AUTH_ADMINISTRATOR] = {"Content Manager", "administrator", ALL, {0}},
};

#define ROLE_COUNT (sizeof roles / sizeof roles[0])

unsigned auth_permissions(enum auth_role role, enum catalog_kind kind)
{
    if ((size_t)role >= ROLE_COUNT)
        return AUTH_NONE; /* written by a newer version */
    unsigned own = (size_t)kind < 16 ? roles[role].of_kind[kind] : 0;
    return own ? own : roles[role].otherwise;
}

const char *auth_role_name(enum auth_role role)
{
    return (size_t)role < ROLE_COUNT ? roles[role].name : "Unknown";
}

const char *auth_role_word(enum auth_role role)
{
    return (size_t)role < ROLE_COUNT ? roles[role].word : "unknown";
}

bool auth_role_find(rs_text word, enum auth_role *out)
{
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (rs_text_equal_nocase(word, rs_text_from(roles[i].word)) ||
            rs_text_equal_nocase(word, rs_text_from(roles[i].name))) {
            *out = (enum auth_role)i;
            return true;
        }
    return false;
}
