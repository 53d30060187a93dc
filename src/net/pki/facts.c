#include "net/pki/facts.h"

#include <endian.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/keys/library.h"

/* A file changed this shortly before it was read may change again within the same tick of its time stamp. */
#define FACTS_RACY_MS 2000

/* ---- stamps -------------------------------------------------------------------------------- */

bool pki_stamp_read(const char *path, struct pki_stamp *out)
{
    struct stat info;

    memset(out, 0, sizeof *out);
    if (stat(path, &info) != 0)
        return false;
    out->device = info.st_dev;
    out->inode = info.st_ino;
    out->size = (uint64_t)info.st_size;
    out->written = info.st_mtim;
    out->changed = info.st_ctim;
    out->mode = info.st_mode;
    out->owner = info.st_uid;
    out->links = info.st_nlink;
    return true;
}

bool pki_stamp_is_racy(const struct pki_stamp *stamp)
{
    return rs_clock_utc_ms() - (int64_t)stamp->changed.tv_sec * 1000 < FACTS_RACY_MS;
}

void pki_stamp_read_password(rs_text path, struct pki_stamp *out)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf name = rs_buf_in(job);

    rs_buf_add(&name, pki_path_stem(path)); /* of ten thousand files at each start: not worth a format */
    rs_buf_add_literal(&name, ".pass");
    (void)pki_stamp_read(rs_buf_terminated(&name), out);
}

/* ---- the record ---------------------------------------------------------------------------- */

static void put_number(rs_buf *out, uint64_t number)
{
    number = htole64(number);
    rs_buf_add(out, rs_text_of((const char *)&number, sizeof number));
}

static void put_text(rs_buf *out, rs_text text)
{
    put_number(out, text.size);
    rs_buf_add(out, text);
}

static void put_bytes(rs_buf *out, const void *bytes, size_t size)
{
    rs_buf_add(out, rs_text_of(bytes, size));
}

static void put_stamp(rs_buf *out, const struct pki_stamp *stamp)
{
    const uint64_t numbers[] = {stamp->device, stamp->inode, stamp->size, stamp->mode, stamp->owner,
                                (uint64_t)stamp->written.tv_sec, (uint64_t)stamp->written.tv_nsec,
                                (uint64_t)stamp->changed.tv_sec, (uint64_t)stamp->changed.tv_nsec};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        put_number(out, numbers[i]);
}

static void put_certificate(rs_buf *out, const struct pki_certificate_facts *certificate)
{
    put_text(out, certificate->der);
    put_bytes(out, certificate->sha1, sizeof certificate->sha1);
    put_bytes(out, &certificate->sha256, sizeof certificate->sha256);
    put_bytes(out, &certificate->key, sizeof certificate->key);
    put_bytes(out, &certificate->issuer, sizeof certificate->issuer);
    put_number(out, certificate->subject_hash);
    put_number(out, certificate->issuer_hash);
    put_number(out, (uint64_t)certificate->not_before_ms);
    put_number(out, (uint64_t)certificate->not_after_ms);
    put_number(out, (uint64_t)certificate->authority | (uint64_t)certificate->self_signed << 1 |
                        (uint64_t)certificate->issued_another << 2 | (uint64_t)certificate->status << 3);
}

void pki_facts_write(const struct pki_facts *facts, rs_buf *out)
{
    put_number(out, facts->certificate_count);
    put_number(out, facts->key_count);
    put_text(out, facts->path);
    rs_buf_add_byte(out, '\0'); /* for system calls */
    put_stamp(out, &facts->stamp);
    put_stamp(out, &facts->password_stamp);
    put_bytes(out, &facts->content, sizeof facts->content);
    put_text(out, facts->request);
    put_bytes(out, &facts->request_key, sizeof facts->request_key);
    put_text(out, facts->friendly_name);
    put_text(out, facts->key_problem);
    put_text(out, facts->exposed);
    put_text(out, facts->broken);
    for (size_t i = 0; i < facts->certificate_count; i++)
        put_certificate(out, &facts->certificates[i]);
    put_bytes(out, facts->keys, facts->key_count * sizeof facts->keys[0]);
}

struct reader {
    rs_text rest;
    bool broken;
};

static rs_text take(struct reader *reader, uint64_t size)
{
    rs_text taken = rs_text_of(reader->rest.bytes, 0);

    if (size > reader->rest.size) {
        reader->broken = true;
        return taken;
    }
    taken.size = (size_t)size;
    reader->rest = rs_text_from_offset(reader->rest, (size_t)size);
    return taken;
}

static void take_bytes(struct reader *reader, void *out, size_t size)
{
    rs_text bytes = take(reader, size);

    if (bytes.size == size && size > 0)
        memcpy(out, bytes.bytes, size);
}

static uint64_t take_number(struct reader *reader)
{
    uint64_t number = 0;

    take_bytes(reader, &number, sizeof number);
    return le64toh(number);
}

