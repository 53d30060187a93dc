/* daemon/stapling.h - the parent's end of the process that asks what authorities say of certificates (ocsp_role.h).
 *
 *     row served --> responder and issuer known? --> OCSP_WATCH --> OCSP_TOLD --> INSTANCE/ocsp --> FRONT_STAPLE
 *
 * Of rows with ocsp-stapling=auto. It looks at the tables and the store from time to time rather than taking part in a change:
 * nothing waits for a responder. What was learned before a restart is shown at once.
 */
#ifndef DAEMON_STAPLING_H
#define DAEMON_STAPLING_H

#include "daemon/outward.h"

struct stapling {
    struct outward process;
    struct rs_job *memory;          /* of `watched`; replaced when all rows are looked at */
    struct rs_map *watched;         /* SHA-256 thumbprint -> struct stapled */
    struct tables_snapshot *tables; /* that it was made from: a reference */
    size_t gone;                    /* rows that came, went or changed since all were looked at */
    uint64_t store_version;
    int64_t look_ms;
    bool someone_waits; /* a certificate that the front, or the process, has not been told of */
};

void stapling_init(struct parent *parent);
/* From the parent's tick. */
void stapling_tick(struct parent *parent, int64_t now_ms);
/* The front has been given this certificate: it has nothing to staple to it yet. */
void stapling_given(struct parent *parent, rs_text sha256);
void stapling_close(struct parent *parent);

#endif
