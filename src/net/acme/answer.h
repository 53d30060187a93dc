/* net/acme/answer.h - the JSON that an ACME server answers with, as values.
 *
 * The server is somebody else: every address, token and number in it is looked at before it is used. Texts live as long
 * as the job.
 *
 * Source:  RFC 8555 section 7.1 (resources), section 6.7 (problems); RFC 9773 (renewal information).
 */
#ifndef NET_ACME_ANSWER_H
#define NET_ACME_ANSWER_H

#include "base/job.h"

#define ACME_ANSWER_MAX ((size_t)1024 * 1024) /* bytes */
#define ACME_URL_MAX 2048
#define ACME_TOKEN_MAX 256
#define ACME_AUTHORIZATIONS_MAX 100 /* of one order */
#define ACME_CHALLENGES_MAX 20      /* of one authorization */

struct acme_directory {
    rs_text new_nonce, new_account, new_order;
    rs_text revoke;       /* empty: not offered */
    rs_text renewal_info; /* empty: not offered */
    rs_text terms;        /* of service; may be empty */
    bool external_account_required;
};

struct acme_problem {
    rs_text type;   /* "badNonce", "rateLimited": without urn:ietf:params:acme:error: */
    rs_text detail; /* with those of its parts */
};

enum acme_state { ACME_PENDING, ACME_PROCESSING, ACME_READY, ACME_VALID, ACME_INVALID, ACME_OTHER };

struct acme_challenge {
    rs_text type; /* "http-01" */
    rs_text url;
    rs_text token; /* letters, digits, '-' and '_' only */
    enum acme_state state;
    struct acme_problem problem; /* of ACME_INVALID */
};

struct acme_authorization {
    rs_text host;
    enum acme_state state;
    const struct acme_challenge *challenges; /* those of kinds that are not known left out */
    size_t challenge_count;
};

struct acme_order {
    enum acme_state state;
    const rs_text *authorizations; /* addresses */
    size_t authorization_count;
    rs_text finalize;
    rs_text certificate; /* empty before ACME_VALID */
    struct acme_problem problem;
};

struct acme_window { /* when the authority would like a certificate to be renewed; UTC */
    int64_t start_ms, end_ms;
};

/* Each fails with ACME_ANSWER and says what is wrong. */
RS_CHECKED rs_status acme_directory_parse(struct rs_job *job, rs_text bytes, struct acme_directory *out);
RS_CHECKED rs_status acme_authorization_parse(struct rs_job *job, rs_text bytes, struct acme_authorization *out);
RS_CHECKED rs_status acme_order_parse(struct rs_job *job, rs_text bytes, struct acme_order *out);
RS_CHECKED rs_status acme_window_parse(struct rs_job *job, rs_text bytes, struct acme_window *out);

/* A problem document; whatever it is, something can be said: does not fail. */
void acme_problem_parse(struct rs_job *job, rs_text bytes, struct acme_problem *out);

/* 2026-11-22T09:30:00.5Z, with an offset too; false where it is none. */
bool acme_time_parse(rs_text text, int64_t *utc_ms);

/* https, without a user, control characters or more than ACME_URL_MAX bytes. */
bool acme_url_is_good(rs_text url);

#endif
