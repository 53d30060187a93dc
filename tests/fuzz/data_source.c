#include <stddef.h>
#include <stdint.h>

#include "service/ops/data_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What could be read is written so that it can be read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_source_definition definition, again;
    rs_buf out = rs_buf_in(job);

    if (data_source_parse(job, rs_text_of((const char *)data, size), &definition) != RS_OK)
        return 0;
    data_source_write(&out, &definition);
    if (data_source_parse(job, rs_buf_text(&out), &again) != RS_OK)
        __builtin_trap();
    return 0;
}
