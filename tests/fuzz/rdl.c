/* Any bytes as a report definition: read, and written out as text where it is one. */
#include <stddef.h>
#include <stdint.h>

#include "report/rdl/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = (size_t)256 << 20});
    struct rdl_report *report;
    rs_buf dump = rs_buf_in(job);

    if (rdl_read(job, rs_text_of((const char *)data, size), &report) == RS_OK)
        rdl_dump(report, &dump);
    return 0;
}
