/* web/exchange/serve.h - a worker process's loop: requests from a Unix socket, one at a time.
 *
 *     const struct exchange_face *const faces[] = {&url_face, &portal_face};
 *     exchange_serve(job, listen_fd, &settings, faces, 2, &stop);
 *
 * Several workers accept on the same socket. A worker that holds a connection takes another one only after a moment, so
 * that connections spread over free workers; a worker that is busy takes none.
 */
#ifndef WEB_EXCHANGE_SERVE_H
#define WEB_EXCHANGE_SERVE_H

#include <signal.h>

#include "web/exchange/exchange.h"

#define EXCHANGE_CONNECTIONS_MAX 64 /* that one worker holds open */

/* Serve until *stop is not 0 (a signal handler sets it; the request at work is finished), or settings->requests_max
 * were answered. Fails only where the socket cannot be listened on. SIGPIPE must be ignored by the process. */
RS_CHECKED rs_status exchange_serve(struct rs_job *job, int listen_fd, const struct exchange_settings *settings,
                                    const struct exchange_face *const *faces, size_t face_count,
                                    const volatile sig_atomic_t *stop);

/* One connection only, until the client ends it: for --single and for tests. The descriptor is closed at the end. */
void exchange_serve_connection(int fd, const struct exchange_settings *settings, struct service *service,
                               const struct exchange_face *const *faces, size_t face_count);

#endif
