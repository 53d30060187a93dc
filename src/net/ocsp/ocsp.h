/* net/ocsp/ocsp.h - the question whether a certificate is still good, and its answer.
 *
 * Source:  RFC 6960 (OCSP), RFC 5280 section 4.2.2.1 (authority information access), RFC 7633 (must-staple).
 */
#ifndef NET_OCSP_OCSP_H
#define NET_OCSP_OCSP_H

#include <openssl/types.h>

#include "base/job.h"

#define OCSP_ANSWER_MAX ((size_t)64 * 1024) /* bytes; it is sent in every handshake that asks for it */

enum ocsp_state {
    OCSP_STATE_NONE, /* never answered */
    OCSP_STATE_GOOD,
    OCSP_STATE_REVOKED,
    OCSP_STATE_UNKNOWN, /* the responder does not know the certificate */
    OCSP_STATES,
};

/* "good". "not answered" of OCSP_STATE_NONE. A constant. */
const char *ocsp_state_name(enum ocsp_state state);

struct ocsp_answer {
    enum ocsp_state state;
    int64_t this_ms, next_ms; /* UTC: it holds between the two */
    int64_t revoked_ms;       /* UTC; 0: it is not */
    rs_text reason;           /* of the revocation: "keyCompromise"; may be empty */
};

/* Where the certificate says that its responder is: the first such address of http or https. Empty: it names none. */
rs_text ocsp_responder(struct rs_job *job, X509 *certificate);

/* Clients that know RFC 7633 refuse the certificate without a stapled answer. */
bool ocsp_must_staple(X509 *certificate);

/* The request, in DER. */
RS_CHECKED rs_status ocsp_question(struct rs_job *job, X509 *certificate, X509 *issuer, rs_text *out);

/* Fails with OCSP_ANSWER: it is damaged, refuses to answer, speaks of another certificate, is signed by nobody who may, or
 * is out of date at `now_ms` (UTC). An answer without an end holds for an hour. */
RS_CHECKED rs_status ocsp_answer_read(struct rs_job *job, X509 *certificate, X509 *issuer, rs_text der, int64_t now_ms,
                                      struct ocsp_answer *out);

#endif
