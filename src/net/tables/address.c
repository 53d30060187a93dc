#include "net/tables/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

static void address_set(struct tables_address *out, enum tables_family family, const void *bytes,
                        size_t size)
{
    *out = (struct tables_address){.family = family};
    memcpy(out->bytes, bytes, size);
}

/* Unspecified addresses are the wildcard; IPv4 inside IPv6 is IPv4. */
static void address_from_ipv6(const uint8_t bytes[16], struct tables_address *out)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t none[16];

    if (memcmp(bytes, none, 16) == 0)
        *out = (struct tables_address){.family = TABLES_ANY};
    else if (memcmp(bytes, mapped, 12) == 0)
        address_set(out, TABLES_IPV4, bytes + 12, 4);
    else
        address_set(out, TABLES_IPV6, bytes, 16);
}

static void address_from_ipv4(const uint8_t bytes[4], struct tables_address *out)
{
    static const uint8_t none[4];

    if (memcmp(bytes, none, 4) == 0)
        *out = (struct tables_address){.family = TABLES_ANY};
    else
        address_set(out, TABLES_IPV4, bytes, 4);
}

bool tables_address_parse(rs_text t, struct tables_address *out)
{
    char text[TABLES_ADDRESS_WRITTEN_MAX];
    uint8_t bytes[16];
    bool bracketed = t.size >= 2 && t.bytes[0] == '[' && t.bytes[t.size - 1] == ']';

    if (bracketed)
        t = rs_text_slice(t, 1, t.size - 2);
    if (t.size == 0 || t.size >= sizeof text)
        return false;
    if (!bracketed && t.size == 1 && (t.bytes[0] == '*' || t.bytes[0] == '+')) {
        *out = (struct tables_address){.family = TABLES_ANY};
        return true;
    }
    memcpy(text, t.bytes, t.size);
    text[t.size] = '\0';
    if (strlen(text) != t.size)
        return false;
    if (!bracketed && inet_pton(AF_INET, text, bytes) == 1) {
        address_from_ipv4(bytes, out);
        return true;
    }
    if (inet_pton(AF_INET6, text, bytes) == 1) {
        address_from_ipv6(bytes, out);
        return true;
    }
    return false;
}

/* Each request is logged with two of them: inet_ntop would take longer than all else of it. */
static void write_ipv4(const uint8_t bytes[4], char *out)
{
    for (size_t i = 0; i < 4; i++) {
        out += rs_digits(bytes[i], out);
        *out++ = i < 3 ? '.' : '\0';
    }
}

void tables_address_write(const struct tables_address *address,
                          char out[TABLES_ADDRESS_WRITTEN_MAX])
{
    if (address->family == TABLES_IPV6)
        (void)inet_ntop(AF_INET6, address->bytes, out, TABLES_ADDRESS_WRITTEN_MAX);
    else /* the wildcard's bytes are 0 */
        write_ipv4(address->bytes, out);
}

bool tables_address_of_socket(const struct sockaddr *from, struct tables_address *out,
                              uint16_t *port)
{
    if (from->sa_family == AF_INET) {
        struct sockaddr_in in;
        uint8_t bytes[4];
        memcpy(&in, from, sizeof in);
        memcpy(bytes, &in.sin_addr, 4);
        address_from_ipv4(bytes, out);
        if (port)
            *port = ntohs(in.sin_port);
        return true;
    }
    if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, from, sizeof in);
        address_from_ipv6(in.sin6_addr.s6_addr, out);
        if (port)
            *port = ntohs(in.sin6_port);
        return true;
    }
    return false;
}
