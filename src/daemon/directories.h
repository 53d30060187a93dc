/* daemon/directories.h - what workers know of the tables: the virtual directories, which their links name, and the hosts of the
 * report server's URLs. The parent writes them to a small file whenever they change; a worker holds nothing of https.db.
 */
#ifndef DAEMON_DIRECTORIES_H
#define DAEMON_DIRECTORIES_H

#include "base/job.h"

struct directories;
struct paths;
struct tables_snapshot;

/* Write what `tables` has, unless `before` (NULL: nothing was written yet) has the same. */
RS_CHECKED rs_status directories_tell(struct rs_job *job, const struct paths *paths, const struct tables_snapshot *before,
                                      const struct tables_snapshot *tables);

/* `hostname`: of this machine, as its clients know it; may be empty; used until directories_close. Fails where nothing was told
 * yet. */
RS_CHECKED rs_status directories_open(struct rs_job *job, const struct paths *paths, rs_text hostname,
                                      struct directories **out);
void directories_close(struct directories *directories); /* accepts NULL */
RS_OWNED_BY(directories, directories_close)

/* "/ReportServer" and "/Reports"; they live until the next call of a function here, which costs one stat(2) as long as nothing
 * changes. `directories` is a struct directories: the signature is the one that web/exchange calls. */
void directories_now(void *directories, rs_text *report_server, rs_text *portal);

/* Whether a URL of the application has this host; wildcards stand for the names of this machine. Without regard to case. */
bool directories_have_host(void *directories, rs_text application, rs_text host);

#endif
