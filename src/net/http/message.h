/* net/http/message.h - what requests and responses have in common: how parsing ends, and bodies.
 *
 * The parsers of this folder take bytes and give values. They neither allocate nor wait, and they take no job:
 * a message that is wrong is a value too (struct http_fault), because the answer to it is part of the protocol.
 */
#ifndef NET_HTTP_MESSAGE_H
#define NET_HTTP_MESSAGE_H

#include "base/text.h"

enum http_parse {
    HTTP_MORE, /* right so far; call again with the same bytes and more behind them */
    HTTP_DONE,
    HTTP_BAD,  /* never going to be right; the fault says why. The connection must be closed. */
};

/* What is wrong with a message. All texts are constants. */
struct http_fault {
    int status;           /* what a server answers: 400, 414, 431, 501, 505 */
    const char *reason;   /* one word for the log: "BadRequest", "Hostname", "URL", "Verb"... */
    const char *sentence; /* for people */
};

#define HTTP_HEAD_MAX ((size_t)64 * 1024) /* bytes from the first line to the empty one */

enum http_body_kind {
    HTTP_BODY_NONE,
    HTTP_BODY_COUNTED, /* content_length bytes, more than 0 */
    HTTP_BODY_CHUNKED,
    HTTP_BODY_TO_END,  /* responses only: until the connection ends */
};

/* How far the end of a head has been looked for. Zeroed: not at all. */
struct http_scan {
    size_t at; /* bytes looked at; HTTP_DONE: the size of the head */
    size_t line; /* where the line begins that was being looked at */
};

/* Look for the empty line that ends a head; every line must end in CR LF, and no other CR, LF or NUL may stand
 * there. `bytes` begins at the first line. Finds bare line ends as soon as they are there. */
enum http_parse http_head_scan(struct http_scan *scan, rs_text bytes, struct http_fault *fault);

#endif
