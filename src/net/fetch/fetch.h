/* net/fetch/fetch.h - one request to a server somewhere, and its answer: libcurl within limits.
 *
 * Waits for a server far away: for processes that serve nobody. Only http and https, no redirects but those that are asked for,
 * answers up to a size (unless they are passed on piece by piece), and never longer than the time given or the job's.
 */
#ifndef NET_FETCH_FETCH_H
#define NET_FETCH_FETCH_H

#include "base/job.h"

struct fetch; /* keeps connections between requests */

/* `ca_file`: who may vouch for https servers; empty: those that this machine trusts. Fails with RS_NO_MEMORY. */
RS_CHECKED rs_status fetch_open(struct rs_job *job, rs_text ca_file, struct fetch **out);
void fetch_close(struct fetch *fetch); /* accepts NULL */
RS_OWNED_BY(fetch, fetch_close)

enum fetch_logon {
    FETCH_LOGON_NONE,
    FETCH_LOGON_BASIC,  /* sent at once, not only when asked for */
    FETCH_LOGON_TICKET, /* of Kerberos, by Negotiate; see fetch_knows_tickets */
};

enum fetch_method { FETCH_GET, FETCH_HEAD, FETCH_POST };

struct fetch_request {
    enum fetch_method method;
    rs_text url;
    bool https_only;
    rs_text body, body_type; /* of FETCH_POST: "application/ocsp-request" */
    rs_text language;        /* Accept-Language; empty: none */
    enum fetch_logon logon;  /* who says so decides over which scheme: see https_only */
    rs_text user, password;  /* of FETCH_LOGON_BASIC */
    const char *what;        /* who is asked, for messages: "the ACME server" */
    size_t answer_max;       /* bytes */
    int64_t connect_ms, total_ms; /* 0: no end but the job's */
    unsigned redirects_max;  /* 0: none are followed */
    rs_status unreachable;   /* what it fails with where there is no answer */
    rs_status no_tls;        /* where nobody answers there over TLS, whatever the reason but the certificate; RS_OK: as above */
    rs_status too_large;     /* and where there is too much of it */
    /* Takes the body of an answer with status 200 as it comes, without a limit, in place of fetch_answer; may be NULL. A failure
     * ends the request and is the request's own. */
    rs_status (*piece)(struct rs_job *job, void *data, rs_text bytes);
    /* Each header field of the answer; may be NULL. */
    void (*field)(void *data, rs_text name, rs_text value);
    void *data;
};

struct fetch_answer {
    int status; /* of HTTP */
    rs_text body; /* lives as long as the job */
};

/* Any answer, whatever its status. */
RS_CHECKED rs_status fetch_perform(struct rs_job *job, struct fetch *fetch, const struct fetch_request *request,
                                   struct fetch_answer *out);

/* http or https, with a host, without a user, without control characters or spaces, at most FETCH_URL_MAX bytes. */
#define FETCH_URL_MAX 2048
bool fetch_url_is_good(rs_text url, bool https_only);

/* Whether libcurl was built with Kerberos. */
bool fetch_knows_tickets(void);

/* The value of a Retry-After field (seconds, or a date of HTTP), from now; -1: it is none. At most a year. */
int64_t fetch_retry_after_ms(struct rs_job *job, rs_text value);

#endif
