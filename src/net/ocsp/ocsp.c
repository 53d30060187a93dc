#include "net/ocsp/ocsp.h"

#include <time.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "net/fetch/fetch.h"

#define OCSP_SKEW_MS INT64_C(300000)     /* the responder's clock may be ahead of ours by that much */
#define OCSP_ENDLESS_MS INT64_C(3600000) /* of an answer that does not say when the next one comes */
#define TLS_FEATURE_STATUS_REQUEST 5     /* RFC 7633: the number of the extension of TLS */

const char *ocsp_state_name(enum ocsp_state state)
{
    static const char *const names[OCSP_STATES] = {"not answered", "good", "revoked", "unknown"};

    return names[state];
}

/* ---- what the certificate says ------------------------------------------------------------------- */

rs_text ocsp_responder(struct rs_job *job, X509 *certificate)
{
    STACK_OF(OPENSSL_STRING) *urls = X509_get1_ocsp(certificate);
    rs_text found = RS_TEXT("");

    for (int i = 0; i < sk_OPENSSL_STRING_num(urls) && found.size == 0; i++) {
        rs_text url = rs_text_from(sk_OPENSSL_STRING_value(urls, i));
        if (fetch_url_is_good(url, false))
            found = rs_text_copy(job, url);
    }
    X509_email_free(urls);
    ERR_clear_error();
    return found;
}

bool ocsp_must_staple(X509 *certificate)
{
    TLS_FEATURE *features = X509_get_ext_d2i(certificate, NID_tlsfeature, NULL, NULL);
    bool found = false;

    for (int i = 0; i < sk_ASN1_INTEGER_num(features); i++)
        found = found || ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) == TLS_FEATURE_STATUS_REQUEST;
    TLS_FEATURE_free(features);
    ERR_clear_error();
    return found;
}

/* ---- the question -------------------------------------------------------------------------------- */

rs_status ocsp_question(struct rs_job *job, X509 *certificate, X509 *issuer, rs_text *out)
{
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, certificate, issuer); /* SHA-1, which every responder knows: it only names */
    unsigned char *der = NULL;
    int size = -1;

    if (request && id && OCSP_request_add0_id(request, id)) {
        id = NULL; /* the request's */
        size = i2d_OCSP_REQUEST(request, &der);
    }
    OCSP_CERTID_free(id);
    OCSP_REQUEST_free(request);
    ERR_clear_error();
    if (size <= 0)
        return rs_fail(job, RS_NO_MEMORY, "no memory for a question to an OCSP responder");
    *out = rs_text_copy(job, rs_text_of((const char *)der, (size_t)size));
    OPENSSL_free(der);
    return RS_OK;
}

/* ---- the answer ---------------------------------------------------------------------------------- */

/* What one reading holds; freed at its end, however it ends. */
struct reading {
    OCSP_RESPONSE *response;
    OCSP_BASICRESP *basic;
    OCSP_CERTID *id;
    X509_STORE *trust;
    STACK_OF(X509) *issuers;
};

static void reading_end(void *data)
{
    struct reading *reading = data;

    OCSP_RESPONSE_free(reading->response);
    OCSP_BASICRESP_free(reading->basic);
    OCSP_CERTID_free(reading->id);
    X509_STORE_free(reading->trust);
    sk_X509_free(reading->issuers); /* borrows them */
    ERR_clear_error();
}

static rs_status take_apart(struct rs_job *job, struct reading *reading, rs_text der)
{
    const unsigned char *at = (const unsigned char *)der.bytes;
    int status;

    if (der.size == 0 || der.size > OCSP_ANSWER_MAX)
        return rs_fail(job, OCSP_ANSWER, "the OCSP responder's answer has %zu bytes", der.size);
    reading->response = d2i_OCSP_RESPONSE(NULL, &at, (long)der.size);
    if (!reading->response || at != (const unsigned char *)der.bytes + der.size)
        return rs_fail(job, OCSP_ANSWER, "the OCSP responder's answer is damaged, or none");
    status = OCSP_response_status(reading->response);
    if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return rs_fail(job, OCSP_ANSWER, "the OCSP responder does not answer: %s", OCSP_response_status_str(status));
    reading->basic = OCSP_response_get1_basic(reading->response);
    if (!reading->basic)
        return rs_fail(job, OCSP_ANSWER, "the OCSP responder's answer is of a kind that is not known");
    return RS_OK;
}

