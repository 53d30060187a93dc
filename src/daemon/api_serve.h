/* daemon/api_serve.h - requests of local clients, on the parent's loop: many at a time, none of which can hold up the
 * others or the parent.
 *
 *     accepted --admit--> refused: answered at once, nothing of it is read
 *        |
 *     reading head, then body          API_SERVE_READ_MS in all, at most `body_max` bytes
 *        |
 *     answer() --------> writing       API_SERVE_WRITE_MS between two pieces
 *                           |
 *                        closed: one request per connection
 */
#ifndef DAEMON_API_SERVE_H
#define DAEMON_API_SERVE_H

#include "base/job.h"
#include "net/http/request.h"

#define API_SERVE_CLIENTS_MAX 64
#define API_SERVE_READ_MS 10000
#define API_SERVE_WRITE_MS 10000

struct api_server;
struct loop;

struct api_answer {
    int status;
    rs_text content_type;
    rs_text body; /* lives as long as the job of the request */
};

struct api_hooks {
    /* Who is at the other end of `fd`; empty: nobody who may ask, and `refusal` is the answer. */
    rs_text (*admit)(struct rs_job *job, void *data, int fd, struct api_answer *refusal);
    /* Answer one request. `job` is the request's. */
    void (*answer)(struct rs_job *job, void *data, rs_text who, const struct http_request *request, rs_text body,
                   struct api_answer *out);
    /* The answer to what is no request, or too much of one. */
    void (*fault)(struct rs_job *job, void *data, int status, rs_text sentence, struct api_answer *out);
    void *data;
};

/* Serve clients of the listening socket `fd`, which stays the caller's. NULL where it cannot be watched. */
struct api_server *api_server_open(struct loop *loop, int fd, size_t body_max, const struct api_hooks *hooks);
/* Cuts clients off. Accepts NULL. */
void api_server_close(struct api_server *server);

#endif
