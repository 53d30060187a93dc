/* net/kerberos/acceptor.h - one token judged with the keys of a keytab.
 *
 * Source:  RFC 2743 and 2744 (GSSAPI), RFC 4178 (SPNEGO), RFC 4121 (Kerberos in GSSAPI); MIT Kerberos 1.20.
 *
 * The keytab is read once, into memory: the process can give up its files afterwards. What was accepted is remembered in
 * a file until it could not be accepted any more, so that nobody sends it a second time.
 */
#ifndef NET_KERBEROS_ACCEPTOR_H
#define NET_KERBEROS_ACCEPTOR_H

#include "base/job.h"

#define KERBEROS_TOKEN_MAX ((size_t)64 * 1024) /* bytes; Windows makes none above 48,000 */
#define KERBEROS_NAME_MAX 512                  /* bytes of a principal as text */
#define KERBEROS_CHANNEL_MAX 128               /* bytes of "tls-server-end-point:" and a digest */

struct kerberos_acceptor;
struct kerberos_context; /* a logon that takes more than one token each way */

/* `replay_file`: empty: MIT's own place. Fails with KERBEROS_KEYTAB. */
RS_CHECKED rs_status kerberos_acceptor_open(struct rs_job *job, rs_text keytab, rs_text replay_file,
                                            struct kerberos_acceptor **out);
void kerberos_acceptor_close(struct kerberos_acceptor *acceptor); /* accepts NULL */
RS_OWNED_BY(kerberos_acceptor, kerberos_acceptor_close)

/* Its principals, for the log: "HTTP/reports.example.org@EXAMPLE.ORG", each once. */
rs_text kerberos_acceptor_names(struct rs_job *job, const struct kerberos_acceptor *acceptor);

enum kerberos_outcome {
    KERBEROS_ACCEPTED = 1,
    KERBEROS_MORE,    /* the client has to answer `token` first */
    KERBEROS_REFUSED, /* `why` says it; for the log, not for the client */
};

struct kerberos_verdict {
    enum kerberos_outcome outcome;
    rs_text token;   /* for the client; may be empty */
    rs_text client;  /* ACCEPTED: "alice@EXAMPLE.ORG" */
    rs_text service; /* ACCEPTED: "HTTP/reports.example.org@EXAMPLE.ORG" */
    bool bound;      /* ACCEPTED: the client named the channel, and it is this one */
    rs_text why;
};

/* `*context` is NULL with a first token; afterwards it is what goes on (MORE), or NULL. `channel`: what the connection is
 * bound to (RFC 5929), against which a token that names a channel is held; empty: a token may name any. */
void kerberos_accept(struct rs_job *job, struct kerberos_acceptor *acceptor, struct kerberos_context **context, rs_text token,
                     rs_text channel, struct kerberos_verdict *out);
void kerberos_context_destroy(struct kerberos_context *context); /* accepts NULL */

#endif
