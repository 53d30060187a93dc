/* service/ops/mime.h - the MIME type of a resource.
 */
#ifndef SERVICE_OPS_MIME_H
#define SERVICE_OPS_MIME_H

#include "base/job.h"

/* By the extension of the name; "application/octet-stream" where it says nothing. */
rs_text mime_type_of(rs_text name);

/* type/subtype, parameters may follow; what could break out of a header is refused with RS_INVALID. */
RS_CHECKED rs_status mime_type_check(struct rs_job *job, rs_text mime_type);

#endif
