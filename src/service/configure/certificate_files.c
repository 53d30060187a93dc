/* ImportCertificate, ExportCertificate, RequestCertificate. */
#include "base/log.h"
#include "format/escape/base64.h"
#include "net/pki/export.h"
#include "net/pki/import.h"
#include "net/pki/load.h"
#include "net/pki/request.h"
#include "service/configure/inside.h"

/* Who did what with keys and certificates: the history has the rows, the log has this. */
static void note(const struct call *call, const char *what, rs_text thumbprint)
{
    if (!call_flag(call, "DryRun"))
        rs_log(RS_LOG_INFO, "%.*s %s %.*s with %.*s", RS_TEXT_ARG(call->caller->who), what, RS_TEXT_ARG(thumbprint),
               RS_TEXT_ARG(call->caller->tool));
}

/* NULL where it was not given. */
static const char *call_password(const struct call *call)
{
    rs_text password = call_text(call, "Password");

    return call_has(call, "Password") ? rs_text_terminated(call->job, password) : NULL;
}

/* ---- import -------------------------------------------------------------------------------- */

static rs_status import_files(struct call *call, struct pki_import *wish)
{
    const rs_text *contents, *names;
    struct pki_import_file *files;
    size_t count, named;

    call_texts(call, "Files", &contents, &count);
    call_texts(call, "FileNames", &names, &named);
    if (named != count)
        return rs_fail(call->job, RS_INVALID, "there are %zu Files and %zu FileNames: each file has one name", count, named);
    files = RS_NEW_ARRAY(call->job, struct pki_import_file, count);
    for (size_t i = 0; i < count; i++) {
        files[i].name = names[i];
        RS_TRY(escape_base64_parse(call->job, contents[i], &files[i].bytes));
    }
    wish->files = files;
    wish->file_count = count;
    return RS_OK;
}

static void imported_json(struct call *call, const struct pki_imported *one)
{
    json_t *certificates = json_object_get(call->result, "certificates"), *steps = json_object_get(call->result, "steps");
    json_t *out = add_object(certificates), *files;

    put_text(out, "thumbprint", one->sha1);
    put_text(out, "sha256", one->sha256);
    put_text(out, "subject", one->subject);
    put_flag(out, "issuer", one->issuer);
    put_flag(out, "changed", one->changed);
    put_text(out, "request", one->request);
    files = put_object(out, "files");
    put_text(files, "certificate", one->certificate_file);
    put_text(files, "key", one->key_file);
    for (size_t i = 0; i < one->reason_count; i++)
        add_text(json_object_get(call->result, "warnings"),
                 rs_text_format(call->job, "%.*s: %.*s", RS_TEXT_ARG(one->sha1), RS_TEXT_ARG(one->reasons[i].sentence)));
    if (!one->changed)
        return;
    add_text(steps, rs_text_format(call->job, "put %s %.*s into the store as \"%.*s\"",
                                   one->issuer ? "the issuer's certificate" : "the certificate", RS_TEXT_ARG(one->sha1),
                                   RS_TEXT_ARG(one->certificate_file)));
    if (one->request.size > 0)
        add_text(steps, rs_text_format(call->job, "join it with the key of the request \"%.*s\"", RS_TEXT_ARG(one->request)));
    note(call, "imported the certificate", one->sha1);
}

rs_status import_certificate(struct call *call)
{
    struct pki_import wish = {.store = call->instance->store, .folder = call->instance->certificate_folder,
                              .password = call_password(call), .name = call_text(call, "Name"),
                              .dry_run = call_flag(call, "DryRun")};
    const struct pki_imported *imported = NULL;
    bool changed = false;
    size_t count = 0;

    RS_TRY(import_files(call, &wish));
    RS_TRY(call_rescan(call));
    RS_TRY(pki_import(call->job, &wish, &imported, &count));
    put_array(call->result, "certificates");
    put_array(call->result, "steps");
    put_array(call->result, "warnings");
    for (size_t i = 0; i < count; i++) {
        imported_json(call, &imported[i]);
        changed = changed || imported[i].changed;
    }
    put_flag(call->result, "changed", changed && !wish.dry_run);
    put_flag(call->result, "dry_run", wish.dry_run);
    return call_rescan(call);
}

/* ---- export -------------------------------------------------------------------------------- */

static rs_status export_format(const struct call *call, enum pki_format *out)
{
    rs_text format = call_text(call, "Format");

    *out = PKI_FORMAT_PEM;
    if (format.size == 0 || rs_text_equal_nocase(format, RS_TEXT("pem")))
        return RS_OK;
    *out = PKI_FORMAT_PKCS12;
    if (rs_text_equal_nocase(format, RS_TEXT("pkcs12")))
        return RS_OK;
    return rs_fail(call->job, RS_INVALID, "\"%.*s\" is not a format: there are pem and pkcs12", RS_TEXT_ARG(format));
}

rs_status export_certificate(struct call *call)
{
    const struct pki_entry *entry;
    enum pki_format format;
    rs_text content;
    rs_buf encoded = rs_buf_in(call->job);
    bool with_key = call_flag(call, "PrivateKey");

    RS_TRY(export_format(call, &format));
    RS_TRY(call_rescan(call));
    RS_TRY(call_certificate(call, call_text(call, "Thumbprint"), &entry));
    RS_TRY(pki_export(call->job, entry, with_key ? call->instance->store : NULL, format, call_password(call), &content));
    escape_base64_write(&encoded, content);
    put_text(call->result, "thumbprint", entry->sha1);
    put_flag(call->result, "private_key", with_key);
    put_text(call->result, "content", rs_buf_text(&encoded));
    pki_wipe(content);
    pki_wipe(rs_buf_text(&encoded));
    if (with_key)
        note(call, "exported the private key of", entry->sha1);
    return RS_OK;
}

/* ---- request ------------------------------------------------------------------------------- */

rs_status request_certificate(struct call *call)
{
    struct pki_request wish = {.store = call->instance->store, .folder = call->instance->certificate_folder,
                               .organisation = call_text(call, "Organisation"), .name = call_text(call, "Name"),
                               .dry_run = call_flag(call, "DryRun")};
    struct pki_requested made;
    json_t *files, *steps;

    call_texts(call, "Hosts", &wish.hosts, &wish.host_count);
    RS_TRY(call_key_kind(call, &wish.key_kind));
    RS_TRY(call_rescan(call));
    RS_TRY(pki_request(call->job, &wish, &made));
    put_text(call->result, "request", made.pem);
    files = put_object(call->result, "files");
    put_text(files, "request", made.request_file);
    put_text(files, "key", made.key_file);
    steps = put_array(call->result, "steps");
    put_array(call->result, "warnings");
    if (made.made) {
        add_text(steps, rs_text_format(call->job, "make a private key in \"%.*s\", and a request for it in \"%.*s\"",
                                       RS_TEXT_ARG(made.key_file), RS_TEXT_ARG(made.request_file)));
        note(call, "requested a certificate in", made.request_file);
    }
    put_flag(call->result, "changed", made.made && !wish.dry_run);
    put_flag(call->result, "dry_run", wish.dry_run);
    return call_rescan(call);
}
