/* ExplainBinding: which row a handshake meets, and what it shows. */
#include "net/pki/verify.h"
#include "net/tables/select.h"
#include "service/configure/inside.h"

#define EXPLAIN_PORT 443

static rs_status explain_arguments(struct call *call, struct tables_address *address, uint16_t *port)
{
    *address = (struct tables_address){.family = TABLES_ANY};
    *port = EXPLAIN_PORT;
    if (call_has(call, "IPAddress"))
        RS_TRY(call_address(call, "IPAddress", address));
    return call_has(call, "Port") ? call_port(call, port) : RS_OK;
}

static void explain_tried(struct call *call, const struct tables_tried *tried, size_t count, json_t *out)
{
    for (size_t i = 0; i < count; i++) {
        json_t *row = add_object(out);
        put_text(row, "row", tables_place_write(call->job, &tried[i].place));
        put_flag(row, "there", tried[i].row != NULL);
        put_flag(row, "won", tried[i].won);
    }
}

/* Does it suit the name that was asked for? A certificate that is not in the store was said to be missing already. */
static void explain_name(struct call *call, const struct tables_binding *row, rs_text sni, json_t *checks)
{
    for (size_t i = 0; i < row->certificate_count && sni.size > 0; i++) {
        const struct pki_entry *entry = pki_store_find(call->instance->store, row->certificates[i].sha256);
        bool covers = entry && pki_entry_covers(entry, sni);
        if (entry)
            add_check(checks, "names", entry->sha1, covers, true,
                      rs_text_format(call->job, "the certificate %s %.*s", covers ? "covers" : "does not cover",
                                     RS_TEXT_ARG(sni)));
    }
}

static void explain_row(struct call *call, const struct tables_snapshot *snapshot, const struct tables_binding *row,
                        rs_text sni)
{
    json_t *certificates = put_array(call->result, "certificates"), *checks = put_array(call->result, "checks");

    binding_json(call, row, put_object(call->result, "binding"));
    for (size_t i = 0; i < row->certificate_count; i++) {
        const struct pki_entry *entry = pki_store_find(call->instance->store, row->certificates[i].sha256);
        if (entry)
            certificate_json(call, entry, add_object(certificates));
    }
    explain_name(call, row, sni, checks);
    if (call->instance->apply_live)
        (void)verify_row(call, snapshot, row, checks);
}

/* No certificate: is it the port, the address or the name? */
static rs_text explain_nothing(struct call *call, const struct tables_snapshot *snapshot, uint16_t port, rs_text sni)
{
    size_t on_port = 0;

    for (size_t i = 0; i < tables_binding_count(snapshot); i++)
        on_port += tables_binding(snapshot, i)->port == port;
    if (on_port == 0)
        return rs_text_format(call->job, "no certificate is bound to port %u: `bindery tls bind` binds one", port);
    if (sni.size == 0)
        return rs_text_format(call->job, "the rows of port %u are of host names or other addresses: a client that asks for no "
                              "name is refused there; bind a certificate to %u for it", port, port);
    return rs_text_format(call->job, "none of the %zu rows of port %u is of this name and address: the handshake is refused "
                          "(unrecognized_name)", on_port, port);
}

rs_status explain_binding(struct call *call)
{
    rs_text sni = call_text(call, "Sni");
    const struct tables_snapshot *snapshot;
    const struct tables_binding *row;
    const struct tables_tried *tried;
    struct tables_address address;
    size_t count;
    uint16_t port;

    RS_TRY(explain_arguments(call, &address, &port));
    RS_TRY(call_rescan(call));
    RS_TRY(call_tables(call, &snapshot));
    tried = tables_binding_explain(call->job, snapshot, &address, port, sni, &count);
    explain_tried(call, tried, count, put_array(call->result, "tried"));
    row = tables_binding_select(snapshot, &address, port, sni);
    if (row) {
        explain_row(call, snapshot, row, sni);
        return RS_OK;
    }
    json_object_set_new(call->result, "binding", json_null());
    put_text(call->result, "message", explain_nothing(call, snapshot, port, sni));
    return RS_OK;
}
