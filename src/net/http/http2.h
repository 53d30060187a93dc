/* net/http/http2.h - an HTTP/2 connection on the server's side: bytes in, requests out; responses in, bytes out.
 *
 * Source:  RFC 9113 (HTTP/2), RFC 7541 (HPACK), RFC 8441 (extended CONNECT).
 *
 *     http2_session_create(&handler, data)
 *     http2_session_receive(session, bytes)      calls the handler: requests, bodies, streams that are over
 *     http2_respond(session, id, ...)            the head of a response; its body is asked for: handler->read
 *     while ((bytes = http2_session_send(session)).size > 0) ...
 *
 * A thin owner of an nghttp2 session: framing, HPACK and flow control are the library's. Ours are the limits on what
 * a client may make us do. It owns no socket and never waits. The handler's functions may call everything here but
 * receive, send and destroy.
 */
#ifndef NET_HTTP_HTTP2_H
#define NET_HTTP_HTTP2_H

#include "net/http/http2_head.h"

#define HTTP2_STREAMS_MAX 100                  /* of one connection at one time */
#define HTTP2_WINDOW ((size_t)64 * 1024)       /* bytes of one body that may come before they are consumed */
#define HTTP2_CONNECTION_WINDOW ((size_t)1024 * 1024) /* of all bodies of a connection */
/* What a client may ask beside what it needs: see http2.c. */
#define HTTP2_CREDIT_MAX 4000
#define HTTP2_CREDIT_PER_SECOND 100

struct http2_session;

/* How reading a body goes on. */
enum http2_read {
    HTTP2_READ_MORE,  /* here are bytes, and more follow */
    HTTP2_READ_LATER, /* none now: http2_resume when there are */
    HTTP2_READ_TRAILERS, /* here are the last ones, maybe none; trailers follow: http2_trailers was called */
    HTTP2_READ_END,   /* here are the last ones, maybe none */
    HTTP2_READ_FAILED,
};

/* RFC 9113 section 7, as far as we say them. */
enum http2_error {
    HTTP2_NO_ERROR = 0,
    HTTP2_INTERNAL_ERROR = 2,
    HTTP2_REFUSED_STREAM = 7,
    HTTP2_CANCEL = 8,
    HTTP2_ENHANCE_YOUR_CALM = 11,
};

/* `data` is the session's, `stream` what `request` gave. */
struct http2_handler {
    /* A client began a head, and has sent all of it; in between nothing else comes. */
    void (*head_begins)(void *data);
    /* The head of stream `id`, not looked at yet: take it over (`*head` is emptied by the taker). `complete`: no body
     * follows. NULL: the stream is refused, the client may try again. */
    void *(*request)(void *data, int32_t id, struct http2_head *head, bool complete);
    /* A piece of the body: http2_consume once there is room for as much again. Then: that was all of it. */
    void (*body)(void *data, void *stream, rs_text bytes);
    void (*body_done)(void *data, void *stream);
    /* A field behind the body, before body_done. */
    void (*trailer)(void *data, void *stream, rs_text name, rs_text value);
    /* The next bytes of the response's body, at most `room`. */
    enum http2_read (*read)(void *data, void *stream, char *bytes, size_t room, size_t *size);
    /* All of the response was given to http2_session_send. */
    void (*sent)(void *data, void *stream);
    /* The stream is over; `stream` is not used again. */
    void (*closed)(void *data, void *stream);
};

/* `handler` and `data` are kept. Aborts where there is no memory. */
struct http2_session *http2_session_create(const struct http2_handler *handler, void *data);
/* Without telling the handler. Accepts NULL. */
void http2_session_destroy(struct http2_session *session);

/* False: the client broke the rules; send what there is to send, then close. */
bool http2_session_receive(struct http2_session *session, rs_text bytes);
/* The next bytes for the client, borrowed until the next call; empty: none now. */
rs_text http2_session_send(struct http2_session *session);
/* All that there was has been sent, and the next request may take long: costs less memory until any other call. A system
 * call, but for a session that rests already. Only where http2_session_send gave nothing the last time. */
void http2_session_rest(struct http2_session *session);
/* Nothing more comes and nothing more goes. */
bool http2_session_is_over(struct http2_session *session);
/* Why receive said false, or the last error the client told; a sentence. NULL: nothing is known. */
const char *http2_session_problem(const struct http2_session *session);

/* Responses; `id` names the stream. Fields are copied, their names made lower case. `has_body`: handler->read is
 * asked for it. */
void http2_respond(struct http2_session *session, int32_t id, int status, const struct http_fields *fields,
                   bool has_length, uint64_t length, bool has_body);
/* The fields behind its body (http_trailers_text), copied. From handler->read only. */
void http2_trailers(struct http2_session *session, int32_t id, rs_text lines);
/* 100 Continue. */
void http2_continue(struct http2_session *session, int32_t id);
/* There is something to read again. */
void http2_resume(struct http2_session *session, int32_t id);
/* End the stream here; handler->closed is called when that has been sent. */
void http2_reset(struct http2_session *session, int32_t id, enum http2_error error);
/* So many bytes of its body were used. */
void http2_consume(struct http2_session *session, int32_t id, size_t size);

/* Does the client let nothing more of this response through? */
bool http2_is_shut(struct http2_session *session, int32_t id);

/* The connection will end: the client should open no more streams here (those on their way are served). */
void http2_warn(struct http2_session *session);
/* Streams that come from now on are not served; those that are here are. */
void http2_go_away(struct http2_session *session, enum http2_error error);

#endif
