#include "net/pki/create.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/file.h"
#include "net/pki/describe.h"

#define AUTHORITY_DAYS 3650
#define BACKDATE_SECONDS 3600 /* clients whose clock is a little late */
#define DAY_SECONDS 86400
#define FILE_NAME_MAX 100

/* ---- kinds of keys ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *curve; /* or NULL: RSA */
    unsigned bits;
} kinds[PKI_KEY_KINDS] = {
    [PKI_ECDSA_P256] = {"ecdsa-p256", "P-256", 0}, [PKI_ECDSA_P384] = {"ecdsa-p384", "P-384", 0},
    [PKI_RSA_2048] = {"rsa-2048", NULL, 2048},     [PKI_RSA_3072] = {"rsa-3072", NULL, 3072},
    [PKI_RSA_4096] = {"rsa-4096", NULL, 4096},
};

bool pki_key_kind_parse(rs_text t, enum pki_key_kind *out)
{
    for (enum pki_key_kind kind = 0; kind < PKI_KEY_KINDS; kind++)
        if (rs_text_equal_nocase(t, rs_text_from(kinds[kind].name))) {
            *out = kind;
            return true;
        }
    return false;
}

const char *pki_key_kind_name(enum pki_key_kind kind)
{
    return kinds[kind].name;
}

/* ---- handles ------------------------------------------------------------------------------- */

static void create_end_key(void *key)
{
    EVP_PKEY_free(key);
}

static void create_end_certificate(void *certificate)
{
    X509_free(certificate);
}

static rs_status create_failed(struct rs_job *job, const char *what)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(error);

    ERR_clear_error();
    return rs_fail(job, PKI_FAILED, "cannot %s: %s", what, reason ? reason : "no memory");
}

static rs_status create_key(struct rs_job *job, enum pki_key_kind kind, EVP_PKEY **out)
{
    *out = kinds[kind].curve ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", kinds[kind].curve)
                             : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)kinds[kind].bits);
    if (!*out)
        return create_failed(job, "make a key");
    rs_job_at_end(job, create_end_key, *out);
    return RS_OK;
}

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
        return create_failed(job, "make a certificate");
    rs_job_at_end(job, create_end_certificate, certificate);
    if (!draft_fill(certificate, draft) ||
        X509_sign(certificate, draft->authority_key ? draft->authority_key : draft->key, EVP_sha256()) == 0)
        return create_failed(job, "make a certificate");
    *out = certificate;
    return RS_OK;
}

/* ---- files --------------------------------------------------------------------------------- */

static rs_status write_bio(struct rs_job *job, BIO *bio, bool written, rs_text path, mode_t mode)
{
    char *bytes;
    long size = BIO_get_mem_data(bio, &bytes);
    rs_status status;

    if (!written || size <= 0)
        status = create_failed(job, "write a certificate");
    else
        status = rs_file_replace(job, path, rs_text_of(bytes, (size_t)size), mode);
    BIO_free(bio);
    return status;
}

static rs_status write_certificate(struct rs_job *job, X509 *certificate, rs_text path)
{
    BIO *bio = BIO_new(BIO_s_mem());

    return write_bio(job, bio, bio && PEM_write_bio_X509(bio, certificate) == 1, path, 0644);
}

/* The memory BIO is of the kind that wipes itself; the file is made with mode 0600 under another name. */
static rs_status write_key(struct rs_job *job, EVP_PKEY *key, rs_text path)
{
    BIO *bio = BIO_new(BIO_s_secmem());

    return write_bio(job, bio, bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1, path, 0600);
}

/* A key without its certificate is of no use to anyone: both, or none. */
static rs_status write_pair(struct rs_job *job, X509 *certificate, rs_text certificate_path, EVP_PKEY *key, rs_text key_path)
{
    rs_status status;

    RS_TRY(write_key(job, key, key_path));
    status = write_certificate(job, certificate, certificate_path);
    if (status != RS_OK)
        unlink(rs_text_terminated(job, key_path));
    return status;
}

/* ---- the local authority ------------------------------------------------------------------- */

