/* daemon/front_role.h - the process that is the HTTPS service: net/front, told what to serve by the parent.
 *
 *     parent                     front
 *       FRONT_APPLY      ->        serves the plan, or says why not
 *                        <-      FRONT_ANSWER (status, message, warnings)
 *       FRONT_SWEEP      ->        forgets what belongs to no row of the plan
 *       FRONT_STATE      ->        an application comes or goes
 *       FRONT_CERTIFICATES ->      certificates of rows that follow in a plan, as bytes
 *       FRONT_STAPLE     ->        what a certificate's authority says of it
 *       FRONT_KEYS       ->        a socket to the process of the keys
 *       FRONT_TRUST      ->        who may vouch for the clients of a row
 *       FRONT_TICKETS    ->        a secret that other nodes have too
 *       FRONT_COUNT      ->
 *                        <-      FRONT_ANSWER (numbers)
 *       FRONT_DRAIN      ->        accepts no more, ends when the last connection is gone
 *
 * Where the parent dies the channel closes, and the front drains. It opens no certificate and sees no private key.
 */
#ifndef DAEMON_FRONT_ROLE_H
#define DAEMON_FRONT_ROLE_H

#include "base/job.h"

enum front_message {
    FRONT_APPLY = 1, /* plan_message with its descriptors */
    FRONT_SWEEP,     /* nothing */
    FRONT_STATE,     /* name, enum front_application_state */
    FRONT_COUNT,     /* nothing; numbers, then the number of applications, and of each: see front_role.c */
    FRONT_DRAIN,     /* nothing */
    FRONT_ANSWER,    /* rs_status, text, then what was asked for */
    FRONT_CERTIFICATES, /* any number of: name, count, that many certificates in DER */
    FRONT_KEYS,      /* nothing, and one descriptor */
    FRONT_CHALLENGES, /* the body of an RENEWAL_SHOW: acme_role.h */
    FRONT_TRUST,     /* generation of a row that asks clients; PEM of authorities; PEM of revoked certificates or nothing */
    FRONT_STAPLE,    /* SHA-256 thumbprint, until when it may be shown (UTC ms), an OCSP answer in DER; empty: none */
    FRONT_TICKETS,   /* a secret from which the keys of session tickets come, for all nodes that have it */
};

/* The numbers of front_statistics, in the order in which FRONT_COUNT answers. */
#define FRONT_COUNTS(X)                                                                        \
    X(connections) X(connections_now) X(connections_refused) X(handshakes_full)                \
    X(handshakes_resumed) X(handshakes_failed) X(handshakes_tls12) X(handshakes_tls13) X(requests) X(requests_now)                     \
    X(upstream_connections) X(upstream_now) X(upstream_reused) X(body_files)                   \
    X(responses[1]) X(responses[2]) X(responses[3]) X(responses[4]) X(responses[5])

struct sandbox_account;

struct front_role_settings {
    rs_text run_folder;         /* sockets of applications below it are reached without its path */
    rs_text tmp_folder;
    rs_text log_folder;         /* access log */
    bool log_json;              /* the access log has a JSON object per line */
    uint64_t request_body_bytes;
    rs_text trusted_proxies;
    rs_text forwarded_field;
    size_t peer_connections;
    const struct sandbox_account *account; /* NULL: no sandbox, with --single */
};

/* Run until drained. `channel` is closed at the end. */
RS_CHECKED rs_status front_role_run(struct rs_job *job, const struct front_role_settings *settings, int channel);

#endif
