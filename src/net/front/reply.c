#include "net/front/reply.h"

void reply_init(struct front_reply *reply, int status)
{
    reply->status = status;
    reply->body = HTTP_BODY_NONE;
    reply->has_length = false;
    reply->length = 0;
    reply->full = false;
    http_fields_init(&reply->fields);
}

void reply_add(struct front_reply *reply, enum http_field_id id, rs_text value)
{
    if (!http_fields_add_known(&reply->fields, id, value))
        reply->full = true;
}

void reply_add_other(struct front_reply *reply, rs_text name, rs_text value)
{
    if (!http_fields_add(&reply->fields, name, value))
        reply->full = true;
}

void reply_copy(struct front_reply *reply, const struct http_field *field)
{
    if (!http_fields_copy(&reply->fields, field))
        reply->full = true;
}
