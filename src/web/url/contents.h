/* web/url/contents.h - the content of items that are no reports, and definitions.
 */
#ifndef WEB_URL_CONTENTS_H
#define WEB_URL_CONTENTS_H

#include "web/url/request.h"

/* The bytes with their own MIME type, inline. */
RS_CHECKED rs_status url_resource(struct exchange *x, const struct url_request *request);
/* The DataSourceDefinition as XML. */
RS_CHECKED rs_status url_data_source(struct exchange *x, const struct url_request *request);
/* The definition of a report or shared data set as XML. */
RS_CHECKED rs_status url_definition(struct exchange *x, const struct url_request *request);

/* ETag and Cache-Control of an item's content; true where the client has it already. */
bool url_content_is_known(struct exchange *x, const struct catalog_item *item);

#endif