static rs_text take_text(struct reader *reader)
{
    return take(reader, take_number(reader));
}

static void take_time(struct reader *reader, struct timespec *out)
{
    out->tv_sec = (time_t)take_number(reader);
    out->tv_nsec = (long)take_number(reader);
}

static void take_stamp(struct reader *reader, struct pki_stamp *out)
{
    out->device = take_number(reader);
    out->inode = take_number(reader);
    out->size = take_number(reader);
    out->mode = take_number(reader);
    out->owner = take_number(reader);
    take_time(reader, &out->written);
    take_time(reader, &out->changed);
}

static void take_certificate(struct reader *reader, struct pki_certificate_facts *out)
{
    uint64_t flags;

    out->der = take_text(reader);
    take_bytes(reader, out->sha1, sizeof out->sha1);
    take_bytes(reader, &out->sha256, sizeof out->sha256);
    take_bytes(reader, &out->key, sizeof out->key);
    take_bytes(reader, &out->issuer, sizeof out->issuer);
    out->subject_hash = take_number(reader);
    out->issuer_hash = take_number(reader);
    out->not_before_ms = (int64_t)take_number(reader);
    out->not_after_ms = (int64_t)take_number(reader);
    flags = take_number(reader);
    out->authority = flags & 1;
    out->self_signed = flags & 2;
    out->issued_another = flags & 4;
    out->status = flags & 8;
}

bool pki_facts_parse(struct rs_job *job, rs_text record, struct pki_facts *out)
{
    struct reader reader = {.rest = record};
    uint64_t certificates = take_number(&reader), keys = take_number(&reader);
    rs_text end;

    if (reader.broken || certificates > PKI_CERTIFICATES_PER_FILE_MAX || keys > PKI_KEYS_PER_FILE_MAX)
        return false;
    *out = (struct pki_facts){.certificate_count = (size_t)certificates, .key_count = (size_t)keys};
    out->certificates = RS_NEW_ARRAY(job, struct pki_certificate_facts, out->certificate_count);
    out->keys = RS_NEW_ARRAY(job, struct pki_digest, out->key_count);
    out->path = take_text(&reader);
    end = take(&reader, 1);
    take_stamp(&reader, &out->stamp);
    take_stamp(&reader, &out->password_stamp);
    take_bytes(&reader, &out->content, sizeof out->content);
    out->request = take_text(&reader);
    take_bytes(&reader, &out->request_key, sizeof out->request_key);
    out->friendly_name = take_text(&reader);
    out->key_problem = take_text(&reader);
    out->exposed = take_text(&reader);
    out->broken = take_text(&reader);
    for (size_t i = 0; i < out->certificate_count; i++)
        take_certificate(&reader, &out->certificates[i]);
    take_bytes(&reader, out->keys, out->key_count * sizeof out->keys[0]);
    return !reader.broken && reader.rest.size == 0 && end.bytes[0] == '\0' && strlen(out->path.bytes) == out->path.size;
}

/* ---- from the file ------------------------------------------------------------------------- */

/* Where a file's password is looked for. */
static const char *password_hint(enum pki_password password)
{
    static const char *const hints[] = {
        [PKI_PASSWORD_FINE] = "",
        [PKI_PASSWORD_MISSING] = ": put its password into a file of the same name that ends in .pass (mode 0600)",
        [PKI_PASSWORD_WRONG] = ": it is the one in the .pass file",
    };

    return hints[password];
}

static rs_text text_of_der(struct rs_job *job, unsigned char *der, int size)
{
    rs_text text;

    if (size < 0)
        rs_log_abort("no memory for a certificate");
    text = rs_text_copy(job, rs_text_of((const char *)der, (size_t)size));
    OPENSSL_free(der);
    return text;
}

/* Name, key identifier and kind of signature: what X509_check_issued looks at. */
static void digest_issuer(X509 *certificate, struct pki_digest *out)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf all = rs_buf_in(job);
    const ASN1_OCTET_STRING *key = X509_get0_authority_key_id(certificate);
    const ASN1_INTEGER *serial = X509_get0_authority_serial(certificate);
    const GENERAL_NAMES *names = X509_get0_authority_issuer(certificate);
    unsigned char *der = NULL;
    int size = i2d_X509_NAME(X509_get_issuer_name(certificate), &der);

    put_text(&all, text_of_der(job, der, size));
    put_text(&all, key ? rs_text_of((const char *)ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key)) : RS_TEXT(""));
    put_text(&all, serial ? rs_text_of((const char *)ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial))
                          : RS_TEXT(""));
    if (names) {
        der = NULL;
        size = i2d_GENERAL_NAMES((GENERAL_NAMES *)(uintptr_t)names, &der);
        put_text(&all, text_of_der(job, der, size));
    }
    put_number(&all, (uint64_t)X509_get_signature_nid(certificate));
    (void)EVP_Digest(all.bytes, all.used, out->bytes, NULL, EVP_sha256(), NULL);
}

