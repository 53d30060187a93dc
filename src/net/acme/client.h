/* net/acme/client.h - the conversation with an ACME server: account, order, proofs, certificate.
 *
 *     directory -> account -> order -> proofs shown -> authorizations valid -> finalize -> certificate
 *
 * Every call waits for the server: for a process of its own, never for one that serves. A nonce that the server refuses is
 * replaced and the request sent again, a bounded number of times. What a rate limit says is handed to the caller.
 *
 * Source:  RFC 8555; RFC 9773 (renewal information).
 */
#ifndef NET_ACME_CLIENT_H
#define NET_ACME_CLIENT_H

#include "net/acme/answer.h"
#include "net/acme/challenge.h"

struct acme_client;

struct acme_server {
    rs_text directory;  /* address */
    rs_text ca_file;    /* authorities of the server's own certificate; empty: those this machine trusts */
    EVP_PKEY *key;      /* the account's, P-256; borrowed */
    rs_text account;    /* the account's address; empty: not registered yet */
};

/* Reads the directory. Fails with ACME_UNREACHABLE, ACME_ANSWER. The client lives as long as the job. */
RS_CHECKED rs_status acme_open(struct rs_job *job, const struct acme_server *server, struct acme_client **out);

struct acme_registration {
    const rs_text *contacts; /* "mailto:admin@example.com" */
    size_t contact_count;
    bool agreed;             /* to the terms of service */
    rs_text external_id;     /* of an account that exists at the authority; empty: none */
    rs_text external_key;    /* base64url, as the authority gives it */
};

/* The account's address; one that the key has already is found. Fails with ACME_REFUSED. */
RS_CHECKED rs_status acme_register(struct rs_job *job, struct acme_client *client, const struct acme_registration *wish,
                                   rs_text *out);

struct acme_wish {
    const rs_text *hosts;
    size_t host_count;
    enum acme_kind kind;
    rs_text request_der; /* PKCS#10 for the hosts */
    rs_text replaces;    /* of acme_certificate_id: the certificate that this one renews; empty: none */
    /* Show all proofs until the next call; none: hide them. */
    rs_status (*show)(struct rs_job *job, void *data, const struct acme_proof *proofs, size_t count);
    void *data;
};

/* The certificate and its chain in PEM. Fails with ACME_REFUSED (with what the server found), ACME_RATE_LIMITED (see
 * acme_retry_after_ms), ACME_UNREACHABLE, ACME_ANSWER or what `show` fails with. */
RS_CHECKED rs_status acme_issue(struct rs_job *job, struct acme_client *client, const struct acme_wish *wish, rs_text *out);

/* RFC 5280 section 5.3.1, as far as who holds a certificate can say: "keyCompromise". -1: none, or not one of these. */
int acme_reason_number(rs_text name);

/* Take a certificate of this account back; one that was taken back before is fine. Fails as acme_issue. */
RS_CHECKED rs_status acme_revoke(struct rs_job *job, struct acme_client *client, X509 *certificate, int reason);

/* How long the server asked to wait in the answer that failed last; -1: it said nothing. */
int64_t acme_retry_after_ms(const struct acme_client *client);

/* When the authority would like this certificate to be renewed. `*offered` false: it does not say. `*again_ms`: when to ask
 * again, from now. */
RS_CHECKED rs_status acme_renewal_window(struct rs_job *job, struct acme_client *client, X509 *certificate, bool *offered,
                                         struct acme_window *out, int64_t *again_ms);

/* RFC 9773 section 4.1: authority key identifier and serial number; empty where the certificate lacks the first. */
rs_text acme_certificate_id(struct rs_job *job, X509 *certificate);

#endif
