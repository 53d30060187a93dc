#include "net/front/trust.h"

#include "base/vec.h"

RS_VEC_TYPE(struct trust_network, networks);

static rs_status parse_one(struct rs_job *job, rs_text written, struct trust_network *out)
{
    rs_text address, bits;
    bool has_bits = rs_text_cut(written, '/', &address, &bits);
    uint64_t number = 0;

    if (!tables_address_parse(address, &out->address) || out->address.family == TABLES_ANY)
        return rs_fail(job, RS_INVALID, "\"%.*s\" is no address; write 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32", RS_TEXT_ARG(written));
    out->bits = out->address.family == TABLES_IPV6 ? 128 : 32;
    if (has_bits && (!rs_parse_uint64(bits, &number) || number > out->bits))
        return rs_fail(job, RS_INVALID, "\"%.*s\" has no number from 0 to %u behind the slash", RS_TEXT_ARG(written), out->bits);
    if (has_bits)
        out->bits = (unsigned)number;
    return RS_OK;
}

rs_status trust_parse(struct rs_job *job, rs_text list, struct trust *out)
{
    struct networks found = {0};
    char *plain = rs_text_terminated(job, list);
    rs_text rest = rs_text_from(plain), one;

    for (size_t i = 0; i < list.size; i++)
        if (plain[i] == ',' || plain[i] == '\t' || plain[i] == '\r' || plain[i] == '\n')
            plain[i] = ' ';
    while (rest.size > 0) {
        struct trust_network network;
        rs_text_cut(rest, ' ', &one, &rest);
        if (one.size == 0)
            continue;
        RS_TRY(parse_one(job, one, &network));
        rs_vec_push(job, &found, network);
    }
    *out = (struct trust){found.items, found.count};
    return RS_OK;
}

static bool is_in(const struct trust_network *network, const struct tables_address *address)
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;

    if (network->address.family != address->family || memcmp(network->address.bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 || (network->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

bool trust_has(const struct trust *trust, const struct tables_address *address)
{
    for (size_t i = 0; i < trust->count; i++)
        if (is_in(&trust->networks[i], address))
            return true;
    return false;
}
