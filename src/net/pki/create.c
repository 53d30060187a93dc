#include "net/pki/create.h"

#include <time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "net/pki/describe.h"
#include "net/pki/files.h"
#include "net/pki/hosts.h"

#define AUTHORITY_DAYS 3650
#define BACKDATE_SECONDS 3600 /* clients whose clock is a little late */
#define DAY_SECONDS 86400

/* ---- a certificate ------------------------------------------------------------------------- */

/* What a certificate is to say; `authority` NULL: it signs itself. */
struct draft {
    rs_text organisation;
    rs_text common_name;
    int64_t not_before_s, not_after_s; /* UTC */
    EVP_PKEY *key;                     /* whose public half is certified */
    X509 *authority;
    EVP_PKEY *authority_key;
    const char *basic_constraints;
    const char *key_usage;
    const char *extended_key_usage; /* or NULL */
    GENERAL_NAMES *names;           /* or NULL */
};

static bool draft_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    bool done = number && BN_rand(number, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));

    BN_free(number);
    return done;
}

static bool draft_name(X509_NAME *name, const char *field, rs_text text)
{
    return text.size == 0 || X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text.bytes,
                                                        (int)text.size, -1, 0) == 1;
}

static bool draft_extension(X509 *certificate, X509 *authority, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool done;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, authority ? authority : certificate, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    done = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool draft_fill(X509 *certificate, const struct draft *draft)
{
    X509_NAME *subject = X509_get_subject_name(certificate);

    return X509_set_version(certificate, X509_VERSION_3) == 1 && draft_serial(certificate) &&
           draft_name(subject, "O", draft->organisation) && draft_name(subject, "CN", draft->common_name) &&
           X509_set_issuer_name(certificate, draft->authority ? X509_get_subject_name(draft->authority) : subject) == 1 &&
           ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)draft->not_before_s) &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)draft->not_after_s) &&
           X509_set_pubkey(certificate, draft->key) == 1 &&
           draft_extension(certificate, draft->authority, NID_basic_constraints, draft->basic_constraints) &&
           draft_extension(certificate, draft->authority, NID_key_usage, draft->key_usage) &&
           (!draft->extended_key_usage ||
            draft_extension(certificate, draft->authority, NID_ext_key_usage, draft->extended_key_usage)) &&
           draft_extension(certificate, draft->authority, NID_subject_key_identifier, "hash") &&
           (!draft->authority ||
            draft_extension(certificate, draft->authority, NID_authority_key_identifier, "keyid:always")) &&
           (!draft->names || X509_add1_ext_i2d(certificate, NID_subject_alt_name, draft->names, 0, X509V3_ADD_APPEND) == 1);
}

static rs_status draft_sign(struct rs_job *job, const struct draft *draft, X509 **out)
{
    X509 *certificate = X509_new();

    if (!certificate)
        return pki_failed(job, "make a certificate");
    rs_job_at_end(job, pki_end_certificate, certificate);
    if (!draft_fill(certificate, draft) ||
        X509_sign(certificate, draft->authority_key ? draft->authority_key : draft->key, EVP_sha256()) == 0)
        return pki_failed(job, "make a certificate");
    *out = certificate;
    return RS_OK;
}

/* ---- the local authority ------------------------------------------------------------------- */

struct authority {
    struct pki_files files; /* of ca/ */
    X509 *certificate;
    EVP_PKEY *key;
};

static rs_status authority_make(struct rs_job *job, struct authority *out)
{
    struct draft draft = {.organisation = RS_TEXT("Bindery"), .basic_constraints = "critical,CA:TRUE,pathlen:0",
                          .key_usage = "critical,keyCertSign,cRLSign"};
    char host[65] = "";
    unsigned char tag[4];

    (void)gethostname(host, sizeof host - 1);
    if (RAND_bytes(tag, sizeof tag) != 1)
        return pki_failed(job, "make a random number");
    RS_TRY(pki_key_make(job, PKI_ECDSA_P256, &out->key));
    draft.key = out->key;
    /* a common name has at most 64 characters; the tag keeps the authorities of several instances apart */
    draft.common_name = rs_text_format(job, "Local authority %02x%02x%02x%02x %.35s", tag[0], tag[1], tag[2], tag[3], host);
    draft.not_before_s = time(NULL) - BACKDATE_SECONDS;
    draft.not_after_s = draft.not_before_s + (int64_t)AUTHORITY_DAYS * DAY_SECONDS;
    RS_TRY(draft_sign(job, &draft, &out->certificate));
    return pki_write_pair(job, out->certificate, NULL, out->key, &out->files);
}

static rs_status authority_read(struct rs_job *job, struct authority *out)
{
    struct pki_file file = {0};
    struct pki_contents certificate = {0}, key = {0};
    rs_text exposed;
    rs_status status;

    RS_TRY(pki_file_read(job, out->files.certificate, PKI_FILE_MAX, &file));
    RS_TRY(pki_load(job, file.bytes, NULL, &certificate));
    file = (struct pki_file){0};
    status = pki_file_read(job, out->files.key, PKI_FILE_MAX, &file);
    if (status == RS_OK)
        status = pki_load(job, file.bytes, NULL, &key);
    pki_wipe(file.bytes);
    RS_TRY(status);
    exposed = pki_file_exposed(job, out->files.key, &file);
    if (exposed.size > 0)
        return rs_fail(job, PKI_KEY_REFUSED, "%.*s", RS_TEXT_ARG(exposed));
    if (certificate.certificate_count == 0 || key.key_count == 0 ||
        X509_check_private_key(certificate.certificates[0], key.keys[0]) != 1) {
        ERR_clear_error();
        return rs_fail(job, PKI_FILE_INVALID, "\"%.*s\" and its key do not belong together", RS_TEXT_ARG(out->files.certificate));
    }
    out->certificate = certificate.certificates[0];
    out->key = key.keys[0];
    return RS_OK;
}

