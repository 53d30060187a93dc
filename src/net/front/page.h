/* net/front/page.h - the pages that the service itself answers with.
 */
#ifndef NET_FRONT_PAGE_H
#define NET_FRONT_PAGE_H

#include "net/front/reply.h"

#define PAGE_BODY_MAX 2048 /* bytes */

struct page {
    int status;
    const char *sentence; /* NULL: what the status means */
    const char *id;       /* of the request; NULL: none */
    bool head_only;       /* the request was HEAD */
};

/* Fill `reply`, and give the body that is to be sent with it: empty for HEAD. `room` keeps it. */
rs_text page_make(struct front_reply *reply, const struct page *page, char room[PAGE_BODY_MAX]);

/* A whole response for a client that speaks HTTP to a TLS port. */
rs_text page_plain_on_tls(void);

#endif
