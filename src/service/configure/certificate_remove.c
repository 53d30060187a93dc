/* RemoveCertificate: refused while anything uses it, or unbound first. */
#include "base/buf.h"
#include "base/log.h"
#include "net/pki/remove.h"
#include "service/configure/inside.h"

/* "127.0.0.1:443 (A and B), the slot web": what would lose its certificate. */
static rs_text uses(struct call *call, const struct tables_snapshot *snapshot, rs_text sha256, size_t *rows)
{
    rs_buf all = rs_buf_in(call->job);

    *rows = 0;
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        const struct tables_binding *row = tables_binding(snapshot, i);
        struct tables_place place = tables_binding_place(row);
        rs_text written = tables_place_write(call->job, &place);
        if (!tables_binding_shows(row, sha256))
            continue;
        rs_buf_printf(&all, "%s%.*s (", all.used ? ", " : "", RS_TEXT_ARG(written));
        for (size_t k = 0; k < row->claim_count; k++)
            rs_buf_printf(&all, "%s%.*s", k ? " and " : "", RS_TEXT_ARG(row->claims[k].application));
        rs_buf_add_literal(&all, ")");
        (*rows)++;
    }
    for (size_t i = 0; i < tables_slot_count(snapshot); i++)
        if (rs_text_equal_nocase(tables_slot(snapshot, i)->sha256, sha256))
            rs_buf_printf(&all, "%sthe slot %.*s", all.used ? ", " : "", RS_TEXT_ARG(tables_slot(snapshot, i)->name));
    return rs_buf_text(&all);
}

static rs_status unbind_everywhere(struct call *call, const struct pki_entry *entry)
{
    struct tables_certificate certificate = {rs_text_copy(call->job, entry->sha1), rs_text_copy(call->job, entry->sha256),
                                             RS_TEXT("")};
    const struct tables_snapshot *snapshot;
    rs_text used;
    size_t rows;

    RS_TRY(call_tables(call, &snapshot));
    used = uses(call, snapshot, certificate.sha256, &rows);
    if (used.size > 0 && !call_flag(call, "Force"))
        return rs_fail(call->job, RS_CONFLICT, "the certificate %.*s is in use by %.*s: bind another one there first, or add "
                       "--force to unbind it", RS_TEXT_ARG(certificate.sha1), RS_TEXT_ARG(used));
    return change_run(call, &(struct tables_change){.kind = TABLES_FORGET, .certificates = &certificate,
                                                    .certificate_count = 1, .rows_max = rows}, NULL, NULL);
}

/* What is said to go, goes; nothing does in a dry run. */
static rs_status remove_files(struct call *call, const rs_text *files, size_t count)
{
    json_t *steps = json_object_get(call->result, "steps");

    for (size_t i = 0; i < count; i++)
        add_text(steps, rs_text_format(call->job, "remove \"%.*s\"", RS_TEXT_ARG(files[i])));
    put_flag(call->result, "changed", !call_flag(call, "DryRun"));
    if (call_flag(call, "DryRun"))
        return RS_OK;
    RS_TRY(pki_remove(call->job, files, count));
    rs_log(RS_LOG_INFO, "%.*s removed \"%.*s\" from the store with %.*s", RS_TEXT_ARG(call->caller->who),
           RS_TEXT_ARG(files[count - 1]), RS_TEXT_ARG(call->caller->tool));
    return call_rescan(call);
}

/* A request that nobody waits for any more is removed by its name. */
static rs_status remove_request(struct call *call, rs_text name)
{
    const struct pki_store *store = call->instance->store;
    const rs_text *files;
    size_t count;

    for (size_t i = 0; i < pki_store_pending_count(store); i++) {
        if (!rs_text_equal(pki_store_pending(store, i)->name, name))
            continue;
        pki_remove_request_files(call->job, pki_store_pending(store, i), &files, &count);
        put_array(call->result, "steps");
        put_array(call->result, "warnings");
        put_flag(call->result, "dry_run", call_flag(call, "DryRun"));
        return remove_files(call, files, count);
    }
    return rs_fail(call->job, RS_NOT_FOUND, "\"%.*s\" is neither the thumbprint of a certificate nor the name of a request; "
                   "`bindery cert list` shows both", RS_TEXT_ARG(name));
}

rs_status remove_certificate(struct call *call)
{
    rs_text thumbprint = call_text(call, "Thumbprint");
    const struct pki_entry *entry;
    const rs_text *files;
    char digits[65];
    size_t count;

    RS_TRY(call_rescan(call));
    if (!pki_thumbprint_parse(thumbprint, digits))
        return remove_request(call, thumbprint);
    RS_TRY(call_certificate(call, thumbprint, &entry));
    RS_TRY(pki_remove_files(call->job, call->instance->store, entry, &files, &count));
    RS_TRY(unbind_everywhere(call, entry));
    return remove_files(call, files, count);
}
