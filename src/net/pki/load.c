#include "net/pki/load.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/vec.h"

/* ---- files --------------------------------------------------------------------------------- */

void pki_wipe(rs_text bytes)
{
    if (bytes.size > 0)
        OPENSSL_cleanse((char *)(uintptr_t)bytes.bytes, bytes.size);
}

static rs_status file_read_all(struct rs_job *job, int fd, rs_text path, size_t size, rs_text *out)
{
    char *bytes = rs_alloc(job, size + 1); /* one piece, so that one wipe finds all of it */
    size_t used = 0;

    *out = rs_text_of(bytes, size);
    while (used < size) {
        ssize_t got = read(fd, bytes + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return rs_fail(job, RS_IO, "cannot read \"%.*s\": %s", RS_TEXT_ARG(path), strerror(errno));
        if (got == 0)
            break; /* it became shorter meanwhile: the next look will see the rest */
        used += (size_t)got;
    }
    *out = rs_text_of(bytes, used);
    return RS_OK;
}

rs_status pki_file_read(struct rs_job *job, rs_text path, size_t limit, struct pki_file *out)
{
    RS_OWNED_FD fd = open(rs_text_terminated(job, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat info;

    if (fd < 0)
        return rs_fail(job, errno == ENOENT ? RS_NOT_FOUND : RS_IO, "cannot open \"%.*s\": %s", RS_TEXT_ARG(path),
                       strerror(errno));
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return rs_fail(job, RS_IO, "\"%.*s\" is not a file", RS_TEXT_ARG(path));
    if ((size_t)info.st_size > limit)
        return rs_fail(job, RS_OVER_LIMIT, "\"%.*s\" is larger than the %zu bytes allowed", RS_TEXT_ARG(path), limit);
    out->mode = info.st_mode & 07777;
    out->uid = info.st_uid;
    return file_read_all(job, fd, path, (size_t)info.st_size, &out->bytes);
}

rs_text pki_file_exposed(struct rs_job *job, rs_text path, const struct pki_file *file)
{
    if (file->mode & 077)
        return rs_text_format(job, "others than its owner can use \"%.*s\" (mode %04o): chmod 600 '%.*s'",
                              RS_TEXT_ARG(path), file->mode, RS_TEXT_ARG(path));
    if (file->uid != geteuid() && file->uid != 0)
        return rs_text_format(job, "\"%.*s\" belongs to another account: chown %u '%.*s'", RS_TEXT_ARG(path),
                              (unsigned)geteuid(), RS_TEXT_ARG(path));
    return rs_text_of(NULL, 0);
}

rs_text pki_path_stem(rs_text path)
{
    for (size_t i = path.size; i > 0 && path.bytes[i - 1] != '/'; i--)
        if (path.bytes[i - 1] == '.' && i > 1 && path.bytes[i - 2] != '/')
            return rs_text_slice(path, 0, i - 1);
    return path;
}

char *pki_password_read(struct rs_job *job, rs_text path, rs_text *problem)
{
    rs_text name = rs_text_format(job, "%.*s.pass", RS_TEXT_ARG(pki_path_stem(path)));
    RS_OWNED(rs_job) reading = rs_job_create(NULL);
    struct pki_file file = {0};
    char *password = NULL;
    rs_status status = pki_file_read(reading, name, PKI_PASSWORD_MAX, &file);

    *problem = rs_text_of(NULL, 0);
    if (status == RS_NOT_FOUND)
        return NULL;
    if (status != RS_OK)
        *problem = rs_text_copy(job, rs_job_message(reading));
    else
        *problem = pki_file_exposed(job, name, &file);
    if (problem->size == 0) {
        rs_text line = file.bytes, rest;
        rs_text_cut(line, '\n', &line, &rest);
        if (line.size > 0 && line.bytes[line.size - 1] == '\r')
            line.size--;
        password = rs_text_terminated(job, line);
    }
    pki_wipe(file.bytes);
    return password;
}

/* ---- loading ------------------------------------------------------------------------------- */

RS_VEC_TYPE(X509 *, certificate_vec);
RS_VEC_TYPE(EVP_PKEY *, key_vec);

struct loader {
    struct rs_job *job;
    rs_text bytes;
    const char *password; /* or NULL */
    bool asked;           /* the password was asked for */
    struct certificate_vec certificates;
    struct key_vec keys;
    struct pki_contents *out;
};

static void load_end_certificate(void *object)
{
    X509_free(object);
}

static void load_end_key(void *object)
{
    EVP_PKEY_free(object);
}

static rs_status load_certificate(struct loader *l, X509 *certificate)
{
    rs_job_at_end(l->job, load_end_certificate, certificate);
    if (l->certificates.count == PKI_CERTIFICATES_PER_FILE_MAX)
        return rs_fail(l->job, PKI_FILE_INVALID, "it holds more than %d certificates", PKI_CERTIFICATES_PER_FILE_MAX);
    rs_vec_push(l->job, &l->certificates, certificate);
    return RS_OK;
}

static rs_status load_key(struct loader *l, EVP_PKEY *key)
{
    rs_job_at_end(l->job, load_end_key, key);
    if (l->keys.count == PKI_KEYS_PER_FILE_MAX)
        return rs_fail(l->job, PKI_FILE_INVALID, "it holds more than %d private keys", PKI_KEYS_PER_FILE_MAX);
    rs_vec_push(l->job, &l->keys, key);
    return RS_OK;
}

static int load_give_password(char *out, int size, int writing, void *data)
{
    struct loader *l = data;
    size_t length = l->password ? strlen(l->password) : 0;

    l->asked = true;
    if (!l->password || length > (size_t)size)
        return -1;
    memcpy(out, l->password, length);
    return (int)length;
}

/* A PEM block that was meant to be a certificate and is none must not pass unseen. */
static rs_status load_pem_certificates(struct loader *l)
{
    BIO *bio = BIO_new_mem_buf(l->bytes.bytes, (int)l->bytes.size);
    rs_status status = RS_OK;

    while (status == RS_OK) {
        X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        unsigned long error;
        if (certificate) {
            status = load_certificate(l, certificate);
            continue;
        }
        error = ERR_peek_last_error();
        if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
            status = rs_fail(l->job, PKI_FILE_INVALID, "a certificate in it is damaged");
        break;
    }
    ERR_clear_error();
    BIO_free(bio);
    return status;
}

static void load_note_key_problem(struct loader *l)
{
    if (l->asked && !l->password)
        l->out->key_problem = RS_TEXT("the private key is encrypted: put its password into a file of the same name that "
                                      "ends in .pass (mode 0600)");
    else if (l->asked)
        l->out->key_problem = RS_TEXT("the password in the .pass file does not open the private key");
    else
        l->out->key_problem = RS_TEXT("the private key is damaged or of a kind that is not known");
}

static rs_status load_pem_keys(struct loader *l)
{
    BIO *bio;
    rs_status status = RS_OK;

    if (rs_text_find(l->bytes, RS_TEXT("PRIVATE KEY-----")) < 0)
        return RS_OK; /* certificates alone: the common case, and the quick one */
    bio = BIO_new_mem_buf(l->bytes.bytes, (int)l->bytes.size);
    while (status == RS_OK) {
        EVP_PKEY *key;
        l->asked = false;
        key = PEM_read_bio_PrivateKey(bio, NULL, load_give_password, l);
        if (!key)
            break;
        l->out->sealed = l->asked && l->password && l->password[0];
        status = load_key(l, key);
    }
    if (status == RS_OK && l->keys.count == 0)
        load_note_key_problem(l);
    ERR_clear_error();
    BIO_free(bio);
    return status;
}

static rs_status load_pem(struct loader *l)
{
    RS_TRY(load_pem_certificates(l));
    RS_TRY(load_pem_keys(l));
    if (l->certificates.count == 0 && l->keys.count == 0 && l->out->key_problem.size == 0)
        return rs_fail(l->job, PKI_FILE_INVALID, "it holds neither a certificate nor a private key");
    return RS_OK;
}

/* ---- PKCS#12 ------------------------------------------------------------------------------- */

static rs_status load_check_mac(struct loader *l, PKCS12 *archive)
{
    const ASN1_INTEGER *iterations = NULL;
    int64_t count = 1;

    if (!PKCS12_mac_present(archive))
        return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive has no integrity check");
    PKCS12_get0_mac(NULL, NULL, NULL, &iterations, archive);
    if (iterations && (!ASN1_INTEGER_get_int64(&count, iterations) || count < 1 || count > PKI_MAC_ITERATIONS_MAX))
        return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive asks for more than %d rounds of hashing",
                       PKI_MAC_ITERATIONS_MAX);
    return RS_OK;
}

static rs_status load_archive_failed(struct loader *l)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(error);
    bool old = ERR_GET_REASON(error) == ERR_R_UNSUPPORTED || (reason && strstr(reason, "unsupported"));
    bool mac = ERR_GET_LIB(error) == ERR_LIB_PKCS12 && ERR_GET_REASON(error) == PKCS12_R_MAC_VERIFY_FAILURE;

    ERR_clear_error();
    if (mac && !l->password)
        return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive has a password: put it into a file of the same name "
                       "that ends in .pass (mode 0600)");
    if (mac)
        return rs_fail(l->job, PKI_FILE_INVALID, "the password in the .pass file does not open the PKCS#12 archive");
    if (old)
        return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive is encrypted with an algorithm that is too old: write "
                       "it anew with `openssl pkcs12 -legacy -in OLD -nodes | openssl pkcs12 -export -out NEW`");
    return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive is damaged%s%s", reason ? ": " : "", reason ? reason : "");
}

