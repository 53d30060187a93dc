/* Records of the index of the certificate store: whole ones are written back byte for byte, others are refused. */
#include <stdlib.h>

#include "net/pki/known.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text record = rs_text_of((const char *)data, size);
    rs_buf written = rs_buf_in(job), twice = rs_buf_in(job);
    struct pki_facts facts, again;
    struct pki_known *known;

    if (!pki_facts_parse(job, record, &facts))
        return 0;
    pki_facts_write(&facts, &written);
    if (!pki_facts_parse(job, rs_buf_text(&written), &again))
        abort();
    pki_facts_write(&again, &twice);
    if (!rs_text_equal(rs_buf_text(&written), rs_buf_text(&twice)))
        abort();
    known = pki_known_create(&facts);
    if (!pki_known_fits(known, &again))
        abort();
    pki_known_destroy(known);
    return 0;
}
