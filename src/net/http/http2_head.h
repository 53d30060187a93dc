/* net/http/http2_head.h - the head of an HTTP/2 request: its fields, one by one, made into the same value as HTTP/1.1's.
 *
 * Source:  RFC 9113 sections 8.2 and 8.3, RFC 8441 section 4.
 *
 * As strict as request.h, and for the same reason: what stands behind us speaks HTTP/1.1, and must see one request
 * where we saw one. So nothing may stand in a field that would end a line there, and no field that frames a message
 * or is about one connection (Connection, Transfer-Encoding, Upgrade, ...).
 */
#ifndef NET_HTTP_HTTP2_HEAD_H
#define NET_HTTP_HTTP2_HEAD_H

#include "net/http/request.h"

/* Zeroed: empty. */
struct http2_head {
    char *bytes; /* the fields as they came; its owner's to free, see http2_head_clear */
    size_t used;
    size_t room;
    size_t size; /* of names and values, as HTTP/1.1 would count them */
    size_t count;
    bool too_large; /* the rest was not kept */
};

/* Keep a copy. False from the field on that is too much. */
bool http2_head_add(struct http2_head *head, rs_text name, rs_text value);

/* All fields are there. HTTP_DONE or HTTP_BAD, as http_request_parse; the request borrows from `head`. `complete`:
 * no body follows. A body whose length is not told is HTTP_BODY_CHUNKED. */
enum http_parse http2_head_read(struct http2_head *head, struct http_request *request, bool complete);

void http2_head_clear(struct http2_head *head);

#endif
