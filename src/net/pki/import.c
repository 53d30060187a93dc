#include "net/pki/import.h"

#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "net/pki/describe.h"
#include "net/pki/files.h"
#include "net/pki/inside.h"
#include "net/pki/trust.h"

/* Everything that lies on the table. */
struct importer {
    struct rs_job *job; /* of keys too: it ends with the import */
    const struct pki_import *wish;
    RS_VEC(X509 *) certificates;
    RS_VEC(EVP_PKEY *) keys;
    X509 **pool; /* `certificates`, then the authorities of the store */
    size_t pool_count;
    X509_STORE *trust;
};

/* One certificate and what goes with it. */
struct import_part {
    struct pki_entry entry;
    struct pki_reason_vec reasons;
    EVP_PKEY *key;          /* given; NULL where it is in the store */
    rs_text key_in_store;
    STACK_OF(X509) *chain;  /* as it is kept: with the root, where that was given and is not trusted */
    struct pki_files files;
    bool write_certificate, write_key;
};
RS_VEC_TYPE(struct import_part, part_vec);

/* ---- reading ------------------------------------------------------------------------------- */

static void take_certificate(struct importer *im, X509 *certificate)
{
    for (size_t i = 0; i < im->certificates.count; i++)
        if (X509_cmp(im->certificates.items[i], certificate) == 0)
            return;
    rs_vec_push(im->job, &im->certificates, certificate);
}

/* What is wrong with one file goes to `problems`; all are read, so that all is said at once. */
static void read_one(struct importer *im, const struct pki_import_file *file, rs_buf *problems, bool *locked)
{
    RS_OWNED(rs_job) trying = rs_job_create(&(struct rs_job_options){.within = im->job});
    struct pki_contents contents = {0};
    rs_status status = pki_load(trying, file->bytes, im->wish->password, &contents);
    rs_text problem = status == RS_OK ? contents.key_problem : rs_job_message(trying);

    if (problem.size > 0)
        rs_buf_printf(problems, "%s\"%.*s\": %.*s", problems->used ? "; " : "", RS_TEXT_ARG(file->name), RS_TEXT_ARG(problem));
    *locked = *locked || contents.password != PKI_PASSWORD_FINE;
    for (size_t i = 0; status == RS_OK && i < contents.certificate_count; i++) {
        X509_up_ref(contents.certificates[i]);
        rs_job_at_end(im->job, pki_end_certificate, contents.certificates[i]);
        take_certificate(im, contents.certificates[i]);
    }
    for (size_t i = 0; status == RS_OK && i < contents.key_count; i++) {
        EVP_PKEY_up_ref(contents.keys[i]);
        rs_job_at_end(im->job, pki_end_key, contents.keys[i]);
        rs_vec_push(im->job, &im->keys, contents.keys[i]);
    }
}

static rs_status read_all(struct importer *im)
{
    rs_buf problems = rs_buf_in(im->job);
    bool locked = false;
    rs_text all;

    if (im->wish->file_count == 0 || im->wish->file_count > PKI_IMPORT_FILES_MAX)
        return rs_fail(im->job, RS_INVALID, "give 1 to %d files", PKI_IMPORT_FILES_MAX);
    for (size_t i = 0; i < im->wish->file_count; i++) {
        RS_TRY(rs_job_checkpoint(im->job));
        read_one(im, &im->wish->files[i], &problems, &locked);
    }
    all = rs_buf_text(&problems);
    if (locked)
        return rs_fail(im->job, PKI_LOCKED, "%.*s: give its password with --password-file FILE, or type it where it is asked "
                       "for", RS_TEXT_ARG(all));
    if (all.size > 0)
        return rs_fail(im->job, PKI_FILE_INVALID, "%.*s", RS_TEXT_ARG(all));
    if (im->certificates.count == 0)
        return rs_fail(im->job, PKI_FILE_INVALID, "there is no certificate in what was given: a key alone is of no use");
    return RS_OK;
}

static void end_trust(void *trust)
{
    X509_STORE_free(trust);
}

static rs_status make_pool(struct importer *im)
{
    size_t known;
    X509 *const *authorities = pki_store_authorities(im->wish->store, &known);

    im->pool_count = im->certificates.count + known;
    im->pool = RS_NEW_ARRAY(im->job, X509 *, im->pool_count);
    memcpy(im->pool, im->certificates.items, im->certificates.count * sizeof *im->pool);
    if (known > 0)
        memcpy(im->pool + im->certificates.count, authorities, known * sizeof *im->pool);
    im->trust = pki_trust_create(pki_store_authority(im->wish->store));
    if (!im->trust)
        return rs_fail(im->job, RS_NO_MEMORY, "no memory to check certificates");
    rs_job_at_end(im->job, end_trust, im->trust);
    return RS_OK;
}

