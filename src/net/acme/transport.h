/* net/acme/transport.h - requests to an ACME server: https only, its certificate checked, answers bounded.
 */
#ifndef NET_ACME_TRANSPORT_H
#define NET_ACME_TRANSPORT_H

#include "net/fetch/fetch.h"

struct acme_answer {
    int status; /* of HTTP */
    rs_text body;
    rs_text nonce, location; /* empty: none */
    int64_t retry_after_ms;  /* from now; -1: none */
};

/* Any answer, whatever its status; texts live as long as the job. The job's deadline and cancellation hold while waiting.
 * Fails with ACME_UNREACHABLE or ACME_ANSWER (it is too large). */
RS_CHECKED rs_status acme_request(struct rs_job *job, struct fetch *fetch, enum fetch_method method, rs_text url, rs_text body,
                                  struct acme_answer *out);

#endif
