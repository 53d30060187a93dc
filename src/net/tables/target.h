/* net/tables/target.h - where an application can be reached: "unix:/run/app.sock" or "http://127.0.0.1:8080".
 *
 * Applications stand on this machine: the way to them is not encrypted.
 */
#ifndef NET_TABLES_TARGET_H
#define NET_TABLES_TARGET_H

#include "base/job.h"

#define TABLES_TARGET_PATH_MAX 107 /* bytes of a Unix socket's path: struct sockaddr_un */

struct tables_target {
    rs_text path;  /* of a Unix socket; or empty, and then: */
    uint16_t port; /* on 127.0.0.1 */
};

/* `out` is borrowed from `text`. Fails with RS_INVALID. */
RS_CHECKED rs_status tables_target_parse(struct rs_job *job, rs_text text, struct tables_target *out);
rs_text tables_target_write(struct rs_job *job, const struct tables_target *target);

#endif
