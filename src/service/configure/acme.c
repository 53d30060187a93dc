/* RegisterAcmeAccount, IssueAcmeCertificate, RenewAcmeCertificate, RemoveAcmeCertificate, ListAcmeCertificates: what the
 * process that talks to ACME servers is asked for. Nothing here waits for a server. */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "net/acme/book.h"
#include "net/acme/answer.h"
#include "net/acme/client.h"
#include "net/pki/hosts.h"
#include "net/pki/import.h"
#include "net/pki/load.h"
#include "service/configure/inside.h"

static void wake(const struct call *call)
{
    if (call->instance->wake_renewals)
        call->instance->wake_renewals(call->instance->data);
}

static void put_step(struct call *call, rs_text step, bool done)
{
    add_text(put_array(call->result, "steps"), step);
    put_array(call->result, "warnings");
    put_flag(call->result, "changed", done);
    put_flag(call->result, "dry_run", !done);
    put_flag(call->result, "running", call->instance->wake_renewals != NULL);
    if (!call->instance->wake_renewals)
        add_text(json_object_get(call->result, "warnings"), RS_TEXT("no server runs: it is done when one does"));
}

/* ---- the account --------------------------------------------------------------------------- */

/* A copy in the folder of the process that talks to ACME servers: it can read no other. */
static rs_status keep_authorities(struct call *call, rs_text path, rs_text *out)
{
    rs_text bytes, folder = call->instance->acme_folder;
    struct pki_contents contents;

    *out = RS_TEXT("");
    if (path.size == 0)
        return RS_OK;
    RS_TRY(rs_file_read(call->job, path, PKI_FILE_MAX, &bytes));
    if (pki_load(call->job, bytes, NULL, &contents) != RS_OK || contents.certificate_count == 0) {
        rs_job_forgive(call->job);
        return rs_fail(call->job, RS_INVALID, "\"%.*s\" holds no certificates of authorities in PEM", RS_TEXT_ARG(path));
    }
    *out = rs_text_format(call->job, "%.*s/authorities.pem", RS_TEXT_ARG(folder));
    if (call_flag(call, "DryRun"))
        return RS_OK;
    RS_TRY(rs_folder_make(call->job, folder, 0700));
    return rs_file_replace(call->job, *out, bytes, 0600);
}

rs_status register_acme(struct call *call)
{
    struct acme_account account = {.directory = call_text(call, "Directory"),
                                   .agreed = call_flag(call, "Agree"), .external_id = call_text(call, "ExternalId"),
                                   .external_key = call_text(call, "ExternalKey"), .asked_ms = rs_clock_utc_ms()};

    if (!acme_url_is_good(account.directory))
        return rs_fail(call->job, RS_INVALID, "\"%.*s\" is not the https address of an ACME directory",
                       RS_TEXT_ARG(account.directory));
    RS_TRY(keep_authorities(call, call_text(call, "CaFile"), &account.ca_file));
    if (call_has(call, "Contacts"))
        call_texts(call, "Contacts", &account.contacts, &account.contact_count);
    if (!call_flag(call, "DryRun")) {
        RS_TRY(acme_account_write(call->job, call->instance->acme_folder, &account));
        rs_log(RS_LOG_INFO, "%.*s asks for an account at %.*s", RS_TEXT_ARG(call->caller->who), RS_TEXT_ARG(account.directory));
        wake(call);
    }
    put_number(call->result, "asked_ms", account.asked_ms);
    put_step(call, rs_text_format(call->job, "ask for an account at %.*s", RS_TEXT_ARG(account.directory)),
             !call_flag(call, "DryRun"));
    return RS_OK;
}

/* ---- certificates -------------------------------------------------------------------------- */

/* The proof that the server can give as it is: http-01 where it listens on port 80, else tls-alpn-01. */
static enum acme_kind kind_at_hand(const struct tables_snapshot *snapshot)
{
    for (size_t i = 0; i < tables_listener_count(snapshot); i++)
        if (tables_listener(snapshot, i)->port == 80 && !tables_listener(snapshot, i)->tls)
            return ACME_HTTP_01;
    return ACME_TLS_ALPN_01;
}