/* ---- who belongs to whom ------------------------------------------------------------------- */

static EVP_PKEY *key_given(const struct importer *im, X509 *certificate)
{
    struct pki_digest wanted, found;

    if (!pki_digest_of_certificate(certificate, &wanted))
        return NULL;
    for (size_t i = 0; i < im->keys.count; i++)
        if (pki_digest_of_key(im->keys.items[i], &found) && memcmp(&wanted, &found, sizeof wanted) == 0)
            return im->keys.items[i];
    return NULL;
}

/* Somebody's own certificate, not a part of a chain: a key fits it, or it is no authority and issued none of the others. */
static bool is_own(const struct importer *im, X509 *certificate)
{
    if (key_given(im, certificate) || pki_store_key_file(im->wish->store, certificate).size > 0)
        return true;
    if (pki_is_authority(certificate))
        return false;
    for (size_t i = 0; i < im->certificates.count; i++)
        if (im->certificates.items[i] != certificate &&
            X509_check_issued(certificate, im->certificates.items[i]) == X509_V_OK)
            return false;
    return true;
}

static rs_status check_keys_used(struct importer *im, const struct part_vec *parts)
{
    for (size_t i = 0; i < im->keys.count; i++) {
        bool used = false;
        for (size_t k = 0; k < parts->count && !used; k++)
            used = X509_check_private_key(parts->items[k].entry.certificate, im->keys.items[i]) == 1;
        ERR_clear_error();
        if (!used)
            return rs_fail(im->job, PKI_NOT_FIT, "a private key that was given belongs to none of the certificates: give the "
                           "key that each was requested with");
    }
    return RS_OK;
}

/* ---- judging ------------------------------------------------------------------------------- */

static void end_chain(void *chain)
{
    sk_X509_free(chain);
}

/* Names and identifiers built the chain; here its signatures speak. */
static bool chain_is_signed(const struct import_part *part)
{
    X509 *last = part->entry.certificate;

    for (int i = 0; i < sk_X509_num(part->chain); i++) {
        X509 *issuer = sk_X509_value(part->chain, i);
        if (X509_verify(last, X509_get0_pubkey(issuer)) != 1)
            return false;
        last = issuer;
    }
    return true;
}

/* A root that was given and that this machine does not trust is kept behind the chain: the store knows the whole way
 * then. It is never sent to clients. */
static void keep_root(struct importer *im, struct import_part *part)
{
    int length = sk_X509_num(part->chain);
    X509 *last = length > 0 ? sk_X509_value(part->chain, length - 1) : part->entry.certificate;

    for (size_t i = 0; i < im->certificates.count; i++)
        if (im->certificates.items[i] != last && pki_is_self_signed(im->certificates.items[i]) &&
            X509_check_issued(im->certificates.items[i], last) == X509_V_OK) {
            (void)sk_X509_push(part->chain, im->certificates.items[i]);
            return;
        }
}

static void judge_chain(struct importer *im, struct import_part *part)
{
    X509 *last;

    part->chain = sk_X509_new_null();
    rs_job_at_end(im->job, end_chain, part->chain);
    switch (pki_chain_build(im->trust, part->entry.certificate, im->pool, im->pool_count, part->chain)) {
    case PKI_ISSUER_TRUSTED:
        break;
    case PKI_ISSUER_KNOWN:
        pki_reason_add(im->job, &part->reasons, PKI_UNTRUSTED, RS_TEXT(""));
        keep_root(im, part);
        break;
    case PKI_ISSUER_SELF:
        pki_reason_add(im->job, &part->reasons, PKI_UNTRUSTED, RS_TEXT("it is self-signed: clients must be told to trust it"));
        break;
    case PKI_ISSUER_UNKNOWN:
        last = sk_X509_num(part->chain) > 0 ? sk_X509_value(part->chain, sk_X509_num(part->chain) - 1) : part->entry.certificate;
        pki_reason_add(im->job, &part->reasons, PKI_CHAIN_INCOMPLETE,
                       rs_text_format(im->job, "its chain ends at %.*s, which is neither here nor trusted: import the "
                                      "certificates in between too", RS_TEXT_ARG(pki_issuer_name(im->job, last))));
        break;
    }
    if (!chain_is_signed(part))
        pki_reason_add(im->job, &part->reasons, PKI_CHAIN_BROKEN, RS_TEXT(""));
    ERR_clear_error();
}

static rs_text fatal_reasons(struct importer *im, const struct import_part *part)
{
    rs_buf all = rs_buf_in(im->job);

    for (size_t i = 0; i < part->reasons.count; i++)
        if (part->reasons.items[i].severity == PKI_FATAL)
            rs_buf_printf(&all, "%s%.*s", all.used ? "; " : "", RS_TEXT_ARG(part->reasons.items[i].sentence));
    return rs_buf_text(&all);
}

