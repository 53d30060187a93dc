/* Records of the index of the certificate store: whole ones are written back byte for byte, others are refused. */
#include <stdlib.h>

#include "net/pki/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text record = rs_text_of((const char *)data, size);
    struct pki_facts *facts = pki_facts_parse(record), *again;
    rs_buf written = rs_buf_in(job), twice = rs_buf_in(job);

    if (!facts)
        return 0;
    pki_facts_write(facts, &written);
    again = pki_facts_parse(rs_buf_text(&written));
    if (!again)
        abort();
    pki_facts_write(again, &twice);
    if (!rs_text_equal(rs_buf_text(&written), rs_buf_text(&twice)))
        abort();
    pki_facts_destroy(again);
    pki_facts_destroy(facts);
    return 0;
}
