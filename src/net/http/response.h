/* net/http/response.h - the head of an HTTP/1.1 response, as strictly as that of a request.
 *
 * Source:  RFC 9112 sections 4 and 6.3, RFC 9110 section 15.
 */
#ifndef NET_HTTP_RESPONSE_H
#define NET_HTTP_RESPONSE_H

#include "net/http/request.h"

/* All texts borrow the parsed bytes. */
struct http_response {
    int status;      /* 100 to 599 */
    rs_text reason;  /* may be empty */
    int minor;       /* HTTP/1.minor: 0 or 1 */
    bool keep_alive; /* the server will take another request */
    enum http_body_kind body;
    uint64_t content_length;    /* of HTTP_BODY_COUNTED */
    bool has_content_length;    /* also in the answer to HEAD, where no body follows */
    struct http_fields fields;
    size_t head_size;           /* bytes, with the empty line */
    struct http_fault fault;    /* of HTTP_BAD; its status is 502 */
    struct http_scan scan;
};

void http_response_init(struct http_response *response);

/* As http_request_parse. `method` of the request decides whether a body follows. An interim response (1xx) is
 * given like any other: the final one follows behind its head. */
enum http_parse http_response_parse(struct http_response *response, enum http_method method,
                                    rs_text bytes);

#endif