static rs_status load_archive(struct loader *l, PKCS12 *archive)
{
    STACK_OF(X509) *others = NULL;
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    rs_status status = RS_OK;
    int length = 0;
    const unsigned char *alias;

    RS_TRY(load_check_mac(l, archive));
    ERR_clear_error();
    if (PKCS12_parse(archive, l->password ? l->password : "", &key, &certificate, &others) != 1)
        return load_archive_failed(l);
    l->out->sealed = l->password && l->password[0];
    if (key)
        status = load_key(l, key);
    if (certificate) {
        alias = X509_alias_get0(certificate, &length);
        if (alias && length > 0 && rs_text_is_utf8(rs_text_of((const char *)alias, (size_t)length)))
            l->out->friendly_name = rs_text_copy(l->job, rs_text_of((const char *)alias, (size_t)length));
        if (status == RS_OK)
            status = load_certificate(l, certificate);
        else
            X509_free(certificate);
    }
    while (sk_X509_num(others) > 0) {
        X509 *other = sk_X509_shift(others);
        if (status == RS_OK)
            status = load_certificate(l, other);
        else
            X509_free(other);
    }
    sk_X509_free(others);
    if (status == RS_OK && l->certificates.count == 0 && l->keys.count == 0)
        return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive is empty");
    return status;
}

