/* service/configure/sddl.h - who may listen on a URL of Windows, out of its security descriptor.
 *
 *     D:(A;;GX;;;NS)(A;;GA;;;S-1-5-80-4050220999-...)
 *
 * Names beside it in a listing are for people, and in the language of the machine; the descriptor is what holds.
 *
 * Source:  Security Descriptor String Format, ACE Strings, SID Strings (Windows); HTTP Server API, namespace reservations.
 */
#ifndef SERVICE_CONFIGURE_SDDL_H
#define SERVICE_CONFIGURE_SDDL_H

#include "base/job.h"

#define SDDL_GRANTS_MAX 32

enum sddl_owner { SDDL_ANYBODY, SDDL_SYSTEM, SDDL_REPORTING_SERVICES };

struct sddl_grant {
    rs_text sid;   /* as it stands there: "NS", "S-1-5-80-..." */
    rs_text name;  /* "NT SERVICE\SQLServerReportingServices"; the SID where it is not a well-known one */
    enum sddl_owner owner;
    bool denied, listen, delegate;
};

struct sddl {
    struct sddl_grant grants[SDDL_GRANTS_MAX];
    size_t count;
    bool more; /* than there is room for */
};

/* False where `text` is no DACL. Texts are borrowed from `text`, or constant. */
bool sddl_parse(rs_text text, struct sddl *out);

/* "NT AUTHORITY\NETWORK SERVICE may listen and delegate; ..." */
rs_text sddl_words(struct rs_job *job, const struct sddl *sddl);
/* Whether a service of Reporting Services may listen. */
bool sddl_of_reporting_services(const struct sddl *sddl);

#endif
