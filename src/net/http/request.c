#include "net/http/request.h"

#include "net/http/head.h"

static const struct {
    rs_text name;
    enum http_method method;
} methods[] = {
    {{"GET", 3}, HTTP_GET},         {{"POST", 4}, HTTP_POST},     {{"HEAD", 4}, HTTP_HEAD},
    {{"PUT", 3}, HTTP_PUT},         {{"DELETE", 6}, HTTP_DELETE}, {{"OPTIONS", 7}, HTTP_OPTIONS},
    {{"PATCH", 5}, HTTP_PATCH},     {{"TRACE", 5}, HTTP_TRACE},   {{"CONNECT", 7}, HTTP_CONNECT},
};

enum http_method http_method_find(rs_text name)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (rs_text_equal(methods[i].name, name))
            return methods[i].method;
    return HTTP_METHOD_OTHER;
}

bool http_method_is_safe(enum http_method method)
{
    return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_OPTIONS ||
           method == HTTP_TRACE;
}

void http_request_init(struct http_request *request)
{
    memset(request, 0, offsetof(struct http_request, fields));
    http_fields_init(&request->fields);
    request->head_size = 0;
    memset(&request->fault, 0, sizeof request->fault);
    memset(&request->scan, 0, sizeof request->scan);
}

/* ---- the host -------------------------------------------------------------------------------- */

static bool is_host_byte(char c, bool in_brackets)
{
    if (in_brackets)
        return rs_is_digit(c) || (rs_lower(c) >= 'a' && rs_lower(c) <= 'f') || c == ':' || c == '.';
    /* unreserved and the underscore of NetBIOS names; no percent-encoding: no host of ours needs it */
    return rs_is_digit(c) || rs_is_alpha(c) || c == '-' || c == '.' || c == '_' || c == '~' ||
           (unsigned char)c >= 0x80;
}

bool http_host_parse(rs_text host, rs_text *name, rs_text *port)
{
    bool brackets = host.size > 0 && host.bytes[0] == '[';
    size_t at = brackets;
    uint64_t number;

    if (host.size > HTTP_HOST_MAX)
        return false;
    while (at < host.size && is_host_byte(host.bytes[at], brackets))
        at++;
    if (at == (size_t)brackets)
        return false;
    if (brackets && (at >= host.size || host.bytes[at++] != ']'))
        return false;
    *name = rs_text_of(host.bytes, at);
    *port = rs_text_of(NULL, 0);
    if (at == host.size)
        return true;
    if (host.bytes[at] != ':')
        return false;
    *port = rs_text_from_offset(host, at + 1);
    return port->size == 0 || (port->size <= 5 && rs_parse_uint64(*port, &number) && number <= 65535);
}

bool http_host_same(rs_text a, rs_text b, rs_text scheme)
{
    rs_text default_port = rs_text_equal(scheme, RS_TEXT("https")) ? RS_TEXT("443") : RS_TEXT("80");
    rs_text a_name, a_port, b_name, b_port;

    if (!http_host_parse(a, &a_name, &a_port) || !http_host_parse(b, &b_name, &b_port))
        return false;
    return rs_text_equal_nocase(a_name, b_name) &&
           rs_text_equal(a_port.size ? a_port : default_port, b_port.size ? b_port : default_port);
}

static enum http_parse check_host(struct http_request *request, rs_text authority)
{
    struct http_fault *fault = &request->fault;
    size_t hosts = http_fields_repeated(&request->fields, HTTP_HOST);
    rs_text name, port;

    if (hosts > 1)
        return http_bad(fault, 400, "Hostname", "the Host header is given twice");
    if (hosts == 0 && request->minor >= 1)
        return http_bad(fault, 400, "Hostname", "the Host header is missing");
    request->host = http_fields_find(&request->fields, HTTP_HOST);
    if (hosts == 1 && !http_host_parse(request->host, &name, &port))
        return http_bad(fault, 400, "Hostname", "the Host header is not a host");
    if (authority.size == 0)
        return HTTP_DONE;
    if (!http_host_parse(authority, &name, &port))
        return http_bad(fault, 400, "Hostname", "the request's target names something that is no host");
    if (hosts == 1 && !http_host_same(authority, request->host, request->scheme))
        return http_bad(fault, 400, "Hostname", "the request's target and its Host header disagree");
    request->host = authority;
    return HTTP_DONE;
}

/* ---- the request line ------------------------------------------------------------------------ */

