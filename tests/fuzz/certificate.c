/* Certificate files: whatever is read can be described, judged and digested; keys may be anybody's. */
#include <string.h>

#include "net/keys/decode.h"
#include "net/keys/scheme.h"
#include "net/pki/describe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* PEM, DER, PKCS#12 and PKCS#7, as they are and with a password. */
static void load(const uint8_t *data, size_t size, const char *password)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct pki_contents contents;

    if (pki_load(job, rs_text_of((const char *)data, size), password, &contents) != RS_OK)
        return;
    if (contents.request) {
        struct pki_pending pending = {0};
        pki_describe_request(job, contents.request, &pending);
    }
    for (size_t i = 0; i < contents.certificate_count; i++) {
        struct pki_entry entry = {0};
        struct pki_reason_vec reasons = {0};
        struct pki_digest digest;
        pki_describe(job, contents.certificates[i], &entry);
        pki_judge(job, &entry, 1700000000000, &reasons);
        (void)pki_digest_of_certificate(contents.certificates[i], &digest);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct keys_id whose;

    (void)keys_id_in(rs_text_of((const char *)data, size), &whose);
    load(data, size, NULL);
    load(data, size, "x");
    return 0;
}
