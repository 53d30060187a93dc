#include "net/http/field.h"

#include <assert.h>

/* The slot of a name: a perfect hash over the rows of field.def. The factors were found by search; a new row that
 * collides with another makes a double initialiser below, which does not compile without a warning, and
 * the unit test looks every row up. */
#define SLOTS 256
#define SLOT(size, first, last_but_one) (((size)*1 + (first)*12 + (last_but_one)*17) % SLOTS)

static const uint8_t slots[SLOTS] = {
#define HTTP_FIELD(id, name, first, last_but_one)                                              \
    [SLOT(sizeof(name) - 1, (unsigned)(first), (unsigned)(last_but_one))] = id,
#include "net/http/field.def"
#undef HTTP_FIELD
};

static const rs_text names[HTTP_FIELD_IDS] = {
#define HTTP_FIELD(id, name, first, last_but_one) [id] = {name, sizeof(name) - 1},
#include "net/http/field.def"
#undef HTTP_FIELD
};

enum http_field_id http_field_id(rs_text name)
{
    uint8_t id;

    if (name.size < 2)
        return HTTP_OTHER;
    id = slots[SLOT(name.size, (unsigned char)rs_lower(name.bytes[0]),
                    (unsigned char)rs_lower(name.bytes[name.size - 2]))];
    return id && rs_text_equal_nocase(names[id], name) ? (enum http_field_id)id : HTTP_OTHER;
}

const char *http_field_name(enum http_field_id id)
{
    return names[id].bytes;
}

void http_fields_init(struct http_fields *fields)
{
    fields->count = 0;
    memset(fields->first, 0, sizeof fields->first);
}

bool http_fields_copy(struct http_fields *fields, const struct http_field *field)
{
    static_assert(HTTP_FIELDS_MAX < UINT8_MAX, "an index must fit into `first`");
    if (fields->count == HTTP_FIELDS_MAX)
        return false;
    fields->items[fields->count++] = *field;
    if (field->id != HTTP_OTHER && !fields->first[field->id])
        fields->first[field->id] = (uint8_t)fields->count;
    return true;
}

bool http_fields_add(struct http_fields *fields, rs_text name, rs_text value)
{
    return http_fields_copy(fields, &(struct http_field){name, value, http_field_id(name)});
}

bool http_fields_add_known(struct http_fields *fields, enum http_field_id id, rs_text value)
{
    return http_fields_copy(fields, &(struct http_field){rs_text_from(http_field_name(id)), value, id});
}

bool http_fields_has(const struct http_fields *fields, enum http_field_id id)
{
    return id != HTTP_OTHER && fields->first[id] != 0;
}

rs_text http_fields_find(const struct http_fields *fields, enum http_field_id id)
{
    return http_fields_has(fields, id) ? fields->items[fields->first[id] - 1].value
                                       : rs_text_of(NULL, 0);
}

rs_text http_fields_find_name(const struct http_fields *fields, rs_text name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (rs_text_equal_nocase(fields->items[i].name, name))
            return fields->items[i].value;
    return rs_text_of(NULL, 0);
}

size_t http_fields_repeated(const struct http_fields *fields, enum http_field_id id)
{
    size_t repeated = 0;

    if (!http_fields_has(fields, id))
        return 0;
    for (size_t i = fields->first[id] - 1u; i < fields->count; i++)
        repeated += fields->items[i].id == id;
    return repeated;
}

static bool value_lists(rs_text value, rs_text token)
{
    rs_text item, rest = value;

    while (rest.size > 0) {
        rs_text_cut(rest, ',', &item, &rest);
        if (rs_text_equal_nocase(rs_text_trim(item), token))
            return true;
    }
    return false;
}

bool http_fields_lists(const struct http_fields *fields, enum http_field_id id, rs_text token)
{
    if (!http_fields_has(fields, id))
        return false;
    for (size_t i = fields->first[id] - 1u; i < fields->count; i++)
        if (fields->items[i].id == id && value_lists(fields->items[i].value, token))
            return true;
    return false;
}

bool http_field_is_hop_by_hop(const struct http_fields *fields, const struct http_field *field)
{
    switch (field->id) {
    case HTTP_CONNECTION:
    case HTTP_KEEP_ALIVE:
    case HTTP_PROXY_AUTHENTICATE:
    case HTTP_PROXY_AUTHORIZATION:
    case HTTP_PROXY_CONNECTION:
    case HTTP_TE:
    case HTTP_TRAILER:
    case HTTP_TRANSFER_ENCODING:
    case HTTP_UPGRADE:
        return true;
    case HTTP_HOST: /* a client cannot have these removed by naming them in Connection */
    case HTTP_CONTENT_LENGTH:
        return false;
    default:
        return http_fields_has(fields, HTTP_CONNECTION) &&
               http_fields_lists(fields, HTTP_CONNECTION, field->name);
    }
}

/* RFC 9110 section 5.6.2: tchar. */
static const bool token_bytes[256] = {
    ['!'] = true, ['#'] = true, ['$'] = true, ['%'] = true, ['&'] = true, ['\''] = true,
    ['*'] = true, ['+'] = true, ['-'] = true, ['.'] = true, ['^'] = true, ['_'] = true,
    ['`'] = true, ['|'] = true, ['~'] = true,
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true,
};

bool http_is_token(rs_text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (!token_bytes[(unsigned char)t.bytes[i]])
            return false;
    return t.size > 0;
}

bool http_is_field_value(rs_text t)
{
    for (size_t i = 0; i < t.size; i++) {
        unsigned char c = (unsigned char)t.bytes[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}
