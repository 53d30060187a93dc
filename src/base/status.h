/* base/status.h - every way in which an operation can end.
 *
 * The rows live in status.def; a status is a value, never freed, comparable.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stddef.h>

typedef enum rs_status {
    RS_OK = 0,
#define RS_STATUS(name, client_code, http_status, sentence) name,
#include "base/status.def"
#undef RS_STATUS
    RS_STATUS_COUNT
} rs_status;

/* The caller must look at the result. */
#define RS_CHECKED __attribute__((warn_unused_result))

/* What a status is called in the source ("RS_TIMEOUT"), for logs and tests. */
const char *rs_status_name(rs_status status);

/* The code clients know ("rsProcessingTimeout"); "rsSuccess" for RS_OK. */
const char *rs_status_client_code(rs_status status);

/* The first of the table that clients know so; RS_FAILED where there is none: of what another server says. */
rs_status rs_status_of_client_code(const char *code, size_t size);

/* The HTTP status that answers a request which ended so; 200 for RS_OK. */
int rs_status_http(rs_status status);

/* One sentence without a full stop; used when no better message was given. */
const char *rs_status_sentence(rs_status status);

#endif
