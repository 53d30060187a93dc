#include "net/pki/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/file.h"

/* ---- handles and failures ------------------------------------------------------------------ */

void pki_end_key(void *key)
{
    EVP_PKEY_free(key);
}

void pki_end_certificate(void *certificate)
{
    X509_free(certificate);
}

rs_status pki_failed(struct rs_job *job, const char *what)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(error);

    ERR_clear_error();
    return rs_fail(job, PKI_FAILED, "cannot %s: %s", what, reason ? reason : "no memory");
}

/* ---- names --------------------------------------------------------------------------------- */

struct pki_files pki_files_named(struct rs_job *job, rs_text folder, rs_text name)
{
    return (struct pki_files){
        .certificate = rs_text_format(job, "%.*s/%.*s.crt", RS_TEXT_ARG(folder), RS_TEXT_ARG(name)),
        .key = rs_text_format(job, "%.*s/%.*s.key", RS_TEXT_ARG(folder), RS_TEXT_ARG(name)),
        .request = rs_text_format(job, "%.*s/%.*s.csr", RS_TEXT_ARG(folder), RS_TEXT_ARG(name)),
    };
}

rs_status pki_name_check(struct rs_job *job, rs_text name)
{
    bool good = name.size > 0 && name.size <= PKI_FILE_NAME_MAX && name.bytes[0] != '.' && name.bytes[0] != '-';

    for (size_t i = 0; good && i < name.size; i++)
        good = rs_is_alpha(name.bytes[i]) || rs_is_digit(name.bytes[i]) || strchr("._-@+", name.bytes[i]);
    return good ? RS_OK
                : rs_fail(job, RS_INVALID, "\"%.*s\" is not a name for a certificate's files: use letters, digits, "
                          "dots, hyphens and underscores, at most %d", RS_TEXT_ARG(name), PKI_FILE_NAME_MAX);
}

static bool files_are_there(const struct pki_files *files)
{
    return access(files->certificate.bytes, F_OK) == 0 || access(files->key.bytes, F_OK) == 0 ||
           access(files->request.bytes, F_OK) == 0;
}

rs_status pki_files_choose(struct rs_job *job, rs_text folder, rs_text wanted, rs_text otherwise, struct pki_files *out)
{
    char *stem;

    if (wanted.size > 0) {
        RS_TRY(pki_name_check(job, wanted));
        *out = pki_files_named(job, folder, wanted);
        return files_are_there(out)
                   ? rs_fail(job, RS_CONFLICT, "\"%.*s\" is there already: choose another --name", RS_TEXT_ARG(out->certificate))
                   : RS_OK;
    }
    stem = rs_text_terminated(job, rs_text_slice(otherwise, 0, PKI_FILE_NAME_MAX));
    for (char *c = stem; *c; c++)
        if (!rs_is_alpha(*c) && !rs_is_digit(*c) && !strchr("._-@+", *c))
            *c = '_';
    if (stem[0] == '\0' || stem[0] == '.' || stem[0] == '-')
        stem = rs_text_terminated(job, rs_text_format(job, "certificate%s", stem));
    for (unsigned number = 1; number < 10000; number++) {
        rs_text name = number == 1 ? rs_text_from(stem) : rs_text_format(job, "%s-%u", stem, number);
        *out = pki_files_named(job, folder, name);
        if (!files_are_there(out))
            return RS_OK;
    }
    return rs_fail(job, RS_CONFLICT, "there are too many certificates named \"%s\": choose a --name", stem);
}

rs_status pki_files_lock(struct rs_job *job, rs_text folder, int *out)
{
    const char *path;
    int fd;

    RS_TRY(rs_folder_make(job, rs_text_format(job, "%.*s/ca", RS_TEXT_ARG(folder)), 0755));
    path = rs_text_format(job, "%.*s/ca/.lock", RS_TEXT_ARG(folder)).bytes;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return rs_fail(job, RS_IO, "cannot open \"%s\": %s", path, strerror(errno));
    *out = fd;
    while (flock(fd, LOCK_EX) != 0)
        if (errno != EINTR)
            return rs_fail(job, RS_IO, "cannot lock \"%s\": %s", path, strerror(errno));
    return RS_OK;
}

/* ---- writing ------------------------------------------------------------------------------- */

static rs_status write_bio(struct rs_job *job, BIO *bio, bool written, rs_text path, mode_t mode)
{
    char *bytes;
    long size = BIO_get_mem_data(bio, &bytes);
    rs_status status;

    if (!written || size <= 0)
        status = pki_failed(job, "write a certificate");
    else
        status = rs_file_replace(job, path, rs_text_of(bytes, (size_t)size), mode);
    BIO_free(bio);
    return status;
}

rs_status pki_write_certificate(struct rs_job *job, X509 *certificate, const struct stack_st_X509 *chain, rs_text path)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool written = bio && PEM_write_bio_X509(bio, certificate) == 1;

    for (int i = 0; written && chain && i < sk_X509_num(chain); i++)
        written = PEM_write_bio_X509(bio, sk_X509_value(chain, i)) == 1;
    return write_bio(job, bio, written, path, 0644);
}

/* The memory BIO is of the kind that wipes itself; the file is made with mode 0600 under another name. */
rs_status pki_write_key(struct rs_job *job, EVP_PKEY *key, rs_text path)
{
    BIO *bio = BIO_new(BIO_s_secmem());

    return write_bio(job, bio, bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1, path, 0600);
}

rs_status pki_write_request(struct rs_job *job, X509_REQ *request, rs_text path)
{
    BIO *bio = BIO_new(BIO_s_mem());

    return write_bio(job, bio, bio && PEM_write_bio_X509_REQ(bio, request) == 1, path, 0644);
}

rs_status pki_write_pair(struct rs_job *job, X509 *certificate, const struct stack_st_X509 *chain, EVP_PKEY *key,
                         const struct pki_files *files)
{
    rs_status status;

    RS_TRY(pki_write_key(job, key, files->key));
    status = pki_write_certificate(job, certificate, chain, files->certificate);
    if (status != RS_OK)
        unlink(rs_text_terminated(job, files->key));
    return status;
}
