/* RenewCertificate: one that this machine issued, made anew with a new key; whatever shows the old one moves to it. */
#include "base/log.h"
#include "base/vec.h"
#include "net/pki/create.h"
#include "service/configure/inside.h"


static enum pki_key_kind same_kind(const struct pki_entry *entry)
{
    static const struct {
        const char *shown;
        enum pki_key_kind kind;
    } kinds[] = {{"ECDSA P-384", PKI_ECDSA_P384}, {"RSA 2048", PKI_RSA_2048}, {"RSA 3072", PKI_RSA_3072}, {"RSA 4096", PKI_RSA_4096}};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (rs_text_equal(entry->key_type, rs_text_from(kinds[i].shown)))
            return kinds[i].kind;
    return PKI_ECDSA_P256;
}

static rs_status make_anew(struct call *call, const struct pki_entry *old, struct tables_certificate *out)
{
    rs_text *hosts = RS_NEW_ARRAY(call->job, rs_text, old->name_count);
    struct pki_create wish = {.folder = call->instance->certificate_folder, .hosts = hosts, .host_count = old->name_count,
                              .key_kind = same_kind(old)};
    struct pki_created made;

    for (size_t i = 0; i < old->name_count; i++)
        hosts[i] = rs_text_copy(call->job, old->names[i].text);
    RS_TRY(pki_create(call->job, &wish, &made));
    *out = (struct tables_certificate){made.sha1, made.sha256, RS_TEXT("")};
    return call_rescan(call);
}

/* The slots that hold the old one, then the rows that show it without a slot. */
static void moves(struct call *call, const struct tables_snapshot *snapshot, rs_text old,
                  const struct tables_certificate *fresh, struct tables_change **out, size_t *count)
{
    RS_VEC(struct tables_change) changes = {0};

    for (size_t i = 0; i < tables_slot_count(snapshot); i++) {
        const struct tables_slot *slot = tables_slot(snapshot, i);
        if (rs_text_equal_nocase(slot->sha256, old))
            rs_vec_push(call->job, &changes, (struct tables_change){
                .kind = TABLES_SET_SLOT, .slot = slot->name, .certificates = fresh, .certificate_count = 1,
                .source = slot->source, .rows_max = tables_binding_count(snapshot), .of_many = true});
    }
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        const struct tables_binding *row = tables_binding(snapshot, i);
        struct tables_certificate *shown = RS_NEW_ARRAY(call->job, struct tables_certificate, row->certificate_count);
        rs_text *claimants = RS_NEW_ARRAY(call->job, rs_text, row->claim_count);
        bool moved = false;
        for (size_t k = 0; k < row->certificate_count; k++) {
            bool is_old = rs_text_equal_nocase(row->certificates[k].sha256, old) && row->certificates[k].slot.size == 0;
            shown[k] = is_old ? *fresh : (struct tables_certificate){row->certificates[k].sha1, row->certificates[k].sha256, RS_TEXT("")};
            moved = moved || is_old;
        }
        for (size_t k = 0; k < row->claim_count; k++)
            claimants[k] = row->claims[k].application;
        if (moved)
            rs_vec_push(call->job, &changes, (struct tables_change){
                .kind = TABLES_BIND, .place = tables_binding_place(row), .applications = claimants,
                .application_count = row->claim_count, .certificates = shown, .certificate_count = row->certificate_count,
                .replace = true, .of_many = true});
    }
    *out = changes.items;
    *count = changes.count;
}

rs_status renew_certificate(struct call *call)
{
    const struct tables_snapshot *snapshot;
    const struct pki_entry *entry;
    struct tables_certificate fresh = {.sha1 = RS_TEXT("a new one"), .sha256 = RS_TEXT("-")};
    struct tables_change *changes;
    rs_text old, old_sha1;
    size_t count;

    RS_TRY(call_rescan(call));
    RS_TRY(call_certificate(call, call_text(call, "Thumbprint"), &entry));
    old = rs_text_copy(call->job, entry->sha256);
    old_sha1 = rs_text_copy(call->job, entry->sha1);
    if (!pki_store_issued_here(call->instance->store, entry->certificate))
        return rs_fail(call->job, PKI_NOT_FIT, "the certificate %.*s was not issued by the local authority but by %.*s: "
                       "`bindery cert request` asks its authority for another, `bindery acme issue` has it renewed by itself",
                       RS_TEXT_ARG(old_sha1), RS_TEXT_ARG(entry->issuer));
    RS_TRY(call_tables(call, &snapshot));
    if (call_flag(call, "DryRun")) {
        moves(call, snapshot, old, &fresh, &changes, &count);
        put_flag(call->result, "changed", false);
        put_flag(call->result, "dry_run", true);
        put_array(call->result, "warnings");
        add_text(put_array(call->result, "steps"),
                 rs_text_format(call->job, "make a new certificate in the place of %.*s, and move %zu rows and slots to it",
                                RS_TEXT_ARG(old_sha1), count));
        return RS_OK;
    }
    RS_TRY(make_anew(call, entry, &fresh));
    moves(call, snapshot, old, &fresh, &changes, &count);
    RS_TRY(change_run_all(call, changes, count, rs_text_format(call->job, "renew %.*s as %.*s", RS_TEXT_ARG(old_sha1),
                                                                RS_TEXT_ARG(fresh.sha1)), change_check_any, change_verify_any));
    json_array_insert_new(json_object_get(call->result, "steps"), 0,
                          json_string(rs_text_format(call->job, "make the certificate %.*s", RS_TEXT_ARG(fresh.sha1)).bytes));
    put_flag(call->result, "changed", true);
    put_text(call->result, "thumbprint", fresh.sha1);
    put_text(call->result, "sha256", fresh.sha256);
    rs_log(RS_LOG_INFO, "%.*s renewed the certificate %.*s as %.*s", RS_TEXT_ARG(call->caller->who), RS_TEXT_ARG(old_sha1),
           RS_TEXT_ARG(fresh.sha1));
    return RS_OK;
}
