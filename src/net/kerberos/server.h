/* net/kerberos/server.h - the process that has the keytab: answers questions of whoever connects to its socket.
 *
 * A logon that takes more than one token is kept under a random name for KERBEROS_PENDING_MS; a name is of use once.
 */
#ifndef NET_KERBEROS_SERVER_H
#define NET_KERBEROS_SERVER_H

#include "net/kerberos/acceptor.h"

#define KERBEROS_PENDING_MAX 1024   /* logons that wait for a further token; the oldest makes room */
#define KERBEROS_PENDING_MS 30000
#define KERBEROS_CONNECTIONS_MAX 512 /* workers: twice as many as there can be, for those that are on their way out */

struct loop;
struct kerberos_server;

/* `listen_fd` stays the caller's; both outlive the server. When it is shut down the loop is stopped. */
RS_CHECKED rs_status kerberos_server_create(struct rs_job *job, struct loop *loop, struct kerberos_acceptor *acceptor,
                                            int listen_fd, struct kerberos_server **out);
void kerberos_server_destroy(struct kerberos_server *server); /* accepts NULL */
RS_OWNED_BY(kerberos_server, kerberos_server_destroy)

#endif