struct authority {
    rs_text certificate_path, key_path;
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
        return create_failed(job, "make a random number");
    RS_TRY(create_key(job, PKI_ECDSA_P256, &out->key));
    draft.key = out->key;
    /* a common name has at most 64 characters; the tag keeps the authorities of several instances apart */
    draft.common_name = rs_text_format(job, "Local authority %02x%02x%02x%02x %.35s", tag[0], tag[1], tag[2], tag[3], host);
    draft.not_before_s = time(NULL) - BACKDATE_SECONDS;
    draft.not_after_s = draft.not_before_s + (int64_t)AUTHORITY_DAYS * DAY_SECONDS;
    RS_TRY(draft_sign(job, &draft, &out->certificate));
    return write_pair(job, out->certificate, out->certificate_path, out->key, out->key_path);
}

static rs_status authority_read(struct rs_job *job, struct authority *out)
{
    struct pki_file file = {0};
    struct pki_contents certificate = {0}, key = {0};
    rs_text exposed;
    rs_status status;

    RS_TRY(pki_file_read(job, out->certificate_path, PKI_FILE_MAX, &file));
    RS_TRY(pki_load(job, file.bytes, NULL, &certificate));
    file = (struct pki_file){0};
    status = pki_file_read(job, out->key_path, PKI_FILE_MAX, &file);
    if (status == RS_OK)
        status = pki_load(job, file.bytes, NULL, &key);
    pki_wipe(file.bytes);
    RS_TRY(status);
    exposed = pki_file_exposed(job, out->key_path, &file);
    if (exposed.size > 0)
        return rs_fail(job, PKI_KEY_REFUSED, "%.*s", RS_TEXT_ARG(exposed));
    if (certificate.certificate_count == 0 || key.key_count == 0 ||
        X509_check_private_key(certificate.certificates[0], key.keys[0]) != 1) {
        ERR_clear_error();
        return rs_fail(job, PKI_FILE_INVALID, "\"%.*s\" and its key do not belong together", RS_TEXT_ARG(out->certificate_path));
    }
    out->certificate = certificate.certificates[0];
    out->key = key.keys[0];
    return RS_OK;
}

static rs_status authority_open(struct rs_job *job, rs_text folder, struct authority *out)
{
    rs_status status;

    out->certificate_path = rs_text_format(job, "%.*s/ca/ca.crt", RS_TEXT_ARG(folder));
    out->key_path = rs_text_format(job, "%.*s/ca/ca.key", RS_TEXT_ARG(folder));
    if (access(out->certificate_path.bytes, F_OK) != 0)
        return authority_make(job, out);
    status = authority_read(job, out);
    if (status != RS_OK)
        rs_within(job, "the local authority in \"%.*s/ca\" (move that folder away to have a new one made)",
                  RS_TEXT_ARG(folder));
    return status;
}

/* One maker at a time: the authority must not be made twice, nor a file name taken twice. */
static rs_status create_lock(struct rs_job *job, rs_text folder, int *out)
{
    const char *path = rs_text_format(job, "%.*s/ca/.lock", RS_TEXT_ARG(folder)).bytes;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return rs_fail(job, RS_IO, "cannot open \"%s\": %s", path, strerror(errno));
    *out = fd;
    while (flock(fd, LOCK_EX) != 0)
        if (errno != EINTR)
            return rs_fail(job, RS_IO, "cannot lock \"%s\": %s", path, strerror(errno));
    return RS_OK;
}

/* ---- hosts --------------------------------------------------------------------------------- */

static bool host_is_name(rs_text host)
{
    size_t label = 0;

    if (rs_text_starts(host, RS_TEXT("*.")))
        host = rs_text_from_offset(host, 2);
    if (host.size == 0 || host.size > 253)
        return false;
    for (size_t i = 0; i <= host.size; i++) {
        char c = i < host.size ? host.bytes[i] : '.';
        if (c == '.') {
            if (label == 0 || label > 63 || host.bytes[i - 1] == '-' || host.bytes[i - label] == '-')
                return false;
            label = 0;
        } else if (rs_is_alpha(c) || rs_is_digit(c) || c == '-' || c == '_') {
            label++;
        } else {
            return false;
        }
    }
    return true;
}