static rs_status authority_open(struct rs_job *job, rs_text folder, struct authority *out)
{
    rs_status status;

    out->files = pki_files_named(job, rs_text_format(job, "%.*s/ca", RS_TEXT_ARG(folder)), RS_TEXT("ca"));
    if (access(out->files.certificate.bytes, F_OK) != 0)
        return authority_make(job, out);
    status = authority_read(job, out);
    if (status != RS_OK)
        rs_within(job, "the local authority in \"%.*s/ca\" (move that folder away to have a new one made)",
                  RS_TEXT_ARG(folder));
    return status;
}

/* ---- the server's certificate -------------------------------------------------------------- */

static rs_status leaf_make(struct rs_job *job, const struct pki_create *wish, const struct authority *authority,
                           GENERAL_NAMES *names, rs_text first, EVP_PKEY *key, X509 **out)
{
    int days = wish->validity_days ? wish->validity_days : PKI_VALIDITY_DAYS_MAX;
    struct draft draft = {.key = key, .authority = authority->certificate, .authority_key = authority->key,
                          .basic_constraints = "critical,CA:FALSE", .extended_key_usage = "serverAuth", .names = names,
                          .key_usage = pki_key_kind_is_rsa(wish->key_kind) ? "critical,digitalSignature,keyEncipherment"
                                                                       : "critical,digitalSignature"};
    struct pki_entry entry = {0};

    draft.common_name = first.size <= 64 ? first : rs_text_of(NULL, 0); /* more does not fit; clients read the names */
    draft.not_before_s = time(NULL) - BACKDATE_SECONDS;
    draft.not_after_s = draft.not_before_s + (int64_t)days * DAY_SECONDS;
    pki_describe(job, authority->certificate, &entry);
    if (time(NULL) < entry.not_before_ms / 1000)
        return rs_fail(job, PKI_NOT_FIT, "the local authority \"%.*s\" is not valid yet by the clock of this machine: set the clock",
                       RS_TEXT_ARG(authority->files.certificate));
    if (draft.not_before_s < entry.not_before_ms / 1000)
        draft.not_before_s = entry.not_before_ms / 1000;
    if (draft.not_after_s > entry.not_after_ms / 1000)
        draft.not_after_s = entry.not_after_ms / 1000;
    if (draft.not_after_s <= time(NULL))
        return rs_fail(job, PKI_NOT_FIT, "the local authority \"%.*s\" has expired: move its folder away to have a new one "
                       "made", RS_TEXT_ARG(authority->files.certificate));
    return draft_sign(job, &draft, out);
}

static rs_status create_locked(struct rs_job *job, const struct pki_create *wish, GENERAL_NAMES *names, rs_text first,
                               struct pki_created *out)
{
    struct authority authority = {0};
    struct pki_entry entry = {0};
    struct pki_files files;
    EVP_PKEY *key;
    X509 *certificate;

    RS_TRY(pki_files_choose(job, wish->folder, wish->name, first, &files));
    RS_TRY(authority_open(job, wish->folder, &authority));
    RS_TRY(rs_job_checkpoint(job));
    RS_TRY(pki_key_make(job, wish->key_kind, &key));
    RS_TRY(leaf_make(job, wish, &authority, names, first, key, &certificate));
    RS_TRY(rs_job_checkpoint(job));
    RS_TRY(pki_write_pair(job, certificate, NULL, key, &files));
    pki_describe(job, certificate, &entry);
    out->certificate_file = files.certificate;
    out->key_file = files.key;
    out->authority_file = authority.files.certificate;
    out->sha1 = entry.sha1;
    out->sha256 = entry.sha256;
    return RS_OK;
}

/* Keys live in a job of their own and are wiped when it ends, whatever the caller's job goes on to do. */
rs_status pki_create(struct rs_job *job, const struct pki_create *wish, struct pki_created *out)
{
    RS_OWNED(rs_job) making = rs_job_create(&(struct rs_job_options){.within = job});
    RS_OWNED_FD lock = -1;
    struct pki_created made = {0};
    GENERAL_NAMES *names = NULL;
    rs_text first = {0};

    if (wish->validity_days < 0 || wish->validity_days > PKI_VALIDITY_DAYS_MAX)
        return rs_fail(job, RS_INVALID, "a certificate is valid for 1 to %d days: clients refuse more", PKI_VALIDITY_DAYS_MAX);
    if (pki_hosts_read(making, wish->hosts, wish->host_count, &names, &first) != RS_OK)
        return rs_job_adopt(job, making);
    RS_TRY(pki_files_lock(job, wish->folder, &lock));
    if (create_locked(making, wish, names, first, &made) != RS_OK)
        return rs_job_adopt(job, making);
    out->certificate_file = rs_text_copy(job, made.certificate_file);
    out->key_file = rs_text_copy(job, made.key_file);
    out->authority_file = rs_text_copy(job, made.authority_file);
    out->sha1 = rs_text_copy(job, made.sha1);
    out->sha256 = rs_text_copy(job, made.sha256);
    return RS_OK;
}
