/* daemon/kerberos_role.h - the process that has the keytab: net/kerberos/server behind run/kerberos.sock.
 *
 * It reads the keytab, gives up everything but the socket that it was handed and a folder for what it accepted lately, and
 * answers workers. It runs where the settings want tickets and there is a keytab.
 */
#ifndef DAEMON_KERBEROS_ROLE_H
#define DAEMON_KERBEROS_ROLE_H

#include <signal.h>

#include "base/job.h"

struct paths;

/* The keytab of an instance: its krb5.keytab; where there is none the one that KRB5_KTNAME names. Empty: neither is there. */
rs_text kerberos_keytab(struct rs_job *job, const struct paths *paths);

/* Run until the socket is shut down; it is closed here. */
RS_CHECKED rs_status kerberos_role_run(struct rs_job *job, const struct paths *paths, bool sandbox, int listen_fd);

#endif
