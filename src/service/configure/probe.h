/* service/configure/probe.h - a client that looks whether something answers, and with which certificate.
 *
 * It trusts nobody and checks no names: it compares what is shown with what should be shown.
 */
#ifndef SERVICE_CONFIGURE_PROBE_H
#define SERVICE_CONFIGURE_PROBE_H

#include "net/tables/address.h"

#define PROBE_MS 5000 /* for each stage; less where the job has less left */

struct probe;

/* Connect. The wildcard is reached at 127.0.0.1, or at ::1 where that fails. Fails with RS_IO or RS_TIMEOUT. */
RS_CHECKED rs_status probe_open(struct rs_job *job, const struct tables_address *address, uint16_t port,
                                struct probe **out);
void probe_close(struct probe *probe); /* accepts NULL */
RS_OWNED_BY(probe, probe_close)

/* The first word of a TLS handshake, without a wait for the answer; `sni` may be empty. */
RS_CHECKED rs_status probe_greet(struct rs_job *job, struct probe *probe, rs_text sni);
/* The rest of it. `sha256`: thumbprint of the certificate shown, upper-case, in the job. */
RS_CHECKED rs_status probe_handshake(struct rs_job *job, struct probe *probe, rs_text *sha256);

/* GET `path` (percent-encoded) with this Host; gives the status of the answer. Over TLS after a handshake. */
RS_CHECKED rs_status probe_get(struct rs_job *job, struct probe *probe, rs_text host, rs_text path, int *status);

#endif
