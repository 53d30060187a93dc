/* net/front/reply.h - the head of a response on its way to a client, whatever protocol carries it.
 */
#ifndef NET_FRONT_REPLY_H
#define NET_FRONT_REPLY_H

#include "net/http/field.h"
#include "net/http/message.h"

struct front_reply {
    int status;
    enum http_body_kind body;  /* that follows: none, counted (`length`), or of unknown length: HTTP_BODY_CHUNKED */
    bool has_length;           /* Content-Length is told, also where no body follows */
    uint64_t length;
    bool full;                 /* a field found no room: not to be sent */
    struct http_fields fields; /* without those that frame the body and those of one hop; all borrowed */
};

void reply_init(struct front_reply *reply, int status);
void reply_add(struct front_reply *reply, enum http_field_id id, rs_text value);
void reply_add_other(struct front_reply *reply, rs_text name, rs_text value); /* by a name that is a valid one */
/* One that came out of a parser. */
void reply_copy(struct front_reply *reply, const struct http_field *field);

#endif
