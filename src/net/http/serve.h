/* net/http/serve.h - one connection as a worker process sees it: blocking, one request after the other.
 *
 *     RS_OWNED(http_peer) peer = http_peer_create(fd);              the descriptor is the peer's from now on
 *     for (;;) {
 *         RS_OWNED(rs_job) job = rs_job_create(&options);           one job per request
 *         struct http_incoming *incoming;
 *         RS_TRY(http_peer_read(job, peer, BODY_MAX, &incoming));   waits
 *         if (!incoming)
 *             break;                                                the other end is done
 *         struct http_reply *reply = http_reply_create(job, peer);
 *         http_reply_status(reply, 200);
 *         http_reply_field(reply, RS_TEXT("Content-Type"), RS_TEXT("text/html; charset=utf-8"));
 *         RS_TRY(http_reply_write(reply, page));                    as often as needed
 *         RS_TRY(http_reply_finish(reply));
 *     }
 *
 * A reply that fits into HTTP_REPLY_BUFFER is sent whole with its Content-Length; a longer one goes out chunked
 * while it is written. Until bytes have gone out the reply can still be taken back (http_reply_restart) and an
 * error page be written instead; afterwards only http_reply_abandon is left, and the client sees a transfer
 * that was cut off, never a page that looks whole.
 *
 * The HTTPS service in front adds to each request (and removes whatever a client sent under these names):
 *
 *     X-Request-Id          of this request; also in the client's answer and in the log
 *     X-Forwarded-For       the client's address      X-Forwarded-Proto  http or https
 *     X-Forwarded-Host      the Host header           X-Forwarded-Port   the port it arrived on
 *     Bindery-Application   the application whose URL reservation took the request
 *     Bindery-Prefix        the path of that reservation, without its last '/': /ReportServer
 *     Bindery-Connection    a number for the client's connection, never used again: authentication that
 *                           belongs to a connection (Negotiate) is kept under it
 *     Bindery-Shared        where the connection may carry requests of several users: "proxy" (it is one of the trusted
 *                           ones) or "yes" (HTTP/2, or a field that proxies add); authentication is not kept then
 *     Bindery-Channel       with a request that says "Authorization: Negotiate": what its TLS connection is bound to, the
 *                           digest of tls-server-end-point (RFC 5929) in hexadecimal; absent without TLS
 *     Bindery-State         what the application's last answer on this connection said under this name, at most
 *                           HTTP_STATE_MAX bytes: never sent to the client, nor to another application. An
 *                           empty value in an answer forgets it.
 */
#ifndef NET_HTTP_SERVE_H
#define NET_HTTP_SERVE_H

#include "base/job.h"
#include "net/http/request.h"

#define HTTP_REPLY_BUFFER ((size_t)64 * 1024)
#define HTTP_STATE_MAX 1024

struct http_peer;  /* a connection */
struct http_reply; /* the answer to one request */

struct http_incoming {
    struct http_request request;
    rs_text body; /* whole; empty where there is none */
};

/* Takes the connected stream socket over. */
struct http_peer *http_peer_create(int fd);
void http_peer_destroy(struct http_peer *peer); /* closes; accepts NULL */
RS_OWNED_BY(http_peer, http_peer_destroy)

/* For waiting beside other descriptors. True in http_peer_has_bytes: a request (or a part of one) is here
 * already, do not wait. */
int http_peer_fd(const struct http_peer *peer);
bool http_peer_has_bytes(const struct http_peer *peer);

/* The next request, in the job's memory. `*out` is NULL where the other end closed between requests. Waits
 * until one is there, at most until the job's deadline.
 *
 * Fails with HTTP_BAD_REQUEST (the message says what was wrong), RS_OVER_LIMIT (a body of more than `body_max`
 * bytes), RS_TIMEOUT, RS_IO; the connection then takes no other request. Where only the body was wrong or too
 * large http_peer_can_answer is true, and a reply may be written. */
RS_CHECKED rs_status http_peer_read(struct rs_job *job, struct http_peer *peer, size_t body_max,
                                    struct http_incoming **out);

/* False once the connection cannot carry another request: the other end said so, or something failed. */
bool http_peer_is_open(const struct http_peer *peer);

/* Is an answer owed? */
bool http_peer_can_answer(const struct http_peer *peer);

/* Did the other end hang up? For a long report whose reader is gone. Does not wait. */
bool http_peer_is_gone(const struct http_peer *peer);

/* The answer to the request that http_peer_read gave last; status 200 until told otherwise. */
struct http_reply *http_reply_create(struct rs_job *job, struct http_peer *peer);
void http_reply_status(struct http_reply *reply, int status);
/* Content-Length, Transfer-Encoding, Connection and Date are the reply's own: not to be given here. Both texts
 * are copied. Fields are added, not replaced. */
void http_reply_field(struct http_reply *reply, rs_text name, rs_text value);
/* Body bytes. For HEAD, 204 and 304 they are counted where that is allowed and not sent.
 * Fails with RS_IO (the other end is gone), RS_TIMEOUT (the job's deadline), HTTP_BAD_REPLY (a field that may not
 * be sent, or more than HTTP_HEAD_MAX of them). */
RS_CHECKED rs_status http_reply_write(struct http_reply *reply, rs_text bytes);
RS_CHECKED rs_status http_reply_finish(struct http_reply *reply);

/* Nothing has been sent: status, fields and body may still be replaced. */
bool http_reply_is_unsent(const struct http_reply *reply);
/* Start anew; requires http_reply_is_unsent. */
void http_reply_restart(struct http_reply *reply);
/* Cut the answer off where it stands: the connection is closed. */
void http_reply_abandon(struct http_reply *reply);

#endif
