/* net/ocsp/record.h - what is known of a certificate from its authority: INSTANCE/ocsp/SHA256.json, written by the server alone.
 *
 * The answer in it was checked before it was written (ocsp_answer_read), so that it can be shown to clients right after a
 * restart.
 */
#ifndef NET_OCSP_RECORD_H
#define NET_OCSP_RECORD_H

#include "net/ocsp/ocsp.h"

struct ocsp_record {
    struct ocsp_answer answer; /* the last that could be used */
    rs_text der;               /* itself; empty: none */
    rs_text responder;
    rs_text error;             /* of the last try; empty: it went well */
    unsigned failures;         /* in a row */
    int64_t asked_ms, ask_ms;  /* UTC: when it was asked last, and when it is asked next */
};

/* `*found` false: nothing is known. A file that is damaged is none: it is written anew with the next answer. */
RS_CHECKED rs_status ocsp_record_read(struct rs_job *job, rs_text folder, rs_text sha256, struct ocsp_record *out, bool *found);
RS_CHECKED rs_status ocsp_record_write(struct rs_job *job, rs_text folder, rs_text sha256, const struct ocsp_record *record);
/* Forget certificates for which `keep` is false. */
RS_CHECKED rs_status ocsp_records_sweep(struct rs_job *job, rs_text folder, bool (*keep)(void *data, rs_text sha256), void *data);

/* Whether it may be shown to clients at `now_ms` (UTC). A revocation is shown: hiding it helps nobody but who has the key. */
bool ocsp_record_can_be_shown(const struct ocsp_record *record, int64_t now_ms);

#endif