static rs_status certificate_wish(struct call *call, struct acme_certificate *out)
{
    const struct tables_snapshot *snapshot;
    GENERAL_NAMES *names;
    rs_text first, challenge = call_text(call, "Challenge");

    *out = (struct acme_certificate){.slot = call_text(call, "Slot"), .asked_ms = rs_clock_utc_ms()};
    call_texts(call, "Hosts", &out->hosts, &out->host_count);
    RS_TRY(pki_hosts_read(call->job, out->hosts, out->host_count, &names, &first));
    RS_TRY(call_key_kind(call, &out->key_kind));
    RS_TRY(call_tables(call, &snapshot));
    out->kind = kind_at_hand(snapshot);
    if (challenge.size > 0 && !acme_kind_parse(challenge, &out->kind))
        return rs_fail(call->job, RS_INVALID, "\"%.*s\" is not a challenge: there are http-01 and tls-alpn-01",
                       RS_TEXT_ARG(challenge));
    for (size_t i = 0; i < out->host_count; i++)
        if (rs_text_starts(out->hosts[i], RS_TEXT("*.")))
            return rs_fail(call->job, RS_UNSUPPORTED, "%.*s: wildcard names are proved over DNS alone, which is not done here; "
                           "`bindery cert watch` takes over what another ACME client gets", RS_TEXT_ARG(out->hosts[i]));
    return RS_OK;
}

rs_status issue_acme(struct call *call)
{
    struct acme_account account;
    struct acme_certificate wish, before;
    bool found;

    RS_TRY(acme_account_read(call->job, call->instance->acme_folder, &account, &found));
    if (!found)
        return rs_fail(call->job, RS_NOT_FOUND, "there is no account at an ACME server yet: `bindery acme register`");
    RS_TRY(certificate_wish(call, &wish));
    RS_TRY(tables_slot_check(call->job, wish.slot));
    RS_TRY(acme_certificate_read(call->job, call->instance->acme_folder, wish.slot, &before, &found));
    put_number(call->result, "asked_ms", wish.asked_ms);
    if (!call_flag(call, "DryRun")) {
        RS_TRY(acme_certificate_write(call->job, call->instance->acme_folder, &wish));
        rs_log(RS_LOG_INFO, "%.*s asks %.*s for a certificate for the slot %.*s", RS_TEXT_ARG(call->caller->who),
               RS_TEXT_ARG(account.directory), RS_TEXT_ARG(wish.slot));
        wake(call);
    }
    put_step(call, rs_text_format(call->job, "ask %.*s for a certificate for the slot %.*s, proved with %s, and renew it from then on",
                                  RS_TEXT_ARG(account.directory), RS_TEXT_ARG(wish.slot), acme_kind_name(wish.kind)),
             !call_flag(call, "DryRun"));
    return RS_OK;
}

static rs_status find_wish(struct call *call, struct acme_certificate *out)
{
    rs_text slot = call_text(call, "Slot");
    bool found = false;

    RS_TRY(tables_slot_check(call->job, slot));
    RS_TRY(acme_certificate_read(call->job, call->instance->acme_folder, slot, out, &found));
    return found ? RS_OK : rs_fail(call->job, RS_NOT_FOUND, "no certificate for a slot \"%.*s\" is asked for; `bindery acme list` "
                                   "shows what is", RS_TEXT_ARG(slot));
}

rs_status renew_acme(struct call *call)
{
    struct acme_certificate wish;

    RS_TRY(find_wish(call, &wish));
    wish.asked_ms = rs_clock_utc_ms();
    wish.revoke = call_text(call, "Revoke");
    if (wish.revoke.size > 0 && acme_reason_number(wish.revoke) < 0)
        return rs_fail(call->job, RS_INVALID, "\"%.*s\" is not a reason: there are unspecified, keyCompromise, affiliationChanged, "
                       "superseded and cessationOfOperation", RS_TEXT_ARG(wish.revoke));
    if (!call_flag(call, "DryRun")) {
        RS_TRY(acme_certificate_write(call->job, call->instance->acme_folder, &wish));
        wake(call);
    }
    put_number(call->result, "asked_ms", wish.asked_ms);
    put_step(call, rs_text_format(call->job, "renew the certificate of the slot %.*s now%s%.*s%s", RS_TEXT_ARG(wish.slot),
                                  wish.revoke.size > 0 ? ", then revoke the one before (" : "", RS_TEXT_ARG(wish.revoke),
                                  wish.revoke.size > 0 ? ")" : ""), !call_flag(call, "DryRun"));
    return RS_OK;
}