static rs_status time_read(struct rs_job *job, const ASN1_GENERALIZEDTIME *time, int64_t *out_ms)
{
    struct tm parts;

    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return rs_fail(job, OCSP_ANSWER, "the OCSP responder's answer has a time that is none");
    *out_ms = (int64_t)timegm(&parts) * 1000;
    return RS_OK;
}

static rs_status find_certificate(struct rs_job *job, struct reading *reading, X509 *certificate, X509 *issuer, int64_t now_ms,
                                  struct ocsp_answer *out)
{
    ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *to = NULL;
    int state, reason = -1;

    reading->id = OCSP_cert_to_id(NULL, certificate, issuer);
    if (!reading->id)
        return rs_fail(job, RS_NO_MEMORY, "no memory for an OCSP responder's answer");
    if (OCSP_resp_find_status(reading->basic, reading->id, &state, &reason, &revoked, &from, &to) != 1 || !from)
        return rs_fail(job, OCSP_ANSWER, "the OCSP responder's answer is not of this certificate");
    out->state = state == V_OCSP_CERTSTATUS_GOOD      ? OCSP_STATE_GOOD
                 : state == V_OCSP_CERTSTATUS_REVOKED ? OCSP_STATE_REVOKED
                                                      : OCSP_STATE_UNKNOWN;
    RS_TRY(time_read(job, from, &out->this_ms));
    out->next_ms = now_ms + OCSP_ENDLESS_MS;
    if (to)
        RS_TRY(time_read(job, to, &out->next_ms));
    if (out->state == OCSP_STATE_REVOKED && revoked)
        RS_TRY(time_read(job, revoked, &out->revoked_ms));
    if (out->state == OCSP_STATE_REVOKED && reason >= 0)
        out->reason = rs_text_from(OCSP_crl_reason_str(reason));
    return RS_OK;
}

/* By the issuer, or by whom it gave a certificate for this: nobody else's word counts, whoever this machine trusts. */
static rs_status check_signature(struct rs_job *job, struct reading *reading, X509 *issuer)
{
    unsigned long error;

    reading->trust = X509_STORE_new();
    reading->issuers = sk_X509_new_null();
    if (!reading->trust || !reading->issuers || !sk_X509_push(reading->issuers, issuer) ||
        X509_STORE_add_cert(reading->trust, issuer) != 1 || X509_STORE_set_flags(reading->trust, X509_V_FLAG_PARTIAL_CHAIN) != 1)
        return rs_fail(job, RS_NO_MEMORY, "no memory for an OCSP responder's answer");
    ERR_clear_error();
    if (OCSP_basic_verify(reading->basic, reading->issuers, reading->trust, OCSP_NOEXPLICIT) == 1)
        return RS_OK;
    error = ERR_peek_error();
    return rs_fail(job, OCSP_ANSWER, "the OCSP responder's answer is not signed by the certificate's issuer, nor by somebody it "
                   "named: %s", error && ERR_reason_error_string(error) ? ERR_reason_error_string(error) : "no reason is given");
}

rs_status ocsp_answer_read(struct rs_job *job, X509 *certificate, X509 *issuer, rs_text der, int64_t now_ms,
                           struct ocsp_answer *out)
{
    RS_OWNED(rs_job) work = rs_job_create(NULL);
    struct reading *reading = RS_NEW(work, struct reading);

    *out = (struct ocsp_answer){0};
    rs_job_at_end(work, reading_end, reading);
    RS_TRY(take_apart(job, reading, der));
    RS_TRY(find_certificate(job, reading, certificate, issuer, now_ms, out));
    RS_TRY(check_signature(job, reading, issuer));
    if (out->this_ms > now_ms + OCSP_SKEW_MS)
        return rs_fail(job, OCSP_ANSWER, "the OCSP responder's answer is of the future: one of the two clocks is wrong");
    if (out->next_ms <= now_ms || out->next_ms <= out->this_ms)
        return rs_fail(job, OCSP_ANSWER, "the OCSP responder's answer is out of date");
    return RS_OK;
}
