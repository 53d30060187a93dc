#include "net/tables/place.h"

#include "base/host.h"

rs_status tables_place_host(struct rs_job *job, rs_text text, rs_text *out)
{
    bool wildcard = rs_text_starts(text, RS_TEXT("*."));
    rs_text name = text, below;
    struct tables_address address;
    const char *wrong;

    *out = RS_TEXT("");
    if (text.size == 0)
        return RS_OK;
    if (name.bytes[name.size - 1] == '.') /* the root's dot: clients do not send it */
        name.size--;
    below = rs_text_from_offset(name, wildcard ? 2 : 0);
    if (tables_address_parse(below, &address))
        return rs_fail(job, RS_INVALID, "\"%.*s\" is an address; clients ask for host names, and a row of an address is made "
                       "without a name", RS_TEXT_ARG(text));
    wrong = rs_host_wrong(below);
    if (wrong)
        return rs_fail(job, RS_INVALID, "\"%.*s\" %s", RS_TEXT_ARG(text), wrong);
    *out = rs_text_lower(job, name);
    return RS_OK;
}

static bool place_cut_last(rs_text text, char separator, rs_text *before, rs_text *behind)
{
    size_t at = text.size;

    while (at > 0 && text.bytes[at - 1] != separator)
        at--;
    if (at == 0)
        return false;
    *before = rs_text_slice(text, 0, at - 1);
    *behind = rs_text_from_offset(text, at);
    return true;
}

rs_status tables_place_parse(struct rs_job *job, rs_text text, struct tables_place *out)
{
    rs_text where, port = text, name, address;
    uint64_t number;

    *out = (struct tables_place){.host = RS_TEXT("")};
    if (!place_cut_last(text, ':', &where, &port))
        where = RS_TEXT("*");
    if (!rs_parse_uint64(port, &number) || number < 1 || number > 65535)
        return rs_fail(job, RS_INVALID, "\"%.*s\" is no row: a row is ADDRESS:PORT, HOST:PORT or HOST@ADDRESS:PORT",
                       RS_TEXT_ARG(text));
    out->port = (uint16_t)number;
    if (place_cut_last(where, '@', &name, &address)) {
        if (name.size == 0 || !tables_address_parse(address, &out->address))
            return rs_fail(job, RS_INVALID, "\"%.*s\" is no row: before the port stands HOST@ADDRESS", RS_TEXT_ARG(text));
        return tables_place_host(job, name, &out->host);
    }
    if (tables_address_parse(where, &out->address))
        return RS_OK;
    if (where.size == 0)
        return rs_fail(job, RS_INVALID, "\"%.*s\" is no row: an address or a host stands before the port", RS_TEXT_ARG(text));
    return tables_place_host(job, where, &out->host);
}

rs_text tables_place_write(struct rs_job *job, const struct tables_place *place)
{
    char written[TABLES_ADDRESS_WRITTEN_MAX];
    const char *before = place->address.family == TABLES_IPV6 ? "[" : "", *behind = before[0] ? "]" : "";

    tables_address_write(&place->address, written);
    if (place->host.size == 0)
        return rs_text_format(job, "%s%s%s:%u", before, written, behind, place->port);
    if (place->address.family == TABLES_ANY)
        return rs_text_format(job, "%.*s:%u", RS_TEXT_ARG(place->host), place->port);
    return rs_text_format(job, "%.*s@%s%s%s:%u", RS_TEXT_ARG(place->host), before, written, behind, place->port);
}
