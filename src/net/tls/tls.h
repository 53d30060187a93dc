/* net/tls/tls.h - TLS on the server's side: a certificate in a place, and the connections that meet it.
 *
 * Source:  RFC 8446 (TLS 1.3), RFC 5246 (TLS 1.2), RFC 5077 and RFC 8446 section 4.6.1 (tickets), RFC 7301 (ALPN),
 *          RFC 6066 section 8 and RFC 8446 section 4.4.2.1 (OCSP answers).
 *
 * TLS 1.2 and 1.3 only, forward secrecy and authenticated encryption only, no renegotiation, no compression, no
 * early data. Sessions live in tickets, never in a cache here. The keys of the tickets belong to one
 * `struct tls_binding`: random, in memory only, gone with it. So a ticket is dead the moment its binding is
 * replaced or removed, and never opens a session under another binding; tickets of other bindings live on.
 */
#ifndef NET_TLS_TLS_H
#define NET_TLS_TLS_H

#include <openssl/types.h>

#include "base/job.h"

struct keys_signer;
struct stack_st_X509;

/* ---- certificates as bytes ------------------------------------------------------------------- */

/* A file without a name, where they lie until a client first asks for one; counted by the chains in it. */
struct tls_shelf;

/* In the folder with this descriptor. NULL and errno: no file can be made there. */
struct tls_shelf *tls_shelf_create(int folder);
void tls_shelf_unref(struct tls_shelf *shelf); /* accepts NULL */
/* False and errno where the disk does not take them. */
bool tls_shelf_put(struct tls_shelf *shelf, rs_text bytes, uint64_t *at);
/* Most of it is of chains that are no more. */
bool tls_shelf_is_wasted(const struct tls_shelf *shelf);

/* A certificate and its intermediates, nearest first, in DER: immutable, counted; one loop's thread. Ten thousand of them
 * cost little: they are read when a client first asks for them. Only what is stapled to it changes. */
struct tls_chain;

/* `bytes`: each certificate behind its size (8 bytes, as this machine has numbers), at least one. They lie on the shelf `at`
 * this place; without a shelf they are copied. One reference is the caller's. */
struct tls_chain *tls_chain_create(rs_text bytes, struct tls_shelf *shelf, uint64_t at);
size_t tls_chain_size(const struct tls_chain *chain); /* of its bytes */
/* Its bytes, in the job's memory or borrowed from the chain; empty where they cannot be read. */
rs_text tls_chain_bytes(struct rs_job *job, const struct tls_chain *chain);
/* They lie on another shelf now. */
void tls_chain_move(struct tls_chain *chain, struct tls_shelf *shelf, uint64_t at);
struct tls_chain *tls_chain_ref(struct tls_chain *chain);
void tls_chain_unref(struct tls_chain *chain); /* accepts NULL */
/* What its authority says of the certificate (an OCSP answer in DER), shown to clients that ask until `until_ms` (UTC), by every
 * binding that shows the chain; empty: nothing. Copied. */
void tls_chain_staple(struct tls_chain *chain, rs_text answer, int64_t until_ms);

/* ---- a binding ------------------------------------------------------------------------------- */

/* Who may vouch for clients, and what they took back: immutable, counted; one loop's thread. */
struct tls_trust;

/* Certificates of authorities in PEM, at least one; lists of revoked certificates in PEM, or nothing. With a list, each
 * certificate of a client's chain must be on none, and there must be one of its issuer. One reference is the caller's.
 * Fails with TLS_IDENTITY; the message says what is wrong with which of the two. */
RS_CHECKED rs_status tls_trust_create(struct rs_job *job, rs_text authorities, rs_text revoked, struct tls_trust **out);
struct tls_trust *tls_trust_ref(struct tls_trust *trust);
void tls_trust_unref(struct tls_trust *trust); /* accepts NULL */
RS_OWNED_BY(tls_trust, tls_trust_unref)

