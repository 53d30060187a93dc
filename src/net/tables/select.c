#include "net/tables/select.h"

#define PLACES 6

/* The names that are tried, in the order of their standing: exact, wildcard, any. */
struct names {
    char exact[RS_HOST_MAX];
    char wildcard[RS_HOST_MAX + 1];
    rs_text forms[3];
    bool tried[3];
};

static void names_of(rs_text sni, struct names *out)
{
    ptrdiff_t dot;

    out->tried[0] = out->tried[1] = false;
    out->tried[2] = true;
    out->forms[2] = rs_text_of(NULL, 0);
    if (sni.size > 0 && sni.bytes[sni.size - 1] == '.')
        sni.size--;
    if (sni.size == 0 || sni.size > sizeof out->exact)
        return;
    for (size_t i = 0; i < sni.size; i++)
        out->exact[i] = rs_lower(sni.bytes[i]);
    out->forms[0] = rs_text_of(out->exact, sni.size);
    out->tried[0] = true;
    dot = rs_text_find_byte(out->forms[0], '.');
    if (dot <= 0)
        return;
    out->wildcard[0] = '*';
    memcpy(out->wildcard + 1, out->exact + dot, sni.size - (size_t)dot);
    out->forms[1] = rs_text_of(out->wildcard, sni.size - (size_t)dot + 1);
    out->tried[1] = true;
}

/* Place `index` of PLACES; false where it does not apply. */
static bool place_at(const struct names *names, const struct tables_address *address, uint16_t port, int index,
                     struct tables_place *out)
{
    static const struct tables_address any;

    if (index < 3 && address->family == TABLES_ANY)
        return false;
    *out = (struct tables_place){index < 3 ? *address : any, port, names->forms[index % 3]};
    return names->tried[index % 3];
}

const struct tables_binding *tables_binding_select(const struct tables_snapshot *snapshot,
                                                   const struct tables_address *address, uint16_t port,
                                                   rs_text sni)
{
    struct tables_place place;
    struct names names;

    names_of(sni, &names);
    for (int i = 0; i < PLACES; i++) {
        const struct tables_binding *row =
            place_at(&names, address, port, i, &place) ? tables_binding_find(snapshot, &place) : NULL;
        if (row)
            return row;
    }
    return NULL;
}

const struct tables_tried *tables_binding_explain(struct rs_job *job, const struct tables_snapshot *snapshot,
                                                  const struct tables_address *address, uint16_t port, rs_text sni,
                                                  size_t *count)
{
    struct tables_tried *tried = RS_NEW_ARRAY(job, struct tables_tried, PLACES);
    struct names names;
    bool found = false;

    *count = 0;
    names_of(sni, &names);
    for (int i = 0; i < PLACES; i++) {
        struct tables_tried *to = &tried[*count];
        if (!place_at(&names, address, port, i, &to->place))
            continue;
        to->row = tables_binding_find(snapshot, &to->place);
        to->place.host = rs_text_copy(job, to->place.host);
        to->won = to->row && !found;
        found = found || to->row;
        (*count)++;
    }
    return tried;
}