static GENERAL_NAME *host_general_name(rs_text host, const char *terminated)
{
    unsigned char bytes[16];
    GENERAL_NAME *name = GENERAL_NAME_new();
    size_t size = inet_pton(AF_INET, terminated, bytes) == 1 ? 4 : inet_pton(AF_INET6, terminated, bytes) == 1 ? 16 : 0;
    ASN1_STRING *value = size ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();

    if (!name || !value || ASN1_STRING_set(value, size ? (const void *)bytes : host.bytes, (int)(size ? size : host.size)) != 1) {
        ASN1_STRING_free(value);
        GENERAL_NAME_free(name);
        return NULL;
    }
    GENERAL_NAME_set0_value(name, size ? GEN_IPADD : GEN_DNS, value);
    return name;
}

static void host_end_names(void *names)
{
    GENERAL_NAMES_free(names);
}

/* The hosts as subject alternative names; `first` is the first of them, without brackets. */
static rs_status hosts_read(struct rs_job *job, const struct pki_create *wish, GENERAL_NAMES **out, rs_text *first)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();

    rs_job_at_end(job, host_end_names, names);
    if (wish->host_count == 0 || wish->host_count > PKI_CREATE_NAMES_MAX)
        return rs_fail(job, RS_INVALID, "a certificate is for 1 to %d hosts", PKI_CREATE_NAMES_MAX);
    for (size_t i = 0; i < wish->host_count; i++) {
        rs_text host = wish->hosts[i];
        unsigned char bytes[16];
        GENERAL_NAME *name;
        if (host.size > 2 && host.bytes[0] == '[' && host.bytes[host.size - 1] == ']')
            host = rs_text_slice(host, 1, host.size - 2);
        host = rs_text_lower(job, host);
        if (inet_pton(AF_INET, host.bytes, bytes) != 1 && inet_pton(AF_INET6, host.bytes, bytes) != 1 && !host_is_name(host))
            return rs_fail(job, RS_INVALID, "\"%.*s\" is neither a host name nor an IP address", RS_TEXT_ARG(wish->hosts[i]));
        name = host_general_name(host, host.bytes);
        if (!name || !sk_GENERAL_NAME_push(names, name)) {
            GENERAL_NAME_free(name);
            return create_failed(job, "make a certificate");
        }
        if (i == 0)
            *first = host;
    }
    *out = names;
    return RS_OK;
}

/* ---- the server's certificate -------------------------------------------------------------- */

/* Visible ASCII without what a file name or a shell would mind; never hidden, never a path. */
static rs_status name_check(struct rs_job *job, rs_text name)
{
    bool good = name.size > 0 && name.size <= FILE_NAME_MAX && name.bytes[0] != '.' && name.bytes[0] != '-';

    for (size_t i = 0; good && i < name.size; i++)
        good = rs_is_alpha(name.bytes[i]) || rs_is_digit(name.bytes[i]) || strchr("._-@+", name.bytes[i]);
    return good ? RS_OK
                : rs_fail(job, RS_INVALID, "\"%.*s\" is not a name for a certificate's files: use letters, digits, "
                          "dots, hyphens and underscores, at most %d", RS_TEXT_ARG(name), FILE_NAME_MAX);
}

static bool name_is_taken(struct rs_job *job, struct pki_created *files, rs_text folder, rs_text name)
{
    files->certificate_file = rs_text_format(job, "%.*s/%.*s.crt", RS_TEXT_ARG(folder), RS_TEXT_ARG(name));
    files->key_file = rs_text_format(job, "%.*s/%.*s.key", RS_TEXT_ARG(folder), RS_TEXT_ARG(name));
    return access(files->certificate_file.bytes, F_OK) == 0 || access(files->key_file.bytes, F_OK) == 0;
}

