#include "net/pki/complete.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/vec.h"
#include "net/fetch/fetch.h"
#include "net/keys/library.h"
#include "net/pki/describe.h"
#include "net/pki/load.h"
#include "net/pki/trust.h"

#define ISSUER_MAX ((size_t)256 * 1024) /* bytes of an answer */
#define ISSUER_CONNECT_MS 5000
#define ISSUER_TOTAL_MS 15000
#define ISSUER_REDIRECTS_MAX 3

RS_VEC_TYPE(X509 *, certificate_vec);
RS_VEC_TYPE(struct pki_import_file, file_vec);

struct completing {
    struct rs_job *job;
    struct fetch *fetch;
    X509_STORE *trust;
    struct certificate_vec known;
    struct file_vec files;
};

static bool signed_by(X509 *certificate, X509 *issuer)
{
    bool is = X509_check_issued(issuer, certificate) == X509_V_OK && X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;

    ERR_clear_error();
    return is;
}

static bool is_trusted(const struct completing *c, X509 *certificate)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509 *issuer = NULL;
    bool found = context && X509_STORE_CTX_init(context, c->trust, certificate, NULL) == 1 &&
                 X509_STORE_CTX_get1_issuer(&issuer, context, certificate) == 1;

    X509_free(issuer);
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return found;
}

static X509 *known_issuer(const struct completing *c, X509 *certificate)
{
    for (size_t i = 0; i < c->known.count; i++)
        if (c->known.items[i] != certificate && signed_by(certificate, c->known.items[i]))
            return c->known.items[i];
    return NULL;
}

/* The first address of http or https; empty: none. */
static rs_text issuer_address(struct rs_job *job, X509 *certificate)
{
    AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(certificate, NID_info_access, NULL, NULL);
    rs_text found = RS_TEXT("");

    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access) && found.size == 0; i++) {
        const ACCESS_DESCRIPTION *one = sk_ACCESS_DESCRIPTION_value(access, i);
        const ASN1_IA5STRING *uri = one->location->type == GEN_URI ? one->location->d.uniformResourceIdentifier : NULL;
        rs_text url = uri ? rs_text_of((const char *)ASN1_STRING_get0_data(uri), (size_t)ASN1_STRING_length(uri)) : RS_TEXT("");
        if (OBJ_obj2nid(one->method) == NID_ad_ca_issuers && fetch_url_is_good(url, false))
            found = rs_text_copy(job, url);
    }
    AUTHORITY_INFO_ACCESS_free(access);
    ERR_clear_error();
    return found;
}

/* One certificate, or several in PKCS#7: that of the issuer is taken. */
static rs_status fetch_issuer(struct completing *c, X509 *certificate, rs_text address, X509 **out)
{
    struct pki_contents contents = {0};
    struct fetch_answer answer;
    const struct fetch_request request = {
        .method = FETCH_GET, .url = address, .what = "the issuer's certificate", .answer_max = ISSUER_MAX,
        .connect_ms = ISSUER_CONNECT_MS, .total_ms = ISSUER_TOTAL_MS, .redirects_max = ISSUER_REDIRECTS_MAX,
        .unreachable = PKI_UNREACHABLE, .too_large = PKI_FILE_INVALID,
    };

    RS_TRY(fetch_perform(c->job, c->fetch, &request, &answer));
    if (answer.status != 200)
        return rs_fail(c->job, PKI_UNREACHABLE, "the issuer's certificate is not at %.*s: status %d", RS_TEXT_ARG(address),
                       answer.status);
    if (pki_load(c->job, answer.body, NULL, &contents) != RS_OK) {
        rs_within(c->job, "what %.*s gives as the issuer's certificate", RS_TEXT_ARG(address));
        return rs_job_status(c->job);
    }
    for (size_t i = 0; i < contents.certificate_count; i++)
        if (signed_by(certificate, contents.certificates[i])) {
            *out = contents.certificates[i];
            rs_vec_push(c->job, &c->files, ((struct pki_import_file){address, keys_certificate_bytes(c->job, *out)}));
            return RS_OK;
        }
    return rs_fail(c->job, PKI_FILE_INVALID, "what %.*s gives is not the certificate of the issuer: it did not sign the one that names it",
                   RS_TEXT_ARG(address));
}

/* From a certificate upwards. */
static rs_status complete_from(struct completing *c, X509 *certificate, size_t most)
{
    while (!pki_is_self_signed(certificate) && !is_trusted(c, certificate)) {
        X509 *issuer = known_issuer(c, certificate);
        rs_text address = issuer ? RS_TEXT("") : issuer_address(c->job, certificate);
        if (!issuer && (address.size == 0 || c->files.count >= most))
            return RS_OK;
        if (!issuer) {
            RS_TRY(fetch_issuer(c, certificate, address, &issuer));
            rs_vec_push(c->job, &c->known, issuer);
        }
        certificate = issuer;
    }
    return RS_OK;
}

static void end_fetch(void *fetch)
{
    fetch_close(fetch);
}

static void end_trust(void *trust)
{
    X509_STORE_free(trust);
}

static void end_certificate(void *certificate)
{
    X509_free(certificate);
}

static void read_file(struct completing *c, const struct pki_import_file *file, const char *password)
{
    RS_OWNED(rs_job) trying = rs_job_create(NULL);
    struct pki_contents contents = {0};

    if (pki_load(trying, file->bytes, password, &contents) != RS_OK)
        return;
    for (size_t i = 0; i < contents.certificate_count; i++) {
        X509_up_ref(contents.certificates[i]);
        rs_job_at_end(c->job, end_certificate, contents.certificates[i]);
        rs_vec_push(c->job, &c->known, contents.certificates[i]);
    }
}

rs_status pki_complete(struct rs_job *job, const struct pki_import_file *files, size_t count, const char *password,
                       const struct pki_import_file **out, size_t *out_count)
{
    struct completing c = {.job = job, .trust = pki_trust_create(NULL)};
    size_t given;

    if (!c.trust)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the authorities of this machine");
    rs_job_at_end(job, end_trust, c.trust);
    RS_TRY(fetch_open(job, RS_TEXT(""), &c.fetch));
    rs_job_at_end(job, end_fetch, c.fetch);
    for (size_t i = 0; i < count; i++) {
        rs_vec_push(job, &c.files, files[i]);
        read_file(&c, &files[i], password);
    }
    given = c.known.count;
    for (size_t i = 0; i < given; i++)
        RS_TRY(complete_from(&c, c.known.items[i], count + PKI_CHAIN_MAX));
    *out = c.files.items;
    *out_count = c.files.count;
    return RS_OK;
}
