/* daemon/roles.h - what the children of the parent do: the front, the keys and the workers, as processes or as threads.
 */
#ifndef DAEMON_ROLES_H
#define DAEMON_ROLES_H

#include "base/job.h"

struct paths;

/* In a child process: `role` is "front", "keys", "acme", "ocsp" or "worker"; the descriptor is CHILD_FD. Fails with RS_INVALID where there is no
 * such role. */
RS_CHECKED rs_status roles_run(struct rs_job *job, const struct paths *paths, rs_text role);

/* The same as threads of the parent (--single): `data` is its struct parent. */
void roles_front_thread(void *data, int fd);
void roles_keys_thread(void *data, int fd);
void roles_acme_thread(void *data, int fd);
void roles_ocsp_thread(void *data, int fd);
void roles_kerberos_thread(void *data, int fd);
void roles_worker_thread(void *data, int fd);

#endif
