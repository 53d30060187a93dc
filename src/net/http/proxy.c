#include "net/http/proxy.h"

#define V1_MAX 107 /* bytes with CR LF */
#define V2_FIXED 16
#define V2_IPV4 12 /* bytes of addresses and ports */
#define V2_IPV6 36
#define TLV_SSL 0x20
#define TLV_HEAD 3

static const char v1_start[] = "PROXY ";
static const char v2_start[] = "\r\n\r\n\0\r\nQUIT\n";

static bool begins(rs_text bytes, const char *start, size_t size)
{
    return memcmp(bytes.bytes, start, bytes.size < size ? bytes.size : size) == 0;
}

/* ---- version 1 ------------------------------------------------------------------------------------------- */

static bool read_port(rs_text written, uint16_t *out)
{
    uint64_t number;

    if (!rs_parse_uint64(written, &number) || number > UINT16_MAX)
        return false;
    *out = (uint16_t)number;
    return true;
}

static bool read_line(rs_text line, struct proxy_header *out)
{
    rs_text family, client, server, client_port, server_port;
    enum tables_family wanted;

    rs_text_cut(line, ' ', &family, &line);
    if (rs_text_equal(family, RS_TEXT("UNKNOWN")))
        return true;
    wanted = rs_text_equal(family, RS_TEXT("TCP4")) ? TABLES_IPV4 : TABLES_IPV6;
    if (wanted == TABLES_IPV6 && !rs_text_equal(family, RS_TEXT("TCP6")))
        return false;
    rs_text_cut(line, ' ', &client, &line);
    rs_text_cut(line, ' ', &server, &line);
    rs_text_cut(line, ' ', &client_port, &server_port);
    out->has_client = true;
    return tables_address_parse(client, &out->client) && tables_address_parse(server, &out->server) &&
           (out->client.family == wanted || out->client.family == TABLES_IPV4) && out->client.family != TABLES_ANY &&
           read_port(client_port, &out->client_port) && read_port(server_port, &out->server_port);
}

static enum proxy_end read_v1(rs_text bytes, struct proxy_header *out)
{
    const char *end = memchr(bytes.bytes, '\n', bytes.size < V1_MAX ? bytes.size : V1_MAX);
    size_t size = end ? (size_t)(end - bytes.bytes) + 1 : 0;

    if (!end)
        return bytes.size < V1_MAX ? PROXY_MORE : PROXY_WRONG;
    if (size < sizeof v1_start + 1 || bytes.bytes[size - 2] != '\r')
        return PROXY_WRONG;
    out->size = size;
    return read_line(rs_text_slice(bytes, sizeof v1_start - 1, size - (sizeof v1_start - 1) - 2), out) ? PROXY_DONE : PROXY_WRONG;
}

/* ---- version 2 ------------------------------------------------------------------------------------------- */

static unsigned byte_at(rs_text bytes, size_t at)
{
    return (unsigned char)bytes.bytes[at];
}

static uint16_t number_at(rs_text bytes, size_t at)
{
    return (uint16_t)(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

static struct tables_address address_at(rs_text bytes, size_t at, enum tables_family family)
{
    struct tables_address address = {.family = family}, carried;
    char written[TABLES_ADDRESS_WRITTEN_MAX];

    memcpy(address.bytes, bytes.bytes + at, family == TABLES_IPV4 ? 4 : 16);
    tables_address_write(&address, written); /* ::ffff:192.0.2.7 is 192.0.2.7 */
    return tables_address_parse(rs_text_from(written), &carried) ? carried : address;
}

static bool spoke_tls(rs_text tlvs)
{
    while (tlvs.size >= TLV_HEAD) {
        size_t size = number_at(tlvs, 1);
        if (size > tlvs.size - TLV_HEAD)
            return false;
        if (byte_at(tlvs, 0) == TLV_SSL && size > 0)
            return byte_at(tlvs, TLV_HEAD) & 1;
        tlvs = rs_text_from_offset(tlvs, TLV_HEAD + size);
    }
    return false;
}

static enum proxy_end read_v2(rs_text bytes, struct proxy_header *out)
{
    unsigned command, family;
    size_t length, addresses;

    if (bytes.size < V2_FIXED)
        return PROXY_MORE;
    command = byte_at(bytes, 12);
    family = byte_at(bytes, 13) >> 4;
    length = number_at(bytes, 14);
    if (command >> 4 != 2 || (command & 15) > 1 || length > PROXY_HEADER_MAX - V2_FIXED)
        return PROXY_WRONG;
    if (bytes.size < V2_FIXED + length)
        return PROXY_MORE;
    out->size = V2_FIXED + length;
    if ((command & 15) == 0 || (family != 1 && family != 2)) /* LOCAL; or an address that is none of the Internet's */
        return PROXY_DONE;
    addresses = family == 1 ? V2_IPV4 : V2_IPV6;
    if (length < addresses)
        return PROXY_WRONG;
    enum tables_family kind = family == 1 ? TABLES_IPV4 : TABLES_IPV6;
    size_t each = family == 1 ? 4 : 16;
    out->has_client = true;
    out->client = address_at(bytes, V2_FIXED, kind);
    out->server = address_at(bytes, V2_FIXED + each, kind);
    out->client_port = number_at(bytes, V2_FIXED + 2 * each);
    out->server_port = number_at(bytes, V2_FIXED + 2 * each + 2);
    if (out->client.family == TABLES_ANY)
        return PROXY_WRONG;
    out->secure = spoke_tls(rs_text_slice(bytes, V2_FIXED + addresses, length - addresses));
    return PROXY_DONE;
}

enum proxy_end proxy_read(rs_text bytes, struct proxy_header *out)
{
    *out = (struct proxy_header){0};
    if (bytes.size == 0)
        return PROXY_MORE;
    if (begins(bytes, v1_start, sizeof v1_start - 1))
        return bytes.size < sizeof v1_start - 1 ? PROXY_MORE : read_v1(bytes, out);
    if (begins(bytes, v2_start, sizeof v2_start - 1))
        return bytes.size < sizeof v2_start - 1 ? PROXY_MORE : read_v2(bytes, out);
    return PROXY_NONE;
}
