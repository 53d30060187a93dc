/* web/url/url.h - URL access: /ReportServer?/path&rs:Command=...&Parameter=value, the face that links and embedders use.
 *
 * Source:  docs of URL access: syntax, rs: and rc: parameters, commands, error page.
 */
#ifndef WEB_URL_URL_H
#define WEB_URL_URL_H

#include "web/exchange/exchange.h"

extern const struct exchange_face url_face;

#endif
