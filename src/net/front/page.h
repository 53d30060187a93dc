/* net/front/page.h - the pages that the service itself answers with.
 */
#ifndef NET_FRONT_PAGE_H
#define NET_FRONT_PAGE_H

#include "net/http/write.h"

struct page {
    int status;
    const char *sentence; /* NULL: what the status means */
    const char *id;       /* of the request; NULL: none */
    bool keep_alive;
    bool head_only;       /* the request was HEAD */
    int minor;            /* of the request */
};

/* Head and body; the size of the body. */
size_t page_write(struct http_writer *writer, const struct page *page);

/* A whole response for a client that speaks HTTP to a TLS port. */
rs_text page_plain_on_tls(void);

#endif
