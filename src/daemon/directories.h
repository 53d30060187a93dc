/* daemon/directories.h - the virtual directories as https.db has them now, for a worker whose links name them.
 *
 * A look costs one query of one number; the names are read again when the tables changed.
 */
#ifndef DAEMON_DIRECTORIES_H
#define DAEMON_DIRECTORIES_H

#include "base/job.h"

struct directories;
struct paths;

/* `hostname`: of this machine, as its clients know it; may be empty; used until directories_close. Fails where the instance
 * has no tables. */
RS_CHECKED rs_status directories_open(struct rs_job *job, const struct paths *paths, rs_text hostname,
                                      struct directories **out);
void directories_close(struct directories *directories); /* accepts NULL */
RS_OWNED_BY(directories, directories_close)

/* "/ReportServer" and "/Reports"; they live until the next call. `directories` is a struct directories: the signature is the
 * one that web/exchange calls. */
void directories_now(void *directories, rs_text *report_server, rs_text *portal);

/* Whether a URL of the application has this host; wildcards stand for the names of this machine. Without regard to case. */
bool directories_have_host(void *directories, rs_text application, rs_text host);

#endif
