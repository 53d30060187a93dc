/* service/configure/url_root.h - the address that links to the report server begin with: for this folder only.
 *
 * Service/UrlRoot where it is set. Otherwise the first URL of ReportServerWebService in the order of their making, or the first
 * https one where SecureConnectionLevel is above 0. A wildcard host becomes Service/Hostname, or the name of this machine;
 * with TLS, where the certificate there does not have that name, the first name that it has: such a link works, and one that
 * browsers refuse would not.
 *
 * Source:  RsReportServer.config Configuration File, UrlRoot; URLs in configuration files.
 */
#ifndef SERVICE_CONFIGURE_URL_ROOT_H
#define SERVICE_CONFIGURE_URL_ROOT_H

#include "service/configure/config_edit.h"

#define URL_ROOT_MAX 1024 /* bytes */

struct url_root {
    rs_text url;   /* "https://reports.example/ReportServer"; empty: nothing is set, and no URL is reserved */
    rs_text from;  /* the reservation that it was worked out from; empty: it is set */
    rs_text wrong; /* why links that begin with it will not work; empty: nothing is known */
};

void url_root_find(struct call *call, const struct config_edit *settings, const struct tables_snapshot *snapshot,
                   struct url_root *out);

/* A URL of ours as a client of another machine writes it. */
rs_text url_shown(struct call *call, const struct tables_prefix *prefix);

#endif
