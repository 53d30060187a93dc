/* daemon/api_remote.h - the configuration API over HTTPS: requests that the front forwards, each with a token.
 *
 * Off unless Bindery/ApiOverHttps is True. Then run/remote.sock is an application like any other: it is given a URL with
 * `bindery app add` and `bindery url reserve`. Its requests must have come over TLS and carry `Authorization: Bearer TOKEN`; who
 * fails waits longer and longer (service/auth/throttle.h), and nobody asks more than REMOTE_PER_SECOND times a second.
 * What makes or shows secrets is possible on the local socket only.
 */
#ifndef DAEMON_API_REMOTE_H
#define DAEMON_API_REMOTE_H

#include "daemon/api_serve.h"

#define REMOTE_PER_SECOND 20
#define REMOTE_BODY_MAX ((size_t)8 * 1024 * 1024)

struct api_remote;
struct configure_instance;

/* Answers `operation` for `who`; what api_answer of api.c does. */
typedef void api_operation(struct rs_job *job, void *data, rs_text who, rs_text operation, const struct http_request *request,
                           rs_text body, struct api_answer *out);
/* A failure as an answer. */
typedef void api_failure(struct rs_job *job, rs_text operation, rs_status status, struct api_answer *out);

struct api_remote_parts {
    rs_text socket_path;
    const struct configure_instance *instance; /* for its tokens */
    api_operation *operation;
    api_failure *failure;
    void (*fault)(struct rs_job *job, void *data, int status, rs_text sentence, struct api_answer *out);
    void *data;
};

RS_CHECKED rs_status api_remote_open(struct rs_job *job, struct loop *loop, const struct api_remote_parts *parts,
                                     struct api_remote **out);
void api_remote_close(struct api_remote *remote); /* accepts NULL */

#endif