rs_status remove_acme(struct call *call)
{
    struct acme_certificate wish;

    RS_TRY(find_wish(call, &wish));
    if (!call_flag(call, "DryRun")) {
        RS_TRY(acme_certificate_remove(call->job, call->instance->acme_folder, wish.slot));
        wake(call);
    }
    put_step(call, rs_text_format(call->job, "renew the certificate of the slot %.*s no longer; the slot keeps what it holds",
                                  RS_TEXT_ARG(wish.slot)), !call_flag(call, "DryRun"));
    return RS_OK;
}

/* ---- how it stands ------------------------------------------------------------------------- */

static void put_state(json_t *out, bool current, bool done, rs_text error, int64_t next_ms, unsigned failures)
{
    put_text(out, "state", !current                ? RS_TEXT("waiting")
                           : error.size > 0        ? RS_TEXT("failed")
                           : done                  ? RS_TEXT("done")
                                                   : RS_TEXT("waiting"));
    put_text(out, "error", current ? error : RS_TEXT(""));
    put_number(out, "failures", current ? failures : 0);
    if (current && next_ms > 0)
        put_time(out, "next", next_ms);
}

static rs_status certificate_state(struct call *call, rs_text slot, json_t *out)
{
    struct acme_certificate_state state;
    struct acme_certificate wish;
    bool found, current;

    RS_TRY(acme_certificate_read(call->job, call->instance->acme_folder, slot, &wish, &found));
    RS_TRY(acme_certificate_state_read(call->job, call->instance->acme_folder, slot, &state));
    current = state.asked_ms == wish.asked_ms;
    put_text(out, "slot", slot);
    put_texts(out, "hosts", wish.hosts, wish.host_count);
    put_text(out, "challenge", rs_text_from(acme_kind_name(wish.kind)));
    put_number(out, "asked_ms", wish.asked_ms);
    put_text(out, "sha256", state.sha256);
    if (state.renew_ms > 0)
        put_time(out, "renew", state.renew_ms);
    put_state(out, current, state.sha256.size > 0, state.error, state.next_ms, state.failures);
    return RS_OK;
}

rs_status list_acme(struct call *call)
{
    struct acme_account account;
    struct acme_account_state state;
    const rs_text *slots;
    json_t *out = put_object(call->result, "account"), *certificates = put_array(call->result, "certificates");
    size_t count;
    bool found;

    RS_TRY(acme_account_read(call->job, call->instance->acme_folder, &account, &found));
    RS_TRY(acme_account_state_read(call->job, call->instance->acme_folder, &state));
    if (found) {
        put_text(out, "directory", account.directory);
        put_texts(out, "contacts", account.contacts, account.contact_count);
        put_number(out, "asked_ms", account.asked_ms);
        put_text(out, "account", state.asked_ms == account.asked_ms ? state.account : RS_TEXT(""));
        put_state(out, state.asked_ms == account.asked_ms, state.account.size > 0, state.error, state.next_ms, state.failures);
    }
    RS_TRY(acme_certificates_list(call->job, call->instance->acme_folder, &slots, &count));
    for (size_t i = 0; i < count; i++)
        RS_TRY(certificate_state(call, slots[i], add_object(certificates)));
    return RS_OK;
}

rs_status configure_take(struct rs_job *job, const struct configure_instance *instance, const struct configure_caller *caller,
                         rs_text slot, rs_text sha256, rs_text chain, rs_text key)
{
    struct pki_import_file files[2] = {{RS_TEXT("the ACME server's certificate"), chain}, {RS_TEXT("its key"), key}};
    struct call call = {.job = job, .instance = instance, .caller = caller, .result = json_object()};
    rs_status status = slot_take(&call, slot, RS_TEXT("ACME"), files, 2, NULL, sha256);

    json_decref(call.result);
    return status;
}
