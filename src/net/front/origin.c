#include "net/front/origin.h"

#include "net/front/exchange.h"

#define HOPS_MAX 32 /* of a chain; what stands further left is not looked at */

/* What one proxy says. */
struct hop {
    rs_text client, proto, host, port;
};

struct hops {
    struct hop items[HOPS_MAX]; /* the last is the nearest */
    size_t count;
};

static void add_hop(struct hops *hops, struct hop hop)
{
    if (hops->count == HOPS_MAX)
        memmove(hops->items, hops->items + 1, (HOPS_MAX - 1) * sizeof *hops->items);
    else
        hops->count++;
    hops->items[hops->count - 1] = hop;
}

/* ---- X-Forwarded-For ------------------------------------------------------------------------------------- */

static void read_chain(const struct http_fields *fields, struct hops *hops)
{
    for (size_t i = 0; i < fields->count; i++) {
        rs_text rest = fields->items[i].value, one;
        if (fields->items[i].id != HTTP_X_FORWARDED_FOR)
            continue;
        while (rest.size > 0) {
            rs_text_cut(rest, ',', &one, &rest);
            add_hop(hops, (struct hop){.client = rs_text_trim(one)});
        }
    }
}

/* What the nearest proxy said: the last of a list. */
static rs_text last_of(const struct http_fields *fields, enum http_field_id id)
{
    rs_text last = {NULL, 0};

    for (size_t i = 0; i < fields->count; i++)
        if (fields->items[i].id == id)
            for (rs_text rest = fields->items[i].value; rest.size > 0;)
                rs_text_cut(rest, ',', &last, &rest);
    return rs_text_trim(last);
}

static void read_common(const struct http_fields *fields, struct hops *hops)
{
    read_chain(fields, hops);
    if (hops->count == 0)
        add_hop(hops, (struct hop){0});
    for (size_t i = 0; i < hops->count; i++) {
        hops->items[i].proto = last_of(fields, HTTP_X_FORWARDED_PROTO);
        hops->items[i].host = last_of(fields, HTTP_X_FORWARDED_HOST);
        hops->items[i].port = last_of(fields, HTTP_X_FORWARDED_PORT);
    }
}

/* ---- Forwarded (RFC 7239, 4) ----------------------------------------------------------------------------- */

/* A token or a quoted text off the front of `rest`; in a quoted one no backslashes are undone: none of what we read has any. */
static rs_text take_value(rs_text *rest)
{
    size_t end = 0;
    rs_text value;

    if (rest->size > 0 && rest->bytes[0] == '"') {
        for (end = 1; end < rest->size && rest->bytes[end] != '"'; end++)
            ;
        value = rs_text_slice(*rest, 1, end - 1);
        *rest = rs_text_from_offset(*rest, end < rest->size ? end + 1 : end);
        return value;
    }
    while (end < rest->size && rest->bytes[end] != ';' && rest->bytes[end] != ',')
        end++;
    value = rs_text_trim(rs_text_slice(*rest, 0, end));
    *rest = rs_text_from_offset(*rest, end);
    return value;
}

static void read_element(rs_text *rest, struct hop *hop)
{
    while (rest->size > 0 && rest->bytes[0] != ',') {
        ptrdiff_t equals = rs_text_find_byte(*rest, '=');
        rs_text name, value;
        if (equals < 0) {
            *rest = rs_text_from_offset(*rest, rest->size);
            return;
        }
        name = rs_text_trim(rs_text_slice(*rest, 0, (size_t)equals));
        *rest = rs_text_from_offset(*rest, (size_t)equals + 1);
        value = take_value(rest);
        if (rs_text_equal_nocase(name, RS_TEXT("for")))
            hop->client = value;
        else if (rs_text_equal_nocase(name, RS_TEXT("proto")))
            hop->proto = value;
        else if (rs_text_equal_nocase(name, RS_TEXT("host")))
            hop->host = value;
        while (rest->size > 0 && (rest->bytes[0] == ';' || rest->bytes[0] == ' '))
            *rest = rs_text_from_offset(*rest, 1);
    }
}

static void read_forwarded(const struct http_fields *fields, struct hops *hops)
{
    for (size_t i = 0; i < fields->count; i++) {
        rs_text rest = fields->items[i].value;
        if (fields->items[i].id != HTTP_FORWARDED)
            continue;
        while (rest.size > 0) {
            struct hop hop = {0};
            read_element(&rest, &hop);
            add_hop(hops, hop);
            rest = rs_text_from_offset(rest, rest.size > 0); /* the comma */
        }
    }
}

/* ---- who it is --------------------------------------------------------------------------------------------- */

/* "192.0.2.7", "192.0.2.7:4711", "2001:db8::1", "[2001:db8::1]:4711". */
static bool read_address(rs_text written, struct tables_address *address, uint16_t *port)
{
    size_t colon = written.size;
    uint64_t number = 0;

    *port = 0;
    if (tables_address_parse(written, address))
        return address->family != TABLES_ANY;
    while (colon > 0 && written.bytes[colon - 1] != ':')
        colon--;
    if (colon == 0 || !tables_address_parse(rs_text_slice(written, 0, colon - 1), address))
        return false;
    if (rs_parse_uint64(rs_text_from_offset(written, colon), &number) && number <= UINT16_MAX)
        *port = (uint16_t)number;
    return address->family != TABLES_ANY;
}

static bool is_host(rs_text host)
{
    for (size_t i = 0; i < host.size; i++) {
        unsigned char c = (unsigned char)host.bytes[i];
        bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alphanumeric && !memchr(".-_:[]", c, 6))
            return false;
    }
    return host.size > 0 && host.size <= 255;
}

static uint16_t port_of(const struct hop *hop, const struct front_origin *origin)
{
    uint64_t number;
    rs_text host = origin->host;
    size_t colon = host.size;

    while (colon > 0 && host.bytes[colon - 1] >= '0' && host.bytes[colon - 1] <= '9')
        colon--;
    if (rs_parse_uint64(hop->port, &number) && number > 0 && number <= UINT16_MAX)
        return (uint16_t)number;
    if (colon > 1 && host.bytes[colon - 1] == ':' && rs_parse_uint64(rs_text_from_offset(host, colon), &number) &&
        number <= UINT16_MAX)
        return (uint16_t)number;
    return origin->secure ? 443 : 80;
}

static void believe(struct front_origin *origin, const struct hop *hop)
{
    if (hop->proto.size > 0)
        origin->secure = rs_text_equal_nocase(hop->proto, RS_TEXT("https"));
    if (is_host(hop->host))
        origin->host = hop->host;
    if (hop->proto.size > 0 || hop->host.size > 0 || hop->port.size > 0)
        origin->port = port_of(hop, origin);
}

void origin_find(struct front_exchange *exchange)
{
    const struct front *front = exchange->front;
    const struct front_client *client = exchange->client;
    struct front_origin *origin = &exchange->origin;
    struct hops hops = {.count = 0};

    *origin = (struct front_origin){client->remote, client->remote_port, client->secure || client->proxy_secure, exchange->request.host,
                                    client->local_port};
    if (!trust_has(&front->trust, &client->remote))
        return;
    if (front->settings.forwarded_standard)
        read_forwarded(&exchange->request.fields, &hops);
    else
        read_common(&exchange->request.fields, &hops);
    for (size_t i = hops.count; i > 0; i--) {
        struct tables_address address;
        uint16_t port;
        believe(origin, &hops.items[i - 1]);
        if (!read_address(hops.items[i - 1].client, &address, &port))
            return;
        origin->remote = address;
        origin->remote_port = port;
        if (!trust_has(&front->trust, &address))
            return;
    }
}
