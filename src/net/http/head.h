/* net/http/head.h - the lines of a head whose end has been found: shared by requests and responses.
 */
#ifndef NET_HTTP_HEAD_H
#define NET_HTTP_HEAD_H

#include "net/http/field.h"
#include "net/http/message.h"

static inline enum http_parse http_bad(struct http_fault *fault, int status, const char *reason,
                                       const char *sentence)
{
    *fault = (struct http_fault){status, reason, sentence};
    return HTTP_BAD;
}

/* The next line without its CR LF; `lines` moves behind it. Requires a complete line. */
rs_text http_head_line(rs_text *lines);

/* The field lines of a head, up to and with the empty line. */
enum http_parse http_head_fields(rs_text lines, struct http_fields *fields,
                                 struct http_fault *fault);

/* How the body is framed, as far as the fields say: chunked, counted, or no word about it (HTTP_BODY_NONE).
 * `has_length`: there was a Content-Length, maybe 0. */
enum http_parse http_head_framing(const struct http_fields *fields, int minor,
                                  enum http_body_kind *body, uint64_t *length, bool *has_length,
                                  struct http_fault *fault);

/* "HTTP/1.0" or "HTTP/1.1": its minor number, else -1. */
int http_head_version(rs_text t);

/* Will the connection live on after this message? */
bool http_head_keeps_alive(const struct http_fields *fields, int minor);

#endif
