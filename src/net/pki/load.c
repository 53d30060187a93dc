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
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "net/keys/decode.h"
#include "net/pki/loader.h"

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

static void load_end_certificate(void *object)
{
    X509_free(object);
}

static void load_end_key(void *object)
{
    EVP_PKEY_free(object);
}

rs_status loader_add_certificate(struct loader *l, X509 *certificate)
{
    rs_job_at_end(l->job, load_end_certificate, certificate);
    if (l->certificates.count == PKI_CERTIFICATES_PER_FILE_MAX)
        return rs_fail(l->job, PKI_FILE_INVALID, "it holds more than %d certificates", PKI_CERTIFICATES_PER_FILE_MAX);
    rs_vec_push(l->job, &l->certificates, certificate);
    return RS_OK;
}

rs_status loader_add_key(struct loader *l, EVP_PKEY *key)
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
            status = loader_add_certificate(l, certificate);
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

/* "PKCS7" is what Windows writes, "CMS" the same under its later name. */
static rs_status load_pem_bags(struct loader *l)
{
    BIO *bio;
    rs_status status = RS_OK;
    PKCS7 *message;

    if (rs_text_find(l->bytes, RS_TEXT("-----BEGIN PKCS7-----")) < 0 &&
        rs_text_find(l->bytes, RS_TEXT("-----BEGIN CMS-----")) < 0)
        return RS_OK;
    bio = BIO_new_mem_buf(l->bytes.bytes, (int)l->bytes.size);
    while (status == RS_OK && (message = PEM_read_bio_PKCS7(bio, NULL, NULL, NULL)) != NULL) {
        status = loader_bag(l, message);
        PKCS7_free(message);
    }
    ERR_clear_error();
    BIO_free(bio);
    return status;
}

static void load_note_key_problem(struct loader *l)
{
    if (l->asked) {
        l->out->password = l->password ? PKI_PASSWORD_WRONG : PKI_PASSWORD_MISSING;
        l->out->key_problem = l->password ? RS_TEXT("the password does not open the private key")
                                          : RS_TEXT("the private key is encrypted");
    } else {
        l->out->key_problem = RS_TEXT("the private key is damaged or of a kind that is not known");
    }
}

/* Keys that are all in the plain form of PKCS#8: what nearly everybody writes. `*done` where that was so. */
static rs_status load_plain_keys(struct loader *l, bool *done)
{
    BIO *bio = BIO_new_mem_buf(l->bytes.bytes, (int)l->bytes.size);
    char *name, *header;
    unsigned char *der;
    rs_status status = RS_OK;
    long size;

    *done = true;
    while (status == RS_OK && *done && PEM_read_bio(bio, &name, &header, &der, &size)) {
        rs_text kind = rs_text_from(name);
        bool plain = rs_text_equal(kind, RS_TEXT("PRIVATE KEY")) && header[0] == '\0';
        EVP_PKEY *key = plain ? keys_decode(rs_text_of((const char *)der, (size_t)size)) : NULL;
        if (key)
            status = loader_add_key(l, key);
        else
            *done = rs_text_find(kind, RS_TEXT("PRIVATE KEY")) < 0;
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)size);
    }
    ERR_clear_error();
    BIO_free(bio);
    return status;
}

static rs_status load_pem_keys(struct loader *l)
{
    BIO *bio;
    bool done;
    rs_status status = RS_OK;

    if (rs_text_find(l->bytes, RS_TEXT("PRIVATE KEY-----")) < 0)
        return RS_OK; /* certificates alone: the common case, and the quick one */
    RS_TRY(load_plain_keys(l, &done));
    if (done && l->keys.count > 0)
        return RS_OK;
    l->keys.count = 0; /* they end with the job; all are read again, in their order */
    bio = BIO_new_mem_buf(l->bytes.bytes, (int)l->bytes.size);
    while (status == RS_OK) {
        EVP_PKEY *key;
        l->asked = false;
        key = PEM_read_bio_PrivateKey(bio, NULL, load_give_password, l);
        if (!key)
            break;
        l->out->sealed = l->asked && l->password && l->password[0];
        status = loader_add_key(l, key);
    }
    if (status == RS_OK && l->keys.count == 0)
        load_note_key_problem(l);
    ERR_clear_error();
    BIO_free(bio);
    return status;
}

static void load_end_request(void *object)
{
    X509_REQ_free(object);
}

static void load_pem_request(struct loader *l)
{
    BIO *bio;

    if (rs_text_find(l->bytes, RS_TEXT("CERTIFICATE REQUEST-----")) < 0)
        return;
    bio = BIO_new_mem_buf(l->bytes.bytes, (int)l->bytes.size);
    l->out->request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
    rs_job_at_end(l->job, load_end_request, l->out->request);
    ERR_clear_error();
    BIO_free(bio);
}