static rs_status judge(struct importer *im, X509 *certificate, struct import_part *part)
{
    rs_text fatal;

    pki_describe(im->job, certificate, &part->entry);
    part->key = key_given(im, certificate);
    part->key_in_store = pki_store_key_file(im->wish->store, certificate);
    if (!part->key && part->key_in_store.size == 0)
        pki_reason_add(im->job, &part->reasons, PKI_NO_PRIVATE_KEY,
                       RS_TEXT("there is no private key for it: give its key file too; only the answer to a request made "
                               "here (`bindery cert request`) finds its key in the store"));
    pki_judge(im->job, &part->entry, rs_clock_utc_ms(), &part->reasons);
    judge_chain(im, part);
    fatal = fatal_reasons(im, part);
    if (fatal.size > 0)
        return rs_fail(im->job, PKI_NOT_FIT, "the certificate %.*s (%.*s) cannot be used: %.*s", RS_TEXT_ARG(part->entry.sha1),
                       RS_TEXT_ARG(part->entry.subject), RS_TEXT_ARG(fatal));
    return RS_OK;
}

/* ---- where it goes ------------------------------------------------------------------------- */

static bool in_folder(const struct importer *im, rs_text path)
{
    return rs_text_starts(path, im->wish->folder) && path.size > im->wish->folder.size + 1 &&
           rs_text_find_byte(rs_text_from_offset(path, im->wish->folder.size + 1), '/') < 0;
}

static rs_text stem_name(const struct importer *im, rs_text path)
{
    return rs_text_from_offset(pki_path_stem(path), im->wish->folder.size + 1);
}

static bool lacks(const struct pki_entry *entry, enum pki_reason_code code)
{
    for (size_t i = 0; i < entry->reason_count; i++)
        if (entry->reasons[i].code == code)
            return true;
    return false;
}

static bool gives(const struct import_part *part, enum pki_reason_code code)
{
    for (size_t i = 0; i < part->reasons.count; i++)
        if (part->reasons.items[i].code == code)
            return false;
    return true;
}

/* A certificate that is in the store: what is missing there is added, beside it. True: nothing else to choose. */
static bool place_beside(struct importer *im, struct import_part *part)
{
    const struct pki_entry *known = pki_store_find(im->wish->store, part->entry.sha256);
    bool better;

    if (!known || !in_folder(im, known->file))
        return false;
    better = lacks(known, PKI_CHAIN_INCOMPLETE) && gives(part, PKI_CHAIN_INCOMPLETE);
    if (!known->usable || better) {
        if (!rs_text_ends(known->file, RS_TEXT(".crt")))
            return false;
        part->files = pki_files_named(im->job, im->wish->folder, stem_name(im, known->file));
        part->write_certificate = better;
        part->write_key = known->key_file.size == 0 && part->key;
    } else {
        part->files.certificate = known->file;
    }
    part->files.key = known->key_file.size > 0 ? known->key_file : part->files.key;
    return true;
}

static rs_status place(struct importer *im, struct import_part *part, bool first)
{
    rs_text wanted = first ? im->wish->name : RS_TEXT("");
    rs_text otherwise = part->entry.name_count > 0 ? part->entry.names[0].text : part->entry.common_name;

    if (place_beside(im, part))
        return RS_OK;
    part->write_certificate = true;
    part->write_key = part->key_in_store.size == 0;
    if (!part->write_key && in_folder(im, part->key_in_store) && wanted.size == 0) {
        struct pki_files beside = pki_files_named(im->job, im->wish->folder, stem_name(im, part->key_in_store));
        if (access(beside.certificate.bytes, F_OK) != 0) { /* the answer to a request: beside its key */
            part->files = beside;
            return RS_OK;
        }
    }
    if (wanted.size > 0 && im->wish->replace_name) {
        RS_TRY(pki_name_check(im->job, wanted));
        part->files = pki_files_named(im->job, im->wish->folder, wanted);
    } else {
        RS_TRY(pki_files_choose(im->job, im->wish->folder, wanted, first && im->wish->name.size ? im->wish->name : otherwise,
                                &part->files));
    }
    if (!part->write_key)
        part->files.key = part->key_in_store;
    return RS_OK;
}

/* The key first: a certificate without its key would be shown as broken, a key that waits is not used by anybody. */
static rs_status write_part(struct importer *im, const struct import_part *part)
{
    if (part->write_key)
        RS_TRY(pki_write_key(im->job, part->key, part->files.key));
    if (part->write_certificate)
        return pki_write_certificate(im->job, part->entry.certificate, part->chain, part->files.certificate);
    return RS_OK;
}

