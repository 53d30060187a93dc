/* net/front/page.h - the pages that the service itself answers with.
 */
#ifndef NET_FRONT_PAGE_H
#define NET_FRONT_PAGE_H

#include "net/front/reply.h"

#define PAGE_BODY_MAX 2048 /* bytes */

enum page_form {
    PAGE_HTML,
    PAGE_FAULT_11, /* for a client that speaks SOAP, which reads faults with status 500 only */
    PAGE_FAULT_12,
};

struct page {
    int status;
    const char *sentence; /* NULL: what the status means */
    enum page_form form;
    const char *code;     /* of a fault: what clients look for */
    const char *id;       /* of the request; NULL: none */
    bool head_only;       /* the request was HEAD */
};

/* What a request with these fields asks in: by its SOAPAction, or a content type of SOAP's. */
enum page_form page_form_of(const struct http_fields *fields);

/* Fill `reply`, and give the body that is to be sent with it: empty for HEAD. `room` keeps it. */
rs_text page_make(struct front_reply *reply, const struct page *page, char room[PAGE_BODY_MAX]);

/* A whole response for a client that speaks HTTP to a TLS port. */
rs_text page_plain_on_tls(void);

#endif
