#include "net/front/origin.h"

#include "net/front/exchange.h"

#define HOPS_MAX 32 /* of a chain; what stands further left is not looked at */

/* What one proxy says. */
struct hop {
    rs_text client, proto, host, port;
};

/* Read from the right: what stands left of the nearest proxy's words is the client's own, and may be anything. */
struct hops {
    struct hop items[HOPS_MAX]; /* the first is the nearest */
    size_t count;
};

/* Whether the byte at `at` begins or ends a quoted text: a quote with an even number of backslashes before it. */
static bool is_quote(rs_text list, size_t at)
{
    size_t before = at;

    if (list.bytes[at] != '"')
        return false;
    while (before > 0 && list.bytes[before - 1] == '\\')
        before--;
    return (at - before) % 2 == 0;
}

/* The last item of a list that is not empty, off the end of `rest`; a comma between quotes divides nothing. */
static rs_text take_last(rs_text *rest)
{
    rs_text item = {NULL, 0};

    while (rest->size > 0 && item.size == 0) {
        size_t begin = rest->size;
        bool quoted = false;
        for (; begin > 0 && (quoted || rest->bytes[begin - 1] != ','); begin--)
            quoted ^= is_quote(*rest, begin - 1);
        item = rs_text_trim(rs_text_from_offset(*rest, begin));
        *rest = rs_text_slice(*rest, 0, begin > 0 ? begin - 1 : 0);
    }
    return item;
}

/* ---- X-Forwarded-For ------------------------------------------------------------------------------------- */

static void read_chain(const struct http_fields *fields, struct hops *hops)
{
    for (size_t i = fields->count; i-- > 0;)
        if (fields->items[i].id == HTTP_X_FORWARDED_FOR)
            for (rs_text rest = fields->items[i].value; rest.size > 0 && hops->count < HOPS_MAX;)
                hops->items[hops->count++] = (struct hop){.client = take_last(&rest)};
}

/* What the nearest proxy said: the last of a list. */
static rs_text last_of(const struct http_fields *fields, enum http_field_id id)
{
    for (size_t i = fields->count; i-- > 0;) {
        rs_text rest = fields->items[i].value;
        if (fields->items[i].id == id && rest.size > 0)
            return take_last(&rest);
    }
    return rs_text_of(NULL, 0);
}

static void read_common(const struct http_fields *fields, struct hops *hops)
{
    read_chain(fields, hops);
    if (hops->count == 0)
        hops->items[hops->count++] = (struct hop){0};
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
    bool quoted = rs_text_starts(*rest, RS_TEXT("\""));
    rs_text value;

    if (quoted)
        *rest = rs_text_from_offset(*rest, 1);
    rs_text_cut(*rest, quoted ? '"' : ';', &value, rest);
    return quoted ? value : rs_text_trim(value);
}

static struct hop read_element(rs_text rest)
{
    struct hop hop = {0};
    rs_text name, value;

    while (rs_text_cut(rest, '=', &name, &rest)) {
        name = rs_text_trim(name);
        value = take_value(&rest);
        if (rs_text_equal_nocase(name, RS_TEXT("for")))
            hop.client = value;
        else if (rs_text_equal_nocase(name, RS_TEXT("proto")))
            hop.proto = value;
        else if (rs_text_equal_nocase(name, RS_TEXT("host")))
            hop.host = value;
        while (rest.size > 0 && (rest.bytes[0] == ';' || rest.bytes[0] == ' '))
            rest = rs_text_from_offset(rest, 1);
    }
    return hop;
}

static void read_forwarded(const struct http_fields *fields, struct hops *hops)
{
    for (size_t i = fields->count; i-- > 0;)
        if (fields->items[i].id == HTTP_FORWARDED)
            for (rs_text rest = fields->items[i].value; rest.size > 0 && hops->count < HOPS_MAX;)
                hops->items[hops->count++] = read_element(take_last(&rest));
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
    for (size_t i = 0; i < hops.count; i++) {
        struct tables_address address;
        uint16_t port;
        believe(origin, &hops.items[i]);
        if (!read_address(hops.items[i].client, &address, &port))
            return;
        origin->remote = address;
        origin->remote_port = port;
        if (!trust_has(&front->trust, &address))
            return;
    }
}
