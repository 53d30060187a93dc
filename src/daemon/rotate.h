/* daemon/rotate.h - log files that have become large are moved away; who writes them begins new ones.
 *
 * access.log -> access.log.1 -> ... -> access.log.5, which is removed. Whoever prefers logrotate sets Bindery/LogMaxMiB to 0: a
 * file that was moved away by anybody is begun anew.
 */
#ifndef DAEMON_ROTATE_H
#define DAEMON_ROTATE_H

#include "base/text.h"

#define ROTATE_KEEP 5

/* Look at the log files in `folder`; `max_bytes` 0: nothing is moved. */
void rotate_logs(rs_text folder, uint64_t max_bytes);

#endif
