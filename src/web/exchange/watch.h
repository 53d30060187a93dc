/* web/exchange/watch.h - a second pair of eyes on the connection whose request is being answered: when the client is
 * gone the request's job is cancelled, so that nobody's report does not hold a worker.
 *
 * The HTTPS service closes its connection to a worker when its client hangs up. A thread of its own waits for that;
 * all it does is rs_job_cancel.
 */
#ifndef WEB_EXCHANGE_WATCH_H
#define WEB_EXCHANGE_WATCH_H

#include "base/job.h"

struct exchange_watch;

/* NULL where the system has no thread to give: then nothing is watched. */
struct exchange_watch *exchange_watch_create(void);
void exchange_watch_destroy(struct exchange_watch *watch); /* accepts NULL */
RS_OWNED_BY(exchange_watch, exchange_watch_destroy)

/* From now on, until exchange_watch_end: both are to stay until then. `watch` may be NULL. */
void exchange_watch_begin(struct exchange_watch *watch, struct rs_job *job, int fd);
void exchange_watch_end(struct exchange_watch *watch);

#endif
