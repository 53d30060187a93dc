/* net/http/request.h - the head of an HTTP/1.1 request, strictly. (HTTP/2 makes the same value: http2_head.h.)
 *
 * Source:  RFC 9112 (HTTP/1.1), RFC 9110 (semantics), RFC 3986 (authority).
 *
 * Whatever two programs could read differently is refused, so that nobody behind us sees another request than we
 * did: repeated or list-valued Content-Length, Content-Length beside Transfer-Encoding, any transfer coding but
 * "chunked", folded lines, bare CR or LF, NUL, white space before a colon, more than one space in the
 * request line, a missing or repeated Host, a target that names another host than Host does.
 */
#ifndef NET_HTTP_REQUEST_H
#define NET_HTTP_REQUEST_H

#include "net/http/field.h"
#include "net/http/message.h"

#define HTTP_METHOD_MAX 32                    /* bytes */
#define HTTP_TARGET_MAX ((size_t)16 * 1024)   /* bytes */
#define HTTP_HOST_MAX 262                     /* bytes: a name of 253, a colon, a port */

enum http_method {
    HTTP_METHOD_OTHER, /* a token that is not below; `method` has it */
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_PATCH,
    HTTP_CONNECT,
    HTTP_TRACE,
};

/* All texts borrow the parsed bytes. */
struct http_request {
    enum http_method method;
    rs_text method_name;
    rs_text target;  /* as it was sent */
    rs_text path;    /* "/..." as it was sent, still percent-encoded; "*" for OPTIONS * */
    rs_text query;   /* behind the '?'; empty where there is none */
    bool has_query;
    rs_text scheme;  /* of an absolute target: "http" or "https"; else empty */
    rs_text host;    /* Host, "name", "name:port", "[::1]:port"; empty only in HTTP/1.0 */
    int major;       /* 1 or 2 */
    int minor;       /* HTTP/1.minor: 0 or 1; HTTP/2: 0 */
    rs_text upgrade; /* the protocol that the client would like to switch to: "websocket"; empty: none */
    bool keep_alive; /* the client would like to send another request */
    bool expects_continue;
    enum http_body_kind body;
    uint64_t content_length; /* of HTTP_BODY_COUNTED */
    struct http_fields fields;
    size_t head_size; /* bytes, with the empty line */
    struct http_fault fault; /* of HTTP_BAD */
    struct http_scan scan;
};

/* Before each request. */
void http_request_init(struct http_request *request);

/* Parse the head that begins at bytes.bytes. After HTTP_MORE call again with the same bytes and more; they may
 * have moved. Everything but `fault` is meaningful after HTTP_DONE only. */
enum http_parse http_request_parse(struct http_request *request, rs_text bytes);

/* GET, HEAD, OPTIONS, TRACE: doing it twice does no harm. */
bool http_method_is_safe(enum http_method method);

/* "host", "host:port", "[v6]:port": false where it is none of these. `name` keeps the brackets; `port` is empty
 * where there is none. */
bool http_host_parse(rs_text host, rs_text *name, rs_text *port);
/* Is it the same place? "host" and "host:443" are, with https. */
bool http_host_same(rs_text a, rs_text b, rs_text scheme);

/* Whether a switch to this protocol (a name without version) may be asked for. Never to one that is HTTP itself, or TLS:
 * whoever is behind us would serve requests in it that nobody here sees. */
bool http_may_switch(rs_text protocol);

enum http_method http_method_find(rs_text name);

/* For both versions of the protocol: `target` into path and query, where it is no URL but "/..." or "*". */
enum http_parse http_request_path(struct http_request *request);

#endif
