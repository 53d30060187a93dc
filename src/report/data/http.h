/* report/data/http.h - documents from the network: http and https, within limits.
 *
 * On a server only the hosts that its settings name are asked, at every redirect anew: whoever publishes reports must not
 * reach what only the server can reach.
 */
#ifndef REPORT_DATA_HTTP_H
#define REPORT_DATA_HTTP_H

#include "report/data/data.h"

#define HTTP_DOCUMENT_MAX ((size_t)64 * 1024 * 1024) /* bytes, after decompression */
#define HTTP_REDIRECTS_MAX 5
#define HTTP_CONNECT_TIMEOUT_MS 15000

struct http_get {
    rs_text url;
    rs_text body;        /* empty: GET; otherwise POST */
    rs_text soap_action; /* of a POST */
};

bool http_is_address(rs_text text);

/* `hosts` are names between blanks, commas or semicolons; "*.example.com" means all below, "*" every host; each may end in
 * ":port". An address in brackets is one of IPv6. */
bool http_host_is_allowed(rs_text hosts, rs_text host, unsigned port);

/* The body of a 2xx answer, in the job's memory. Basic authentication where the source has a user, to its first host alone.
 *
 * Fails with DATA_CONNECT; the message has the address without its query and user, which may be secret. */
RS_CHECKED rs_status http_fetch(struct rs_job *job, struct rs_job *watch, const struct data_source *source,
                                const struct http_get *get, rs_text *out);

#endif
