/* Certificate files: whatever is read can be described, judged and digested. */
#include <string.h>

#include "net/pki/describe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct pki_contents contents;

    if (pki_load(job, rs_text_of((const char *)data, size), NULL, &contents) != RS_OK)
        return 0;
    for (size_t i = 0; i < contents.certificate_count; i++) {
        struct pki_entry entry = {0};
        struct pki_reason_vec reasons = {0};
        struct pki_digest digest;
        pki_describe(job, contents.certificates[i], &entry);
        pki_judge(job, &entry, 1700000000000, &reasons);
        (void)pki_digest_of_certificate(contents.certificates[i], &digest);
    }
    return 0;
}
