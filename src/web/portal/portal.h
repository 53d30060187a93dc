/* web/portal/portal.h - the portal: /Reports, where people find, run and manage reports.
 */
#ifndef WEB_PORTAL_PORTAL_H
#define WEB_PORTAL_PORTAL_H

#include "web/exchange/exchange.h"

extern const struct exchange_face portal_face;

/* Forms authentication: exchange_settings.logon_takes and .logon. */
bool portal_logon_takes(const struct exchange *x);
RS_CHECKED rs_status portal_logon(struct exchange *x, const struct auth_attempt *attempt);

#endif
