/* web/url/error.h - the error page, as clients of the original read it: "sentence (rsCode)".
 */
#ifndef WEB_URL_ERROR_H
#define WEB_URL_ERROR_H

#include "web/exchange/exchange.h"

rs_status url_error(struct exchange *x, rs_status status);

#endif
