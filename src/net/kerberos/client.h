/* net/kerberos/client.h - ask the process that has the keytab.
 *
 * Blocking, one question after the other. The connection is made with the first question, and anew where it was lost: that
 * process may have been started again in between.
 */
#ifndef NET_KERBEROS_CLIENT_H
#define NET_KERBEROS_CLIENT_H

#include "net/kerberos/wire.h"

#define KERBEROS_WAIT_MS 10000 /* an answer takes a millisecond; this is for a machine that swaps */

struct kerberos_client {
    int fd; /* -1: not connected */
    char message[KERBEROS_MESSAGE_MAX];
};

RS_CHECKED rs_status kerberos_client_create(struct rs_job *job, struct kerberos_client **out);
void kerberos_client_destroy(struct kerberos_client *client); /* accepts NULL */
RS_OWNED_BY(kerberos_client, kerberos_client_destroy)

/* `socket_path`: where that process listens. The answer is in the job's memory. Fails with KERBEROS_UNAVAILABLE. */
RS_CHECKED rs_status kerberos_ask(struct rs_job *job, struct kerberos_client *client, rs_text socket_path,
                                  const struct kerberos_question *question, struct kerberos_answer *out);

#endif
