/* net/front/challenge.h - proofs for an ACME server, answered by the service itself while a certificate is being issued.
 *
 * http-01: GET /.well-known/acme-challenge/TOKEN without TLS, before any reservation is asked. tls-alpn-01: a handshake that
 * offers the protocol "acme-tls/1" alone is shown the certificate of the proof and ended.
 *
 * Source:  RFC 8555 section 8.3, RFC 8737.
 */
#ifndef NET_FRONT_CHALLENGE_H
#define NET_FRONT_CHALLENGE_H

#include "net/tls/tls.h"

struct front;
struct front_exchange;
struct front_challenges;

/* One of both: token and answer, or host, certificate and key. */
struct front_challenge {
    rs_text token, answer;
    rs_text host;                     /* in lower case */
    rs_text certificate_pem, key_pem; /* the key was made for this and proves nothing else */
};

#define FRONT_CHALLENGES_MAX 1000

/* Answer these from now on, and no others; none: stop. Fails with TLS_IDENTITY; then nothing has changed. */
RS_CHECKED rs_status front_challenge(struct rs_job *job, struct front *front, const struct front_challenge *items, size_t count);

/* ---- for the engine only --------------------------------------------------------------------- */

void challenges_destroy(struct front_challenges *challenges); /* accepts NULL */
/* Answer a request without TLS that asks for a proof; false: it does not. */
bool challenges_take(struct front_exchange *exchange);
/* What is shown to who asks for `host` with "acme-tls/1"; NULL: nothing. */
struct tls_binding *challenges_binding(const struct front_challenges *challenges, rs_text host);

#endif
