/* daemon/api_client.h - an operation of the configuration API, asked of the running server of an instance.
 */
#ifndef DAEMON_API_CLIENT_H
#define DAEMON_API_CLIENT_H

#include <jansson.h>

#include "base/job.h"

/* A connection to the socket at `path`; -1 where nobody listens there. */
int api_client_connect(rs_text path);

/* Takes `fd` over. A failure of the operation is reported as it was there: same status, same message. `*out` is the
 * caller's to json_decref. */
RS_CHECKED rs_status api_client_call(struct rs_job *job, int fd, const char *operation, const json_t *arguments,
                                     rs_text tool, json_t **out);

#endif