static bool is_target(rs_text target)
{
    for (size_t i = 0; i < target.size; i++) {
        unsigned char c = (unsigned char)target.bytes[i];
        if (c <= 0x20 || c == 0x7F || c == '#') /* bytes from 0x80 on: old clients send raw UTF-8 */
            return false;
    }
    return target.size > 0;
}

static void split_query(struct http_request *request, rs_text path)
{
    request->has_query = rs_text_cut(path, '?', &request->path, &request->query);
}

/* scheme "://" authority [path]; the path may be missing. */
static enum http_parse absolute_target(struct http_request *request, rs_text *authority)
{
    rs_text target = request->target;
    ptrdiff_t colon = rs_text_find(target, RS_TEXT("://"));
    rs_text rest;
    size_t end = 0;

    if (colon < 0)
        return http_bad(&request->fault, 400, "URL", "the request's target is not a URL");
    request->scheme = rs_text_slice(target, 0, (size_t)colon);
    if (rs_text_equal_nocase(request->scheme, RS_TEXT("https")))
        request->scheme = RS_TEXT("https");
    else if (rs_text_equal_nocase(request->scheme, RS_TEXT("http")))
        request->scheme = RS_TEXT("http");
    else
        return http_bad(&request->fault, 400, "URL", "the scheme is neither http nor https");
    rest = rs_text_from_offset(target, (size_t)colon + 3);
    while (end < rest.size && rest.bytes[end] != '/' && rest.bytes[end] != '?')
        end++;
    *authority = rs_text_slice(rest, 0, end);
    if (authority->size == 0)
        return http_bad(&request->fault, 400, "Hostname", "the request's target names no host");
    split_query(request, rs_text_from_offset(rest, end));
    if (request->path.size == 0)
        request->path = RS_TEXT("/");
    return HTTP_DONE;
}

enum http_parse http_request_path(struct http_request *request)
{
    rs_text target = request->target;

    if (!is_target(target))
        return http_bad(&request->fault, 400, "URL",
                        "the request's target is empty or has a byte that may not stand there");
    if (target.size > HTTP_TARGET_MAX)
        return http_bad(&request->fault, 414, "URL", "the request's target is too long");
    if (request->method == HTTP_CONNECT && request->upgrade.size == 0)
        return http_bad(&request->fault, 501, "Verb", "CONNECT is not served here");
    if (target.bytes[0] == '/') {
        split_query(request, target);
        return HTTP_DONE;
    }
    if (target.size != 1 || target.bytes[0] != '*')
        return http_bad(&request->fault, 400, "URL", "the request's target is not a path");
    if (request->method != HTTP_OPTIONS)
        return http_bad(&request->fault, 400, "URL", "only OPTIONS may ask for *");
    request->path = target;
    return HTTP_DONE;
}

static enum http_parse parse_target(struct http_request *request, rs_text *authority)
{
    rs_text target = request->target;
    bool is_path = target.size > 0 && (target.bytes[0] == '/' || target.bytes[0] == '*');

    *authority = rs_text_of(NULL, 0);
    if (is_path || !is_target(target) || request->method == HTTP_CONNECT)
        return http_request_path(request);
    return absolute_target(request, authority);
}

