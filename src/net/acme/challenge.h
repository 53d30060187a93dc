/* net/acme/challenge.h - what proves to an ACME server that a host is ours, and showing it.
 *
 * Source:  RFC 8555 section 8 (http-01), RFC 8737 (tls-alpn-01).
 */
#ifndef NET_ACME_CHALLENGE_H
#define NET_ACME_CHALLENGE_H

#include <openssl/types.h>

#include "base/job.h"

enum acme_kind { ACME_HTTP_01, ACME_TLS_ALPN_01, ACME_KINDS };

const char *acme_kind_name(enum acme_kind kind); /* "http-01" */
bool acme_kind_parse(rs_text text, enum acme_kind *out);

#define ACME_HTTP_PATH "/.well-known/acme-challenge/" /* and the token */
#define ACME_TLS_PROTOCOL "acme-tls/1"                /* of ALPN */

/* One host's proof. For http-01 the answer to GET ACME_HTTP_PATH token on port 80; for tls-alpn-01 a certificate that is
 * shown to who asks for the host and ACME_TLS_PROTOCOL, with a key that was made for it and proves nothing else. */
struct acme_proof {
    enum acme_kind kind;
    rs_text host;
    rs_text token, key_authorization;  /* http-01 */
    rs_text certificate_pem, key_pem;  /* tls-alpn-01 */
};

/* `account_key` is the account's. Fails with PKI_FAILED; RS_UNSUPPORTED for an address with tls-alpn-01. */
RS_CHECKED rs_status acme_proof_make(struct rs_job *job, enum acme_kind kind, rs_text host, rs_text token,
                                     EVP_PKEY *account_key, struct acme_proof *out);

#endif
