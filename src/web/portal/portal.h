/* web/portal/portal.h - the portal: /Reports, where people find, run and manage reports.
 */
#ifndef WEB_PORTAL_PORTAL_H
#define WEB_PORTAL_PORTAL_H

#include "web/exchange/exchange.h"

extern const struct exchange_face portal_face;

#endif
