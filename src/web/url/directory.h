/* web/url/directory.h - the listing of a folder: one line per item, in the form that scripts read off the page.
 */
#ifndef WEB_URL_DIRECTORY_H
#define WEB_URL_DIRECTORY_H

#include "web/url/request.h"

RS_CHECKED rs_status url_directory(struct exchange *x, const struct url_request *request);

/* The command that fits a kind of item: "ListChildren", "Render" ... */
const char *url_natural_command(enum catalog_kind kind);

#endif