static enum http_parse parse_request_line(struct http_request *request, rs_text line,
                                          rs_text *authority)
{
    struct http_fault *fault = &request->fault;
    rs_text rest, version;
    bool whole = rs_text_cut(line, ' ', &request->method_name, &rest) &&
                 rs_text_cut(rest, ' ', &request->target, &version);

    if (!http_is_token(request->method_name) || request->method_name.size > HTTP_METHOD_MAX)
        return http_bad(fault, 400, "Verb", "the method is not one");
    if (!whole)
        return http_bad(fault, 400, "BadRequest",
                        "the request line is not: method, space, target, space, version");
    if (request->target.size > HTTP_TARGET_MAX)
        return http_bad(fault, 414, "URL", "the request's target is too long");
    request->minor = http_head_version(version);
    if (request->minor < 0) {
        if (version.size == 8 && rs_text_starts(version, RS_TEXT("HTTP/")) &&
            rs_is_digit(version.bytes[5]) && version.bytes[6] == '.' && rs_is_digit(version.bytes[7]))
            return http_bad(fault, 505, "Version_N/S", "this version of HTTP is not served");
        return http_bad(fault, 400, "BadRequest", "the request line does not end in an HTTP version");
    }
    request->method = http_method_find(request->method_name);
    return parse_target(request, authority);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* What can be told before the head is complete, so that nobody waits for the rest of it. */
static enum http_parse check_start(struct http_request *request, rs_text bytes)
{
    size_t shown = bytes.size < HTTP_METHOD_MAX + 1 ? bytes.size : HTTP_METHOD_MAX + 1;
    const char *space = memchr(bytes.bytes, ' ', shown);
    rs_text method = rs_text_of(bytes.bytes, space ? (size_t)(space - bytes.bytes) : shown);

    if (bytes.size > 0 && bytes.bytes[0] == '\r')
        return HTTP_MORE; /* an empty line before the request: http_request_parse deals with it */
    if (bytes.size > 0 && (!http_is_token(method) || method.size > HTTP_METHOD_MAX))
        return http_bad(&request->fault, 400, "Verb", "this is not an HTTP request");
    /* the first line alone is already too long */
    if (request->scan.line == 0 && request->scan.at > HTTP_METHOD_MAX + HTTP_TARGET_MAX + 16)
        return http_bad(&request->fault, 414, "URL", "the request's target is too long");
    return HTTP_MORE;
}

bool http_may_switch(rs_text protocol)
{
    return http_is_token(protocol) && !rs_text_equal_nocase(rs_text_slice(protocol, 0, 2), RS_TEXT("h2")) &&
           !rs_text_equal_nocase(protocol, RS_TEXT("HTTP")) && !rs_text_equal_nocase(protocol, RS_TEXT("TLS"));
}

/* RFC 9110 section 7.8. One protocol, asked for with a request that is complete without a body. */
static rs_text wanted_upgrade(const struct http_request *request)
{
    const struct http_fields *fields = &request->fields;
    rs_text upgrade = http_fields_find(fields, HTTP_UPGRADE), name, version;
    bool asked = request->minor >= 1 && request->method == HTTP_GET && request->body == HTTP_BODY_NONE &&
                 http_fields_repeated(fields, HTTP_UPGRADE) == 1 &&
                 http_fields_lists(fields, HTTP_CONNECTION, RS_TEXT("upgrade"));

    rs_text_cut(upgrade, '/', &name, &version);
    if (!asked || !http_may_switch(name) || (version.size > 0 && !http_is_token(version)))
        return rs_text_of(NULL, 0);
    return upgrade;
}

static enum http_parse parse_head(struct http_request *request, rs_text head)
{
    struct http_fault *fault = &request->fault;
    rs_text authority = {NULL, 0};
    bool has_length;

    if (parse_request_line(request, http_head_line(&head), &authority) == HTTP_BAD ||
        http_head_fields(head, &request->fields, fault) == HTTP_BAD ||
        check_host(request, authority) == HTTP_BAD ||
        http_head_framing(&request->fields, request->minor, &request->body,
                          &request->content_length, &has_length, fault) == HTTP_BAD)
        return HTTP_BAD;
    request->keep_alive = http_head_keeps_alive(&request->fields, request->minor);
    request->upgrade = wanted_upgrade(request);
    if (http_fields_has(&request->fields, HTTP_EXPECT)) {
        if (!rs_text_equal_nocase(http_fields_find(&request->fields, HTTP_EXPECT),
                                  RS_TEXT("100-continue")))
            return http_bad(fault, 417, "BadRequest", "Expect asks for something other than 100-continue");
        request->expects_continue = request->minor >= 1 && request->body != HTTP_BODY_NONE;
    }
    return HTTP_DONE;
}

enum http_parse http_request_parse(struct http_request *request, rs_text bytes)
{
    /* one empty line before a request is forgiven (RFC 9112 section 2.2): old clients end a body with it */
    size_t skipped = bytes.size >= 2 && memcmp(bytes.bytes, "\r\n", 2) == 0 ? 2 : 0;
    rs_text message = rs_text_from_offset(bytes, skipped);
    enum http_parse end;

    if (bytes.size == 0 || (bytes.size == 1 && bytes.bytes[0] == '\r'))
        return HTTP_MORE;
    end = http_head_scan(&request->scan, message, &request->fault);
    if (end == HTTP_MORE)
        return check_start(request, message);
    if (end == HTTP_BAD)
        return HTTP_BAD;
    if (request->scan.at == 2)
        return http_bad(&request->fault, 400, "BadRequest", "an empty line stands where a request should");
    request->head_size = skipped + request->scan.at;
    request->major = 1;
    return parse_head(request, rs_text_slice(message, 0, request->scan.at));
}