enum tls_clients {
    TLS_CLIENTS_NOT_ASKED,
    TLS_CLIENTS_MAY,  /* show a certificate; one that is not good ends the handshake */
    TLS_CLIENTS_MUST,
};

#define TLS_SECRET_SIZE 32

/* How handshakes with a binding go; all zero: the defaults. Copied where it is kept. */
struct tls_policy {
    int least_version;  /* TLS1_2_VERSION or TLS1_3_VERSION; 0: TLS 1.2 */
    rs_text ciphers;    /* OpenSSL's names between colons, those of TLS 1.3 among them; empty: ours */
    rs_text groups;     /* the same of groups for the key exchange */
    bool no_staple;     /* clients are not shown what the authority says of the certificate */
    bool no_tickets;    /* every handshake is a full one */
    enum tls_clients clients;
    struct tls_trust *trust; /* where clients are asked; a reference is taken */
    bool shared_tickets;     /* the keys of tickets come from the seed and the time: other nodes with it take them */
    unsigned char ticket_seed[TLS_SECRET_SIZE]; /* must differ wherever a ticket must not be taken */
};

/* What a binding shows to clients and proves with. All borrowed: a reference is taken where it is kept. The key
 * is only ever asked to sign: where it lives is its own matter. */
struct tls_identity {
    X509 *certificate;
    const struct stack_st_X509 *chain; /* intermediates, nearest first; may be NULL */
    EVP_PKEY *key;
    struct tls_policy policy;
};

struct tls_binding; /* counted; one loop's thread */

/* `generation` names this certificate in this place, once and never again. One reference is the caller's.
 * Fails with TLS_IDENTITY: the key does not fit, it is too short, the signature is too weak... */
RS_CHECKED rs_status tls_binding_create(struct rs_job *job, const struct tls_identity *identity,
                                        uint64_t generation, struct tls_binding **out);
/* The same from bytes, of up to TLS_CHAINS_MAX certificates with different kinds of keys (each client gets the one it can
 * read), with keys that are elsewhere: nothing is read or asked before the first handshake, and whether the
 * two fit is the caller's to know. What is wrong with them is told in the log then, and handshakes are refused.
 * `signer` must outlive the binding. */
#define TLS_CHAINS_MAX 4
struct tls_binding *tls_binding_create_later(struct tls_chain *const *chains, size_t count, const struct keys_signer *signer,
                                             const struct tls_policy *policy, uint64_t generation);
/* Handshakes with it choose TLS_ACME_PROTOCOL and nothing else. */
void tls_binding_proves(struct tls_binding *binding);
struct tls_binding *tls_binding_ref(struct tls_binding *binding);
void tls_binding_unref(struct tls_binding *binding); /* accepts NULL */
RS_OWNED_BY(tls_binding, tls_binding_unref)
/* Another trust from the next handshake on; tickets that were given before are dead. Not for bindings that do not ask. */
void tls_binding_trust(struct tls_binding *binding, struct tls_trust *trust);
uint64_t tls_binding_generation(const struct tls_binding *binding);

/* ---- connections ----------------------------------------------------------------------------- */

/* Which binding answers a handshake: by where the connection arrived (`data` of the stream knows) and by the name
 * the client asked for (SNI in lower case without a last dot; empty where it sent none). Borrowed; NULL: none,
 * the handshake ends with an alert. */
typedef struct tls_binding *tls_select(void *data, rs_text sni);

struct tls_server; /* what all connections share */

RS_CHECKED rs_status tls_server_create(struct rs_job *job, tls_select *select,
                                       struct tls_server **out);
void tls_server_destroy(struct tls_server *server); /* accepts NULL */
RS_OWNED_BY(tls_server, tls_server_destroy)

/* Let handshakes wait for keys that are elsewhere (net/keys/client.h): TLS_WAITS_KEY, and later `wake` with the data of
 * the stream. Without it they stand still until the signature is there. */
void tls_server_may_wait(struct tls_server *server, void (*wake)(void *data));

/* What is shown to who offers TLS_ACME_PROTOCOL alone (RFC 8737), instead of what `select` gives; without it such a handshake
 * ends with an alert. */