static rs_status load_pem(struct loader *l)
{
    RS_TRY(load_pem_certificates(l));
    RS_TRY(load_pem_bags(l));
    RS_TRY(load_pem_keys(l));
    load_pem_request(l);
    if (l->certificates.count == 0 && l->keys.count == 0 && l->out->key_problem.size == 0 && !l->out->request)
        return rs_fail(l->job, PKI_FILE_INVALID, "it holds neither a certificate nor a private key");
    return RS_OK;
}

/* ---- DER ----------------------------------------------------------------------------------- */

/* A key without a password, or with one (PKCS#8). */
static EVP_PKEY *load_der_key(struct loader *l)
{
    EVP_PKEY *key = keys_decode(l->bytes);
    BIO *bio;

    ERR_clear_error();
    if (key)
        return key;
    bio = BIO_new_mem_buf(l->bytes.bytes, (int)l->bytes.size);
    l->asked = false;
    key = d2i_PKCS8PrivateKey_bio(bio, NULL, load_give_password, l);
    l->out->sealed = key && l->password && l->password[0];
    ERR_clear_error();
    BIO_free(bio);
    return key;
}

static rs_status load_der_key_or_fail(struct loader *l)
{
    EVP_PKEY *key = load_der_key(l);

    if (key)
        return loader_add_key(l, key);
    if (l->asked) {
        load_note_key_problem(l);
        return RS_OK;
    }
    return rs_fail(l->job, PKI_FILE_INVALID, "it is neither PEM, a certificate, a PKCS#12 archive, a PKCS#7 message nor a "
                   "private key");
}

static rs_status load_der(struct loader *l)
{
    const unsigned char *bytes = (const unsigned char *)l->bytes.bytes, *at = bytes;
    long size = (long)l->bytes.size;
    X509 *certificate = d2i_X509(NULL, &at, size);
    PKCS12 *archive;
    PKCS7 *message;
    rs_status status;

    if (certificate) {
        RS_TRY(loader_add_certificate(l, certificate));
        return at == bytes + size ? RS_OK : rs_fail(l->job, PKI_FILE_INVALID, "something stands behind the certificate");
    }
    at = bytes;
    archive = d2i_PKCS12(NULL, &at, size);
    if (archive) {
        status = loader_archive(l, archive);
        PKCS12_free(archive);
        return status;
    }
    at = bytes;
    message = d2i_PKCS7(NULL, &at, size);
    if (message) {
        status = loader_bag(l, message);
        PKCS7_free(message);
        return status;
    }
    return load_der_key_or_fail(l);
}

/* Windows writes text as UTF-16 at times, with a mark in front. PEM is ASCII: every second byte is all of it. */
static rs_text load_ascii(struct rs_job *job, rs_text bytes)
{
    bool big = rs_text_starts(bytes, RS_TEXT("\xFE\xFF"));
    size_t size = 0;
    char *ascii;

    if (!big && !rs_text_starts(bytes, RS_TEXT("\xFF\xFE")))
        return bytes;
    ascii = rs_alloc(job, bytes.size / 2);
    for (size_t i = 2 + big; i < bytes.size; i += 2)
        ascii[size++] = bytes.bytes[i];
    return rs_text_of(ascii, size);
}

static rs_status load(struct rs_job *job, rs_text given, const char *password, bool keys_only, struct pki_contents *out)
{
    rs_text bytes = given.size <= PKI_FILE_MAX ? load_ascii(job, given) : given;
    struct loader loader = {.job = job, .bytes = bytes, .password = password, .out = out};
    bool pem = rs_text_find(bytes, RS_TEXT("-----BEGIN ")) >= 0;

    memset(out, 0, sizeof *out);
    if (bytes.size == 0)
        return rs_fail(job, PKI_FILE_INVALID, "it is empty");
    if (bytes.size > PKI_FILE_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "it is larger than %zu bytes", PKI_FILE_MAX);
    ERR_clear_error();
    if (pem && keys_only)
        RS_TRY(load_pem_keys(&loader));
    else if (pem)
        RS_TRY(load_pem(&loader));
    else
        RS_TRY(load_der(&loader));
    out->certificates = loader.certificates.items;
    out->certificate_count = loader.certificates.count;
    out->keys = loader.keys.items;
    out->key_count = loader.keys.count;
    return RS_OK;
}

rs_status pki_load(struct rs_job *job, rs_text bytes, const char *password, struct pki_contents *out)
{
    return load(job, bytes, password, false, out);
}

rs_status pki_load_keys(struct rs_job *job, rs_text bytes, const char *password, struct pki_contents *out)
{
    return load(job, bytes, password, true, out);
}