static bool has_status(X509 *certificate)
{
    STACK_OF(OPENSSL_STRING) *responders = X509_get1_ocsp(certificate);
    bool found = sk_OPENSSL_STRING_num(responders) > 0 || X509_get_ext_by_NID(certificate, NID_tlsfeature, -1) >= 0;

    X509_email_free(responders);
    return found;
}

static void read_certificate(struct rs_job *job, const struct pki_contents *contents, size_t index,
                             struct pki_certificate_facts *out)
{
    X509 *certificate = contents->certificates[index];

    out->der = keys_certificate_bytes(job, certificate);
    (void)EVP_Digest(out->der.bytes, out->der.size, out->sha1, NULL, EVP_sha1(), NULL);
    (void)EVP_Digest(out->der.bytes, out->der.size, out->sha256.bytes, NULL, EVP_sha256(), NULL);
    if (!pki_digest_of_certificate(certificate, &out->key))
        memset(&out->key, 0, sizeof out->key);
    digest_issuer(certificate, &out->issuer);
    out->subject_hash = X509_subject_name_hash(certificate);
    out->issuer_hash = X509_issuer_name_hash(certificate);
    pki_describe_validity(certificate, &out->not_before_ms, &out->not_after_ms);
    out->authority = pki_is_authority(certificate);
    out->self_signed = pki_is_self_signed(certificate);
    out->status = has_status(certificate);
    for (size_t i = 0; i < contents->certificate_count; i++)
        out->issued_another = out->issued_another ||
                              (i != index && X509_check_issued(certificate, contents->certificates[i]) == X509_V_OK);
    ERR_clear_error();
}

static void read_contents(struct rs_job *job, const struct pki_contents *contents, struct pki_facts *out)
{
    out->certificates = RS_NEW_ARRAY(job, struct pki_certificate_facts, contents->certificate_count);
    out->certificate_count = contents->certificate_count;
    for (size_t i = 0; i < contents->certificate_count; i++)
        read_certificate(job, contents, i, &out->certificates[i]);
    out->keys = RS_NEW_ARRAY(job, struct pki_digest, contents->key_count);
    for (size_t i = 0; i < contents->key_count; i++)
        out->key_count += pki_digest_of_key(contents->keys[i], &out->keys[out->key_count]);
    if (contents->request && pki_digest_of_key(X509_REQ_get0_pubkey(contents->request), &out->request_key)) {
        unsigned char *der = NULL;
        int size = i2d_X509_REQ(contents->request, &der);
        out->request = text_of_der(job, der, size);
    }
    out->friendly_name = contents->friendly_name;
    out->key_problem = rs_text_format(job, "%.*s%s", RS_TEXT_ARG(contents->key_problem), password_hint(contents->password));
}

/* Keys live no longer than `job`. */
static rs_status read_file(struct rs_job *job, struct pki_facts *out)
{
    struct pki_contents contents = {0};
    struct pki_file raw = {0};
    rs_text problem;
    char *password;
    rs_status status = pki_file_read(job, out->path, PKI_FILE_MAX, &raw);

    if (status != RS_OK) {
        pki_wipe(raw.bytes);
        return status;
    }
    (void)EVP_Digest(raw.bytes.bytes, raw.bytes.size, out->content.bytes, NULL, EVP_sha256(), NULL);
    password = pki_password_read(job, out->path, &problem);
    status = pki_load(job, raw.bytes, password, &contents);
    if (password)
        pki_wipe(rs_text_from(password));
    pki_wipe(raw.bytes);
    if (status != RS_OK && problem.size > 0) { /* the password is what is missing */
        rs_job_forgive(job);
        return rs_fail(job, PKI_FILE_INVALID, "%.*s", RS_TEXT_ARG(problem));
    }
    if (status != RS_OK && contents.password != PKI_PASSWORD_FINE) {
        rs_text why = rs_text_copy(job, rs_job_message(job));
        rs_job_forgive(job);
        return rs_fail(job, PKI_FILE_INVALID, "%.*s%s", RS_TEXT_ARG(why), password_hint(contents.password));
    }
    RS_TRY(status);
    read_contents(job, &contents, out);
    if (!contents.sealed)
        out->exposed = pki_file_exposed(job, out->path, &raw);
    if (problem.size > 0 && out->key_problem.size > 0)
        out->key_problem = problem;
    return RS_OK;
}

rs_text pki_facts_read(struct rs_job *job, rs_text path)
{
    RS_OWNED(rs_job) reading = rs_job_create(NULL);
    struct pki_facts read = {.path = rs_text_copy(reading, path)};
    rs_buf record = rs_buf_in(job);

    (void)pki_stamp_read(read.path.bytes, &read.stamp);
    pki_stamp_read_password(path, &read.password_stamp);
    if (read_file(reading, &read) != RS_OK)
        read.broken = rs_job_message(reading);
    pki_facts_write(&read, &record);
    return rs_buf_text(&record);
}
