#include "net/pki/request.h"

#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "net/pki/files.h"
#include "net/pki/hosts.h"

#define COMMON_NAME_MAX 64 /* RFC 5280, upper bound; clients read the alternative names */

static void end_request(void *request)
{
    X509_REQ_free(request);
}

static void end_extensions(STACK_OF(X509_EXTENSION) *extensions)
{
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

static bool add_name(X509_NAME *name, const char *field, rs_text text)
{
    return text.size == 0 || X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text.bytes,
                                                        (int)text.size, -1, 0) == 1;
}

static bool add_names(X509_REQ *request, GENERAL_NAMES *names)
{
    STACK_OF(X509_EXTENSION) *extensions = NULL;
    bool done = X509V3_add1_i2d(&extensions, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1 &&
                X509_REQ_add_extensions(request, extensions) == 1;

    end_extensions(extensions);
    return done;
}

rs_status pki_request_make(struct rs_job *job, EVP_PKEY *key, const rs_text *hosts, size_t host_count, rs_text organisation,
                           X509_REQ **out)
{
    X509_REQ *request;
    GENERAL_NAMES *names;
    X509_NAME *subject;
    rs_text first;

    RS_TRY(pki_hosts_read(job, hosts, host_count, &names, &first));
    request = X509_REQ_new();
    rs_job_at_end(job, end_request, request);
    subject = request ? X509_REQ_get_subject_name(request) : NULL;
    if (!request || X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 || !add_name(subject, "O", organisation) ||
        !add_name(subject, "CN", first.size <= COMMON_NAME_MAX ? first : RS_TEXT("")) || !add_names(request, names) ||
        X509_REQ_set_pubkey(request, key) != 1 || X509_REQ_sign(request, key, EVP_sha256()) == 0)
        return pki_failed(job, "make a request");
    *out = request;
    return RS_OK;
}

/* ---- the same asked for before ------------------------------------------------------------- */

static bool asks_for(struct rs_job *job, const struct pki_pending *pending, const struct pki_request *wish)
{
    if (pending->name_count != wish->host_count || pending->key_file.size == 0)
        return false;
    for (size_t i = 0; i < wish->host_count; i++) {
        rs_text host = wish->hosts[i];
        bool found = false;
        if (host.size > 2 && host.bytes[0] == '[')
            host = rs_text_slice(host, 1, host.size - 2);
        host = rs_text_lower(job, host);
        for (size_t k = 0; k < pending->name_count && !found; k++)
            found = rs_text_equal(pending->names[k].text, host);
        if (!found)
            return false;
    }
    return true;
}

static const struct pki_pending *find_pending(struct rs_job *job, const struct pki_request *wish)
{
    for (size_t i = 0; i < pki_store_pending_count(wish->store); i++) {
        const struct pki_pending *pending = pki_store_pending(wish->store, i);
        if (asks_for(job, pending, wish) && (wish->name.size == 0 || rs_text_equal(wish->name, pending->name)))
            return pending;
    }
    return NULL;
}

static rs_status give_pending(struct rs_job *job, const struct pki_pending *pending, struct pki_requested *out)
{
    RS_TRY(rs_file_read(job, pending->file, PKI_FILE_MAX, &out->pem));
    out->request_file = rs_text_copy(job, pending->file);
    out->key_file = rs_text_copy(job, pending->key_file);
    out->made = false;
    return RS_OK;
}

/* ---- a new one ----------------------------------------------------------------------------- */

static rs_status write_both(struct rs_job *job, EVP_PKEY *key, X509_REQ *request, const struct pki_files *files)
{
    rs_status status;

    RS_TRY(pki_write_key(job, key, files->key));
    status = pki_write_request(job, request, files->request);
    if (status != RS_OK)
        unlink(files->key.bytes);
    return status;
}

static rs_status make(struct rs_job *making, const struct pki_request *wish, struct pki_files *files)
{
    X509_REQ *request;
    GENERAL_NAMES *names;
    EVP_PKEY *key;
    rs_text first;

    RS_TRY(pki_hosts_read(making, wish->hosts, wish->host_count, &names, &first));
    RS_TRY(pki_files_choose(making, wish->folder, wish->name, first, files));
    RS_TRY(rs_job_checkpoint(making));
    if (wish->dry_run)
        return RS_OK;
    RS_TRY(pki_key_make(making, wish->key_kind, &key));
    RS_TRY(pki_request_make(making, key, wish->hosts, wish->host_count, wish->organisation, &request));
    return write_both(making, key, request, files);
}

rs_status pki_request(struct rs_job *job, const struct pki_request *wish, struct pki_requested *out)
{
    RS_OWNED(rs_job) making = rs_job_create(&(struct rs_job_options){.within = job});
    RS_OWNED_FD lock = -1;
    const struct pki_pending *pending = find_pending(job, wish);
    struct pki_files files;

    if (pending)
        return give_pending(job, pending, out);
    RS_TRY(pki_files_lock(job, wish->folder, &lock));
    if (make(making, wish, &files) != RS_OK)
        return rs_job_adopt(job, making);
    if (!wish->dry_run)
        RS_TRY(rs_file_read(job, files.request, PKI_FILE_MAX, &out->pem));
    out->request_file = rs_text_copy(job, files.request);
    out->key_file = rs_text_copy(job, files.key);
    out->made = true;
    return RS_OK;
}
