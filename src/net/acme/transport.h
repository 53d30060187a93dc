/* net/acme/transport.h - requests to an ACME server: https only, its certificate checked, answers bounded.
 */
#ifndef NET_ACME_TRANSPORT_H
#define NET_ACME_TRANSPORT_H

#include "base/job.h"

struct acme_transport;

struct acme_answer {
    int status; /* of HTTP */
    rs_text body;
    rs_text nonce, location; /* empty: none */
    int64_t retry_after_ms;  /* from now; -1: none */
};

/* `ca_file`: the certificates of the authorities that the server's own certificate may come from; empty: those that this
 * machine trusts. */
RS_CHECKED rs_status acme_transport_open(struct rs_job *job, rs_text ca_file, struct acme_transport **out);
void acme_transport_close(struct acme_transport *transport); /* accepts NULL */
RS_OWNED_BY(acme_transport, acme_transport_close)

enum acme_method { ACME_GET, ACME_HEAD, ACME_POST };

/* Any answer, whatever its status; texts live as long as the job. The job's deadline and cancellation hold while waiting.
 * Fails with ACME_UNREACHABLE or ACME_ANSWER (it is too large). */
RS_CHECKED rs_status acme_request(struct rs_job *job, struct acme_transport *transport, enum acme_method method, rs_text url,
                                  rs_text body, struct acme_answer *out);

#endif
