/* Answers of OCSP responders: two bytes of length and a certificate, the same of its issuer, then the answer. Whatever comes, a
 * verdict or an error. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "net/ocsp/ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static X509 *take_certificate(const uint8_t **data, size_t *size)
{
    size_t length = *size >= 2 ? (size_t)((*data)[0] << 8 | (*data)[1]) : 0;
    const unsigned char *at = *data + 2;
    X509 *certificate;

    if (*size < 2 || length > *size - 2)
        return NULL;
    certificate = d2i_X509(NULL, &at, (long)length);
    *data += 2 + length;
    *size -= 2 + length;
    ERR_clear_error();
    return certificate;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    X509 *certificate = take_certificate(&data, &size), *issuer = take_certificate(&data, &size);
    struct ocsp_answer answer;
    rs_text question;

    if (certificate && issuer) {
        (void)ocsp_responder(job, certificate);
        (void)ocsp_must_staple(certificate);
        if (ocsp_question(job, certificate, issuer, &question) != RS_OK)
            rs_job_forgive(job);
        if (ocsp_answer_read(job, certificate, issuer, rs_text_of((const char *)data, size), 1800000000000, &answer) == RS_OK &&
            (answer.state == OCSP_STATE_NONE || answer.state >= OCSP_STATES || answer.next_ms <= 1800000000000))
            __builtin_trap();
    }
    X509_free(certificate);
    X509_free(issuer);
    return 0;
}