#define TLS_ACME_PROTOCOL "acme-tls/1"
void tls_server_proofs(struct tls_server *server, tls_select *select);

struct tls_stream; /* one connection; keeps its binding alive */

enum tls_io {
    TLS_DONE,
    TLS_WANTS_READ,
    TLS_WANTS_WRITE,
    TLS_WAITS_KEY,   /* a handshake waits for its signature: tls_server_may_wait tells when to call again */
    TLS_ENDED,       /* the other end said so properly */
    TLS_CUT,         /* the connection ended without that */
    TLS_REFUSED,     /* the handshake or a record was wrong; tls_stream_problem tells */
    TLS_PLAIN_HTTP,  /* the client speaks HTTP without TLS; nothing has been sent */
};

/* On a non-blocking socket that stays the caller's. NULL: no memory. `data` is for tls_select. */
struct tls_stream *tls_stream_create(struct tls_server *server, int fd, void *data);
/* Does not send anything: see tls_stream_end. Accepts NULL. */
void tls_stream_destroy(struct tls_stream *stream);

enum tls_io tls_stream_handshake(struct tls_stream *stream);
/* At least one byte with TLS_DONE. */
enum tls_io tls_stream_read(struct tls_stream *stream, char *bytes, size_t room, size_t *read);
/* Bytes that were read from the socket and not given out yet: no event will tell of them. */
bool tls_stream_has_bytes(const struct tls_stream *stream);
/* TLS_DONE: `written` bytes (at least one, maybe not all) are sealed and on their way. After TLS_WANTS_* the next
 * call must offer the same bytes, maybe more behind them; they may have moved. */
enum tls_io tls_stream_write(struct tls_stream *stream, rs_text bytes, size_t *written);
/* What is written from now on need not leave before what follows it at once, which ends with the socket being shut. */
void tls_stream_more(struct tls_stream *stream);
/* Tell the other end that nothing more comes. It leaves when the socket is shut. */
enum tls_io tls_stream_end(struct tls_stream *stream);

/* The binding that was chosen; NULL before that. Borrowed. */
struct tls_binding *tls_stream_binding(const struct tls_stream *stream);
/* The name the client asked for; empty where it sent none. */
rs_text tls_stream_sni(const struct tls_stream *stream);
/* The client chose "h2" (ALPN); else it speaks HTTP/1.1. */
bool tls_stream_is_http2(const struct tls_stream *stream);
/* The client only wanted to see the certificate of a proof: the connection is not for anything else. */
bool tls_stream_is_proof(const struct tls_stream *stream);
bool tls_stream_is_resumed(const struct tls_stream *stream);
/* "TLSv1.3". A constant. */
const char *tls_stream_version(const struct tls_stream *stream);
/* The certificate that the client proved to have, verified; NULL where there is none. Lives as long as the stream. */
struct tls_peer {
    rs_text subject; /* RFC 4514 */
    rs_text issuer;
    rs_text serial;  /* hexadecimal */
    rs_text sha256;  /* of the certificate, hexadecimal in lower case */
    rs_text base64;  /* of the certificate in DER */
};
const struct tls_peer *tls_stream_peer(struct tls_stream *stream);
/* What tokens of clients may be bound to: the digest of tls-server-end-point (RFC 5929 section 4.1), of the certificate that
 * the client was shown, now or when the session began. Gives its size; 0 where it cannot be told. */
#define TLS_END_POINT_MAX 64
size_t tls_stream_end_point(const struct tls_stream *stream, unsigned char out[TLS_END_POINT_MAX]);
size_t tls_end_point(X509 *certificate, unsigned char out[TLS_END_POINT_MAX]);
/* Its binding asks clients for certificates. */
bool tls_stream_asks_clients(const struct tls_stream *stream);
/* Why TLS_REFUSED: "no shared cipher". Never empty. Lives as long as the stream. */
rs_text tls_stream_problem(const struct tls_stream *stream);

#endif