static rs_text answered_request(const struct importer *im, const struct import_part *part)
{
    for (size_t i = 0; i < pki_store_pending_count(im->wish->store); i++) {
        const struct pki_pending *pending = pki_store_pending(im->wish->store, i);
        if (part->key_in_store.size > 0 && rs_text_equal(pending->key_file, part->key_in_store))
            return pending->name;
    }
    return RS_TEXT("");
}

/* ---- issuers alone ------------------------------------------------------------------------- */

/* Certificates of authorities and nothing else: kept, so that chains can be completed with them. */
static rs_status import_issuers(struct importer *im, struct part_vec *parts)
{
    for (size_t i = 0; i < im->certificates.count; i++) {
        struct import_part *part = rs_vec_add(im->job, parts);
        const struct pki_entry *known;
        pki_describe(im->job, im->certificates.items[i], &part->entry);
        known = pki_store_find(im->wish->store, part->entry.sha256);
        part->chain = sk_X509_new_null();
        rs_job_at_end(im->job, end_chain, part->chain);
        if (known) {
            part->files.certificate = known->file;
            continue;
        }
        if (!im->wish->dry_run || parts->count == 1)
            RS_TRY(pki_files_choose(im->job, im->wish->folder, i == 0 ? im->wish->name : RS_TEXT(""),
                                    part->entry.common_name.size ? part->entry.common_name : RS_TEXT("issuer"), &part->files));
        part->files.key = RS_TEXT("");
        part->write_certificate = true;
        if (!im->wish->dry_run) /* at once: the next one takes another name */
            RS_TRY(write_part(im, part));
    }
    return RS_OK;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static rs_status import_own(struct importer *im, struct part_vec *parts)
{
    for (size_t i = 0; i < im->certificates.count; i++) {
        RS_TRY(rs_job_checkpoint(im->job));
        if (is_own(im, im->certificates.items[i]))
            RS_TRY(judge(im, im->certificates.items[i], rs_vec_add(im->job, parts)));
    }
    RS_TRY(check_keys_used(im, parts));
    for (size_t i = 0; i < parts->count; i++) {
        RS_TRY(place(im, &parts->items[i], i == 0));
        if (!im->wish->dry_run)
            RS_TRY(write_part(im, &parts->items[i]));
    }
    return RS_OK;
}

static void give(struct rs_job *job, const struct importer *im, const struct import_part *part, bool issuer,
                 struct pki_imported *out)
{
    struct pki_reason *reasons = RS_NEW_ARRAY(job, struct pki_reason, part->reasons.count);

    *out = (struct pki_imported){
        .sha1 = rs_text_copy(job, part->entry.sha1),
        .sha256 = rs_text_copy(job, part->entry.sha256),
        .subject = rs_text_copy(job, part->entry.subject),
        .certificate_file = rs_text_copy(job, part->files.certificate),
        .key_file = rs_text_copy(job, part->files.key),
        .request = rs_text_copy(job, answered_request(im, part)),
        .issuer = issuer,
        .changed = part->write_certificate || part->write_key,
        .reasons = reasons,
        .reason_count = part->reasons.count,
    };
    for (size_t i = 0; i < part->reasons.count; i++) {
        reasons[i] = part->reasons.items[i];
        reasons[i].sentence = rs_text_copy(job, reasons[i].sentence);
    }
}

static rs_status import_run(struct importer *im, struct part_vec *parts, bool *issuers)
{
    RS_TRY(read_all(im));
    RS_TRY(make_pool(im));
    RS_TRY(import_own(im, parts));
    *issuers = parts->count == 0;
    return *issuers ? import_issuers(im, parts) : RS_OK;
}

rs_status pki_import(struct rs_job *job, const struct pki_import *wish, const struct pki_imported **out, size_t *count)
{
    RS_OWNED(rs_job) working = rs_job_create(&(struct rs_job_options){.within = job});
    RS_OWNED_FD lock = -1;
    struct importer im = {.job = working, .wish = wish};
    struct part_vec parts = {0};
    struct pki_imported *given;
    bool issuers = false;

    RS_TRY(pki_files_lock(job, wish->folder, &lock));
    if (import_run(&im, &parts, &issuers) != RS_OK)
        return rs_job_adopt(job, working);
    given = RS_NEW_ARRAY(job, struct pki_imported, parts.count);
    for (size_t i = 0; i < parts.count; i++)
        give(job, &im, &parts.items[i], issuers, &given[i]);
    *out = given;
    *count = parts.count;
    for (size_t i = 0; i < parts.count && !wish->dry_run; i++) { /* answered: the request itself is done with */
        rs_text request = answered_request(&im, &parts.items[i]);
        if (request.size > 0)
            unlink(pki_files_named(working, wish->folder, request).request.bytes);
    }
    return RS_OK;
}
