/* daemon/parent.h - the process that holds the others: opens sockets, starts and restarts front and workers, applies
 * changes of the tables, answers the configuration API. It parses nothing that comes from the network.
 */
#ifndef DAEMON_PARENT_H
#define DAEMON_PARENT_H

#include "base/job.h"

struct paths;

/* Serve the instance until SIGTERM or SIGINT. `single`: everything in this process, for debugging.
 * Fails with RS_CONFLICT where a server of this instance runs already. */
RS_CHECKED rs_status parent_run(struct rs_job *job, const struct paths *paths, bool single);

#endif
