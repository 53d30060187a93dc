/* web/exchange/multipart.h - a form with files, as browsers post it.
 *
 * Source:  RFC 7578 (multipart/form-data), RFC 2046 section 5.1.1 (boundaries).
 */
#ifndef WEB_EXCHANGE_MULTIPART_H
#define WEB_EXCHANGE_MULTIPART_H

#include "web/exchange/pairs.h"

#define EXCHANGE_PARTS_MAX 1000                  /* of one form */
#define EXCHANGE_PART_HEAD_MAX ((size_t)8 * 1024) /* bytes of one part's headers */
#define EXCHANGE_BOUNDARY_MAX 200                 /* bytes; the standard says 70 */

struct exchange_file {
    rs_text field;     /* name of the form's field */
    rs_text file_name; /* without folders; may be empty where no file was chosen */
    rs_text mime_type; /* as the client says */
    rs_text content;   /* borrowed from the body */
};
RS_VEC_TYPE(struct exchange_file, exchange_files);

/* `content_type`: the header's value, multipart/form-data with its boundary. Fields without a file name are added to
 * `pairs`, the others to `files`. Fails with RS_INVALID, RS_OVER_LIMIT. */
RS_CHECKED rs_status exchange_multipart_parse(struct rs_job *job, rs_text content_type, rs_text body,
                                              struct exchange_pairs *pairs, struct exchange_files *files);

#endif
