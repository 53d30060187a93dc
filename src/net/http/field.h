/* net/http/field.h - the header fields of one message: where they stand, and the known ones at once.
 *
 * Source:  RFC 9110 section 5 (fields), RFC 9112 section 5 (their syntax on the wire).
 *
 * Names and values borrow the bytes that were parsed. No memory is allocated per field.
 */
#ifndef NET_HTTP_FIELD_H
#define NET_HTTP_FIELD_H

#include "base/text.h"

#define HTTP_FIELDS_MAX 120                   /* fields in one head */
#define HTTP_FIELD_NAME_MAX 256               /* bytes */
#define HTTP_FIELD_VALUE_MAX ((size_t)48 * 1024) /* bytes; a Kerberos ticket with many groups has 40,000 */

/* What our own code looks at; 0 is every other name. */
enum http_field_id {
    HTTP_OTHER = 0,
#define HTTP_FIELD(id, name, first, last_but_one) id,
#include "net/http/field.def"
#undef HTTP_FIELD
    HTTP_FIELD_IDS
};

struct http_field {
    rs_text name;  /* as it was sent */
    rs_text value; /* without the white space around it */
    enum http_field_id id;
};

struct http_fields {
    size_t count;
    uint8_t first[HTTP_FIELD_IDS];  /* 1 + index of the first field with this id; 0 = none */
    struct http_field items[HTTP_FIELDS_MAX]; /* in the order they were sent */
};

/* Only what must be empty is written: `items` stays as it is. */
void http_fields_init(struct http_fields *fields);

/* False where HTTP_FIELDS_MAX stand there already. Nothing is copied. */
bool http_fields_add(struct http_fields *fields, rs_text name, rs_text value);

/* The same with a name that is known already: from field.def, or from another head. */
bool http_fields_add_known(struct http_fields *fields, enum http_field_id id, rs_text value);
bool http_fields_copy(struct http_fields *fields, const struct http_field *field);

/* The value of the first field with this id; {NULL, 0} where there is none (an empty field has bytes). */
rs_text http_fields_find(const struct http_fields *fields, enum http_field_id id);
bool http_fields_has(const struct http_fields *fields, enum http_field_id id);
/* The same by name, for fields that are not in field.def. */
rs_text http_fields_find_name(const struct http_fields *fields, rs_text name);
/* How many fields have this id. */
size_t http_fields_repeated(const struct http_fields *fields, enum http_field_id id);

/* Does any field with this id list `token` (without regard to case) between commas? */
bool http_fields_lists(const struct http_fields *fields, enum http_field_id id, rs_text token);

enum http_field_id http_field_id(rs_text name);
/* As it is written on the wire: "Content-Length". NULL for HTTP_OTHER. */
const char *http_field_name(enum http_field_id id);

/* Is this field about one connection only (RFC 9110 section 7.6.1), so that it is never forwarded? Also true
 * for what `Connection` names. */
bool http_field_is_hop_by_hop(const struct http_fields *fields, const struct http_field *field);

/* Every byte a token byte (RFC 9110 section 5.6.2), at least one. */
bool http_is_token(rs_text t);
/* No control byte but a tab: what may stand in a field value. */
bool http_is_field_value(rs_text t);

#endif
