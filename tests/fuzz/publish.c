/* Any bytes as a report definition: read, every expression compiled, what is wrong listed. */
#include <stddef.h>
#include <stdint.h>

#include "report/publish/publish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = (size_t)256 << 20});
    struct publish_check_result result;

    if (publish_check(job, rs_text_of((const char *)data, size), &result) == RS_OK && result.ok != (result.error_count == 0))
        __builtin_trap();
    return 0;
}