static rs_status load_der(struct loader *l)
{
    const unsigned char *bytes = (const unsigned char *)l->bytes.bytes, *at = bytes;
    long size = (long)l->bytes.size;
    X509 *certificate = d2i_X509(NULL, &at, size);
    PKCS12 *archive;
    EVP_PKEY *key;
    rs_status status;

    if (certificate) {
        RS_TRY(load_certificate(l, certificate));
        return at == bytes + size ? RS_OK : rs_fail(l->job, PKI_FILE_INVALID, "something stands behind the certificate");
    }
    at = bytes;
    archive = d2i_PKCS12(NULL, &at, size);
    if (archive) {
        status = load_archive(l, archive);
        PKCS12_free(archive);
        return status;
    }
    at = bytes;
    key = d2i_AutoPrivateKey(NULL, &at, size);
    ERR_clear_error();
    if (key)
        return load_key(l, key);
    return rs_fail(l->job, PKI_FILE_INVALID, "it is neither PEM, a certificate, a PKCS#12 archive nor a private key");
}

rs_status pki_load(struct rs_job *job, rs_text bytes, const char *password, struct pki_contents *out)
{
    struct loader loader = {.job = job, .bytes = bytes, .password = password, .out = out};

    memset(out, 0, sizeof *out);
    if (bytes.size == 0)
        return rs_fail(job, PKI_FILE_INVALID, "it is empty");
    if (bytes.size > PKI_FILE_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "it is larger than %zu bytes", PKI_FILE_MAX);
    ERR_clear_error();
    if (rs_text_find(bytes, RS_TEXT("-----BEGIN ")) >= 0)
        RS_TRY(load_pem(&loader));
    else
        RS_TRY(load_der(&loader));
    out->certificates = loader.certificates.items;
    out->certificate_count = loader.certificates.count;
    out->keys = loader.keys.items;
    out->key_count = loader.keys.count;
    return RS_OK;
}