/* A name that was asked for must be free; one that we choose becomes free by a number. */
static rs_status name_choose(struct rs_job *job, const struct pki_create *wish, rs_text first, struct pki_created *files)
{
    char *stem;

    if (wish->name.size > 0) {
        RS_TRY(name_check(job, wish->name));
        return name_is_taken(job, files, wish->folder, wish->name)
                   ? rs_fail(job, RS_CONFLICT, "\"%.*s\" is there already: choose another --name",
                             RS_TEXT_ARG(files->certificate_file))
                   : RS_OK;
    }
    stem = rs_text_terminated(job, rs_text_slice(first, 0, FILE_NAME_MAX));
    for (char *c = stem; *c; c++)
        if (*c == '*' || *c == ':')
            *c = '_';
    for (unsigned number = 1; number < 10000; number++) {
        rs_text name = number == 1 ? rs_text_from(stem) : rs_text_format(job, "%s-%u", stem, number);
        if (!name_is_taken(job, files, wish->folder, name))
            return RS_OK;
    }
    return rs_fail(job, RS_CONFLICT, "there are too many certificates named \"%s\": choose a --name", stem);
}

static rs_status leaf_make(struct rs_job *job, const struct pki_create *wish, const struct authority *authority,
                           GENERAL_NAMES *names, rs_text first, EVP_PKEY *key, X509 **out)
{
    int days = wish->validity_days ? wish->validity_days : PKI_VALIDITY_DAYS_MAX;
    struct draft draft = {.key = key, .authority = authority->certificate, .authority_key = authority->key,
                          .basic_constraints = "critical,CA:FALSE", .extended_key_usage = "serverAuth", .names = names,
                          .key_usage = kinds[wish->key_kind].curve ? "critical,digitalSignature"
                                                                   : "critical,digitalSignature,keyEncipherment"};
    struct pki_entry entry = {0};

    draft.common_name = first.size <= 64 ? first : rs_text_of(NULL, 0); /* more does not fit; clients read the names */
    draft.not_before_s = time(NULL) - BACKDATE_SECONDS;
    draft.not_after_s = draft.not_before_s + (int64_t)days * DAY_SECONDS;
    pki_describe(job, authority->certificate, &entry);
    if (draft.not_before_s < entry.not_before_ms / 1000)
        draft.not_before_s = entry.not_before_ms / 1000;
    if (draft.not_after_s > entry.not_after_ms / 1000)
        draft.not_after_s = entry.not_after_ms / 1000;
    if (draft.not_after_s <= time(NULL))
        return rs_fail(job, PKI_NOT_FIT, "the local authority \"%.*s\" has expired: move its folder away to have a new one "
                       "made", RS_TEXT_ARG(authority->certificate_path));
    return draft_sign(job, &draft, out);
}

static rs_status create_locked(struct rs_job *job, const struct pki_create *wish, GENERAL_NAMES *names, rs_text first,
                               struct pki_created *out)
{
    struct authority authority = {0};
    struct pki_entry entry = {0};
    EVP_PKEY *key;
    X509 *certificate;

    RS_TRY(name_choose(job, wish, first, out));
    RS_TRY(authority_open(job, wish->folder, &authority));
    RS_TRY(rs_job_checkpoint(job));
    RS_TRY(create_key(job, wish->key_kind, &key));
    RS_TRY(leaf_make(job, wish, &authority, names, first, key, &certificate));
    RS_TRY(rs_job_checkpoint(job));
    RS_TRY(write_pair(job, certificate, out->certificate_file, key, out->key_file));
    pki_describe(job, certificate, &entry);
    out->authority_file = authority.certificate_path;
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
    if (hosts_read(making, wish, &names, &first) != RS_OK)
        return rs_job_adopt(job, making);
    RS_TRY(rs_folder_make(job, rs_text_format(job, "%.*s/ca", RS_TEXT_ARG(wish->folder)), 0755));
    RS_TRY(create_lock(job, wish->folder, &lock));
    if (create_locked(making, wish, names, first, &made) != RS_OK)
        return rs_job_adopt(job, making);
    out->certificate_file = rs_text_copy(job, made.certificate_file);
    out->key_file = rs_text_copy(job, made.key_file);
    out->authority_file = rs_text_copy(job, made.authority_file);
    out->sha1 = rs_text_copy(job, made.sha1);
    out->sha256 = rs_text_copy(job, made.sha256);
    return RS_OK;
}
