/* daemon/api_serve.h - requests of local clients, on the parent's loop: many at a time, none of which can hold up the
 * others or the parent.
 *
 *     accepted --admit--> refused: answered at once, nothing of it is read
 *        |
 *     reading head, then body          API_SERVE_READ_MS in all, at most `body_max` bytes
 *        |
 *     waiting for its turn: what all clients have asked by now is looked at together
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

struct api_request {
    struct rs_job *job; /* of the request */
    rs_text who;
    const struct http_request *head;
    rs_text body;
    struct api_answer answer;
};

struct api_hooks {
    /* Who is at the other end of `fd`; empty: nobody who may ask, and `refusal` is the answer. */
    rs_text (*admit)(struct rs_job *job, void *data, int fd, struct api_answer *refusal);
    /* Answer the first of these requests, which came in this order, and as many behind it as go together with it. Gives how
     * many; the others are offered again after a turn of the loop. */
    size_t (*answer)(void *data, struct api_request *requests, size_t count);
    /* The answer to what is no request, or too much of one. */
    void (*fault)(struct rs_job *job, void *data, int status, rs_text sentence, struct api_answer *out);
    void *data;
};

/* Serve clients of the listening socket `fd`, which stays the caller's. NULL where it cannot be watched. */
struct api_server *api_server_open(struct loop *loop, int fd, size_t body_max, const struct api_hooks *hooks);
/* Cuts clients off. Accepts NULL. */
void api_server_close(struct api_server *server);

#endif
