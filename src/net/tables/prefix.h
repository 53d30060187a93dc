/* net/tables/prefix.h - UrlPrefix strings: scheme://host:port/path/, what a URL reservation reserves.
 *
 * Source:  Windows HTTP Server API, "UrlPrefix Strings"; and report server "URL reservation syntax" for the
 *          form without a path (UrlString), to which the virtual directory is added.
 *
 * Canonical: scheme and host in lower case, the port always written, the path percent-decoded and ending in
 * '/'. The path keeps the case it was given; it compares without case (`key`).
 */
#ifndef NET_TABLES_PREFIX_H
#define NET_TABLES_PREFIX_H

#include "base/host.h"
#include "net/tables/address.h"

#define TABLES_PREFIX_MAX 1024       /* bytes of a whole UrlPrefix */
#define TABLES_PREFIX_SEGMENTS_MAX 16 /* segments of a path */
#define TABLES_DIRECTORY_MAX 64      /* bytes of a virtual directory */

enum tables_scheme { TABLES_HTTP, TABLES_HTTPS };

/* The four categories, in the order in which a request is tried against them. */
enum tables_category {
    TABLES_STRONG,  /* "+": every host on every address */
    TABLES_NAMED,   /* a host name: the Host header equals it */
    TABLES_ADDRESS, /* an IP address: whatever arrives on it */
    TABLES_WEAK,    /* "*": what nothing above took */
    TABLES_CATEGORIES
};

struct tables_prefix {
    enum tables_scheme scheme;
    enum tables_category category;
    rs_text host;                  /* "+", "*", "reports.example", "10.0.0.5", "[::1]" */
    struct tables_address address; /* of TABLES_ADDRESS */
    uint16_t port;
    rs_text path; /* "/" or "/ReportServer/": decoded UTF-8 */
    rs_text key;  /* the path with its case folded: equal keys are the same subtree */
};

/* Parse a whole UrlPrefix. A path without a last '/' is given one. Everything is copied into the job.
 * Fails with RS_INVALID; the message names the part that is wrong and what it should be. */
RS_CHECKED rs_status tables_prefix_parse(struct rs_job *job, rs_text text,
                                         struct tables_prefix *out);

/* Parse what an administrator types: the port may be left out (80, 443), and so may the path.
 * `has_path` tells whether something other than "/" was given. */
RS_CHECKED rs_status tables_prefix_parse_loose(struct rs_job *job, rs_text text,
                                               struct tables_prefix *out, bool *has_path);

/* UrlString + virtual directory -> the effective reservation: "https://+:443" + "ReportServer" ->
 * https://+:443/ReportServer/. Fails with RS_INVALID (also where the UrlString has a path). */
RS_CHECKED rs_status tables_prefix_compose(struct rs_job *job, rs_text url_string,
                                           rs_text directory, struct tables_prefix *out);

/* A virtual directory: one segment, not empty, no separators, no percent-encoding. */
RS_CHECKED rs_status tables_directory_check(struct rs_job *job, rs_text directory);

/* https://+:443/ReportServer/ - what tables_prefix_parse reads back to the same value. */
rs_text tables_prefix_write(struct rs_job *job, const struct tables_prefix *prefix);
/* https://+:443 - the original's UrlString. */
rs_text tables_prefix_origin(struct rs_job *job, const struct tables_prefix *prefix);

/* The same reservation: same origin and the same path but for its case. */
bool tables_prefix_equal(const struct tables_prefix *a, const struct tables_prefix *b);

/* "http" or "https". */
const char *tables_scheme_name(enum tables_scheme scheme);

/* One code point with its case folded: what makes paths equal without regard to case. */
uint32_t tables_fold(uint32_t code_point);

#endif
